"""What Google allows an issuer, shared by all processes, and the balance its customers were last told"""

import sqlalchemy as sa
from alembic import op

from passes.db.base import UtcDateTime

revision = "0012"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "google_issuers",
        sa.Column("issuer_id", sa.String(length=25), nullable=False),
        sa.Column("next_us", sa.BigInteger(), nullable=False),
        sa.Column("paused_until_us", sa.BigInteger(), nullable=False),
        sa.Column("strikes", sa.SmallInteger(), nullable=False),
        sa.Column("pause_reason", sa.String(length=200), nullable=True),
        sa.Column("shops_refused_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("issuer_id", name=op.f("pk_google_issuers")),
    )
    op.add_column("google_objects", sa.Column("balance_shown", sa.String(length=100), nullable=True))


def downgrade() -> None:
    op.drop_column("google_objects", "balance_shown")
    op.drop_table("google_issuers")
