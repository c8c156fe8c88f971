"""One card's way through the books: what each entry says against what its postings did. No I/O."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row

from passes.ledger.chain import GENESIS, Posted, canonical, link
from passes.ledger.rules import BALANCE, ISSUED, LOST_AGAIN, OWED, RETURNED, REWARDS, account_id
from passes.ledger.verify.faults import Faults
from passes.ledger.verify.shapes import COLLECTS, OVERSPENT, RECOVERED, UNDOES, Route, accounts_of, shape_of


class CardWalk:
    """A card (its row, with its program's kind and currency) and its accounts, about to meet its entries."""

    def __init__(self, card: Row[Any], accounts: Sequence[Row[Any]], faults: Faults) -> None:
        self._card = card
        self._accounts = {account.id: account for account in accounts}
        self._faults = faults
        self._needed = {} if card.kind is None else accounts_of(card.kind, card.currency)
        self._held: Counter[str] = Counter()
        self._balance_after = 0
        self._collected = 0
        self._version = 0
        self._link = GENESIS

    def follow(self, postings: Sequence[Row[Any]]) -> None:
        """The card's next entry, as one row per posting."""
        entry = postings[0]
        before = self._on(BALANCE)
        moved: Counter[Route] = Counter()
        for posting in postings:
            if posting.posting_amount is not None:
                self._follow_posting(entry, posting)
                moved[(posting.source_role, posting.destination_role)] += posting.posting_amount
        self._check_head(entry)
        self._check_shape(entry, postings, moved)
        self._check_sums(entry, before)
        self._check_link(entry, postings)
        self._balance_after = entry.balance_after
        self._version = max(self._version, entry.card_version)
        if entry.type == "transfer":
            self._collected += (entry.details or {}).get("collected", 0)
        shape = shape_of(entry.type, entry.undone_type)
        if shape is not None and shape.collects and OWED in self._needed:
            self._collected += sum(sign * moved[route] for route, sign in COLLECTS.items())

    def arrive(self) -> None:
        """No more entries: compare with how the card stands."""
        card = self._card
        if card.kind is None:
            self._fault(f"belongs to program {card.program_id}, which does not exist")
        for role, asset in self._needed.items():
            if account_id(card.id, role, asset) not in self._accounts:
                self._fault(f"has no account for its {role} in {asset}")
        for account in self._accounts.values():
            self._check_account(account)
        if card.version < self._version:
            self._fault(f"is at version {card.version}, but has an entry of version {self._version}")
        if card.chain_head != self._link:
            self._fault("does not end in the link of its last entry")
        if card.collected != self._collected:
            self._fault(f"has collected {card.collected}, but its entries say {self._collected}")

    def _fault(self, what: str) -> None:
        self._faults.add(f"Card {self._card.id} {what}.")

    def _entry_fault(self, entry: Row[Any], what: str) -> None:
        self._faults.add(f"Transaction {entry.id} of card {self._card.id} {what}.")

    def _own(self, role: str) -> str:
        return account_id(self._card.id, role, self._needed.get(role, ""))

    def _on(self, role: str) -> int:
        return self._held[self._own(role)]

    def _follow_posting(self, entry: Row[Any], posting: Row[Any]) -> None:
        if posting.posting_amount <= 0:
            self._entry_fault(entry, f"moves {posting.posting_amount} in posting {posting.posting_position}")
        for side, sign in (("source", -1), ("destination", 1)):
            name = getattr(posting, side)
            if getattr(posting, f"{side}_id") is None:
                self._entry_fault(entry, f"names account {name}, which does not exist")
                continue
            self._check_side(entry, posting, side, name)
            self._held[name] += sign * posting.posting_amount
            if self._held[name] < 0 and getattr(posting, f"{side}_card_id") is not None:
                self._entry_fault(entry, f"takes account {name} below zero, to {self._held[name]}")

    def _check_side(self, entry: Row[Any], posting: Row[Any], side: str, name: str) -> None:
        card = self._card
        if getattr(posting, f"{side}_asset") != posting.posting_asset:
            self._entry_fault(entry, f"moves {posting.posting_asset} over account {name}")
        owner = getattr(posting, f"{side}_merchant_id"), getattr(posting, f"{side}_program_id")
        if owner != (card.merchant_id, card.program_id):
            self._entry_fault(entry, f"uses account {name} of another merchant or program")
        if getattr(posting, f"{side}_card_id") not in (None, card.id):
            self._entry_fault(entry, f"uses account {name} of another card")

    def _check_head(self, entry: Row[Any]) -> None:
        if entry.merchant_id != self._card.merchant_id:
            self._entry_fault(entry, f"belongs to merchant {entry.merchant_id}, the card does not")
        if entry.card_version <= self._version:
            self._entry_fault(entry, f"claims version {entry.card_version} of the card a second time")
        if entry.balance_asset != self._needed.get(BALANCE):
            self._entry_fault(entry, f"counts the balance in {entry.balance_asset}")

    def _check_shape(self, entry: Row[Any], postings: Sequence[Row[Any]], moved: Counter[Route]) -> None:
        shape = shape_of(entry.type, entry.undone_type)
        if shape is None:
            self._entry_fault(entry, f"is of type {entry.type}, which the books do not know")
            return
        for source, destination in moved.keys() - shape.counted - shape.accompanying:
            self._entry_fault(entry, f"moves from {source} to {destination}, which no {entry.type} does")
        counted = sum(
            row.posting_amount
            for row in postings
            if (row.source_role, row.destination_role) in shape.counted and row.posting_asset == entry.asset
        )
        if counted != entry.amount:
            self._entry_fault(entry, f"says {entry.amount} {entry.asset}, but its postings say {counted}")
        if (entry.type in UNDOES) != (entry.undoes is not None):
            self._entry_fault(entry, f"is a {entry.type} and undoes {entry.undoes or 'nothing'}")
        details = entry.details or {}
        for route, names in ((OVERSPENT, ("overspend", LOST_AGAIN)), (RECOVERED, (RETURNED,))):
            said = sum((details.get(name) or {}).get("amount", 0) for name in names)
            if moved[route] != said:
                self._entry_fault(entry, f"says {names[0]} {said}, but its postings say {moved[route]}")
        if entry.type == "adjust" and moved[(BALANCE, ISSUED)] and len(moved) > 1:
            self._entry_fault(entry, "both gives and takes")
        for exchange in shape.exchanges:
            stamps, rewards = (moved[route] for route in exchange)
            if (stamps == 0) != (rewards == 0) or (rewards and stamps % rewards):
                self._entry_fault(entry, f"turns {stamps} stamps into or out of {rewards} rewards")

    def _check_sums(self, entry: Row[Any], before: int) -> None:
        balance = self._on(BALANCE)
        if entry.delta != balance - before:
            self._entry_fault(entry, f"says delta {entry.delta}, but its postings say {balance - before}")
        if entry.balance_after != balance:
            self._entry_fault(entry, f"says balance {entry.balance_after}, but the postings say {balance}")
        if entry.balance_after != self._balance_after + entry.delta:
            self._entry_fault(
                entry, f"says balance {entry.balance_after} after {self._balance_after} and {entry.delta:+}"
            )
        rewards = self._on(REWARDS) if REWARDS in self._needed else None
        if entry.rewards_after != rewards:
            self._entry_fault(entry, f"says rewards {entry.rewards_after}, but the postings say {rewards}")

    def _check_link(self, entry: Row[Any], postings: Sequence[Row[Any]]) -> None:
        posted = (_posted(row) for row in postings if row.posting_position is not None)
        if entry.chain != link(self._link, canonical(entry, posted)):
            self._entry_fault(entry, "is not what was chained to the entry before it")
        # From here on what is stored, so that one changed entry is one fault and not the rest of the card.
        self._link = entry.chain

    def _check_account(self, account: Row[Any]) -> None:
        card = self._card
        expected = account_id(card.id, account.role, self._needed.get(account.role, ""))
        if account.id != expected or account.asset != self._needed.get(account.role):
            self._fault(f"has account {account.id}, which cards of its kind do not have")
        if (account.merchant_id, account.program_id) != (card.merchant_id, card.program_id):
            self._fault(f"has account {account.id} of another merchant or program")
        if account.balance != self._held[account.id]:
            self._fault(
                f"has {account.balance} on account {account.id}, "
                f"but its postings add up to {self._held[account.id]}"
            )


def _posted(row: Row[Any]) -> Posted:
    return row.posting_position, row.source, row.destination, row.posting_asset, row.posting_amount
