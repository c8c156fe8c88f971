"""Cards at Google: noted before they are made, never behind, and callbacks counted once."""

from datetime import timedelta

import pytest

from passes.db.engine import Database
from passes.installs import google
from passes.installs.queries import GoogleObjectView, google_object, google_objects
from tests.outbox.world import NOW, add_cards


@pytest.fixture
def there(database: Database) -> Database:
    """Card 1 of two has an object at Google."""
    with database.write() as uow:
        add_cards(uow, 2)
        google.expect_object(uow, "mer_acme", "card_1", "1.acme-card_1", "1.acme-class")
    return database


def view(database: Database) -> GoogleObjectView:
    with database.read() as uow:
        found = google_object(uow, "card_1")
    assert found is not None
    return found


def callback(database: Database, nonce: str, object_id: str = "1.acme-card_1", *, saved: bool = True) -> bool:
    with database.write() as uow:
        return google.record_callback(uow, nonce, object_id, saved=saved, at=NOW)


def test_an_expected_object_is_there_but_not_synced(there: Database) -> None:
    assert view(there) == GoogleObjectView(
        "card_1", "mer_acme", "1.acme-card_1", "1.acme-class", 0, 0, None, None
    )
    with there.read() as uow:
        assert google_object(uow, "card_2") is None
        assert [o.card_id for o in google_objects(uow, ["card_1", "card_2"])] == ["card_1"]


def test_expecting_it_again_changes_nothing(there: Database) -> None:
    with there.write() as uow:
        google.synced(uow, "card_1", "1.acme-card_1", "1.acme-class", 7, b"d" * 32)
        google.expect_object(uow, "mer_acme", "card_1", "1.acme-card_1", "1.acme-class")
    assert view(there).synced_version == 7


def test_a_late_note_about_an_older_version_changes_nothing(there: Database) -> None:
    with there.write() as uow:
        google.synced(uow, "card_1", "1.acme-card_1", "1.acme-newer", 7, b"d" * 32)
        google.synced(uow, "card_1", "1.acme-card_1", "1.acme-older", 6, b"o" * 32)
    assert (view(there).synced_version, view(there).class_id) == (7, "1.acme-newer")


def test_a_callback_counts_once(there: Database) -> None:
    assert [callback(there, "a"), callback(there, "a"), callback(there, "b")] == [True, False, True]
    assert view(there).saves == 2


def test_deletions_count_down_to_nothing_and_no_further(there: Database) -> None:
    callback(there, "a")
    for nonce in ("b", "c"):
        callback(there, nonce, saved=False)
    assert view(there).saves == 0


def test_a_callback_about_something_unknown_is_still_seen_only_once(there: Database) -> None:
    assert [callback(there, "a", "1.nobody"), callback(there, "a", "1.nobody")] == [True, False]
    assert view(there).saves == 0


def test_old_callbacks_are_forgotten_and_new_ones_are_not(there: Database) -> None:
    callback(there, "old")
    with there.write() as uow:
        assert google.forget_callbacks(uow, NOW - timedelta(days=1)) == 0
        assert google.forget_callbacks(uow, NOW + timedelta(days=1)) == 1
    assert callback(there, "old") is True
