"""The versions a program has had, newest first, and what each of them changed."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, select

from passes.db.engine import UnitOfWork
from passes.db.paging import Page, decode_cursor, encode_cursor
from passes.errors import FieldError, NotFound
from passes.programs.design import Design
from passes.programs.models import PARTS, ProgramVersion
from passes.programs.queries import ProgramView
from passes.programs.rules import Rules, parse_rules


@dataclass(frozen=True, slots=True)
class Listed:
    """A version in the list. `changed` names those of `PARTS` that differ from the version before."""

    version: int
    is_current: bool
    changed: tuple[str, ...]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class VersionView:
    """How a program read at one version."""

    version: int
    rules: Rules
    design: Design
    texts: dict[str, dict[str, str]]
    created_at: datetime


def listing(uow: UnitOfWork, program: ProgramView, limit: int, cursor: str | None) -> Page[Listed]:
    """The program's versions, newest first."""
    query = (
        select(ProgramVersion.version, ProgramVersion.changed, ProgramVersion.created_at)
        .where(ProgramVersion.program_id == program.id, ProgramVersion.version < _after(cursor))
        .order_by(ProgramVersion.version.desc())
        .limit(limit + 1)
    )
    rows = uow.conn.execute(query).all()
    last = rows[limit - 1] if len(rows) > limit else None
    next_cursor = None if last is None else encode_cursor(last.created_at, str(last.version))
    return Page([_listed(row, program.version) for row in rows[:limit]], next_cursor)


def at(uow: UnitOfWork, program: ProgramView, version: int) -> VersionView:
    """The program as it read at `version`; raises `NotFound`."""
    mine = (ProgramVersion.program_id == program.id, ProgramVersion.version == version)
    row = uow.conn.execute(select(ProgramVersion.__table__).where(*mine)).first()
    if row is None:
        raise NotFound("The program has no such version.")
    rules = parse_rules(program.kind, row.rules, program.currency)
    return VersionView(version, rules, Design.model_validate(row.design), row.texts, row.created_at)


def _listed(row: Row[int, str, datetime], current: int) -> Listed:
    changed = tuple(name for name in PARTS if name in row.changed.split(","))
    return Listed(row.version, row.version == current, changed, row.created_at)


def _after(cursor: str | None) -> int:
    """The version before which a page begins."""
    if cursor is None:
        return 2**31 - 1
    version = decode_cursor(cursor)[1]
    if not (version.isascii() and version.isdecimal() and len(version) < 10):
        raise FieldError("cursor", "is not a cursor of this list; start again without one")
    return int(version)
