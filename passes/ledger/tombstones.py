"""What was reversed stays reversed: tombstones refuse the late arrival and the replay of what was undone.

A key nobody has used is answered here and now, for whatever request comes under it: its row in
`answered_keys` is what a late arrival collides with, so no request has to look for tombstones. Receipts
have no row to collide with; there the late arrival looks, behind a lock that a reversal takes alone.
"""

from datetime import timedelta
from typing import Any

import orjson
from sqlalchemy import ColumnElement, bindparam, or_, select

from passes.db.engine import UnitOfWork
from passes.db.locks import RECEIPTS, Lock
from passes.db.prepared import Prepared
from passes.db.upsert import insert_once
from passes.ledger import seals
from passes.ledger.models import AnsweredKey, ReversedReference, Tombstone
from passes.ledger.queries import Answered

ANY_REQUEST = b""
"""The fingerprint of a key that is refused whatever it is sent with."""

REACH = timedelta(days=7)
"""How far a reversed receipt reaches to either side."""


def bury_key(uow: UnitOfWork, merchant_id: str, key: str) -> bool:
    """Refuse the key's answer from now on; False if somebody did so before. Waits for another's attempt."""
    return _bury(uow, merchant_id, "key", key)


def bury_thing(uow: UnitOfWork, merchant_id: str, thing_id: str) -> bool:
    """Refuse every answer that told of making the thing; False if somebody did so before."""
    return _bury(uow, merchant_id, "thing", thing_id)


def answer_unknown(uow: UnitOfWork, merchant_id: str, key: str) -> bool:
    """Answer a key nobody has used yet; False if it was used. Waits for a request that is under way."""
    row: dict[str, Any] = {"merchant_id": merchant_id, "key": key, "fingerprint": ANY_REQUEST}
    row |= {"status": 409, "created_at": uow.now}
    return insert_once(uow, AnsweredKey, {**row, "body": b"{}", "seal": seals.of_key(row, b"{}")})


def is_buried(uow: UnitOfWork, merchant_id: str, thing_id: str) -> bool:
    """Whether the thing was undone by a reversal."""
    return _is_buried(uow, merchant_id, "thing", thing_id)


def refuses(uow: UnitOfWork, merchant_id: str, key: str, answered: Answered) -> bool:
    """Whether the answer to `key` must not be told again: the key, or what it made, was reversed."""
    if _is_buried(uow, merchant_id, "key", key):
        return True
    made = thing_made(answered)
    return made is not None and is_buried(uow, merchant_id, made)


def thing_made(answered: Answered) -> str | None:
    """The id of what a request made, read from its answer."""
    if answered.status != 201 or not answered.body:
        return None
    told = orjson.loads(answered.body)
    return str(told["id"]) if isinstance(told, dict) and "id" in told else None


def lock_reference(uow: UnitOfWork, merchant_id: str, reference: str, *, alone: bool) -> None:
    """Keep a receipt's reversal and its late arrivals apart until the transaction ends."""
    (_ALONE if alone else _SHARED).take(uow, {"name": f"{merchant_id} {reference}"})


def bury_reference(
    uow: UnitOfWork, reversal_id: str, merchant_id: str, reference: str, location_id: str | None
) -> None:
    """Refuse the receipt at the location, or everywhere; the caller holds its lock alone."""
    row: dict[str, Any] = {"id": reversal_id, "merchant_id": merchant_id, "reference": reference}
    row |= {"location_id": location_id, "created_at": uow.now}
    insert_once(uow, ReversedReference, {**row, "seal": seals.of_row(row)})


def reference_is_buried(uow: UnitOfWork, merchant_id: str, reference: str, location_id: str | None) -> bool:
    """Whether the receipt was reversed, here or everywhere, within reach of now."""
    values = {**reach(uow, reference), "merchant_id": merchant_id, "location_id": location_id}
    return _REVERSED.first(uow, values) is not None


def reversed_at(merchant_id: Any, location_id: Any) -> list[ColumnElement[bool]]:
    """In SQL, what a reversal of a receipt looks like at a location (or everywhere), given its `reach`."""
    everywhere = ReversedReference.location_id.is_(None)
    return [
        ReversedReference.merchant_id == merchant_id,
        ReversedReference.reference == bindparam("reference"),
        ReversedReference.created_at.between(bindparam("reach_since"), bindparam("reach_until")),
        or_(everywhere, ReversedReference.location_id == location_id),
    ]


def reach(uow: UnitOfWork, reference: str) -> dict[str, Any]:
    """A receipt, and how far to either side of now its reversal counts."""
    return {"reference": reference, "reach_since": uow.now - REACH, "reach_until": uow.now + REACH}


_REVERSED = Prepared(
    select(ReversedReference.id)
    .where(*reversed_at(bindparam("merchant_id"), bindparam("location_id")))
    .limit(1)
)
_SHARED, _ALONE = Lock(RECEIPTS, shared=True), Lock(RECEIPTS)


def _bury(uow: UnitOfWork, merchant_id: str, kind: str, name: str) -> bool:
    row = {"merchant_id": merchant_id, "kind": kind, "name": name, "created_at": uow.now}
    return insert_once(uow, Tombstone, {**row, "seal": seals.of_row(row)})


def _is_buried(uow: UnitOfWork, merchant_id: str, kind: str, name: str) -> bool:
    query = select(Tombstone.name).where(
        Tombstone.merchant_id == merchant_id, Tombstone.kind == kind, Tombstone.name == name
    )
    return uow.conn.execute(query).first() is not None
