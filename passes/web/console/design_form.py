"""The plain form of a design: what was typed, turned into the document that an import would bring.

It knows the common things and leaves all else of the design as it is. What is right is decided by the code
that judges an imported document, and here only said again beside the field it is about.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from passes.cards.face import LANGUAGES
from passes.errors import FieldError
from passes.fields import checked
from passes.programs import designs
from passes.programs.bundles import Bundle, DesignDocument, document_of
from passes.programs.design import Design, ImageName
from passes.programs.queries import ProgramView

COLORS = ("background", "foreground", "label")
IMAGES: tuple[ImageName, ...] = ("logo", "strip")
SHAPES = ("circle", "star", "heart", "square", "cup")
LINKS = 10
LONGEST = {"title": 200, "website": 500}
"""Where a line is enough; the other texts have room for 2,000 characters."""
_OF_KIND = {"stamp": ("reward",), "coupon": ("offer",)}

Texts = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class LinkRow:
    """One link as typed; one without anything in it is none."""

    key: str = ""
    de: str = ""
    en: str = ""
    url: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing was typed."""
        return not (self.de or self.en or self.url)


def text_names(kind: str) -> tuple[str, ...]:
    """The texts of the form, in its order."""
    return ("title", "description", *_OF_KIND.get(kind, ()), "how_it_works", "terms", "website")


@dataclass(frozen=True, slots=True)
class DesignForm:
    """What the form holds."""

    kind: str
    colors: dict[str, str]
    shape: str
    texts: dict[str, dict[str, str]]
    links: tuple[LinkRow, ...]
    removed: frozenset[str] = frozenset()

    @classmethod
    def of_design(cls, kind: str, design: Design, texts: Texts) -> "DesignForm":
        """The form filled in with a design."""
        links = [LinkRow(one.key, one.label.de or "", one.label.en or "", one.url) for one in design.links]
        names = text_names(kind)
        return cls(
            kind,
            dict(design.colors),
            design.stamp_shape or "",
            {lang: {name: texts.get(lang, {}).get(name, "") for name in names} for lang in LANGUAGES},
            (*links, *(LinkRow() for _ in range(LINKS - len(links)))),
        )

    @classmethod
    def of_request(cls, kind: str, form: Mapping[str, str]) -> "DesignForm":
        """The form as it was sent."""
        names = text_names(kind)
        return cls(
            kind,
            {name: _typed(form, f"colors.{name}").lower() for name in COLORS},
            _typed(form, "stamp_shape"),
            {lang: _texts(form, lang, names) for lang in LANGUAGES},
            tuple(_row(form, place) for place in range(LINKS)),
            frozenset(name for name in IMAGES if form.get(f"remove.{name}") == "yes"),
        )

    def document(self, program: ProgramView, design: Design, texts: Texts) -> DesignDocument:
        """The design with what was typed in its place; raises `FieldError` naming fields as the form does."""
        raw = document_of(self.kind, design, texts)
        raw["colors"] = self.colors
        raw["texts"] = {lang: _merged(texts.get(lang, {}), self.texts[lang]) for lang in LANGUAGES}
        raw.pop("stamp_shape", None)
        if self.shape:
            raw["stamp_shape"] = self.shape
        rows = [n for n, row in enumerate(self.links) if not row.is_empty]
        raw["links"] = self._links(rows)
        try:
            document = checked(DesignDocument, raw)
            designs.check(program, Bundle(document, {}, {}))
        except FieldError as error:
            raise FieldError.of([_in_the_form(wrong, rows) for wrong in error.errors]) from None
        return document

    def _links(self, rows: list[int]) -> list[dict[str, Any]]:
        taken = {self.links[n].key for n in rows}
        free = (key for n in range(1, 2 * LINKS + 1) if (key := f"link_{n}") not in taken)
        return [
            {
                "key": row.key or next(free),
                "label": {lang: said for lang, said in (("de", row.de), ("en", row.en)) if said},
                "url": row.url,
            }
            for row in (self.links[n] for n in rows)
        ]


def _merged(before: Mapping[str, str], typed: Mapping[str, str]) -> dict[str, str]:
    """The texts with those typed in their place; one that was emptied is as the card has it by itself."""
    return {**{name: text for name, text in before.items() if name not in typed}, **_filled(typed)}


def _filled(typed: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in typed.items() if text}


def _typed(form: Mapping[str, str], name: str) -> str:
    return form.get(name, "").replace("\r\n", "\n").strip()


def _texts(form: Mapping[str, str], lang: str, names: tuple[str, ...]) -> dict[str, str]:
    """The texts that were sent; what was not asked about stays as it is."""
    sent = {name: f"texts.{lang}.{name}" for name in names}
    return {name: _typed(form, field) for name, field in sent.items() if field in form}


def _row(form: Mapping[str, str], place: int) -> LinkRow:
    key, de, en, url = (
        _typed(form, f"links.{place}.{part}") for part in ("key", "label.de", "label.en", "url")
    )
    # As people type addresses: `example.com/menu` is meant to be opened securely.
    return LinkRow(key, de, en, f"https://{url}" if url and ":" not in url else url)


def _in_the_form(wrong: dict[str, str], rows: list[int]) -> dict[str, str]:
    """The same of the field as the form names it: empty rows between links count there."""
    head, _, rest = wrong["field"].partition(".")
    place, _, part = rest.partition(".")
    if head != "links" or not place.isdecimal():
        return wrong
    return {**wrong, "field": f"links.{rows[int(place)]}.{part}"}
