"""What Google was last given, so that nothing is sent there that it already has"""

import sqlalchemy as sa
from alembic import op

from passes.db.base import UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "google_classes",
        sa.Column("class_id", sa.String(length=200), nullable=False),
        sa.Column("merchant_id", sa.String(length=40), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=True),
        sa.Column("put_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("class_id", name=op.f("pk_google_classes")),
    )
    op.add_column("google_objects", sa.Column("digest", sa.LargeBinary(length=32), nullable=True))


def downgrade() -> None:
    op.drop_column("google_objects", "digest")
    op.drop_table("google_classes")
