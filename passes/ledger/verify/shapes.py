"""What each type of entry may consist of: the second opinion on how value moves. No I/O.

A route is where a posting goes from and to, by the roles of its accounts. The counted routes of a type add
up to the amount of the entry; the others may only accompany them.
"""

from dataclasses import dataclass

from passes.ledger.rules import BALANCE, CLAIMS, EXPIRED, ISSUED, OFFLINE_LOSS, OWED, REWARDS, SPENT
from passes.money import POINT, REWARD, STAMP, USE

Route = tuple[str, str]


Exchange = tuple[Route, Route]


@dataclass(frozen=True, slots=True)
class Shape:
    """The routes of a type. `undoes` names the types an entry of this one takes back; empty for none.

    An exchange turns stamps into rewards or back: so many stamps for each, and neither without the other.
    What `collects` changes what the card has ever collected.
    """

    counted: frozenset[Route]
    accompanying: frozenset[Route] = frozenset()
    undoes: frozenset[str] = frozenset()
    exchanges: tuple[Exchange, ...] = ()
    collects: bool = False


_ISSUED = frozenset({(ISSUED, BALANCE)})
_TAKEN_BACK = frozenset({(BALANCE, ISSUED)})
_COLLECTED = _ISSUED | {(OWED, CLAIMS)}
_UNCOLLECTED = _TAKEN_BACK | {(CLAIMS, OWED)}
_FILLED: Exchange = ((BALANCE, SPENT), (ISSUED, REWARDS))
_REOPENED: Exchange = ((SPENT, BALANCE), (REWARDS, ISSUED))
_EARNED = Shape(_COLLECTED, frozenset(_FILLED), exchanges=(_FILLED,), collects=True)

_RECLAIMED: Route = (EXPIRED, ISSUED)
"""What ran out on a card and then turned out never to have been the card's."""

OVERSPENT: Route = (OFFLINE_LOSS, SPENT)
"""What a till handed out without the network and no card held."""

RECOVERED: Route = (SPENT, OFFLINE_LOSS)
"""The same when the payment has come back as a whole."""

SHAPES: dict[str, Shape] = {
    "issue": Shape(_ISSUED),
    "load": Shape(_ISSUED),
    "earn": _EARNED,
    "adjust": Shape(_COLLECTED | _TAKEN_BACK, frozenset(_FILLED), exchanges=(_FILLED,), collects=True),
    "redeem": Shape(frozenset({(BALANCE, SPENT), (REWARDS, SPENT)}), frozenset({OVERSPENT})),
    "capture": Shape(frozenset({(BALANCE, SPENT)})),
    "refund": Shape(
        frozenset({(SPENT, BALANCE), (OWED, CLAIMS), (SPENT, REWARDS)}),
        frozenset({RECOVERED}),
        undoes=frozenset({"redeem", "capture"}),
    ),
    "transfer": Shape(
        frozenset({(BALANCE, ISSUED), (ISSUED, BALANCE)}),
        frozenset({(REWARDS, ISSUED), (ISSUED, REWARDS), (OWED, CLAIMS), (CLAIMS, OWED)}),
    ),
    "expire": Shape(frozenset({(BALANCE, EXPIRED)}), frozenset({(REWARDS, EXPIRED)})),
}

_REVERSED: dict[str, Shape] = {
    "issue": Shape(_TAKEN_BACK | {_RECLAIMED}),
    "load": Shape(_TAKEN_BACK | {_RECLAIMED}),
    "earn": Shape(_UNCOLLECTED | {_RECLAIMED}, frozenset(_REOPENED), exchanges=(_REOPENED,), collects=True),
    "adjust": Shape(
        _COLLECTED | _UNCOLLECTED | {_RECLAIMED},
        frozenset(_FILLED) | frozenset(_REOPENED),
        exchanges=(_FILLED, _REOPENED),
        collects=True,
    ),
    "refund": Shape(
        frozenset({(BALANCE, SPENT), (REWARDS, SPENT), (CLAIMS, OWED), (EXPIRED, SPENT)}),
        frozenset({OVERSPENT}),
    ),
    "reversal": _EARNED,
}
"""A reversal has the shape of what it undoes, turned around."""

UNDOES: dict[str, frozenset[str]] = {
    **{name: shape.undoes for name, shape in SHAPES.items() if shape.undoes},
    "reversal": frozenset(_REVERSED),
}
"""The types that take back others, and which."""

COUNTED_WHOLE = ("earn", "adjust", "refund", "reversal")
"""What is undone whole and once, rather than in parts."""


def shape_of(type_: str, undone_type: str | None) -> Shape | None:
    """The shape of an entry, which for a reversal depends on what it undoes; None for what nobody knows."""
    if type_ != "reversal":
        return SHAPES.get(type_)
    return _REVERSED.get(undone_type or "", Shape(frozenset()))


COLLECTS: dict[Route, int] = {
    (ISSUED, BALANCE): 1,
    (OWED, CLAIMS): 1,
    (BALANCE, ISSUED): -1,
    (CLAIMS, OWED): -1,
    (EXPIRED, ISSUED): -1,
}
"""How the routes of what collects count towards what a card has ever collected."""

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
