"""What must be in the books by the logs of offline tills: worked out here, from nothing but the logs.

Each card's entries are walked in their order and every one has to be what the deed behind it makes of a card
that stands as the walk says; and every deed has to be there once, or refused for a reason.
"""

from collections import Counter, defaultdict
from typing import Any

from sqlalchemy import Row, select

from passes.ledger.models import Posting, Transaction
from passes.ledger.verify import verify
from tests.fixtures.api import Shop
from tests.protocols.offline_tills import BERLIN, LIMITS, STAMPS_A_DAY, Deed, OfflineTill
from tests.protocols.outcome import Outcome

REQUIRED = 5
REFUSALS = {"already_redeemed", "no_reward_available", "program_limit", "insufficient_balance", "reversed"}


class Reckoning:
    """The logs of all tills against the books of their shop."""

    def __init__(self, shop: Shop, tills: list[OfflineTill], outcome: Outcome) -> None:
        self.shop, self.tills, self.outcome = shop, tills, outcome
        self.deeds = {deed.key: deed for till in tills for deed in till.log}
        self.wrong = outcome.violations
        self.overspent: Counter[str] = Counter()
        self.booked: Counter[str] = Counter()

    def reckon(self) -> None:
        """Find everything that is not as the logs say."""
        for till in self.tills:
            self.wrong += till.contradictions
        for deed in self.deeds.values():
            if deed.answer is None or (deed.answer[0] != 201 and deed.answer[1].get("code") not in REFUSALS):
                self.wrong.append(f"{deed.key} was answered {deed.answer}")
        for card in self._entries().values():
            self._walk(card)
        self._compare_answers()
        self._compare_sums()
        self._check_bounds()
        with self.shop.services.database.read() as uow:
            self.wrong += verify(uow).faults
        self.outcome.operations = len(self.deeds)
        self.outcome.declines = sum(d.answer is not None and d.answer[0] >= 400 for d in self.deeds.values())

    def _entries(self) -> dict[str, list[Row[Any]]]:
        query = select(Transaction.__table__).where(Transaction.merchant_id == self.shop.id)
        found: dict[str, list[Row[Any]]] = defaultdict(list)
        with self.shop.services.database.read() as uow:
            for row in uow.conn.execute(query.order_by(Transaction.card_version)):
                found[row.card_id].append(row)
        return found

    def _walk(self, entries: list[Row[Any]]) -> None:
        """One card from its first entry on."""
        balance = rewards = 0
        amounts: dict[str, int] = {}
        days: Counter[str] = Counter()
        for entry in entries:
            deed = self.deeds.get(entry.reference or "")
            amounts[entry.id] = entry.amount
            if entry.type == "refund":
                expected = amounts[entry.undoes]
                balance += expected
                self._expect(entry, expected, 0)
                continue
            if deed is None:
                balance += entry.delta  # how the card came, before any till was there
                continue
            self.booked[deed.key] += 1
            if entry.type == "redeem" and deed.asset:
                taken = min(deed.wanted, balance)
                missing = 0 if deed.was_online else deed.wanted - taken
                balance -= taken
                self.overspent[deed.asset] += missing
                self._expect(entry, taken, missing)
            elif entry.type == "redeem" and "reward" in deed.body:
                rewards -= 1
                self._expect(entry, 1, 0)
            elif entry.type == "redeem":
                balance -= 1
                self._expect(entry, 1, 0)
            else:
                came = deed.body["count"] if "count" in deed.body else deed.body["amount"]["amount"]
                balance += came
                self._expect(entry, came, 0)
            if entry.type == "earn" and entry.balance_asset == "STAMP":
                rewards, balance = rewards + balance // REQUIRED, balance % REQUIRED
                days[deed.at.astimezone(BERLIN).date().isoformat()] += entry.amount
            if (entry.balance_after, entry.rewards_after or 0) != (balance, rewards) or rewards < 0:
                self.wrong.append(f"{entry.id} leaves {entry.balance_after}, by the logs {balance}")
        if days and max(days.values()) > STAMPS_A_DAY:
            self.wrong.append(f"{entries[0].card_id} got {max(days.values())} stamps in a day")

    def _expect(self, entry: Row[Any], amount: int, overspend: int) -> None:
        said = ((entry.details or {}).get("overspend") or {}).get("amount", 0)
        if (entry.amount, said) != (amount, overspend):
            self.wrong.append(f"{entry.id} says {entry.amount}+{said}, by the logs {amount}+{overspend}")

    def _compare_answers(self) -> None:
        for deed in self.deeds.values():
            wanted = 1 if deed.answer is not None and deed.answer[0] == 201 and deed.undoes is None else 0
            if self.booked[deed.key] != wanted:
                self.wrong.append(f"{deed.key} is booked {self.booked[deed.key]} times, not {wanted}")
            flags = deed.answer[1].get("limit_exceeded", []) if deed.answer is not None else []
            if flags != deed.flags and deed.undoes is None:
                self.wrong.append(f"{deed.key} is flagged {flags}, by the logs {deed.flags}")

    def _sold(self) -> list[Deed]:
        return [
            deed
            for deed in self.deeds.values()
            if deed.call == "/redemptions" and deed.asset and not deed.was_online
        ]

    def _compare_sums(self) -> None:
        """What was handed out, what cards lost and the loss account must meet: a difference of 0."""
        for asset in LIMITS:
            sold = [deed for deed in self._sold() if deed.asset == asset]
            told = [deed.answer[1] for deed in sold if deed.answer is not None]
            said = sum(answer.get("overspend", {"amount": 0})["amount"] for answer in told)
            taken = sum(answer["amount"]["amount"] for answer in told if "amount" in answer)
            difference = sum(deed.wanted for deed in sold) - taken - said
            booked = self._loss_account(asset)
            if difference or not said == booked == self.overspent[asset]:
                self.wrong.append(
                    f"{asset}: difference {difference}; overspend told {said}, booked {booked}, "
                    f"by the logs {self.overspent[asset]}"
                )
            self.outcome.notes += (
                f"{asset}: difference {difference}, overspend {said} of {sum(d.wanted for d in sold)}; "
            )

    def _loss_account(self, asset: str) -> int:
        query = select(Posting.amount).join(Transaction, Transaction.id == Posting.transaction_id)
        mine = (Transaction.merchant_id == self.shop.id, Posting.asset == asset)
        with self.shop.services.database.read() as uow:
            lost = uow.conn.execute(query.where(*mine, Posting.source.contains(".offline_loss.")))
            return sum(lost.scalars())

    def _check_bounds(self) -> None:
        """Of a till that keeps its limits no absence costs more than its exposure, nor a card's day more."""
        for till in (till for till in self.tills if not till.careless):
            absences: Counter[tuple[str, str]] = Counter()
            days: Counter[tuple[str, str, str]] = Counter()
            for deed in (d for d in till.log if d.answer is not None and d.asset):
                assert deed.answer is not None
                overspend = deed.answer[1].get("overspend", {"amount": 0})["amount"]
                absences[deed.answer[1].get("created_at", ""), deed.asset] += overspend
                day = deed.at.astimezone(BERLIN).date().isoformat()
                days[deed.card_id, day, deed.asset] += overspend
            for (_, asset), lost in absences.items():
                if lost > LIMITS[asset][1]:
                    self.wrong.append(f"till {till.id} cost {lost} {asset} in one absence")
            for (card_id, day, asset), lost in days.items():
                if lost > LIMITS[asset][0]:
                    self.wrong.append(f"till {till.id} cost {lost} {asset} on {card_id} on {day}")
