"""Whose PIN that is: the same door, with the same lock, for signing in and for approving."""

from dataclasses import dataclass

from passes.db.engine import UnitOfWork
from passes.errors import NotFound
from passes.limits import sign_ins
from passes.merchants import queries as merchants
from passes.merchants import staff
from passes.merchants.access import Caller
from passes.merchants.queries import LocationView

ATTEMPTS_PER_ADDRESS = "30 per 10 minutes"
TOO_OFTEN = ("too_many_pins", "too_fast")
_MOST_SHOPS = 200
_PAUSE_S = 10


@dataclass(frozen=True, slots=True)
class Shop:
    """Where a PIN is typed."""

    merchant_id: str
    location_id: str


def shops(uow: UnitOfWork, merchant_id: str) -> list[LocationView]:
    """The shops to choose from, by name."""
    return sorted(merchants.locations(uow, merchant_id, limit=_MOST_SHOPS).items, key=lambda shop: shop.name)


def person_with_pin(uow: UnitOfWork, shop: Shop, pin: str) -> tuple[Caller | None, str]:
    """Whoever has the PIN at the shop, or the key of the text that says why nobody; counts wrong ones."""
    try:
        merchants.location(uow, shop.merchant_id, shop.location_id)
    except NotFound:
        return None, "unknown_shop"
    if wait_s := sign_ins.pin_wait_s(uow, shop.location_id):
        return None, "too_many_pins" if wait_s > _PAUSE_S else "too_fast"
    only_bound = sign_ins.only_bound_pins(uow, shop.merchant_id)
    caller = staff.authenticate_pin(
        uow, shop.merchant_id, shop.location_id, pin.strip(), only_bound=only_bound
    )
    if caller is None:
        sign_ins.wrong_pin(uow, shop.merchant_id, shop.location_id, only_bound=only_bound)
        return None, "wrong_pin_now" if only_bound else "wrong_pin"
    return caller, ""
