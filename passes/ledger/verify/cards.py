"""Walking every card through its entries, from nothing to how it stands."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import aliased

from passes.db.engine import UnitOfWork
from passes.ledger.models import Account, Posting, Transaction
from passes.ledger.verify.faults import Faults
from passes.ledger.verify.tables import CARDS, PROGRAMS
from passes.ledger.verify.walk import CardWalk

CARDS_AT_ONCE = 500
ROWS_AT_ONCE = 1_000

_SOURCE = aliased(Account)
_DESTINATION = aliased(Account)
_TARGET = aliased(Transaction)


def check(uow: UnitOfWork, faults: Faults, progress: Callable[[int, int], None]) -> tuple[int, int]:
    """Walk every card; returns how many cards and how many entries there are."""
    total = uow.conn.execute(select(func.count()).select_from(CARDS)).scalar_one()
    done = entries = 0
    for batch in _batches(uow):
        entries += _check_batch(uow, batch, faults)
        done += len(batch)
        progress(done, total)
    return done, entries


def _batches(uow: UnitOfWork) -> Iterator[Sequence[Row[Any]]]:
    last = ""
    while True:
        query = (
            select(CARDS, PROGRAMS.c.kind, PROGRAMS.c.currency)
            .outerjoin(PROGRAMS, PROGRAMS.c.id == CARDS.c.program_id)
            .where(CARDS.c.id > last)
            .order_by(CARDS.c.id)
            .limit(CARDS_AT_ONCE)
        )
        batch = uow.conn.execute(query).all()
        if not batch:
            return
        yield batch
        last = batch[-1].id


def _check_batch(uow: UnitOfWork, batch: Sequence[Row[Any]], faults: Faults) -> int:
    ids = [card.id for card in batch]
    accounts: dict[str, list[Row[Any]]] = {card_id: [] for card_id in ids}
    for account in uow.conn.execute(select(Account.__table__).where(Account.card_id.in_(ids))):
        accounts[account.card_id].append(account)
    walks = {card.id: CardWalk(card, accounts[card.id], faults) for card in batch}
    entries = 0
    for card_id, postings in _entries(uow, ids):
        walks[card_id].follow(postings)
        entries += 1
    for walk in walks.values():
        walk.arrive()
    return entries


def _entries(uow: UnitOfWork, card_ids: Sequence[str]) -> Iterator[tuple[str, list[Row[Any]]]]:
    """Each entry of the cards as one row per posting (one row without any, if it has none), in card order."""
    streaming = {"yield_per": ROWS_AT_ONCE}
    rows: Iterable[Row[Any]] = uow.conn.execute(_with_postings(card_ids), execution_options=streaming)
    for _, postings in groupby(rows, key=lambda row: row.id):
        found = list(postings)
        yield found[0].card_id, found


def _with_postings(card_ids: Sequence[str]) -> Select[Any]:
    sides = [
        getattr(account, name).label(f"{prefix}_{name}")
        for prefix, account in (("source", _SOURCE), ("destination", _DESTINATION))
        for name in ("id", "merchant_id", "program_id", "card_id", "role", "asset")
    ]
    posting = [getattr(Posting, n).label(f"posting_{n}") for n in ("position", "asset", "amount")]
    names = [Posting.source.label("source"), Posting.destination.label("destination")]
    return (
        select(Transaction.__table__, _TARGET.type.label("undone_type"), *posting, *names, *sides)
        .outerjoin(_TARGET, _TARGET.id == Transaction.undoes)
        .outerjoin(Posting, Posting.transaction_id == Transaction.id)
        .outerjoin(_SOURCE, _SOURCE.id == Posting.source)
        .outerjoin(_DESTINATION, _DESTINATION.id == Posting.destination)
        .where(Transaction.card_id.in_(card_ids))
        .order_by(Transaction.card_id, Transaction.card_version, Transaction.id, Posting.position)
    )
