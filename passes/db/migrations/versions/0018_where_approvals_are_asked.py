"""Where a second person was asked for, and what was filled in on the page that asked"""

import sqlalchemy as sa
from alembic import op

from passes.db.base import JsonColumn

revision = "0018"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("approvals", sa.Column("location_id", sa.String(length=40), nullable=True))
    op.add_column("approvals", sa.Column("form", JsonColumn, nullable=True))


def downgrade() -> None:
    op.drop_column("approvals", "form")
    op.drop_column("approvals", "location_id")
