"""The wire to Apple's push service.

libcurl multiplexes the pushes of one identity over one TLS connection and keeps it open between calls, as
Apple asks. The pass certificate is the credential; every push has the empty body that makes Wallet fetch.
"""

import re
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path

import certifi
import pycurl

from passes.clock import real_now
from passes.errors import ConfigurationError
from passes.wallets.apple.apns.verdicts import PushResult, Verdict, answered, unanswered

IN_FLIGHT = 100
CONNECT_TIMEOUT_S = 5.0
# Apple wants connections kept; a renewed certificate at the same path is taken up within the hour.
IDLE_LIMIT_S = 1800
LIFETIME_LIMIT_S = 3600
# How long one look at the sockets may take; libcurl's time-outs are noticed this late at worst.
SELECT_S = 0.2

# Tokens come from whoever registers and end up in a path.
_TOKEN = re.compile(r"[A-Za-z0-9._~-]{1,200}")

# Numbers from libcurl's error list that pycurl has no names for.
_STREAM_RESET = 92
_CLIENT_CERTIFICATE_WANTED = 98
_NOT_TRUSTED = (
    pycurl.E_SSL_CERTPROBLEM,
    pycurl.E_PEER_FAILED_VERIFICATION,
    pycurl.E_SSL_CACERT_BADFILE,
    # What a key that does not belong to its certificate comes to.
    pycurl.E_BAD_FUNCTION_ARGUMENT,
    _CLIENT_CERTIFICATE_WANTED,
)
# How OpenSSL words the alerts by which a server turns a client certificate down; libcurl has no code for it.
_IDENTITY_REFUSED = re.compile(r"alert (?:unknown ca|access denied|[a-z ]*certificate)")


@dataclass(frozen=True, slots=True)
class ClientIdentity:
    """Who pushes: the pass type identifier and the PEM files of its certificate (chain) and key."""

    topic: str
    certificate_path: Path
    key_path: Path


@dataclass(frozen=True, slots=True)
class _Exchange:
    """A push under way: its place in the caller's list, and where the answer's body collects."""

    index: int
    token: str
    sent_at: datetime
    body: BytesIO


class ApnsClient:
    """Pushes to Apple, or to whoever `url` names; one connection per identity, safe to share by threads.

    `ca_file` holds roots to trust besides the public ones. No push outlives `timeout_s`, and the first
    one that does ends its call, so a call takes little longer than the answers do.
    """

    def __init__(self, url: str, ca_file: Path | None, timeout_s: float = 10.0) -> None:
        """Reads the trust roots; raises `ConfigurationError` where URL or file cannot work."""
        if not url.startswith("https://"):
            raise ConfigurationError(f"APNS_URL: {url!r} must start with https://")
        self._device_url = url.rstrip("/") + "/3/device/"
        self._roots = _trust_roots(ca_file)
        self._timeout_s = timeout_s
        self._lock = threading.Lock()
        self._connections: dict[ClientIdentity, _Connection] = {}

    def push(self, identity: ClientIdentity, tokens: Sequence[str]) -> list[PushResult]:
        """Push once to each token; one result per token in the same order, whatever happens on the wire.

        A failed connection and a refused identity end the call early: what was not sent by then is RETRY.
        """
        with self._lock:
            was_open = identity in self._connections
            results = self._send(identity, tokens)
            lost = identity not in self._connections and all(r.status is None for r in results)
            if was_open and lost:
                # Nobody tells us when an idle connection dies; that costs a new one, not a delayed push.
                results = self._send(identity, tokens)
        return results

    def close(self) -> None:
        """Close every connection; a later push opens a new one."""
        with self._lock:
            while self._connections:
                self._connections.popitem()[1].close()

    def _send(self, identity: ClientIdentity, tokens: Sequence[str]) -> list[PushResult]:
        # Out of the pool while it works, so that one left in the middle is never used again.
        connection = self._connections.pop(identity, None)
        if connection is None:
            connection = _Connection(self._device_url, self._roots, identity, self._timeout_s)
        results = connection.send(tokens)
        if connection.ended:
            connection.close()
        else:
            self._connections[identity] = connection
        return results


