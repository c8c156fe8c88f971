"""Run as a program of its own: whether a file with a key opens without undue computing.

On its standard input come the passphrase as hexadecimal digits (`-` for none), a line end, and the file. It
ends with 0 when the file was opened or refused in the time and memory a real one takes, and is stopped by
the system when not. It imports nothing of ours, so that it starts fast.
"""

import math
import resource
import sys
import time

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_private_key, pkcs12

CPU_S = 1
"""A real file takes a few hundredths of a second of the processor's time."""
MEMORY_BYTES = 1024 * 1024 * 1024


def main() -> None:
    """Open what is on the standard input, within bounds."""
    first, _, data = sys.stdin.buffer.read().partition(b"\n")
    passphrase = None if first == b"-" else bytes.fromhex(first.decode())
    seconds = math.ceil(time.process_time()) + CPU_S
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        if b"-----BEGIN" in data:
            load_pem_private_key(data, passphrase)
        else:
            pkcs12.load_pkcs12(data, passphrase)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return  # what is wrong with it is said by whoever opens it next


if __name__ == "__main__":
    main()
