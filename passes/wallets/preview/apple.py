"""Front and back of an Apple pass as a phone lays them out.

Read from the pass.json that is signed, not from the face, so the preview shows what was really said: what
moved to the back stands on the back here too. Sizes of pictures and how many fields stand where are those of
Apple's Human Interface Guidelines for passes; letters are Roboto's, a little wider than the phone's own.
https://developer.apple.com/design/human-interface-guidelines/wallet
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial
from html import unescape
from typing import Any, Literal
from zoneinfo import ZoneInfo

import babel.dates
import babel.numbers

from passes.cards.face import CardFace, Text
from passes.wallets.apple.barcodes import FORMATS
from passes.wallets.apple.images import LOGO_HEIGHT_POINTS, STRIP_POINTS, logo_width
from passes.wallets.apple.pass_json import Document
from passes.wallets.art.palette import mix, rgb
from passes.wallets.art.pictures import logo_pngs, strip_pngs
from passes.wallets.preview import letters
from passes.wallets.preview.codes import Look, framed
from passes.wallets.preview.scene import Align, Item, Panel, Picture, Scene, Words

WIDTH = float(STRIP_POINTS[0])
MARGIN = 14.0
STRIP_TOP = 66.0
RADIUS = 12.0
SCALE = 3
"""Pixels per point of the sharpest phones."""

_LABEL, _VALUE, _PRIMARY, _HEADER = 11.0, 18.0, 44.0, 20.0
_LOCALES = {"de": "de_DE", "en": "en_GB"}
_LOOK = Look(side=148.0, radius=8, size=12, color="#000000", foot=16)
_FORMATS = {name: shown for shown, name in FORMATS.items()}
_BACK_TEXT = 15.0
_GROUP_GAP = 12.0
_DETAILS = Text(de="Details", en="Details")


@dataclass(frozen=True, slots=True)
class _Pass:
    """A pass.json being read in one language, for a shop in one time zone."""

    content: Mapping[str, Any]
    texts: Mapping[str, Text]
    language: Literal["de", "en"]
    zone: ZoneInfo

    def say(self, key: str) -> str:
        """What a string of pass.json reads as."""
        text = self.texts.get(key)
        return key if text is None else text.in_language(self.language)

    def fields(self, role: str) -> list[dict[str, Any]]:
        """The fields in a role of whatever style the pass has."""
        style = next(value for name in ("storeCard", "coupon") if (value := self.content.get(name)))
        found: list[dict[str, Any]] = style.get(role, [])
        return found

    def label(self, field: Mapping[str, Any]) -> str:
        """The label of a field, or nothing."""
        return self.say(field.get("label", ""))

    def value(self, field: Mapping[str, Any]) -> str:
        """The value of a field as the phone formats it in its language."""
        value, locale = field["value"], _LOCALES[self.language]
        if "currencyCode" in field:
            return babel.numbers.format_currency(Decimal(str(value)), field["currencyCode"], locale=locale)
        if "dateStyle" in field:
            at = datetime.fromisoformat(value).astimezone(self.zone)
            return babel.dates.format_date(at, "medium", locale=locale)
        return self.say(value) if isinstance(value, str) else str(value)

    def color(self, name: str) -> str:
        """One of the three colours, as `#rrggbb`."""
        parts = self.content[name].removeprefix("rgb(").removesuffix(")").split(",")
        return "#{:02x}{:02x}{:02x}".format(*(int(part) for part in parts))


def _opened(document: Document, language: str, time_zone: str) -> _Pass:
    spoken: Literal["de", "en"] = "de" if language == "de" else "en"
    return _Pass(document.content, dict(document.texts), spoken, ZoneInfo(time_zone))


def apple_front(
    face: CardFace, document: Document, language: str, time_zone: str = "UTC", scale: int = SCALE
) -> Scene:
    """The front of the pass that `document` describes, with the pictures of `face` at a scale of 1 to 3."""
    shown = _opened(document, language, time_zone)
    items: list[Item] = [*_head(face, shown, scale), *_strip(face, shown, scale)]
    y = STRIP_TOP + STRIP_POINTS[1]
    row = [*shown.fields("secondaryFields"), *shown.fields("auxiliaryFields")]
    if row:
        items += _row(shown, row, y + 14)
        y += 56
    code, bottom = _code(shown, y + 26)
    items += code
    if shown.content.get("voided"):
        items = [_paled(item, shown.color("backgroundColor")) for item in items]
    return Scene(
        "apple-front",
        shown.language,
        WIDTH,
        bottom + 22,
        RADIUS,
        shown.color("backgroundColor"),
        tuple(items),
        _in_words(shown),
    )


def _head(face: CardFace, shown: _Pass, scale: int) -> Iterator[Item]:
    """Logo and its text on the left, the header fields on the right, where they show even in a stack."""
    top = (STRIP_TOP - LOGO_HEIGHT_POINTS) / 2
    width = logo_width(face)
    picture = logo_pngs(face, width, LOGO_HEIGHT_POINTS)[scale - 1]
    yield Picture(MARGIN, top, width, LOGO_HEIGHT_POINTS, picture)
    right = WIDTH - MARGIN
    for field in reversed(shown.fields("headerFields")):
        label, value = shown.label(field), shown.value(field)
        room = max(40.0, (WIDTH - 2 * MARGIN - width) / 2)
        value, size = letters.fitted(value, _HEADER, room, smallest=13)
        label = letters.cut(label, _LABEL, room, bold=True)
        yield Words(right, 27, label, _LABEL, shown.color("labelColor"), bold=True, align="right")
        yield Words(right, 49, value, size, shown.color("foregroundColor"), align="right")
        widest = max(letters.width_of(label, _LABEL, bold=True), letters.width_of(value, size))
        right -= widest + 14
    left = MARGIN + width + 8
    if shown.content.get("logoText") and right - left > 30:
        text, size = letters.fitted(
            shown.say(shown.content["logoText"]), 17, right - left, smallest=12, bold=True
        )
        yield Words(left, STRIP_TOP / 2 + size * 0.36, text, size, shown.color("foregroundColor"), bold=True)


def _strip(face: CardFace, shown: _Pass, scale: int) -> Iterator[Item]:
    """The picture, and over it the one primary field: its value large, its label below."""
    width, height = STRIP_POINTS
    yield Picture(0, STRIP_TOP, width, height, strip_pngs(face)[scale - 1])
    for field in shown.fields("primaryFields")[:1]:
        room = WIDTH - 2 * MARGIN
        value, size = letters.fitted(shown.value(field), _PRIMARY, room, smallest=24)
        middle = STRIP_TOP + height / 2
        ink = shown.color("foregroundColor")
        yield Words(MARGIN, middle + size * 0.16, value, size, ink)
        yield Words(MARGIN, middle + size * 0.16 + 24, letters.cut(shown.label(field), 15, room), 15, ink)


def _row(shown: _Pass, fields: list[dict[str, Any]], y: float) -> Iterator[Item]:
    """Secondary and auxiliary fields share one row, each in a column as wide as its words need."""
    gap, room = 12.0, WIDTH - 2 * MARGIN
    wanted = [_wanted(shown, field) for field in fields]
    free = room - gap * (len(fields) - 1)
    widths = [free * need / sum(wanted) for need in wanted]
    x = MARGIN
    for place, (field, width) in enumerate(zip(fields, widths, strict=True)):
        last = place == len(fields) - 1 > 0
        align: Align = "right" if last else "left"
        at = x + width if last else x
        label = letters.cut(shown.label(field), _LABEL, width, bold=True)
        value, size = letters.fitted(shown.value(field), _VALUE, width, smallest=12)
        yield Words(at, y + 9, label, _LABEL, shown.color("labelColor"), bold=True, align=align)
        yield Words(at, y + 31, value, size, shown.color("foregroundColor"), align=align)
        x += width + gap


def _wanted(shown: _Pass, field: Mapping[str, Any]) -> float:
    label = letters.width_of(shown.label(field), _LABEL, bold=True)
    return max(40.0, label, letters.width_of(shown.value(field), _VALUE))


def _code(shown: _Pass, top: float) -> tuple[list[Item], float]:
    """What a phone shows of the codes: the first, since phones show all four formats."""
    first = shown.content["barcodes"][0]
    return framed(
        WIDTH / 2, top, _FORMATS[first["format"]], first["message"], first.get("altText", ""), _LOOK
    )


def apple_back(document: Document, language: str, time_zone: str = "UTC") -> Scene:
    """The back: every back field in its order, as long as it needs to be."""
    shown = _opened(document, language, time_zone)
    room = WIDTH - 4 * MARGIN
    items: list[Item] = []
    y = 64.0
    title = _DETAILS.in_language(language)
    items.append(Words(WIDTH / 2, 36, title, 17, "#000000", bold=True, align="center"))
    for field in shown.fields("backFields"):
        lines = letters.wrapped(_plain(shown, field), _BACK_TEXT, room)
        step = _BACK_TEXT * letters.LINE_HEIGHT
        height = 34 + step * len(lines)
        items.append(Panel(MARGIN, y, WIDTH - 2 * MARGIN, height, "#ffffff", 10))
        label = letters.cut(shown.label(field), 13, room)
        items.append(Words(2 * MARGIN, y + 20, label, 13, "#6c6c70"))
        ink = "#0060d0" if "attributedValue" in field or _is_address(lines) else "#000000"
        items += [
            Words(2 * MARGIN, y + 24 + step * (row + 0.8), line, _BACK_TEXT, ink)
            for row, line in enumerate(lines)
        ]
        y += height + _GROUP_GAP
    words = "; ".join(f"{shown.label(f)}: {_plain(shown, f)}" for f in shown.fields("backFields"))
    return Scene("apple-back", shown.language, WIDTH, y + 8, RADIUS, "#f2f2f7", tuple(items), words)


def _plain(shown: _Pass, field: Mapping[str, Any]) -> str:
    """A back field as it reads: of an attributed value its words."""
    if "attributedValue" not in field:
        return shown.value(field)
    text, out, inside = shown.say(field["attributedValue"]), "", False
    for character in text:
        inside = character == "<" or (inside and character != ">")
        out += "" if inside or character == ">" else character
    return unescape(out)


def _is_address(lines: list[str]) -> bool:
    return lines[0].startswith(("https://", "http://"))


def _in_words(shown: _Pass) -> str:
    roles = ("headerFields", "primaryFields", "secondaryFields", "auxiliaryFields")
    said = [f"{shown.label(f)}: {shown.value(f)}" for role in roles for f in shown.fields(role)]
    return f"{shown.say(shown.content['description'])}; " + "; ".join(said)


def _paled(item: Item, ground: str) -> Item:
    """What a void pass looks like: its colours fade towards the card."""
    fade = partial(_mixed, other=ground)
    if isinstance(item, Words):
        return Words(item.x, item.y, item.text, item.size, fade(item.color), bold=item.bold, align=item.align)
    return item


def _mixed(color: str, other: str) -> str:
    return "#{:02x}{:02x}{:02x}".format(*mix(rgb(color), rgb(other), 0.45))
