"""pass.json from a card face, on the vocabulary of wallet-py3k.

That library names the styles, fields and barcodes; what it writes lacks half of today's format, so its
objects are read attribute by attribute here and nothing of them leaves this module. Apple's names are
spelled as Apple spells them. https://developer.apple.com/documentation/walletpasses/pass
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from html import escape
from typing import Any, TypeAlias

import orjson
from wallet.models import Coupon, CurrencyField, DateField, DateStyle, Field, PassInformation, StoreCard

from passes.cards.face import CardFace, FaceField, Loss, Text
from passes.ids import format_code
from passes.money import is_currency
from passes.wallets.apple import losses as say
from passes.wallets.apple.actions import featured_actions
from passes.wallets.apple.barcodes import barcodes
from passes.wallets.apple.nfc import nfc
from passes.wallets.apple.relevance import relevance
from passes.wallets.apple.strings import Phrasebook
from passes.wallets.art.palette import rgb
from passes.wallets.losses import Losses, of_field, of_link, stamp_art_unused, wide_logo_unused
from passes.wallets.signing.identity import Signer

NEWS_KEY = "news"
NO_NEWS = "–"
# What Wallet shows of a store card or coupon; secondary and auxiliary fields stand in one row.
MAX_HEADER = 3
MAX_PRIMARY = 1
MAX_ROW = 4
ROLES = ("headerFields", "primaryFields", "secondaryFields", "auxiliaryFields", "backFields")

_NEWS = Text(de="Neuigkeiten", en="Latest news")
_CODE = Text(de="Kartennummer", en="Card number")
_CARD = Text(de="Karte", en="Card")
_HOLDER = Text(de="Name", en="Name")
_TERMS = Text(de="Bedingungen", en="Terms")
_PAGE = Text(de="Karte im Browser", en="Card in the browser")
_ENROL = Text(de="Karte für Freunde", en="A card for friends")
_WEBSITE = Text(de="Website", en="Website")
_TAPPED = re.compile(r"(?:https?://|tel:|mailto:)(?P<said>\S+)")

FaceFields: TypeAlias = tuple[FaceField, ...]


@dataclass(frozen=True, slots=True)
class WebService:
    """Where the phone asks for updates (`/v1/...` is appended) and the token this card's pass shows there."""

    url: str
    token: str


@dataclass(frozen=True, slots=True)
class Document:
    """A pass.json, the texts its strings stand for, and what of the face it does not carry."""

    content: dict[str, Any]
    texts: tuple[tuple[str, Text], ...]
    losses: tuple[Loss, ...] = ()


def pass_json(face: CardFace, identity: Signer, web_service: WebService | None) -> dict[str, Any]:
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


def document(face: CardFace, identity: Signer, web_service: WebService | None) -> Document:
    """pass.json together with the table that translates it, and what could not be carried."""
    book, losses = Phrasebook(), Losses()
    content = {
        "formatVersion": 1,
        "passTypeIdentifier": identity.pass_type_identifier,
        "teamIdentifier": identity.team_identifier,
        "serialNumber": face.card_id,
        **_said(face, book, losses),
    }
    if (held := nfc(face, identity, losses)) is not None:
        content["nfc"] = held
    if web_service:
        content |= {"webServiceURL": web_service.url, "authenticationToken": web_service.token}
    return Document(content, book.entries(), tuple(losses))


def losses_of(face: CardFace) -> tuple[Loss, ...]:
    """What a pass of `face` leaves out or changes, whoever signs it; NFC is left to the certificate."""
    losses = Losses()
    _said(face, Phrasebook(), losses)
    return tuple(losses)


def _said(face: CardFace, book: Phrasebook, losses: Losses) -> dict[str, Any]:
    """All of a pass that comes from its face alone."""
    name = book.key(Text.same(face.organization))
    said = {
        "organizationName": name,
        "description": book.key(face.description),
        # A merchant's own logo nearly always spells its name already.
        "logoText": book.key(face.title) if face.images.logo else name,
        "backgroundColor": _color(face.colors.background),
        "foregroundColor": _color(face.colors.foreground),
        "labelColor": _color(face.colors.label),
        "barcodes": barcodes(face, losses),
        **_style(face, book, losses),
        **relevance(face, book, losses),
        **_validity(face, losses),
        **_balance(face, losses),
    }
    if actions := featured_actions(face):
        said["featuredActions"] = actions
    if not face.shareable:
        said["sharingProhibited"] = True
    if face.rotates:
        losses.append(say.NO_ROTATION)
    losses += stamp_art_unused(face) + wide_logo_unused(face)
    return said


@lru_cache(maxsize=4096)
def _color(color: str) -> str:
    red, green, blue = rgb(color)
    return f"rgb({red}, {green}, {blue})"


def _validity(face: CardFace, losses: Losses) -> dict[str, Any]:
    validity: dict[str, Any] = {}
    if face.expires_at:
        validity["expirationDate"] = w3c_date(face.expires_at)
    if face.spent:
        validity["voided"] = True
    elif face.state != "active" and "state" not in {field.key for field in face.fields}:
        losses.append(say.STATE_NOT_SHOWN)
    return validity


def _balance(face: CardFace, losses: Losses) -> dict[str, Any]:
    """What a gift card holds, for the phone's own use; Apple wants this amount as a string."""
    if face.available != face.balance:
        losses.append(say.HELD_NOT_SHOWN)
    if face.kind != "gift":
        return {}
    amount = format(face.balance.as_decimal(), "f")
    return {"semantics": {"balance": {"amount": amount, "currencyCode": face.balance.asset}}}


