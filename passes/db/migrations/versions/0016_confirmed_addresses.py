"""Addresses that were confirmed by mail, the card each of them has, and those that nobody has"""

import sqlalchemy as sa
from alembic import op

from passes.db.base import UtcDateTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Cards that are there belong to no confirmed address, so nothing is filled in."""
    op.create_table(
        "confirmations",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("merchant_id", sa.String(40), nullable=False),
        sa.Column("card_id", sa.String(40), nullable=False),
        sa.Column("member_id", sa.String(40), nullable=True),
        sa.Column("email", sa.String(320), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("wording", sa.Text(), nullable=True),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("confirmed_at", UtcDateTime(), nullable=True),
        sa.Column("confirmed_wording", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchants.id"], name=op.f("fk_confirmations_merchant_id")),
        sa.ForeignKeyConstraint(
            ["merchant_id", "card_id"],
            ["cards.merchant_id", "cards.id"],
            name=op.f("fk_confirmations_merchant_id_card_id"),
        ),
        sa.ForeignKeyConstraint(
            ["merchant_id", "member_id"],
            ["members.merchant_id", "members.id"],
            name=op.f("fk_confirmations_merchant_id_member_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_confirmations")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_confirmations_token_hash")),
    )
    op.create_index("ix_confirmations_email", "confirmations", ["merchant_id", "email"])
    op.create_index("ix_confirmations_member", "confirmations", ["member_id"])
    op.create_index("ix_confirmations_card", "confirmations", ["card_id"])
    op.create_table(
        "unreachable_addresses",
        sa.Column("merchant_id", sa.String(40), nullable=False),
        sa.Column("contact", sa.String(64), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchants.id"], name=op.f("fk_unreachable_addresses_merchant_id")
        ),
        sa.PrimaryKeyConstraint("merchant_id", "contact", name=op.f("pk_unreachable_addresses")),
    )
    op.add_column("cards", sa.Column("contact", sa.String(64), nullable=True))
    there = sa.text("contact IS NOT NULL")
    op.create_index(
        "uq_cards_contact",
        "cards",
        ["program_id", "contact"],
        unique=True,
        postgresql_where=there,
        sqlite_where=there,
    )


def downgrade() -> None:
    """Confirmed addresses stay with their members; which card was given to which is forgotten."""
    op.drop_index("uq_cards_contact", "cards")
    op.drop_column("cards", "contact")
    op.drop_table("unreachable_addresses")
    op.drop_table("confirmations")
