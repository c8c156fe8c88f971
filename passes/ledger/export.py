"""A merchant's books as lines of JSON that an outsider can check without us; see docs/audit.md.

One line is one card with all its entries, or one root, in an order in which they can be checked as they come.
Every entry stands there as it was hashed, every root as it was signed.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import orjson
from sqlalchemy import Row, func, select

from passes.canonical import stated
from passes.db.engine import UnitOfWork
from passes.ledger import roots
from passes.ledger.chain import GENESIS, Posted, canonical
from passes.ledger.models import Account, Posting, Root, RootLeaf, Transaction
from passes.ledger.roots import SignedRoot
from passes.ledger.snapshot import read_at_one_moment
from passes.ledger.verify.tables import CARDS
from passes.merchants import signing_keys

FORMAT = "stempel-export-2"
CARDS_AT_ONCE = 500
ROWS_AT_ONCE = 1_000

Progress = Callable[[int, int], None]
"""Called with how many cards are done and how many there are."""

Seals = dict[str, list[tuple[int, int]]]
"""Of each card the versions that are leaves and the number of their root, rising."""


def export(uow: UnitOfWork, merchant_id: str, progress: Progress | None = None) -> Iterator[bytes]:
    """The lines, each with its end. `uow` must not have been asked anything yet."""
    read_at_one_moment(uow)
    yield _line("book", format=FORMAT, merchant_id=merchant_id)
    mine = select(func.count()).select_from(CARDS).where(CARDS.c.merchant_id == merchant_id)
    total = uow.conn.execute(mine).scalar_one()
    last = roots.last_root(uow, merchant_id)
    done, lines, unsigned = 0, 2, 0
    for batch in _cards(uow, merchant_id):
        for line, after_last_root in _of_cards(uow, batch, 0 if last is None else last.sequence):
            lines, unsigned = lines + 1, unsigned + after_last_root
            yield line
        done += len(batch)
        if progress is not None:
            progress(done, total)
    for line in _roots(uow, merchant_id):
        lines += 1
        yield line
    yield _line("end", lines=lines, entries_after_last_root=unsigned)


def _line(kind: str, **values: Any) -> bytes:
    return stated({"kind": kind, **values}) + b"\n"


def _roots(uow: UnitOfWork, merchant_id: str) -> Iterator[bytes]:
    """Each root as it was signed, by which key."""
    known = {key.id: key.public.hex() for key in signing_keys.public_keys(uow, merchant_id, "root")}
    ordered = select(Root.__table__).where(Root.merchant_id == merchant_id).order_by(Root.sequence)
    for row in uow.conn.execute(ordered).all():
        root = SignedRoot(**row._mapping)
        said, signature = orjson.Fragment(roots.statement(root)), root.signature.hex()
        yield _line("root", statement=said, signature=signature, public_key=known.get(root.key_id))


def _cards(uow: UnitOfWork, merchant_id: str) -> Iterator[Sequence[Row[Any]]]:
    query = select(CARDS).where(CARDS.c.merchant_id == merchant_id).order_by(CARDS.c.id).limit(CARDS_AT_ONCE)
    last = ""
    while batch := uow.conn.execute(query.where(CARDS.c.id > last)).all():
        yield batch
        last = batch[-1].id


def _of_cards(uow: UnitOfWork, batch: Sequence[Row[Any]], last_root: int) -> Iterator[tuple[bytes, int]]:
    """A line for each card something ever happened to, and how many of its entries no root covers yet."""
    ids = [card.id for card in batch]
    stocks: dict[str, dict[str, int]] = {card_id: {} for card_id in ids}
    for account in uow.conn.execute(select(Account).where(Account.card_id.in_(ids))):
        stocks[str(account.card_id)][account.id] = account.balance
    seals = _seals(uow, ids, last_root)
    entries = _entries(uow, ids)
    entry = next(entries, None)
    for card in batch:
        said, moved, unsigned = [], Counter[str](), 0
        while entry is not None and entry[0].card_id == card.id:
            row, postings = entry
            root = _root_over(row.card_version, seals[card.id])
            unsigned += root is None
            said.append((orjson.Fragment(canonical(row, postings)), row.chain.hex(), root))
            for _, source, destination, _, amount in postings:
                moved[source] -= amount
                moved[destination] += amount
            entry = next(entries, None)
        stock = {name: balance for name, balance in stocks[card.id].items() if balance or name in moved}
        if said or stock or card.chain_head != GENESIS:
            head, balances = card.chain_head.hex(), {**moved, **stock}
            yield _line("card", id=card.id, chain_head=head, balances=balances, entries=said), unsigned


def _root_over(version: int, sealed: Sequence[tuple[int, int]]) -> int | None:
    """The number of the first root that covers a card's entry; None while there is none."""
    place = bisect_left(sealed, (version,))
    return sealed[place][1] if place < len(sealed) else None


def _seals(uow: UnitOfWork, card_ids: Sequence[str], last_root: int) -> Seals:
    """Leaves without a root are left out: they belong to the one that is made next."""
    query = select(RootLeaf.card_id, RootLeaf.card_version, RootLeaf.sequence).where(
        RootLeaf.card_id.in_(card_ids), RootLeaf.sequence <= last_root
    )
    found: Seals = defaultdict(list)
    for card_id, version, sequence in uow.conn.execute(
        query.order_by(RootLeaf.card_id, RootLeaf.card_version)
    ):
        found[card_id].append((version, sequence))
    return found


def _entries(uow: UnitOfWork, card_ids: Sequence[str]) -> Iterator[tuple[Row[Any], list[Posted]]]:
    query = (
        select(Transaction.__table__)
        .where(Transaction.card_id.in_(card_ids))
        .order_by(Transaction.card_id, Transaction.card_version)
    )
    for part in uow.conn.execute(query, execution_options={"yield_per": ROWS_AT_ONCE}).partitions():
        postings: dict[str, list[Posted]] = {entry.id: [] for entry in part}
        ordered = select(Posting.__table__).where(Posting.transaction_id.in_(postings))
        for row in uow.conn.execute(ordered.order_by(Posting.position)):
            posted = (row.position, row.source, row.destination, row.asset, row.amount)
            postings[row.transaction_id].append(posted)
        for entry in part:
            yield entry, postings[entry.id]
