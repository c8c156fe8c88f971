"""The barcode that changes: computed as RFC 6238 says, good for its moment and for its card alone."""

import hmac
from datetime import UTC, datetime, timedelta
from hashlib import sha1

import pytest

from passes.cards import rotating_barcode
from passes.cards.rotating_barcode import LENGTH, parse, pattern, secret, token_of, totp, value

CARD, TOKEN, OTHER = "card_01jdexamp1e000000000000000", "5J8RZ0C3W9KQ4XH7T2MVB6NDYA", "0" * 26
AT = datetime(2026, 11, 22, 9, 30, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    "seconds, digits",
    [(59, "94287082"), (1111111109, "07081804"), (1234567890, "89005924"), (20000000000, "65353130")],
)
def test_digits_are_those_of_the_rfc(seconds: int, digits: str) -> None:
    assert totp(b"12345678901234567890", seconds // 30) == digits


def test_the_pattern_and_the_value_differ_by_the_digits_alone() -> None:
    scanned = value(CARD, TOKEN, AT)
    assert len(scanned) == LENGTH == 37
    assert pattern(CARD) == scanned[:-8] + "{totp_value_0}"
    assert TOKEN not in scanned


def test_it_counts_in_its_moment_and_a_little_around_it_and_then_no_more() -> None:
    scanned = parse(value(CARD, TOKEN, AT))
    assert scanned is not None
    good = [step for step in range(-10, 11) if scanned.is_of(TOKEN, AT + timedelta(seconds=30 * step))]
    assert good == [-1, 0, 1, 2]


def test_it_counts_for_its_card_alone() -> None:
    scanned = parse(value(CARD, TOKEN, AT))
    assert scanned is not None
    assert scanned.card_id == CARD
    assert not scanned.is_of(OTHER, AT)


def test_every_period_is_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[str] = []
    compare = hmac.compare_digest

    def counting(one: str, other: str) -> bool:
        compared.append(one)
        return compare(one, other)

    monkeypatch.setattr(rotating_barcode.hmac, "compare_digest", counting)
    scanned = parse(value(CARD, TOKEN, AT + timedelta(seconds=30)))
    assert scanned is not None
    assert scanned.is_of(TOKEN, AT)
    assert len(compared) == 4


def test_case_spaces_and_hyphens_do_not_count() -> None:
    scanned = value(CARD, TOKEN, AT)
    assert parse(f" {scanned[:5].lower()}-{scanned[5:]} ") == parse(scanned) is not None


@pytest.mark.parametrize(
    "text", ["", TOKEN, "ST2", "ST1" + "0" * 34, "ST2" + "U" * 26 + "12345678", "ST2" + "0" * 26 + "1234567x"]
)
def test_anything_else_is_none(text: str) -> None:
    assert parse(text) is None


def test_the_secret_follows_from_the_token_and_does_not_give_it_away() -> None:
    assert secret(TOKEN) != secret(OTHER)
    assert len(secret(TOKEN)) == sha1(usedforsecurity=False).digest_size
    assert TOKEN.encode() not in secret(TOKEN)


def test_the_token_is_found_in_a_still_barcode() -> None:
    assert (token_of(TOKEN), token_of("nonsense")) == (TOKEN, None)
