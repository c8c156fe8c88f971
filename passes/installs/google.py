"""Writing down which cards exist at Google, and what Google reports about them."""

from datetime import datetime

from sqlalchemy import case, delete, update

from passes.db.engine import UnitOfWork
from passes.db.upsert import insert_once
from passes.installs.models import GoogleCallback, GoogleClass, GoogleObject


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


def doubt_object(uow: UnitOfWork, card_id: str) -> None:
    """Note that nobody knows any more what Google has for the card: a request is about to be made."""
    uow.conn.execute(update(GoogleObject).where(GoogleObject.card_id == card_id).values(digest=None))


def synced(
    uow: UnitOfWork,
    card_id: str,
    object_id: str,
    class_id: str,
    version: int,
    digest: bytes,
    *,
    balance_shown: str | None = None,
) -> None:
    """Note that Google has accepted this version of the card; an older one than it has changes nothing."""
    uow.conn.execute(
        update(GoogleObject)
        .where(GoogleObject.card_id == card_id, GoogleObject.synced_version <= version)
        .values(
            object_id=object_id,
            class_id=class_id,
            synced_version=version,
            digest=digest,
            balance_shown=None if balance_shown is None else balance_shown[:100],
        )
    )


def doubt_class(uow: UnitOfWork, merchant_id: str, class_id: str) -> None:
    """Note that a class is about to be put."""
    if not insert_once(uow, GoogleClass, {"class_id": class_id, "merchant_id": merchant_id}):
        uow.conn.execute(update(GoogleClass).where(GoogleClass.class_id == class_id).values(digest=None))


def note_class(uow: UnitOfWork, class_id: str, digest: bytes, at: datetime) -> None:
    """Note that Google has a class as it should be, since `at` (real time)."""
    uow.conn.execute(
        update(GoogleClass).where(GoogleClass.class_id == class_id).values(digest=digest, put_at=at)
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
