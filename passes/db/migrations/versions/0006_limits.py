"""Limits against guessing and fraud"""

import sqlalchemy as sa
from alembic import op

from passes.db.base import JsonColumn, UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("merchants", sa.Column("limits_version", sa.Integer(), server_default="0", nullable=False))
    op.create_table(
        "guess_debts",
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("debt_until_ms", sa.BigInteger(), nullable=False),
        sa.Column("closed_until_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_guess_debts")),
    )
    op.create_table(
        "limits",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("merchant_id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("call", sa.String(length=10), nullable=False),
        sa.Column("each", sa.String(length=12), nullable=False),
        sa.Column("within", sa.String(length=12), nullable=False),
        sa.Column("at_most", sa.BigInteger(), nullable=False),
        sa.Column("asset", sa.String(length=6), nullable=True),
        sa.Column("action", sa.String(length=10), nullable=False),
        sa.Column("program_id", sa.String(length=40), nullable=True),
        sa.Column("location_id", sa.String(length=40), nullable=True),
        sa.Column("actor", sa.String(length=80), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("deleted_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("at_most > 0", name=op.f("ck_limits_allows_something")),
        sa.CheckConstraint("action IN ('refuse', 'flag', 'approve')", name=op.f("ck_limits_action")),
        sa.ForeignKeyConstraint(
            ["merchant_id", "location_id"],
            ["locations.merchant_id", "locations.id"],
            name=op.f("fk_limits_merchant_id_location_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_limits")),
    )
    op.create_index("ix_limits_newest", "limits", ["merchant_id", "created_at", "id"])
    op.create_table(
        "limit_uses",
        sa.Column("limit_id", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("limit_id", "subject", "since", "actor", name=op.f("pk_limit_uses")),
    )
    op.create_table(
        "approvals",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("merchant_id", sa.String(length=40), nullable=False),
        sa.Column("limit_id", sa.String(length=40), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(length=32), nullable=False),
        sa.Column("request", JsonColumn, nullable=False),
        sa.Column("asked_by", sa.String(length=80), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("decided_by", sa.String(length=80), nullable=True),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("status IN ('pending', 'approved', 'rejected')", name=op.f("ck_approvals_status")),
        sa.CheckConstraint("decided_by <> asked_by", name=op.f("ck_approvals_second_person")),
        sa.CheckConstraint(
            "used_at IS NULL OR status = 'approved'", name=op.f("ck_approvals_used_means_approved")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approvals")),
    )
    op.create_index("ix_approvals_newest", "approvals", ["merchant_id", "created_at", "id"])


def downgrade() -> None:
    for table in ("approvals", "limit_uses", "limits", "guess_debts"):
        op.drop_table(table)
    op.drop_column("merchants", "limits_version")
