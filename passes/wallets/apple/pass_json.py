"""pass.json from a card face, on the vocabulary of wallet-py3k.

That library names the styles, fields and barcodes; what it writes lacks half of today's format, so its
objects are read attribute by attribute here and nothing of them leaves this module. Apple's names are
spelled as Apple spells them. https://developer.apple.com/documentation/walletpasses/pass
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from html import escape
from typing import Any, TypeAlias

import orjson
from wallet.models import (
    Barcode,
    BarcodeFormat,
    Coupon,
    CurrencyField,
    DateField,
    DateStyle,
    Field,
    PassInformation,
    StoreCard,
)

from passes.cards.face import CardFace, FaceField, Text
from passes.ids import format_code
from passes.money import is_currency
from passes.wallets.apple.strings import Phrasebook
from passes.wallets.art.palette import rgb
from passes.wallets.signing.identity import SigningIdentity

NEWS_KEY = "news"
NO_NEWS = "–"
MAX_LOCATIONS = 10
# What Wallet shows of a store card or coupon; secondary and auxiliary fields stand in one row.
MAX_HEADER = 3
MAX_PRIMARY = 1
MAX_ROW = 4
ROLES = ("headerFields", "primaryFields", "secondaryFields", "auxiliaryFields", "backFields")

_NEWS = Text(de="Neuigkeiten", en="Latest news")
_CODE = Text(de="Kartennummer", en="Card number")
_TERMS = Text(de="Bedingungen", en="Terms")
_PAGE = Text(de="Karte im Browser", en="Card in the browser")
_ENROL = Text(de="Karte für Freunde", en="A card for friends")
_WEBSITE = Text(de="Website", en="Website")

FaceFields: TypeAlias = tuple[FaceField, ...]


@dataclass(frozen=True, slots=True)
class WebService:
    """Where the phone asks for updates (`/v1/...` is appended) and the token this card's pass shows there."""

    url: str
    token: str


@dataclass(frozen=True, slots=True)
class Document:
    """A pass.json and the texts its strings stand for."""

    content: dict[str, Any]
    texts: tuple[tuple[str, Text], ...]


def pass_json(face: CardFace, identity: SigningIdentity, web_service: WebService | None) -> dict[str, Any]:
    """pass.json as a dictionary; money is `Decimal`, to be written by `to_bytes`.

    Without `web_service` the pass is whole but never updates itself.
    """
    return document(face, identity, web_service).content


def to_bytes(content: dict[str, Any]) -> bytes:
    """The dictionary as UTF-8 JSON, in which 12.50 stays 12.50."""
    return orjson.dumps(content, default=_exact_number)


def _exact_number(value: object) -> orjson.Fragment:
    if isinstance(value, Decimal):
        return orjson.Fragment(format(value, "f"))
    raise TypeError(f"{type(value).__name__} has no place in a pass.json")


def document(face: CardFace, identity: SigningIdentity, web_service: WebService | None) -> Document:
    """pass.json together with the table that translates it."""
    book = Phrasebook()
    name = book.key(Text.same(face.organization))
    content = {
        "formatVersion": 1,
        "passTypeIdentifier": identity.pass_type_identifier,
        "teamIdentifier": identity.team_identifier,
        "serialNumber": face.card_id,
        "organizationName": name,
        "description": book.key(face.description),
        # A merchant's own logo nearly always spells its name already.
        "logoText": book.key(face.title) if face.images.logo else name,
        "backgroundColor": _color(face.colors.background),
        "foregroundColor": _color(face.colors.foreground),
        "labelColor": _color(face.colors.label),
        "barcodes": [_barcode(face)],
        **_style(face, book),
        **_relevance(face, book),
        **_validity(face),
        **_balance(face),
    }
    if web_service:
        content |= {"webServiceURL": web_service.url, "authenticationToken": web_service.token}
    return Document(content, book.entries())


@lru_cache(maxsize=4096)
def _color(color: str) -> str:
    red, green, blue = rgb(color)
    return f"rgb({red}, {green}, {blue})"


def _barcode(face: CardFace) -> dict[str, str]:
    barcode = Barcode(face.barcode, BarcodeFormat.QR, format_code(face.code))
    return {
        "format": barcode.format,
        "message": barcode.message,
        "messageEncoding": barcode.messageEncoding,
        "altText": barcode.altText,
    }


def _relevance(face: CardFace, book: Phrasebook) -> dict[str, Any]:
    locations: list[dict[str, Any]] = []
    for place in face.places[:MAX_LOCATIONS]:
        location: dict[str, Any] = {"latitude": place.latitude, "longitude": place.longitude}
        if place.text:
            location["relevantText"] = book.key(place.text)
        locations.append(location)
    return {"locations": locations} if locations else {}


