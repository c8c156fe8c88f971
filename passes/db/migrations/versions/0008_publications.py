"""How far a program's cards have followed its latest change"""

import sqlalchemy as sa
from alembic import op

from passes.db.base import UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_UNFINISHED = sa.text("finished_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "publications",
        sa.Column("program_id", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("merchant_id", sa.String(length=40), nullable=False),
        sa.Column("after_card", sa.String(length=40), nullable=False),
        sa.Column("cards_done", sa.Integer(), nullable=False),
        sa.Column("cards_total", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["program_id", "version"],
            ["program_versions.program_id", "program_versions.version"],
            name=op.f("fk_publications_program_id_version"),
        ),
        sa.PrimaryKeyConstraint("program_id", "version", name=op.f("pk_publications")),
    )
    op.create_index(
        "ix_publications_unfinished",
        "publications",
        ["created_at"],
        postgresql_where=_UNFINISHED,
        sqlite_where=_UNFINISHED,
    )
    op.create_index("ix_cards_program_id", "cards", ["program_id", "id"])


def downgrade() -> None:
    op.drop_index("ix_cards_program_id", table_name="cards")
    op.drop_table("publications")
