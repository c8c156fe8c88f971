"""What tills did offline against the entries it became: nothing of it is hidden, and nothing made up."""

from typing import Any

from sqlalchemy import Row, select

from passes.clock import format_rfc3339
from passes.db.engine import UnitOfWork
from passes.ledger.models import OfflineEntry, Transaction
from passes.ledger.verify.faults import Faults

ROWS_AT_ONCE = 1_000
_NOTED = tuple(column.name for column in OfflineEntry.__table__.columns)


def check(uow: UnitOfWork, faults: Faults) -> None:
    """Report every offline entry that says otherwise than its transaction, or is missing beside it."""
    told = Transaction.details["occurred_at"].as_string()
    query = (
        select(
            Transaction.__table__,
            *(getattr(OfflineEntry, name).label(f"offline_{name}") for name in _NOTED),
        )
        .outerjoin(OfflineEntry, OfflineEntry.transaction_id == Transaction.id)
        .where((OfflineEntry.transaction_id.is_not(None)) | told.is_not(None))
    )
    for row in uow.conn.execute(query, execution_options={"yield_per": ROWS_AT_ONCE}):
        if row.offline_transaction_id is None:
            faults.add(f"Transaction {row.id} happened offline, but is not counted as such.")
            continue
        wrong = sorted(name for name, value in _as_booked(row).items() if _noted(row, name) != value)
        if wrong:
            faults.add(f"Transaction {row.id} happened offline, but with another {' and '.join(wrong)}.")


def _noted(row: Row[Any], name: str) -> Any:
    value = getattr(row, f"offline_{name}")
    return format_rfc3339(value) if name == "occurred_at" else value


def _as_booked(row: Row[Any]) -> dict[str, Any]:
    details = row.details or {}
    overspend = (details.get("overspend") or {}).get("amount", 0)
    return {
        "merchant_id": row.merchant_id,
        "card_id": row.card_id,
        "actor": row.actor,
        "asset": row.asset,
        "handed_out": row.amount + overspend if row.type == "redeem" else 0,
        "overspend": overspend,
        "occurred_at": details.get("occurred_at"),
        "created_at": row.created_at,
    }
