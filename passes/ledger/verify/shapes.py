"""What each type of entry may consist of: the second opinion on how value moves. No I/O.

A route is where a posting goes from and to, by the roles of its accounts. The counted routes of a type add
up to the amount of the entry; the others may only accompany them.
"""

from dataclasses import dataclass

from passes.ledger.rules import BALANCE, CLAIMS, ISSUED, OFFLINE_LOSS, OWED, REWARDS, SPENT
from passes.money import POINT, REWARD, STAMP, USE

Route = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Shape:
    """The routes of a type. `undoes` names the types an entry of this one takes back; empty for none."""

    counted: frozenset[Route]
    accompanying: frozenset[Route] = frozenset()
    undoes: frozenset[str] = frozenset()


_ISSUED = frozenset({(ISSUED, BALANCE)})
_ROUNDS = frozenset({(BALANCE, SPENT), (ISSUED, REWARDS)})
_COLLECTED = _ISSUED | {(OWED, CLAIMS)}

OVERSPENT: Route = (OFFLINE_LOSS, SPENT)
"""What a till handed out without the network and no card held."""

SHAPES: dict[str, Shape] = {
    "issue": Shape(_ISSUED),
    "load": Shape(_ISSUED),
    "earn": Shape(_COLLECTED, _ROUNDS),
    "adjust": Shape(_COLLECTED | {(BALANCE, ISSUED)}, _ROUNDS),
    "redeem": Shape(frozenset({(BALANCE, SPENT), (REWARDS, SPENT)}), frozenset({OVERSPENT})),
    "capture": Shape(frozenset({(BALANCE, SPENT)})),
    "refund": Shape(
        frozenset({(SPENT, BALANCE), (OWED, CLAIMS), (SPENT, REWARDS)}),
        undoes=frozenset({"redeem", "capture"}),
    ),
    "transfer": Shape(
        frozenset({(BALANCE, ISSUED), (ISSUED, BALANCE)}),
        frozenset({(REWARDS, ISSUED), (ISSUED, REWARDS), (OWED, CLAIMS), (CLAIMS, OWED)}),
    ),
    "reversal": Shape(
        frozenset({(BALANCE, ISSUED), (CLAIMS, OWED)}),
        frozenset({(REWARDS, ISSUED), (SPENT, BALANCE)}),
        frozenset({"earn", "load", "issue"}),
    ),
}

COLLECTS: dict[Route, int] = {
    (ISSUED, BALANCE): 1,
    (OWED, CLAIMS): 1,
    (BALANCE, ISSUED): -1,
    (CLAIMS, OWED): -1,
}
"""How the routes of an earn, an adjustment or a reversal count towards what a card has ever collected."""

_ASSETS = {"stamp": STAMP, "points": POINT, "coupon": USE}


def accounts_of(kind: str, currency: str | None) -> dict[str, str]:
    """The accounts a card of `kind` must have: role to asset."""
    asset = _ASSETS.get(kind) or currency or ""
    accounts = {BALANCE: asset}
    if kind in ("stamp", "points"):
        accounts[OWED] = asset
    if kind == "stamp":
        accounts[REWARDS] = REWARD
    return accounts
