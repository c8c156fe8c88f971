"""The pieces Google's classes and objects are made of, and a record of what did not fit.

Sizes are those Google recommends so that nothing is cut on small screens; here they are limits, because
a cut we make and record is better than one nobody hears of.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from passes.cards.face import CardFace, FaceField, Text
from passes.clock import format_rfc3339
from passes.ids import format_code
from passes.money import Money, decimals

Json = dict[str, Any]

HEADER_LENGTH = 35
BODY_LENGTH = 500
LINK_LENGTH = 20
MODULES_PER_LEVEL = 10
LOCATIONS_PER_LEVEL = 10
FRONT_CELLS = 3

_FOREIGN = re.compile(r"[^A-Za-z0-9_-]")
_LINK_SCHEMES = ("http://", "https://", "tel:", "mailto:", "geo:")


@dataclass(frozen=True, slots=True)
class Rendering:
    """A body as Google takes it, and a sentence for everything it could not carry."""

    body: Json
    losses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TextModule:
    """One labelled text of the pass, before it is cut to Google's sizes."""

    id: str
    header: Text
    body: Text


def localized(text: Text) -> Json:
    """A LocalizedString: English for everybody, German for those who read it."""
    return {
        "defaultValue": {"language": "en", "value": text.en},
        "translatedValues": [{"language": "de", "value": text.de}],
    }


def bilingual(name: str, text: Text) -> Json:
    """The pair Google wants for every text: `x` as fallback and `localizedX` in both languages."""
    return {name: text.en, f"localized{name[0].upper()}{name[1:]}": localized(text)}


def image(url: str, description: Text) -> Json:
    """A picture Google fetches from `url`, and what a screen reader says in its place."""
    return {"sourceUri": {"uri": url}, "contentDescription": localized(description)}


def barcode(face: CardFace) -> Json:
    """What the till scans, with the typed code below it."""
    return {"type": "QR_CODE", "value": face.barcode, "alternateText": format_code(face.code)}


def money(value: Money) -> Json | None:
    """Money in micros of the major unit whatever the currency's decimals, as a string of digits.

    None for amounts beyond the 64 bits Google has for micros, some nine trillion euros.
    """
    micros = value.amount * 10 ** (6 - decimals(value.asset))
    return {"micros": str(micros), "currencyCode": value.asset} if micros < 2**63 else None


def until(face: CardFace) -> Json:
    """`validTimeInterval` for a card that ends; nothing for one that does not."""
    if face.expires_at is None:
        return {}
    return {"validTimeInterval": {"end": {"date": format_rfc3339(face.expires_at)}}}


def front_modules(fields: Iterable[FaceField]) -> list[TextModule]:
    """What the front of the card says besides its balance.

    The first few are named by place rather than by key, so that the one template in the class can show
    them for every card; the rest is read in the details.
    """
    return [
        TextModule(
            f"front_{place}" if place <= FRONT_CELLS else _module_id(field.key), field.label, field.value
        )
        for place, field in enumerate(fields, start=1)
    ]


def back_modules(fields: Iterable[FaceField]) -> list[TextModule]:
    """What the back of the card says, under the keys of its fields."""
    return [TextModule(_module_id(field.key), field.label, field.value) for field in fields]


def _module_id(key: str) -> str:
    return _FOREIGN.sub("-", key)


def text_modules(modules: list[TextModule], losses: list[str]) -> list[Json]:
    """`textModulesData` of at most ten modules; what is cut or left out is added to `losses`."""
    losses += [
        f"{module.id}: left out, Google shows {MODULES_PER_LEVEL} texts"
        for module in modules[MODULES_PER_LEVEL:]
    ]
    return [
        {
            "id": module.id,
            **bilingual("header", _cut(module.header, HEADER_LENGTH, f"{module.id} header", losses)),
            **bilingual("body", _cut(module.body, BODY_LENGTH, f"{module.id} body", losses)),
        }
        for module in modules[:MODULES_PER_LEVEL]
    ]


def links(targets: list[tuple[str, str, Text]], losses: list[str]) -> Json:
    """`linksModuleData` from (id, address, description); addresses Google cannot open are left out."""
    uris = []
    for key, address, description in targets:
        if not address.startswith(_LINK_SCHEMES):
            losses.append(f"{key}: left out, Google does not open {address.partition(':')[0]} links")
            continue
        short = _cut(description, LINK_LENGTH, f"{key} description", losses)
        uris.append({"id": _module_id(key), "uri": address, **bilingual("description", short)})
    return {"uris": uris}


def merchant_locations(face: CardFace, losses: list[str]) -> list[Json]:
    """The first ten shops; Google refuses the whole class when there are more."""
    left_out = len(face.places) - LOCATIONS_PER_LEVEL
    if left_out > 0:
        losses.append(f"places: {left_out} left out, Google takes {LOCATIONS_PER_LEVEL}")
    places = face.places[:LOCATIONS_PER_LEVEL]
    return [{"latitude": place.latitude, "longitude": place.longitude} for place in places]


def _cut(text: Text, length: int, what: str, losses: list[str]) -> Text:
    if max(len(text.de), len(text.en)) <= length:
        return text
    losses.append(f"{what}: cut to {length} characters")
    return Text(de=_shorten(text.de, length), en=_shorten(text.en, length))


def _shorten(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"
