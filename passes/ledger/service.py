"""Writing to the books: opening accounts, booking entries, counting what was undone, answering keys."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, delete, insert, or_, select, update

from passes.db.engine import UnitOfWork
from passes.db.prepared import Prepared
from passes.db.upsert import insert_missing
from passes.ledger import seals
from passes.ledger.chain import ENTRY_FIELDS, entry_values
from passes.ledger.models import Account, AnsweredKey, PersonalAnswer, Posting, Transaction, Undoing
from passes.ledger.rules import (
    CLAIMS,
    EXPIRED,
    ISSUED,
    OFFLINE_LOSS,
    OWED,
    REWARDS,
    SPENT,
    Entry,
    Move,
    account_id,
)
from passes.money import REWARD

_TRANSACTION = Prepared(insert(Transaction))
_POSTING = Prepared(insert(Posting))
_KEY = Prepared(insert(AnsweredKey))
_ACCOUNT = Prepared(insert(Account))
_UNDO = (
    update(Undoing)
    .where(
        Undoing.transaction_id == bindparam("wanted_id"),
        Undoing.undone + bindparam("wanted") <= Undoing.total,
    )
    .values(undone=Undoing.undone + bindparam("wanted"))
)


def open_program_accounts(uow: UnitOfWork, merchant_id: str, program_id: str, kind: str, asset: str) -> None:
    """The program's own accounts, unless they exist: where its value comes from, and where it goes."""
    pairs = [(ISSUED, asset), (SPENT, asset), (EXPIRED, asset)]
    if kind in ("stamp", "points"):
        pairs.append((CLAIMS, asset))
    if kind in ("gift", "points"):
        pairs.append((OFFLINE_LOSS, asset))
    if kind == "stamp":
        pairs += [(ISSUED, REWARD), (SPENT, REWARD), (EXPIRED, REWARD)]
    insert_missing(uow, Account, _accounts(merchant_id, program_id, None, pairs))


def open_card_accounts(
    uow: UnitOfWork, merchant_id: str, program_id: str, card_id: str, kind: str, asset: str
) -> None:
    """A new card's accounts: its balance, and for collecting cards what waits and what it owes."""
    pairs = [("balance", asset)]
    if kind in ("stamp", "points"):
        pairs.append((OWED, asset))
    if kind == "stamp":
        pairs.append((REWARDS, REWARD))
    for row in _accounts(merchant_id, program_id, card_id, pairs):
        _ACCOUNT.later(uow, row)


def _accounts(
    merchant_id: str, program_id: str, card_id: str | None, pairs: Sequence[tuple[str, str]]
) -> list[dict[str, Any]]:
    """Empty accounts of a card, or else of the program, by role and asset."""
    return [
        {
            "id": account_id(card_id or program_id, role, asset),
            "merchant_id": merchant_id,
            "program_id": program_id,
            "card_id": card_id,
            "role": role,
            "asset": asset,
            "balance": None if card_id is None else 0,
            "held": 0,
        }
        for role, asset in pairs
    ]


def book(uow: UnitOfWork, entry: Entry, moves: Sequence[Move], link: bytes) -> None:
    """Write an entry and its postings; the database moves the balances and refuses what must not be.

    `link` is the entry's place in the card's chain (`chain.next_link`), which the card's row now ends in.
    """
    row = dict(zip(ENTRY_FIELDS, entry_values(entry), strict=True))
    _TRANSACTION.later(uow, row | {"chain": link})
    for position, move in enumerate(moves):
        _POSTING.later(
            uow,
            {
                "transaction_id": entry.id,
                "position": position,
                "source": move.source,
                "destination": move.destination,
                "asset": move.asset,
                "amount": move.amount,
            },
        )


def undo(uow: UnitOfWork, transaction_id: str, total: int, amount: int) -> bool:
    """Count `amount` of a transaction's `total` as undone; False when less than that is left.

    The caller holds the card's lock, so looking before inserting is no race; were it one, the primary key
    would refuse the second.
    """
    if (
        uow.conn.execute(select(Undoing.total).where(Undoing.transaction_id == transaction_id)).first()
        is None
    ):
        row = {"transaction_id": transaction_id, "total": total, "undone": 0}
        uow.conn.execute(insert(Undoing).values(row))
    return uow.conn.execute(_UNDO, {"wanted_id": transaction_id, "wanted": amount}).rowcount == 1


def undo_no_more(uow: UnitOfWork, transaction_id: str, amount: int) -> None:
    """Count `amount` of a transaction as no longer undone, because what had undone it is being undone.

    The CHECK refuses to count back more than was counted.
    """
    counted = update(Undoing).where(Undoing.transaction_id == transaction_id)
    uow.conn.execute(counted.values(undone=Undoing.undone - amount))


def answer_personally(
    uow: UnitOfWork, merchant_id: str, key: str, member_id: str | None, body: bytes
) -> None:
    """Store the body of an answer about a member, or about several, where erasure reaches it."""
    row = {"merchant_id": merchant_id, "key": key, "member_id": member_id, "body": body}
    uow.conn.execute(insert(PersonalAnswer), row)


def forget_answers(uow: UnitOfWork, merchant_id: str, member_id: str) -> None:
    """Forget every answer that told of a member, and every one about several, who may include them."""
    about = or_(PersonalAnswer.member_id == member_id, PersonalAnswer.member_id.is_(None))
    uow.conn.execute(delete(PersonalAnswer).where(PersonalAnswer.merchant_id == merchant_id, about))


def answer_key(
    uow: UnitOfWork,
    merchant_id: str,
    key: str,
    fingerprint: bytes,
    status: int,
    body: bytes,
    *,
    taken: Exception | None = None,
) -> None:
    """Store the answer to `key` beside its effect; `taken` is raised, at the commit, if a twin was first."""
    row: dict[str, Any] = {"merchant_id": merchant_id, "key": key, "fingerprint": fingerprint}
    row |= {"status": status, "created_at": uow.now}
    _KEY.later(uow, {**row, "body": body, "seal": seals.of_key(row, body)}, taken=taken)
