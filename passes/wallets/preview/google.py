"""Front and details of a card in Google Wallet, read from the class and the object that are sent.

Google decides fonts, places and the colour of words; pictures have the sizes of its brand guidelines, and
at most three rows stand between title and code. https://developers.google.com/wallet/retail
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import babel.numbers

from passes.cards.face import CardFace, Text
from passes.cards.rotating_barcode import totp
from passes.wallets.art.palette import opposite, rgb
from passes.wallets.art.pictures import (
    HERO_SIZE,
    WIDE_LOGO_SIZE,
    has_wide_logo,
    hero_png,
    square_logo_png,
    wide_logo_png,
)
from passes.wallets.google.barcodes import TYPES
from passes.wallets.google.bodies import PublicUrls, class_body, object_body
from passes.wallets.google.names import pass_type
from passes.wallets.preview import letters
from passes.wallets.preview.codes import Look, framed
from passes.wallets.preview.scene import Align, Item, Panel, Picture, Scene, Words

WIDTH = 375.0
MARGIN = 16.0
RADIUS = 24.0
HERO_HEIGHT = WIDTH * HERO_SIZE[1] / HERO_SIZE[0]
MAX_ROWS = 3

_LOGO = 40.0
_WIDE_LOGO = _LOGO * WIDE_LOGO_SIZE[0] / WIDE_LOGO_SIZE[1]
_HEAD = 72.0
_LABEL, _VALUE, _TITLE = 12.0, 17.0, 24.0
_LOOK = Look(side=140.0, radius=16, size=13, color="#1f1f1f", foot=20)
_FORMATS = {name: shown for shown, name in TYPES.items()}
_LOCALES = {"de": "de_DE", "en": "en_GB"}
_BALANCE = Text(de="Guthaben", en="Balance")
_DETAILS = Text(de="Details", en="Details")
_CHANGES = Text(de="Ändert sich alle 30 Sekunden", en="Changes every 30 seconds")
_ISSUER = "0"
_PICTURES = "https://preview.example"
_URLS = PublicUrls(f"{_PICTURES}/logo.png", f"{_PICTURES}/hero.png")
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Bodies:
    """What is sent to Google of one card: its class and its object."""

    pass_class: Json
    object: Json


@dataclass(frozen=True, slots=True)
class _Pass:
    """A class and its object, read in one language."""

    kind: str
    pass_class: Json
    object: Json
    language: str

    def text(self, holder: Json, name: str) -> str:
        """A text with its translation, as `x` and `localizedX`."""
        translated = holder.get(f"localized{name[0].upper()}{name[1:]}")
        if translated is None:
            return str(holder.get(name, ""))
        for value in translated.get("translatedValues", []):
            if value["language"] == self.language:
                return str(value["value"])
        return str(translated["defaultValue"]["value"])

    def at(self, path: str) -> tuple[str, str] | None:
        """Label and value of what a template's path names; None where the card has nothing there."""
        place, _, rest = path.partition(".")
        holder = self.object if place == "object" else self.pass_class
        if rest.startswith("textModulesData['"):
            wanted = rest.removeprefix("textModulesData['").removesuffix("']")
            return next(
                (self.module(m) for m in holder.get("textModulesData", []) if m["id"] == wanted), None
            )
        if rest == "loyaltyPoints.balance" and "loyaltyPoints" in holder:
            points = holder["loyaltyPoints"]
            return self.text(points, "label"), str(next(iter(points["balance"].values())))
        if rest == "balance" and "balance" in holder:
            return _BALANCE.in_language(self.language), self._money(holder["balance"])
        value = holder.get(rest)
        return ("", str(value)) if isinstance(value, str) else None

    def module(self, module: Json) -> tuple[str, str]:
        """Header and body of a text module."""
        return self.text(module, "header"), self.text(module, "body")

    def _money(self, money: Json) -> str:
        amount = Decimal(money["micros"]) / 1_000_000
        return babel.numbers.format_currency(amount, money["currencyCode"], locale=_LOCALES[self.language])

    def rows(self) -> list[list[tuple[str, str]]]:
        """The cells of each row: the template's, or what Google shows without one."""
        template = self.pass_class.get("classTemplateInfo", {}).get("cardTemplateOverride")
        if template is None:
            cells = [cell for cell in [self.at("object.balance")] if cell]
            return [cells] if cells else []
        rows = [self._cells(row) for row in template["cardRowTemplateInfos"][:MAX_ROWS]]
        return [row for row in rows if row]

    def _cells(self, row: Json) -> list[tuple[str, str]]:
        [items] = row.values()
        paths = [field["fieldPath"] for item in items.values() for field in item["firstValue"]["fields"][:1]]
        return [cell for path in paths if (cell := self.at(path)) is not None]

    @property
    def title(self) -> str:
        """The large line: what the program, the offer or the shop is called."""
        name = {"loyalty": "programName", "offer": "title", "giftCard": "merchantName"}[self.kind]
        return self.text(self.pass_class, name)


def bodies(face: CardFace) -> Bodies:
    """Class and object of the card as they would be sent."""
    wide = f"{_PICTURES}/wide-logo.png" if has_wide_logo(face) else None
    urls = replace(_URLS, wide_logo=wide)
    return Bodies(class_body(face, _ISSUER, urls).body, object_body(face, _ISSUER, urls).body)


def _opened(face: CardFace, sent: Bodies, language: str) -> _Pass:
    return _Pass(pass_type(face.kind), sent.pass_class, sent.object, "de" if language == "de" else "en")


