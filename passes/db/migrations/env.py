"""Alembic's entry: runs the migrations on the connection it is handed by `passes/migrate.py`."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=context.config.attributes["metadata"],
    transaction_per_migration=False,
)
context.run_migrations()
