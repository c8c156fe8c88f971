"""The pass itself: exact headers, and no version that a phone could miss for sharing a second."""

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import pytest
from sqlalchemy import update
from werkzeug.http import http_date
from werkzeug.test import TestResponse

from passes.cards.models import Card
from passes.db.engine import Database, UnitOfWork
from passes.errors import Busy, ConfigurationError, Refusal
from passes.web.apple import fetch as module
from passes.web.apple.fetch import seconds_of
from tests.mutants import plant
from tests.web.apple.conftest import Phone, serve

NOW = datetime(2026, 11, 22, 12, 0, 30, 500_000, tzinfo=UTC)
NOW_S = int(NOW.timestamp())


@pytest.fixture(autouse=True)
def frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Real time stands still."""
    monkeypatch.setattr(module, "real_now", lambda: NOW)


def modified(database: Database, seconds: int) -> None:
    """The card's last version is of that second."""
    with database.write() as uow:
        uow.conn.execute(update(Card).where(Card.id == "card_1").values(modified_s=seconds))


def dated(answer: TestResponse) -> int:
    return int(parsedate_to_datetime(answer.headers["Last-Modified"]).timestamp())


def test_a_pass_comes_with_every_header_a_phone_wants(phone: Phone) -> None:
    answer = phone.fetch("card_1")
    assert answer.status_code == 200
    assert answer.data == b"pass of card_1"
    assert answer.headers["Content-Type"] == "application/vnd.apple.pkpass"
    assert answer.headers["Content-Length"] == "14"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert dated(answer) == 1


def test_head_is_get_without_the_body(phone: Phone) -> None:
    head, get = phone.fetch("card_1", method="HEAD"), phone.fetch("card_1")
    assert (head.status_code, head.data) == (200, b"")
    assert sorted(head.headers) == sorted(get.headers)


def test_what_the_phone_has_is_not_sent_again(phone: Phone, cards: Database) -> None:
    modified(cards, NOW_S - 100)
    first = phone.fetch("card_1")
    second = phone.fetch("card_1", since=first.headers["Last-Modified"])
    assert (second.status_code, second.data) == (304, b"")
    assert second.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    "age_s, since_s, status", [(100, 101, 200), (100, 100, 304), (100, 99, 304), (100, 0, 304)]
)
def test_304_is_for_dates_not_before_the_version(
    phone: Phone, cards: Database, age_s: int, since_s: int, status: int
) -> None:
    modified(cards, NOW_S - age_s)
    assert phone.fetch("card_1", since=http_date(NOW_S - since_s)).status_code == status


def test_a_version_is_known_to_the_phone_from_the_second_it_was_made_in(
    phone: Phone, cards: Database
) -> None:
    modified(cards, NOW_S - 1)
    answer = phone.fetch("card_1")
    assert dated(answer) == NOW_S - 1
    assert phone.fetch("card_1", since=answer.headers["Last-Modified"]).status_code == 304


def test_the_date_is_never_later_than_the_answer(phone: Phone, cards: Database) -> None:
    for seconds in (NOW_S - 5, NOW_S - 1, NOW_S, NOW_S + 1, NOW_S + 60):
        modified(cards, seconds)
        assert dated(phone.fetch("card_1")) == min(seconds, NOW_S)


def test_ten_versions_within_a_second_are_ten_different_passes(phone: Phone, cards: Database) -> None:
    """Each version follows the fetch of the one before, all in the same second."""
    modified_s, since = NOW_S - 50, None
    for _ in range(10):
        modified_s = max(modified_s + 1, NOW_S - 1)
        modified(cards, modified_s)
        answer = phone.fetch("card_1", since=since)
        assert answer.status_code == 200
        since = answer.headers["Last-Modified"]


DATE = "min(modified_s, int(real_now().timestamp()))"
MUTANTS = [
    (test_the_date_is_never_later_than_the_answer, DATE, "modified_s"),
    (test_ten_versions_within_a_second_are_ten_different_passes, DATE, "modified_s + 1"),
    (test_what_the_phone_has_is_not_sent_again, "seen_s >= modified_s", "seen_s > modified_s"),
    (test_ten_versions_within_a_second_are_ten_different_passes, "seen_s >= modified_s", "True"),
]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("test, old, new", MUTANTS, ids=[f"{m[0].__name__}: {m[2]}" for m in MUTANTS])
def test_the_tests_above_notice_a_planted_bug(
    test: Callable[[Phone, Database], None],
    old: str,
    new: str,
    cards: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    damaged = plant(module, (old, new))
    monkeypatch.setattr(damaged, "real_now", lambda: NOW)
    monkeypatch.setattr(module, "fetch", damaged.fetch)
    with pytest.raises(AssertionError):
        test(Phone(serve(cards)), cards)


@pytest.mark.parametrize(
    "header",
    [
        "", "yesterday", "0", "Sun, 99 Nov 2026 12:00:00 GMT", "Sun, 22 Nov 99999 12:00:00 GMT",
        "Sun, 22 Nov 2026 12:00:00 +99999999999999999999", "\u00e4", "x" * 5000,
    ],
)  # fmt: skip
def test_a_malformed_date_counts_as_not_sent(phone: Phone, header: str) -> None:
    assert phone.fetch("card_1", since=header).status_code == 200


def test_the_older_forms_of_http_dates_are_read() -> None:
    for text in (
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
    ):
        assert seconds_of(text) == 784_111_777


@pytest.mark.parametrize(
    "error", [ConfigurationError("expired"), Refusal("wallet_not_configured", "no certificate")]
)
def test_while_nothing_can_be_signed_the_phone_is_asked_to_come_back(
    cards: Database, error: Exception
) -> None:
    def unable(uow: UnitOfWork, card_id: str, pass_type: str) -> bytes:
        raise error

    phone = Phone(serve(cards, unable))
    answer = phone.fetch("card_1")
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert "signed" in answer.get_json()["detail"]
    assert "Last-Modified" not in answer.headers
    assert phone.fetch("card_1", since=http_date(NOW_S)).status_code == 304


def test_a_busy_database_is_503_and_not_an_error(cards: Database) -> None:
    def busy(uow: UnitOfWork, card_id: str, pass_type: str) -> bytes:
        raise Busy("The database is busy.")

    answer = Phone(serve(cards, busy)).fetch("card_1")
    assert (answer.status_code, answer.get_json()["code"]) == (503, "busy")


def test_the_date_is_read_before_the_pass_is_built(cards: Database) -> None:
    """A change in between must make the pass newer than its date, never older."""

    def changed_meanwhile(uow: UnitOfWork, card_id: str, pass_type: str) -> bytes:
        if not cards.is_sqlite:
            modified(cards, NOW_S - 10)
        return b"pass"

    modified(cards, NOW_S - 20)
    assert dated(Phone(serve(cards, changed_meanwhile)).fetch("card_1")) == NOW_S - 20
