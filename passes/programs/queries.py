"""Reading programs. A version never changes, so what was parsed once is kept."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, select

from passes.db.engine import UnitOfWork
from passes.db.paging import Page, after_cursor, as_page, newest_first
from passes.errors import NotFound
from passes.programs.design import Barcode, Design
from passes.programs.models import Program, ProgramImage, ProgramVersion
from passes.programs.rules import Rules, asset_of, parse_rules

_CACHE_SIZE = 2_000


@dataclass(frozen=True, slots=True)
class ProgramView:
    """A program as it stands: its current version, with rules and design parsed."""

    id: str
    merchant_id: str
    kind: str
    name: str
    slug: str
    currency: str | None
    version: int
    rules: Rules
    design: Design
    texts: dict[str, dict[str, str]]
    created_at: datetime
    updated_at: datetime

    @property
    def asset(self) -> str:
        """What its cards count."""
        return asset_of(self.kind, self.currency)

    @property
    def colors(self) -> dict[str, str]:
        """The three colours of its design."""
        return dict(self.design.colors)

    @property
    def images(self) -> dict[str, str]:
        """The SHA-256 of its design's pictures, by their names."""
        return dict(self.design.images.items())

    @property
    def barcode(self) -> Barcode:
        """What its cards show to a scanner."""
        return self.design.barcode


_PROGRAM = select(Program.__table__, ProgramVersion.rules, ProgramVersion.design, ProgramVersion.texts).join(
    ProgramVersion, (ProgramVersion.program_id == Program.id) & (ProgramVersion.version == Program.version)
)
_parsed: dict[tuple[str, int], ProgramView] = {}


def get(uow: UnitOfWork, merchant_id: str, program_id: str) -> ProgramView:
    """The program; raises `NotFound` for an unknown one and for another merchant's."""
    return _one(uow, _PROGRAM.where(Program.merchant_id == merchant_id, Program.id == program_id))


def lock(uow: UnitOfWork, merchant_id: str, program_id: str) -> ProgramView:
    """The program, in hand until the transaction ends; raises `NotFound`."""
    # Locked before it is read: a joined read that waited for the lock would lose the row to its new version.
    mine = (Program.merchant_id == merchant_id, Program.id == program_id)
    uow.conn.execute(select(Program.id).where(*mine).with_for_update())
    return get(uow, merchant_id, program_id)


def as_written(uow: UnitOfWork, program_id: str) -> ProgramView:
    """The program as this unit of work has just written it; not kept, as it may yet be rolled back."""
    return _parse(uow.conn.execute(_PROGRAM.where(Program.id == program_id)).one())


def anybodys(uow: UnitOfWork, program_id: str) -> ProgramView:
    """The program whosesoever it is; for the operator. Raises `NotFound`."""
    return _one(uow, _PROGRAM.where(Program.id == program_id))


def with_design(program: ProgramView, design: Design, texts: dict[str, dict[str, str]]) -> ProgramView:
    """The program as it would read with another design; not stored and not kept."""
    return replace(program, design=design, texts={"de": {}, "en": {}, **texts})


def by_slug(uow: UnitOfWork, slug: str) -> ProgramView:
    """The program whose enrolment page is `/e/{slug}`; raises `NotFound`."""
    return _one(uow, _PROGRAM.where(Program.slug == slug))


def at_version(uow: UnitOfWork, program_id: str, version: int) -> ProgramView:
    """The program if `version` is its current one, from memory when it was read before.

    For callers that have just read the program's row and know its version.
    """
    known = _parsed.get((program_id, version))
    return known or _one(uow, _PROGRAM.where(Program.id == program_id))


def listing(uow: UnitOfWork, merchant_id: str, limit: int, cursor: str | None) -> Page[ProgramView]:
    """The merchant's programs, newest first."""
    query = _PROGRAM.where(
        Program.merchant_id == merchant_id, *after_cursor(cursor, Program.created_at, Program.id)
    )
    rows = uow.conn.execute(newest_first(query, Program.created_at, Program.id, limit)).all()
    return as_page([_view(row) for row in rows], limit)


def latest(uow: UnitOfWork, limit: int) -> list[tuple[str, int]]:
    """Ids and versions of the programs of all merchants that were changed last, the last first."""
    query = select(Program.id, Program.version).order_by(Program.updated_at.desc(), Program.id).limit(limit)
    return [(program_id, version) for program_id, version in uow.conn.execute(query)]


def image(uow: UnitOfWork, sha256: str) -> bytes | None:
    """A picture by its name. Pictures are public: they stand on every card."""
    query = select(ProgramImage.content).where(ProgramImage.sha256 == sha256).limit(1)
    return uow.conn.execute(query).scalar()


def _one(uow: UnitOfWork, query: Select[Any]) -> ProgramView:
    row = uow.conn.execute(query).first()
    if row is None:
        raise NotFound("There is no such program.")
    return _view(row)


def _view(row: Row[Any]) -> ProgramView:
    known = _parsed.get((row.id, row.version))
    if known is not None:
        return known
    if len(_parsed) >= _CACHE_SIZE:
        _parsed.clear()
    view = _parsed[(row.id, row.version)] = _parse(row)
    return view


def _parse(row: Row[Any]) -> ProgramView:
    return ProgramView(
        id=row.id,
        merchant_id=row.merchant_id,
        kind=row.kind,
        name=row.name,
        slug=row.slug,
        currency=row.currency,
        version=row.version,
        rules=parse_rules(row.kind, row.rules, row.currency),
        design=Design.model_validate(row.design),
        texts=row.texts,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
