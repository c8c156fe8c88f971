"""The people of a merchant: they sign in to the console with a password, to the scanner with a PIN.

Passwords and PINs are kept as Argon2id hashes, and saying no takes as much work as saying yes. What stops
guessing is a limit on attempts, which is for the pages to keep; a PIN of six digits has no other defence,
because no hash is slow enough for a million possibilities. So PINs are hashed cheaply, and a shop with many
people at one till still lets them in at once.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Row, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from passes.audit import service as audit
from passes.db.engine import UnitOfWork
from passes.errors import FieldError, NotFound
from passes.ids import new_id
from passes.merchants import queries
from passes.merchants.access import Caller
from passes.merchants.models import Staff
from passes.merchants.rules import StaffDraft

# OWASP's Argon2id minimum for passwords; the PIN's is a fraction of it, for the reason given above.
PASSWORDS = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
PINS = PasswordHasher(time_cost=1, memory_cost=4_096, parallelism=1)


@dataclass(frozen=True, slots=True)
class StaffView:
    """A person of the merchant, without anything secret."""

    id: str
    merchant_id: str
    name: str
    email: str
    has_pin: bool
    scopes: tuple[str, ...]
    location_id: str | None
    created_at: datetime
    disabled_at: datetime | None


def create_staff(uow: UnitOfWork, merchant_id: str, draft: StaffDraft, actor: str) -> StaffView:
    """Let a person in; raises `FieldError` for an e-mail address or a PIN that is taken, `NotFound`.

    An address is taken when anybody of the installation has it, a PIN when it would be ambiguous at a shop.
    """
    queries.merchant(uow, merchant_id)
    if draft.location_id is not None:
        queries.location(uow, merchant_id, draft.location_id)
    pin = draft.pin.get_secret_value() if draft.pin else None
    if pin is not None and _with_pin(uow, merchant_id, draft.location_id, pin):
        raise FieldError("pin", "is taken by a colleague; choose another")
    staff_id = new_id("staff")
    row = {
        "id": staff_id,
        "merchant_id": merchant_id,
        "name": draft.name,
        "email": draft.email,
        "password_hash": PASSWORDS.hash(draft.password.get_secret_value()),
        "pin_hash": PINS.hash(pin) if pin is not None else None,
        "scopes": list(draft.scopes),
        "location_id": draft.location_id,
        "created_at": uow.now,
    }
    try:
        with uow.savepoint():
            uow.conn.execute(insert(Staff).values(row))
    except IntegrityError:
        raise FieldError("email", "is taken; everybody signs in with an address of their own") from None
    noted = {"scopes": row["scopes"], "location_id": draft.location_id, "has_pin": pin is not None}
    audit.record(uow, merchant_id, actor, "merchants.create_staff", staff_id, **noted)
    return get_staff(uow, merchant_id, staff_id)


def disable_staff(uow: UnitOfWork, merchant_id: str, staff_id: str, actor: str) -> StaffView:
    """Let a person in no more; raises `NotFound`. Doing it again changes nothing."""
    disabled = uow.conn.execute(
        update(Staff)
        .where(Staff.merchant_id == merchant_id, Staff.id == staff_id, Staff.disabled_at.is_(None))
        .values(disabled_at=uow.now)
    )
    if disabled.rowcount:
        audit.record(uow, merchant_id, actor, "merchants.disable_staff", staff_id)
    return get_staff(uow, merchant_id, staff_id)


def get_staff(uow: UnitOfWork, merchant_id: str, staff_id: str) -> StaffView:
    """The person; raises `NotFound` for an unknown one and for another merchant's."""
    query = select(Staff.__table__).where(Staff.merchant_id == merchant_id, Staff.id == staff_id)
    row = uow.conn.execute(query).first()
    if row is None:
        raise NotFound("There is nobody here under that id.")
    return _view(row)


def name_of(uow: UnitOfWork, merchant_id: str, actor: str) -> str | None:
    """The name of whoever did something; None for who is nobody of the merchant's staff."""
    query = select(Staff.name).where(Staff.merchant_id == merchant_id, Staff.id == actor)
    return uow.conn.execute(query).scalar()


