"""What people may write: the validated types every request, rule and import is made of.

Strict on purpose: `10.0`, `true` and `"5"` are no integers, a NUL is no text, a time needs its offset.
"""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    WithJsonSchema,
)
from pydantic_core import ErrorDetails

from passes.clock import parse_rfc3339
from passes.errors import FieldError
from passes.money import CURRENCIES, MAX_AMOUNT, Money, is_asset

M = TypeVar("M", bound=BaseModel)


class WrongTogether(ValueError):
    """What a validator of a whole object says when its fields disagree: about the one that is to change."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


_SENTENCES = {
    "missing": "is missing",
    "extra_forbidden": "is not something that can be set here",
    "model_type": "Input should be an object",
    "dict_type": "Input should be an object",
}

_COUNTED = re.compile(r" after validation, not \d+$")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def _plain_text(value: str) -> str:
    if _CONTROL.search(value):
        raise ValueError("must not contain control characters")
    return value


def not_blank(value: str) -> str:
    """`value` unless it is nothing but spaces; `ValueError` otherwise."""
    if not value.strip():
        raise ValueError("must not be empty")
    return value


def _instant(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str):
        raise ValueError("must be an RFC 3339 time such as 2026-11-22T09:30:00Z")
    try:
        return parse_rfc3339(value)
    except ValueError:
        raise ValueError("must be an RFC 3339 time such as 2026-11-22T09:30:00Z") from None


def _known_asset(value: str) -> str:
    if not is_asset(value):
        raise ValueError("must be an ISO 4217 currency, STAMP, POINT, USE or REWARD")
    return value


def _known_currency(value: str) -> str:
    if value not in CURRENCIES:
        raise ValueError("must be an ISO 4217 currency such as EUR")
    return value


def known_time_zone(value: str) -> str:
    """`value` if it names an IANA time zone; `ValueError` otherwise."""
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        raise ValueError("must be an IANA time zone such as Europe/Berlin") from None
    return value


Line = Annotated[str, AfterValidator(_plain_text)]
"""Any text without control characters; the caller adds a length."""

Name = Annotated[
    str, Field(min_length=1, max_length=200), AfterValidator(_plain_text), AfterValidator(not_blank)
]
"""A name of one to two hundred characters."""

Reference = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_plain_text)]
"""A till's own receipt number."""

Id = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[a-z]+_[0-9a-z]+$")]
"""One of our ids, by its shape."""

Whole = Annotated[int, Field(strict=True)]
"""An integer and nothing that merely looks like one."""

Instant = Annotated[
    datetime, BeforeValidator(_instant), WithJsonSchema({"type": "string", "format": "date-time"})
]
"""A moment, RFC 3339 with an offset."""

Currency = Annotated[
    str, AfterValidator(_known_currency), WithJsonSchema({"type": "string", "pattern": "^[A-Z]{3}$"})
]
"""An ISO 4217 currency."""

TimeZone = Annotated[str, Field(min_length=1, max_length=60), AfterValidator(known_time_zone)]
"""An IANA time zone."""

HexColor = Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]
"""A colour as #rrggbb."""


class Strict(BaseModel):
    """A JSON object with the fields we know and no others."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Amount(Strict):
    """A positive integer of an asset; currencies in minor units."""

    amount: Annotated[Whole, Field(ge=1, le=MAX_AMOUNT)]
    asset: Annotated[
        str,
        AfterValidator(_known_asset),
        WithJsonSchema({"type": "string", "pattern": "^([A-Z]{3}|STAMP|POINT|REWARD)$"}),
    ]

    @property
    def money(self) -> Money:
        """The same as a plain value."""
        return Money(self.amount, self.asset)


def checked(model: type[M], value: object) -> M:
    """`value` as a `model`; raises `FieldError` with a sentence for every field that is wrong."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise wrong_fields(error) from None


def dotted(location: tuple[int | str, ...]) -> str:
    """The name of a place in a document, `message.de`; `body` for the whole of it."""
    return ".".join(str(part) for part in location) or "body"


def _place(found: ErrorDetails) -> tuple[int | str, ...]:
    cause = found.get("ctx", {}).get("error")
    return (*found["loc"], cause.field) if isinstance(cause, WrongTogether) else found["loc"]


def _sentence(found: ErrorDetails) -> str:
    said = _SENTENCES.get(found["type"], found["msg"].removeprefix("Value error, "))
    said = _COUNTED.sub("", said)
    # A text that was looked at before it was measured is to pydantic a mere value, of items.
    is_text = found.get("ctx", {}).get("field_type") == "Value"
    return said.replace("Value", "String").replace("item", "character") if is_text else said


def wrong_fields(
    error: ValidationError, named: Callable[[tuple[int | str, ...]], str] = dotted
) -> FieldError:
    """What validation found, in sentences; `named` says how the author of the input calls a place in it."""
    found = error.errors(include_url=False, include_input=False)
    return FieldError.of(
        [
            {
                "field": named(_place(e)),
                "message": _sentence(e),
            }
            for e in found
        ]
    )
