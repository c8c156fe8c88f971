"""A phone with cards, as short as tests want it."""

from sqlalchemy import select

from passes.cards.models import Card
from passes.db.engine import Database
from passes.installs import listing, service
from passes.installs.listing import Listing
from tests.outbox.world import change

TYPE = "pass.dev.stempel.acme"


def register(database: Database, card_id: str, device: str = "phone", token: str = "token") -> bool:
    """The phone reports the card."""
    with database.write() as uow:
        return service.register(uow, "mer_acme", device, TYPE, card_id, token)


def unregister(database: Database, card_id: str, device: str = "phone") -> bool:
    """The phone takes the card off."""
    with database.write() as uow:
        return service.unregister(uow, device, TYPE, card_id)


def ask(database: Database, tag: str | None, device: str = "phone") -> Listing | None:
    """The phone asks what changed."""
    with database.write() as uow:
        return listing.updated_since(uow, device, TYPE, tag)


def bump(database: Database, *card_ids: str) -> None:
    """Each card's next version."""
    with database.write() as uow:
        for card_id in card_ids:
            change(uow, card_id)


def versions(database: Database) -> dict[str, int]:
    """How every card stands."""
    with database.read() as uow:
        return {row.id: row.version for row in uow.conn.execute(select(Card.id, Card.version))}
