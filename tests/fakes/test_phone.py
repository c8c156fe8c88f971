"""The phone does what a phone does, and refuses every answer that would silence a real one."""

import json
from collections.abc import Callable
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
from werkzeug import Response

from tests.fakes.certs import pass_identity
from tests.fakes.phone import Notification, Phone, PhoneRefuses, through_wsgi
from tests.fakes.toy_service import CONTENTS, ToyService, members, pack, with_change

Spoil = Callable[[Response], Response | None]


@pytest.fixture
def service(tmp_path: Path) -> ToyService:
    return ToyService(pass_identity(tmp_path))


@pytest.fixture
def phone(service: ToyService) -> Phone:
    return Phone(send=through_wsgi(service))


def spoil(service: ToyService, which: str, change: Spoil) -> None:
    service.spoil = lambda call, response: change(response) if call == which else None


def header(name: str, value: str | None) -> Spoil:
    def change(response: Response) -> None:
        response.headers.remove(name)
        if value is not None:
            response.headers[name] = value

    return change


def listing(**changes: Any) -> Spoil:
    body = {"serialNumbers": ["S1"], "lastUpdated": "7", **changes}
    return lambda _: Response(json.dumps(body), content_type="application/json")


def test_installing_registers_with_device_type_serial_and_token(service: ToyService, phone: Phone) -> None:
    assert phone.install(service.pkpass) == "S1"
    assert service.tokens == {phone.device_id: phone.push_token}
    assert (phone.serials, phone.complaints) == (["S1"], [])


def test_a_push_makes_it_list_fetch_and_show_the_new_pass(service: ToyService, phone: Phone) -> None:
    phone.install(service.pkpass)
    phone.pushed()
    assert phone.shown_balance("S1") == "12.5"
    style = {"headerFields": [{"key": "balance", "value": 7.25, "currencyCode": "EUR"}]}
    service.change(storeCard=style)
    assert phone.pushed("pass.test.stempel") == ["S1"]
    assert phone.shown_balance("S1") == "7.25"
    assert phone.pushed("pass.test.other") == []
    assert phone.pushed() == []
    assert service.calls[-3:] == ["list", "fetch", "list"]


def test_a_pass_that_has_not_changed_is_asked_for_conditionally(service: ToyService, phone: Phone) -> None:
    phone.install(service.pkpass, formatdate(1_700_000_001, usegmt=True))
    assert phone.refresh("S1") is False
    service.news("news_1")
    assert phone.refresh("S1") is True
    assert phone.refresh("S1") is False
    assert phone.complaints == []


@pytest.mark.parametrize("language, text", [("de", "Neu\nda"), ("de-AT", "Neu\nda"), ("en", "New here")])
def test_a_changed_field_with_a_change_message_is_announced_in_the_users_language(
    service: ToyService, language: str, text: str
) -> None:
    phone = Phone(send=through_wsgi(service), language=language)
    phone.install(service.pkpass)
    service.news("news_1")
    phone.pushed()
    assert phone.notifications == [Notification("S1", "Café Zimt", text)]
    assert phone.shown("S1", "news") == text
    assert phone.shown("S1", "news", "en") == "New here"


def test_changes_without_a_change_message_or_without_another_value_are_silent(
    service: ToyService, phone: Phone
) -> None:
    phone.install(service.pkpass)
    service.change(backgroundColor="rgb(9, 9, 9)")
    phone.pushed()
    balance = {"key": "balance", "value": 1, "currencyCode": "EUR"}
    service.change(storeCard={**CONTENTS["storeCard"], "headerFields": [balance]})
    phone.pushed()
    fresh = {"key": "offer", "value": "A field that was not there", "changeMessage": "%@"}
    service.change(storeCard={"headerFields": [balance], "backFields": [fresh]})
    assert phone.pushed() == ["S1"]
    assert phone.notifications == []


def test_a_change_message_without_the_value_says_next_to_nothing(service: ToyService, phone: Phone) -> None:
    style = CONTENTS["storeCard"]
    mute = [{**style["backFields"][0], "changeMessage": "There is news"}]
    service.change(storeCard={**style, "backFields": mute})
    phone.install(service.pkpass)
    service.news("news_1")
    phone.pushed()
    assert [n.text for n in phone.notifications] == ["Pass changed"]


def test_a_new_push_token_is_told_to_the_service(service: ToyService, phone: Phone) -> None:
    phone.install(service.pkpass)
    before = phone.push_token
    assert phone.rotate_token() != before
    assert service.tokens == {phone.device_id: phone.push_token}
    service.tokens.clear()
    with pytest.raises(PhoneRefuses, match="forgotten"):
        phone.rotate_token()


