"""T1, whatever the server is: tills and an auditor at work on a few poor cards, then the final reckoning."""

import random
import threading
import time
from collections import Counter as Tally
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import select

from passes.cards import queries as cards
from passes.db.engine import Database
from passes.ledger.models import AnsweredKey, Transaction
from passes.ledger.verify import verify
from tests.protocols.auditor import Auditor, effects, expected_effects
from tests.protocols.outcome import Outcome
from tests.protocols.tellers import Counter, History, Line, Operation, Teller

CLIENTS = 32
CARDS = 10
FIRST_LOAD = 300
AUDIT_EVERY_S = 1.0
REPLAYS = 60


@dataclass
class Bank:
    """The tills' side and ours: `line` connects a till, `database` is read past the server."""

    database: Database
    merchant_id: str
    counter: Counter
    line: Callable[[], Line]
    outcome: Outcome

    def run(self, going: Callable[[], bool], meanwhile: Callable[[], None], clients: int = CLIENTS) -> None:
        """Let everybody work while `going`, do the mischief `meanwhile`, then reckon up."""
        history = History()
        auditor = Auditor(self.database, history)
        dice = [random.Random(f"{self.outcome.seed} {number}") for number in range(clients)]
        tellers = [Teller(self.line(), self.counter, history, going, die) for die in dice]
        auditing = threading.Thread(target=_audit_while, args=(auditor, going), daemon=True)
        for thread in (*tellers, auditing):
            thread.start()
        meanwhile()
        for thread in (*tellers, auditing):
            thread.join(400)
            if thread.is_alive():
                history.violations.append(f"{thread.name} hangs")
        self._reckon(history, Teller(self.line(), self.counter, history, going, dice[0]), auditor)

    def _reckon(self, history: History, teller: Teller, auditor: Auditor) -> None:
        violations = history.violations
        violations += self._unheard(history)
        for operation in history.unheard:
            teller.ask(operation)
        auditor.audit()
        violations += auditor.violations
        violations += self._books(history)
        dice, heard = random.Random(self.outcome.seed), history.heard
        for operation in dice.sample(heard, min(REPLAYS, len(heard))):
            again = Operation(operation.kind, operation.path, operation.body, operation.key)
            if teller.ask(again) and (again.status, again.raw) != (operation.status, operation.raw):
                violations.append(f"{operation.key} is told otherwise: {again.raw!r}")
            heard.pop()
        teller.close()
        with self.database.read() as uow:
            violations += verify(uow).faults
        self.outcome.violations += violations
        self.outcome.operations = len(history.heard)
        self.outcome.declines = history.declines
        self.outcome.faults = history.faults
        self.outcome.outages_ms = history.outages_ms
        self.outcome.notes = f"{auditor.audits} snapshots audited, {len(history.unheard)} tills broke down"

    def _unheard(self, history: History) -> list[str]:
        """What nobody heard of happened whole, with its answer, or not at all."""
        found = []
        with self.database.read() as uow:
            booked = effects(uow, [operation.receipt for operation in history.unheard])
            for operation in history.unheard:
                query = select(AnsweredKey.status).where(
                    AnsweredKey.merchant_id == self.merchant_id, AnsweredKey.key == operation.key
                )
                operation.status = uow.conn.execute(query).scalar() or 0
                if booked[operation.receipt] != expected_effects(operation):
                    found.append(f"{operation.kind} {operation.receipt} is half done ({operation.status})")
        return found

    def _books(self, history: History) -> list[str]:
        """Balances follow from what the tills were told, and nothing is in the books they did not ask for."""
        known = {operation.receipt for operation in history.heard}
        deltas: Tally[str] = Tally()
        found = []
        told = {o.told["id"]: o.told for o in history.heard if o.status == 201 and o.kind != "holds"}
        with self.database.read() as uow:
            query = select(Transaction).where(Transaction.merchant_id == self.merchant_id)
            for row in uow.conn.execute(select(Transaction.__table__).where(query.whereclause)):
                answer = told.pop(row.id, None)
                if row.type == "issue":
                    deltas[row.card_id] += row.delta
                elif row.reference not in known or answer is None:
                    found.append(f"nobody asked for {row.type} {row.id}")
                elif (answer["delta"]["amount"], answer["balance_after"]["amount"]) != (
                    row.delta,
                    row.balance_after,
                ):
                    found.append(f"{row.id} was told as {answer}")
                else:
                    deltas[row.card_id] += answer["delta"]["amount"]
            found += [f"{transaction_id} was told and is gone" for transaction_id in told]
            for card_id in self.counter.cards:
                balance = cards.get(uow, self.merchant_id, card_id).balance
                if balance != deltas[card_id]:
                    found.append(f"{card_id} has {balance}; the tills were told {deltas[card_id]}")
        return found


def _audit_while(auditor: Auditor, going: Callable[[], bool]) -> None:
    while going():
        auditor.audit()
        time.sleep(AUDIT_EVERY_S)
