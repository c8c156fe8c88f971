"""What nearly every call of a till has to know before it decides, asked in one trip to the database.

Who asks, that the key is new and nobody else is at it, that the receipt was not reversed, and the card, taken
in hand: all of it or nothing. Whoever finds nothing asks for one thing after the other, as for any other
call, and learns which was missing. Typed codes are not looked for here, since guesses at them are counted.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, bindparam, func, literal, literal_column, select
from sqlalchemy.orm import InstrumentedAttribute

from passes.cards import queries as cards
from passes.cards.models import Card
from passes.cards.rules import CardView
from passes.db import locks
from passes.db.engine import UnitOfWork
from passes.db.locks import RECEIPTS, Lock
from passes.db.prepared import Prepared
from passes.ids import TOKEN_LENGTH, normalise_code
from passes.ledger import tombstones
from passes.ledger.models import Account, AnsweredKey
from passes.merchants import keys
from passes.merchants.access import Caller
from passes.merchants.models import ApiKey


@dataclass(frozen=True, slots=True)
class Asked:
    """A till's call as it came: the API key presented, the idempotency key, the card's name, the receipt."""

    presented: str
    key: str
    card_id: str | None
    code: str | None
    reference: str | None
    location_id: str | None


@dataclass(frozen=True, slots=True)
class Arrival:
    """Who asks, and the card, in hand until the transaction ends."""

    caller: Caller
    card: CardView


def look(uow: UnitOfWork, asked: Asked) -> Arrival | None:
    """Everything at once, or None; the key is then claimed and known to have no answer."""
    barcode = None if asked.code is None else normalise_code(asked.code)
    if asked.card_id is None and (barcode is None or len(barcode) != TOKEN_LENGTH):
        return None
    secret = keys.hash_of(asked.presented)
    values: dict[str, Any] = {"secret": secret, "key": asked.key, "card": asked.card_id or barcode}
    if asked.reference is not None:
        # Before the card and in a statement of its own, which is what makes the next one see a reversal.
        _RECEIPT.take(uow, {"secret": secret, "reference": asked.reference})
        values |= tombstones.reach(uow, asked.reference) | {"location": asked.location_id}
    found = _LOOK[asked.card_id is None, asked.reference is not None].all(uow, values)
    if not found:
        return None
    caller = _caller(found)
    uow.claims.add(locks.claim_name(caller.merchant_id, asked.key))
    return Arrival(caller, cards.in_hand(uow, found))


def _caller(rows: list[dict[str, Any]]) -> Caller:
    """Who asks, taken out of what was found about the card."""
    shared = rows[0]
    caller = Caller(
        shared["merchant_id"], shared["key_id"], frozenset(shared["key_scopes"]), shared["key_location_id"]
    )
    for row in rows:
        for column in _KEY_COLUMNS:
            del row[column.name]
    return caller


def _one_of(*conditions: ColumnElement[bool]) -> ScalarSelect[Any]:
    """1 where a row is as wanted, else NULL.

    Not EXISTS, which PostgreSQL would turn into a join, and while a table is new read all of it every time.
    """
    return select(_ONE).where(*conditions).limit(_ONE).scalar_subquery()


def _statement(card: InstrumentedAttribute[str], *, with_reference: bool) -> Prepared:
    answered = _one_of(AnsweredKey.merchant_id == ApiKey.merchant_id, AnsweredKey.key == bindparam("key"))
    key_name = ApiKey.merchant_id + literal(" ") + bindparam("key")
    statement = (
        cards.WITH_BALANCES.add_columns(*_KEY_COLUMNS)
        .join(ApiKey, ApiKey.merchant_id == Card.merchant_id)
        .where(card == bindparam("card"), *_PRESENTED, answered.is_(None), locks.claimed_at_once(key_name))
    )
    if with_reference:
        here = func.coalesce(ApiKey.location_id, bindparam("location"))
        reversed_there = _one_of(*tombstones.reversed_at(ApiKey.merchant_id, here))
        statement = statement.where(reversed_there.is_(None))
    return Prepared(statement.with_for_update(of=[Card, Account]))


_ONE: ColumnElement[int] = literal_column("1")
_KEY_COLUMNS = (
    ApiKey.id.label("key_id"),
    ApiKey.scopes.label("key_scopes"),
    ApiKey.location_id.label("key_location_id"),
)
_PRESENTED = (ApiKey.secret_hash == bindparam("secret"), ApiKey.revoked_at.is_(None))
_MERCHANT = select(ApiKey.merchant_id).where(*_PRESENTED).scalar_subquery()
_RECEIPT = Lock(RECEIPTS, shared=True, name=_MERCHANT + literal(" ") + bindparam("reference"))
_LOOK = {
    (by_barcode, with_reference): _statement(
        Card.barcode if by_barcode else Card.id, with_reference=with_reference
    )
    for by_barcode in (False, True)
    for with_reference in (False, True)
}
