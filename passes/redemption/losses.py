"""What a till handed out without the network and no card held: it comes back when the whole payment does.

A refund never gives a card more than the card lost. Once all of that is given back the payment as good as
never was, and what the shop had lost with it is no loss any more; if then a refund is undone, it is again.
"""

from collections.abc import Iterable

from sqlalchemy import select

from passes.db.engine import UnitOfWork
from passes.ledger import offline
from passes.ledger import service as ledger
from passes.ledger.models import Transaction
from passes.ledger.rules import LOST_AGAIN, RETURNED, Entry


def count(uow: UnitOfWork, taken: Entry, amount: int) -> bool:
    """Count so much of a payment as undone; False when less is left.

    One that took nothing from its card is undone whole, once.
    """
    total, part = (taken.amount, amount) if taken.amount else (1, 1)
    return ledger.undo(uow, taken.id, total, part)


def count_no_more(uow: UnitOfWork, taken: Entry, amount: int) -> None:
    """Count so much of a payment as not undone after all."""
    ledger.undo_no_more(uow, taken.id, amount if taken.amount else 1)


def is_given_back(taken: Entry, undone: int) -> bool:
    """Whether nothing is left of a payment of which so many parts are undone."""
    if taken.amount:
        return undone == taken.amount
    return undone > 0 or not offline.overspend(taken)


def lost_again(uow: UnitOfWork, taken: Entry) -> int:
    """What the shop loses again when one of a payment's refunds is undone: what they had brought back.

    Read from the entries, since refunds of a version before this one brought back no loss.
    """
    if not offline.overspend(taken):
        return 0
    refunds = select(Transaction.id).where(Transaction.undoes == taken.id)
    undone = select(Transaction.details).where(Transaction.undoes.in_(refunds))
    given = select(Transaction.details).where(Transaction.undoes == taken.id)
    returned, again = (uow.conn.execute(query).scalars() for query in (given, undone))
    return _sum(returned, RETURNED) - _sum(again, LOST_AGAIN)


def _sum(details: Iterable[dict[str, dict[str, int]] | None], name: str) -> int:
    return sum(said[name]["amount"] for said in details if said and name in said)
