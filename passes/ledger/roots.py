"""Once a local day a merchant's books are sealed: a signed Merkle root over the cards that have changed.

A leaf is how far a card's chain had come. Whether a card has changed is asked of its entries and leaves and
of no clock, so an entry that was committed late under an earlier time is in the next root. Cards are read a
page at a time from a snapshot and leaves are written in short units of work, so that no till waits; leaves
without a root are the work of one who died at it, and belong to the root that is made next.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import String, and_, column, exists, func, insert, select, table, text
from sqlalchemy.orm import aliased

from passes.canonical import instant, stated
from passes.db.engine import Database, UnitOfWork
from passes.db.upsert import insert_missing
from passes.ledger.merkle import tree_hash
from passes.ledger.models import Root, RootLeaf, Transaction
from passes.merchants import signing_keys
from passes.merchants.models import Merchant

CARDS_AT_ONCE = 500
NOTHING_BEFORE = bytes(32)

_CARDS = table("cards", column("id", String), column("merchant_id", String))
_NEWER = aliased(Transaction)
_EARLIER = aliased(RootLeaf)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedRoot:
    """A root as it is stored.

    `previous` is the hash of the statement before it; `transactions` counts the entries that this root and
    all before it cover.
    """

    merchant_id: str
    sequence: int
    day: date
    previous: bytes
    root: bytes
    leaves: int
    transactions: int
    key_id: str
    created_at: datetime
    signature: bytes = b""


def statement(root: SignedRoot) -> bytes:
    """What is signed."""
    said = asdict(root) | {"format": "stempel-root-1", "created_at": instant(root.created_at)}
    said |= {"day": root.day.isoformat(), "previous": root.previous.hex(), "root": root.root.hex()}
    del said["signature"]
    return stated(said)


def leaf(row: Mapping[str, Any]) -> bytes:
    """What is hashed of a leaf: the card, its version, and the link its chain had come to."""
    said = {"card_id": row["card_id"], "card_version": row["card_version"], "head": row["head"].hex()}
    return stated(said)


def make_due(database: Database, token_key: bytes, keep_going: Callable[[], bool]) -> int:
    """Make the roots of every merchant whose local day has none yet; returns how many were made."""
    with database.read() as uow:
        due = _due(uow)
    return sum(keep_going() and make(database, token_key, merchant_id, keep_going) for merchant_id in due)


def make(
    database: Database, token_key: bytes, merchant_id: str, keep_going: Callable[[], bool] = lambda: True
) -> bool:
    """Make the merchant's next root; False if there is nothing to seal or others were at it meanwhile."""
    with database.read() as uow:
        sequence = _next_sequence(uow, merchant_id)
    after = ""
    while True:
        if not keep_going():
            return False
        with database.read() as uow:
            cards, changed = _changed(uow, merchant_id, after)
        if changed and not _write_leaves(database, merchant_id, sequence, changed):
            return False
        if len(cards) < CARDS_AT_ONCE:
            return _write_root(database, token_key, merchant_id, sequence)
        after = cards[-1]


def leaves_of(uow: UnitOfWork, merchant_id: str, sequence: int) -> Iterator[Mapping[str, Any]]:
    """The leaves of one root, streamed in the order of their cards."""
    mine = and_(RootLeaf.merchant_id == merchant_id, RootLeaf.sequence == sequence)
    query = select(RootLeaf.__table__).where(mine).order_by(RootLeaf.card_id)
    for row in uow.conn.execute(query, execution_options={"yield_per": 1_000}).mappings():
        yield dict(row)


def last_root(uow: UnitOfWork, merchant_id: str) -> SignedRoot | None:
    """The merchant's newest root."""
    query = select(Root.__table__).where(Root.merchant_id == merchant_id).order_by(Root.sequence.desc())
    row = uow.conn.execute(query.limit(1)).first()
    return None if row is None else SignedRoot(**row._mapping)


def _due(uow: UnitOfWork) -> list[str]:
    days = dict(
        uow.conn.execute(select(Root.merchant_id, func.max(Root.day)).group_by(Root.merchant_id)).all()
    )
    zones = uow.conn.execute(select(Merchant.id, Merchant.time_zone).order_by(Merchant.id))
    return [name for name, zone in zones if days.get(name, date.min) < _today(uow.now, zone)]


def _today(now: datetime, zone: str) -> date:
    return now.astimezone(ZoneInfo(zone)).date()


def _next_sequence(uow: UnitOfWork, merchant_id: str) -> int:
    query = select(func.coalesce(func.max(Root.sequence), 0)).where(Root.merchant_id == merchant_id)
    return int(uow.conn.execute(query).scalar_one()) + 1


