"""What an entry in the books is, and the names of the accounts. No I/O."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

BALANCE = "balance"
REWARDS = "rewards"
OWED = "owed"

ISSUED = "issued"
SPENT = "spent"
CLAIMS = "claims"
OFFLINE_LOSS = "offline_loss"
EXPIRED = "expired"
"""A program's own accounts: where value comes from, where it goes, what cards owe, what tills without network
handed out that no card held, and what ran out."""

RETURNED, LOST_AGAIN = "loss_returned", "loss_again"
"""What an entry's details call the loss that a refund has brought back, and that its undoing makes again."""


def account_id(owner_id: str, role: str, asset: str) -> str:
    """The account of `owner_id` (a card or a program) in `role`: readable, and known without a look-up."""
    return f"{owner_id}.{role}.{asset}"


@dataclass(frozen=True, slots=True)
class Move:
    """A posting to be: `amount` of `asset` from one account to another."""

    source: str
    destination: str
    asset: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One transaction as the books keep it; see `models.Transaction` for what the fields mean."""

    id: str
    merchant_id: str
    card_id: str
    card_version: int
    type: str
    asset: str
    amount: int
    balance_asset: str
    delta: int
    balance_after: int
    rewards_after: int | None = None
    undoes: str | None = None
    reference: str | None = None
    note: str | None = None
    location_id: str | None = None
    actor: str
    details: dict[str, Any] | None = None
    created_at: datetime
