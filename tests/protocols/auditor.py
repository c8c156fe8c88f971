"""Somebody who reads the books while the tills write them, and finds them right at every moment.

Each audit is one snapshot: every balance is what its postings come to, none is below zero, what is held is
the sum of the open holds, all accounts together come to nothing, and whatever a till had heard before the
snapshot began stands in it once.
"""

from collections import Counter

from sqlalchemy import case, func, select, text, union_all

from passes.db.engine import Database, UnitOfWork
from passes.errors import Busy
from passes.ledger.models import Account, Hold, Posting, Transaction
from tests.protocols.tellers import History, Operation

BATCH = 500


class Auditor:
    """Audits one database against the history of its tills, as far as it has not been audited before."""

    def __init__(self, database: Database, history: History) -> None:
        self._database, self._history = database, history
        self._seen = 0
        self.audits = 0
        self.violations: list[str] = []

    def audit(self) -> None:
        """One snapshot; when the database is away there is none."""
        heard = self._history.heard[self._seen :]
        try:
            with self._database.read() as uow:
                if uow.conn.dialect.name == "postgresql":
                    uow.conn.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
                found = [*self._balances(uow), *self._holds(uow), *self._operations(uow, heard)]
        except Busy:
            return
        self._seen += len(heard)
        self.audits += 1
        self.violations += found

    def _balances(self, uow: UnitOfWork) -> list[str]:
        moves = union_all(
            select(Posting.destination.label("account"), Posting.amount.label("amount")),
            select(Posting.source.label("account"), (-Posting.amount).label("amount")),
        ).subquery()
        query = (
            select(Account.id, Account.asset, Account.balance, func.coalesce(func.sum(moves.c.amount), 0))
            .outerjoin(moves, moves.c.account == Account.id)
            .group_by(Account.id, Account.asset, Account.balance)
        )
        found, totals = [], Counter[str]()
        for account, asset, balance, postings in uow.conn.execute(query):
            totals[asset] += int(postings) if balance is None else balance
            if balance is not None and balance < 0:
                found.append(f"{account} has {balance}")
            if balance is not None and balance != postings:
                found.append(f"{account} has {balance}, its postings come to {postings}")
        return found + [f"all {asset} come to {total}" for asset, total in totals.items() if total]

    def _holds(self, uow: UnitOfWork) -> list[str]:
        open_amount = func.sum(case((Hold.status == "open", Hold.amount), else_=0))
        held = select(Hold.card_id, open_amount.label("held")).group_by(Hold.card_id).subquery()
        query = (
            select(Account.id, Account.held, func.coalesce(held.c.held, 0))
            .outerjoin(held, held.c.card_id == Account.card_id)
            .where(Account.role == "balance")
        )
        rows = uow.conn.execute(query)
        return [f"{account} holds {says}, not {holds}" for account, says, holds in rows if says != holds]

    def _operations(self, uow: UnitOfWork, heard: list[Operation]) -> list[str]:
        found = []
        for start in range(0, len(heard), BATCH):
            batch = heard[start : start + BATCH]
            booked = effects(uow, [operation.receipt for operation in batch])
            for operation in batch:
                if booked[operation.receipt] != expected_effects(operation):
                    found.append(
                        f"{operation.kind} {operation.receipt}, answered {operation.status}, "
                        f"stands {booked[operation.receipt]} times"
                    )
        return found


def effects(uow: UnitOfWork, receipts: list[str]) -> Counter[str]:
    """How many transactions and holds there are under each receipt."""
    booked: Counter[str] = Counter()
    for table in (Transaction, Hold):
        query = select(table.reference, func.count()).where(table.reference.in_(receipts))
        for receipt, count in uow.conn.execute(query.group_by(table.reference)):
            booked[receipt] += count
    return booked


def expected_effects(operation: Operation) -> int:
    """What an answer says there is: one for a success, none for a refusal or a void."""
    return 1 if operation.status == 201 else 0
