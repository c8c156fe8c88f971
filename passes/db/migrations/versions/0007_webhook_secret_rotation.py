"""A webhook's previous secret, which signs beside the new one for a while"""

import sqlalchemy as sa
from alembic import op

from passes.db.base import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("webhook_endpoints", sa.Column("previous_secret", sa.LargeBinary(length=64), nullable=True))
    op.add_column("webhook_endpoints", sa.Column("previous_until", UtcDateTime(), nullable=True))


def downgrade() -> None:
    op.drop_column("webhook_endpoints", "previous_until")
    op.drop_column("webhook_endpoints", "previous_secret")