def _changed(uow: UnitOfWork, merchant_id: str, after: str) -> tuple[list[str], list[dict[str, Any]]]:
    """The next cards after `after`, and where the chains of those stand that have no leaf there yet."""
    page = select(_CARDS.c.id).where(_CARDS.c.merchant_id == merchant_id, _CARDS.c.id > after)
    cards = list(uow.conn.execute(page.order_by(_CARDS.c.id).limit(CARDS_AT_ONCE)).scalars())
    version = select(func.max(_NEWER.card_version)).where(_NEWER.card_id == _CARDS.c.id).scalar_subquery()
    newest = select(_CARDS.c.id, version.label("version")).where(_CARDS.c.id.in_(cards)).subquery()
    at = and_(Transaction.card_id == newest.c.id, Transaction.card_version == newest.c.version)
    known = exists().where(RootLeaf.card_id == newest.c.id, RootLeaf.card_version == newest.c.version)
    query = select(Transaction.card_id, Transaction.card_version, Transaction.chain.label("head")).join(
        newest, at
    )
    return cards, [dict(row) for row in uow.conn.execute(query.where(~known)).mappings()]


def _write_leaves(database: Database, merchant_id: str, sequence: int, changed: list[dict[str, Any]]) -> bool:
    with database.write() as uow:
        if not _is_ours(uow, merchant_id, sequence):
            return False
        # A card that has a leaf in this root already, from one who died at it, comes again in the next.
        own = {"merchant_id": merchant_id, "sequence": sequence}
        insert_missing(uow, RootLeaf, [own | row for row in changed])
        return True


def _write_root(database: Database, token_key: bytes, merchant_id: str, sequence: int) -> bool:
    with database.read() as uow:
        root, leaves = tree_hash(map(leaf, leaves_of(uow, merchant_id, sequence)))
        covered = _covered(uow, merchant_id, sequence)
        zone = uow.conn.execute(select(Merchant.time_zone).where(Merchant.id == merchant_id)).scalar_one()
    with database.write() as uow:
        if not _is_ours(uow, merchant_id, sequence) or _count(uow, merchant_id, sequence) != leaves:
            return False
        before = last_root(uow, merchant_id)
        today = _today(uow.now, zone)
        if (before is None and not leaves) or (before is not None and before.day >= today):
            return False
        key = signing_keys.current_or_first(uow, token_key, merchant_id, "root")
        made = SignedRoot(
            merchant_id=merchant_id,
            sequence=sequence,
            day=today,
            previous=statement_hash(before),
            root=root,
            leaves=leaves,
            transactions=covered + (0 if before is None else before.transactions),
            key_id=key.id,
            created_at=uow.now,
        )
        signature = signing_keys.sign(token_key, key, statement(made))
        uow.conn.execute(insert(Root).values(asdict(made) | {"signature": signature}))
        return True


def statement_hash(root: SignedRoot | None) -> bytes:
    """What the root after `root` names as its previous one."""
    return NOTHING_BEFORE if root is None else sha256(statement(root)).digest()


def _is_ours(uow: UnitOfWork, merchant_id: str, sequence: int) -> bool:
    """Whether the root is still to be made; nobody else adds to it until the transaction ends."""
    if uow.conn.dialect.name == "postgresql":
        statement = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 1))")
        uow.conn.execute(statement, {"name": f"root of {merchant_id}"})
    return _next_sequence(uow, merchant_id) == sequence


def _count(uow: UnitOfWork, merchant_id: str, sequence: int) -> int:
    mine = and_(RootLeaf.merchant_id == merchant_id, RootLeaf.sequence == sequence)
    return int(uow.conn.execute(select(func.count()).select_from(RootLeaf).where(mine)).scalar_one())


def _covered(uow: UnitOfWork, merchant_id: str, sequence: int) -> int:
    """How many entries the root's leaves cover that no earlier leaf did."""
    mine = (RootLeaf.merchant_id == merchant_id, RootLeaf.sequence == sequence)
    earlier = select(func.max(_EARLIER.card_version)).where(
        _EARLIER.card_id == RootLeaf.card_id, _EARLIER.card_version < RootLeaf.card_version
    )
    before = func.coalesce(earlier.scalar_subquery(), 0).label("before")
    # Materialised, so that "since the last leaf" is a range of an index and not a question to every entry.
    leaves = (
        select(RootLeaf.card_id, RootLeaf.card_version, before).where(*mine).cte().prefix_with("MATERIALIZED")
    )
    since = (
        select(func.count())
        .where(
            Transaction.card_id == leaves.c.card_id,
            Transaction.card_version > leaves.c.before,
            Transaction.card_version <= leaves.c.card_version,
        )
        .select_from(Transaction)
        .scalar_subquery()
    )
    return int(uow.conn.execute(select(func.coalesce(func.sum(since), 0)).select_from(leaves)).scalar_one())
