"""Playing the story: every day the sales, in the afternoon what comes back, in the evening the campaigns.

All that happens in the shop goes through the API with the till's key, one call after the other on one
connection. Every call has an idempotency key made of the sale and the step, so playing a day again repeats
its answers and changes nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from benchmarks.replay.phones import Phones
from benchmarks.replay.stage import Stage
from benchmarks.replay.story import (
    CENTS_PER_POINT,
    CENTS_PER_STAMP,
    FIRST_DAY,
    STAMPS_REQUIRED,
    Sale,
    Story,
    has_phone,
)
from benchmarks.replay.till import Till

SALES_HOUR = 10
REFUNDS_HOUR = 15
CAMPAIGNS_HOUR = 18
CURRENCY = "USD"
REMINDER = {"de": "Wir haben dich lange nicht gesehen.", "en": "We have not seen you for a while."}
CONSENT = {
    "purpose": "marketing",
    "channel": "wallet",
    "granted": True,
    "wording": "Yes, tell me news on my card.",
    "source": "till",
}

Json = dict[str, Any]
Progress = Callable[[date], object]


@dataclass(frozen=True, slots=True)
class Holder:
    """A customer as the service knows them: the member, the stamp card, the points card."""

    member_id: str
    stamp_card: Json
    points_card: Json


@dataclass(slots=True)
class Play:
    """A story on a stage, and what became of it so far."""

    story: Story
    stage: Stage
    till: Till
    phones: Phones
    holders: dict[int, Holder] = field(default_factory=dict)
    stamp_program: str = ""
    points_program: str = ""
    campaign_id: str = ""

    def run(self, progress: Progress) -> None:
        """From the first morning to the last evening."""
        self._open()
        for day, sales in self.story.calendar():
            self.stage.set_clock(day, SALES_HOUR)
            earned = {sale.number: self._sell(sale) for sale in sales}
            self._tell_phones()
            self.stage.set_clock(day, REFUNDS_HOUR)
            for sale in sales:
                if sale.is_refunded:
                    self._refund(sale, earned[sale.number])
            self._tell_phones()
            self.stage.set_clock(day, CAMPAIGNS_HOUR)
            self.stage.run("campaigns")
            self._tell_phones()
            progress(day)

    def _open(self) -> None:
        """Make the two programs and let the reminder begin, before the first customer comes."""
        self.stage.set_clock(FIRST_DAY, 9)
        rules: Json = {
            "stamps_required": STAMPS_REQUIRED,
            "reward": "A compact disc",
            "stamp_per": {"amount": CENTS_PER_STAMP, "asset": CURRENCY},
        }
        self.stamp_program = self._program("stamp", "Stamp card", rules)
        rules = {"point_per": {"amount": CENTS_PER_POINT, "asset": CURRENCY}}
        self.points_program = self._program("points", "Points card", rules)
        campaign = {
            "name": "Come back",
            "trigger": {"type": "inactivity", "days": self.story.inactive_days},
            "message": REMINDER,
            "quiet_hours": {"from": "20:00", "to": "08:00"},
        }
        self.campaign_id = self.till.post("/campaigns", campaign, "campaign")["id"]
        self.till.post(f"/campaigns/{self.campaign_id}/launch", {}, "launch")

    def _program(self, kind: str, name: str, rules: Json) -> str:
        body = {"kind": kind, "name": name, "rules": rules}
        program_id: str = self.till.post("/programs", body, f"program {kind}")["id"]
        return program_id

    def _sell(self, sale: Sale) -> list[str]:
        """Enrol who is new, stamp both cards, hand out what is full; the transactions that earned."""
        holder = self.holders.get(sale.customer) or self._enrol(sale.customer)
        if sale.cents == 0:
            return []
        stamped = self._stamp(sale, holder.stamp_card)
        for n in range(stamped["rewards_after"]):
            body = {"card_id": holder.stamp_card["id"], "reward": True, "reference": f"sale {sale.number}"}
            self.till.post("/redemptions", body, f"sale {sale.number} reward {n}")
        return [stamped["id"], self._stamp(sale, holder.points_card)["id"]]

    def _enrol(self, customer: int) -> Holder:
        member = {"external_id": str(customer), "name": f"Customer {customer}", "consents": [CONSENT]}
        member_id = self.till.post("/members", member, f"member {customer}")["id"]
        cards = [
            self.till.post(
                "/cards", {"program_id": program, "member_id": member_id}, f"{kind} card {customer}"
            )
            for kind, program in (("stamp", self.stamp_program), ("points", self.points_program))
        ]
        self.holders[customer] = Holder(member_id, *cards)
        if has_phone(customer):
            self.phones.install(customer, cards)
        return self.holders[customer]

    def _stamp(self, sale: Sale, card: Json) -> Json:
        body = {
            "card_id": card["id"],
            "purchase": {"amount": sale.cents, "asset": CURRENCY},
            "reference": f"sale {sale.number}",
        }
        return self.till.post("/stamps", body, f"sale {sale.number} {card['kind']}")

    def _refund(self, sale: Sale, earned: list[str]) -> None:
        for n, transaction_id in enumerate(earned):
            self.till.post(f"/stamps/{transaction_id}/reverse", {}, f"sale {sale.number} refund {n}")

    def _tell_phones(self) -> None:
        self.stage.run("send")
        self.phones.wake()
