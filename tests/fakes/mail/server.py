"""The server: one thread a connection, one message at a time, and a script of troubles."""

import base64
import re
import socket
import socketserver
import ssl
import threading
import time
from dataclasses import dataclass, field
from types import TracebackType
from typing import Literal, Self

from tests.fakes.certs import CertificateFiles
from tests.fakes.mail.rules import Refused, Taken, check

Verb = Literal["connect", "EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "content"]
Kind = Literal["answer", "hang up", "silence", "drip", "lose the answer"]

LONGEST_COMMAND = 512
SILENCE_S = 60.0


@dataclass(frozen=True, slots=True)
class Trouble:
    """What goes wrong, once, at `verb`: an answer instead, or no whole one at all."""

    verb: Verb
    kind: Kind = "answer"
    answer: str = "451 4.3.0 later"


@dataclass
class MailServer:
    """Takes mails on this machine. `taken` is what it took, twins included; `refused` why it did not.

    With `files` it speaks TLS, from the first byte with `implicit`; with `login` it wants that first, and
    never hears it without TLS unless `plain_login`. `nobody` are addresses it does not know.
    """

    files: CertificateFiles | None = None
    implicit: bool = False
    login: tuple[str, str] | None = None
    plain_login: bool = False
    speaks_utf8: bool = True
    nobody: frozenset[str] = frozenset()
    taken: list[Taken] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)

    def __post_init__(self) -> None:
        outer = self
        self.lock = threading.Lock()
        self.stopping = threading.Event()

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                try:
                    _Session(outer, self.request).run()
                except (OSError, ssl.SSLError):
                    # Whoever called has gone, or speaks no TLS we do.
                    return

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            allow_reuse_address = True

        self._server = Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    @property
    def known(self) -> dict[str, Taken]:
        """What it took, by Message-ID, as a mailbox that shows every mail once has it."""
        return {one.id: one for one in self.taken}

    def context(self) -> ssl.SSLContext:
        """What it shows of itself over TLS."""
        assert self.files is not None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.files.certificate, self.files.key)
        return context

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def trouble_at(self, verb: Verb) -> Trouble | None:
        """The trouble scripted for this point, which then is over."""
        with self.lock:
            found = next((one for one in self.troubles if one.verb == verb), None)
            if found is not None:
                self.troubles.remove(found)
            return found


class _HungUp(OSError):
    """The connection ends here, because the script says so."""


