"""Comparisons with Google are done once whoever asks, tell how far they are, and are remembered."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from passes.clock import real_now
from passes.db.engine import Database
from passes.installs import google_checks as checks
from passes.installs.google_checks import CheckView
from passes.installs.models import GoogleCheck
from passes.wallets.google import checking, client
from passes.wallets.google.client import GoogleWallet
from passes.wallets.google.errors import GoogleBusy
from passes.wallets.google.kept import GoogleCards
from passes.wallets.google.seen import SeenIds
from tests.fakes.google import GoogleStandIn
from tests.mutants import damage
from tests.outbox.world import add_cards
from tests.wallets.google.conftest import URLS
from tests.wallets.google.season import read_face

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ACME = "mer_acme"
CARDS = 5


@pytest.fixture
def wallet(patient_wallet: GoogleWallet) -> GoogleWallet:
    return patient_wallet


@pytest.fixture
def kept(database: Database, wallet: GoogleWallet, monkeypatch: pytest.MonkeyPatch) -> GoogleCards:
    """Five cards at Google, in pages of two, told of after each."""
    monkeypatch.setattr(client, "PAGE", 2)
    monkeypatch.setattr(checking, "TELL_EVERY_S", 0.0)
    with database.write() as uow:
        add_cards(uow, CARDS)
    cards = GoogleCards(database, wallet, read_face, lambda _: URLS)
    for number in range(1, CARDS + 1):
        cards.make_object(f"card_{number}")
    return cards


def want(database: Database, *, repair: bool = False) -> bool:
    with database.write() as uow:
        return checks.want(uow, ACME, "staff_ada", repair=repair)


def latest(database: Database) -> tuple[CheckView | None, CheckView | None]:
    with database.read() as uow:
        return checks.latest(uow, ACME)


def last(database: Database) -> CheckView:
    found = latest(database)[1]
    assert found
    return found


def lose(stand_in: GoogleStandIn) -> None:
    stand_in.store.forget(stand_in.store.keys("loyaltyObject")[0])


def test_what_was_asked_for_is_done_once_and_remembered(
    database: Database, wallet: GoogleWallet, kept: GoogleCards, stand_in: GoogleStandIn
) -> None:
    lose(stand_in)
    assert want(database)
    assert not want(database)
    assert checking.run_due(database, wallet, kept, lambda: True)
    assert not checking.run_due(database, wallet, kept, lambda: True)
    found = last(database)
    assert (found.done, found.total, found.actor, found.failure) == (CARDS, CARDS, "staff_ada", None)
    assert (found.counts["same"], found.counts["missing"], found.faults) == (CARDS - 1, 1, 1)
    assert [finding["fault"] for finding in found.findings] == ["missing"]
    assert latest(database)[0] is None
    assert want(database)


def test_how_far_it_is_can_be_seen_meanwhile(
    database: Database, wallet: GoogleWallet, kept: GoogleCards
) -> None:
    want(database)
    with database.write() as uow:
        check = checks.claim(uow)
    assert check
    seen: list[int] = []

    def look(done: int, total: int) -> None:
        now = latest(database)[0]
        assert now
        seen.append(now.done)

    checking.run(database, wallet, kept, check, look)
    assert seen[0] == 0
    assert 0 < seen[-2] <= seen[-1] <= CARDS


def test_a_worker_that_is_stopped_leaves_it_to_the_next(
    database: Database, wallet: GoogleWallet, kept: GoogleCards
) -> None:
    want(database)
    answers: Iterator[bool] = iter([True, True])
    assert checking.run_due(database, wallet, kept, lambda: next(answers, False))
    now = latest(database)[0]
    assert now
    assert now.worker is None
    assert checking.run_due(database, wallet, kept, lambda: True)
    assert last(database).counts["same"] == CARDS


def test_a_worker_that_died_is_followed_and_writes_no_more(
    database: Database, wallet: GoogleWallet, kept: GoogleCards
) -> None:
    want(database)
    with database.write() as uow:
        dead = checks.claim(uow)
        assert dead
        assert checks.claim(uow) is None
        silent = real_now() - checks.PATIENCE - timedelta(seconds=1)
        uow.conn.execute(update(GoogleCheck).values(heard_at=silent))
        following = checks.claim(uow)
        assert following
        assert not checks.tell(uow, dead, 1, 1, {})
    assert checking.run(database, wallet, kept, dead) is None
    assert checking.run(database, wallet, kept, following)
    with database.write() as uow:
        assert not checks.finish(uow, dead, failure="late")
    assert last(database).failure is None


@ON_SQLITE
def test_why_it_could_not_be_done_is_remembered(
    database: Database, wallet: GoogleWallet, kept: GoogleCards, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object) -> None:
        raise GoogleBusy("Google did not answer (ConnectTimeout).")

    monkeypatch.setattr(wallet, "list_objects", busy)
    want(database)
    assert checking.run_due(database, wallet, kept, lambda: True)
    assert last(database).failure == "Google did not answer (ConnectTimeout)."
    monkeypatch.setattr(wallet, "list_objects", lambda *_: [[{}]])
    want(database)
    with pytest.raises(KeyError):
        checking.run_due(database, wallet, kept, lambda: True)
    assert "broken off" in (last(database).failure or "")


@ON_SQLITE
def test_the_last_of_each_merchant_is_never_forgotten(
    database: Database, wallet: GoogleWallet, kept: GoogleCards
) -> None:
    for _ in range(2):
        want(database)
        checking.run_due(database, wallet, kept, lambda: True)
    want(database)
    with database.write() as uow:
        checks.forget(uow, real_now() + timedelta(days=1))
        assert len(uow.conn.execute(select(GoogleCheck.id)).all()) == 2
    assert all(latest(database))


def test_ids_are_remembered_beside_the_memory() -> None:
    seen = SeenIds()
    seen.add(f"id_{number}" for number in range(10_000))
    seen.add(["id_1"])
    assert seen.unseen(["id_1", "id_9999", "id_10000"]) == {"id_10000"}
    with pytest.raises(ValueError, match="at most 500"):
        seen.unseen(["x"] * 501)
    seen.close()


@ON_SQLITE
@pytest.mark.parametrize(
    "name, edit",
    [
        ("claim", ("GoogleCheck.heard_at < now - PATIENCE", "GoogleCheck.heard_at < now + PATIENCE")),
        ("_write", ("GoogleCheck.worker == check.worker, ", "")),
    ],
)
def test_two_at_one_comparison_would_be_noticed(
    database: Database,
    wallet: GoogleWallet,
    kept: GoogleCards,
    name: str,
    edit: tuple[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    damage(monkeypatch, checks, name, edit)
    with pytest.raises(AssertionError):
        test_a_worker_that_died_is_followed_and_writes_no_more(database, wallet, kept)
