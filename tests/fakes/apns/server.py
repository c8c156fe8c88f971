"""The push stand-in itself: listens, shakes hands, and gives every client a thread."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

import h2.exceptions
from cryptography import x509

from tests.fakes.apns.connection import Connection, drain
from tests.fakes.apns.journal import Behaviour, Journal, Push
from tests.fakes.certs import pass_type_of, server_certificate

HANDSHAKE_TIMEOUT_S = 60.0


class ApnsStandIn:
    """A push service on 127.0.0.1, to be used with `with`.

    Its certificate and the root to trust (`ca_file`) lie in `directory`. Clients need a certificate that
    ends at a root in `roots`: a PEM file, or a folder whose `*root*.pem` files count, and whose
    `*intermediate*.pem` files are known as Apple knows its own. They are read anew for every connection,
    so that identities may be made while it runs.
    """

    def __init__(self, directory: Path, roots: Path, port: int = 0) -> None:
        self._files = server_certificate(directory)
        self._roots = roots
        self.journal = Journal()
        self.ca_file = self._files.root
        self._listener = socket.create_server(("127.0.0.1", port), backlog=64)
        self.port: int = self._listener.getsockname()[1]
        self.url = f"https://127.0.0.1:{self.port}"
        self._lock = threading.Lock()
        self._clients: set[ssl.SSLSocket] = set()
        self._threads: list[threading.Thread] = []
        self._stopping = False

    def __enter__(self) -> Self:
        self._spawn(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """End every connection and wait for the threads."""
        self._stopping = True
        # On Linux only a shutdown wakes a thread that waits in accept or recv.
        with self._lock:
            for sock in (self._listener, *self._clients):
                with contextlib.suppress(OSError):
                    # Below TLS: its own shutdown would pull the session away under the thread that reads.
                    socket.socket.shutdown(sock, socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(HANDSHAKE_TIMEOUT_S * 2)

    @property
    def connections(self) -> int:
        """How many TLS connections were made so far."""
        return self.journal.connections

    @property
    def requests(self) -> list[Push]:
        """Every request so far, refused ones too."""
        return self.journal.requests()

    @property
    def pushes(self) -> list[Push]:
        """Every accepted push so far."""
        return self.journal.accepted()

    def script(self, behaviours: Sequence[Behaviour], token: str | None = None) -> None:
        """Treat the next good requests so, in order: those to `token`, or else whichever come."""
        self.journal.script(behaviours, token)

    def listen(self, listener: Callable[[Push], None]) -> None:
        """Call `listener` with every accepted push."""
        self.journal.listen(listener)

    def wait_for(self, count: int, timeout_s: float = 60.0) -> list[Push]:
        """The accepted pushes, once there are `count` of them or the time is up."""
        return self.journal.wait(0, timeout_s, count)

    def _spawn(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._stopping:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self._spawn(partial(self._welcome, sock))

    def _welcome(self, sock: socket.socket) -> None:
        """Shake hands and serve; a client that fails at either is simply gone."""
        sock.settimeout(HANDSHAKE_TIMEOUT_S)
        with sock, contextlib.suppress(OSError, h2.exceptions.ProtocolError):
            secured = self._context().wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
            with secured, self._tracked(secured):
                self._shake_hands(secured)
                if secured.selected_alpn_protocol() == "h2":
                    number = self.journal.count_connection()
                    Connection(secured, number, _pass_type(secured), self.journal).serve()

    def _shake_hands(self, secured: ssl.SSLSocket) -> None:
        try:
            secured.do_handshake()
        except ssl.SSLError:
            drain(secured, partial(socket.socket.recv, secured))
            raise

    @contextlib.contextmanager
    def _tracked(self, secured: ssl.SSLSocket) -> Iterator[None]:
        with self._lock:
            self._clients.add(secured)
        try:
            yield
        finally:
            with self._lock:
                self._clients.discard(secured)

    def _context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(self._files.certificate, self._files.key)
        context.set_alpn_protocols(["h2"])
        context.verify_mode = ssl.CERT_OPTIONAL
        for file in _trusted_files(self._roots):
            context.load_verify_locations(file)
        return context


def _trusted_files(roots: Path) -> list[Path]:
    if roots.is_file():
        return [roots]
    return sorted([*roots.rglob("*root*.pem"), *roots.rglob("*intermediate*.pem")])


def _pass_type(secured: ssl.SSLSocket) -> str | None:
    """What the client's certificate stands for: see `rules.Request`."""
    certificate = secured.getpeercert(binary_form=True)
    if certificate is None:
        return None
    return pass_type_of(x509.load_der_x509_certificate(certificate)) or ""
