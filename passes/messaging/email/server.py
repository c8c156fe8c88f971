"""The mail server of an installation, read from its setting; what is secret about it is never shown."""

from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import unquote, urlsplit

Security = Literal["none", "starttls", "tls"]

_PORTS = {"smtp": 587, "smtps": 465}
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where mails are handed in, and as whom. `security` none is for this machine's own server alone."""

    host: str
    port: int
    security: Security
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)


def parse_server(url: str) -> SmtpServer:
    """The server behind `smtp://user:password@host:port`, or `smtps://` for TLS from the first byte.

    `smtp` turns to TLS with STARTTLS before anything is said, unless the host is this machine. The address
    has been checked by the settings.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    security: Security = "tls" if parts.scheme == "smtps" else "none" if host in _LOOPBACK else "starttls"
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return SmtpServer(host, parts.port or _PORTS[parts.scheme], security, user, password)
