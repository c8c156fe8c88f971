"""Where cards are installed, for whoever has something to tell them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, tuple_

from passes.db.engine import UnitOfWork
from passes.installs.models import AppleDevice, AppleRegistration, GoogleClass, GoogleObject


@dataclass(frozen=True, slots=True, order=True)
class DeviceKey:
    """A device as it presents itself for one pass type."""

    device_id: str
    pass_type: str


@dataclass(frozen=True, slots=True)
class GoogleObjectView:
    """A card that exists at Google, or has been asked for there; `synced_version` 0 means not yet."""

    card_id: str
    merchant_id: str
    object_id: str
    class_id: str
    synced_version: int
    saves: int
    digest: bytes | None
    balance_shown: str | None


@dataclass(frozen=True, slots=True)
class GoogleClassView:
    """A class at Google: the digest of what it has for certain, and since when (real time)."""

    digest: bytes | None
    put_at: datetime | None


_OBJECT = select(
    GoogleObject.card_id,
    GoogleObject.merchant_id,
    GoogleObject.object_id,
    GoogleObject.class_id,
    GoogleObject.synced_version,
    GoogleObject.saves,
    GoogleObject.digest,
    GoogleObject.balance_shown,
)


def devices_with(uow: UnitOfWork, card_ids: Collection[str]) -> set[tuple[str, DeviceKey]]:
    """The merchant and the device, once each, wherever one of the cards is registered."""
    query = select(
        AppleRegistration.merchant_id, AppleRegistration.device_id, AppleRegistration.pass_type
    ).where(AppleRegistration.card_id.in_(card_ids))
    return {(row.merchant_id, DeviceKey(row.device_id, row.pass_type)) for row in uow.conn.execute(query)}


def push_tokens(uow: UnitOfWork, devices: Collection[DeviceKey]) -> dict[DeviceKey, str]:
    """The newest token of each device; one without a card left is not in it."""
    key = tuple_(AppleDevice.device_id, AppleDevice.pass_type)
    query = select(AppleDevice.device_id, AppleDevice.pass_type, AppleDevice.push_token).where(
        key.in_([(device.device_id, device.pass_type) for device in devices])
    )
    return {DeviceKey(row.device_id, row.pass_type): row.push_token for row in uow.conn.execute(query)}


def google_object(uow: UnitOfWork, card_id: str) -> GoogleObjectView | None:
    """The card's object at Google, None where nobody has asked for one."""
    row = uow.conn.execute(_OBJECT.where(GoogleObject.card_id == card_id)).one_or_none()
    return None if row is None else GoogleObjectView(*row)


def google_class(uow: UnitOfWork, class_id: str) -> GoogleClassView | None:
    """What is known of a class at Google, None where it was never put."""
    query = select(GoogleClass.digest, GoogleClass.put_at).where(GoogleClass.class_id == class_id)
    row = uow.conn.execute(query).one_or_none()
    return None if row is None else GoogleClassView(*row)


def google_objects(uow: UnitOfWork, card_ids: Collection[str]) -> list[GoogleObjectView]:
    """The objects of those cards that have one."""
    return [
        GoogleObjectView(*row) for row in uow.conn.execute(_OBJECT.where(GoogleObject.card_id.in_(card_ids)))
    ]


def google_counts(uow: UnitOfWork, merchant_id: str | None = None) -> dict[str, int]:
    """How many objects each class has, by the class's id; of one merchant or of all."""
    query = select(GoogleObject.class_id, func.count().label("objects")).group_by(GoogleObject.class_id)
    if merchant_id is not None:
        query = query.where(GoogleObject.merchant_id == merchant_id)
    return {row.class_id: row.objects for row in uow.conn.execute(query)}


def google_objects_of(uow: UnitOfWork, class_id: str, after_card: str, limit: int) -> list[GoogleObjectView]:
    """The next objects of a class in the order of their cards."""
    query = _OBJECT.where(GoogleObject.class_id == class_id, GoogleObject.card_id > after_card)
    rows = uow.conn.execute(query.order_by(GoogleObject.card_id).limit(limit))
    return [GoogleObjectView(*row) for row in rows]


def google_objects_named(uow: UnitOfWork, object_ids: Collection[str]) -> dict[str, GoogleObjectView]:
    """Those of the objects that were noted, by what they are called at Google."""
    rows = uow.conn.execute(_OBJECT.where(GoogleObject.object_id.in_(object_ids)))
    return {row.object_id: GoogleObjectView(*row) for row in rows}
