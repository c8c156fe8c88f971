"""A signal is heard wherever it comes in the wait for it; `threading.Event` would wait for good."""

import subprocess
import sys
from pathlib import Path

from tests.waiting import PATIENCE_S

ROOT = Path(__file__).parents[1]

A_BELL = """
import os, signal, sys, threading
import passes.bell
bell = passes.bell.Bell()
signal.signal(signal.SIGTERM, lambda *_: bell.ring())
"""

TOLD_AT_EVERY_INSTRUCTION = """
passes.bell.LOOK_S = 0.01
def wait_and_be_told_at(instruction):
    seen = 0
    def trace(frame, event, _):
        nonlocal seen
        frame.f_trace_opcodes = True
        if event == "opcode":
            seen += 1
            if seen == instruction:
                os.kill(os.getpid(), signal.SIGTERM)
        return trace
    sys.settrace(trace)
    bell.wait()
    sys.settrace(None)
    assert seen >= instruction

for instruction in range(1, 100):
    wait_and_be_told_at(instruction)
"""
"""Some of them are those of the second and the third look."""

TOLD_BY_ANOTHER_THREAD = """
def be_told():
    signal.pthread_kill(threading.get_ident(), signal.SIGTERM)

threading.Timer(0.2, be_told).start()
bell.wait()
"""
"""Nothing ends the wait of the first thread; the same happens to a signal a moment before the wait."""


def hears(script: str) -> bool:
    """Whether it ends; a thread that waits for itself can be killed only from outside."""
    done = subprocess.run([sys.executable, "-c", A_BELL + script], cwd=ROOT, timeout=PATIENCE_S, check=False)
    return done.returncode == 0


def test_a_signal_between_any_two_instructions_of_the_wait_is_heard() -> None:
    assert hears(TOLD_AT_EVERY_INSTRUCTION)


def test_a_signal_that_another_thread_gets_is_heard() -> None:
    assert hears(TOLD_BY_ANOTHER_THREAD)
