"""How much processor time some processes and all they have started have used."""

import os
from pathlib import Path

_TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
_PARENT, _TIMES = 1, slice(11, 15)
"""Where /proc/PID/stat says them behind the name: its own and its ended children's, user and system."""


def used_s(*roots: int) -> float:
    """Seconds of processor time used so far by the processes `roots` and everything below them."""
    parents: dict[int, int] = {}
    ticks: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            said = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:  # it has just ended; its parent counts it from now on
            continue
        parents[int(entry.name)] = int(said[_PARENT])
        ticks[int(entry.name)] = sum(map(int, said[_TIMES]))
    return sum(used for pid, used in ticks.items() if _is_below(pid, roots, parents)) / _TICKS_A_SECOND


def _is_below(pid: int, roots: tuple[int, ...], parents: dict[int, int]) -> bool:
    while pid in parents:
        if pid in roots:
            return True
        pid = parents[pid]
    return False
