"""Making and changing programs."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from passes.audit import service as audit
from passes.db.engine import UnitOfWork
from passes.errors import FieldError
from passes.fields import dotted, wrong_fields
from passes.ids import new_id
from passes.programs import queries
from passes.programs.design import Barcode, Design, ImageName, check_for_kind
from passes.programs.models import PARTS, Program, ProgramImage, ProgramVersion
from passes.programs.pictures import Picture
from passes.programs.queries import ProgramView
from passes.programs.rules import Rules, parse_rules

DEFAULT_COLORS = {
    "stamp": {"background": "#3b2a20", "foreground": "#fff8ee", "label": "#e8c9a0"},
    "coupon": {"background": "#9c2f3d", "foreground": "#ffffff", "label": "#ffd9d2"},
    "gift": {"background": "#1e4d45", "foreground": "#ffffff", "label": "#bfe3d4"},
    "points": {"background": "#26355d", "foreground": "#ffffff", "label": "#c3d0f2"},
}
_SLUG_ATTEMPTS = 50
_GERMAN = {ord("ä"): "ae", ord("ö"): "oe", ord("ü"): "ue", ord("ß"): "ss"}


@dataclass(frozen=True, slots=True)
class ProgramDraft:
    """What a merchant writes to make a program; `look` holds any parts of `Look`.

    The images were cleaned before: decoding takes long, and only one at a time can write.
    """

    kind: str
    name: str
    rules: dict[str, Any]
    slug: str | None = None
    currency: str | None = None
    colors: dict[str, str] = field(default_factory=dict)
    images: dict[ImageName, Picture] = field(default_factory=dict)
    texts: dict[str, dict[str, str]] = field(default_factory=dict)
    barcode: Barcode = "plain"
    look: dict[str, Any] = field(default_factory=dict)


def create_program(
    uow: UnitOfWork, merchant_id: str, merchant_slug: str, draft: ProgramDraft, actor: str
) -> ProgramView:
    """Make a program; raises `FieldError` naming what is wrong."""
    if draft.kind == "gift" and draft.currency is None:
        raise FieldError("currency", "a gift card needs one, for example EUR")
    rules = checked_rules(draft.kind, draft.rules, draft.currency)
    images = store_images(uow, merchant_id, draft.images)
    colors = {**DEFAULT_COLORS[draft.kind], **draft.colors}
    design = checked_design(
        draft.kind, {"colors": colors, "images": images, "barcode": draft.barcode, **draft.look}
    )
    program_id = _insert_program(uow, merchant_id, merchant_slug, draft)
    stored = _stored(rules, design, draft.texts)
    _write_version(uow, merchant_id, program_id, 1, stored, PARTS)
    audit.record(uow, merchant_id, actor, "programs.create", program_id, kind=draft.kind)
    return queries.as_written(uow, program_id)


def _insert_program(uow: UnitOfWork, merchant_id: str, merchant_slug: str, draft: ProgramDraft) -> str:
    """The id of the new row. Somebody else may take the slug while we look for a free one: then again."""
    program_id = new_id("prog")
    row = {
        "id": program_id,
        "merchant_id": merchant_id,
        "kind": draft.kind,
        "name": draft.name,
        "currency": draft.currency,
        "version": 1,
        "created_at": uow.now,
        "updated_at": uow.now,
    }
    for _ in range(_SLUG_ATTEMPTS):
        slug = _taken_or_free(uow, merchant_slug, draft)
        with suppress(IntegrityError), uow.savepoint():
            uow.conn.execute(insert(Program).values(slug=slug, **row))
            return program_id
    raise FieldError("slug", "could not be found a free one; choose one yourself")


def change_program(
    uow: UnitOfWork,
    program: ProgramView,
    actor: str,
    *,
    name: str | None = None,
    rules: dict[str, Any] | None = None,
    colors: dict[str, str] | None = None,
    images: Mapping[ImageName, Picture | None] | None = None,
    texts: dict[str, dict[str, str]] | None = None,
    barcode: Barcode | None = None,
    look: dict[str, Any] | None = None,
) -> ProgramView:
    """Write the next version of a program. What is not given stays; an image of None is the default again.

    A part of the `look` is replaced as a whole.
    """
    new_rules = checked_rules(program.kind, rules, program.currency) if rules is not None else program.rules
    kept = {k: v for k, v in program.images.items() if k not in (images or {})}
    added = store_images(uow, program.merchant_id, {k: v for k, v in (images or {}).items() if v is not None})
    design = checked_design(
        program.kind,
        {
            **program.design.stored(),
            "colors": {**program.colors, **(colors or {})},
            "images": {**kept, **added},
            "barcode": barcode or program.barcode,
            **(look or {}),
        },
    )
    merged = {lang: {**program.texts.get(lang, {}), **(texts or {}).get(lang, {})} for lang in ("de", "en")}
    return write_next(uow, program, actor, rules=new_rules, design=design, texts=merged, name=name)


def write_next(
    uow: UnitOfWork,
    program: ProgramView,
    actor: str,
    *,
    rules: Rules,
    design: Design,
    texts: dict[str, dict[str, str]],
    name: str | None = None,
    action: str = "programs.change",
    **noted: Any,
) -> ProgramView:
    """Write the version after `program`; raises `FieldError` when somebody else already has."""
    version = program.version + 1
    changed = uow.conn.execute(
        update(Program)
        .where(Program.id == program.id, Program.version == program.version)
        .values(version=version, name=name or program.name, updated_at=uow.now)
    )
    if changed.rowcount != 1:
        raise FieldError("version", "somebody else has just changed this program; read it again")
    stored = _stored(rules, design, texts)
    before = _stored(program.rules, program.design, program.texts)
    differing = [name for name in PARTS if stored[name] != before[name]]
    _write_version(uow, program.merchant_id, program.id, version, stored, differing)
    said = {"version": version, "changed": differing, **noted}
    audit.record(uow, program.merchant_id, actor, action, program.id, **said)
    return queries.as_written(uow, program.id)


def checked_design(kind: str, raw: dict[str, Any]) -> Design:
    """The design parsed; raises `FieldError` naming every part that is wrong or no part of such a card."""
    try:
        design = Design.model_validate(raw)
    except ValidationError as error:
        raise wrong_fields(error, lambda place: dotted(("design", *place))) from None
    check_for_kind(design, kind)
    return design


def checked_rules(kind: str, raw: dict[str, Any], currency: str | None) -> Rules:
    """The rules parsed; raises `FieldError` naming every field that is wrong."""
    try:
        return parse_rules(kind, raw, currency)
    except ValidationError as error:
        raise wrong_fields(error, _field_name) from None


def _field_name(location: tuple[int | str, ...]) -> str:
    """`rules.offer.percent`: the parser also names which of the offers it tried, and nobody wrote that."""
    tried = location[:1] == ("offer",) and location[1:2]
    return ".".join(str(part) for part in ("rules", *location[:1], *location[2 if tried else 1 :]))


def _stored(rules: Rules, design: Design, texts: dict[str, dict[str, str]]) -> dict[str, dict[str, Any]]:
    """The parts of a version as they are written to the database."""
    return {
        "rules": rules.model_dump(mode="json", exclude_none=True),
        "design": design.stored(),
        "texts": {"de": {}, "en": {}, **texts},
    }


def _write_version(
    uow: UnitOfWork,
    merchant_id: str,
    program_id: str,
    version: int,
    stored: dict[str, dict[str, Any]],
    changed: Iterable[str],
) -> None:
    row = {"program_id": program_id, "version": version, "merchant_id": merchant_id, "created_at": uow.now}
    uow.conn.execute(insert(ProgramVersion).values(**row, **stored, changed=",".join(changed)))


def store_images(
    uow: UnitOfWork,
    merchant_id: str,
    uploads: Mapping[ImageName, Picture],
    came_as: Mapping[ImageName, str] | None = None,
) -> dict[ImageName, str]:
    """Keep the pictures; returns what they are called from now on, as `names_of` does."""
    names = names_of(uow, merchant_id, uploads, came_as)
    for name, picture in uploads.items():
        if names[name] != picture.sha256:
            continue
        row = {
            "merchant_id": merchant_id,
            "sha256": picture.sha256,
            "content": picture.content,
            "width": picture.width,
            "height": picture.height,
            "created_at": uow.now,
        }
        # Its name is what is in it, so whoever has it there already has stored the same.
        with suppress(IntegrityError), uow.savepoint():
            uow.conn.execute(insert(ProgramImage).values(**row))
    return names


def names_of(
    uow: UnitOfWork,
    merchant_id: str,
    uploads: Mapping[ImageName, Picture],
    came_as: Mapping[ImageName, str] | None = None,
) -> dict[ImageName, str]:
    """What the pictures are called once they are kept.

    A picture that `came_as` one the merchant already has, by its SHA-256, is that one again.
    """
    names = {}
    for name, picture in uploads.items():
        before = (came_as or {}).get(name, picture.sha256)
        known = before != picture.sha256 and _has_image(uow, merchant_id, before)
        names[name] = before if known else picture.sha256
    return names


def _has_image(uow: UnitOfWork, merchant_id: str, sha256: str) -> bool:
    known = (ProgramImage.merchant_id == merchant_id, ProgramImage.sha256 == sha256)
    return uow.conn.execute(select(ProgramImage.sha256).where(*known)).first() is not None


def _taken_or_free(uow: UnitOfWork, merchant_slug: str, draft: ProgramDraft) -> str:
    """The slug asked for, refused when taken; or one from merchant and name, with a suffix when taken."""
    wanted = draft.slug or slugify(f"{merchant_slug} {draft.name}")
    taken = set(uow.conn.execute(select(Program.slug).where(Program.slug.startswith(wanted))).scalars())
    if wanted not in taken:
        return wanted
    if draft.slug is not None:
        raise FieldError("slug", "is taken; choose another")
    return next(slug for n in range(2, len(taken) + 3) if (slug := f"{wanted}-{n}") not in taken)


def slugify(text: str) -> str:
    """Lower-case letters, digits and hyphens, at most 80 of them; umlauts as German writes them without."""
    german = text.lower().translate(_GERMAN)
    ascii_text = unicodedata.normalize("NFKD", german).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_text).strip("-")[:80].strip("-") or "card"