class _Session:
    def __init__(self, server: MailServer, line: socket.socket) -> None:
        self.server = server
        self.line = line
        self.waiting = b""
        self.is_secret = False
        self.is_known = server.login is None
        self.greeted = False
        self.sender: str | None = None
        self.recipient: str | None = None
        self.utf8 = False

    def run(self) -> None:
        if self.server.implicit:
            self._wrap()
        try:
            self._say("connect", "220 mail.example ESMTP")
            while (command := self._read()) is not None:
                verb, _, rest = command.partition(" ")
                with self.server.lock:
                    self.server.commands.append(verb.upper() if verb.upper() == "AUTH" else command)
                if verb.upper() == "QUIT":
                    return self._send("221 2.0.0 bye")
                self._obey(verb.upper(), rest)
        finally:
            self.line.close()

    def _obey(self, verb: str, rest: str) -> None:
        acts = {
            "EHLO": self._ehlo,
            "STARTTLS": self._starttls,
            "AUTH": self._auth,
            "MAIL": self._mail,
            "RCPT": self._rcpt,
            "DATA": self._data,
            "RSET": self._rset,
        }
        act = acts.get(verb)
        if act is None:
            self._send("500 5.5.2 what?")
        else:
            act(rest)

    def _ehlo(self, name: str) -> None:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9.-]*|\[[0-9.]+\]", name):
            return self._send("501 5.5.4 who?")
        self.greeted = True
        offers = ["mail.example", "8BITMIME", "SIZE 10000000"]
        if self.server.speaks_utf8:
            offers.append("SMTPUTF8")
        if self.server.files is not None and not self.is_secret:
            offers.append("STARTTLS")
        if self.server.login is not None and (self.is_secret or self.server.plain_login):
            offers.append("AUTH PLAIN LOGIN")
        lines = [f"250-{offer}" for offer in offers[:-1]] + [f"250 {offers[-1]}"]
        self._say("EHLO", "\r\n".join(lines))
        return None

    def _starttls(self, _rest: str) -> None:
        if self.server.files is None or self.is_secret:
            return self._send("503 5.5.1 not here")
        if self._say("STARTTLS", "220 2.0.0 go ahead"):
            self._wrap()
            self.greeted = False
        return None

    def _auth(self, rest: str) -> None:
        if self.server.login is None or not (self.is_secret or self.server.plain_login):
            return self._send("538 5.7.11 encryption required")
        way, _, given = rest.partition(" ")
        if way == "LOGIN":
            user = base64.b64decode(given).decode()
            self._send("334 UGFzc3dvcmQ6")
            password = base64.b64decode(self._read() or "").decode()
        else:
            user, password = base64.b64decode(given).decode().split("\0")[1:]
        self.is_known = (user, password) == self.server.login
        self._say("AUTH", "235 2.7.0 welcome" if self.is_known else f"535 5.7.8 not {password}")
        return None

    def _mail(self, rest: str) -> None:
        found = re.fullmatch(r"(?i)FROM:<([^>]*)>(.*)", rest)
        if not self.greeted or found is None:
            return self._send("503 5.5.1 not now")
        if not self.is_known:
            return self._send("530 5.7.0 sign in first")
        options = found[2].upper().split()
        self.utf8 = "SMTPUTF8" in options
        if self._say("MAIL", "250 2.1.0 ok"):
            self.sender = found[1]
        return None

    def _rcpt(self, rest: str) -> None:
        found = re.fullmatch(r"(?i)TO:<([^>]*)>", rest)
        if self.sender is None or found is None:
            return self._send("503 5.5.1 not now")
        address = found[1]
        if not address.isascii() and not self.utf8:
            return self._send("553 5.6.7 no such letters")
        if not address.rpartition("@")[2].isascii():
            return self._send("501 5.1.3 write the domain in ASCII")
        if address in self.server.nobody:
            return self._send(f"550 5.1.1 <{address}>: nobody of that name")
        if self._say("RCPT", "250 2.1.5 ok"):
            self.recipient = address
        return None

    def _data(self, _rest: str) -> None:
        if self.sender is None or self.recipient is None:
            return self._send("503 5.5.1 not now")
        if not self._say("DATA", "354 go on"):
            return None
        content = self._content()
        try:
            check(content, utf8=self.utf8)
        except Refused as fault:
            with self.server.lock:
                self.server.refused.append(str(fault))
            return self._send(f"554 {fault}")
        taken = Taken(self.sender, self.recipient, content)
        trouble = self.server.trouble_at("content")
        if trouble is None or trouble.kind == "lose the answer":
            with self.server.lock:
                self.server.taken.append(taken)
        self.sender = self.recipient = None
        self._send("250 2.0.0 taken") if trouble is None else self._suffer(trouble)
        return None

    def _rset(self, _rest: str) -> None:
        self.sender = self.recipient = None
        self._send("250 2.0.0 ok")

    def _content(self) -> bytes:
        while not self.waiting.startswith(b".\r\n") and b"\r\n.\r\n" not in self.waiting:
            self._more()
        content, _, self.waiting = self.waiting.partition(b"\r\n.\r\n")
        return re.sub(rb"(?m)^\.\.", b".", content + b"\r\n")

    def _read(self) -> str | None:
        while b"\r\n" not in self.waiting:
            if len(self.waiting) > LONGEST_COMMAND:
                self._send("500 5.5.2 too long")
                return None
            try:
                self._more()
            except _HungUp:
                return None
        command, _, self.waiting = self.waiting.partition(b"\r\n")
        return command.decode("utf-8")

    def _more(self) -> None:
        chunk = self.line.recv(65_536)
        if not chunk:
            raise _HungUp
        self.waiting += chunk

    def _wrap(self) -> None:
        self.waiting = b""
        self.line = self.server.context().wrap_socket(self.line, server_side=True)
        self.is_secret = True

    def _say(self, verb: Verb, answer: str) -> bool:
        """Answer as planned or as scripted; whether it was as planned."""
        trouble = self.server.trouble_at(verb)
        if trouble is None:
            self._send(answer)
            return True
        self._suffer(trouble)
        return False

    def _suffer(self, trouble: Trouble) -> None:
        if trouble.kind == "answer":
            return self._send(trouble.answer)
        if trouble.kind == "drip":
            until = time.monotonic() + SILENCE_S
            while time.monotonic() < until and not self.server.stopping.wait(0.1):
                self.line.sendall(b"2")
        if trouble.kind == "silence":
            self.server.stopping.wait(SILENCE_S)
        raise _HungUp

    def _send(self, answer: str) -> None:
        self.line.sendall(f"{answer}\r\n".encode())