class _Connection:
    """One identity's connection: libcurl's pool of one, and the handles that take turns on it."""

    def __init__(self, device_url: str, roots: bytes, identity: ClientIdentity, timeout_s: float) -> None:
        self._device_url = device_url
        self._options = _handle_options(roots, identity, timeout_s)
        self._multi = pycurl.CurlMulti()
        self._multi.setopt(pycurl.M_PIPELINING, pycurl.PIPE_MULTIPLEX)
        self._multi.setopt(pycurl.M_MAX_HOST_CONNECTIONS, 1)
        self._idle: list[pycurl.Curl] = []
        self._under_way: dict[pycurl.Curl, _Exchange] = {}
        self.broken = False
        self.ended = ""
        """Why this connection is of no further use; empty while it serves."""

    def send(self, tokens: Sequence[str]) -> list[PushResult]:
        """Push to every token, `IN_FLIGHT` at a time."""
        results = {i: _malformed(token) for i, token in enumerate(tokens) if not _TOKEN.fullmatch(token)}
        waiting = [(i, token) for i, token in enumerate(tokens) if i not in results]
        waiting.reverse()
        while (waiting and not self.ended) or self._under_way:
            while waiting and len(self._under_way) < IN_FLIGHT and not self.ended:
                self._start(*waiting.pop())
            results.update(self._progress())
        results.update((i, unanswered(token, f"not sent: {self.ended}")) for i, token in waiting)
        return [results[i] for i in range(len(tokens))]

    def close(self) -> None:
        """Close the connection and free its handles."""
        for handle in self._idle:
            handle.close()
        self._multi.close()

    def _start(self, index: int, token: str) -> None:
        handle = self._idle.pop() if self._idle else self._new_handle()
        exchange = _Exchange(index, token, real_now(), BytesIO())
        handle.setopt(pycurl.URL, self._device_url + token)
        handle.setopt(pycurl.WRITEFUNCTION, exchange.body.write)
        self._under_way[handle] = exchange
        self._multi.add_handle(handle)

    def _progress(self) -> dict[int, PushResult]:
        """Let libcurl work for a moment; the results that came of it, by place in the caller's list."""
        self._multi.perform()
        _, done, failed = self._multi.info_read()
        results = {}
        for handle in done:
            exchange = self._release(handle)
            results[exchange.index] = self._answer(handle, exchange)
        for handle, code, message in failed:
            exchange = self._release(handle)
            results[exchange.index] = self._failure(exchange, code, message)
        if self.broken:
            results.update(self._abandon())
        elif not results and self._multi.select(SELECT_S) == -1:
            # Nothing to wait on yet, as while a name is being resolved.
            time.sleep(0.01)
        return results

    def _answer(self, handle: pycurl.Curl, exchange: _Exchange) -> PushResult:
        status = handle.getinfo(pycurl.RESPONSE_CODE)
        result = answered(exchange.token, status, exchange.body.getvalue(), exchange.sent_at)
        if result.verdict is Verdict.ALARM:
            self.ended = f"the identity was refused ({result.reason})"
        return result

    def _failure(self, exchange: _Exchange, code: int, message: str) -> PushResult:
        if code == _STREAM_RESET:
            return unanswered(exchange.token, message)
        self.ended = message
        self.broken = True
        if code in _NOT_TRUSTED or _IDENTITY_REFUSED.search(message):
            return PushResult(exchange.token, Verdict.ALARM, reason=message)
        return unanswered(exchange.token, message)

    def _abandon(self) -> dict[int, PushResult]:
        """Give up what is under way: on a broken connection every push would wait for its own time-out."""
        exchanges = [self._release(handle) for handle in list(self._under_way)]
        return {e.index: unanswered(e.token, f"no answer: {self.ended}") for e in exchanges}

    def _release(self, handle: pycurl.Curl) -> _Exchange:
        self._multi.remove_handle(handle)
        self._idle.append(handle)
        return self._under_way.pop(handle)

    def _new_handle(self) -> pycurl.Curl:
        handle = pycurl.Curl()
        for option, value in self._options.items():
            handle.setopt(option, value)
        return handle


def _handle_options(roots: bytes, identity: ClientIdentity, timeout_s: float) -> dict[int, object]:
    """What every push of an identity has in common, as libcurl's options."""
    return {
        pycurl.HTTP_VERSION: pycurl.CURL_HTTP_VERSION_2TLS,
        pycurl.PIPEWAIT: 1,
        pycurl.PROTOCOLS: pycurl.PROTO_HTTPS,
        pycurl.NOSIGNAL: 1,
        pycurl.TCP_KEEPALIVE: 1,
        pycurl.MAXAGE_CONN: IDLE_LIMIT_S,
        pycurl.MAXLIFETIME_CONN: LIFETIME_LIMIT_S,
        pycurl.CONNECTTIMEOUT_MS: int(min(CONNECT_TIMEOUT_S, timeout_s) * 1000),
        pycurl.TIMEOUT_MS: int(timeout_s * 1000),
        pycurl.CAINFO_BLOB: roots,
        pycurl.SSLVERSION: pycurl.SSLVERSION_TLSv1_2,
        pycurl.SSLCERT: str(identity.certificate_path),
        pycurl.SSLKEY: str(identity.key_path),
        # Without this an encrypted key would make OpenSSL ask on the terminal and wait.
        pycurl.KEYPASSWD: "",
        pycurl.USERAGENT: "Stempel",
        pycurl.HTTPHEADER: [
            f"apns-topic: {identity.topic}",
            "apns-push-type: background",
            # Apple refuses 10 for background pushes.
            "apns-priority: 5",
            "Content-Type: application/json",
        ],
        pycurl.POSTFIELDS: "{}",
    }


def _malformed(token: str) -> PushResult:
    return PushResult(token, Verdict.BAD_TOKEN, reason="not sent: no device token looks like this")


def _trust_roots(ca_file: Path | None) -> bytes:
    public = Path(certifi.where()).read_bytes()
    if ca_file is None:
        return public
    try:
        return public + b"\n" + ca_file.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"PROVIDER_CA_FILE: {ca_file} cannot be read ({error.strerror})") from error
