"""How many mails a stranger can make us send: to one address, and from one network.

The mail to confirm an address goes to whatever somebody typed, so without a limit anybody could have us
write to anybody, over and over.
"""

from passes.db.engine import UnitOfWork
from passes.limits import debts
from passes.limits.debts import cost_ms, seconds_left
from passes.limits.guesses import network

PER_HOUR_AND_CONTACT = 6
PER_HOUR_AND_NETWORK = 60
"""How many an hour are sent before it becomes one every quarter of an hour; a shop may share a network."""


def may_write(uow: UnitOfWork, contact: str, address: str) -> bool:
    """Whether one more mail may go to `contact` (a hash) because somebody at `address` asks; counts it."""
    names = {
        f"mail-to:{contact[:64]}": cost_ms(PER_HOUR_AND_CONTACT),
        f"mail-from:{network(address)}": cost_ms(PER_HOUR_AND_NETWORK),
    }
    known = debts.read(uow, list(names))
    if any(seconds_left(row["closed_until_ms"]) for row in known.values()):
        return False
    debts.add(uow, names)
    return True
