"""What may be known of a member, and what the member agreed to. No I/O."""

import re
from calendar import isleap
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, WithJsonSchema

from passes.fields import Line, Name, Reference, Strict, TimeZone
from passes.merchants.rules import Email, Language

FIRST_BIRTH_YEAR = 1900
MAX_TAGS = 50

Purpose = Literal["marketing"]
Channel = Literal["wallet", "email"]

_BIRTHDAY = re.compile(r"(?:(?P<year>[0-9]{4})-|--)(?P<month>[0-9]{2})-(?P<day>[0-9]{2})")
_LEAP_YEAR = 2000


@dataclass(frozen=True, slots=True)
class Birthday:
    """A day of the year, and the year where it is known."""

    month: int
    day: int
    year: int | None = None

    @property
    def month_day(self) -> int:
        """The form it is stored and compared in: 1231 for 31 December."""
        return self.month * 100 + self.day

    @classmethod
    def from_month_day(cls, month_day: int, year: int | None) -> "Birthday":
        """The birthday stored as `month_day` and `year`."""
        return cls(*divmod(month_day, 100), year)

    def __str__(self) -> str:
        year = "-" if self.year is None else f"{self.year:04}"
        return f"{year}-{self.month:02}-{self.day:02}"


def parse_birthday(text: str) -> Birthday:
    """`1992-02-29`, or `--02-29` (RFC 6350) without the year; `ValueError` for a day that never was."""
    match = _BIRTHDAY.fullmatch(text)
    if match is None:
        raise ValueError("must be written 1992-02-29, or --02-29 without the year")
    year = int(match["year"]) if match["year"] else None
    month, day = int(match["month"]), int(match["day"])
    try:
        date(_LEAP_YEAR if year is None else year, month, day)
    except ValueError:
        raise ValueError("is a day that never was") from None
    if year is not None and year < FIRST_BIRTH_YEAR:
        raise ValueError(f"must not lie before {FIRST_BIRTH_YEAR}")
    return Birthday(month, day, year)


def birthday_in(month_day: int, year: int) -> date:
    """The day a birthday is celebrated on in `year`: one of 29 February on the 28th in years without it.

    German law has a year of life end with the day before the birthday (BGB 187, 188), so those born on a
    29 February are a year older when the 28th ends; and an offer "in your birthday month" stays in its month.
    """
    if month_day == 229 and not isleap(year):
        return date(year, 2, 28)
    month, day = divmod(month_day, 100)
    return date(year, month, day)


def normalise_phone(value: str) -> str:
    """A telephone number without punctuation: `+49 (30) 123-45` is `+493012345`; `ValueError` for none."""
    number = re.sub(r"[\s()/.\-]", "", value)
    # ITU-T E.164 allows 15 digits with the country's; a 00 and an extension may come on top.
    if not re.fullmatch(r"\+?[0-9]{4,20}", number):
        raise ValueError("must be a telephone number such as +49 30 1234567")
    return number


def _known_day(value: str) -> str:
    return str(parse_birthday(value))


def _distinct(value: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value))


Phone = Annotated[str, Field(max_length=40), AfterValidator(normalise_phone)]
BirthdayText = Annotated[
    str,
    AfterValidator(_known_day),
    WithJsonSchema({"type": "string", "pattern": "^([0-9]{4}|-)-[0-9]{2}-[0-9]{2}$"}),
]
Tag = Annotated[Line, Field(min_length=1, max_length=60)]
Tags = Annotated[tuple[Tag, ...], Field(max_length=MAX_TAGS), AfterValidator(_distinct)]


class ConsentDraft(Strict):
    """A yes or no, with the words that were agreed to and where that happened: the proof of it."""

    purpose: Purpose
    channel: Channel
    granted: Annotated[bool, Field(strict=True)]
    wording: Annotated[Line, Field(min_length=1, max_length=4000)]
    source: Reference


class MemberFields(Strict):
    """What is written of a member, whether new or changed."""

    external_id: Reference | None = None
    name: Name | None = None
    email: Email | None = None
    phone: Phone | None = None
    birthday: BirthdayText | None = None
    locale: Language | None = None
    time_zone: TimeZone | None = None
    consents: Annotated[tuple[ConsentDraft, ...], Field(max_length=20)] = ()


class MemberDraft(MemberFields):
    """What a merchant writes to make a member. Language and time zone default to the merchant's."""

    tags: Tags = ()


class MemberChanges(MemberFields):
    """What a merchant writes to change a member: what is absent stays, null empties, consents are added.

    Null as language or time zone falls back to the merchant's.
    """

    tags: Tags | None = None


@dataclass(frozen=True, slots=True)
class ConsentView:
    """A consent as recorded; `id` grows with time."""

    id: int
    purpose: str
    channel: str
    granted: bool
    wording: str
    source: str
    at: datetime


def current_consents(history: Iterable[ConsentView]) -> dict[tuple[str, str], ConsentView]:
    """What counts today per purpose and channel: the newest word, whether yes or no."""
    newest = sorted(history, key=lambda consent: consent.id)
    return {(consent.purpose, consent.channel): consent for consent in newest}


def may_speak(history: Iterable[ConsentView], purpose: str, channel: str) -> bool:
    """Whether the member's last word on this purpose and channel was yes; silence is no."""
    consent = current_consents(history).get((purpose, channel))
    return consent is not None and consent.granted
