"""Baskets"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from passes.db.base import JsonColumn, UtcDateTime
from passes.db.guards import append_only

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_TABLES = ("baskets", "basket_lines", "basket_refunds", "basket_refund_lines")


def _when_and_where() -> list[sa.Column[Any]]:
    return [
        sa.Column("reference", sa.String(length=200), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=True),
        sa.Column("location_id", sa.String(length=40), nullable=True),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
    ]


def upgrade() -> None:
    op.create_table(
        "baskets",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("merchant_id", sa.String(length=40), nullable=False),
        sa.Column("mode", sa.String(length=7), nullable=False),
        sa.Column("asset", sa.String(length=6), nullable=False),
        sa.Column("order_total", sa.BigInteger(), nullable=False),
        sa.Column("discount", sa.BigInteger(), nullable=False),
        sa.Column("paid", sa.BigInteger(), nullable=False),
        sa.Column("remaining_due", sa.BigInteger(), nullable=False),
        *_when_and_where(),
        sa.CheckConstraint("mode IN ('all', 'partial')", name=op.f("ck_baskets_mode")),
        sa.CheckConstraint(
            "order_total > 0 AND discount >= 0 AND paid >= 0 AND remaining_due >= 0",
            name=op.f("ck_baskets_sums"),
        ),
        sa.CheckConstraint("order_total = discount + paid + remaining_due", name=op.f("ck_baskets_adds_up")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_baskets")),
    )
    op.create_index("ix_baskets_reference", "baskets", ["merchant_id", "reference"], unique=False)
    op.create_table(
        "basket_lines",
        sa.Column("basket_id", sa.String(length=40), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("card_id", sa.String(length=40), nullable=True),
        sa.Column("transaction_id", sa.String(length=40), nullable=True),
        sa.Column("problem", JsonColumn, nullable=True),
        sa.CheckConstraint(
            "(transaction_id IS NULL) <> (problem IS NULL)", name=op.f("ck_basket_lines_taken_or_refused")
        ),
        sa.CheckConstraint(
            "transaction_id IS NULL OR card_id IS NOT NULL", name=op.f("ck_basket_lines_taken_from_a_card")
        ),
        sa.ForeignKeyConstraint(["basket_id"], ["baskets.id"], name=op.f("fk_basket_lines_basket_id")),
        sa.ForeignKeyConstraint(
            ["transaction_id"], ["transactions.id"], name=op.f("fk_basket_lines_transaction_id")
        ),
        sa.PrimaryKeyConstraint("basket_id", "position", name=op.f("pk_basket_lines")),
        sa.UniqueConstraint("transaction_id", name=op.f("uq_basket_lines_transaction_id")),
    )
    op.create_table(
        "basket_refunds",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("merchant_id", sa.String(length=40), nullable=False),
        sa.Column("basket_id", sa.String(length=40), nullable=False),
        *_when_and_where(),
        sa.ForeignKeyConstraint(["basket_id"], ["baskets.id"], name=op.f("fk_basket_refunds_basket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_basket_refunds")),
    )
    op.create_index("ix_basket_refunds_basket_id", "basket_refunds", ["basket_id"], unique=False)
    op.create_index(
        "ix_basket_refunds_reference", "basket_refunds", ["merchant_id", "reference"], unique=False
    )
    op.create_table(
        "basket_refund_lines",
        sa.Column("refund_id", sa.String(length=40), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("transaction_id", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(
            ["refund_id"], ["basket_refunds.id"], name=op.f("fk_basket_refund_lines_refund_id")
        ),
        sa.ForeignKeyConstraint(
            ["transaction_id"], ["transactions.id"], name=op.f("fk_basket_refund_lines_transaction_id")
        ),
        sa.PrimaryKeyConstraint("refund_id", "position", name=op.f("pk_basket_refund_lines")),
        sa.UniqueConstraint("transaction_id", name=op.f("uq_basket_refund_lines_transaction_id")),
    )
    for table in _TABLES:
        for statement in append_only(op.get_bind().dialect.name, table):
            op.execute(statement)


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.drop_table(table)
