"""A till that was offline and now tells what it did."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import select

from passes.clock import format_rfc3339
from passes.ledger.models import Posting
from passes.ledger.verify import verify
from tests.fixtures.api import Client, Shop, eur
from tests.fixtures.databases import START

Json = dict[str, Any]
EARLIER = START - timedelta(hours=1)


def told(call: str, body: Json | None = None, *, at: datetime = EARLIER, key: str | None = None) -> Json:
    """One operation of a till."""
    operation = {"call": call, "idempotency_key": key or str(uuid4()), "occurred_at": format_rfc3339(at)}
    return operation if body is None else {**operation, "body": body}


def spent(card: Json, cents: int, **more: Any) -> Json:
    return told("/redemptions", {"card_id": card["id"], "amount": eur(cents)}, **more)


def sync(till: Client, *operations: Json, key: str | None = None) -> list[Json]:
    """Tell of them; returns the results."""
    results: list[Json] = till.post("/sync", {"operations": list(operations)}, key=key).ok()["results"]
    assert [r["idempotency_key"] for r in results] == [o["idempotency_key"] for o in operations]
    return results


def lost(shop: Shop, card: Json) -> int:
    """What is booked against the offline-loss account of the card's program."""
    account = f"{card['program_id']}.offline_loss.{card['balance']['asset']}"
    with shop.services.database.read() as uow:
        return sum(uow.conn.execute(select(Posting.amount).where(Posting.source == account)).scalars())


def assert_books_are_sound(shop: Shop) -> None:
    with shop.services.database.read() as uow:
        assert verify(uow).faults == []
