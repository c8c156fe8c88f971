"""Writing down where cards are installed, as the wallets report it.

Several requests about one device may run at once: every function takes the device's row first, so they
follow one another and none waits in a circle. Times are real time, because Apple's answers carry it.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, delete, exists, select

from passes.clock import real_now
from passes.db.engine import UnitOfWork
from passes.db.upsert import insert_into, insert_once
from passes.installs.models import AppleDevice, AppleRegistration


def register(
    uow: UnitOfWork, merchant_id: str, device_id: str, pass_type: str, card_id: str, push_token: str
) -> bool:
    """Note that the card is on the device and how to push to it; returns whether that is new.

    The token is the newest there is whether or not the registration is known, and the device vouches for
    it anew each time: Apple's word that a token is dead counts only if it is later.
    """
    seen_at = real_now()
    statement = insert_into(uow, AppleDevice).values(
        device_id=device_id,
        pass_type=pass_type,
        push_token=push_token,
        token_since=seen_at,
        # A device that comes back still remembers a tag; unix seconds are beyond all it was ever given.
        tag=int(seen_at.timestamp()),
    )
    statement = statement.on_conflict_do_update(
        index_elements=["device_id", "pass_type"],
        set_={"push_token": push_token, "token_since": seen_at},
    )
    uow.conn.execute(statement)
    registration = {
        "device_id": device_id,
        "pass_type": pass_type,
        "card_id": card_id,
        "merchant_id": merchant_id,
        "listed_version": 0,
        "tag": 0,
        "created_at": uow.now,
    }
    return insert_once(uow, AppleRegistration, registration)


def unregister(uow: UnitOfWork, device_id: str, pass_type: str, card_id: str) -> bool:
    """Forget that the card is on the device, and the device with its last card; whether it was known."""
    if _take_device(uow, device_id, pass_type) is None:
        # Without its row held, one that another request writes now would be taken away under its card.
        return False
    gone = delete(AppleRegistration).where(
        *_registrations(device_id, pass_type), AppleRegistration.card_id == card_id
    )
    known = uow.conn.execute(gone).rowcount == 1
    left = exists().where(*_registrations(device_id, pass_type))
    uow.conn.execute(delete(AppleDevice).where(*_device(device_id, pass_type), ~left))
    return known


def forget_device(
    uow: UnitOfWork, device_id: str, pass_type: str, push_token: str, dead_since: datetime | None
) -> bool:
    """Forget a device whose token Apple refuses, and all its registrations; returns whether it is gone.

    It stays if it has another token by now, or has shown the same one after `dead_since`; None means that
    the token never was one.
    """
    token = _take_device(uow, device_id, pass_type)
    if token is None:
        return True
    current, since = token
    if current != push_token or (dead_since is not None and since >= dead_since):
        return False
    uow.conn.execute(delete(AppleRegistration).where(*_registrations(device_id, pass_type)))
    uow.conn.execute(delete(AppleDevice).where(*_device(device_id, pass_type)))
    return True


def _take_device(uow: UnitOfWork, device_id: str, pass_type: str) -> tuple[str, datetime] | None:
    """The push token and since when it stands, with the device's row locked; None for an unknown device."""
    query = select(AppleDevice.push_token, AppleDevice.token_since)
    row = uow.conn.execute(query.where(*_device(device_id, pass_type)).with_for_update()).one_or_none()
    return None if row is None else (row.push_token, row.token_since)


def _device(device_id: str, pass_type: str) -> list[ColumnElement[bool]]:
    return [AppleDevice.device_id == device_id, AppleDevice.pass_type == pass_type]


def _registrations(device_id: str, pass_type: str) -> list[ColumnElement[bool]]:
    return [AppleRegistration.device_id == device_id, AppleRegistration.pass_type == pass_type]
