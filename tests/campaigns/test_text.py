"""Messages: what is filled in, what is left out, what is refused."""

import pytest

from passes.campaigns.text import (
    GIFT_LINK,
    MAX_MESSAGE,
    PLACEHOLDERS,
    Values,
    balance_in,
    check_placeholders,
    render,
)
from passes.cards.face import Text
from passes.errors import FieldError
from passes.money import Money

FULL = Values("Anna", Money(7, "STAMP"), "Café Lindgren")
NAMELESS = Values(None, Money(1, "POINT"), "Café Lindgren")
LINK = "https://cards.example/c/ABC"


def english(message: str, values: Values) -> str:
    return render(Text.same(message), values).en


def test_placeholders_are_filled_in_both_languages() -> None:
    message = Text(
        "{first_name}, du hast {balance} bei {merchant}.", "{first_name}, you have {balance} at {merchant}."
    )
    assert render(message, FULL) == Text(
        "Anna, du hast 7 Stempel bei Café Lindgren.", "Anna, you have 7 stamps at Café Lindgren."
    )


@pytest.mark.parametrize(
    "message, filled",
    [
        ("Hello {first_name}, we miss you.", "Hello, we miss you."),
        ("Happy birthday, {first_name}!", "Happy birthday!"),
        ("Happy birthday {first_name}!", "Happy birthday!"),
        ("{first_name}, we miss you.", "We miss you."),
        ("{first_name}: über 5 points", "Über 5 points"),
        ("A gift for you {first_name} and friends.", "A gift for you and friends."),
        ("{first_name}", ""),
    ],
)
def test_a_missing_name_leaves_no_hole(message: str, filled: str) -> None:
    assert english(message, NAMELESS) == filled


def test_a_name_is_never_read_as_a_placeholder() -> None:
    sly = Values("{merchant}{balance}\\1", Money(7, "STAMP"), "Café")
    assert english("Hi {first_name}, {merchant}", sly) == "Hi {merchant}{balance}\\1, Café"


@pytest.mark.parametrize(
    "message, complaint",
    [
        ("Hi {name}", "'{name}'"),
        ("Hi {first_name", "'{first_name'"),
        ("Hi first_name}", "'}'"),
        ("{{first_name}}", "'{}'"),
        ("Hi {{ 7*7 }}", "'{'"),
        ("Hi {first_name} {gift_link}", "'{gift_link}'"),
        ("Hi {}", "'{}'"),
        ("Hi {first_name!r}", "'{first_name!r}'"),
    ],
)
def test_other_braces_are_refused_by_name(message: str, complaint: str) -> None:
    with pytest.raises(FieldError) as refusal:
        check_placeholders("message.de", message, PLACEHOLDERS)
    assert refusal.value.errors[0]["field"] == "message.de"
    assert complaint in refusal.value.errors[0]["message"]


def test_a_coupons_link_stands_where_the_message_wants_it_or_at_its_end() -> None:
    values = Values("Anna", Money(7, "STAMP"), "Café", LINK)
    assert english("Look: {gift_link}!", values) == f"Look: {LINK}!"
    assert english("A gift!", values) == f"A gift!\n{LINK}"
    check_placeholders("message.de", "{gift_link}", (*PLACEHOLDERS, GIFT_LINK))


def test_a_message_never_grows_past_what_wallets_show_and_its_link_stays_whole() -> None:
    long = Values("N" * 150, Money(7, "STAMP"), "Café", LINK)
    text = english("{first_name} " + "x" * 480, long)
    assert len(text) <= MAX_MESSAGE
    assert text.endswith(f"…\n{LINK}")
    short = english("{first_name} " + "x" * 480, Values("N" * 150, Money(7, "STAMP"), "Café"))
    assert len(short) == MAX_MESSAGE
    assert short.endswith("x…")


@pytest.mark.parametrize(
    "balance, german, english",
    [
        (Money(1250, "EUR"), "12,50\xa0€", "€12.50"),
        (Money(1, "STAMP"), "1 Stempel", "1 stamp"),
        (Money(1200, "POINT"), "1.200 Punkte", "1,200 points"),
        (Money(1, "POINT"), "1 Punkt", "1 point"),
        (Money(2, "USE"), "2 Einlösungen", "2 uses"),
    ],
)
def test_balances_read_as_people_say_them(balance: Money, german: str, english: str) -> None:
    assert (balance_in("de", balance), balance_in("en", balance)) == (german, english)
