"""Reading cards, with or without taking them in hand.

Balances come out of the same statement as the card. To change a card, `lock` it first: on PostgreSQL the
row locks make the read fresh (a joined row that is not locked too would be read from before the wait), on
SQLite the whole transaction has the database to itself. What is then written still names the version it
read, so a lock that failed us would be noticed. What time has ended counts for nobody, holds and value
alike: a reader leaves it out, whoever takes the card in hand writes it down. Every look-up of a typed code
passes the guard against guessing, whichever way it came here.
"""

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, bindparam, or_, select

from passes.cards import rotating_barcode, signed_barcode
from passes.cards.errors import BarcodeStale, CardMovedOn
from passes.cards.models import Card
from passes.cards.rotating_barcode import RotatingBarcode
from passes.cards.rules import CardView
from passes.clock import real_now
from passes.db.engine import UnitOfWork
from passes.db.prepared import Prepared
from passes.errors import CardNotFound
from passes.ids import TOKEN_LENGTH, normalise_code
from passes.ledger import holds, lots
from passes.ledger import queries as books
from passes.ledger.fifo import run_out
from passes.ledger.models import Account
from passes.ledger.receipts import Receipt
from passes.ledger.rules import BALANCE, OWED, REWARDS
from passes.limits import guesses
from passes.merchants import signing_keys
from passes.merchants.models import Merchant
from passes.programs.models import Program

_COLUMNS: list[Any] = [
    Card.id,
    Card.merchant_id,
    Card.program_id,
    Program.version.label("program_version"),
    Program.kind,
    Card.member_id,
    Card.state,
    Card.state_before_block,
    Card.code,
    Card.barcode,
    Card.page_token,
    Card.token_key_id,
    Card.version,
    Card.modified_s,
    Card.collected,
    Card.chain_head,
    Card.last_purchase_at,
    Card.news,
    Card.news_at,
    Card.reference,
    Card.expires_at,
    Card.expired_at,
    Card.lots_due_at,
    Card.created_at,
    Card.updated_at,
    Merchant.limits_version,
]
WITH_BALANCES: Select[Any] = (
    select(*_COLUMNS, Account.role, Account.asset, Account.balance, Account.held)
    .join(Program, Program.id == Card.program_id)
    .join(Merchant, Merchant.id == Card.merchant_id)
    .join(Account, Account.card_id == Card.id)
)


def _by(column: Any) -> tuple[Prepared, Prepared]:
    mine = WITH_BALANCES.where(Card.merchant_id == bindparam("merchant_id"), column == bindparam("name"))
    return Prepared(mine), Prepared(mine.with_for_update(of=[Card, Account]))


_BY_ID, _LOCK_BY_ID = _by(Card.id)
_BY_CODE, _LOCK_BY_CODE = _by(Card.code)
_BY_BARCODE, _LOCK_BY_BARCODE = _by(Card.barcode)
_ANYWHERE = Prepared(WITH_BALANCES.where(Card.id == bindparam("name")))
_BY_PAGE = Prepared(WITH_BALANCES.where(Card.page_token == bindparam("name")))


def get(uow: UnitOfWork, merchant_id: str, card_id: str) -> CardView:
    """The card; raises `CardNotFound` for an unknown one and for another merchant's."""
    return _found(uow, _BY_ID, {"merchant_id": merchant_id, "name": card_id})


def by_code(uow: UnitOfWork, merchant_id: str, code: str) -> CardView:
    """The card that a typed code or any barcode names.

    Raises `CardNotFound`, `RateLimited`, and `BarcodeStale` for a rotating barcode that has changed since.
    """
    guesses.require_open(uow, merchant_id, code)
    stored = _stored(uow, merchant_id, code)
    if stored is None and (rotating := rotating_barcode.parse(code)) is not None:
        return _showing(uow, get(uow, merchant_id, rotating.card_id), rotating)
    query = _BY_BARCODE if stored is not None and len(stored) == TOKEN_LENGTH else _BY_CODE
    card = None if stored is None else _read(uow, query, {"merchant_id": merchant_id, "name": stored})
    if card is None:
        raise _unknown(uow, merchant_id, code)
    return card


