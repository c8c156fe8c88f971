"""Issuing cards and changing them. Every change a wallet could show goes through `touch`."""

import time
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Update, bindparam, case, insert, select, update
from sqlalchemy.exc import IntegrityError

from passes.audit import service as audit
from passes.cards import queries
from passes.cards.errors import CardMovedOn, CardNotActive
from passes.cards.face import Text
from passes.cards.models import Card
from passes.cards.rules import CardView, require_open
from passes.db.engine import UnitOfWork
from passes.db.prepared import Prepared, must
from passes.errors import Refusal
from passes.ids import new_code, new_id, new_token
from passes.ledger import holds, lots
from passes.ledger import service as ledger
from passes.ledger.chain import GENESIS, next_link
from passes.ledger.fifo import Lot
from passes.ledger.rules import BALANCE, ISSUED, Entry, Move, account_id
from passes.merchants import queries as merchants
from passes.outbox import service as outbox
from passes.programs.ends import lot_end
from passes.programs.queries import ProgramView
from passes.programs.rules import CouponRules, GiftRules, gift_expiry

CHANGED = "card.changed"
"""The outbox topic of every change a wallet could show."""

_CARD_COLUMNS = frozenset(Card.__table__.columns.keys()) & {f.name for f in fields(CardView)}


def http_second() -> int:
    """What a version made now is dated: one second back, so that another one in this second has room."""
    return int(time.time()) - 1


def _touch_statement() -> Update:
    second = bindparam("second", type_=BigInteger)
    return (
        update(Card)
        .where(Card.id == bindparam("card"), must(Card.version == bindparam("seen")))
        .values(
            version=Card.version + 1,
            modified_s=case((Card.modified_s >= second, Card.modified_s + 1), else_=second),
            updated_at=bindparam("at"),
            collected=bindparam("now_collected"),
            chain_head=bindparam("now_chain_head"),
            last_purchase_at=bindparam("now_purchased_at"),
        )
    )


_TOUCH = Prepared(_touch_statement())
_MINE = Prepared(select(Card.enrolled_by, Card.contact).where(Card.id == bindparam("card")))
_INSERT = Prepared(insert(Card), (*sorted(_CARD_COLUMNS), "enrolled_by", "contact"))


def issue(
    uow: UnitOfWork,
    program: ProgramView,
    *,
    actor: str,
    member_id: str | None = None,
    amount: int | None = None,
    reference: str | None = None,
    location_id: str | None = None,
    expires_at: datetime | None = None,
    enrolled_by: str | None = None,
) -> CardView:
    """Make a card of `program`; a gift card with an `amount` (minor units) is active at once."""
    rules = program.rules
    pending = isinstance(rules, GiftRules) and amount is None
    load_ends = None
    if isinstance(rules, GiftRules) and amount is not None:
        check_gift_limits(rules, amount, 0)
        zone = merchants.calendar_zone(uow, program.merchant_id, None)
        expires_at = expires_at or gift_expiry(rules, uow.now, zone)
        load_ends = lot_end(rules, uow.now, zone)
    card = CardView(
        id=new_id("card"),
        merchant_id=program.merchant_id,
        program_id=program.id,
        program_version=program.version,
        kind=program.kind,
        asset=program.asset,
        member_id=member_id,
        state="pending" if pending else "active",
        state_before_block=None,
        code=new_code(),
        barcode=new_token(),
        page_token=new_token(),
        token_key_id=uow.token_key_id,
        version=1,
        modified_s=http_second(),
        collected=0,
        last_purchase_at=None,
        news=None,
        news_at=None,
        reference=reference,
        expires_at=expires_at,
        created_at=uow.now,
        updated_at=uow.now,
        lots_due_at=load_ends,
    )
    ledger.open_program_accounts(uow, card.merchant_id, card.program_id, card.kind, card.asset)
    first = rules.uses if isinstance(rules, CouponRules) else (amount or 0)
    if not first:
        return _open(uow, card, enrolled_by)
    entry, moves = _first_entry(card, first, actor, location_id)
    card = replace(card, chain_head=next_link(GENESIS, entry, moves))
    _open(uow, card, enrolled_by)
    ledger.book(uow, entry, moves, card.chain_head)
    if load_ends is not None:
        lots.add(uow, card.merchant_id, card.id, [Lot(entry.id, load_ends, first, first)])
    return replace(card, balance=first)


