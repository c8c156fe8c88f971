"""Lots against entries and balances: what ends came by an entry, and what is left of it is on the card."""

from sqlalchemy import Executable, Select, and_, exists, func, or_, select

from passes.db.engine import UnitOfWork
from passes.ledger.models import Account, LotRow, Posting, Transaction
from passes.ledger.rules import BALANCE
from passes.ledger.verify.faults import Faults
from passes.ledger.verify.tables import CARDS

ROWS_AT_ONCE = 1_000


def check(uow: UnitOfWork, faults: Faults) -> None:
    """Report every lot that does not agree with the entry that opened it or with its card."""
    for query, sentence in (
        (_impossible(), "Lot {0} of card {1} has {2} left and {3} ended of {4}."),
        (_unfounded(), "Lot {0} brings {1} onto card {2}, its entry brings {3}."),
        (_uncovered(), "Card {0} has {1} in lots, but holds {2}."),
        (_strangers(), "Lot {0} of card {1} is another merchant's."),
        (_unwatched(), "Card {0} has lots left and nobody looks when they end."),
    ):
        for row in uow.conn.execute(query, execution_options={"yield_per": ROWS_AT_ONCE}):
            faults.add(sentence.format(*row))


def _impossible() -> Executable:
    wrong = or_(
        LotRow.remaining < 0,
        LotRow.lapsed < 0,
        LotRow.remaining + LotRow.lapsed > LotRow.amount,
        LotRow.amount <= 0,
    )
    numbers = (LotRow.remaining, LotRow.lapsed, LotRow.amount)
    return select(LotRow.transaction_id, LotRow.card_id, *numbers).where(wrong)


def _unfounded() -> Executable:
    """Only an entry that brought several lots from another card may have brought value without one."""
    mine = and_(Account.id == Posting.destination, Account.card_id == LotRow.card_id)
    brought = (
        select(func.coalesce(func.sum(Posting.amount), 0))
        .join(Account, mine)
        .where(Posting.transaction_id == LotRow.transaction_id, Account.role == BALANCE)
        .correlate(LotRow)
        .scalar_subquery()
    )
    total = func.sum(LotRow.amount)
    lots = (
        select(LotRow.transaction_id, total.label("total"), LotRow.card_id, brought.label("brought"))
        .group_by(LotRow.transaction_id, LotRow.card_id)
        .subquery()
    )
    handed_over = exists().where(Transaction.id == lots.c.transaction_id, Transaction.type == "transfer")
    wrong = or_(lots.c.total > lots.c.brought, and_(lots.c.total != lots.c.brought, ~handed_over))
    return select(lots).where(wrong)


def _uncovered() -> Executable:
    left = _left_per_card().subquery()
    return (
        select(left.c.card_id, left.c.left, Account.balance)
        .outerjoin(Account, and_(Account.card_id == left.c.card_id, Account.role == BALANCE))
        .where(or_(Account.balance.is_(None), Account.balance < left.c.left))
    )


def _strangers() -> Executable:
    query = select(LotRow.transaction_id, LotRow.card_id).outerjoin(CARDS, CARDS.c.id == LotRow.card_id)
    return query.where(or_(CARDS.c.id.is_(None), CARDS.c.merchant_id != LotRow.merchant_id))


def _unwatched() -> Executable:
    left = _left_per_card().subquery()
    return (
        select(left.c.card_id)
        .join(CARDS, CARDS.c.id == left.c.card_id)
        .where(CARDS.c.lots_due_at.is_(None), CARDS.c.state != "deactivated")
    )


def _left_per_card() -> Select[str, int]:
    total = func.sum(LotRow.remaining).label("left")
    return select(LotRow.card_id, total).where(LotRow.remaining > 0).group_by(LotRow.card_id)
