"""What is remembered stays while it is used and there is room, whoever asks."""

import threading
from concurrent.futures import ThreadPoolExecutor

from passes.remembered import Held, Remembered


def test_what_was_made_once_is_not_made_again() -> None:
    memory: Remembered[bytes] = Remembered(100, len)
    made = [memory.get("a", lambda: bytes(10)), memory.get("a", lambda: bytes(99))]
    assert made == [bytes(10)] * 2
    assert memory.held() == Held(entries=1, held_bytes=10, hits=1, misses=1)


def test_what_was_not_used_for_longest_is_forgotten_first() -> None:
    memory: Remembered[str] = Remembered(3, len)
    for key in ("a", "b", "c", "a", "d"):
        memory.get(key, lambda key=key: key)  # type: ignore[misc]  # the default binds the loop's key
    kept = [key for key in "abcd" if memory.get(key, lambda: "?") != "?"]
    assert "a" in kept
    assert "b" not in kept


def test_what_is_larger_than_everything_is_given_but_not_kept() -> None:
    memory: Remembered[bytes] = Remembered(10, len)
    assert len(memory.get("large", lambda: bytes(11))) == 11
    assert memory.held().held_bytes == 0


def test_threads_get_their_own_key_and_the_bytes_add_up() -> None:
    memory: Remembered[bytes] = Remembered(2_000, len)
    together = threading.Barrier(4)

    def ask(start: int) -> None:
        together.wait()
        for number in range(start, start + 500):
            key = number % 60
            assert memory.get(key, lambda key=key: bytes([key]) * 50)[0] == key  # type: ignore[misc]  # as above

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(ask, range(4)))
    held = memory.held()
    assert held.held_bytes == held.entries * 50 <= 2_000
    assert held.hits + held.misses == 2_000
    memory.clear()
    assert memory.held() == Held(0, 0, 0, 0)