def issue_in_place_of(uow: UnitOfWork, old: CardView) -> CardView:
    """Make an empty card that is the same member's and runs as long as `old`, with codes of its own.

    Who enrolled for the old one has now enrolled for this one, and a confirmed address comes along.
    """
    waiting = "pending" in (old.state, old.state_before_block)
    card = replace(
        old,
        id=new_id("card"),
        state="pending" if waiting else "active",
        state_before_block=None,
        code=new_code(),
        barcode=new_token(),
        page_token=new_token(),
        token_key_id=uow.token_key_id,
        version=1,
        modified_s=http_second(),
        collected=0,
        created_at=uow.now,
        updated_at=uow.now,
        balance=0,
        rewards=0,
        owed=0,
        held=0,
        chain_head=GENESIS,
        lots_due_at=None,
    )
    mine = _MINE.all(uow, {"card": old.id})[0]
    if any(mine.values()):
        uow.conn.execute(update(Card).where(Card.id == old.id).values(enrolled_by=None, contact=None))
    return _open(uow, card, **mine)


def _open(uow: UnitOfWork, card: CardView, enrolled_by: str | None, contact: str | None = None) -> CardView:
    row = {name: getattr(card, name) for name in _CARD_COLUMNS}
    _INSERT.run(uow, row | {"enrolled_by": enrolled_by, "contact": contact})
    ledger.open_card_accounts(uow, card.merchant_id, card.program_id, card.id, card.kind, card.asset)
    outbox.enqueue(uow, card.merchant_id, "card.issued", card.id, card.version)
    return card


def check_gift_limits(rules: GiftRules, amount: int, balance: int) -> None:
    """Refuse a load of `amount` onto `balance` that the program does not allow."""
    if rules.minimum_load is not None and amount < rules.minimum_load.amount:
        raise Refusal(
            "program_limit",
            f"The smallest load is {rules.minimum_load.amount} (minor units).",
            limit="minimum_load",
        )
    check_maximum_balance(rules, amount, balance)


def check_maximum_balance(rules: GiftRules, amount: int, balance: int) -> None:
    """Refuse `amount` on top of `balance` where the program does not let a card hold as much."""
    if rules.maximum_balance is not None and balance + amount > rules.maximum_balance.amount:
        raise Refusal(
            "program_limit",
            f"A card may hold at most {rules.maximum_balance.amount} (minor units).",
            limit="maximum_balance",
        )


def _first_entry(
    card: CardView, amount: int, actor: str, location_id: str | None
) -> tuple[Entry, list[Move]]:
    entry = Entry(
        id=new_id("txn"),
        merchant_id=card.merchant_id,
        card_id=card.id,
        card_version=card.version,
        type="issue",
        asset=card.asset,
        amount=amount,
        balance_asset=card.asset,
        delta=amount,
        balance_after=amount,
        reference=card.reference,
        location_id=location_id,
        actor=actor,
        created_at=card.created_at,
    )
    source = account_id(card.program_id, ISSUED, card.asset)
    return entry, [Move(source, account_id(card.id, BALANCE, card.asset), card.asset, amount)]


def touch(
    uow: UnitOfWork,
    card: CardView,
    *,
    collected: int | None = None,
    last_purchase_at: datetime | None = None,
    chain_head: bytes | None = None,
) -> int:
    """Give the card its next version and tell the outbox; returns the version.

    An entry that makes the version brings its link as `chain_head`.
    `CardMovedOn` comes of it, at the latest with the commit, when `card` is no longer how the card stands:
    nobody writes over a change they have not seen.
    """
    _TOUCH.later(
        uow,
        {
            "card": card.id,
            "seen": card.version,
            "second": http_second(),
            "at": uow.now,
            "now_collected": card.collected if collected is None else collected,
            "now_chain_head": chain_head or card.chain_head,
            "now_purchased_at": last_purchase_at or card.last_purchase_at,
        },
        untouched=CardMovedOn("The card has just been changed by somebody else."),
    )
    outbox.enqueue(uow, card.merchant_id, CHANGED, card.id, card.version + 1)
    return card.version + 1


