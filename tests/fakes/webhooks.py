"""A receiver of webhooks that believes nothing unsigned, and can be told to misbehave.

It checks signatures by the specification and not by our code, so that a mistake shared by both ends cannot
hide. `answers` says how the next requests end; after the last one `always` does, and without it it accepts.
"""

import base64
import hashlib
import hmac
import json
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from tests.fakes.certs import CertificateFiles

TOLERANCE_S = 300


class Unsigned(Exception):
    """A request no receiver may believe; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Received:
    """One request that was signed."""

    id: str
    at: int
    event: dict[str, Any]


@dataclass
class Behaviour:
    """How a request ends: a status, headers, a wait before, a long body, or silence after it was taken in."""

    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    delay_s: float = 0.0
    body: bytes = b""
    hang_up: bool = False


def verify(secret: str, headers: Mapping[str, str], body: bytes, now: float) -> str:
    """The id of a request signed with `secret` (`whsec_...`); raises `Unsigned`."""
    prefix, _, encoded = secret.partition("_")
    if prefix != "whsec":
        raise Unsigned("the secret has no whsec_")
    key = base64.b64decode(encoded, validate=True)
    if not 24 <= len(key) <= 64:
        raise Unsigned("the secret is too short or too long")
    names = ("webhook-id", "webhook-timestamp", "webhook-signature")
    given = [headers.get(name, "") for name in names]
    if not all(given) or "." in given[0] or not given[1].isdigit():
        raise Unsigned("a header is missing or malformed")
    if abs(now - int(given[1])) > TOLERANCE_S:
        raise Unsigned("too old or from the future")
    expected = hmac.new(key, f"{given[0]}.{given[1]}.".encode() + body, hashlib.sha256).digest()
    for signature in given[2].split(" "):
        version, _, value = signature.partition(",")
        if version == "v1" and hmac.compare_digest(value, base64.b64encode(expected).decode()):
            return given[0]
    raise Unsigned("no signature fits")


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # Otherwise a caller in a hurry is kept waiting by the kernel, and not by us.
    request_queue_size = 128


class Receiver:
    """A server on this machine; `received` is what it took in, in order, twins included."""

    def __init__(self, certificate: CertificateFiles | None = None) -> None:
        self.secret = ""
        self.received: list[Received] = []
        self.unsigned: list[str] = []
        self.paths: list[str] = []
        self.answers: list[Behaviour] = []
        self.always: Behaviour | None = None
        self.is_credulous = False
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), self._handler())
        self._scheme = "http"
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate.certificate, certificate.key)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
            self._scheme = "https"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """Its address."""
        return f"{self._scheme}://127.0.0.1:{self.port}/events"

    @property
    def known(self) -> dict[str, dict[str, Any]]:
        """The events by id, as a receiver that does everything once sees them."""
        return {one.id: one.event for one in self.received}

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def behave(self, behaviour: Behaviour) -> None:
        """End every request like this, signed or not."""
        self.always, self.is_credulous = behaviour, True

    def take_in(self, path: str, headers: Mapping[str, str], body: bytes) -> Behaviour:
        """Check and remember a request; returns how it ends."""
        with self._lock:
            self.paths.append(path)
            if self.is_credulous and self.always is not None:
                return self.always
            try:
                event_id = verify(self.secret, headers, body, time.time())
            except Unsigned as error:
                self.unsigned.append(str(error))
                return Behaviour(401)
            behaviour = self.answers.pop(0) if self.answers else self.always or Behaviour()
            if behaviour.status < 300:
                event = json.loads(body)
                self.received.append(Received(event_id, int(headers["webhook-timestamp"]), event))
            return behaviour

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                headers = {name.lower(): value for name, value in self.headers.items()}
                behaviour = receiver.take_in(self.path, headers, body)
                time.sleep(behaviour.delay_s)
                self.close_connection = True
                if behaviour.hang_up:
                    return
                try:
                    self._answer(behaviour)
                except OSError:
                    # Whoever asked did not wait.
                    return

            def do_GET(self) -> None:
                receiver.paths.append(f"GET {self.path}")
                self._answer(Behaviour(200))

            def _answer(self, behaviour: Behaviour) -> None:
                self.send_response(behaviour.status)
                for name, value in behaviour.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(behaviour.body)))
                self.end_headers()
                self.wfile.write(behaviour.body)

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing: the tests speak."""

        return Handler
