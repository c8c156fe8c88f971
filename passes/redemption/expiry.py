"""Booking what has run out on cards that nobody takes in hand, card by card, each in a commit of its own.

What ends on a card that goes on is gone for readers and tills from its moment on, whether booked or not; a
card that has ended is refused from its moment on. So being late, dying half way or meeting another run lets
nobody spend what has run out.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import ColumnElement, and_, func, or_, select, update

from passes.cards import queries as cards
from passes.cards import service as card_service
from passes.cards.errors import CardMovedOn
from passes.cards.models import Card
from passes.cards.rules import CardView
from passes.db.engine import Database, UnitOfWork
from passes.errors import Busy
from passes.ledger import fifo
from passes.ledger import lots as ledger_lots
from passes.ledger import queries as books
from passes.redemption import lots, rules
from passes.redemption.service import EXPIRY, TillCall, settle, write

BATCH = 500

Progress = Callable[[int, int], None]
"""Told how many of how many are done."""

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class ExpiryReport:
    """What a run did, or with `dry_run` what it would have done: counts of cards.

    `emptied` lost something, `ended` came to their own end, with or without anything on them; `failed`
    broke for a reason that is in the log and are tried again by the next run.
    """

    dry_run: bool
    cards: int = 0
    emptied: int = 0
    ended: int = 0
    failed: int = 0


class _Rehearsed(Exception):
    """Everything was done that would be; none of it is to stay."""


def run_due(
    database: Database,
    now: datetime | None = None,
    *,
    keep_going: Callable[[], bool] = lambda: True,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> ExpiryReport:
    """Book everything that has run out by `now` (by default the business time) and is not booked yet.

    Raises `Busy` when the database does; what was done by then stays done.
    """
    at = now or database.clock.now()
    report = ExpiryReport(dry_run)
    total = _count(database, at) if progress is not None else 0
    for merchant_id, card_id in _due(database, at):
        if not keep_going():
            break
        try:
            _book(database, at, merchant_id, card_id, report)
        except Busy:
            raise
        except Exception:
            log.exception("expiry_failed", card=card_id)
            report.failed += 1
        report.cards += 1
        if progress is not None:
            progress(report.cards, max(total, report.cards))
    return report


def end(uow: UnitOfWork, card: CardView) -> CardView:
    """Book that a card in hand has come to its end; returns it as it then stands.

    What is held stays for its capture, and what a refund brought back since the end waits for a manager, who
    may bring the card back to life by an adjustment.
    """
    assert card.expires_at is not None
    left = ledger_lots.left_on(uow, card.id) if card.lots_due_at is not None else ()
    returned, returned_rewards = books.came_back_since(uow, card.id, card.expires_at)
    effect = rules.expire_card(card, returned, returned_rewards)
    if effect.moves:
        write(uow, TillCall(card.merchant_id, EXPIRY), card, effect)
    else:
        card_service.touch(uow, card)
    lots.store(uow, left, fifo.close(fifo.lapse(left, effect.amount.amount, held=card.held)))
    ended = {"expired_at": uow.now, "lots_due_at": None}
    uow.conn.execute(update(Card).where(Card.id == card.id).values(ended))
    return cards.lock(uow, card.merchant_id, card_id=card.id)


def _book(database: Database, at: datetime, merchant_id: str, card_id: str, report: ExpiryReport) -> None:
    # If a till was quicker, it has booked what there was, or the next run does.
    with suppress(CardMovedOn, _Rehearsed), database.write() as uow:
        uow.now = at
        before = cards.lock(uow, merchant_id, card_id=card_id)
        after = settle(uow, before)
        if before.state != "deactivated" and before.expired_at is None and before.is_past(at):
            after = end(uow, before)
            report.ended += 1
        report.emptied += (after.balance, after.rewards) != (before.balance, before.rewards)
        if report.dry_run:
            raise _Rehearsed


def _due(database: Database, at: datetime) -> Iterator[tuple[str, str]]:
    """Merchant and card of everything that is due at `at`, each once however it ends."""
    last = ""
    while True:
        query = select(Card.merchant_id, Card.id).where(_is_due(at), Card.id > last)
        with database.read() as uow:
            rows = uow.conn.execute(query.order_by(Card.id).limit(BATCH)).all()
        for merchant_id, card_id in rows:
            yield merchant_id, card_id
            last = card_id
        if len(rows) < BATCH:
            return


def _count(database: Database, at: datetime) -> int:
    with database.read() as uow:
        return uow.conn.execute(select(func.count()).select_from(Card).where(_is_due(at))).scalar_one()


def _is_due(at: datetime) -> ColumnElement[bool]:
    """What `_book` has something to do for."""
    ended = and_(Card.expires_at.is_not(None), Card.expires_at <= at, Card.expired_at.is_(None))
    lots_due = and_(Card.lots_due_at.is_not(None), Card.lots_due_at <= at)
    return and_(Card.state != "deactivated", or_(ended, lots_due))