def forget_purchase(uow: UnitOfWork, card_id: str, last_purchase_at: datetime | None) -> None:
    """Set when the card's last purchase was, after one was undone; the caller has touched the card."""
    uow.conn.execute(update(Card).where(Card.id == card_id).values(last_purchase_at=last_purchase_at))


def touch_by_id(uow: UnitOfWork, merchant_id: str, card_id: str, **changes: Any) -> CardView:
    """Lock a card, set `changes` (columns) and give it its next version; returns how it stands now."""
    card = queries.lock(uow, merchant_id, card_id=card_id)
    touch(uow, card)
    if changes:
        uow.conn.execute(update(Card).where(Card.id == card_id).values(**changes))
    return queries.get(uow, merchant_id, card_id)


def touch_member(uow: UnitOfWork, merchant_id: str, member_id: str) -> None:
    """Give a member's cards their next version, because they show the member's name."""
    for card_id in sorted(queries.of_member(uow, merchant_id, member_id)):
        touch_by_id(uow, merchant_id, card_id)


def set_news(uow: UnitOfWork, merchant_id: str, card_id: str, news: Text, at: datetime) -> int:
    """Put a message on the card's "latest news"; returns the card's new version."""
    return touch_by_id(uow, merchant_id, card_id, news={"de": news.de, "en": news.en}, news_at=at).version


def block(uow: UnitOfWork, merchant_id: str, card_id: str, reason: str, actor: str) -> CardView:
    """Stop the card for now; blocking a blocked card changes nothing."""
    card = queries.lock(uow, merchant_id, card_id=card_id)
    require_open(card)
    if card.state == "blocked":
        return card
    audit.record(uow, merchant_id, actor, "cards.block", card_id, reason=reason)
    return touch_by_id(uow, merchant_id, card_id, state="blocked", state_before_block=card.state)


def unblock(uow: UnitOfWork, merchant_id: str, card_id: str, reason: str, actor: str) -> CardView:
    """Let a blocked card work again, as it was before; refuses a card that is not blocked."""
    card = queries.lock(uow, merchant_id, card_id=card_id)
    if card.state != "blocked":
        raise CardNotActive(card.state)
    audit.record(uow, merchant_id, actor, "cards.unblock", card_id, reason=reason)
    return touch_by_id(
        uow, merchant_id, card_id, state=card.state_before_block or "active", state_before_block=None
    )


def deactivate(uow: UnitOfWork, merchant_id: str, card_id: str, reason: str, actor: str) -> CardView:
    """Close the card for good; what is on it stays in the books, what is held on it is let go.

    Closing a closed card changes nothing. Whoever got it by enrolling may enrol again.
    """
    card = queries.lock(uow, merchant_id, card_id=card_id)
    if card.state == "deactivated":
        return card
    audit.record(uow, merchant_id, actor, "cards.deactivate", card_id, reason=reason)
    holds.void_all(uow, card_id)
    nobodys: dict[str, Any] = {"enrolled_by": None, "contact": None}
    return touch_by_id(uow, merchant_id, card_id, state="deactivated", lots_due_at=None, **nobodys)


def give_to(uow: UnitOfWork, card: CardView, contact: str) -> bool:
    """Make a card that of a confirmed address; False when that has one of the program already."""
    try:
        with uow.savepoint():
            uow.conn.execute(update(Card).where(Card.id == card.id).values(contact=contact))
    except IntegrityError:
        return False
    return True


def taken_by(uow: UnitOfWork, card: CardView, enrolled_by: str) -> None:
    """Lead the browser behind `enrolled_by`, which has no card of the program, to this card from now on."""
    uow.conn.execute(update(Card).where(Card.id == card.id).values(enrolled_by=enrolled_by))
