"""Child processes that end with their parent, even when that is killed.

`python -m passes.cli.tether PARENT_PID MODULE ARGUMENT...` runs a module that way. Linux keeps the promise
(prctl(2), PR_SET_PDEATHSIG); elsewhere a parent that is killed leaves its children behind.
"""

import ctypes
import os
import runpy
import signal
import sys

_PR_SET_PDEATHSIG = 1


def die_with(parent_pid: int) -> None:
    """Ask the kernel to end this process when its parent ends, and leave the terminal's Ctrl-C to the parent.

    The parent stops its children one after the other, which a Ctrl-C to all at once would thwart.
    """
    if sys.platform != "linux":
        return
    os.setpgid(0, 0)
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent_pid:
        # It ended before we asked, so nobody will tell us.
        os._exit(1)


def main() -> None:
    """Tie this process to its parent and become the module."""
    parent_pid, module = int(sys.argv[1]), sys.argv[2]
    del sys.argv[:2]
    die_with(parent_pid)
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