def everybody(uow: UnitOfWork, merchant_id: str) -> list[StaffView]:
    """The merchant's people in the order in which they came, those shut out too."""
    query = select(Staff.__table__).where(Staff.merchant_id == merchant_id)
    return [_view(row) for row in uow.conn.execute(query.order_by(Staff.created_at, Staff.id))]


def with_email(uow: UnitOfWork, email: str) -> StaffView | None:
    """Whoever signs in with the address, if anybody does."""
    row = uow.conn.execute(select(Staff.__table__).where(Staff.email == email.strip().lower())).first()
    return None if row is None else _view(row)


def note_sign_in(uow: UnitOfWork, caller: Caller, door: str) -> None:
    """Write down that somebody signed in at a `door`: the console, or the scanner, where a key does too."""
    noted = {"door": door, "location_id": caller.location_id}
    audit.record(uow, caller.merchant_id, caller.actor, "merchants.sign_in", caller.actor, **noted)


def managers(uow: UnitOfWork, merchant_id: str) -> list[StaffView]:
    """Everybody who may manage the merchant and is let in, in the order in which they came."""
    let_in = (person for person in everybody(uow, merchant_id) if person.disabled_at is None)
    return [person for person in let_in if "manage" in person.scopes]


def authenticate_staff(uow: UnitOfWork, email: str, password: str) -> Caller | None:
    """Whoever signs in with this address and password; None for an unknown, wrong or disabled one alike."""
    query = select(Staff.__table__).where(Staff.email == email.strip().lower())
    person = uow.conn.execute(query).first()
    right = _verifies(PASSWORDS, person.password_hash if person else _nobodys_hash(), password)
    if person is None or person.disabled_at is not None or not right:
        return None
    return Caller(person.merchant_id, person.id, frozenset(person.scopes), person.location_id)


def authenticate_pin(
    uow: UnitOfWork, merchant_id: str, location_id: str, pin: str, *, only_bound: bool = False
) -> Caller | None:
    """Whoever has this PIN at this shop, bound to it; None for a wrong PIN, `NotFound` for an unknown shop.

    The people of a shop are those bound to it and, unless `only_bound`, those bound to none.
    """
    queries.location(uow, merchant_id, location_id)
    people = _with_pin(uow, merchant_id, location_id, pin, only_bound=only_bound)
    if len(people) != 1:
        return None
    staff_id, scopes = people[0]
    return Caller(merchant_id, staff_id, frozenset(scopes), location_id)


def _with_pin(
    uow: UnitOfWork, merchant_id: str, location_id: str | None, pin: str, *, only_bound: bool = False
) -> list[tuple[str, list[str]]]:
    """Id and scopes of those who have `pin` at a shop, or in the whole merchant; looks at every one."""
    query = select(Staff.id, Staff.pin_hash, Staff.scopes).where(
        Staff.merchant_id == merchant_id, Staff.pin_hash.is_not(None), Staff.disabled_at.is_(None)
    )
    if location_id is not None:
        bound = Staff.location_id == location_id
        query = query.where(bound if only_bound else or_(bound, Staff.location_id.is_(None)))
    return [
        (row.id, row.scopes) for row in uow.conn.execute(query) if _verifies(PINS, row.pin_hash or "", pin)
    ]


def _verifies(hasher: PasswordHasher, stored: str, presented: str) -> bool:
    try:
        return hasher.verify(stored, presented.encode(errors="surrogatepass"))
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobodys_hash() -> str:
    return PASSWORDS.hash("nobody signs in with this")


def _view(row: Row[Any]) -> StaffView:
    return StaffView(
        id=row.id,
        merchant_id=row.merchant_id,
        name=row.name,
        email=row.email,
        has_pin=row.pin_hash is not None,
        scopes=tuple(row.scopes),
        location_id=row.location_id,
        created_at=row.created_at,
        disabled_at=row.disabled_at,
    )
