"""What may be known of a member, and whose word counts."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passes.errors import FieldError
from passes.fields import checked
from passes.members.rules import (
    Birthday,
    ConsentView,
    MemberChanges,
    MemberDraft,
    birthday_in,
    current_consents,
    may_speak,
    normalise_phone,
    parse_birthday,
)


def wrong_fields(values: dict[str, Any]) -> list[str]:
    with pytest.raises(FieldError) as error:
        checked(MemberDraft, values)
    return [e["field"] for e in error.value.errors]


@pytest.mark.parametrize(
    "text, birthday",
    [
        ("1992-02-29", Birthday(2, 29, 1992)),
        ("2000-02-29", Birthday(2, 29, 2000)),
        ("--02-29", Birthday(2, 29)),
        ("--12-31", Birthday(12, 31)),
        ("1900-01-01", Birthday(1, 1, 1900)),
    ],
)
def test_a_birthday_may_have_a_year_or_none(text: str, birthday: Birthday) -> None:
    assert parse_birthday(text) == birthday
    assert str(birthday) == text
    assert Birthday.from_month_day(birthday.month_day, birthday.year) == birthday


@pytest.mark.parametrize(
    "text",
    [
        "1991-02-29",
        "1900-02-29",
        "2026-02-30",
        "--02-30",
        "--04-31",
        "--13-01",
        "--00-10",
        "--10-00",
        "1899-12-31",
    ],
)
def test_a_day_that_never_was_is_no_birthday(text: str) -> None:
    assert wrong_fields({"birthday": text}) == ["birthday"]


@pytest.mark.parametrize(
    "text",
    ["", "1992", "29.02.1992", "1992-2-29", "92-02-29", "02-29", "-02-29", "1992-02-29 ", "１９９２-02-29"],
)
def test_a_birthday_is_written_in_one_way(text: str) -> None:
    with pytest.raises(ValueError, match="1992-02-29"):
        parse_birthday(text)


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2100, 12, 31)))
def test_every_day_that_was_is_a_birthday_and_is_celebrated_on_itself(day: date) -> None:
    birthday = parse_birthday(day.isoformat())
    assert str(birthday) == day.isoformat()
    assert birthday_in(birthday.month_day, day.year) == day


@pytest.mark.parametrize(
    "year, day",
    [(2027, 28), (2028, 29), (2100, 28), (2000, 29)],
    ids=["common", "leap", "century", "millennium"],
)
def test_those_born_on_the_29th_of_february_celebrate_on_the_28th_in_common_years(
    year: int, day: int
) -> None:
    assert birthday_in(229, year) == date(year, 2, day)


def test_everybody_has_exactly_one_birthday_in_every_year() -> None:
    for year in (2027, 2028):
        for month_day in (101, 228, 229, 301, 1231):
            assert birthday_in(month_day, year).year == year
            assert birthday_in(month_day, year).month == month_day // 100


@pytest.mark.parametrize(
    "typed, stored",
    [
        ("+49 (30) 123-45 67", "+49301234567"),
        ("030/1234567", "0301234567"),
        ("0049 30.1234567", "0049301234567"),
    ],
)
def test_a_telephone_number_is_kept_without_punctuation(typed: str, stored: str) -> None:
    assert normalise_phone(typed) == stored


@pytest.mark.parametrize(
    "typed", ["", "123", "call me", "+", "49+30123456", "1" * 21, "=1+1", "０３０１２３４５６"]
)
def test_what_is_no_telephone_number_is_refused(typed: str) -> None:
    assert wrong_fields({"phone": typed}) == ["phone"]


@pytest.mark.parametrize(
    "values, field",
    [
        ({"external_id": ""}, "external_id"),
        ({"external_id": "x" * 201}, "external_id"),
        ({"name": " "}, "name"),
        ({"name": 5}, "name"),
        ({"email": "nobody"}, "email"),
        ({"locale": "deutsch"}, "locale"),
        ({"time_zone": "Mars/Base"}, "time_zone"),
        ({"tags": ["ok", ""]}, "tags.1"),
        ({"tags": ["x" * 61]}, "tags.0"),
        ({"tags": [str(n) for n in range(51)]}, "tags"),
        ({"tags": "vip"}, "tags"),
        ({"tags": None}, "tags"),
        ({"points": 5}, "points"),
    ],
)
def test_a_wrong_field_is_named(values: dict[str, Any], field: str) -> None:
    assert wrong_fields(values) == [field]


CONSENT = {
    "purpose": "marketing",
    "channel": "email",
    "granted": True,
    "wording": "Yes, please.",
    "source": "till",
}


@pytest.mark.parametrize(
    "field, value",
    [
        ("purpose", "anything"),
        ("channel", "fax"),
        ("granted", "yes"),
        ("granted", 1),
        ("wording", ""),
        ("source", ""),
        ("at", "2020-01-01T00:00:00Z"),
    ],
)
def test_a_consent_says_exactly_what_was_agreed_to(field: str, value: object) -> None:
    assert wrong_fields({"consents": [CONSENT, CONSENT | {field: value}]}) == [f"consents.1.{field}"]


@pytest.mark.parametrize("missing", CONSENT)
def test_a_consent_without_its_proof_is_none(missing: str) -> None:
    incomplete = {name: value for name, value in CONSENT.items() if name != missing}
    assert wrong_fields({"consents": [incomplete]}) == [f"consents.0.{missing}"]


def test_tags_count_once() -> None:
    assert checked(MemberDraft, {"tags": ["vip", "regular", "vip"]}).tags == ("vip", "regular")


def test_changes_tell_absent_from_null() -> None:
    assert checked(MemberChanges, {"name": None, "tags": None}).model_fields_set == {"name", "tags"}


def word(number: int, granted: bool, channel: str = "email") -> ConsentView:
    return ConsentView(
        number, "marketing", channel, granted, "wording", "till", datetime(2026, 1, 1, tzinfo=UTC)
    )


@pytest.mark.parametrize(
    "history, allowed",
    [
        ([], False),
        ([word(1, True)], True),
        ([word(1, False)], False),
        ([word(1, True), word(2, False)], False),
        ([word(1, False), word(2, True)], True),
        ([word(2, False), word(1, True)], False),
        ([word(1, True), word(2, False), word(3, True)], True),
        ([word(1, True, "wallet")], False),
        ([word(1, True), word(2, False, "wallet")], True),
    ],
)
def test_the_newest_word_on_a_channel_counts_and_silence_is_no(
    history: list[ConsentView], allowed: bool
) -> None:
    assert may_speak(history, "marketing", "email") is allowed


def test_every_channel_has_its_own_current_word() -> None:
    history = [word(1, True), word(2, False, "wallet"), word(3, False)]
    assert {key: c.id for key, c in current_consents(history).items()} == {
        ("marketing", "email"): 3,
        ("marketing", "wallet"): 2,
    }
