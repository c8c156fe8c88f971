"""Designs somebody is at: kept beside the program until they are published or thrown away.

A draft is one whole design, as a version has it. Every save gives it a new `state_id`, and whoever changes,
publishes or discards it names the one they saw; so nobody publishes what they have not looked at.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update

from passes.db.engine import UnitOfWork
from passes.db.upsert import insert_once
from passes.errors import StempelError
from passes.ids import new_id
from passes.programs import designs, queries, service
from passes.programs.bundles import Bundle
from passes.programs.design import Design, ImageName
from passes.programs.models import DesignDraft, DesignDraftImage, ProgramImage
from passes.programs.pictures import Picture
from passes.programs.queries import ProgramView

Pictures = Mapping[ImageName, Picture]


class DraftMoved(StempelError):
    """Somebody else has saved, published or discarded the draft since it was looked at."""


@dataclass(frozen=True, slots=True)
class DraftView:
    """A draft as it stands; `base_version` is the version of the program when it was saved."""

    state_id: str
    base_version: int
    design: Design
    texts: dict[str, dict[str, str]]
    actor: str
    saved_at: datetime


def get(uow: UnitOfWork, program: ProgramView) -> DraftView | None:
    """The program's draft, if there is one."""
    row = uow.conn.execute(select(DesignDraft.__table__).where(DesignDraft.program_id == program.id)).first()
    if row is None:
        return None
    design = Design.model_validate(row.design)
    return DraftView(row.state_id, row.base_version, design, row.texts, row.actor, row.saved_at)


def applied(program: ProgramView, draft: DraftView) -> ProgramView:
    """The program as it would read with the draft."""
    return queries.with_design(program, draft.design, draft.texts)


def pictures_of(uow: UnitOfWork, program: ProgramView, draft: DraftView) -> dict[ImageName, bytes]:
    """The draft's pictures as PNG, its own and those that some version has already."""
    query = select(DesignDraftImage.sha256, DesignDraftImage.content).where(
        DesignDraftImage.program_id == program.id
    )
    own = {row.sha256: row.content for row in uow.conn.execute(query)}
    found = {name: own.get(sha) or queries.image(uow, sha) for name, sha in draft.design.images.items()}
    return {name: content for name, content in found.items() if content is not None}


def save_bundle(
    uow: UnitOfWork, program: ProgramView, bundle: Bundle, seen: str | None, actor: str
) -> DraftView:
    """Keep a whole design that came in; raises `FieldError`, and `DraftMoved` as `save` does."""
    designs.check(program, bundle)
    names = service.names_of(uow, program.merchant_id, bundle.pictures, bundle.came_as)
    design, texts = bundle.document.design(names), bundle.document.texts.model_dump()
    return save(uow, program, design, texts, pictures=bundle.pictures, seen=seen, actor=actor)


def save(
    uow: UnitOfWork,
    program: ProgramView,
    design: Design,
    texts: dict[str, dict[str, str]],
    *,
    pictures: Pictures,
    seen: str | None,
    actor: str,
) -> DraftView:
    """Keep a design, checked by the caller, as the draft; `pictures` are those it brings along.

    Raises `DraftMoved` unless the draft is still the one that was `seen`, None where there was none.
    """
    values = {
        "state_id": new_id("draft"),
        "base_version": program.version,
        "design": design.stored(),
        "texts": texts,
        "actor": actor,
        "saved_at": uow.now,
    }
    if seen is None:
        row = {"program_id": program.id, "merchant_id": program.merchant_id, **values}
        kept = insert_once(uow, DesignDraft, row)
    else:
        mine = (DesignDraft.program_id == program.id, DesignDraft.state_id == seen)
        kept = uow.conn.execute(update(DesignDraft).where(*mine).values(**values)).rowcount == 1
    if not kept:
        raise DraftMoved
    _keep_pictures(uow, program, set(design.images.values()), pictures)
    draft = get(uow, program)
    assert draft is not None
    return draft


def discard(uow: UnitOfWork, program: ProgramView, seen: str) -> None:
    """Throw the draft away; raises `DraftMoved` unless it is still the one that was `seen`."""
    # The draft goes first, so that of two who press at once the second finds nothing.
    mine = (DesignDraft.program_id == program.id, DesignDraft.state_id == seen)
    if uow.conn.execute(select(DesignDraft.state_id).where(*mine).with_for_update()).first() is None:
        raise DraftMoved
    uow.conn.execute(delete(DesignDraftImage).where(DesignDraftImage.program_id == program.id))
    uow.conn.execute(delete(DesignDraft).where(*mine))


def publish(uow: UnitOfWork, program: ProgramView, seen: str, actor: str) -> ProgramView:
    """Make the draft that was `seen` the program's next version; raises `DraftMoved` if it is another by now.

    `program` is in hand (`queries.lock`).
    """
    draft = get(uow, program)
    if draft is None or draft.state_id != seen:
        raise DraftMoved
    own = select(DesignDraftImage.__table__).where(DesignDraftImage.program_id == program.id)
    stored = {row.sha256: row for row in uow.conn.execute(own)}
    brought = {
        name: Picture(row.content, row.width, row.height)
        for name, sha in draft.design.images.items()
        if (row := stored.get(sha)) is not None
    }
    service.store_images(uow, program.merchant_id, brought)
    discard(uow, program, seen)
    return service.write_next(
        uow,
        program,
        actor,
        rules=program.rules,
        design=draft.design,
        texts=draft.texts,
        action="programs.design",
        drafted_by=draft.actor,
    )


def _keep_pictures(uow: UnitOfWork, program: ProgramView, needed: set[str], pictures: Pictures) -> None:
    """Keep those of the draft's pictures that no version has, and no others."""
    mine = DesignDraftImage.program_id == program.id
    uow.conn.execute(delete(DesignDraftImage).where(mine, DesignDraftImage.sha256.not_in(needed)))
    known = select(ProgramImage.sha256).where(
        ProgramImage.merchant_id == program.merchant_id, ProgramImage.sha256.in_(needed)
    )
    there = set(uow.conn.execute(known).scalars())
    there |= set(uow.conn.execute(select(DesignDraftImage.sha256).where(mine)).scalars())
    new = {picture.sha256: picture for picture in pictures.values()}
    for sha in sorted(needed - there):
        picture = new[sha]
        row = {"program_id": program.id, "sha256": sha, "content": picture.content}
        size = {"width": picture.width, "height": picture.height}
        insert_once(uow, DesignDraftImage, {**row, **size})
