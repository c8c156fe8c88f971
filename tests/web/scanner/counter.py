"""A counter where loading much takes two: a clerk at the till, somebody who may approve, and a gift card."""

from dataclasses import dataclass

from flask import Flask
from sqlalchemy import select

from passes.audit.models import AuditEntry
from passes.cards.rules import CardView
from passes.limits import approvals
from passes.limits.approvals import ApprovalView, Decision
from tests.factories.cafe import Cafe
from tests.factories.visitor import Visitor, visit

CLERK, BOSS, COLLEAGUE = "246810", "135790", "112233"
ABOVE = {"amount": 10_000, "asset": "EUR"}


@dataclass
class Counter:
    """The till as the clerk has it in front of them."""

    app: Flask
    cafe: Cafe
    clerk: str
    boss: str
    till: Visitor
    card: CardView

    def signed_in(self, pin: str, language: str = "de") -> Visitor:
        """A till that somebody signed in to with a PIN."""
        visitor = visit(self.app, language=language)
        visitor.get(f"/scanner?merchant={self.cafe.slug}")
        visitor.send(next(form for form in visitor.forms() if form.action == "/scanner/pin"), pin=pin)
        return visitor

    def ask(self, euros: str = "200") -> str:
        """Load so much, which takes a second person; returns the id of what is asked."""
        self.till.get(f"/scanner/card/{self.card.id}")
        self.till.press("Aufladen", load=euros)
        assert self.till.path.startswith("/scanner/approvals/"), self.till.text
        return self.till.path.rpartition("/")[2]

    def decide(self, approval_id: str, decision: Decision = "approved") -> None:
        """What the boss says elsewhere."""
        with self.cafe.services.database.write() as uow:
            approvals.decide(uow, self.cafe.merchant.id, approval_id, decision, self.boss)

    def approval(self, approval_id: str) -> ApprovalView:
        """How it stands."""
        with self.cafe.services.database.read() as uow:
            return approvals.get(uow, self.cafe.merchant.id, approval_id)

    @property
    def balance(self) -> int:
        """What is on the card, in cents."""
        return self.cafe.now(self.card).balance

    def audited(self) -> list[tuple[str, str]]:
        """What the audit log says of the second person's part, and who did it, in order."""
        said = ("ask", "approved", "rejected", "use_approval", "refuse_own")
        with self.cafe.services.database.read() as uow:
            query = select(AuditEntry.action, AuditEntry.actor).order_by(AuditEntry.id)
            rows = uow.conn.execute(query.where(AuditEntry.action.in_([f"limits.{word}" for word in said])))
            return [(row.action.removeprefix("limits."), row.actor) for row in rows]


def open_counter(app: Flask, cafe: Cafe) -> Counter:
    """A café whose clerk loads up to a hundred euros alone."""
    assert cafe.shop.name == "Mitte"
    cafe.limit(call="load", within="transaction", amount=ABOVE, action="approve")
    clerk = cafe.person(CLERK, "till", "manage", name="Klara")
    boss = cafe.person(BOSS, "manage", "marketing", name="Boris")
    cafe.person(COLLEAGUE, "till", name="Kolja")
    counter = Counter(app, cafe, clerk, boss, visit(app), cafe.card("gift", amount=100))
    counter.till = counter.signed_in(CLERK)
    return counter
