"""Processor time of some processes and all they have started: how much they used, on which cores they may."""

import os
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

_TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
_PARENT, _TIMES = 1, slice(11, 15)
"""Where /proc/PID/stat says them behind the name: its own and its ended children's, user and system."""


def used_s(*roots: int) -> float:
    """Seconds of processor time used so far by the processes `roots` and everything below them."""
    return sum(sum(map(int, said[_TIMES])) for said in _family(roots).values()) / _TICKS_A_SECOND


def confine(root: int, cores: Collection[int]) -> None:
    """Let the process `root` and everything below it run on `cores` only; what they start later follows."""
    for pid in _family((root,)):
        _confine_threads(pid, cores)


def _confine_threads(pid: int, cores: Collection[int]) -> None:
    try:
        threads = [int(thread.name) for thread in Path(f"/proc/{pid}/task").iterdir()]
    except (FileNotFoundError, ProcessLookupError):  # it has just ended
        return
    for thread in threads:
        with suppress(ProcessLookupError):  # this one alone has
            os.sched_setaffinity(thread, cores)


def _family(roots: tuple[int, ...]) -> dict[int, list[str]]:
    """What /proc/PID/stat says behind the name, of the processes `roots` and everything below them."""
    said = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            said[int(entry.name)] = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:  # it has just ended; its parent counts it from now on
            continue
    parents = {pid: int(words[_PARENT]) for pid, words in said.items()}
    return {pid: words for pid, words in said.items() if _is_below(pid, roots, parents)}


def _is_below(pid: int, roots: tuple[int, ...], parents: dict[int, int]) -> bool:
    while pid in parents:
        if pid in roots:
            return True
        pid = parents[pid]
    return False
