"""An effect in the making: postings are collected while the card's balances are followed along. No I/O."""

from dataclasses import replace

from passes.cards.rules import CardView
from passes.ledger.rules import (
    BALANCE,
    CLAIMS,
    EXPIRED,
    ISSUED,
    OFFLINE_LOSS,
    OWED,
    REWARDS,
    SPENT,
    Move,
    account_id,
)
from passes.money import REWARD


class Booking:
    """What moves on and off `card`, which always is the card as it would then stand."""

    def __init__(self, card: CardView) -> None:
        self.card = card
        self.moves: list[Move] = []

    def _move(self, source: str, destination: str, asset: str, amount: int) -> None:
        if amount:
            self.moves.append(Move(source, destination, asset, amount))

    def _own(self, role: str, asset: str) -> str:
        return account_id(self.card.id, role, asset)

    def _program(self, role: str, asset: str) -> str:
        return account_id(self.card.program_id, role, asset)

    def put_in(self, amount: int, source: str = ISSUED) -> None:
        """Value comes onto the card from one of the program's accounts."""
        asset = self.card.asset
        self._move(self._program(source, asset), self._own(BALANCE, asset), asset, amount)
        self.card = replace(self.card, balance=self.card.balance + amount)

    def take_out(self, amount: int, destination: str = SPENT) -> None:
        """Value leaves the card to one of the program's accounts."""
        asset = self.card.asset
        self._move(self._own(BALANCE, asset), self._program(destination, asset), asset, amount)
        self.card = replace(self.card, balance=self.card.balance - amount)

    def lose(self, amount: int) -> None:
        """The shop handed out `amount` that the card did not hold."""
        asset = self.card.asset
        self._move(self._program(OFFLINE_LOSS, asset), self._program(SPENT, asset), asset, amount)

    def recover(self, amount: int) -> None:
        """What the shop had handed out beyond the card has come back."""
        asset = self.card.asset
        self._move(self._program(SPENT, asset), self._program(OFFLINE_LOSS, asset), asset, amount)

    def settle(self, amount: int) -> int:
        """Pay off what the card owes with part of `amount`; returns what is left of it."""
        asset, paid = self.card.asset, min(self.card.owed, amount)
        self._move(self._own(OWED, asset), self._program(CLAIMS, asset), asset, paid)
        self.card = replace(self.card, owed=self.card.owed - paid)
        return amount - paid

    def owe(self, amount: int) -> None:
        """The card owes `amount`: it was spent before it turned out not to be the card's."""
        asset = self.card.asset
        self._move(self._program(CLAIMS, asset), self._own(OWED, asset), asset, amount)
        self.card = replace(self.card, owed=self.card.owed + amount)

    def bring_back(self, amount: int, destination: str = ISSUED) -> None:
        """What ran out on the card turns out never to have been the card's."""
        asset = self.card.asset
        self._move(self._program(EXPIRED, asset), self._program(destination, asset), asset, amount)

    def add_rewards(self, count: int, source: str = ISSUED) -> None:
        """Rewards come onto the card."""
        self._move(self._program(source, REWARD), self._own(REWARDS, REWARD), REWARD, count)
        self.card = replace(self.card, rewards=self.card.rewards + count)

    def drop_rewards(self, count: int, destination: str = SPENT) -> None:
        """Rewards leave the card."""
        self._move(self._own(REWARDS, REWARD), self._program(destination, REWARD), REWARD, count)
        self.card = replace(self.card, rewards=self.card.rewards - count)
