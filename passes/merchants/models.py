"""Merchants, locations, staff and API keys.

Every table below the merchant carries `merchant_id`, and references go through (merchant_id, id), so that
the database itself refuses a row of one merchant that points at another's.
"""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from passes.db.base import Base, JsonColumn, UtcDateTime


class Merchant(Base):
    """A brand. `time_zone` answers every calendar question no shop or member answers first.

    `limits_version` counts the changes to its limits: 0 is a merchant that never set one.
    """

    __tablename__ = "merchants"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    locale: Mapped[str] = mapped_column(String(20))
    time_zone: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    limits_version: Mapped[int] = mapped_column(default=0, server_default="0")


class Location(Base):
    """A shop; its time zone, where it has one, goes before the merchant's."""

    __tablename__ = "locations"
    __table_args__ = (UniqueConstraint("merchant_id", "id"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    merchant_id: Mapped[str] = mapped_column(ForeignKey("merchants.id"))
    name: Mapped[str] = mapped_column(String(200))
    address: Mapped[str | None] = mapped_column(String(500))
    latitude: Mapped[float | None] = mapped_column(Float)
    longitude: Mapped[float | None] = mapped_column(Float)
    time_zone: Mapped[str | None] = mapped_column(String(60))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ApiKey(Base):
    """A credential for a machine. Only the hash is kept; the key itself is shown once."""

    __tablename__ = "api_keys"
    __table_args__ = (
        ForeignKeyConstraint(["merchant_id", "location_id"], ["locations.merchant_id", "locations.id"]),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    merchant_id: Mapped[str] = mapped_column(ForeignKey("merchants.id"), index=True)
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    hint: Mapped[str] = mapped_column(String(20))
    scopes: Mapped[list[str]] = mapped_column(JsonColumn)
    location_id: Mapped[str | None] = mapped_column(String(40))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class OfflineLimit(Base):
    """How much tills may hand out in one asset while they have no network; null is no limit.

    `owner_id` is the till (an API key), the shop or the merchant; the nearest one that says anything about
    the asset counts.
    """

    __tablename__ = "offline_limits"
    __table_args__ = (
        CheckConstraint("per_card_and_day >= 0", name="per_card_and_day_not_negative"),
        CheckConstraint("exposure >= 0", name="exposure_not_negative"),
    )

    merchant_id: Mapped[str] = mapped_column(ForeignKey("merchants.id"), primary_key=True)
    owner_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    asset: Mapped[str] = mapped_column(String(6), primary_key=True)
    per_card_and_day: Mapped[int | None] = mapped_column(BigInteger)
    exposure: Mapped[int | None] = mapped_column(BigInteger)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Staff(Base):
    """A person who signs in: to the console with e-mail and password, to the scanner with a PIN."""

    __tablename__ = "staff"
    __table_args__ = (
        ForeignKeyConstraint(["merchant_id", "location_id"], ["locations.merchant_id", "locations.id"]),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    merchant_id: Mapped[str] = mapped_column(ForeignKey("merchants.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(320), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    pin_hash: Mapped[str | None] = mapped_column(String(200))
    scopes: Mapped[list[str]] = mapped_column(JsonColumn)
    location_id: Mapped[str | None] = mapped_column(String(40))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Ed25519Key(Base):
    """The public half of a key the merchant signs with; see `signing_keys`. One per purpose is current."""

    __tablename__ = "ed25519_keys"
    __table_args__ = (CheckConstraint("purpose IN ('root', 'barcode')", name="purpose"),)

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    merchant_id: Mapped[str] = mapped_column(ForeignKey("merchants.id"))
    purpose: Mapped[str] = mapped_column(String(8))
    public: Mapped[bytes] = mapped_column(LargeBinary(32))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    retired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    seal: Mapped[bytes] = mapped_column(LargeBinary(64))


_CURRENT = Ed25519Key.retired_at.is_(None)
Index(
    "uq_ed25519_keys_current",
    Ed25519Key.merchant_id,
    Ed25519Key.purpose,
    unique=True,
    postgresql_where=_CURRENT,
    sqlite_where=_CURRENT,
)
