"""A design as data: what a brand may say and show on its cards, and in which order. No I/O.

A design is stored with each version of a program. All of it but the colours may be left out, and then a
card looks as its kind does by itself; so a program that only ever named three colours is a design too.
"""

import re
from typing import Annotated, Any, Literal, get_args
from uuid import UUID

from pydantic import AfterValidator, Field, model_validator

from passes.errors import FieldError
from passes.fields import HexColor, Instant, Line, Strict, Whole, WrongTogether, not_blank
from passes.programs.placeholders import SHARED, on_a_card, sentence, unknown_in

Barcode = Literal["plain", "signed"]
"""What a program's cards show to a scanner: the token alone, or signed for tills without network."""
BarcodeFormat = Literal["qr", "aztec", "pdf417", "code128"]
Role = Literal["header", "primary", "secondary", "auxiliary", "back"]
StampShape = Literal["circle", "star", "heart", "square", "cup"]
ImageName = Literal["logo", "icon", "strip", "stamp_empty", "stamp_full", "stamp_reward", "wide_logo"]
IMAGE_NAMES: tuple[ImageName, ...] = get_args(ImageName)

KIND_FIELDS = {
    "stamp": ("balance", "reward", "rewards"),
    "coupon": ("offer", "uses"),
    "gift": ("balance",),
    "points": ("balance", "next_reward", "tier"),
}
COMMON_FIELDS = ("valid_until", "member", "state", "owed", "runs_out", "how_it_works")
ALWAYS_SHOWN = ("state", "owed")
"""A card that does not work or owes something says so, whatever the design has chosen."""
RESERVED_KEYS = frozenset({"news", "code", "page", "enrol", "website", "terms", "contact"})
"""What wallets write onto every card by themselves."""

Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,29}$")]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Share = Annotated[float, Field(strict=True, ge=0, le=1, allow_inf_nan=False)]
YesOrNo = Annotated[bool, Field(strict=True)]
Words2000 = Annotated[Line, Field(min_length=1, max_length=2000), AfterValidator(not_blank)]

_URL = re.compile(
    r"https://[^\s/@?#\\]+\.[^\s/@?#\\]+([/?#]\S*)?|tel:\+?[0-9][0-9().\-]{2,30}|mailto:[^\s@?]+@[^\s@?]+\.[^\s@]+"
)


def _openable(url: str) -> str:
    if not _URL.fullmatch(url):
        raise ValueError("must be an https:// address, tel:+49301234567 or mailto:name@example.com")
    return url


def _a_uuid(value: str) -> str:
    try:
        return str(UUID(value)).upper()
    except ValueError:
        raise ValueError("must be a UUID such as E2C56DB5-DFFB-48D2-B060-D0F5A71096E0") from None


Url = Annotated[Line, Field(max_length=500), AfterValidator(_openable)]


class Words(Strict):
    """A text per language; one that is missing borrows the other's."""

    de: Words2000 | None = None
    en: Words2000 | None = None

    @model_validator(mode="after")
    def _says_something(self) -> "Words":
        if self.de is None and self.en is None:
            raise ValueError("needs a text in de, en or both")
        return self

    def pair(self) -> tuple[str, str]:
        """The German and the English text."""
        return self.de or self.en or "", self.en or self.de or ""


class DesignColors(Strict):
    """Three colours as #rrggbb."""

    background: HexColor
    foreground: HexColor
    label: HexColor


class Focus(Strict):
    """The point of a picture that stays in sight however it is cut; 0, 0 is its upper left corner."""

    x: Share
    y: Share


class DesignField(Strict):
    """A field of the card: one of the kind's, with its value from the books, or an own one with a `value`."""

    key: Key
    role: Role | None = None
    label: Words | None = None
    value: Words | None = None
    change_message: Words | None = None


class DesignLink(Strict):
    """An address worth tapping and what to call it."""

    key: Key
    label: Words
    url: Url


class Contact(Strict):
    """Whom to ask about the card."""

    name: Annotated[Line, Field(min_length=1, max_length=200)] | None = None
    address: Annotated[Line, Field(min_length=1, max_length=400)] | None = None
    phone: Annotated[str, Field(pattern=r"^\+?[0-9][0-9 ()./\-]{2,30}$")] | None = None
    email: Annotated[str, Field(max_length=320, pattern=r"^[^\s@?]+@[^\s@?]+\.[^\s@?]+$")] | None = None


class DesignBeacon(Strict):
    """A Bluetooth beacon beside which the card is worth showing."""

    uuid: Annotated[str, AfterValidator(_a_uuid)]
    major: Annotated[Whole, Field(ge=0, le=65_535)] | None = None
    minor: Annotated[Whole, Field(ge=0, le=65_535)] | None = None
    text: Words | None = None


