"""Apple devices and registrations, Google objects, and the callbacks already seen.

Apple asks "what changed since tag?". Tags are numbered per device when the device asks, under the lock of
its own row, from the card versions committed by then; so no change can become visible behind a tag a
device already holds, and a till never writes here.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
)
from sqlalchemy.orm import Mapped, mapped_column

from passes.db.base import Base, JsonColumn, UtcDateTime


class AppleDevice(Base):
    """A device as it presents itself for one pass type; `tag` is the last list number it was given."""

    __tablename__ = "apple_devices"

    device_id: Mapped[str] = mapped_column(String(200), primary_key=True)
    pass_type: Mapped[str] = mapped_column(String(200), primary_key=True)
    push_token: Mapped[str] = mapped_column(String(300))
    token_since: Mapped[datetime] = mapped_column(UtcDateTime)
    tag: Mapped[int] = mapped_column(BigInteger, default=0)


class AppleRegistration(Base):
    """One card on one device; `listed_version` is the card version its `tag` was given for."""

    __tablename__ = "apple_registrations"
    __table_args__ = (
        ForeignKeyConstraint(
            ["device_id", "pass_type"], ["apple_devices.device_id", "apple_devices.pass_type"]
        ),
        Index("ix_apple_registrations_card_id", "card_id"),
    )

    device_id: Mapped[str] = mapped_column(String(200), primary_key=True)
    pass_type: Mapped[str] = mapped_column(String(200), primary_key=True)
    card_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    merchant_id: Mapped[str] = mapped_column(String(40))
    listed_version: Mapped[int] = mapped_column(Integer, default=0)
    tag: Mapped[int] = mapped_column(BigInteger, default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class GoogleObject(Base):
    """A card that exists at Google; `synced_version` is the card version Google last accepted.

    `digest` is of the body Google has for certain: None from before a request until its answer is noted.
    `balance_shown` is the balance its holder was last shown.
    """

    __tablename__ = "google_objects"

    card_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    merchant_id: Mapped[str] = mapped_column(String(40))
    object_id: Mapped[str] = mapped_column(String(200), unique=True)
    class_id: Mapped[str] = mapped_column(String(200))
    synced_version: Mapped[int] = mapped_column(Integer)
    digest: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    saves: Mapped[int] = mapped_column(Integer, default=0)
    balance_shown: Mapped[str | None] = mapped_column(String(100))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class GoogleClass(Base):
    """What all cards of a program share at Google; `digest` as for objects. `put_at` is real time."""

    __tablename__ = "google_classes"

    class_id: Mapped[str] = mapped_column(String(200), primary_key=True)
    merchant_id: Mapped[str] = mapped_column(String(40))
    digest: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    put_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class GoogleIssuer(Base):
    """What Google allows one issuer, for all processes together. Moments are unix microseconds of real time.

    `next_us` is when the next request may leave, `paused_until_us` until when none may; `strikes` counts the
    pauses since a request last succeeded.
    """

    __tablename__ = "google_issuers"

    issuer_id: Mapped[str] = mapped_column(String(25), primary_key=True)
    next_us: Mapped[int] = mapped_column(BigInteger)
    paused_until_us: Mapped[int] = mapped_column(BigInteger, default=0)
    strikes: Mapped[int] = mapped_column(SmallInteger, default=0)
    pause_reason: Mapped[str | None] = mapped_column(String(200))
    shops_refused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class GoogleCheck(Base):
    """One comparison of what Google has with what we meant, wanted, under way or done. Moments are real time.

    `merchant_id` is "" for everybody's cards. `worker` is whoever is at it, last heard of at `heard_at`;
    `findings` are the first few of what is not as meant.
    """

    __tablename__ = "google_checks"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    merchant_id: Mapped[str] = mapped_column(String(40))
    actor: Mapped[str] = mapped_column(String(100))
    repair: Mapped[bool] = mapped_column(Boolean)
    worker: Mapped[str | None] = mapped_column(String(40))
    wanted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    heard_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failure: Mapped[str | None] = mapped_column(String(300))
    done: Mapped[int] = mapped_column(Integer, default=0)
    total: Mapped[int] = mapped_column(Integer, default=0)
    same: Mapped[int] = mapped_column(Integer, default=0)
    different: Mapped[int] = mapped_column(Integer, default=0)
    missing: Mapped[int] = mapped_column(Integer, default=0)
    orphaned: Mapped[int] = mapped_column(Integer, default=0)
    unknown: Mapped[int] = mapped_column(Integer, default=0)
    waiting: Mapped[int] = mapped_column(Integer, default=0)
    put_in_line: Mapped[int] = mapped_column(Integer, default=0)
    findings: Mapped[list[Any]] = mapped_column(JsonColumn)


_OPEN = GoogleCheck.finished_at.is_(None)
Index(
    "ix_google_checks_open",
    GoogleCheck.merchant_id,
    unique=True,
    postgresql_where=_OPEN,
    sqlite_where=_OPEN,
)


class GoogleCallback(Base):
    """A callback we have acted on; its nonce makes a repeat harmless."""

    __tablename__ = "google_callbacks"

    nonce: Mapped[str] = mapped_column(String(200), primary_key=True)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
