"""The migrations on both databases: up, down, up again, and never beside the models."""

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from passes import migrate
from passes.db.base import Base
from passes.db.engine import Database


def test_going_up_down_and_up_again_leaves_what_the_models_describe(
    empty_database: Database,
) -> None:
    database = empty_database
    assert migrate.pending(database)

    migrate.upgrade(database)
    assert migrate.drift(database) == []
    assert not migrate.pending(database)
    assert set(inspect(database.engine).get_table_names()) == {*Base.metadata.tables, "alembic_version"}

    migrate.downgrade(database, "base")
    assert inspect(database.engine).get_table_names() == ["alembic_version"]

    migrate.upgrade(database)
    assert migrate.drift(database) == []


def test_a_table_that_differs_from_its_model_is_reported(database: Database) -> None:
    with database.write() as uow:
        uow.conn.execute(text("ALTER TABLE merchants ADD COLUMN motto VARCHAR(20)"))
    assert any("motto" in difference for difference in migrate.drift(database))


def test_a_migration_that_fails_half_way_leaves_nothing_behind(
    empty_database: Database,
) -> None:
    database = empty_database
    with database.write() as uow:
        uow.conn.execute(text("CREATE TABLE staff (id INTEGER)"))
    with pytest.raises(DBAPIError, match="staff"):
        migrate.upgrade(database)
    assert inspect(database.engine).get_table_names() == ["staff"]
