"""What was last seen and said of each signing identity"""

import sqlalchemy as sa
from alembic import op

from passes.db.base import UtcDateTime

revision = "0014"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One row for each pass type of a merchant; the first tick fills it."""
    op.create_table(
        "signing_watches",
        sa.Column("merchant_id", sa.String(40), nullable=False),
        sa.Column("pass_type", sa.String(255), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("step", sa.SmallInteger(), nullable=True),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchants.id"], name=op.f("fk_signing_watches_merchant_id_merchants")
        ),
        sa.PrimaryKeyConstraint("merchant_id", "pass_type", name=op.f("pk_signing_watches")),
    )


def downgrade() -> None:
    """Warnings are given again."""
    op.drop_table("signing_watches")
