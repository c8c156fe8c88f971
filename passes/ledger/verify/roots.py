"""The signed roots against the chains they cover: who signed, what, and whether it still is so."""

from itertools import groupby

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import aliased

from passes.db.engine import UnitOfWork
from passes.ledger import merkle, roots
from passes.ledger.models import Root, RootLeaf, Transaction
from passes.ledger.roots import SignedRoot
from passes.ledger.verify.faults import Faults
from passes.merchants import signing_keys
from passes.merchants.models import Ed25519Key
from passes.merchants.signing_keys import SigningKey

ROWS_AT_ONCE = 1_000


def check(uow: UnitOfWork, faults: Faults, token_key: bytes | None) -> int:
    """Check keys, roots and leaves; returns how many entries no root covers yet."""
    keys = {row.id: SigningKey(**row._mapping) for row in uow.conn.execute(select(Ed25519Key.__table__))}
    for key in keys.values():
        if not signing_keys.is_genuine(key, token_key):
            faults.add(f"Signing key {key.id} of merchant {key.merchant_id} is not as it was made.")
    ordered = select(Root.__table__).order_by(Root.merchant_id, Root.sequence)
    found = [SignedRoot(**row._mapping) for row in uow.conn.execute(ordered)]
    covered = 0
    for merchant_id, of_merchant in groupby(found, key=lambda root: root.merchant_id):
        previous = None
        for root in of_merchant:
            _check_root(uow, root, previous, keys.get(root.key_id), faults)
            previous = root
        if previous is not None:
            covered += _check_cover(uow, merchant_id, previous, faults)
    _check_leaves(uow, faults)
    return int(uow.conn.execute(select(func.count()).select_from(Transaction)).scalar_one()) - covered


def _check_root(
    uow: UnitOfWork, root: SignedRoot, previous: SignedRoot | None, key: SigningKey | None, faults: Faults
) -> None:
    name = f"Root {root.sequence} of merchant {root.merchant_id}"
    if key is None or (key.merchant_id, key.purpose) != (root.merchant_id, "root"):
        faults.add(f"{name} names key {root.key_id}, which is none of that merchant's for roots.")
    elif not signing_keys.is_signed(key.public, roots.statement(root), root.signature):
        faults.add(f"{name} is not what key {key.id} signed.")
    if root.sequence != (1 if previous is None else previous.sequence + 1):
        faults.add(f"{name} has no root before it.")
    if root.previous != roots.statement_hash(previous):
        faults.add(f"{name} does not follow from the root before it.")
    if previous is not None and root.day <= previous.day:
        faults.add(f"{name} is of {root.day}, which is not after {previous.day}.")
    leaves = roots.leaves_of(uow, root.merchant_id, root.sequence)
    made, count = merkle.tree_hash(map(roots.leaf, leaves))
    if (made, count) != (root.root, root.leaves):
        faults.add(f"{name} is not the root over its {count} leaves.")


def _check_leaves(uow: UnitOfWork, faults: Faults) -> None:
    """Each leaf says what its entry's link is, and belongs to a root that is made or being made."""
    entry = and_(Transaction.card_id == RootLeaf.card_id, Transaction.card_version == RootLeaf.card_version)
    other = aliased(Root)
    highest = select(func.coalesce(func.max(other.sequence), 0)).where(
        other.merchant_id == RootLeaf.merchant_id
    )
    wrong: ColumnElement[bool] = or_(
        Transaction.id.is_(None),
        Transaction.chain != RootLeaf.head,
        Transaction.merchant_id != RootLeaf.merchant_id,
        RootLeaf.sequence < 1,
        RootLeaf.sequence > highest.scalar_subquery() + 1,
    )
    query = (
        select(RootLeaf.merchant_id, RootLeaf.sequence, RootLeaf.card_id, RootLeaf.card_version)
        .outerjoin(Transaction, entry)
        .where(wrong)
    )
    for row in uow.conn.execute(query, execution_options={"yield_per": ROWS_AT_ONCE}):
        faults.add(
            f"Root {row.sequence} of merchant {row.merchant_id} has a leaf for card {row.card_id} at version "
            f"{row.card_version} that its entries do not have."
        )


def _check_cover(uow: UnitOfWork, merchant_id: str, last: SignedRoot, faults: Faults) -> int:
    """Count the entries that the merchant's roots cover, against what the last one says."""
    reached = (
        select(RootLeaf.card_id, func.max(RootLeaf.card_version).label("version"))
        .where(RootLeaf.merchant_id == merchant_id, RootLeaf.sequence <= last.sequence)
        .group_by(RootLeaf.card_id)
        .subquery()
    )
    within = and_(Transaction.card_id == reached.c.card_id, Transaction.card_version <= reached.c.version)
    query = select(func.count()).select_from(reached).join(Transaction, within)
    counted = int(uow.conn.execute(query).scalar_one())
    if counted != last.transactions:
        faults.add(
            f"Root {last.sequence} of merchant {merchant_id} covers {last.transactions} transactions, "
            f"but {counted} are there."
        )
    return counted
