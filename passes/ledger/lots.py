"""Storing lots. The caller has the card in hand; a lot that is no longer as it was read is not written."""

from collections.abc import Sequence

from sqlalchemy import insert, select, update

from passes.db.engine import UnitOfWork
from passes.ledger import seals
from passes.ledger.fifo import Lot, Lots, in_order
from passes.ledger.models import LotRow

_COLUMNS = (LotRow.transaction_id, LotRow.expires_at, LotRow.amount, LotRow.remaining, LotRow.lapsed)


def left_on(uow: UnitOfWork, card_id: str) -> Lots:
    """The lots with something left on them, in the order they are spent."""
    rows = uow.conn.execute(select(*_COLUMNS).where(LotRow.card_id == card_id, LotRow.remaining > 0))
    return in_order(Lot(**row._mapping) for row in rows)


def of_entry(uow: UnitOfWork, transaction_id: str) -> Lot | None:
    """The lot an entry opened, if it did."""
    row = uow.conn.execute(select(*_COLUMNS).where(LotRow.transaction_id == transaction_id)).first()
    return None if row is None else Lot(**row._mapping)


def add(uow: UnitOfWork, merchant_id: str, card_id: str, lots: Sequence[Lot]) -> None:
    """Open lots on a card."""
    rows = [
        {
            "transaction_id": lot.transaction_id,
            "expires_at": lot.expires_at,
            "merchant_id": merchant_id,
            "card_id": card_id,
            "amount": lot.amount,
            "remaining": lot.remaining,
            "lapsed": lot.lapsed,
            "seal": seals.of_lot(lot),
        }
        for lot in lots
    ]
    if rows:
        uow.conn.execute(insert(LotRow), rows)


def store(uow: UnitOfWork, before: Sequence[Lot], after: Sequence[Lot]) -> bool:
    """Write what has changed of some lots; False when one of them was not as it was read."""
    known = {(lot.transaction_id, lot.expires_at): lot for lot in before}
    for lot in after:
        old = known[lot.transaction_id, lot.expires_at]
        if old == lot:
            continue
        written = uow.conn.execute(
            update(LotRow)
            .where(
                LotRow.transaction_id == lot.transaction_id,
                LotRow.expires_at == lot.expires_at,
                LotRow.remaining == old.remaining,
                LotRow.lapsed == old.lapsed,
            )
            .values(remaining=lot.remaining, lapsed=lot.lapsed, seal=seals.of_lot(lot))
        )
        if written.rowcount != 1:
            return False
    return True
