"""Who an actor of the books and the audit log is: a person's name, or the beginning of a key."""

from collections.abc import Collection

from sqlalchemy import select

from passes.db.engine import UnitOfWork
from passes.merchants.models import ApiKey, Staff


def names(uow: UnitOfWork, merchant_id: str, actors: Collection[str]) -> dict[str, str]:
    """The names of those among `actors` who are people or keys of the merchant, by id."""
    wanted = set(actors)
    people = select(Staff.id, Staff.name).where(Staff.merchant_id == merchant_id, Staff.id.in_(wanted))
    keys = select(ApiKey.id, ApiKey.hint).where(ApiKey.merchant_id == merchant_id, ApiKey.id.in_(wanted))
    found = {row.id: row.name for row in uow.conn.execute(people)}
    return found | {row.id: f"{row.hint}…" for row in uow.conn.execute(keys)}


def called(uow: UnitOfWork, merchant_id: str, text: str) -> list[str]:
    """The ids of the merchant's people whose name holds `text`."""
    people = select(Staff.id).where(Staff.merchant_id == merchant_id)
    return list(uow.conn.execute(people.where(Staff.name.icontains(text, autoescape=True))).scalars())