def lock(
    uow: UnitOfWork, merchant_id: str, *, card_id: str | None = None, code: str | None = None
) -> CardView:
    """The card, in hand until the transaction ends; raises what `by_code` raises."""
    name, query = card_id, _LOCK_BY_ID
    rotating = None
    if code is not None:
        guesses.require_open(uow, merchant_id, code)
        name = _stored(uow, merchant_id, code)
        query = _LOCK_BY_BARCODE if name is not None and len(name) == TOKEN_LENGTH else _LOCK_BY_CODE
        if name is None and (rotating := rotating_barcode.parse(code)) is not None:
            name, query = rotating.card_id, _LOCK_BY_ID
    rows = [] if name is None else query.all(uow, {"merchant_id": merchant_id, "name": name})
    if not rows:
        raise _unknown(uow, merchant_id, code)
    card = in_hand(uow, rows)
    return card if rotating is None else _showing(uow, card, rotating)


def in_hand(uow: UnitOfWork, rows: Sequence[dict[str, Any]]) -> CardView:
    """The card out of the locked rows of `WITH_BALANCES`, of which there are some."""
    card = _fold(rows)
    assert card is not None
    return replace(card, held=card.held - holds.expire(uow, card.id)) if card.held else card


def _stored(uow: UnitOfWork, merchant_id: str, code: str) -> str | None:
    """The code or token as it is stored; None when no card of the merchant can answer to it."""
    return normalise_code(code) or _signed(uow, merchant_id, code)


def _showing(uow: UnitOfWork, card: CardView, rotating: RotatingBarcode) -> CardView:
    """The card, if its phone showed that barcode a moment ago; raises `BarcodeStale`.

    A phone's clock is a real one. What a till tells later was a moment ago when it was scanned.
    """
    since = timedelta(0) if uow.scanned_at is None else uow.now - uow.scanned_at
    if not rotating.is_of(card.barcode, real_now() - since):
        raise BarcodeStale
    return card


def _signed(uow: UnitOfWork, merchant_id: str, code: str) -> str | None:
    """The token in a signed barcode that one of the merchant's keys has signed; None for anything else."""
    barcode = signed_barcode.parse(code)
    if barcode is None:
        return None
    known = signing_keys.public_keys(uow, merchant_id, signed_barcode.PURPOSE)
    key = next((key for key in known if key.id == barcode.key_id), None)
    is_good = key is not None and signed_barcode.is_good(key, uow.now)
    return barcode.token if is_good and key is not None and barcode.is_signed(key.public) else None


def lock_known(uow: UnitOfWork, merchant_id: str, card_ids: Collection[str]) -> dict[str, CardView]:
    """Those of the cards that exist, in hand, by their ids.

    They are taken in the order of their ids, like by everybody who takes several: so nobody waits in a ring.
    """
    found = {}
    for card_id in sorted(set(card_ids)):
        with suppress(CardNotFound):
            found[card_id] = lock(uow, merchant_id, card_id=card_id)
    return found


def lock_current(uow: UnitOfWork, merchant_id: str, card_ids: Collection[str]) -> dict[str, CardView]:
    """For each of the cards, whichever stands in its place today, in hand.

    That is the card itself unless it was replaced. Raises `CardNotFound`, and `CardMovedOn` when one is
    being replaced at this moment.
    """
    current = {card_id: _stands_for(uow, card_id) for card_id in card_ids}
    in_hand = lock_known(uow, merchant_id, current.values())
    if any(card_id not in in_hand for card_id in current.values()):
        raise CardNotFound
    closed = [card.id for card in in_hand.values() if card.state == "deactivated"]
    if any(books.replaced_by(uow, card_id) for card_id in closed):
        raise CardMovedOn("The card has just been replaced.")
    return {card_id: in_hand[stands_for] for card_id, stands_for in current.items()}


def _stands_for(uow: UnitOfWork, card_id: str) -> str:
    """The card, or the last of those that took its place one after the other."""
    while (following := books.replaced_by(uow, card_id)) is not None:
        card_id = following
    return card_id


def by_id_anywhere(uow: UnitOfWork, card_id: str) -> CardView | None:
    """The card whoever's it is; for wallets, whose own token says that they may ask."""
    return _read(uow, _ANYWHERE, {"name": card_id})


def by_page_token(uow: UnitOfWork, token: str) -> CardView | None:
    """The card whose web page is `/c/{token}`."""
    return _read(uow, _BY_PAGE, {"name": token.upper()})