def google_front(face: CardFace, sent: Bodies, language: str, at: datetime) -> Scene:
    """The card as Google Wallet opens it `at` a moment (real time), with the pictures of `face`."""
    shown = _opened(face, sent, language)
    ground = str(shown.pass_class.get("hexBackgroundColor", face.colors.background))
    ink = "#{:02x}{:02x}{:02x}".format(*opposite(rgb(ground)))
    items: list[Item] = [*_head(face, shown, ink), Panel(0, _HEAD, WIDTH, 0.75, ink + "33")]
    title, size = letters.fitted(shown.title, _TITLE, WIDTH - 2 * MARGIN, smallest=18)
    items.append(Words(MARGIN, _HEAD + 38, title, size, ink))
    y = _HEAD + 58
    for row in shown.rows():
        items += _row(row, y, ink)
        y += 54
    code, y = _code(shown.object, y + 12, at)
    items += code
    said = [f"{label}: {value}" for row in shown.rows() for label, value in row]
    if "rotatingBarcode" in shown.object:
        note = _CHANGES.in_language(language)
        items.append(Words(WIDTH / 2, y + 18, note, _LABEL, ink, align="center"))
        said.append(note)
        y += 12
    y += 20
    if "heroImage" in shown.object or "heroImage" in shown.pass_class:
        items.append(Picture(0, y, WIDTH, HERO_HEIGHT, hero_png(face)))
        y += HERO_HEIGHT
    return Scene(
        "google-front", shown.language, WIDTH, y, RADIUS, ground, tuple(items), "; ".join([title, *said])
    )


def _head(face: CardFace, shown: _Pass, ink: str) -> Iterator[Item]:
    """The wide logo, in whose place stand the round one and the issuer where a class has none."""
    if {"wideProgramLogo", "wideTitleImage"} & shown.pass_class.keys():
        yield Picture(MARGIN, MARGIN, _WIDE_LOGO, _LOGO, wide_logo_png(face))
        return
    issuer = letters.cut(str(shown.pass_class["issuerName"]), 16, WIDTH - 3 * MARGIN - _LOGO, bold=True)
    yield Picture(MARGIN, MARGIN, _LOGO, _LOGO, square_logo_png(face, 660), round=True)
    yield Words(2 * MARGIN + _LOGO - 4, MARGIN + 26, issuer, 16, ink, bold=True)


def _row(cells: list[tuple[str, str]], y: float, ink: str) -> Iterator[Item]:
    """One to three cells; the first stands left, the last right, one between them in the middle."""
    width = (WIDTH - 2 * MARGIN) / len(cells) - 6
    places: dict[int, list[tuple[Align, float]]] = {
        1: [("left", MARGIN)],
        2: [("left", MARGIN), ("right", WIDTH - MARGIN)],
        3: [("left", MARGIN), ("center", WIDTH / 2), ("right", WIDTH - MARGIN)],
    }
    for (label, value), (align, x) in zip(cells, places[len(cells)], strict=True):
        yield Words(x, y + 14, letters.cut(label, _LABEL, width), _LABEL, ink, align=align)
        short, size = letters.fitted(value, _VALUE, width, smallest=14)
        yield Words(x, y + 35, short, size, ink, bold=True, align=align)


def _code(card: Json, top: float, at: datetime) -> tuple[list[Item], float]:
    """The code that changes by itself, where there is one: phones prefer it to the still one."""
    barcode: Json = card["rotatingBarcode" if "rotatingBarcode" in card else "barcode"]
    message = _of_the_moment(barcode, at) if "totpDetails" in barcode else barcode["value"]
    return framed(WIDTH / 2, top, _FORMATS[barcode["type"]], message, barcode.get("alternateText", ""), _LOOK)


def _of_the_moment(rotating: Json, at: datetime) -> str:
    """What a phone works out of the object's pattern and key at a moment."""
    details = rotating["totpDetails"]
    step = int(at.timestamp() * 1000) // int(details["periodMillis"])
    digits = totp(bytes.fromhex(details["parameters"][0]["key"]), step)
    return str(rotating["valuePattern"]).replace("{totp_value_0}", digits)


def google_details(face: CardFace, sent: Bodies, language: str) -> Scene:
    """What the details below the card list: its texts, then the links."""
    shown = _opened(face, sent, language)
    front = {cell for row in shown.rows() for cell in row}
    modules = [*shown.object.get("textModulesData", []), *shown.pass_class.get("textModulesData", [])]
    told = [shown.module(module) for module in modules]
    told = [(label, text) for label, text in told if (label, text) not in front]
    for name in ("details", "finePrint"):
        if name in shown.pass_class:
            told.append(("", shown.text(shown.pass_class, name)))
    items: list[Item] = [Words(MARGIN, 40, _DETAILS.in_language(language), 20, "#1f1f1f")]
    y = 62.0
    for label, text in told:
        y = _entry(items, y, label, text)
    for holder in (shown.object, shown.pass_class):
        for link in holder.get("linksModuleData", {}).get("uris", []):
            words = letters.cut(shown.text(link, "description"), 15, WIDTH - 2 * MARGIN, bold=True)
            items.append(Words(MARGIN, y + 20, words, 15, "#0b57d0", bold=True))
            y += 36
    said = "; ".join(f"{label}: {text}" if label else text for label, text in told)
    return Scene("google-details", shown.language, WIDTH, y + 16, RADIUS, "#ffffff", tuple(items), said)


def _entry(items: list[Item], y: float, label: str, text: str) -> float:
    if label:
        items.append(Words(MARGIN, y + 14, letters.cut(label, 13, WIDTH - 2 * MARGIN), 13, "#5f6368"))
        y += 20
    for line in letters.wrapped(text, 15, WIDTH - 2 * MARGIN):
        items.append(Words(MARGIN, y + 15, line, 15, "#1f1f1f"))
        y += 15 * letters.LINE_HEIGHT
    return y + 14
