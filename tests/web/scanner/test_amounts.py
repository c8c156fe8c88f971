"""Amounts as hands type them: no cent invented, no thousand guessed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passes.cards import wording
from passes.money import MAX_AMOUNT, Money
from passes.web.scanner.amounts import read_amount, read_count


@pytest.mark.parametrize(
    "text, asset, minor",
    [
        ("12,50", "EUR", 1250),
        ("12.50", "EUR", 1250),
        ("12,5", "EUR", 1250),
        ("12", "EUR", 1200),
        (" 12 € ", "EUR", 1200),
        ("0,01", "EUR", 1),
        ("1250", "JPY", 1250),
        ("1.250", "KWD", 1250),
        ("50", "POINT", 50),
    ],
)
def test_an_amount_is_read_to_the_minor_unit(text: str, asset: str, minor: int) -> None:
    assert read_amount(text, asset) == Money(minor, asset)


@pytest.mark.parametrize(
    "text, asset",
    [
        ("", "EUR"),
        ("0", "EUR"),
        ("0,00", "EUR"),
        ("-5", "EUR"),
        ("+5", "EUR"),
        ("1.250", "EUR"),
        ("1.250,00", "EUR"),
        ("12,505", "EUR"),
        (",50", "EUR"),
        ("5,", "EUR"),
        ("1e3", "EUR"),
        ("NaN", "EUR"),
        ("zwölf", "EUR"),
        ("12,5", "JPY"),
        ("1.5", "POINT"),
        ("٥", "EUR"),
        ("9" * 13, "EUR"),
        ("12\x0050", "EUR"),
    ],
)
def test_anything_else_is_refused_rather_than_guessed(text: str, asset: str) -> None:
    assert read_amount(text, asset) is None


@given(st.integers(1, 10**13 - 1))
def test_what_we_print_can_be_typed_back_in(minor: int) -> None:
    money = Money(minor, "EUR")
    typed = f"{money.as_decimal():.2f}"
    assert read_amount(typed, "EUR") == money
    assert read_amount(typed.replace(".", ","), "EUR") == money


def test_small_amounts_read_as_the_card_shows_them() -> None:
    for language in ("de", "en"):
        assert read_amount(wording.amount(Money(1250, "EUR")).in_language(language), "EUR") == Money(
            1250, "EUR"
        )


def test_no_amount_is_larger_than_json_can_carry() -> None:
    assert read_amount("9" * 12, "EUR") == Money(99_999_999_999_900, "EUR")
    assert read_amount(str(MAX_AMOUNT // 10_000), "CLF") is not None
    assert read_amount(str(MAX_AMOUNT // 10_000 + 1), "CLF") is None


@pytest.mark.parametrize(
    "text, count", [("1", 1), (" 3 ", 3), ("100", 100), ("0", None), ("101", None), ("1.0", None), ("", None)]
)
def test_a_count_is_a_whole_number_from_one_to_a_hundred(text: str, count: int | None) -> None:
    assert read_count(text) == count
