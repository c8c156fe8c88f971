"""What reaches the log: the fault with its trace, and never the values it was about."""

from collections.abc import Iterator

import pytest
import structlog
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from passes import logs
from passes.db.engine import Database
from passes.merchants.models import Merchant
from passes.merchants.rules import MerchantDraft
from passes.merchants.service import create_merchant

SECRET = "a-slug-that-nobody-should-read"


@pytest.fixture(autouse=True)
def to_stderr() -> Iterator[None]:
    logs.log_to_stderr()
    yield
    structlog.reset_defaults()


def fail(database: Database) -> None:
    """Log the trace of a row that the database refuses."""
    with database.write() as uow:
        create_merchant(uow, MerchantDraft(slug=SECRET, name="Shop"), "test")
    try:
        with database.write() as uow:
            row = {"id": "mer_2", "slug": SECRET, "name": "Shop", "time_zone": "UTC", "locale": "de"}
            uow.conn.execute(insert(Merchant).values(**row, created_at=uow.now))
    except IntegrityError:
        structlog.get_logger().exception("request_failed")


def test_a_refused_row_is_logged_without_its_values(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    fail(database)
    said = capsys.readouterr().err
    assert "IntegrityError" in said
    assert "request_failed" in said
    assert SECRET not in said


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_postgresql_would_have_quoted_them(
    database: Database, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "_QUOTES", logs.re.compile("no such line"))
    fail(database)
    assert SECRET in capsys.readouterr().err
