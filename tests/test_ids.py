"""Names: codes a slip of the fingers cannot turn into another card's, tokens nobody guesses, ids in order."""

import itertools
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passes import ids

codes = st.builds(lambda _: ids.new_code(), st.integers())
places = st.integers(0, ids.CODE_LENGTH - 1)


@given(code=codes)
def test_a_code_is_itself_however_it_is_written(code: str) -> None:
    for written in (code, code.lower(), ids.format_code(code), f" {ids.format_code(code).lower()}\n"):
        assert ids.normalise_code(written) == code


@given(code=codes, place=places, wrong=st.sampled_from(ids.CODE_ALPHABET))
def test_one_wrong_character_is_always_noticed(code: str, place: int, wrong: str) -> None:
    damaged = code[:place] + wrong + code[place + 1 :]
    assert (ids.normalise_code(damaged) is None) == (damaged != code)


@given(code=codes, places=st.tuples(places, places))
def test_two_characters_swapped_are_always_noticed(code: str, places: tuple[int, int]) -> None:
    letters = list(code)
    one, other = places
    letters[one], letters[other] = letters[other], letters[one]
    damaged = "".join(letters)
    assert (ids.normalise_code(damaged) is None) == (damaged != code)


def test_a_code_has_at_least_sixty_random_bits_and_no_two_characters_alike() -> None:
    assert len(ids.CODE_ALPHABET) ** (ids.CODE_LENGTH - 1) >= 2**60
    assert len(set(ids.CODE_ALPHABET)) == 31
    assert not set("01OIL") & set(ids.CODE_ALPHABET)


def test_a_token_has_128_bits_and_forgives_lookalikes() -> None:
    token = ids.new_token()
    assert 32 ** len(token) >= 2**128
    assert ids.normalise_code("o" + "0" * 25) == "0" * 26
    assert ids.normalise_code("il" + "0" * 24) == "11" + "0" * 24


@pytest.mark.parametrize("text", ["", "-", "A" * 15, "A" * 17, "U" * 26, "ß" * 16, "é" * 26, "١" * 16])
def test_what_cannot_be_a_code_is_none(text: str) -> None:
    assert ids.normalise_code(text) is None


def test_nothing_comes_twice() -> None:
    for make in (ids.new_code, ids.new_token, lambda: ids.new_id("card")):
        assert len({make() for _ in range(2000)}) == 2000


def test_ids_sort_as_they_were_made_within_a_millisecond_too(monkeypatch: pytest.MonkeyPatch) -> None:
    for now in (1_767_225_600_000_000_000, 1_767_225_600_000_999_000):
        moments = iter(range(now, now + 10_000, 500))
        with monkeypatch.context() as patched:
            patched.setattr(time, "time_ns", lambda moments=moments: next(moments))
            made = [ids.new_id("loc") for _ in range(20)]
        assert made == sorted(made)


def test_ids_of_later_milliseconds_sort_later() -> None:
    made = []
    for _ in range(5):
        made.append(ids.new_id("txn"))
        time.sleep(0.002)
    assert all(one < other for one, other in itertools.pairwise(made))
    assert all(name.startswith("txn_") and len(name) <= 40 for name in made)