def _validity(face: CardFace) -> dict[str, Any]:
    validity: dict[str, Any] = {}
    if face.expires_at:
        validity["expirationDate"] = w3c_date(face.expires_at)
    if face.spent:
        validity["voided"] = True
    return validity


def _balance(face: CardFace) -> dict[str, Any]:
    """What a gift card holds, for the phone's own use; Apple wants this amount as a string."""
    if face.kind != "gift":
        return {}
    amount = format(face.balance.as_decimal(), "f")
    return {"semantics": {"balance": {"amount": amount, "currencyCode": face.balance.asset}}}


def w3c_date(at: datetime) -> str:
    """A date as Wallet reads it: whole seconds and `Z`; fractions make it refuse the whole pass."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _style(face: CardFace, book: Phrasebook) -> dict[str, Any]:
    """The style under its name, its fields by role; what a role cannot show moves to the back."""
    header, overflow = _split(face.in_role("header"), MAX_HEADER)
    primary, more = _split(face.in_role("primary"), MAX_PRIMARY)
    overflow += more
    row, more = _split(face.in_role("secondary") + face.in_role("auxiliary"), MAX_ROW)
    overflow += more
    style: PassInformation = Coupon() if face.kind == "coupon" else StoreCard()
    style.headerFields = [_field(field, book) for field in header]
    style.primaryFields = [_field(field, book) for field in primary]
    style.secondaryFields = [_field(field, book) for field in row if field.role == "secondary"]
    style.auxiliaryFields = [_field(field, book) for field in row if field.role == "auxiliary"]
    style.backFields = list(_back(face, overflow, book))
    filled = ((role, getattr(style, role)) for role in ROLES)
    return {
        style.jsonname: {role: [_written(field) for field in fields] for role, fields in filled if fields}
    }


def _split(fields: FaceFields, limit: int) -> tuple[FaceFields, FaceFields]:
    return fields[:limit], fields[limit:]


def _back(face: CardFace, overflow: FaceFields, book: Phrasebook) -> Iterator[Field]:
    """News first; then the face's own back; code, links and terms last, unless the face brings its own."""
    taken = {field.key for field in face.fields}
    if NEWS_KEY not in taken:
        # Always there: Wallet only announces a change of a field that the installed pass already has.
        news = Field(NEWS_KEY, book.key(face.news) if face.news else NO_NEWS, book.key(_NEWS))
        news.changeMessage = "%@"
        yield news
    for field in (*overflow, *face.in_role("back")):
        yield _back_field(field, book)
    for key, label, text in _closing(face, book):
        if key not in taken:
            yield Field(key, text, book.key(label))


def _closing(face: CardFace, book: Phrasebook) -> Iterator[tuple[str, Text, str]]:
    yield "code", _CODE, format_code(face.code)
    yield "page", _PAGE, face.page_url
    if face.kind != "gift":  # gift cards are bought, not given away by a link
        yield "enrol", _ENROL, face.enrol_url
    if face.website:
        yield "website", _WEBSITE, book.key(Text.same(face.website))
    if face.terms:
        yield "terms", _TERMS, book.key(face.terms)


def _field(field: FaceField, book: Phrasebook) -> Field:
    """The field in Wallet's words; money and dates are left to the phone to format in its language."""
    label = book.key(field.label)
    if field.money and is_currency(field.money.asset):
        shown = CurrencyField(field.key, field.money.as_decimal(), label, field.money.asset)
    elif field.at:
        shown = DateField(field.key, w3c_date(field.at), label)
        shown.dateStyle, shown.timeStyle = DateStyle.MEDIUM, DateStyle.NONE
    else:
        shown = Field(field.key, book.key(field.value), label)
    if field.change_message:
        shown.changeMessage = book.key(field.change_message)
    return shown


def _back_field(field: FaceField, book: Phrasebook) -> Field:
    shown = _field(field, book)
    if field.link:
        shown.attributedValue = book.key(
            Text(de=_anchor(field.link, field.value.de), en=_anchor(field.link, field.value.en))
        )
    return shown


def _anchor(link: str, text: str) -> str:
    """The one piece of HTML Wallet reads."""
    return f'<a href="{escape(link)}">{escape(text, quote=False)}</a>'


def _written(field: Field) -> dict[str, Any]:
    """The field's attributes without the library's empty and default ones, some of which are illegal."""
    written: dict[str, Any] = vars(field)
    for name in ("textAlignment", "isRelative"):
        written.pop(name, None)
    for name in ("label", "changeMessage"):
        if not written[name]:
            del written[name]
    return written