def w3c_date(at: datetime) -> str:
    """A date as Wallet reads it: whole seconds and `Z`; fractions make it refuse the whole pass."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _style(face: CardFace, book: Phrasebook, losses: Losses) -> dict[str, Any]:
    """The style under its name, its fields by role; what a role cannot show moves to the back."""
    primary, row = face.in_role("primary"), face.in_role("secondary") + face.in_role("auxiliary")
    if face.stamps and primary:
        losses += map(say.below_the_stamps, primary)
        primary, row = (), primary + row
    header, overflow = _split(face.in_role("header"), MAX_HEADER)
    primary, more = _split(primary, MAX_PRIMARY)
    overflow += more
    row, more = _split(row, MAX_ROW)
    overflow += more
    losses += map(say.moved_to_back, overflow)
    style: PassInformation = Coupon() if face.kind == "coupon" else StoreCard()
    style.headerFields = [_field(field, book, losses) for field in header]
    style.primaryFields = [_field(field, book, losses) for field in primary]
    style.secondaryFields = [_field(field, book, losses) for field in row if field.role != "auxiliary"]
    style.auxiliaryFields = [_field(field, book, losses) for field in row if field.role == "auxiliary"]
    linked = tuple(field for field in (*header, *primary, *row) if field.link)
    losses += map(say.link_on_back, linked)
    style.backFields = list(_back(face, overflow, linked, book, losses))
    filled = ((role, getattr(style, role)) for role in ROLES)
    return {
        style.jsonname: {role: [_written(field) for field in fields] for role, fields in filled if fields}
    }


def _split(fields: FaceFields, limit: int) -> tuple[FaceFields, FaceFields]:
    return fields[:limit], fields[limit:]


def _back(
    face: CardFace, overflow: FaceFields, linked: FaceFields, book: Phrasebook, losses: Losses
) -> Iterator[Field]:
    """News first; then the face's own back; code, links and terms last, unless the face brings its own.

    Keys of ours that no design can have are those with a hyphen.
    """
    own = {field.key: field for field in face.fields}
    if NEWS_KEY not in own:
        # Always there: Wallet only announces a change of a field that the installed pass already has.
        news = Field(NEWS_KEY, book.key(face.news) if face.news else NO_NEWS, book.key(_NEWS))
        news.changeMessage = "%@"
        yield news
    elif face.news:
        losses.append(say.replaced("news", own[NEWS_KEY]))
    if face.news and face.news_at:
        losses.append(say.NEWS_WITHOUT_DATE)
    for field in (*overflow, *face.in_role("back")):
        yield _back_field(field, book, losses)
    for field in linked:
        if field.link:
            yield _address(f"{field.key}-link", field.label, field.link, of_field(field.key), book, losses)
    for link in face.links:
        yield _address(f"link-{link.key}", link.label, link.url, of_link(link.key), book, losses)
    if face.member_name and "member" not in own:
        yield Field("holder-name", book.key(Text.same(face.member_name)), book.key(_HOLDER))
    if not face.images.logo and face.title != Text.same(face.organization):
        yield Field("card-title", book.key(face.title), book.key(_CARD))
    yield from _closing(face, own, book, losses)


def _closing(face: CardFace, own: dict[str, FaceField], book: Phrasebook, losses: Losses) -> Iterator[Field]:
    """What every card has at its end."""
    addresses = [("page", _PAGE, face.page_url)]
    if face.kind != "gift":  # gift cards are bought, not given away by a link
        addresses.append(("enrol", _ENROL, face.enrol_url))
    if face.website:
        addresses.append(("website", _WEBSITE, face.website))
    shown = [Field("code", format_code(face.code), book.key(_CODE))]
    shown += [_address(key, label, url, key, book, losses) for key, label, url in addresses]
    if face.terms:
        shown.append(Field("terms", book.key(face.terms), book.key(_TERMS)))
    for field in shown:
        if field.key in own:
            losses.append(say.replaced(_PARTS.get(field.key, field.key), own[field.key]))
        else:
            yield field


_PARTS = {"page": "page_url", "enrol": "enrol_url"}
"""What the face calls a part that has another name on the card."""


def _field(field: FaceField, book: Phrasebook, losses: Losses) -> Field:
    """The field in Wallet's words; money and dates are left to the phone to format in its language."""
    label = book.key(field.label)
    if field.money and is_currency(field.money.asset):
        shown = CurrencyField(field.key, field.money.as_decimal(), label, field.money.asset)
    elif field.at:
        shown = DateField(field.key, w3c_date(field.at), label)
        shown.dateStyle, shown.timeStyle = DateStyle.MEDIUM, DateStyle.NONE
    else:
        shown = Field(field.key, book.key(field.value), label)
    message = field.change_message
    if message and "%@" in message.de and "%@" in message.en:
        shown.changeMessage = book.key(message)
    elif message:
        losses.append(say.message_without_value(field))
    return shown


def _back_field(field: FaceField, book: Phrasebook, losses: Losses) -> Field:
    shown = _field(field, book, losses)
    if field.link and _TAPPED.fullmatch(field.link):
        shown.attributedValue = book.key(
            Text(de=_anchor(field.link, field.value.de), en=_anchor(field.link, field.value.en))
        )
    elif field.link:
        losses.append(say.field_link_not_opened(field))
    return shown


def _address(key: str, label: Text, url: str, part: str, book: Phrasebook, losses: Losses) -> Field:
    """An address to tap; where nothing can be tapped, as on a watch, it is read instead."""
    shown = Field(key, book.key(Text.same(url)), book.key(label))
    tapped = _TAPPED.fullmatch(url)
    if tapped:
        shown.attributedValue = book.key(Text.same(_anchor(url, tapped["said"].rstrip("/"))))
    else:
        losses.append(say.link_not_opened(part))
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
