"""Value that runs out

Cards that have ended get their entry from the first run of the job; stamps and points that are on a card
already came without an end and keep none.
"""

import sqlalchemy as sa
from alembic import op

from passes.db.base import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_ENDS = sa.text("expires_at IS NOT NULL AND expired_at IS NULL")
_LOTS = sa.text("lots_due_at IS NOT NULL")
_LEFT = sa.text("remaining > 0")

# Where spent value goes, there is also where value goes that ran out.
_OPEN_ACCOUNTS = """
    INSERT INTO accounts (id, merchant_id, program_id, card_id, role, asset, balance, held)
    SELECT program_id || '.expired.' || asset, merchant_id, program_id, NULL, 'expired', asset, NULL, 0
    FROM accounts spent WHERE role = 'spent' AND NOT EXISTS (
        SELECT 1 FROM accounts known WHERE known.id = spent.program_id || '.expired.' || spent.asset
    )
"""
_CLOSE_ACCOUNTS = """
    DELETE FROM accounts WHERE role = 'expired'
    AND id NOT IN (SELECT source FROM postings) AND id NOT IN (SELECT destination FROM postings)
"""


def upgrade() -> None:
    op.add_column("cards", sa.Column("expired_at", UtcDateTime(), nullable=True))
    op.add_column("cards", sa.Column("lots_due_at", UtcDateTime(), nullable=True))
    op.create_index("ix_cards_ends", "cards", ["expires_at"], postgresql_where=_ENDS, sqlite_where=_ENDS)
    op.create_index("ix_cards_lots_due", "cards", ["lots_due_at"], postgresql_where=_LOTS, sqlite_where=_LOTS)
    op.create_table(
        "lots",
        sa.Column("transaction_id", sa.String(length=40), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("merchant_id", sa.String(length=40), nullable=False),
        sa.Column("card_id", sa.String(length=40), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("remaining", sa.BigInteger(), nullable=False),
        sa.Column("lapsed", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_lots_amount_positive")),
        sa.CheckConstraint("remaining >= 0 AND lapsed >= 0", name=op.f("ck_lots_never_less_than_nothing")),
        sa.CheckConstraint("remaining + lapsed <= amount", name=op.f("ck_lots_never_more_than_came")),
        sa.ForeignKeyConstraint(
            ["merchant_id", "card_id"], ["cards.merchant_id", "cards.id"], name=op.f("fk_lots_merchant_id")
        ),
        sa.ForeignKeyConstraint(["transaction_id"], ["transactions.id"], name=op.f("fk_lots_transaction_id")),
        sa.PrimaryKeyConstraint("transaction_id", "expires_at", name=op.f("pk_lots")),
    )
    op.create_index("ix_lots_left_card", "lots", ["card_id"], postgresql_where=_LEFT, sqlite_where=_LEFT)
    op.execute(_OPEN_ACCOUNTS)


def downgrade() -> None:
    op.execute(_CLOSE_ACCOUNTS)
    op.drop_index("ix_lots_left_card", table_name="lots", postgresql_where=_LEFT, sqlite_where=_LEFT)
    op.drop_table("lots")
    op.drop_index("ix_cards_lots_due", table_name="cards", postgresql_where=_LOTS, sqlite_where=_LOTS)
    op.drop_index("ix_cards_ends", table_name="cards", postgresql_where=_ENDS, sqlite_where=_ENDS)
    op.drop_column("cards", "lots_due_at")
    op.drop_column("cards", "expired_at")
