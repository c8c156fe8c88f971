"""Telling every live card of a program that it looks different now: in batches, with a cursor that survives.

A program may have a million cards. The change itself is one row; the cards follow a batch at a time, each
batch and its cursor in one commit, so that no till waits long for a card, a killed worker goes on where it
stopped, and anybody can see how far it is. A newer change of the same program takes over from an older one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, case, func, insert, literal, select, update

from passes.cards.models import Card, Publication
from passes.cards.service import CHANGED, http_second
from passes.db.engine import Database, UnitOfWork
from passes.outbox.models import OutboxEvent
from passes.programs import queries as programs
from passes.programs.queries import ProgramView

BATCH = 500


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a program's cards have followed one of its versions; `finished_at` is None until all have."""

    version: int
    cards_done: int
    cards_total: int
    created_at: datetime
    finished_at: datetime | None


def publish(uow: UnitOfWork, program: ProgramView) -> None:
    """Have every live card follow the program's new version; the first batch follows at once.

    The caller has the program in hand.
    """
    unfinished = (Publication.program_id == program.id, Publication.finished_at.is_(None))
    uow.conn.execute(update(Publication).where(*unfinished).values(finished_at=uow.now))
    count = select(func.count()).select_from(Card).where(*_live(program.id))
    uow.conn.execute(
        insert(Publication).values(
            program_id=program.id,
            version=program.version,
            merchant_id=program.merchant_id,
            after_card="",
            cards_done=0,
            cards_total=uow.conn.execute(count).scalar_one(),
            created_at=uow.now,
        )
    )
    advance(uow, program.id, program.version)


def progress(uow: UnitOfWork, merchant_id: str, program_id: str) -> Progress:
    """How far the cards have followed the program's latest change; raises `NotFound`."""
    program = programs.get(uow, merchant_id, program_id)
    names = Progress.__dataclass_fields__
    row = uow.conn.execute(
        select(*(getattr(Publication, name) for name in names))
        .where(Publication.program_id == program_id)
        .order_by(Publication.version.desc())
        .limit(1)
    ).first()
    if row is None:
        # It never changed, so there was nothing to follow.
        return Progress(program.version, 0, 0, program.created_at, program.created_at)
    return Progress(*row)


def publish_due(database: Database, keep_going: Callable[[], bool]) -> int:
    """Let cards follow, batch after batch, until all have; returns how many did."""
    done = 0
    while keep_going():
        with database.write() as uow:
            waiting = select(Publication.program_id, Publication.version).where(
                Publication.finished_at.is_(None)
            )
            first = uow.conn.execute(waiting.order_by(Publication.created_at).limit(1)).first()
            if first is None:
                break
            done += advance(uow, *first)
    return done


def finish(database: Database, program: ProgramView, progress: Callable[[int, int], None]) -> None:
    """Let the cards of one program follow its version until all have, for somebody who waits for it."""
    while True:
        with database.write() as uow:
            advance(uow, program.id, program.version)
            mine = (Publication.program_id == program.id, Publication.version == program.version)
            row = uow.conn.execute(select(Publication.__table__).where(*mine)).one()
        progress(row.cards_done, max(row.cards_total, 1))
        if row.finished_at is not None:
            progress(1, 1)
            return


def advance(uow: UnitOfWork, program_id: str, version: int) -> int:
    """Let the next batch of cards follow; returns how many. None do once the publication is finished."""
    mine = (Publication.program_id == program_id, Publication.version == version)
    # In hand, so that of two workers the second goes on where the first has stopped.
    row = uow.conn.execute(select(Publication.__table__).where(*mine).with_for_update()).one()
    if row.finished_at is not None:
        return 0
    # In the order of their ids, as everybody does who takes several cards in hand.
    batch = select(Card.id).where(*_live(program_id), Card.id > row.after_card).order_by(Card.id).limit(BATCH)
    ids = list(uow.conn.execute(batch.with_for_update()).scalars())
    if ids:
        _touch(uow, ids)
    uow.conn.execute(
        update(Publication)
        .where(*mine)
        .values(
            after_card=ids[-1] if ids else row.after_card,
            cards_done=row.cards_done + len(ids),
            finished_at=uow.now if len(ids) < BATCH else None,
        )
    )
    return len(ids)


def _live(program_id: str) -> tuple[ColumnElement[bool], ...]:
    return (Card.program_id == program_id, Card.state != "deactivated")


def _touch(uow: UnitOfWork, card_ids: Sequence[str]) -> None:
    second = http_second()
    uow.conn.execute(
        update(Card)
        .where(Card.id.in_(card_ids))
        .values(
            version=Card.version + 1,
            modified_s=case((Card.modified_s >= second, Card.modified_s + 1), else_=second),
            updated_at=uow.now,
        )
    )
    at = literal(uow.now, OutboxEvent.created_at.type)
    events = select(Card.merchant_id, literal(CHANGED), Card.id, Card.version, at).where(
        Card.id.in_(card_ids)
    )
    columns = ["merchant_id", "topic", "subject", "version", "created_at"]
    uow.conn.execute(insert(OutboxEvent).from_select(columns, events))
