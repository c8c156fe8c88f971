"""Addresses that a mail server says nobody has: they are not written to again until one of them takes a mail.

Kept as a hash beside the merchant, whoever has the address there: a member, somebody about to confirm it, a
colleague. Times are real.
"""

import hashlib
from datetime import datetime

from sqlalchemy import ColumnElement, delete, select

from passes.db.engine import UnitOfWork
from passes.db.upsert import insert_once
from passes.members.models import UnreachableAddress


def contact_of(merchant_id: str, email: str) -> str:
    """What stands for an address with one merchant: 64 hexadecimal digits, as many as the columns hold."""
    return hashlib.sha256(f"{merchant_id}\0{email.strip().lower()}".encode()).hexdigest()


def note(uow: UnitOfWork, merchant_id: str, email: str, reason: str, at: datetime) -> None:
    """The address was refused for good at `at`; `reason` does not repeat it."""
    row = {
        "merchant_id": merchant_id,
        "contact": contact_of(merchant_id, email),
        "reason": reason[:200],
        "since": at,
    }
    insert_once(uow, UnreachableAddress, row)


def forget(uow: UnitOfWork, merchant_id: str, email: str) -> None:
    """The address has taken a mail, or is nobody's business any more."""
    uow.conn.execute(delete(UnreachableAddress).where(*_mine(merchant_id, email)))


def is_noted(uow: UnitOfWork, merchant_id: str, email: str) -> bool:
    """Whether the address was refused for good and has taken nothing since."""
    query = select(UnreachableAddress.since).where(*_mine(merchant_id, email))
    return uow.conn.execute(query).first() is not None


def _mine(merchant_id: str, email: str) -> tuple[ColumnElement[bool], ...]:
    return (
        UnreachableAddress.merchant_id == merchant_id,
        UnreachableAddress.contact == contact_of(merchant_id, email),
    )
