"""Which addresses may be called, what an answer means, and for how long it is tried.

An address comes from a merchant, and the request to it from inside our network: whatever is reachable from
here and not from everywhere must not be reachable this way (OWASP API7, server-side request forgery).
"""

import re
from datetime import timedelta
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from passes.errors import FieldError
from passes.outbox.channel import Outcome

MAX_ATTEMPTS = 14
DISABLE_AFTER = timedelta(days=5)
"""An endpoint where nothing got through for so long is sent nothing more."""

_FIRST_DELAY_S = 5
_LONGEST_DELAY_S = 12 * 3600
_BUSY = frozenset({429, 502, 503, 504})
_UNICAST = IPv6Network("2000::/3")
_SPECIAL: tuple[IPv4Network | IPv6Network, ...] = (
    IPv4Network("192.0.0.0/24"),  # protocol assignments (RFC 6890); Python lets some of them pass
    IPv4Network("192.88.99.0/24"),  # relays of 6to4, given up by RFC 7526
    IPv6Network("3fff::/20"),  # for documentation (RFC 9637)
    IPv4Network("168.63.129.16/32"),  # answers the virtual machines of one large cloud, and nobody else
)
# What carries an IPv4 address inside: IPv4-mapped and -compatible, NAT64 (RFC 6052).
_EMBEDDING = tuple(IPv6Network(n) for n in ("::ffff:0:0/96", "::/96", "64:ff9b::/96"))
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*", re.IGNORECASE)
_LOCAL_NAMES = ("localhost", "localhost.localdomain")

Address = IPv4Address | IPv6Address


def may_call(address: Address, *, loopback: bool) -> bool:
    """Whether `address` is one anybody could call; this machine's own only where `loopback` allows it."""
    if address.is_loopback:
        return loopback
    inner = _inside(address)
    if inner is not None:
        return may_call(inner, loopback=False)
    is_special = address.is_multicast or address.is_reserved or any(address in n for n in _SPECIAL)
    return address.is_global and not is_special and (address.version == 4 or address in _UNICAST)


def _inside(address: Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 address leads to, whichever way it is wrapped."""
    if isinstance(address, IPv4Address):
        return None
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if any(address in network for network in _EMBEDDING):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return None


def check_url(url: str, *, loopback: bool) -> str:
    """`url` if it may be an endpoint, else `FieldError`; what its name leads to is judged when it is called.

    Only https; a development installation (`loopback`) may also call its own machine, and that by http.
    """
    if not url.isascii() or not url.isprintable() or any(c in url for c in ' "<>\\^`{|}'):
        raise FieldError("url", "must be an address in plain ASCII; write other letters percent-encoded")
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        raise FieldError("url", "must be an address such as https://example.com/hooks") from None
    if not host or port == 0:
        raise FieldError("url", "must be an address such as https://example.com/hooks")
    is_local = _check_host(host, loopback=loopback)
    if parts.scheme != "https" and not (parts.scheme == "http" and is_local):
        raise FieldError("url", "must begin with https://")
    if parts.username is not None or parts.password is not None or "#" in url:
        raise FieldError("url", "must have neither a user name nor a fragment")
    return url


def _check_host(host: str, *, loopback: bool) -> bool:
    """Whether the host is this machine; `FieldError` when it must not be called."""
    is_local = host in _LOCAL_NAMES or host.endswith(".localhost")
    is_literal = ":" in host or _NUMBER.fullmatch(host.rsplit(".", 1)[-1]) is not None
    if is_literal:
        try:
            address = ip_address(host)
        except ValueError:
            raise FieldError("url", "has a number for a host that is no IP address") from None
        is_local = address.is_loopback
        if not may_call(address, loopback=loopback):
            raise FieldError("url", "must lead to a public address")
    if is_local and not loopback:
        raise FieldError("url", "must lead to a public address")
    return is_local


def retry_delay_s(attempts: int) -> int:
    """The wait after the `attempts`th failure: 5 s, then four times as long each time, up to 12 hours.

    Fourteen attempts take a little over three days. The outbox adds its jitter.
    """
    return int(min(_LONGEST_DELAY_S, _FIRST_DELAY_S * 4 ** min(attempts - 1, 10)))


def judge(status: int | None, note: str, attempts: int, after_s: float = 0.0) -> Outcome:
    """What an answer means: `status` None is none, `attempts` counts this one, `after_s` it asked for."""
    if status is not None and 200 <= status < 300:
        return Outcome.done(note if attempts == 1 else f"{note}, at attempt {attempts}")
    if status == 410:
        return Outcome.dead(note)
    return Outcome.retry(note, max(after_s, retry_delay_s(attempts)), MAX_ATTEMPTS)


def is_out_of_reach(status: int | None) -> bool:
    """Whether the endpoint is silent, busy or gone, so that its other deliveries need not be tried now."""
    return status is None or status in _BUSY or status == 410
