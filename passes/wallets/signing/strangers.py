"""Files with keys from people we only know by their login.

A p12 and an encrypted PEM say themselves how often their passphrase is to be hashed: two thousand million
times, if somebody means harm. The library obeys, and nothing else in the process moves until it has.
"""

import subprocess
import sys

from passes.wallets.signing import trial
from passes.wallets.signing.faults import ImportFault

_PATIENCE_S = 30.0


def require_quick(data: bytes, passphrase: bytes | None) -> None:
    """Raise `ImportFault` for a file that would keep us busy; another process tries it first."""
    said = b"-" if passphrase is None else passphrase.hex().encode()
    command = [sys.executable, "-I", trial.__file__]
    try:
        tried = subprocess.run(  # noqa: S603  # this interpreter, and a file of ours
            command, input=said + b"\n" + data, capture_output=True, timeout=_PATIENCE_S, check=False
        )
    except subprocess.TimeoutExpired:
        raise _too_slow() from None
    if tried.returncode != 0:
        raise _too_slow()


def _too_slow() -> ImportFault:
    return ImportFault(
        "unreadable", "file: opening it takes too long; export it again, with its usual settings."
    )
