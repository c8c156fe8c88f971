"""Registering, unregistering and listing, to the letter of Apple's page."""

from contextlib import AbstractContextManager

import pytest

from passes.db.engine import Database, UnitOfWork
from passes.installs.queries import DeviceKey, devices_with, push_tokens
from tests.installs.world import bump
from tests.outbox.world import rows
from tests.web.apple.conftest import TYPE, Phone, auth_of, serve


def stored_token(database: Database, phone: Phone) -> str | None:
    key = DeviceKey(phone.device, TYPE)
    with database.read() as uow:
        return push_tokens(uow, [key]).get(key)


def test_a_registration_is_created_once_and_known_afterwards(phone: Phone) -> None:
    assert [phone.register("card_1").status_code for _ in range(2)] == [201, 200]
    assert phone.register("card_2").status_code == 201


def test_a_known_registration_still_brings_its_newest_push_token(phone: Phone, cards: Database) -> None:
    phone.register("card_1", "old")
    assert phone.register("card_1", "new").status_code == 200
    assert stored_token(cards, phone) == "new"


def test_other_wallets_may_say_more_and_use_longer_tokens(phone: Phone, cards: Database) -> None:
    registration = f"/apple/v1/devices/{phone.device}/registrations/{TYPE}/card_1"
    headers = auth_of("card_1")
    body = {"pushToken": "f" * 300, "pushServiceUrl": "https://push.example"}
    assert phone.client.post(registration, json=body, headers=headers).status_code == 201
    assert stored_token(cards, phone) == "f" * 300


@pytest.mark.parametrize(
    "push_token", [None, "", 5, ["a"], {"a": 1}, "x" * 301, "tab\t", "Ä", "nul\x00", True]
)
def test_what_is_no_push_token_is_named_and_nothing_is_registered(
    phone: Phone, cards: Database, push_token: object
) -> None:
    answer = phone.register("card_1", push_token)
    assert answer.status_code == 400
    assert answer.content_type == "application/problem+json"
    assert answer.get_json()["errors"][0]["field"] == "pushToken"
    assert answer.get_json()["status"] == 400
    assert stored_token(cards, phone) is None


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b'"pushToken"', b"\xff\xfe", b'{"pushToken":"\\ud800"}', b"[" * 60_000],
)
def test_a_body_that_is_no_object_is_refused(phone: Phone, body: bytes) -> None:
    url = f"/apple/v1/devices/{phone.device}/registrations/{TYPE}/card_1"
    assert phone.client.post(url, data=body, headers=auth_of("card_1")).status_code == 400


def test_a_body_nobody_will_read_is_refused(phone: Phone) -> None:
    assert phone.register("card_1", "x" * 70_000).status_code == 413


@pytest.mark.parametrize("device", ["x" * 141, "a%00b", "a%20b", "%C3%A4", "%0a"])
def test_a_device_that_cannot_be_one_is_refused(phone: Phone, device: str) -> None:
    phone.device = device
    assert phone.register("card_1").status_code == 400
    assert phone.unregister("card_1").status_code == 200
    assert phone.changed().status_code == 204


def test_unregistering_is_200_whether_or_not_it_was_known(phone: Phone, cards: Database) -> None:
    phone.register("card_1")
    assert [phone.unregister("card_1").status_code for _ in range(2)] == [200, 200]
    with cards.read() as uow:
        assert devices_with(uow, ["card_1"]) == set()


def test_the_list_needs_no_token_and_says_what_changed(phone: Phone, cards: Database) -> None:
    for serial in ("card_1", "card_2"):
        phone.register(serial)
    first = phone.changed()
    assert first.status_code == 200
    assert first.content_type == "application/json"
    assert first.get_json()["serialNumbers"] == ["card_1", "card_2"]
    tag = first.get_json()["lastUpdated"]
    assert isinstance(tag, str)
    assert phone.changed(tag).status_code == 204
    bump(cards, "card_2")
    second = phone.changed(tag).get_json()
    assert second["serialNumbers"] == ["card_2"]
    assert phone.changed(second["lastUpdated"]).status_code == 204
    assert phone.changed().get_json()["serialNumbers"] == ["card_1", "card_2"]


def test_an_unknown_device_and_an_unknown_type_have_nothing(phone: Phone) -> None:
    assert phone.changed().status_code == 204
    assert phone.changed().data == b""
    phone.register("card_1")
    other = phone.client.get(f"/apple/v1/devices/{phone.device}/registrations/pass.other")
    assert other.status_code == 204


def test_a_foreign_query_key_counts_as_none(phone: Phone) -> None:
    phone.register("card_1")
    tag = phone.changed().get_json()["lastUpdated"]
    url = f"/apple/v1/devices/{phone.device}/registrations/{TYPE}?previousLastUpdated={tag}"
    assert phone.client.get(url).status_code == 200


def test_a_card_that_changed_between_download_and_registration_is_pushed(
    phone: Phone, cards: Database
) -> None:
    phone.register("card_1")
    assert rows(cards) == {}
    bump(cards, "card_2")
    phone.register("card_2")
    assert rows(cards).keys() == {f"{TYPE}/{phone.device}"}


def test_a_known_registration_asks_for_no_push(phone: Phone, cards: Database) -> None:
    phone.register("card_1")
    bump(cards, "card_1")
    phone.register("card_1")
    assert rows(cards) == {}


@pytest.mark.parametrize("base", ["/apple/v1", "/apple//v1"])
@pytest.mark.parametrize("end", ["", "/"])
def test_a_slash_too_many_is_served_and_not_redirected(cards: Database, base: str, end: str) -> None:
    client = serve(cards)
    registrations = f"{base}/devices/d/registrations/{TYPE}"
    created = client.post(f"{registrations}/card_1{end}", json={"pushToken": "t"}, headers=auth_of("card_1"))
    assert created.status_code == 201
    assert client.get(f"{registrations}{end}").status_code == 200
    assert client.get(f"{base}/passes/{TYPE}/card_1{end}", headers=auth_of("card_1")).status_code == 200
    assert client.post(f"{base}/log{end}", json={"logs": []}).status_code == 200
    assert client.delete(f"{registrations}/card_1{end}", headers=auth_of("card_1")).status_code == 200


def test_a_poll_that_finds_nothing_new_writes_nothing(
    phone: Phone, cards: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone.register("card_1")
    tag = phone.changed().get_json()["lastUpdated"]
    written: list[bool] = []
    write = cards.write

    def noticed() -> AbstractContextManager[UnitOfWork]:
        written.append(True)
        return write()

    monkeypatch.setattr(cards, "write", noticed)
    assert phone.changed(tag).status_code == 204
    assert not written
    bump(cards, "card_1")
    written.clear()
    assert phone.changed(tag).get_json()["serialNumbers"] == ["card_1"]
    assert written
