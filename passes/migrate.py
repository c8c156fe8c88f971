"""Bringing a database to the shape the code expects, and saying where it differs."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from passes.audit import models as _audit
from passes.campaigns import models as _campaigns
from passes.cards import models as _cards
from passes.db.base import Base
from passes.db.engine import Database
from passes.errors import ConfigurationError
from passes.installs import models as _installs
from passes.ledger import models as _ledger
from passes.limits import models as _limits
from passes.members import models as _members
from passes.merchants import models as _merchants
from passes.messaging.webhooks import models as _webhooks
from passes.outbox import models as _outbox
from passes.programs import models as _programs
from passes.redemption import models as _redemption
from passes.wallets.signing import models as _signing

# Importing a room's models registers its tables; naming them here keeps the imports honest.
ROOMS_WITH_TABLES = (
    _audit,
    _campaigns,
    _cards,
    _installs,
    _ledger,
    _limits,
    _members,
    _merchants,
    _outbox,
    _programs,
    _redemption,
    _signing,
    _webhooks,
)
UPGRADE = "python -m passes db upgrade"
"""The command that brings a database up to date."""

_MIGRATIONS = Path(__file__).parent / "db" / "migrations"


def alembic_config(conn: Connection) -> Config:
    """Alembic pointed at our migrations and `conn`."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes.update(connection=conn, metadata=Base.metadata)
    return config


def upgrade(database: Database, revision: str = "head") -> None:
    """Migrate up to `revision`, in one transaction on both databases."""
    with database.engine.begin() as conn:
        command.upgrade(alembic_config(conn), revision)


def downgrade(database: Database, revision: str) -> None:
    """Migrate down to `revision` ("base" empties the database)."""
    with database.engine.begin() as conn:
        command.downgrade(alembic_config(conn), revision)


@contextmanager
def reachable() -> Iterator[None]:
    """Turn a database that cannot be had into a `ConfigurationError`."""
    try:
        yield
    except OperationalError as error:
        raise ConfigurationError(
            f"STEMPEL_DATABASE_URL: the database cannot be used: {database_words(error)}"
        ) from None


def database_words(error: OperationalError) -> str:
    """What the database said, on one line; drivers repeat neither statement nor password here."""
    return " ".join(str(error.orig).split())


def require_current(database: Database) -> None:
    """Raise `ConfigurationError` unless the database can be reached and has the shape the code expects."""
    with reachable():
        behind = pending(database)
    if behind:
        raise ConfigurationError(f"The database is behind the code; run: {UPGRADE}")


def pending(database: Database) -> bool:
    """Whether the database is behind the code."""
    with database.engine.connect() as conn:
        head = ScriptDirectory.from_config(alembic_config(conn)).get_current_head()
        return MigrationContext.configure(conn).get_current_revision() != head


def drift(database: Database) -> list[str]:
    """Every difference between the migrated database and the models, in words; empty when there is none."""
    with database.engine.connect() as conn:
        context = MigrationContext.configure(conn, opts={"compare_type": True})
        return [str(difference) for difference in compare_metadata(context, Base.metadata)]