class DesignPeriod(Strict):
    """A span of time in which the card is worth showing."""

    starts: Instant
    ends: Instant

    @model_validator(mode="after")
    def _has_a_length(self) -> "DesignPeriod":
        if self.starts >= self.ends:
            raise WrongTogether("ends", "must lie after starts")
        return self


class Look(Strict):
    """All of a design but its colours, pictures and kind of barcode; each part is optional."""

    focus: dict[ImageName, Focus] = Field(default_factory=dict)
    stamp_shape: StampShape | None = None
    fields: Annotated[tuple[DesignField, ...], Field(max_length=30)] | None = None
    links: Annotated[tuple[DesignLink, ...], Field(max_length=10)] = ()
    contact: Contact | None = None
    barcode_formats: Annotated[tuple[BarcodeFormat, ...], Field(min_length=1, max_length=4)] = ("qr",)
    beacons: Annotated[tuple[DesignBeacon, ...], Field(max_length=10)] = ()
    periods: Annotated[tuple[DesignPeriod, ...], Field(max_length=10)] = ()
    nearby: Words | None = None
    max_distance_m: Annotated[Whole, Field(ge=1, le=100_000)] | None = None
    shareable: YesOrNo = True
    nfc: YesOrNo = False
    rotates: YesOrNo = False

    @model_validator(mode="after")
    def _nothing_twice(self) -> "Look":
        lists: dict[str, list[str]] = {
            "fields": [field.key for field in self.fields or ()],
            "links": [link.key for link in self.links],
            "barcode_formats": list(self.barcode_formats),
        }
        for name, keys in lists.items():
            twice = next((key for key in keys if keys.count(key) > 1), None)
            if twice is not None:
                raise ValueError(f"{name} names {twice!r} twice")
        return self


LOOK_PARTS = tuple(Look.model_fields)


class Design(Look):
    """How the cards of a program look, as it is stored. Pictures are named by their SHA-256."""

    colors: DesignColors
    images: dict[ImageName, Sha256] = Field(default_factory=dict)
    barcode: Barcode = "plain"

    def stored(self) -> dict[str, Any]:
        """What is written to the database: colours, pictures and barcode, and whatever is not the default."""
        return {
            **self.model_dump(mode="json", exclude_defaults=True, exclude_none=True),
            **self.model_dump(mode="json", include={"colors", "images", "barcode"}),
        }

    def look(self) -> dict[str, Any]:
        """The optional parts as JSON, all of them."""
        return self.model_dump(mode="json", include=set(LOOK_PARTS))

    def unusual(self) -> dict[str, Any]:
        """The optional parts as JSON that are not as they are by themselves."""
        return {name: part for name, part in self.stored().items() if name in LOOK_PARTS}


def fields_of_kind(kind: str) -> tuple[str, ...]:
    """The keys of the fields whose values come from the books."""
    return KIND_FIELDS[kind] + COMMON_FIELDS


def check_for_kind(design: Look, kind: str, prefix: str = "design") -> None:
    """Raise `FieldError` naming every field that a card of `kind` cannot have or that says nothing."""
    errors = []
    for place, field in enumerate(design.fields or ()):
        errors += [
            {"field": f"{prefix}.fields.{place}.{part}", "message": message}
            for part, message in _wrong_in(field, kind)
        ]
    if errors:
        raise FieldError.of(errors)


def _is_shared(field: DesignField) -> bool:
    """Whether the field is an own text that no card fills in for itself."""
    return field.value is not None and not any(unknown_in(text, SHARED) for text in field.value.pair())


def _wrong_in(field: DesignField, kind: str) -> list[tuple[str, str]]:
    if kind == "coupon" and field.role == "primary" and field.key != "offer" and not _is_shared(field):
        # Google keeps what is primary on a coupon once for all cards of the program.
        return [("role", "primary is for the offer, or an own text that reads the same on every coupon")]
    known = fields_of_kind(kind)
    if field.key in known:
        return [] if field.value is None else [("value", f"{field.key} has its value from the books")]
    if field.key in RESERVED_KEYS:
        return [("key", f"{field.key!r} stands on every card by itself; choose another name")]
    if field.value is None:
        names = ", ".join(known)
        return [
            (
                "key",
                f"{field.key!r} is no field of a {kind} card; there are {names}. An own one needs a value",
            )
        ]
    wrong = [] if field.label else [("label", "is needed by a field of your own")]
    placeholders = on_a_card(kind)
    for language in ("de", "en"):
        text = getattr(field.value, language) or ""
        wrong += [
            (f"value.{language}", sentence(found, placeholders)) for found in unknown_in(text, placeholders)
        ]
    return wrong
