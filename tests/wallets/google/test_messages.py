"""A message is on the card once, however often it is sent, and notifies as often as Google allows."""

from collections.abc import Callable
from typing import Any

import pytest

from passes.cards.face import Text
from passes.wallets.google.client import GoogleWallet
from passes.wallets.google.errors import GoogleBusy, GoogleMissing
from tests.fakes.google import GoogleStandIn

HEADER = Text(de="Alles Gute!", en="Happy birthday!")
BODY = Text(de="Ein Stempel geht auf uns.", en="A stamp is on us.")
DAY_S = 86_400


@pytest.fixture
def card(wallet: GoogleWallet, render: Callable[..., Any]) -> str:
    cls, obj = render()
    wallet.upsert_card("stamp", cls, obj)
    return str(obj["id"])


def send(wallet: GoogleWallet, card: str, message_id: str = "birthday-2027", notify: bool = True) -> str:
    return wallet.add_message(card, "stamp", message_id, header=HEADER, body=BODY, notify=notify)


def messages(stand_in: GoogleStandIn, card: str) -> list[dict[str, Any]]:
    stored = stand_in.store.item("loyaltyObject", card)
    assert stored is not None
    return list(stored.get("messages", []))


def test_a_message_arrives_in_both_languages(
    wallet: GoogleWallet, stand_in: GoogleStandIn, card: str
) -> None:
    assert send(wallet, card) == "notified"
    (message,) = messages(stand_in, card)
    assert (message["id"], message["messageType"]) == ("birthday-2027", "TEXT_AND_NOTIFY")
    assert message["header"] == "Happy birthday!"
    assert message["localizedBody"]["translatedValues"][0]["value"] == "Ein Stempel geht auf uns."


def test_a_message_that_is_not_to_notify_is_silent(
    wallet: GoogleWallet, stand_in: GoogleStandIn, card: str
) -> None:
    assert send(wallet, card, notify=False) == "silent"
    assert messages(stand_in, card)[0]["messageType"] == "TEXT"


def test_a_message_whose_answer_was_lost_is_not_sent_again(
    wallet: GoogleWallet, stand_in: GoogleStandIn, card: str
) -> None:
    stand_in.misbehave(path="addMessage", lose_answer=True)
    with pytest.raises(GoogleBusy):
        send(wallet, card)
    assert send(wallet, card) == "already_there"
    assert len(messages(stand_in, card)) == 1


def test_without_reading_first_google_would_show_it_twice(
    wallet: GoogleWallet, stand_in: GoogleStandIn, card: str
) -> None:
    send(wallet, card)
    path = f"loyaltyObject/{card}"
    wallet._send_message(path, {"id": "birthday-2027", "header": "h", "body": "b"}, "TEXT")
    assert len(messages(stand_in, card)) == 2


def test_beyond_three_notices_a_day_messages_arrive_silently(
    wallet: GoogleWallet, stand_in: GoogleStandIn, card: str
) -> None:
    at = 1_800_000_000.0
    stand_in.switches.clock = lambda: at
    assert [send(wallet, card, f"m{n}") for n in range(4)] == ["notified"] * 3 + ["silent"]
    assert stand_in.calls()[-2:] == ["POST loyaltyObject 403", "POST loyaltyObject 200"]
    at += DAY_S
    assert send(wallet, card, "m4") == "notified"


def test_the_eleventh_message_takes_the_place_of_the_oldest(
    wallet: GoogleWallet, stand_in: GoogleStandIn, card: str
) -> None:
    for n in range(11):
        send(wallet, card, f"m{n}", notify=False)
    assert [message["id"] for message in messages(stand_in, card)] == [f"m{n}" for n in range(1, 11)]


def test_messages_stay_when_the_card_changes(
    wallet: GoogleWallet, stand_in: GoogleStandIn, card: str, render: Callable[..., Any]
) -> None:
    send(wallet, card)
    assert wallet.upsert_card("stamp", *render(state="blocked"), object_is="before").action == "patched"
    assert len(messages(stand_in, card)) == 1


def test_a_card_that_is_not_at_google_has_no_place_for_a_message(
    wallet: GoogleWallet, stand_in: GoogleStandIn
) -> None:
    with pytest.raises(GoogleMissing):
        send(wallet, f"{stand_in.issuer_id}.nobody")


def announce(wallet: GoogleWallet, stand_in: GoogleStandIn, message_id: str) -> str:
    (class_id,) = stand_in.store.keys("loyaltyClass")
    return wallet.add_class_message(class_id, "stamp", message_id, header=HEADER, body=BODY)


def test_an_announcement_is_on_the_class_once_and_makes_no_sound(
    wallet: GoogleWallet, stand_in: GoogleStandIn, card: str
) -> None:
    assert [announce(wallet, stand_in, "summer") for _ in range(2)] == ["silent", "already_there"]
    (class_id,) = stand_in.store.keys("loyaltyClass")
    (message,) = (stand_in.store.item("loyaltyClass", class_id) or {})["messages"]
    assert (message["id"], message["messageType"]) == ("summer", "TEXT")
    assert messages(stand_in, card) == []


def test_of_the_announcements_the_latest_ten_stay(
    wallet: GoogleWallet, stand_in: GoogleStandIn, card: str
) -> None:
    for number in range(12):
        assert announce(wallet, stand_in, f"news-{number}") == "silent"
    (class_id,) = stand_in.store.keys("loyaltyClass")
    kept = (stand_in.store.item("loyaltyClass", class_id) or {})["messages"]
    assert [message["id"] for message in kept] == [f"news-{number}" for number in range(2, 12)]
