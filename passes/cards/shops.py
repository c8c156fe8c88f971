"""Where a card is worth showing: the merchant's shops, and among them those this card was used at."""

from sqlalchemy import func, select

from passes.cards.face import Place, Text
from passes.db.engine import UnitOfWork
from passes.ledger.models import Transaction
from passes.merchants.models import Location

MAX_PLACES = 200
"""More than any wallet takes on one card, so that each can choose which to show."""
MANY = 10
"""Up to so many shops every wallet shows them all, and nobody has to know which are a card's own."""
_MAX_USED = 10


def shops(
    uow: UnitOfWork, merchant_id: str, card_id: str, text: Text | None
) -> tuple[tuple[Place, ...], tuple[Place, ...]]:
    """The merchant's shops with coordinates, oldest first, and those the card was used at, latest first.

    `text` is what a phone says near each. Of a few shops none is told apart: the second part is empty.
    """
    query = (
        select(Location.id, Location.latitude, Location.longitude, Location.name)
        .where(
            Location.merchant_id == merchant_id,
            Location.latitude.is_not(None),
            Location.longitude.is_not(None),
        )
        .order_by(Location.created_at, Location.id)
        .limit(MAX_PLACES)
    )
    places = {
        location_id: Place(latitude, longitude, name, text)
        for location_id, latitude, longitude, name in uow.conn.execute(query)
        if latitude is not None and longitude is not None
    }
    used = _used_at(uow, card_id) if len(places) > MANY else ()
    return tuple(places.values()), tuple(places[place] for place in used if place in places)


def _used_at(uow: UnitOfWork, card_id: str) -> tuple[str, ...]:
    """The locations of what was booked on the card, the latest first."""
    query = (
        select(Transaction.location_id)
        .where(Transaction.card_id == card_id, Transaction.location_id.is_not(None))
        .group_by(Transaction.location_id)
        .order_by(func.max(Transaction.created_at).desc(), Transaction.location_id)
        .limit(_MAX_USED)
    )
    return tuple(place for place in uow.conn.execute(query).scalars() if place is not None)
