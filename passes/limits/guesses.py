"""Guessing of typed codes: counted per key, address, beginning of the code, and everybody together.

Only typed codes are guarded. A barcode token has 128 random bits and a signed barcode a signature, so there
is nothing to guess, nothing to count and nothing to lock. A code whose check symbol is wrong can be no
card's, which anybody can work out without us: it is a slip of the fingers and costs a quarter of a guess.

A key that has hardly guessed wrong goes on while an address, a beginning or everybody is locked out, because
that lock was earned by others: honest tills go through an attack they share a network with.
"""

import ipaddress
from collections.abc import Mapping

from passes.audit import service as audit
from passes.db.engine import UnitOfWork
from passes.errors import RateLimited
from passes.ids import normalise_code, typed_form
from passes.limits import debts
from passes.limits.debts import cost_ms, seconds_left

PER_HOUR = {"key": 20, "address": 60, "prefix": 20, "everybody": 500}
"""How many wrong guesses an hour each may make; the debt of one more locks it out for 15 minutes."""

CLEAN = 3
"""Up to so many wrong guesses in debt a key is not held to what others have done."""

SLIPS_PER_GUESS = 4
PREFIX_LENGTH = 4


def network(address: str) -> str:
    """Whom an address stands for: itself, or in IPv6 its /64, which is what one customer is given."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:60]
    if isinstance(parsed, ipaddress.IPv6Address):
        mapped = parsed.ipv4_mapped
        return str(mapped or ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)


def require_open(uow: UnitOfWork, merchant_id: str, code: str) -> None:
    """Refuse a typed code from somebody who has guessed too much; anything else passes without a look.

    One read. Raises `RateLimited`, for right and wrong codes alike.
    """
    typed = typed_form(code)
    if typed is None or uow.asker is None:
        return
    names = _names(uow, merchant_id, typed)
    rows = debts.read(uow, list(names.values()))
    own = rows.get(names["key"])
    if own is not None and (wait_s := seconds_left(own["closed_until_ms"])):
        raise _too_many(wait_s)
    if own is None or own["debt_until_ms"] - debts.now_ms() <= CLEAN * cost_ms(PER_HOUR["key"]):
        return
    wait_s = max((seconds_left(row["closed_until_ms"]) for row in rows.values()), default=0)
    if wait_s:
        raise _too_many(wait_s)


def note_miss(uow: UnitOfWork, merchant_id: str, code: str) -> None:
    """Have it counted, once this unit of work has ended, that a code named no card."""
    typed = typed_form(code)
    if typed is None or uow.asker is None:
        return
    uow.asker.misses += 1
    counting = next((note for note in uow.tallies if isinstance(note, _Counting)), None)
    if counting is None:
        counting = _Counting(merchant_id, uow.asker.actor)
        uow.tallies.append(counting)
    parts = dict.fromkeys(PER_HOUR, SLIPS_PER_GUESS)
    if normalise_code(typed) is None:
        parts = {"key": 1, "address": 1}
    names = _names(uow, merchant_id, typed)
    counting.add({names[s]: cost_ms(PER_HOUR[s], part, SLIPS_PER_GUESS) for s, part in parts.items()})


class _Counting:
    """All that one unit of work got wrong, written in one stroke, and whom that locks out logged."""

    def __init__(self, merchant_id: str, actor: str) -> None:
        self._merchant_id = merchant_id
        self._actor = actor
        self._costs: dict[str, int] = {}

    def add(self, costs: Mapping[str, int]) -> None:
        """Another wrong code."""
        for name, cost in costs.items():
            self._costs[name] = self._costs.get(name, 0) + cost

    def __call__(self, afterwards: UnitOfWork) -> None:
        for name in sorted(debts.add(afterwards, self._costs)):
            scope = name.partition(":")[0]
            audit.record(
                afterwards, self._merchant_id, self._actor, "limits.lock_out", self._actor, scope=scope
            )


def _names(uow: UnitOfWork, merchant_id: str, typed: str) -> dict[str, str]:
    assert uow.asker is not None
    return {
        "address": f"address:{network(uow.asker.address)}",
        "everybody": "everybody",
        "key": f"key:{uow.asker.actor}",
        "prefix": f"prefix:{merchant_id}:{typed[:PREFIX_LENGTH]}",
    }


def _too_many(wait_s: int) -> RateLimited:
    return RateLimited(
        "Too many typed codes were wrong. Scan the barcode instead, or wait before typing another.", wait_s
    )
