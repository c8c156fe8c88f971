"""What a card is to the code that decides about it. No I/O."""

from dataclasses import dataclass
from datetime import datetime

from passes.cards.errors import CardExpired, CardNotActive
from passes.ledger.chain import GENESIS
from passes.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class CardView:
    """A card with its balances, as read at one moment.

    `state` is what was decided; `state_at` says what that means at a given time. `rewards` and `owed` are
    0 where the kind knows none; `held` is what its open holds come to. `chain_head`, `expired_at` and
    `lots_due_at` are the model's, `limits_version` is the merchant's.
    """

    id: str
    merchant_id: str
    program_id: str
    program_version: int
    kind: str
    asset: str
    member_id: str | None
    state: str
    state_before_block: str | None
    code: str
    barcode: str
    page_token: str
    token_key_id: str
    version: int
    modified_s: int
    collected: int
    last_purchase_at: datetime | None
    news: dict[str, str] | None
    news_at: datetime | None
    reference: str | None
    expires_at: datetime | None
    created_at: datetime
    updated_at: datetime
    balance: int = 0
    rewards: int = 0
    owed: int = 0
    held: int = 0
    limits_version: int = 0
    chain_head: bytes = GENESIS
    expired_at: datetime | None = None
    lots_due_at: datetime | None = None

    @property
    def money(self) -> Money:
        """The balance with its asset."""
        return Money(self.balance, self.asset)

    @property
    def available(self) -> Money:
        """What can be spent: the balance less what is held."""
        return Money(self.balance - self.held, self.asset)

    def is_past(self, at: datetime) -> bool:
        """Whether the card's own time has run out at `at`."""
        return self.expires_at is not None and self.expires_at <= at

    def has_run_out(self, at: datetime) -> bool:
        """Whether something on a card that itself goes on has run out by `at` and is not booked yet."""
        is_due = self.lots_due_at is not None and self.lots_due_at <= at
        return is_due and self.state != "deactivated" and not self.is_past(at)

    def state_at(self, at: datetime) -> str:
        """The state a reader sees: time turns everything but a closed card into `expired`."""
        return "expired" if self.state != "deactivated" and self.is_past(at) else self.state


def require_usable(card: CardView, at: datetime) -> None:
    """Refuse unless the card can be stamped, redeemed or held at `at`."""
    _require_state(card, at, "active")


def require_loadable(card: CardView, at: datetime) -> None:
    """Refuse unless the card can be loaded at `at`: a waiting card is what a first load is for."""
    _require_state(card, at, "active", "pending")


def _require_state(card: CardView, at: datetime, *states: str) -> None:
    if card.state == "deactivated":
        raise CardNotActive(card.state)
    if card.is_past(at):
        raise CardExpired
    if card.state not in states:
        raise CardNotActive(card.state)


def require_open(card: CardView) -> None:
    """Refuse only a closed card: refunds and reversals still reach blocked and expired ones."""
    if card.state == "deactivated":
        raise CardNotActive(card.state)
