"""Where the front of a card in Google Wallet shows what: the template in its class.

The class belongs to all cards of a program, so its template names places (`front_1`, ...) and each object
fills them in the order of its face. A place that an object leaves empty is not shown.
"""

from typing import Any

from passes.cards.face import Kind

Json = dict[str, Any]

ROWS = 3
"""As many as Google takes; it allows up to three cells in each, of which two can be read."""

_BALANCES: dict[Kind, str | None] = {
    "stamp": "object.loyaltyPoints.balance",
    "points": "object.loyaltyPoints.balance",
    "gift": "object.balance",
    "coupon": None,
}
CELLS: dict[Kind, int] = {kind: 2 * ROWS - (balance is not None) for kind, balance in _BALANCES.items()}
"""How many fields besides the balance stand on the front."""


def template(kind: Kind) -> Json:
    """`classTemplateInfo`: the balance first, where there is one, then the front fields in their order."""
    balance = _BALANCES[kind]
    paths = [] if balance is None else [balance]
    paths += [f"object.textModulesData['front_{place}']" for place in range(1, CELLS[kind] + 1)]
    rows = [
        {"twoItems": {"startItem": _cell(left), "endItem": _cell(right)}}
        for left, right in zip(paths[::2], paths[1::2], strict=True)
    ]
    return {"cardTemplateOverride": {"cardRowTemplateInfos": rows}}


def _cell(path: str) -> Json:
    return {"firstValue": {"fields": [{"fieldPath": path}]}}