def of_member(uow: UnitOfWork, merchant_id: str, member_id: str) -> list[str]:
    """The ids of a member's cards, oldest first."""
    query = (
        select(Card.id)
        .where(Card.merchant_id == merchant_id, Card.member_id == member_id)
        .order_by(Card.created_at, Card.id)
    )
    return list(uow.conn.execute(query).scalars())


def usable_of_member(uow: UnitOfWork, merchant_id: str, member_id: str, limit: int) -> list[str]:
    """The ids of a member's cards that have not ended, newest first, at most `limit`."""
    query = (
        select(Card.id)
        .where(
            Card.merchant_id == merchant_id,
            Card.member_id == member_id,
            Card.state.not_in(("expired", "deactivated")),
            or_(Card.expires_at.is_(None), Card.expires_at > uow.now),
        )
        .order_by(Card.created_at.desc(), Card.id.desc())
        .limit(limit)
    )
    return list(uow.conn.execute(query).scalars())


def stopped_since(uow: UnitOfWork, merchant_id: str, since: datetime, limit: int) -> list[str]:
    """The tokens of cards blocked or closed that changed after `since`, most recently first."""
    query = (
        select(Card.barcode)
        .where(
            Card.merchant_id == merchant_id,
            Card.stopped_at >= since,
        )
        .order_by(Card.stopped_at.desc(), Card.id)
    )
    return list(uow.conn.execute(query.limit(limit)).scalars())


def under_receipt(uow: UnitOfWork, receipt: Receipt) -> list[str]:
    """The ids of cards issued under a receipt; a card is issued at no location, so it must ask for none."""
    return list(uow.conn.execute(select(Card.id).where(receipt.borne_by(Card))).scalars())


def enrolled(uow: UnitOfWork, program_id: str, enrolled_by: str) -> CardView | None:
    """The card somebody already got by enrolling themselves."""
    card_id = enrolled_id(uow, program_id, enrolled_by)
    return None if card_id is None else by_id_anywhere(uow, card_id)


def enrolled_id(uow: UnitOfWork, program_id: str, enrolled_by: str) -> str | None:
    """The id of the card somebody got by enrolling themselves."""
    query = select(Card.id).where(Card.program_id == program_id, Card.enrolled_by == enrolled_by)
    return uow.conn.execute(query).scalar()


def of_contact(uow: UnitOfWork, program_id: str, contact: str) -> str | None:
    """The id of the card of a confirmed address."""
    query = select(Card.id).where(Card.program_id == program_id, Card.contact == contact)
    return uow.conn.execute(query).scalar()


def member_of_contact(uow: UnitOfWork, merchant_id: str, contact: str) -> str | None:
    """The member whom the oldest card of a confirmed address belongs to, over all programs."""
    query = (
        select(Card.member_id)
        .join(Program, Program.id == Card.program_id)
        .where(Program.merchant_id == merchant_id, Card.contact == contact, Card.member_id.is_not(None))
        .order_by(Card.created_at, Card.id)
    )
    return uow.conn.execute(query.limit(1)).scalar()


def _unknown(uow: UnitOfWork, merchant_id: str, code: str | None) -> CardNotFound:
    """The refusal, which counts as a guess where a code was typed."""
    if code is not None:
        guesses.note_miss(uow, merchant_id, code)
    return CardNotFound()


def _found(uow: UnitOfWork, query: Prepared, parameters: dict[str, str]) -> CardView:
    card = _read(uow, query, parameters)
    if card is None:
        raise CardNotFound
    return card


def _read(uow: UnitOfWork, query: Prepared, parameters: dict[str, str]) -> CardView | None:
    card = _fold(query.all(uow, parameters))
    if card is not None and card.held:
        card = replace(card, held=holds.unexpired(uow, card.id))
    if card is not None and card.has_run_out(uow.now):
        ended = run_out(lots.left_on(uow, card.id), card.held, uow.now)
        card = replace(card, balance=card.balance - ended)
    return card


def _fold(rows: Sequence[dict[str, Any]]) -> CardView | None:
    """One card out of one row per account."""
    if not rows:
        return None
    values = dict(rows[0])
    balances = {row["role"]: row for row in rows}
    del values["role"]
    values["asset"] = balances[BALANCE]["asset"]
    values["balance"] = balances[BALANCE]["balance"]
    values["held"] = balances[BALANCE]["held"]
    for name, role in (("rewards", REWARDS), ("owed", OWED)):
        if role in balances:
            values[name] = balances[role]["balance"]
    return CardView(**values)
