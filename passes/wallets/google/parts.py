"""The pieces Google's classes and objects are made of, and a record of what did not fit.

Sizes are those Google recommends so that nothing is cut on small screens; here they are limits, because
a cut we make and record is better than one nobody hears of.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from passes.cards.face import CardFace, FaceField, Loss, Place, Text
from passes.clock import format_rfc3339
from passes.money import Money, decimals
from passes.wallets.google.losses import LossNotes
from passes.wallets.losses import of_field

Json = dict[str, Any]

HEADER_LENGTH = 35
BODY_LENGTH = 500
LINK_LENGTH = 20
MODULES_PER_LEVEL = 10
LOCATIONS_PER_LEVEL = 10

_FOREIGN = re.compile(r"[^A-Za-z0-9_-]")
_LINK_SCHEMES = ("http://", "https://", "tel:", "mailto:", "geo:")


@dataclass(frozen=True, slots=True)
class Rendering:
    """A body as Google takes it, and everything of the face that it could not carry as it was meant."""

    body: Json
    losses: tuple[Loss, ...]


@dataclass(frozen=True, slots=True)
class TextModule:
    """One labelled text of the pass, before it is cut to Google's sizes.

    `part` is what it was on the face, as a loss names it.
    """

    id: str
    header: Text
    body: Text
    part: str


@dataclass(frozen=True, slots=True)
class LinkTarget:
    """An address to tap, what to call it, and what it was on the face."""

    id: str
    url: str
    label: Text
    part: str


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


def front_modules(fields: Sequence[FaceField], cells: int, losses: LossNotes) -> list[TextModule]:
    """What the front of the card says besides its balance, in the order of the face.

    As many as the front has `cells` are named by place rather than by key, so that the one template in the
    class can show them for every card; the rest is read in the details.
    """
    for field in fields[cells:]:
        losses.changed(
            of_field(field.key),
            f"„{field.label.de}“ steht in den Details: vorn ist bei Google Platz für {cells} Felder.",
            f"“{field.label.en}” is in the details: Google's front has room for {cells} fields.",
        )
    return [
        TextModule(
            f"front_{place}" if place <= cells else field.key, field.label, field.value, of_field(field.key)
        )
        for place, field in enumerate(fields, start=1)
    ]


def back_modules(fields: Iterable[FaceField]) -> list[TextModule]:
    """What the back of the card says, under the keys of its fields."""
    return [TextModule(field.key, field.label, field.value, of_field(field.key)) for field in fields]


def text_modules(modules: list[TextModule], losses: LossNotes) -> list[Json]:
    """`textModulesData` of at most ten modules; what is cut or left out is added to `losses`."""
    for module in modules[MODULES_PER_LEVEL:]:
        losses.left_out(
            module.part,
            f"„{module.header.de}“ fehlt: Google zeigt {MODULES_PER_LEVEL} Texte.",
            f"“{module.header.en}” is missing: Google shows {MODULES_PER_LEVEL} texts.",
        )
    shown = modules[:MODULES_PER_LEVEL]
    names = _distinct([module.id for module in shown])
    return [
        {
            "id": name,
            **bilingual("header", _cut(module.header, HEADER_LENGTH, module, "label", losses)),
            **bilingual("body", _cut(module.body, BODY_LENGTH, module, "value", losses)),
        }
        for name, module in zip(names, shown, strict=True)
    ]


def links(targets: Sequence[LinkTarget], losses: LossNotes) -> Json:
    """`linksModuleData`; addresses Google cannot open are left out."""
    able = [target for target in targets if target.url.startswith(_LINK_SCHEMES)]
    for target in targets:
        if target not in able:
            losses.left_out(
                target.part,
                f"Der Link „{target.label.de}“ fehlt: diese Art von Adresse öffnet Google nicht.",
                f"The link “{target.label.en}” is missing: Google does not open such an address.",
            )
    names = _distinct([target.id for target in able])
    return {
        "uris": [
            {
                "id": name,
                "uri": target.url,
                **bilingual("description", _short(target, losses)),
            }
            for name, target in zip(names, able, strict=True)
        ]
    }


def merchant_locations(face: CardFace, losses: LossNotes) -> list[Json]:
    """The first ten shops; Google refuses the whole class when there are more."""
    own = len(own_locations(face))
    left_out = len(face.places) - LOCATIONS_PER_LEVEL - own
    if left_out > 0:
        losses.left_out(
            "places",
            f"{left_out} Standorte fehlen: Google nimmt {LOCATIONS_PER_LEVEL} für alle Karten und "
            f"{LOCATIONS_PER_LEVEL} je Karte, auf der die Läden stehen, in denen sie benutzt wurde.",
            f"{left_out} shops are missing: Google takes {LOCATIONS_PER_LEVEL} for all cards and "
            f"{LOCATIONS_PER_LEVEL} per card, which are the shops it was used at.",
        )
    losses.left_out(
        "places.text",
        "In der Nähe eines Ladens meldet Google die Karte in eigenen Worten, ohne seinen Namen und Text.",
        "Near a shop Google announces the card in its own words, without the shop's name and text.",
    )
    return _positions(face.places)


def own_locations(face: CardFace) -> list[Json]:
    """The shops this card was used at that are not among those of all cards, ten at most."""
    shared = _positions(face.places)
    return [place for place in _positions(face.places_used) if place not in shared]


def _positions(places: Sequence[Place]) -> list[Json]:
    return [{"latitude": p.latitude, "longitude": p.longitude} for p in places[:LOCATIONS_PER_LEVEL]]


def _distinct(keys: Sequence[str]) -> list[str]:
    """Each key with only the characters Google takes in a module's id, and no two the same."""
    names: list[str] = []
    for key in keys:
        name = plain = _FOREIGN.sub("-", key)
        while name in names:
            name = f"{plain}-{len(names)}"
        names.append(name)
    return names


def _cut(text: Text, length: int, module: TextModule, which: str, losses: LossNotes) -> Text:
    if max(len(text.de), len(text.en)) <= length:
        return text
    losses.changed(
        module.part if which == "value" else f"{module.part}.label",
        f"„{_shorten(module.header.de, HEADER_LENGTH)}“ wird nach {length} Zeichen abgeschnitten.",
        f"“{_shorten(module.header.en, HEADER_LENGTH)}” is cut after {length} characters.",
    )
    return Text(de=_shorten(text.de, length), en=_shorten(text.en, length))


def _short(target: LinkTarget, losses: LossNotes) -> Text:
    label = target.label
    if max(len(label.de), len(label.en)) <= LINK_LENGTH:
        return label
    losses.changed(
        target.part,
        f"Der Name des Links „{label.de}“ wird nach {LINK_LENGTH} Zeichen abgeschnitten.",
        f"The name of the link “{label.en}” is cut after {LINK_LENGTH} characters.",
    )
    return Text(de=_shorten(label.de, LINK_LENGTH), en=_shorten(label.en, LINK_LENGTH))


def _shorten(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"
