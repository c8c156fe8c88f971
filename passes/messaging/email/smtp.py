"""Handing mails to a mail server (RFC 5321): a batch over one connection, never longer than it may take."""

import contextlib
import re
import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import certifi
import structlog

from passes.messaging.email.address import needs_utf8
from passes.messaging.email.post import Reply, Sealed, Stage
from passes.messaging.email.server import SmtpServer

STEP_S = 15.0
"""How long one answer may take."""
EXCHANGE_S = 40.0
"""How long one mail may take; a server that drips its answers would otherwise hold us for ever."""
BATCH_S = 60.0
"""When no further mail of a batch is begun; together with the last one it has to fit into a lease."""

_DETAIL = re.compile(rb"\A([245]\.[0-9]{1,3}\.[0-9]{1,3})\b")

log = structlog.get_logger(__name__)


class _NotTaken(Exception):
    """The server cannot be used; the reply says why."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(str(reply))
        self.reply = reply


@dataclass(frozen=True, slots=True)
class Smtp:
    """Hands in mails at `server` under our name `ehlo`; `ca_file` is a PEM file of further roots to trust."""

    server: SmtpServer
    ehlo: str
    ca_file: Path | None = None
    step_s: float = STEP_S
    exchange_s: float = EXCHANGE_S
    batch_s: float = BATCH_S
    roots: Path = field(default_factory=lambda: Path(certifi.where()))

    def hand_in(self, mails: Sequence[Sealed]) -> Iterator[Reply]:
        """Hand in every mail once. After an answer that never came the rest of the batch is left alone."""
        until = time.monotonic() + self.batch_s
        with contextlib.ExitStack() as closing:
            try:
                connection = closing.enter_context(self._connected())
            except _NotTaken as refusal:
                log.warning("mail_server_not_usable", reason=str(refusal.reply))
                yield from [refusal.reply] * len(mails)
                return
            lost: Reply | None = None
            for mail in mails:
                if lost is None and time.monotonic() < until:
                    reply = self._exchange(connection, mail)
                    lost = Reply(None, "reach", note=reply.note) if reply.code is None else None
                    yield reply
                else:
                    yield lost or Reply(None, "reach", note="the server took too long over other mails")

    @contextlib.contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        """A connection on which mails may be handed in; raises `_NotTaken`."""
        context = self._context()
        connection = self._socket(context)
        try:
            with _said_in("reach"), _watchdog(connection, self.exchange_s):
                self._introduce(connection, context)
            yield connection
        finally:
            self._leave(connection)

    def _context(self) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=self.roots)
        if self.ca_file is not None:
            context.load_verify_locations(cafile=self.ca_file)
        return context

    def _socket(self, context: ssl.SSLContext) -> smtplib.SMTP:
        host, port = self.server.host, self.server.port
        with _said_in("reach"):
            if self.server.security == "tls":
                return _TlsLine(host, port, self.ehlo, timeout=self.step_s, context=context)
            return _Line(host, port, self.ehlo, timeout=self.step_s)

    def _introduce(self, connection: smtplib.SMTP, context: ssl.SSLContext) -> None:
        connection.ehlo_or_helo_if_needed()
        if self.server.security == "starttls":
            if not connection.has_extn("starttls"):
                raise _NotTaken(Reply(None, "reach", note="the server offers no STARTTLS; smtps:// may work"))
            connection.starttls(context=context)
            connection.ehlo()
        if self.server.user:
            connection.login(self.server.user, self.server.password)

    def _leave(self, connection: smtplib.SMTP) -> None:
        with contextlib.suppress(smtplib.SMTPException, OSError), _watchdog(connection, self.step_s):
            connection.quit()
        connection.close()

    def _exchange(self, connection: smtplib.SMTP, mail: Sealed) -> Reply:
        is_utf8 = needs_utf8(mail.recipient)
        if is_utf8 and not connection.has_extn("smtputf8"):
            return Reply(553, "recipient", "5.6.7", "the server takes no addresses in other alphabets")
        try:
            with _said_in("content"), _watchdog(connection, self.exchange_s):
                reply = self._talk(connection, mail, ["SMTPUTF8", "BODY=8BITMIME"] if is_utf8 else [])
                if not reply.is_accepted:
                    with contextlib.suppress(smtplib.SMTPException, OSError):
                        connection.rset()
                return reply
        except _NotTaken as lost:
            return lost.reply

    def _talk(self, connection: smtplib.SMTP, mail: Sealed, options: list[str]) -> Reply:
        if connection.has_extn("size"):
            options = [*options, f"SIZE={len(mail.content)}"]
        if (reply := _reply("sender", connection.mail(mail.sender, options))).is_accepted and (
            reply := _reply("recipient", connection.rcpt(mail.recipient))
        ).is_accepted:
            reply = _reply("content", connection.data(mail.content))
        return reply


class _Line(smtplib.SMTP):
    """A connection that does not wait for ever to be greeted either."""

    def connect(self, *where: Any, **how: Any) -> tuple[int, bytes]:
        """Connect and read the greeting."""
        try:
            with _watchdog(self, 2 * self.timeout):
                return super().connect(*where, **how)
        except BaseException:
            self.close()  # nobody else can: whoever is making this connection will not have it
            raise


class _TlsLine(_Line, smtplib.SMTP_SSL):
    """The same, with TLS from the first byte."""


def _reply(stage: Stage, answer: tuple[int, bytes]) -> Reply:
    code, text = answer
    found = _DETAIL.match(text)
    note = _NOTES.get(stage, "") if code >= 400 else ""
    return Reply(code, stage, found[1].decode() if found else "", note)


_NOTES: dict[Stage, str] = {
    "sender": "the server takes no mails from our address",
    "recipient": "the server does not take mails for this address",
    "content": "the server does not take this mail",
}


@contextlib.contextmanager
def _said_in(stage: Stage) -> Iterator[None]:
    """Turn what smtplib and the network raise into a reply. What a server wrote may quote what is secret."""
    try:
        yield
    except smtplib.SMTPAuthenticationError as error:
        note = "the server does not accept the user name and password of SMTP_URL"
        raise _NotTaken(Reply(error.smtp_code, "reach", note=note)) from None
    except smtplib.SMTPServerDisconnected:
        raise _NotTaken(Reply(None, stage, note="no answer came, or not in time")) from None
    except smtplib.SMTPDataError as error:
        raise _NotTaken(_reply("content", (error.smtp_code, _as_bytes(error.smtp_error)))) from None
    except smtplib.SMTPResponseException as error:
        note = "the server does not let us in"
        raise _NotTaken(Reply(error.smtp_code, "reach", note=note)) from None
    except smtplib.SMTPException:
        note = "the server speaks no SMTP we know, or none of its ways to sign in"
        raise _NotTaken(Reply(None, "reach", note=note)) from None
    except ssl.SSLCertVerificationError:
        raise _NotTaken(Reply(None, "reach", note="the server's certificate cannot be trusted")) from None
    except socket.gaierror:
        raise _NotTaken(Reply(None, "reach", note="the server's name could not be resolved")) from None
    except TimeoutError:
        raise _NotTaken(Reply(None, stage, note="no answer came, or not in time")) from None
    except OSError:
        raise _NotTaken(Reply(None, stage, note="no connection")) from None


def _as_bytes(text: bytes | str) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


@contextlib.contextmanager
def _watchdog(connection: smtplib.SMTP, within_s: float) -> Iterator[None]:
    """Cut the line when the exchange inside takes longer, however busy the server seems meanwhile.

    Raises `TimeoutError` then: what came of an answer before the cut is none.
    """
    has_cut = threading.Event()
    timer = threading.Timer(within_s, _cut, [connection, has_cut])
    timer.daemon = True
    timer.start()
    try:
        yield
    except (smtplib.SMTPException, OSError):
        if has_cut.is_set():
            raise TimeoutError from None
        raise
    finally:
        timer.cancel()
    if has_cut.is_set():
        raise TimeoutError


def _cut(connection: smtplib.SMTP, has_cut: threading.Event) -> None:
    has_cut.set()
    line = connection.sock  # which is another one once TLS has begun
    if line is not None:
        with contextlib.suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)
