"""An address is somebody's once whoever reads its mail has said so: both steps of a double opt-in.

The secret in the link is derived when the mail is written and kept nowhere; the table has a hash of it.
Whether a link still opens is a matter of real time, when somebody agreed one of business time.
"""

import hashlib
import hmac
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, insert, or_, select, update

from passes.audit import service as audit
from passes.clock import real_now
from passes.db.engine import UnitOfWork
from passes.ids import TOKEN_LENGTH, crockford, new_id
from passes.members import unreachable
from passes.members.models import Confirmation

LIFETIME = timedelta(days=1)
KEPT_UNCONFIRMED = timedelta(days=7)
"""How long a link opens, and for how long after that an address stays that nobody has confirmed."""


@dataclass(frozen=True, slots=True)
class ConfirmationView:
    """What was asked, and what came of it; `wording` is what was ticked about advertising by e-mail."""

    id: str
    merchant_id: str
    card_id: str
    member_id: str | None
    email: str
    language: str
    source: str
    wording: str | None
    asked_at: datetime
    expires_at: datetime
    confirmed_at: datetime | None
    confirmed_wording: str | None

    def is_open(self) -> bool:
        """Whether the link in the mail still does something."""
        return self.confirmed_at is None and self.expires_at > real_now()

    @property
    def contact(self) -> str:
        """What stands for the address on cards."""
        return unreachable.contact_of(self.merchant_id, self.email)


_VIEW = select(*(getattr(Confirmation, name) for name in ConfirmationView.__slots__))


def token_of(key: bytes, confirmation_id: str) -> str:
    """The secret in the link of one mail: 128 bits that nobody without `key` can work out."""
    digest = hmac.digest(key, f"confirmation\0{confirmation_id}".encode(), "sha256")
    return crockford(int.from_bytes(digest[:16]), TOKEN_LENGTH).lower()


def ask(
    uow: UnitOfWork,
    key: bytes,
    merchant_id: str,
    card_id: str,
    *,
    email: str,
    language: str,
    source: str,
    wording: str | None,
) -> str:
    """Note that somebody gave this address for a card; returns the id under which a mail can be written."""
    confirmation_id = new_id("conf")
    uow.conn.execute(
        insert(Confirmation).values(
            id=confirmation_id,
            merchant_id=merchant_id,
            card_id=card_id,
            email=email,
            language=language,
            token_hash=_hashed(token_of(key, confirmation_id)),
            source=source,
            wording=wording,
            asked_at=uow.now,
            expires_at=real_now() + LIFETIME,
        )
    )
    return confirmation_id


def get(uow: UnitOfWork, merchant_id: str, confirmation_id: str) -> ConfirmationView | None:
    """What is known of it; None once it has been forgotten."""
    query = _VIEW.where(Confirmation.merchant_id == merchant_id, Confirmation.id == confirmation_id)
    row = uow.conn.execute(query).first()
    return None if row is None else ConfirmationView(**row._mapping)


def by_token(uow: UnitOfWork, token: str) -> ConfirmationView | None:
    """What a link stands for; None for one that was never sent."""
    row = uow.conn.execute(_VIEW.where(Confirmation.token_hash == _hashed(token.lower()))).first()
    return None if row is None else ConfirmationView(**row._mapping)


def confirm(uow: UnitOfWork, asked: ConfirmationView, wording: str, actor: str) -> bool:
    """Note that the address was confirmed under these words; False if the link is used up or too old.

    Of many who press the button at once one is told that it worked.
    """
    still_open = (
        Confirmation.id == asked.id,
        Confirmation.confirmed_at.is_(None),
        Confirmation.expires_at > real_now(),
    )
    confirmed = update(Confirmation).where(*still_open)
    done = uow.conn.execute(confirmed.values(confirmed_at=uow.now, confirmed_wording=wording)).rowcount == 1
    if done:
        audit.record(uow, asked.merchant_id, actor, "members.confirm_address", asked.id)
    return done


def settle(uow: UnitOfWork, confirmation_id: str, card_id: str, member_id: str) -> None:
    """Note whose the address is, and which card it led to."""
    mine = update(Confirmation).where(Confirmation.id == confirmation_id)
    uow.conn.execute(mine.values(card_id=card_id, member_id=member_id))


def forget_person(
    uow: UnitOfWork, merchant_id: str, member_id: str, email: str | None, card_ids: Collection[str]
) -> None:
    """Forget every address that was given for a person or their cards, and what is known of their own."""
    theirs: list[ColumnElement[bool]] = [
        Confirmation.member_id == member_id,
        Confirmation.card_id.in_(card_ids),
    ]
    if email is not None:
        theirs.append((Confirmation.email == email) & Confirmation.member_id.is_(None))
        unreachable.forget(uow, merchant_id, email)
    uow.conn.execute(delete(Confirmation).where(Confirmation.merchant_id == merchant_id, or_(*theirs)))


def forget_unconfirmed(uow: UnitOfWork) -> int:
    """Delete the addresses that nobody confirmed in time; returns how many."""
    lapsed = (Confirmation.confirmed_at.is_(None), Confirmation.expires_at < real_now() - KEPT_UNCONFIRMED)
    return uow.conn.execute(delete(Confirmation).where(*lapsed)).rowcount


def _hashed(token: str) -> bytes:
    return hashlib.sha256(token.encode(errors="surrogatepass")).digest()
