"""Holds against accounts and captures: set aside is what open holds say, and what was taken was booked."""

from sqlalchemy import Executable, and_, func, or_, select

from passes.db.engine import UnitOfWork
from passes.ledger.models import Account, Hold, Transaction
from passes.ledger.rules import BALANCE
from passes.ledger.verify.faults import Faults
from passes.ledger.verify.tables import CARDS

ROWS_AT_ONCE = 1_000


def check(uow: UnitOfWork, faults: Faults) -> None:
    """Report every account, hold and capture that does not agree with the others."""
    for query, sentence in (
        (_wrong_sums(), "Account {0} says {1} is held, its open holds say {2}."),
        (_stray_holds(), "Hold {0} is open on card {1}, which does not exist or is closed."),
        (_wrong_captures(), "Hold {0} is {1} with {2} captured, which transaction {3} does not say."),
        (_captures_of_nothing(), "Transaction {0} captures a hold that does not exist."),
    ):
        for row in uow.conn.execute(query, execution_options={"yield_per": ROWS_AT_ONCE}):
            faults.add(sentence.format(*row))


def _wrong_sums() -> Executable:
    of_account = and_(Hold.card_id == Account.card_id, Hold.asset == Account.asset, Hold.status == "open")
    in_holds = (
        select(func.coalesce(func.sum(Hold.amount), 0))
        .where(of_account, Account.role == BALANCE)
        .correlate(Account)
        .scalar_subquery()
    )
    return select(Account.id, Account.held, in_holds).where(Account.held != in_holds)


def _stray_holds() -> Executable:
    its_card = and_(
        CARDS.c.id == Hold.card_id, CARDS.c.merchant_id == Hold.merchant_id, CARDS.c.state != "deactivated"
    )
    its_account = and_(Account.card_id == Hold.card_id, Account.role == BALANCE, Account.asset == Hold.asset)
    return (
        select(Hold.id, Hold.card_id)
        .outerjoin(CARDS, its_card)
        .outerjoin(Account, its_account)
        .where(Hold.status == "open", or_(CARDS.c.id.is_(None), Account.id.is_(None)))
    )


def _wrong_captures() -> Executable:
    booked = and_(
        Transaction.id == Hold.transaction_id,
        Transaction.type == "capture",
        Transaction.merchant_id == Hold.merchant_id,
        Transaction.card_id == Hold.card_id,
        Transaction.asset == Hold.asset,
        Transaction.amount == Hold.captured,
    )
    taken = or_(Hold.status == "captured", Hold.captured != 0, Hold.transaction_id.is_not(None))
    wrong = or_(Transaction.id.is_(None), Hold.status != "captured", Hold.captured > Hold.amount)
    return (
        select(Hold.id, Hold.status, Hold.captured, Hold.transaction_id)
        .outerjoin(Transaction, booked)
        .where(taken, wrong)
    )


def _captures_of_nothing() -> Executable:
    return (
        select(Transaction.id)
        .outerjoin(Hold, Hold.transaction_id == Transaction.id)
        .where(Transaction.type == "capture", Hold.id.is_(None))
    )
