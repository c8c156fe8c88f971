"""Guessing of PINs and passwords: wrong ones are counted per shop, per person and address, and per address.

A PIN has a million possibilities at most, so this limit is its whole strength: at nine wrong ones an
hour, trying half of all six-digit PINs takes more than six years. The PIN of somebody bound to no shop opens
every one of them, so whoever guesses at it could go from shop to shop: these are counted for all together.
"""

import hashlib

from passes.audit import service as audit
from passes.db.engine import UnitOfWork
from passes.limits import debts
from passes.limits.debts import cost_ms, seconds_left
from passes.limits.guesses import network
from passes.merchants import staff

PINS_PER_HOUR = 9
PINS_PER_HOUR_EVERYWHERE = 27
PASSWORDS_PER_HOUR = 20
PASSWORDS_PER_HOUR_AND_ADDRESS = 120
"""How many wrong ones an hour are forgiven a shop, all shops of a merchant (as far as people bound to none
are concerned), a person at one address, an address; then it locks."""

WRONG_PIN = "scanner.wrong_pin"
"""The audit log's word for one."""

LOCKED_OUT = "limits.lock_out"


def pin_wait_s(uow: UnitOfWork, location_id: str) -> int:
    """Whole seconds until a PIN may be tried at this shop again; 0 when one may be tried now.

    Whoever asks has the shop's count in hand until the transaction ends, so that of many who guess at once
    each sees what the others got wrong.
    """
    return seconds_left(debts.take_in_hand(uow, f"pin:{location_id}"))


def only_bound_pins(uow: UnitOfWork, merchant_id: str) -> bool:
    """Whether, after many wrong ones in all shops together, PINs of people bound to none do not count now."""
    rows = debts.read(uow, [_everywhere(merchant_id)])
    return any(seconds_left(row["closed_until_ms"]) for row in rows.values())


def wrong_pin(uow: UnitOfWork, merchant_id: str, location_id: str, *, only_bound: bool = False) -> None:
    """Count and write down a wrong PIN; which one it was is not.

    For all shops together it counts only where it might have been a PIN that opens them all: else whoever
    goes on guessing would make the lock last for days.
    """
    shop, everywhere = f"pin:{location_id}", _everywhere(merchant_id)
    costs = {shop: cost_ms(PINS_PER_HOUR)}
    if not only_bound:
        costs[everywhere] = cost_ms(PINS_PER_HOUR_EVERYWHERE)
    locked = debts.add(uow, costs)
    audit.record(uow, merchant_id, "scanner", WRONG_PIN, location_id, location_id=location_id)
    for name, scope in ((shop, "pin"), (everywhere, "pins")):
        if name in locked:
            noted = {"scope": scope, "location_id": location_id}
            audit.record(uow, merchant_id, "scanner", LOCKED_OUT, location_id, **noted)


def _everywhere(merchant_id: str) -> str:
    return f"pins:{merchant_id}"


def password_wait_s(uow: UnitOfWork, email: str, address: str) -> int:
    """Whole seconds until a password may be tried for this person, and from this address, again."""
    rows = debts.read(uow, _names(email, address))
    return max((seconds_left(row["closed_until_ms"]) for row in rows.values()), default=0)


def wrong_password(uow: UnitOfWork, email: str, address: str) -> None:
    """Count a wrong password, or an address nobody signs in with: the two are not told apart.

    That somebody of a merchant's was locked out is written into that merchant's log, once.
    """
    person, place = _names(email, address)
    locked = debts.add(
        uow, {place: cost_ms(PASSWORDS_PER_HOUR_AND_ADDRESS), person: cost_ms(PASSWORDS_PER_HOUR)}
    )
    known = staff.with_email(uow, email)
    if known is not None and person in locked:
        audit.record(uow, known.merchant_id, "console", LOCKED_OUT, known.id, scope="password")


def _names(email: str, address: str) -> list[str]:
    # Whoever is not known here must not be remembered here, so the e-mail address is hashed.
    person = hashlib.sha256(email.strip().lower().encode(errors="surrogatepass")).hexdigest()[:32]
    return [f"person:{person}:{network(address)}", f"sign-in:{network(address)}"]
