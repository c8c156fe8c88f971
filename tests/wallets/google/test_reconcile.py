"""What Google has is held against what we meant, and what is wrong goes out again."""

from collections import Counter
from collections.abc import Callable

import pytest

from passes.clock import real_now
from passes.db.engine import Database
from passes.installs import google as installs
from passes.outbox import queries as outbox
from passes.outbox.sender import Sender
from passes.wallets.fan_out import fan_out
from passes.wallets.google import client, reconcile
from passes.wallets.google.client import GoogleWallet
from passes.wallets.google.delivery import GoogleChannel
from passes.wallets.google.kept import GoogleCards
from passes.wallets.google.reconcile import Reconciliation, Report
from tests.fakes.google import GoogleStandIn
from tests.installs.world import bump
from tests.mutants import damage
from tests.outbox.world import add_cards
from tests.wallets.google.conftest import URLS
from tests.wallets.google.season import read_face

CARDS = 7
Look = Callable[..., Report]


@pytest.fixture
def wallet(patient_wallet: GoogleWallet) -> GoogleWallet:
    return patient_wallet


@pytest.fixture
def kept(database: Database, wallet: GoogleWallet, monkeypatch: pytest.MonkeyPatch) -> GoogleCards:
    """Seven cards at Google, in pages of three."""
    monkeypatch.setattr(client, "PAGE", 3)
    monkeypatch.setattr(reconcile, "PAGE", 2)
    with database.write() as uow:
        add_cards(uow, CARDS + 1)
    cards = GoogleCards(database, wallet, read_face, lambda _: URLS)
    for number in range(1, CARDS + 1):
        cards.make_object(f"card_{number}")
    return cards


@pytest.fixture
def look(database: Database, wallet: GoogleWallet, kept: GoogleCards) -> Look:
    def walk(*, repair: bool = False, merchant_id: str | None = None) -> Report:
        moved: list[tuple[int, int]] = []
        report = Reconciliation(database, wallet, kept, merchant_id=merchant_id, repair=repair).run(
            lambda done, total: moved.append((done, total))
        )
        assert moved[-1][0] == moved[-1][1] >= CARDS
        return report

    return walk


def object_id(kept: GoogleCards, database: Database, number: int) -> str:
    with database.read() as uow:
        return kept.ids(read_face(uow, f"card_{number}"))[0]


def mess_up(database: Database, stand_in: GoogleStandIn, kept: GoogleCards) -> None:
    """One of each: lost, changed by somebody, forgotten by us, a stranger's, and one on its way."""
    lost, changed, ours = (object_id(kept, database, number) for number in (1, 2, 3))
    stand_in.store.forget(lost)
    objects = stand_in.store._items["loyaltyObject"]
    objects[changed] = {**objects[changed], "state": "INACTIVE"}
    stranger = ours.replace("card_3", "card_stranger")
    objects[stranger] = {**objects[ours], "id": stranger}
    orphan = ours.replace("card_3", f"card_{CARDS + 1}")
    objects[orphan] = {**objects[ours], "id": orphan}
    bump(database, "card_4")


def test_where_everything_is_as_meant_nothing_is_found(look: Look) -> None:
    report = look()
    assert report.is_clean
    assert (report.looked_at, report.waiting) == (CARDS, 0)


def test_each_fault_is_told_apart_and_what_waits_is_none(
    database: Database, stand_in: GoogleStandIn, kept: GoogleCards, look: Look
) -> None:
    mess_up(database, stand_in, kept)
    report = look()
    assert report.counts == Counter(missing=1, different=1, orphaned=1, unknown=1)
    assert report.waiting == 1
    assert {finding.fault: finding.fields for finding in report.findings}["different"] == ("state",)
    assert report.put_in_line == 0


def test_repairing_sends_again_and_what_is_nobodys_stays(
    database: Database, stand_in: GoogleStandIn, kept: GoogleCards, look: Look
) -> None:
    mess_up(database, stand_in, kept)
    assert look(repair=True).put_in_line == 3
    Sender(database, fan_out, {"google": GoogleChannel(kept)}).drain()
    with database.read() as uow:
        assert outbox.status(uow, real_now()).is_empty
    assert look().counts == Counter(unknown=1)


def test_a_class_that_differs_is_found_and_put_right(
    database: Database, stand_in: GoogleStandIn, kept: GoogleCards, look: Look
) -> None:
    (class_id,) = stand_in.store.keys("loyaltyClass")
    stored = stand_in.store.item("loyaltyClass", class_id)
    assert stored is not None
    stored["issuerName"] = "Somebody else"
    report = look(repair=True)
    assert [(f.fault, f.id, f.fields) for f in report.findings] == [
        ("different", class_id, ("issuerName", "reviewStatus"))
    ]
    Sender(database, fan_out, {"google": GoogleChannel(kept)}).drain()
    assert look().is_clean


def test_a_class_of_nobodys_is_named_and_only_where_all_are_looked_at(
    stand_in: GoogleStandIn, look: Look
) -> None:
    (class_id,) = stand_in.store.keys("loyaltyClass")
    classes = stand_in.store._items["loyaltyClass"]
    classes[f"{class_id}-old"] = {**classes[class_id], "id": f"{class_id}-old"}
    assert [finding.id for finding in look().findings] == [f"{class_id}-old"]
    assert look(merchant_id="mer_acme").is_clean


def test_all_of_what_google_lost_is_found(
    database: Database, stand_in: GoogleStandIn, kept: GoogleCards, look: Look
) -> None:
    stand_in.store.forget(stand_in.store.keys("loyaltyClass")[0])
    assert look(repair=True).counts == Counter(missing=CARDS + 1)
    Sender(database, fan_out, {"google": GoogleChannel(kept)}).drain()
    assert look().is_clean


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "module, name, edit",
    [
        (client, "GoogleWallet._pages", ("if not following:", "if True:")),
        (reconcile, "Reconciliation._found", ("installs.doubt_object(", "str(")),
        (reconcile, "Reconciliation._compare", ("row.digest != digest(wanted)", "False")),
    ],
)
def test_a_bug_in_the_comparison_is_found(
    database: Database,
    stand_in: GoogleStandIn,
    kept: GoogleCards,
    look: Look,
    module: object,
    name: str,
    edit: tuple[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    damage(monkeypatch, module, name, edit)  # type: ignore[arg-type]  # parametrize knows no modules
    with pytest.raises((AssertionError, TypeError)):
        everything(database, stand_in, kept, look)


def everything(database: Database, stand_in: GoogleStandIn, kept: GoogleCards, look: Look) -> None:
    test_where_everything_is_as_meant_nothing_is_found(look)
    test_each_fault_is_told_apart_and_what_waits_is_none(database, stand_in, kept, look)
    with database.write() as uow:
        installs.expect_object(uow, "mer_acme", "card_1", "x", "y")
    test_repairing_sends_again_and_what_is_nobodys_stays(database, stand_in, kept, look)
