"""From the enrolment link to the moment the card leaves the phone: one life, on both wallets.

Read it top to bottom; every step is a request somebody really makes.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.story.shop import Shop, open_shop, verify_with_openssl

PROGRAM = {
    "kind": "stamp",
    "name": "Coffee card",
    "slug": "kaffee",
    "rules": {"stamps_required": 10, "reward": "A free coffee"},
    "texts": {"de": {"title": "Kaffeekarte"}, "en": {"title": "Coffee card"}},
}


@pytest.fixture
def shop(database_url: str, tmp_path: Path) -> Iterator[Shop]:
    with open_shop(database_url, tmp_path) as opened:
        yield opened


@pytest.mark.needs_openssl
def test_a_stamp_card_lives_from_enrolment_to_leaving_the_phone(shop: Shop, tmp_path: Path) -> None:
    # A customer opens the link on the counter and has a signed pass a moment later.
    shop.api("POST", "/programs", PROGRAM)
    page = shop.enrol("kaffee", name="Ada")
    pkpass = shop.download(page)
    assert shop.identity.paths.root is not None
    verify_with_openssl(pkpass, shop.identity.paths.root, tmp_path)

    # The phone takes it and registers.
    phone = shop.phone()
    serial = phone.install(pkpass)
    assert phone.shown_balance(serial) == "0 / 10"
    card = shop.card_of(pkpass)

    # The till stamps. The push says only "fetch", the phone lists, fetches and shows the new balance.
    sale = shop.api("POST", "/stamps", {"code": card["code"], "count": 3, "reference": "receipt 1"})
    assert sale["balance_after"] == {"amount": 3, "asset": "STAMP"}
    assert shop.apns.pushes == []
    shop.send()
    assert [push.token for push in shop.apns.pushes] == [phone.push_token]
    assert phone.pushed() == [serial]
    assert phone.shown_balance(serial) == "3 / 10"
    assert [n.text for n in phone.notifications] == ["Now: 3 / 10"]

    # Nothing new: the list is empty and the fetch is answered 304.
    assert phone.pushed() == []
    assert phone.refresh(serial) is False

    # Seven more make a reward; the till hands it out and the next round begins.
    full = shop.api("POST", "/stamps", {"code": card["code"], "count": 7})
    assert (full["rewards_after"], full["balance_after"]["amount"]) == (1, 0)
    reward = shop.api("POST", "/redemptions", {"code": card["code"], "reward": True})
    assert reward["delta"] == {"amount": 0, "asset": "STAMP"}
    shop.send()
    assert phone.pushed() == [serial]
    assert phone.shown_balance(serial) == "0 / 10"
    assert phone.shown(serial, "rewards") == "0"

    # The free coffee was cold: the reward comes back. And the first sale is undone.
    shop.api("POST", f"/redemptions/{reward['id']}/refund", {})
    reversal = shop.api("POST", f"/stamps/{sale['id']}/reverse", {})
    assert reversal["type"] == "reversal"
    shop.send()
    phone.pushed()
    assert phone.shown_balance(serial) == "7 / 10"
    assert shop.api("GET", f"/cards/{card['id']}", expect=200)["owed"]["amount"] == 0

    # The card leaves the phone, and nobody is pushed any more.
    phone.unregister(serial)
    before = len(shop.apns.pushes)
    shop.api("POST", "/stamps", {"code": card["code"], "count": 1})
    shop.send()
    assert len(shop.apns.pushes) == before
    assert phone.complaints == []


@pytest.mark.needs_openssl
def test_a_gift_card_is_loaded_spent_in_part_and_refunded(shop: Shop, tmp_path: Path) -> None:
    program = shop.api(
        "POST", "/programs", {"kind": "gift", "name": "Gift card", "currency": "EUR", "rules": {}}
    )
    card = shop.api("POST", "/cards", {"program_id": program["id"]})
    assert card["state"] == "pending"

    # It is sold empty, put on a phone, and loaded at the till.
    phone = shop.phone()
    pkpass = shop.download(card["links"]["page"].removeprefix("http://127.0.0.1:8000"))
    serial = phone.install(pkpass)
    shop.api("POST", "/loads", {"code": card["code"], "amount": {"amount": 5000, "asset": "EUR"}})
    shop.send()
    assert phone.pushed() == [serial]
    assert phone.shown_balance(serial) == "50.00"

    # A dinner for 62,30 takes what is there and says what is still due.
    dinner = {"code": card["code"], "amount": {"amount": 6230, "asset": "EUR"}, "allow_partial": True}
    paid = shop.api("POST", "/redemptions", dinner)
    assert paid["amount"]["amount"] == 5000
    assert paid["remaining_due"] == {"amount": 1230, "asset": "EUR"}

    # Part of it comes back; the phone follows, with a signature openssl accepts.
    shop.api("POST", f"/redemptions/{paid['id']}/refund", {"amount": {"amount": 1000, "asset": "EUR"}})
    shop.send()
    assert phone.pushed() == [serial]
    assert phone.shown_balance(serial) == "10.00"
    assert shop.identity.paths.root is not None
    verify_with_openssl(
        shop.download(card["links"]["page"].removeprefix("http://127.0.0.1:8000")),
        shop.identity.paths.root,
        tmp_path,
    )
    phone.unregister(serial)


def test_the_same_life_at_google_ends_in_the_patched_object(shop: Shop) -> None:
    shop.api("POST", "/programs", PROGRAM)
    page = shop.enrol("kaffee", name="Ada")
    card = shop.card_of(shop.download(page))

    # The save link stands for an object that already exists.
    link = shop.api("GET", f"/cards/{card['id']}/google", expect=200)
    base, _, token = link["save_url"].rpartition("/")
    assert base == "https://pay.google.com/gp/v/save", "wherever the API is, customers save at Google's page"
    assert len(token) < 1800
    object_id = link["object"]["id"]
    assert shop.google_balance(object_id) == "0 / 10"

    # A stamp later the object says so, without anybody having asked.
    shop.api("POST", "/stamps", {"code": card["code"], "count": 4})
    shop.send()
    assert shop.google_balance(object_id) == "4 / 10"
