"""Writing down which cards exist at Google, and what Google reports about them."""

from datetime import datetime

from sqlalchemy import case, delete, update

from passes.db.engine import UnitOfWork
from passes.db.upsert import insert_once
from passes.installs.models import GoogleCallback, GoogleObject


def expect_object(uow: UnitOfWork, merchant_id: str, card_id: str, object_id: str, class_id: str) -> None:
    """Note, before Google is asked to make it, that the card has an object there.

    From this commit on every change of the card is sent, so none can fall between the first insert and
    the note of it.
    """
    row = {
        "card_id": card_id,
        "merchant_id": merchant_id,
        "object_id": object_id,
        "class_id": class_id,
        "synced_version": 0,
        "saves": 0,
        "created_at": uow.now,
    }
    insert_once(uow, GoogleObject, row)


def synced(uow: UnitOfWork, card_id: str, object_id: str, class_id: str, version: int) -> None:
    """Note that Google has accepted this version of the card; an older one than it has changes nothing."""
    uow.conn.execute(
        update(GoogleObject)
        .where(GoogleObject.card_id == card_id, GoogleObject.synced_version <= version)
        .values(object_id=object_id, class_id=class_id, synced_version=version)
    )


def record_callback(uow: UnitOfWork, nonce: str, object_id: str, *, saved: bool, at: datetime) -> bool:
    """Count a save or a deletion that Google reports; False, and nothing done, for a nonce seen before."""
    if not insert_once(uow, GoogleCallback, {"nonce": nonce, "received_at": at}):
        return False
    # Reports may come out of order, and nobody holds less than nothing.
    fewer = case((GoogleObject.saves > 0, GoogleObject.saves - 1), else_=0)
    uow.conn.execute(
        update(GoogleObject)
        .where(GoogleObject.object_id == object_id)
        .values(saves=GoogleObject.saves + 1 if saved else fewer)
    )
    return True


def forget_callbacks(uow: UnitOfWork, before: datetime) -> int:
    """Forget callbacks received before a moment (real time); they have long expired. Returns how many."""
    old = delete(GoogleCallback).where(GoogleCallback.received_at < before)
    return uow.conn.execute(old).rowcount
