"""Filling in a message: a few placeholders, replaced once, and no template language.

What a member typed as their name is put in as it is and never read as a placeholder again.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from passes.cards import wording
from passes.cards.face import Text
from passes.errors import FieldError
from passes.money import Money

MAX_MESSAGE = 500
"""Characters of a message; Google shows no more of one."""

PLACEHOLDERS = ("first_name", "balance", "merchant")
GIFT_LINK = "gift_link"
"""Where the coupon is that comes with a message; only for campaigns that give one."""

EXPIRES = "expires"
"""The last day of what runs out; only for campaigns that remind of that, whose `balance` is what does."""

_PLACEHOLDER = re.compile(r"\{(" + "|".join((*PLACEHOLDERS, GIFT_LINK, EXPIRES)) + r")\}")
_BRACED = re.compile(r"\{[^{}]*\}?|\}")
# A member without a name: "Hello {first_name}, ..." becomes "Hello, ...", "{first_name}, we ..." "We ...".
_NAME_FIRST = re.compile(r"^\s*\{first_name\}[\s,!:]*(\w?)")
_NAME_LATER = re.compile(r"(?:,?\s+)?\{first_name\}")


@dataclass(frozen=True, slots=True)
class Values:
    """What the placeholders stand for; all but `balance` and `merchant` are None where there is none."""

    first_name: str | None
    balance: Money
    merchant: str
    gift_link: str | None = None
    expires: Text | None = None


def check_placeholders(field: str, message: str, known: Iterable[str]) -> None:
    """Raise `FieldError` naming `field` when the message has braces that are none of the `known`."""
    names = [f"{{{name}}}" for name in known]
    for name in names:
        message = message.replace(name, "")
    unknown = _BRACED.search(message)
    if unknown is not None:
        raise FieldError(field, f"{unknown.group()!r} is no placeholder here; there are {', '.join(names)}")


def first_name(name: str | None) -> str | None:
    """The first word of a name, None where there is none."""
    words = (name or "").split()
    return words[0] if words else None


def render(message: Text, values: Values) -> Text:
    """The message to one member about one card, in both languages.

    A missing name leaves no hole. A coupon's link that the message does not place stands at its end. Only
    what names and links add can take a message over `MAX_MESSAGE`; then its text is cut, not the link.
    """
    return Text(_fill(message.de, "de", values), _fill(message.en, "en", values))


def balance_in(language: str, balance: Money) -> str:
    """`12,50 €` or `7 Stempel`, as one says it in "de" or "en"."""
    return wording.counted(balance).in_language(language)


def _fill(message: str, language: str, values: Values) -> str:
    if values.first_name is None:
        message = _NAME_FIRST.sub(lambda match: match.group(1).upper(), message)
        message = _NAME_LATER.sub("", message)
    if values.gift_link is not None and f"{{{GIFT_LINK}}}" not in message:
        message = f"{message}\n{{{GIFT_LINK}}}"
    words = {
        "first_name": values.first_name or "",
        "balance": balance_in(language, values.balance),
        "merchant": values.merchant,
        GIFT_LINK: values.gift_link or "",
        EXPIRES: values.expires.in_language(language) if values.expires is not None else "",
    }
    return _cut(_PLACEHOLDER.sub(lambda match: words[match.group(1)], message), words[GIFT_LINK])


def _cut(text: str, link: str) -> str:
    if len(text) <= MAX_MESSAGE:
        return text
    room = MAX_MESSAGE - len(link) - 2
    return f"{text.replace(link, '').rstrip()[:room]}…\n{link}" if link else f"{text[: MAX_MESSAGE - 1]}…"
