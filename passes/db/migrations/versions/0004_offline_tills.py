"""What tills do without the network"""

import sqlalchemy as sa
from alembic import op

from passes.db.base import UtcDateTime
from passes.db.guards import append_only

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# Programs that were there before get the account that what no card held is booked against.
_OPEN_LOSS_ACCOUNTS = """
    INSERT INTO accounts (id, merchant_id, program_id, card_id, role, asset, balance, held)
    SELECT program_id || '.offline_loss.' || asset, merchant_id, program_id, NULL, 'offline_loss', asset,
        NULL, 0
    FROM accounts spent
    WHERE role = 'spent' AND card_id IS NULL AND asset NOT IN ('STAMP', 'USE', 'REWARD')
    AND NOT EXISTS (
        SELECT 1 FROM accounts loss
        WHERE loss.program_id = spent.program_id AND loss.role = 'offline_loss' AND loss.asset = spent.asset
    )
"""
# One that something is booked on stays: the books are never cut.
_CLOSE_EMPTY_LOSS_ACCOUNTS = """
    DELETE FROM accounts
    WHERE role = 'offline_loss' AND NOT EXISTS (SELECT 1 FROM postings WHERE source = accounts.id)
    AND NOT EXISTS (SELECT 1 FROM postings WHERE destination = accounts.id)
"""


def upgrade() -> None:
    op.create_table(
        "offline_entries",
        sa.Column("transaction_id", sa.String(length=40), nullable=False),
        sa.Column("merchant_id", sa.String(length=40), nullable=False),
        sa.Column("card_id", sa.String(length=40), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("asset", sa.String(length=6), nullable=False),
        sa.Column("handed_out", sa.BigInteger(), nullable=False),
        sa.Column("overspend", sa.BigInteger(), nullable=False),
        sa.Column("occurred_at", UtcDateTime(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("occurred_at <= created_at", name=op.f("ck_offline_entries_told_afterwards")),
        sa.CheckConstraint(
            "overspend BETWEEN 0 AND handed_out",
            name=op.f("ck_offline_entries_part_of_what_was_handed_out"),
        ),
        sa.ForeignKeyConstraint(
            ["transaction_id"], ["transactions.id"], name=op.f("fk_offline_entries_transaction_id")
        ),
        sa.PrimaryKeyConstraint("transaction_id", name=op.f("pk_offline_entries")),
    )
    op.create_index("ix_offline_entries_actor", "offline_entries", ["merchant_id", "actor", "occurred_at"])
    op.create_index("ix_offline_entries_card", "offline_entries", ["card_id", "occurred_at"])
    op.create_table(
        "offline_limits",
        sa.Column("merchant_id", sa.String(length=40), nullable=False),
        sa.Column("owner_id", sa.String(length=40), nullable=False),
        sa.Column("asset", sa.String(length=6), nullable=False),
        sa.Column("per_card_and_day", sa.BigInteger(), nullable=True),
        sa.Column("exposure", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "per_card_and_day >= 0", name=op.f("ck_offline_limits_per_card_and_day_not_negative")
        ),
        sa.CheckConstraint("exposure >= 0", name=op.f("ck_offline_limits_exposure_not_negative")),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchants.id"], name=op.f("fk_offline_limits_merchant_id")
        ),
        sa.PrimaryKeyConstraint("merchant_id", "owner_id", "asset", name=op.f("pk_offline_limits")),
    )
    stopped = sa.text("state IN ('blocked', 'deactivated')")
    op.create_index(
        "ix_cards_stopped",
        "cards",
        ["merchant_id", "updated_at"],
        postgresql_where=stopped,
        sqlite_where=stopped,
    )
    for statement in append_only(op.get_bind().dialect.name, "offline_entries"):
        op.execute(statement)
    op.execute(_OPEN_LOSS_ACCOUNTS)


def downgrade() -> None:
    op.drop_index("ix_cards_stopped", "cards")
    op.execute(_CLOSE_EMPTY_LOSS_ACCOUNTS)
    op.drop_table("offline_limits")
    op.drop_table("offline_entries")
