"""Answering a device that asks which of its cards have changed since a tag.

A card's version grows inside the transaction that changes the card, so a number taken from it could
become visible late and be skipped for ever. Tags are therefore given out here, when the device asks, under
its own lock and from versions that are committed by then: what commits later gets a later tag.
"""

from dataclasses import dataclass
from typing import TypeAlias

from sqlalchemy import ColumnElement, Integer, Row, String, column, select, table, update

from passes.db.engine import UnitOfWork
from passes.installs.models import AppleDevice, AppleRegistration

# This room lies beside the ledger and below the cards and must not import them, but the versions have to
# be read in the same statement that numbers them. So it knows two columns of the table by name.
_CARDS = table("cards", column("id", String), column("version", Integer))
_LONGEST_TAG = 18


_Row: TypeAlias = Row[tuple[str, int, int, int, int]]


@dataclass(frozen=True, slots=True)
class Listing:
    """The cards that have changed, and the tag to ask with next time."""

    card_ids: tuple[str, ...]
    tag: str


def updated_since(uow: UnitOfWork, device_id: str, pass_type: str, tag: str | None) -> Listing | None:
    """What changed on the device after `tag`; None if nothing did or the device is unknown.

    Without a tag, and with one we never gave, everything on the device has changed. Nothing is written
    unless a card really has moved on since it was last listed.
    """
    rows = _read(uow, device_id, pass_type)
    if _is_unnumbered(rows):
        _number(uow, device_id, pass_type)
        rows = _read(uow, device_id, pass_type)
    return _listing(rows, tag)


def settled_since(
    uow: UnitOfWork, device_id: str, pass_type: str, tag: str | None
) -> tuple[bool, Listing | None]:
    """Whether every change has its tag already, and if so what `updated_since` would answer.

    For the many polls that find nothing new: they need not wait for their turn to write.
    """
    rows = _read(uow, device_id, pass_type)
    if _is_unnumbered(rows):
        return False, None
    return True, _listing(rows, tag)


def _is_unnumbered(rows: list[_Row]) -> bool:
    return any(row.listed_version != row.version for row in rows)


def _listing(rows: list[_Row], tag: str | None) -> Listing | None:
    if not rows:
        return None
    newest = rows[0].newest
    since = _parse(tag)
    if since is None or since > newest:
        since = -1
    changed = tuple(row.card_id for row in rows if row.tag > since)
    return Listing(changed, str(newest)) if changed else None


def _read(uow: UnitOfWork, device_id: str, pass_type: str) -> list[_Row]:
    query = (
        select(
            AppleRegistration.card_id,
            AppleRegistration.tag,
            AppleRegistration.listed_version,
            _CARDS.c.version,
            AppleDevice.tag.label("newest"),
        )
        .join(AppleDevice, _same_device())
        .join(_CARDS, _CARDS.c.id == AppleRegistration.card_id)
        .where(AppleRegistration.device_id == device_id, AppleRegistration.pass_type == pass_type)
        .order_by(AppleRegistration.card_id)
    )
    return list(uow.conn.execute(query))


def _number(uow: UnitOfWork, device_id: str, pass_type: str) -> None:
    """Give the device's next tag to every card that has moved on; the update of its row is the lock."""
    next_tag = (
        update(AppleDevice)
        .where(AppleDevice.device_id == device_id, AppleDevice.pass_type == pass_type)
        .values(tag=AppleDevice.tag + 1)
        .returning(AppleDevice.tag)
    )
    tag = uow.conn.execute(next_tag).scalar()
    version = select(_CARDS.c.version).where(_CARDS.c.id == AppleRegistration.card_id).scalar_subquery()
    moved_on = update(AppleRegistration).where(
        AppleRegistration.device_id == device_id,
        AppleRegistration.pass_type == pass_type,
        AppleRegistration.listed_version != version,
    )
    uow.conn.execute(moved_on.values(tag=tag, listed_version=version))


def _same_device() -> ColumnElement[bool]:
    return (AppleDevice.device_id == AppleRegistration.device_id) & (
        AppleDevice.pass_type == AppleRegistration.pass_type
    )


def _parse(tag: str | None) -> int | None:
    if tag is None or not (tag.isascii() and tag.isdigit()) or len(tag) > _LONGEST_TAG:
        return None
    return int(tag)
