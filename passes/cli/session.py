"""What a command works with, opened and closed."""

from collections.abc import Iterator
from contextlib import contextmanager

from passes import migrate
from passes.db.engine import UnitOfWork
from passes.errors import FieldError, NotFound
from passes.merchants import queries as merchants
from passes.merchants.queries import MerchantView
from passes.wiring import Services, services_of_environment


@contextmanager
def open_services(*, migrated: bool = True) -> Iterator[Services]:
    """The services of this environment; raises `ConfigurationError` about a setting that cannot work.

    With `migrated` that includes a database that is not there or behind the code.
    """
    services = services_of_environment()
    try:
        if migrated:
            migrate.require_current(services.database)
        yield services
    finally:
        services.close()


def merchant_named(uow: UnitOfWork, slug: str) -> MerchantView:
    """The merchant an option names; raises `FieldError` naming `merchant`."""
    try:
        return merchants.merchant_by_slug(uow, slug)
    except NotFound:
        raise FieldError(
            "merchant", f"there is none called {slug!r}; see: python -m passes merchant list"
        ) from None
