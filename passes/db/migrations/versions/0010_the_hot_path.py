"""What a redemption need not touch"""

import sqlalchemy as sa
from alembic import op

from passes.db.base import UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_ROOMY = ("cards", "accounts")
"""What every sale changes: a row's next version should find room beside it."""

_REFERENCE = "ix_transactions_reference", "transactions", ["merchant_id", "reference"]


def upgrade() -> None:
    op.drop_index("ix_cards_last_purchase", "cards")
    op.drop_index("ix_cards_stopped", "cards")
    # Newer PostgreSQL would otherwise derive it when it is read, and refuse an index on it.
    stored = op.get_bind().dialect.name == "postgresql"
    sql = "CASE WHEN state IN ('blocked', 'deactivated') THEN updated_at END"
    stopped = sa.Computed(sql, persisted=stored)
    op.add_column("cards", sa.Column("stopped_at", UtcDateTime(), stopped, nullable=True))
    _index("ix_cards_stopped", "cards", ["merchant_id", "stopped_at"], "stopped_at IS NOT NULL")
    op.drop_index("ix_postings_source", "postings")
    op.drop_index("ix_postings_destination", "postings")
    op.drop_index("ix_transactions_reference", "transactions")
    _index(*_REFERENCE, "reference IS NOT NULL")
    _on_postgresql("SET (fillfactor = 80)")


def downgrade() -> None:
    _on_postgresql("RESET (fillfactor)")
    op.drop_index("ix_transactions_reference", "transactions")
    op.create_index(*_REFERENCE)
    op.create_index("ix_postings_destination", "postings", ["destination"])
    op.create_index("ix_postings_source", "postings", ["source"])
    op.drop_index("ix_cards_stopped", "cards")
    op.drop_column("cards", "stopped_at")
    stopped = "state IN ('blocked', 'deactivated')"
    _index("ix_cards_stopped", "cards", ["merchant_id", "updated_at"], stopped)
    op.create_index("ix_cards_last_purchase", "cards", ["merchant_id", "last_purchase_at"])


def _index(name: str, table: str, columns: list[str], only: str) -> None:
    op.create_index(name, table, columns, postgresql_where=sa.text(only), sqlite_where=sa.text(only))


def _on_postgresql(change: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table in _ROOMY:
            op.execute(f"ALTER TABLE {table} {change}")
