"""What no walk along a card would meet: rows that hang in the air, and what was undone of what."""

from typing import Any

from sqlalchemy import ColumnElement, Executable, Subquery, and_, case, func, or_, select
from sqlalchemy.orm import aliased

from passes.db.engine import UnitOfWork
from passes.ledger.models import Account, Posting, Transaction, Undoing
from passes.ledger.verify.faults import Faults
from passes.ledger.verify.shapes import COUNTED_WHOLE, UNDOES
from passes.ledger.verify.tables import CARDS, PROGRAMS

ROWS_AT_ONCE = 1_000

_TARGET = aliased(Transaction)


def check(uow: UnitOfWork, faults: Faults) -> None:
    """Report every row that refers to nothing or to the wrong thing."""
    for query, sentence in (
        (_entries_without_card(), "Transaction {0} belongs to card {1}, which does not exist."),
        (_postings_without_entry(), "Posting {1} belongs to transaction {0}, which does not exist."),
        (_accounts_without_card(), "Account {0} belongs to card {1}, which does not exist."),
        (_accounts_without_program(), "Account {0} belongs to program {1}, which does not exist."),
        (_strange_accounts(), "Account {0} of program {1} is not as a program's own accounts are."),
        (_wrong_targets(), "Transaction {0} undoes {1}, which it cannot."),
        (_wrong_undoings(), "Transaction {0} counts {1} of {2} as undone, its entries say {3} of {4}."),
        (_uncounted_undoings(), "Transaction {0} was undone by {1}, which was not counted."),
    ):
        for row in uow.conn.execute(query, execution_options={"yield_per": ROWS_AT_ONCE}):
            faults.add(sentence.format(*row))
    _check_targets_elsewhere(uow, _check_transfers(uow, faults), faults)


def _check_transfers(uow: UnitOfWork, faults: Faults) -> dict[str, str]:
    """What left one card for another is what the other says it got; returns what replaced which."""
    query = select(Transaction).where(Transaction.type == "transfer")
    # They are as few as cards that were ever lost, hence one look at all of them.
    left: dict[tuple[str, Any], int] = {}
    came: dict[tuple[str, Any], int] = {}
    for entry in uow.conn.execute(query):
        details = entry.details or {}
        if "to" in details:
            left[entry.card_id, details["to"]] = entry.amount
        else:
            came[str(details.get("from")), entry.card_id] = entry.amount
    for pair in sorted(left.keys() | came.keys()):
        if left.get(pair) != came.get(pair):
            says = f"{left.get(pair)} left the one, {came.get(pair)} came to the other"
            faults.add(f"Cards {pair[0]} and {pair[1]} disagree about a transfer: {says}.")
    return {old: str(new) for old, new in left}


def _check_targets_elsewhere(uow: UnitOfWork, replaced_by: dict[str, str], faults: Faults) -> None:
    """What happened on another card is undone on the one that took its place, or nowhere."""
    query = (
        select(Transaction.id, Transaction.undoes, Transaction.card_id, _TARGET.card_id.label("origin"))
        .join(_TARGET, _TARGET.id == Transaction.undoes)
        .where(_TARGET.card_id != Transaction.card_id)
    )
    for entry in uow.conn.execute(query, execution_options={"yield_per": ROWS_AT_ONCE}):
        card_id, passed = str(entry.origin), set[str]()
        while card_id in replaced_by and card_id not in passed:
            passed.add(card_id)
            card_id = replaced_by[card_id]
        if card_id != entry.card_id and entry.card_id not in passed:
            faults.add(f"Transaction {entry.id} undoes {entry.undoes}, which it cannot.")


def _entries_without_card() -> Executable:
    return (
        select(Transaction.id, Transaction.card_id)
        .outerjoin(CARDS, CARDS.c.id == Transaction.card_id)
        .where(CARDS.c.id.is_(None))
    )


def _postings_without_entry() -> Executable:
    return (
        select(Posting.transaction_id, Posting.position)
        .outerjoin(Transaction, Transaction.id == Posting.transaction_id)
        .where(Transaction.id.is_(None))
    )


def _accounts_without_card() -> Executable:
    return (
        select(Account.id, Account.card_id)
        .outerjoin(CARDS, CARDS.c.id == Account.card_id)
        .where(Account.card_id.is_not(None), CARDS.c.id.is_(None))
    )


def _accounts_without_program() -> Executable:
    owner = and_(PROGRAMS.c.id == Account.program_id, PROGRAMS.c.merchant_id == Account.merchant_id)
    return (
        select(Account.id, Account.program_id)
        .outerjoin(PROGRAMS, owner)
        .where(Account.card_id.is_(None), PROGRAMS.c.id.is_(None))
    )


def _strange_accounts() -> Executable:
    named = Account.program_id + "." + Account.role + "." + Account.asset
    strange = or_(Account.id != named, Account.balance.is_not(None), Account.held != 0)
    return select(Account.id, Account.program_id).where(Account.card_id.is_(None), strange)


def _wrong_targets() -> Executable:
    fitting: list[ColumnElement[bool]] = [
        and_(Transaction.type == name, _TARGET.type.in_(types)) for name, types in UNDOES.items()
    ]
    right = and_(
        or_(_TARGET.card_id != Transaction.card_id, _TARGET.card_version < Transaction.card_version),
        _TARGET.merchant_id == Transaction.merchant_id,
        _TARGET.asset == Transaction.asset,
        or_(*fitting),
    )
    return (
        select(Transaction.id, Transaction.undoes)
        .outerjoin(_TARGET, _TARGET.id == Transaction.undoes)
        .where(Transaction.undoes.is_not(None), or_(_TARGET.id.is_(None), ~right))
    )


def _undone() -> Subquery:
    """What undid each entry and still stands, as an amount and as a count."""
    own = aliased(Undoing)
    stands = func.coalesce(own.undone, 0) == 0
    return (
        select(
            Transaction.undoes.label("target"),
            func.sum(case((stands, Transaction.amount), else_=0)).label("amount"),
            func.sum(case((stands, 1), else_=0)).label("times"),
        )
        .outerjoin(own, own.transaction_id == Transaction.id)
        .where(Transaction.undoes.is_not(None))
        .group_by(Transaction.undoes)
        .subquery()
    )


def _wrong_undoings() -> Executable:
    entries = _undone()
    # A sale, for one, is undone whole and once, a redemption in parts (unless its card gave nothing).
    is_whole = or_(_TARGET.type.in_(COUNTED_WHOLE), and_(_TARGET.type == "redeem", _TARGET.amount == 0))
    total = case((is_whole, 1), else_=func.coalesce(_TARGET.amount, 0))
    undone = func.coalesce(case((is_whole, entries.c.times), else_=entries.c.amount), 0)
    wrong = or_(Undoing.total != total, Undoing.undone != undone, Undoing.undone > Undoing.total)
    return (
        select(Undoing.transaction_id, Undoing.undone, Undoing.total, undone, total)
        .outerjoin(_TARGET, _TARGET.id == Undoing.transaction_id)
        .outerjoin(entries, entries.c.target == Undoing.transaction_id)
        .where(or_(_TARGET.id.is_(None), wrong))
    )


def _uncounted_undoings() -> Executable:
    return (
        select(Transaction.undoes, Transaction.id)
        .outerjoin(Undoing, Undoing.transaction_id == Transaction.undoes)
        .where(Transaction.undoes.is_not(None), Undoing.transaction_id.is_(None))
    )
