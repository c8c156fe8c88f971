"""Free ports that stay free: for servers that are processes of their own and cannot be asked for theirs.

A port that was bound and let go may be anybody's by the time a server wants it: the system gives such ports
to outgoing connections and to whoever else asks for any. So these lie below the range the system gives away
from, and each is claimed until this process ends, by a socket's name in a place that all processes see.
"""

import random
import socket
import sys
from pathlib import Path

LOWEST = 11_000
_GIVEN_AWAY = Path("/proc/sys/net/ipv4/ip_local_port_range")
_USUALLY_GIVEN_AWAY_FROM = 32_768


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on, and that no other caller gets while this process lives."""
    candidates = list(range(LOWEST, max(_first_given_away(), LOWEST + 1000)))
    # Hypothesis and tests seed the common dice, and two workers would then try the same ports in turn.
    random.SystemRandom().shuffle(candidates)
    return next(port for port in candidates if _claim(port) and is_free(port))


def is_free(port: int) -> bool:
    """Whether a server could listen at `port` of this machine now."""
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def _first_given_away() -> int:
    if not _GIVEN_AWAY.exists():
        return _USUALLY_GIVEN_AWAY_FROM
    return int(_GIVEN_AWAY.read_text().split()[0])


def _claim(port: int) -> bool:
    """Whether the port is ours among tests from now on; the system ends a claim with its process."""
    if sys.platform != "linux":
        return True  # Only Linux has names that vanish with who holds them.
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as claim:
        try:
            claim.bind(f"\0stempel-test-port-{port}")
        except OSError:
            return False
        claim.detach()
    return True
