"""A merchant's books as lines of JSON that an outsider can check without us; see docs/audit.md.

One line is one card, entry, leaf or root, in an order in which they can be checked as they come. Every entry
stands there as it was hashed, every root as it was signed.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import orjson
from sqlalchemy import Row, func, select

from passes.canonical import stated
from passes.db.engine import UnitOfWork
from passes.ledger import roots
from passes.ledger.chain import GENESIS, canonical
from passes.ledger.models import Account, Posting, Root, Transaction
from passes.ledger.roots import SignedRoot
from passes.ledger.snapshot import read_at_one_moment
from passes.ledger.verify.tables import CARDS

FORMAT = "stempel-export-1"
CARDS_AT_ONCE = 500
ROWS_AT_ONCE = 1_000

Progress = Callable[[int, int], None]
"""Called with how many cards are done and how many there are."""


def export(uow: UnitOfWork, merchant_id: str, progress: Progress | None = None) -> Iterator[bytes]:
    """The lines, each with its end. `uow` must not have been asked anything yet."""
    read_at_one_moment(uow)
    yield _line("book", format=FORMAT, merchant_id=merchant_id)
    mine = select(func.count()).select_from(CARDS).where(CARDS.c.merchant_id == merchant_id)
    total = uow.conn.execute(mine).scalar_one()
    done = 0
    counted = Counter[str]()
    for batch in _cards(uow, merchant_id):
        for kind, line in _of_cards(uow, batch):
            counted[kind] += 1
            yield line
        done += len(batch)
        if progress is not None:
            progress(done, total)
    ordered = select(Root.__table__).where(Root.merchant_id == merchant_id).order_by(Root.sequence)
    for row in uow.conn.execute(ordered).all():
        root = SignedRoot(**row._mapping)
        for found in roots.leaves_of(uow, merchant_id, root.sequence):
            yield _line("leaf", sequence=root.sequence, leaf=orjson.loads(roots.leaf(found)))
        statement = orjson.loads(roots.statement(root))
        yield _line("root", statement=statement, signature=root.signature.hex())
        counted["root"] += 1
    yield _line("end", cards=counted["card"], entries=counted["entry"], roots=counted["root"])


def _line(kind: str, **values: Any) -> bytes:
    return stated({"kind": kind, **values}) + b"\n"


def _cards(uow: UnitOfWork, merchant_id: str) -> Iterator[Sequence[Row[Any]]]:
    query = select(CARDS).where(CARDS.c.merchant_id == merchant_id).order_by(CARDS.c.id).limit(CARDS_AT_ONCE)
    last = ""
    while batch := uow.conn.execute(query.where(CARDS.c.id > last)).all():
        yield batch
        last = batch[-1].id


def _of_cards(uow: UnitOfWork, batch: Sequence[Row[Any]]) -> Iterator[tuple[str, bytes]]:
    """Each card something ever happened to, with what is on it, followed by its entries; kinds and lines."""
    ids = [card.id for card in batch]
    balances: dict[str, dict[str, int]] = {card_id: {} for card_id in ids}
    stocked = select(Account).where(Account.card_id.in_(ids), Account.balance != 0)
    for account in uow.conn.execute(stocked):
        balances[str(account.card_id)][account.id] = account.balance
    entries = _entries(uow, ids)
    entry = next(entries, None)
    for card in batch:
        if card.chain_head != GENESIS or balances[card.id]:
            head = card.chain_head.hex()
            yield "card", _line("card", id=card.id, chain_head=head, balances=balances[card.id])
        while entry is not None and entry[0] == card.id:
            yield "entry", entry[1]
            entry = next(entries, None)


def _entries(uow: UnitOfWork, card_ids: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    query = (
        select(Transaction.__table__)
        .where(Transaction.card_id.in_(card_ids))
        .order_by(Transaction.card_id, Transaction.card_version)
    )
    for part in uow.conn.execute(query, execution_options={"yield_per": ROWS_AT_ONCE}).partitions():
        postings: dict[str, list[Any]] = {entry.id: [] for entry in part}
        ordered = select(Posting.__table__).where(Posting.transaction_id.in_(postings))
        for row in uow.conn.execute(ordered.order_by(Posting.position)):
            posted = (row.position, row.source, row.destination, row.asset, row.amount)
            postings[row.transaction_id].append(posted)
        for entry in part:
            said = orjson.loads(canonical(entry, postings[entry.id]))
            yield entry.card_id, _line("entry", entry=said, chain=entry.chain.hex())
