"""Who hears of a change: every device with the card once, and Google where the card is there."""

from typing import Any

import pytest

from passes.db.engine import Database
from passes.installs import google
from passes.outbox.relay import Event
from passes.outbox.service import Target
from passes.wallets.fan_out import fan_out
from tests.installs.world import TYPE, register
from tests.outbox.world import NOW, add_cards

MESSAGE = {
    "message_id": "disp_1",
    "header": {"de": "Röster", "en": "Röster"},
    "body": {"de": "Da!", "en": "There!"},
}


@pytest.fixture
def installed(database: Database) -> Database:
    """Cards 1 and 2 on a phone, card 1 on a tablet too and at Google, card 3 nowhere."""
    with database.write() as uow:
        add_cards(uow, 3)
        google.expect_object(uow, "mer_acme", "card_1", "1.acme-card_1", "1.acme-class")
    for card, device in (("card_1", "phone"), ("card_2", "phone"), ("card_1", "tablet")):
        register(database, card, device)
    return database


def targets(database: Database, *events: Event) -> list[Target]:
    with database.read() as uow:
        return sorted(fan_out(uow, events), key=lambda t: (t.channel, t.target))


def changed(card_id: str) -> Event:
    return Event("mer_acme", "card.changed", card_id, 2, None, NOW)


def message(card_id: str, details: Any = MESSAGE) -> Event:
    return Event("mer_acme", "card.message", card_id, 2, details, NOW)


def test_every_device_with_the_card_hears_of_a_change_and_so_does_google(installed: Database) -> None:
    assert targets(installed, changed("card_1")) == [
        Target("mer_acme", "apns", f"{TYPE}/phone", {"device_id": "phone", "pass_type": TYPE}),
        Target("mer_acme", "apns", f"{TYPE}/tablet", {"device_id": "tablet", "pass_type": TYPE}),
        Target("mer_acme", "google", "object/card_1", {"card_id": "card_1"}),
    ]


def test_one_push_covers_all_cards_of_a_device(installed: Database) -> None:
    both = targets(installed, changed("card_1"), changed("card_2"), changed("card_1"))
    assert [t.target for t in both] == [f"{TYPE}/phone", f"{TYPE}/tablet", "object/card_1"]


def test_a_card_that_is_nowhere_concerns_nobody(installed: Database) -> None:
    assert targets(installed, changed("card_3"), message("card_3")) == []


def test_a_topic_nobody_listens_to_concerns_nobody(installed: Database) -> None:
    assert targets(installed, Event("mer_acme", "card.issued", "card_1", 1, None, NOW)) == []


def test_a_message_goes_to_google_only_once_for_each_id(installed: Database) -> None:
    (target,) = targets(installed, message("card_1"))
    assert target == Target("mer_acme", "google", "message/card_1/disp_1", {"card_id": "card_1", **MESSAGE})


HALVES = [
    None,
    {},
    {**MESSAGE, "body": None},
    {**MESSAGE, "header": {"de": "Nur deutsch"}},
    {**MESSAGE, "message_id": 5},
]


@pytest.mark.parametrize("details", HALVES)
def test_half_a_message_is_left_out_and_holds_up_nothing(installed: Database, details: Any) -> None:
    whole = targets(installed, message("card_1", details), message("card_1"))
    assert [t.target for t in whole] == ["message/card_1/disp_1"]


def test_the_longest_names_a_phone_may_have_fit_into_a_delivery() -> None:
    assert len(f"{'t' * 140}/{'d' * 140}") <= 300
