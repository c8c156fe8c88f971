"""Setting limits and looking at what happened at them, in few words."""

from sqlalchemy import select

from passes.audit.models import AuditEntry
from tests.fixtures.api import Answer, Client, Json, Shop, eur


def set_limit(shop: Shop, **said: object) -> Json:
    """A limit of the shop."""
    made: Json = shop.manager.post("/limits", said).ok().json
    return made


def pay(shop: Shop, card: Json, cents: int, till: Client | None = None, **said: object) -> Answer:
    """A redemption of so much."""
    body = {"card_id": card["id"], "amount": eur(cents), **said}
    return (till or shop.till).post("/redemptions", body)


def load(shop: Shop, card: Json, cents: int, till: Client | None = None, **said: object) -> Answer:
    """A load of so much."""
    return (till or shop.till).post("/loads", {"card_id": card["id"], "amount": eur(cents), **said})


def new_till(shop: Shop, *scopes: str, location_id: str | None = None) -> Client:
    """Another till of the shop."""
    return Client(shop.app, shop.new_key(*(scopes or ("till",)), location_id=location_id).key)


def incidents(shop: Shop) -> list[Json]:
    """What happened at the shop's limits, the latest first."""
    items: list[Json] = shop.manager.get("/limit-incidents").ok()["items"]
    return items


def audited(shop: Shop, action: str) -> int:
    """How often the audit log says so."""
    with shop.services.database.read() as uow:
        query = select(AuditEntry.id).where(AuditEntry.action == action, AuditEntry.merchant_id == shop.id)
        return len(uow.conn.execute(query).all())
