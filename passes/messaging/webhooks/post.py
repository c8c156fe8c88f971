"""One request to an address a merchant gave us: never to a house of ours, never longer than it may take.

libcurl resolves the name and asks us for a socket to the very address it is about to call; the check stands
there, so no second look-up can lead elsewhere and no spelling of an address can slip past.
"""

import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import certifi
import pycurl

from passes import __version__
from passes.messaging.webhooks.rules import may_call

TIMEOUT_S = 10.0
BODY_CAP = 64 * 1024
LONGEST_RETRY_AFTER_S = 12 * 3600
_NOTES = {
    pycurl.E_COULDNT_RESOLVE_HOST: "the host's name could not be resolved",
    pycurl.E_OPERATION_TIMEDOUT: "no answer in time",
    pycurl.E_PEER_FAILED_VERIFICATION: "the host's certificate cannot be trusted",
    pycurl.E_SSL_CONNECT_ERROR: "TLS failed",
    pycurl.E_UNSUPPORTED_PROTOCOL: "only https is spoken",
}


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: the status, or None and why there is none; and how long the other side asks to wait."""

    status: int | None
    note: str
    after_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Poster:
    """Sends requests; safe to share between threads.

    `loopback` allows this machine's own addresses and http, for development; `roots` is the PEM file of who
    is trusted; `names` pins names to addresses as `host:port:address`, for experiments without DNS.
    """

    loopback: bool = False
    timeout_s: float = TIMEOUT_S
    roots: Path = field(default_factory=lambda: Path(certifi.where()))
    names: Sequence[str] = ()

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """POST `body` as JSON, once, without following anything; of the answer its head alone is read."""
        exchange = _Exchange(self.loopback)
        handle = pycurl.Curl()
        try:
            for option, value in self._options(url, headers, body, exchange).items():
                handle.setopt(option, value)
            return self._perform(handle, exchange)
        finally:
            handle.close()
            exchange.close()

    def _perform(self, handle: pycurl.Curl, exchange: "_Exchange") -> Reply:
        try:
            handle.perform()
        except pycurl.error as error:
            # An answer longer than anybody reads is an answer.
            if error.args[0] != pycurl.E_WRITE_ERROR:
                return Reply(None, exchange.refusal or _NOTES.get(error.args[0], "no connection"))
        status = int(handle.getinfo(pycurl.RESPONSE_CODE))
        note = f"HTTP {status}" + (", and redirects are not followed" if 300 <= status < 400 else "")
        return Reply(status, note, exchange.after_s)

    def _options(
        self, url: str, headers: Mapping[str, str], body: bytes, exchange: "_Exchange"
    ) -> dict[int, Any]:
        lines = {**headers, "Content-Type": "application/json", "Expect": ""}
        return {
            pycurl.URL: url,
            pycurl.PROTOCOLS: pycurl.PROTO_HTTPS | (pycurl.PROTO_HTTP if self.loopback else 0),
            pycurl.FOLLOWLOCATION: 0,
            # A proxy from the environment would call the address for us, unchecked.
            pycurl.PROXY: "",
            pycurl.OPENSOCKETFUNCTION: exchange.open_socket,
            pycurl.RESOLVE: list(self.names),
            pycurl.CAINFO: str(self.roots),
            pycurl.SSL_VERIFYPEER: 1,
            pycurl.SSL_VERIFYHOST: 2,
            pycurl.SSLVERSION: pycurl.SSLVERSION_TLSv1_2,
            pycurl.TIMEOUT_MS: int(self.timeout_s * 1000),
            pycurl.CONNECTTIMEOUT_MS: int(self.timeout_s * 500),
            pycurl.NOSIGNAL: 1,
            pycurl.USERAGENT: f"Stempel/{__version__}",
            pycurl.HTTPHEADER: [f"{name}: {value}".rstrip() for name, value in lines.items()],
            pycurl.POSTFIELDS: body,
            pycurl.HEADERFUNCTION: exchange.read_header,
            pycurl.WRITEFUNCTION: exchange.read_body,
        }


class _Exchange:
    """What is noted while one request runs."""

    def __init__(self, loopback: bool) -> None:
        self.refusal = ""
        self.after_s = 0.0
        self._loopback = loopback
        self._read = 0
        self._sockets: list[socket.socket] = []

    def open_socket(self, purpose: int, address: Any) -> socket.socket | int:
        """A socket to where libcurl is going, unless nobody may go there."""
        family, kind, protocol, (host, *_) = address
        if not may_call(
            ip_address(host.decode() if isinstance(host, bytes) else host), loopback=self._loopback
        ):
            self.refusal = "the host's address is not public"
            return int(pycurl.SOCKET_BAD)
        self._sockets.append(socket.socket(family, kind, protocol))
        return self._sockets[-1]

    def close(self) -> None:
        """Give the sockets back: libcurl works on copies of them."""
        for one in self._sockets:
            one.close()

    def read_header(self, line: bytes) -> None:
        """Keep what the other side says about when to come back."""
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"retry-after" and (digits := value.strip()).isdigit():
            self.after_s = float(min(int(digits[:9]), LONGEST_RETRY_AFTER_S))

    def read_body(self, chunk: bytes) -> int:
        """Count; -1 ends the exchange."""
        self._read += len(chunk)
        return len(chunk) if self._read <= BODY_CAP else -1
