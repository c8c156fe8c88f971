"""Drafts of designs, what each version of a program changed, and what was found when Google was compared"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from passes.db.base import JsonColumn, UtcDateTime

revision = "0017"
down_revision = "0018"
branch_labels = None
depends_on = None

_OPEN = sa.text("finished_at IS NULL")
_PARTS = ("rules", "design", "texts")


def upgrade() -> None:
    """Whoever still runs the version before writes versions that say they changed nothing."""
    _create_drafts()
    _create_checks()
    op.add_column(
        "program_versions", sa.Column("changed", sa.String(length=40), nullable=False, server_default="")
    )
    _say_what_changed()


def _create_drafts() -> None:
    op.create_table(
        "design_drafts",
        sa.Column("program_id", sa.String(length=40), nullable=False),
        sa.Column("merchant_id", sa.String(length=40), nullable=False),
        sa.Column("state_id", sa.String(length=40), nullable=False),
        sa.Column("base_version", sa.Integer(), nullable=False),
        sa.Column("design", JsonColumn, nullable=False),
        sa.Column("texts", JsonColumn, nullable=False),
        sa.Column("actor", sa.String(length=100), nullable=False),
        sa.Column("saved_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["merchant_id", "program_id"],
            ["programs.merchant_id", "programs.id"],
            name=op.f("fk_design_drafts_merchant_id_program_id"),
        ),
        sa.PrimaryKeyConstraint("program_id", name=op.f("pk_design_drafts")),
    )
    op.create_table(
        "design_draft_images",
        sa.Column("program_id", sa.String(length=40), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["program_id"], ["design_drafts.program_id"], name=op.f("fk_design_draft_images_program_id")
        ),
        sa.PrimaryKeyConstraint("program_id", "sha256", name=op.f("pk_design_draft_images")),
    )


def _create_checks() -> None:
    done = ("done", "total", "waiting", "put_in_line")
    counts = (*done, "same", "different", "missing", "orphaned", "unknown")
    op.create_table(
        "google_checks",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("merchant_id", sa.String(length=40), nullable=False),
        sa.Column("actor", sa.String(length=100), nullable=False),
        sa.Column("repair", sa.Boolean(), nullable=False),
        sa.Column("worker", sa.String(length=40), nullable=True),
        sa.Column("wanted_at", UtcDateTime(), nullable=False),
        sa.Column("heard_at", UtcDateTime(), nullable=True),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("failure", sa.String(length=300), nullable=True),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in counts),
        sa.Column("findings", JsonColumn, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_google_checks")),
    )
    op.create_index(
        "ix_google_checks_open",
        "google_checks",
        ["merchant_id"],
        unique=True,
        postgresql_where=_OPEN,
        sqlite_where=_OPEN,
    )


def _say_what_changed() -> None:
    conn = op.get_bind()
    versions = sa.table(
        "program_versions",
        sa.column("program_id", sa.String()),
        sa.column("version", sa.Integer()),
        sa.column("changed", sa.String()),
        *(sa.column(name, JsonColumn) for name in _PARTS),
    )
    query = sa.select(versions).order_by(versions.c.version)
    for program_id in conn.execute(sa.text("SELECT id FROM programs ORDER BY id")).scalars().all():
        before: Any = None
        for row in conn.execute(query.where(versions.c.program_id == program_id)).mappings().all():
            changed = [name for name in _PARTS if before is None or row[name] != before[name]]
            mine = (versions.c.program_id == program_id, versions.c.version == row["version"])
            conn.execute(sa.update(versions).where(*mine).values(changed=",".join(changed)))
            before = row


def downgrade() -> None:
    """Drafts nobody published, and what was found at Google, are gone."""
    op.drop_column("program_versions", "changed")
    op.drop_index("ix_google_checks_open", table_name="google_checks")
    op.drop_table("google_checks")
    op.drop_table("design_draft_images")
    op.drop_table("design_drafts")
