"""What a command works with, opened and closed; and what has to be right before it may begin."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import ArgumentError, OperationalError

from passes import migrate
from passes.cli.base import database_words
from passes.config import load_settings
from passes.db.engine import Database, UnitOfWork
from passes.errors import ConfigurationError, FieldError, NotFound
from passes.merchants import queries as merchants
from passes.merchants.queries import MerchantView
from passes.wiring import Services

UPGRADE = "python -m passes db upgrade"


@contextmanager
def open_services(*, migrated: bool = True) -> Iterator[Services]:
    """The services of this environment; raises `ConfigurationError` about a setting that cannot work.

    With `migrated` that includes a database that is not there or behind the code.
    """
    services = _services()
    try:
        if migrated:
            require_migrated(services.database)
        yield services
    finally:
        services.close()


def _services() -> Services:
    settings = load_settings()
    try:
        settings.clock().now()
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"STEMPEL_CLOCK_FILE: {error}") from None
    try:
        return Services(settings)
    except OSError as error:
        raise ConfigurationError(f"STEMPEL_DATA_DIR: {error.strerror}: {error.filename}") from None
    except (ArgumentError, ValueError):
        # The reason would quote the address, and with it the password.
        raise ConfigurationError("STEMPEL_DATABASE_URL: is no address of a database") from None


def require_migrated(database: Database) -> None:
    """Raise `ConfigurationError` unless the database can be reached and has the shape the code expects."""
    with reachable():
        behind = migrate.pending(database)
    if behind:
        raise ConfigurationError(f"The database is behind the code; run: {UPGRADE}")


@contextmanager
def reachable() -> Iterator[None]:
    """Turn a database that cannot be had into a `ConfigurationError`."""
    try:
        yield
    except OperationalError as error:
        raise ConfigurationError(
            f"STEMPEL_DATABASE_URL: the database cannot be used: {database_words(error)}"
        ) from None


def merchant_named(uow: UnitOfWork, slug: str) -> MerchantView:
    """The merchant an option names; raises `FieldError` naming `merchant`."""
    try:
        return merchants.merchant_by_slug(uow, slug)
    except NotFound:
        raise FieldError(
            "merchant", f"there is none called {slug!r}; see: python -m passes merchant list"
        ) from None