def test_a_pass_taken_off_the_phone_is_unregistered_and_asked_for_no_more(
    service: ToyService, phone: Phone
) -> None:
    phone.install(service.pkpass)
    phone.unregister("S1")
    assert (service.tokens, phone.serials, phone.pushed()) == ({}, [], [])


def test_a_pass_without_web_service_is_shown_and_never_registered(service: ToyService, phone: Phone) -> None:
    contents = with_change(webServiceURL=None, authenticationToken=None)
    phone.install(pack(members(contents), service.identity))
    assert phone.pushed() == []
    phone.unregister("S1")
    assert service.calls == []


def test_another_address_can_take_the_place_of_the_one_in_the_pass(service: ToyService) -> None:
    service.change(webServiceURL="https://cards.example/apple")
    phone = Phone(send=through_wsgi(service), base="http://localhost/apple/")
    phone.install(service.pkpass)
    assert service.tokens == {phone.device_id: phone.push_token}


def test_an_unchanged_pass_sent_again_is_complained_about(service: ToyService, phone: Phone) -> None:
    phone.install(service.pkpass)
    service.change(maxDistance=200)
    phone.pushed()
    spoil(service, "list", listing())
    assert phone.pushed() == []
    assert phone.complaints == ["S1 was listed as updated, but the pass was unchanged"]
    assert service.logs == phone.complaints


LIST_FAULTS: dict[str, tuple[Spoil, str]] = {
    "integer tag": (listing(lastUpdated=7), "lastUpdated"),
    "no tag": (listing(lastUpdated=None), "lastUpdated"),
    "empty tag": (listing(lastUpdated=""), "lastUpdated"),
    "no serials": (listing(serialNumbers=[]), "204"),
    "numbers for serials": (listing(serialNumbers=[1]), "strings"),
    "serial twice": (listing(serialNumbers=["S1", "S1"]), "twice"),
    "someone else's serial": (listing(serialNumbers=["S2"]), "never registered"),
    "html": (header("Content-Type", "text/html"), "text/html"),
    "no type": (header("Content-Type", None), "nothing"),
    "demands authorization": (lambda _: Response(status=401), "401"),
    "unknown": (lambda _: Response(status=404), "404"),
    "not json": (lambda _: Response("x", content_type="application/json"), "no serialNumbers"),
}


@pytest.mark.parametrize("name", LIST_FAULTS)
def test_a_list_that_a_phone_chokes_on_is_refused(service: ToyService, phone: Phone, name: str) -> None:
    change, sentence = LIST_FAULTS[name]
    phone.install(service.pkpass)
    spoil(service, "list", change)
    with pytest.raises(PhoneRefuses, match=sentence):
        phone.pushed()


LATE = formatdate(4_000_000_000, usegmt=True)
FETCH_FAULTS: dict[str, tuple[Spoil, str]] = {
    "no last-modified": (header("Last-Modified", None), "without last-modified"),
    "from the future": (header("Last-Modified", LATE), "later than Date"),
    "iso date": (header("Last-Modified", "2026-11-22T09:30:00Z"), "no HTTP date"),
    "local time": (header("Last-Modified", "Sun, 22 Nov 2026 09:30:00 +0100"), "no HTTP date"),
    "zip": (header("Content-Type", "application/zip"), "application/zip"),
    "no content": (lambda _: Response(status=204), "204"),
    "unasked 304": (lambda _: Response(status=304), "nothing was asked"),
    "unauthorized": (lambda _: Response(status=401), "401"),
}


@pytest.mark.parametrize("name", FETCH_FAULTS)
def test_a_pass_answer_that_a_phone_chokes_on_is_refused(
    service: ToyService, phone: Phone, name: str
) -> None:
    change, sentence = FETCH_FAULTS[name]
    phone.install(service.pkpass)
    spoil(service, "fetch", change)
    with pytest.raises(PhoneRefuses, match=sentence):
        phone.pushed()


@pytest.mark.parametrize("change", [{"serialNumber": "S2"}, {"authenticationToken": "another-another-token"}])
def test_an_update_may_not_change_what_identifies_the_pass(
    service: ToyService, phone: Phone, change: dict[str, str]
) -> None:
    phone.install(service.pkpass)
    service.change(**change)
    with pytest.raises(PhoneRefuses, match="another pass"):
        phone.refresh("S1")


@pytest.mark.parametrize("call", ["register", "unregister", "log"])
def test_any_other_answer_to_the_other_calls_is_refused(service: ToyService, phone: Phone, call: str) -> None:
    def live() -> None:
        phone.install(service.pkpass)
        phone.pushed()
        spoiled = service.spoil
        service.spoil = lambda c, r: listing()(r) if c == "list" else spoiled(c, r)
        phone.pushed()
        phone.unregister("S1")

    spoil(service, call, lambda _: Response(status=500))
    with pytest.raises(PhoneRefuses, match="500"):
        live()
