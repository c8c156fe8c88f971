"""A program, every version it ever had, and the pictures its designs use."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from passes.db.base import Base, JsonColumn, UtcDateTime

PARTS = ("rules", "design", "texts")
"""What a version of a program has and may change."""


class Program(Base):
    """What is offered. Rules, design and texts stand in its current version."""

    __tablename__ = "programs"
    __table_args__ = (
        UniqueConstraint("merchant_id", "id"),
        CheckConstraint("kind IN ('stamp', 'coupon', 'gift', 'points')", name="kind"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    merchant_id: Mapped[str] = mapped_column(ForeignKey("merchants.id"))
    kind: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(200))
    slug: Mapped[str] = mapped_column(String(100), unique=True)
    currency: Mapped[str | None] = mapped_column(String(3))
    version: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ProgramVersion(Base):
    """How a program read at one time. Rows are added, never changed.

    `changed` names, with commas, those of rules, design and texts that differ from the version before.
    """

    __tablename__ = "program_versions"
    __table_args__ = (
        ForeignKeyConstraint(["merchant_id", "program_id"], ["programs.merchant_id", "programs.id"]),
    )

    program_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    merchant_id: Mapped[str] = mapped_column(String(40))
    rules: Mapped[dict[str, Any]] = mapped_column(JsonColumn)
    design: Mapped[dict[str, Any]] = mapped_column(JsonColumn)
    texts: Mapped[dict[str, Any]] = mapped_column(JsonColumn)
    changed: Mapped[str] = mapped_column(String(40), server_default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ProgramImage(Base):
    """A picture as we re-encoded it, named by its own SHA-256."""

    __tablename__ = "program_images"

    merchant_id: Mapped[str] = mapped_column(ForeignKey("merchants.id"), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    width: Mapped[int] = mapped_column(Integer)
    height: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DesignDraft(Base):
    """A design of a program that nobody has published yet; at most one. `state_id` is new with every save."""

    __tablename__ = "design_drafts"
    __table_args__ = (
        ForeignKeyConstraint(["merchant_id", "program_id"], ["programs.merchant_id", "programs.id"]),
    )

    program_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    merchant_id: Mapped[str] = mapped_column(String(40))
    state_id: Mapped[str] = mapped_column(String(40))
    base_version: Mapped[int] = mapped_column(Integer)
    design: Mapped[dict[str, Any]] = mapped_column(JsonColumn)
    texts: Mapped[dict[str, Any]] = mapped_column(JsonColumn)
    actor: Mapped[str] = mapped_column(String(100))
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DesignDraftImage(Base):
    """A picture of a draft that no version has yet: not public as those are, and gone with the draft."""

    __tablename__ = "design_draft_images"

    program_id: Mapped[str] = mapped_column(ForeignKey("design_drafts.program_id"), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    width: Mapped[int] = mapped_column(Integer)
    height: Mapped[int] = mapped_column(Integer)
