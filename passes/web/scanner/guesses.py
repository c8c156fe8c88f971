"""How often a PIN may be guessed wrong, counted in the audit log and therefore by all processes at once.

A PIN has a million possibilities at most, so this limit is its whole strength: at ten wrong ones in half an
hour, trying half of all six-digit PINs takes more than two years.
"""

from datetime import timedelta

from sqlalchemy import func, select

from passes.audit import service as audit
from passes.audit.models import AuditEntry
from passes.db.engine import UnitOfWork
from passes.merchants.models import Location

ALLOWED = 10
WINDOW = timedelta(minutes=30)
_ACTION = "scanner.wrong_pin"


def are_spent(uow: UnitOfWork, merchant_id: str, location_id: str) -> bool:
    """Whether nobody may try a PIN at this shop for now.

    Whoever asks has the shop in hand until the transaction ends, so that of many who guess at once each
    sees what the others got wrong.
    """
    uow.conn.execute(select(Location.id).where(Location.id == location_id).with_for_update())
    query = select(func.count()).where(
        AuditEntry.merchant_id == merchant_id,
        AuditEntry.subject == location_id,
        AuditEntry.action == _ACTION,
        AuditEntry.at > uow.now - WINDOW,
    )
    return uow.conn.execute(query).scalar_one() >= ALLOWED


def note_wrong(uow: UnitOfWork, merchant_id: str, location_id: str) -> None:
    """Write a wrong guess down; the PIN itself is not."""
    audit.record(uow, merchant_id, "scanner", _ACTION, location_id)
