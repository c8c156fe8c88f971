"""Writing to the audit log, in the unit of work of the act itself."""

from typing import Any

from sqlalchemy import insert

from passes.audit.models import AuditEntry
from passes.db.engine import UnitOfWork
from passes.db.prepared import Prepared

_ENTRY = Prepared(insert(AuditEntry), ("merchant_id", "at", "actor", "action", "subject", "details"))


def record(uow: UnitOfWork, merchant_id: str, actor: str, action: str, subject: str, **details: Any) -> None:
    """Note that `actor` (a key, a person, "cli") did `action` (room.verb) to `subject` (an id)."""
    _ENTRY.run(
        uow,
        {
            "merchant_id": merchant_id,
            "at": uow.now,
            "actor": actor,
            "action": action,
            "subject": subject,
            "details": details,
        },
    )
