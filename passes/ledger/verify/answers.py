"""What was answered under a key against what the books say: nobody was told anything that is not so."""

from collections.abc import Iterator, Sequence
from typing import Any

import orjson
from sqlalchemy import Row, select

from passes.clock import format_rfc3339
from passes.db.engine import UnitOfWork
from passes.ledger import seals
from passes.ledger.models import AnsweredKey, Hold, Transaction
from passes.ledger.verify import baskets
from passes.ledger.verify.faults import Faults
from passes.ledger.verify.tables import CARDS

KEYS_AT_ONCE = 500
CREATED = 201

Json = dict[str, Any]


def check(uow: UnitOfWork, faults: Faults) -> None:
    """Report every key that is not as it was answered, and every success that the books tell otherwise."""
    for batch in _batches(uow):
        for key in batch:
            _check_seal(key, faults)
        told = [(key, told) for key in batch if (told := _told(key, faults)) is not None]
        _check_batch(uow, told, faults)


def _batches(uow: UnitOfWork) -> Iterator[Sequence[Any]]:
    query = select(AnsweredKey.__table__)
    yield from uow.conn.execute(query, execution_options={"yield_per": KEYS_AT_ONCE}).partitions()


def _check_seal(key: Row[Any], faults: Faults) -> None:
    columns = dict(key._mapping)
    seal, body = columns.pop("seal"), columns.pop("body")
    if seal != seals.of_key(columns, body):
        faults.add(f"Key {key.key} of merchant {key.merchant_id} is not as it was answered.")


def _told(key: Row[Any], faults: Faults) -> Json | None:
    # Where there is no body the answer told of a person, not of value.
    if key.status != CREATED or not key.body:
        return None
    try:
        value = orjson.loads(key.body)
    except orjson.JSONDecodeError:
        faults.add(f"Key {key.key} of merchant {key.merchant_id} was answered with what is no JSON.")
        return None
    return value if isinstance(value, dict) else None


def _check_batch(uow: UnitOfWork, told: Sequence[tuple[Row[Any], Json]], faults: Faults) -> None:
    ids = [str(answer.get("id", "")) for _, answer in told]
    found = uow.conn.execute(select(Transaction.__table__).where(Transaction.id.in_(ids)))
    entries = {entry.id: entry for entry in found}
    cards = set(uow.conn.execute(select(CARDS.c.merchant_id, CARDS.c.id).where(CARDS.c.id.in_(ids))))
    held = set(uow.conn.execute(select(Hold.merchant_id, Hold.id).where(Hold.id.in_(ids))))
    in_baskets = baskets.kept(uow, [name for name in ids if name.startswith(("bask_", "bref_"))])
    for key, answer in told:
        name = str(answer.get("id", ""))
        if name.startswith("txn_"):
            fault = _difference(key, answer, entries.get(name))
        elif name.startswith(("bask_", "bref_")):
            fault = baskets.difference(answer, in_baskets.get((key.merchant_id, name)))
        elif name.startswith("card_") and (key.merchant_id, name) not in cards:
            fault = f"card {name}, which does not exist"
        elif name.startswith("hold_") and (key.merchant_id, name) not in held:
            fault = f"hold {name}, which does not exist"
        else:
            fault = None
        if fault:
            faults.add(f"Key {key.key} of merchant {key.merchant_id} was answered with {fault}.")


def _difference(key: Row[Any], answer: Json, entry: Row[Any] | None) -> str | None:
    if entry is None or entry.merchant_id != key.merchant_id:
        return f"transaction {answer['id']}, which does not exist"
    booked = _as_told(entry)
    wrong = sorted(name for name, value in booked.items() if answer.get(name) != value)
    return f"another {' and '.join(wrong)} than transaction {entry.id} has" if wrong else None


def _as_told(entry: Row[Any]) -> Json:
    """The entry in the contract's words."""
    details = entry.details or {}
    return {
        "type": entry.type,
        "card_id": entry.card_id,
        "amount": {"amount": entry.amount, "asset": entry.asset},
        "delta": {"amount": entry.delta, "asset": entry.balance_asset},
        "balance_after": {"amount": entry.balance_after, "asset": entry.balance_asset},
        "rewards_after": entry.rewards_after,
        "discount": details.get("discount"),
        "remaining_due": details.get("remaining_due"),
        "overspend": details.get("overspend"),
        "occurred_at": details.get("occurred_at"),
        "reference": entry.reference,
        "location_id": entry.location_id,
        "created_at": format_rfc3339(entry.created_at),
    }
