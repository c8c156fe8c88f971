"""Holds: value set aside on a card, and their three ways to end.

The caller has the card in hand. An account's `held` moves in the same commit as its holds, a hold leaves
`open` by an update that asks for `open`, and the database refuses a balance below what is held.
"""

from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, insert, select, update

from passes.db.engine import UnitOfWork
from passes.ledger import seals
from passes.ledger.models import Account, Hold
from passes.ledger.receipts import Receipt
from passes.ledger.rules import BALANCE, account_id
from passes.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldView:
    """A hold as it is stored; `status_at` says what that means at a given time."""

    id: str
    merchant_id: str
    card_id: str
    asset: str
    amount: int
    captured: int
    status: str
    expires_at: datetime
    transaction_id: str | None
    reference: str | None
    note: str | None
    location_id: str | None
    actor: str
    created_at: datetime

    @property
    def money(self) -> Money:
        """What was set aside."""
        return Money(self.amount, self.asset)

    def status_at(self, at: datetime) -> str:
        """The status a reader sees: an open hold counts until just before `expires_at`."""
        return "expired" if self.status == "open" and self.expires_at <= at else self.status


_COLUMNS = [getattr(Hold, f.name) for f in fields(HoldView)]


def find(uow: UnitOfWork, merchant_id: str, hold_id: str) -> HoldView | None:
    """One hold of this merchant."""
    query = select(*_COLUMNS).where(Hold.merchant_id == merchant_id, Hold.id == hold_id)
    row = uow.conn.execute(query).first()
    return None if row is None else HoldView(**row._mapping)


def under_receipt(uow: UnitOfWork, receipt: Receipt) -> list[HoldView]:
    """The holds placed under a receipt."""
    rows = uow.conn.execute(select(*_COLUMNS).where(receipt.borne_by(Hold)))
    return [HoldView(**row._mapping) for row in rows]


def unexpired(uow: UnitOfWork, card_id: str) -> int:
    """What the card's holds that still count come to."""
    query = select(func.coalesce(func.sum(Hold.amount), 0)).where(
        Hold.card_id == card_id, Hold.status == "open", Hold.expires_at > uow.now
    )
    return int(uow.conn.execute(query).scalar_one())


def next_end(uow: UnitOfWork, card_id: str) -> datetime | None:
    """When the first of the card's holds that still count runs out."""
    query = select(func.min(Hold.expires_at)).where(
        Hold.card_id == card_id, Hold.status == "open", Hold.expires_at > uow.now
    )
    return uow.conn.execute(query).scalar()


def open_on(uow: UnitOfWork, card_id: str) -> tuple[int, int]:
    """How many holds on the card still count, and what they come to."""
    query = select(func.count(), func.coalesce(func.sum(Hold.amount), 0)).where(
        Hold.card_id == card_id, Hold.status == "open", Hold.expires_at > uow.now
    )
    count, total = uow.conn.execute(query).one()
    return int(count), int(total)


def due(uow: UnitOfWork, limit: int) -> list[tuple[str, str]]:
    """Up to `limit` cards (merchant, card) with a hold whose time has run out."""
    query = (
        select(Hold.merchant_id, Hold.card_id)
        .where(Hold.status == "open", Hold.expires_at <= uow.now)
        .distinct()
        .limit(limit)
    )
    return [(merchant_id, card_id) for merchant_id, card_id in uow.conn.execute(query)]


def place(uow: UnitOfWork, hold: HoldView) -> None:
    """Set the value aside; the database refuses more than the card's balance covers."""
    row = asdict(hold)
    uow.conn.execute(insert(Hold).values(**row, seal=seals.of_row(row)))
    _set_aside(uow, hold.card_id, hold.asset, hold.amount)


def release(uow: UnitOfWork, hold: HoldView) -> None:
    """Let go of what an open hold set aside; `settle` then says what became of it."""
    _set_aside(uow, hold.card_id, hold.asset, -hold.amount)


def settle(
    uow: UnitOfWork, hold: HoldView, status: str, *, captured: int = 0, transaction_id: str | None = None
) -> bool:
    """End an open hold; False when somebody else already has."""
    return _change(uow, hold, status=status, captured=captured, transaction_id=transaction_id)


def expire(uow: UnitOfWork, card_id: str) -> int:
    """Release the card's holds whose time has run out; returns what they came to."""
    return _end_all(uow, card_id, "expired", Hold.expires_at <= uow.now)


def void_all(uow: UnitOfWork, card_id: str) -> int:
    """Release every open hold of a card that is closed; returns what they came to."""
    return _end_all(uow, card_id, "voided")


def lift(uow: UnitOfWork, card_id: str, asset: str, amount: int) -> None:
    """Let go of all that is held on a card whose balance is about to move; `set_down` follows."""
    _set_aside(uow, card_id, asset, -amount)


def set_down(uow: UnitOfWork, card_id: str, new_card_id: str, asset: str, amount: int) -> None:
    """Put the card's open holds, which come to `amount`, onto the card its balance has moved to."""
    for hold in _open(uow, card_id):
        _change(uow, hold, card_id=new_card_id)
    _set_aside(uow, new_card_id, asset, amount)


def _end_all(uow: UnitOfWork, card_id: str, status: str, *which: ColumnElement[bool]) -> int:
    ended = [hold for hold in _open(uow, card_id, *which) if _change(uow, hold, status=status)]
    total = sum(hold.amount for hold in ended)
    if ended:
        _set_aside(uow, card_id, ended[0].asset, -total)
    return total


def _open(uow: UnitOfWork, card_id: str, *which: ColumnElement[bool]) -> list[HoldView]:
    query = select(*_COLUMNS).where(Hold.card_id == card_id, Hold.status == "open", *which)
    return [HoldView(**row._mapping) for row in uow.conn.execute(query)]


def _change(uow: UnitOfWork, hold: HoldView, **values: Any) -> bool:
    """Write what becomes of an open hold, sealed again; False when somebody else has ended it."""
    sealed = values | {"seal": seals.of_row(asdict(replace(hold, **values)))}
    still = (Hold.id == hold.id, Hold.card_id == hold.card_id, Hold.status == "open")
    return uow.conn.execute(update(Hold).where(*still).values(**sealed)).rowcount == 1


def _set_aside(uow: UnitOfWork, card_id: str, asset: str, amount: int) -> None:
    account = account_id(card_id, BALANCE, asset)
    uow.conn.execute(update(Account).where(Account.id == account).values(held=Account.held + amount))
