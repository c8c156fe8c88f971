"""Members over HTTP: made, read, found, changed, exported, and forgotten."""

from typing import Any

import pytest

from tests.fixtures.api import Answer, Shop, eur

Json = dict[str, Any]
ADA = {
    "external_id": "k-1",
    "name": "Ada Lovelace",
    "email": "Ada@Example.com",
    "phone": "+49 30 123456",
    "birthday": "1992-02-29",
    "locale": "en-GB",
    "time_zone": "Europe/London",
    "tags": ["regular"],
    "consents": [
        {"purpose": "marketing", "channel": "wallet", "granted": True, "wording": "Yes.", "source": "till"}
    ],
}


def make(shop: Shop, **values: Any) -> Answer:
    return shop.manager.post("/members", values).ok()


def test_a_member_reads_as_it_was_written(shop: Shop) -> None:
    member = shop.manager.post("/members", ADA)
    assert member.status == 201
    assert member["id"].startswith("mem_")
    expected = {**ADA, "email": "ada@example.com", "phone": "+4930123456"}
    del expected["consents"]
    assert {name: member[name] for name in expected} == expected
    (consent,) = member["consents"]
    assert (consent["granted"], consent["at"]) == (True, "2026-03-02T09:00:00Z")
    assert shop.reader.get(f"/members/{member['id']}").json == member.json


@pytest.mark.parametrize(
    "field, value",
    [
        ("birthday", "1993-02-29"),
        ("birthday", "--02-30"),
        ("birthday", "29.02.1992"),
        ("birthday", "2027-01-01"),
        ("email", "ada"),
        ("phone", "call me"),
        ("locale", "german"),
        ("time_zone", "Mars/Olympus"),
        ("name", ""),
        ("name", "a\u0000"),
        ("tags", "regular"),
        ("age", 5),
    ],
)
def test_a_wrong_field_is_named(shop: Shop, field: str, value: Any) -> None:
    answer = shop.manager.post("/members", {field: value})
    assert (answer.status, answer.fields) == (422, [field])


def test_a_birthday_needs_no_year(shop: Shop) -> None:
    assert make(shop, birthday="--02-29")["birthday"] == "--02-29"


def test_an_external_id_is_taken_once_per_merchant(shop: Shop, other_shop: Shop) -> None:
    make(shop, external_id="k-1")
    assert shop.manager.post("/members", {"external_id": "k-1"}).fields == ["external_id"]
    assert other_shop.manager.post("/members", {"external_id": "k-1"}).status == 201


def test_members_are_found_by_what_is_known_of_them(shop: Shop) -> None:
    ada, _ = make(shop, **ADA), make(shop, name="Bea")
    for query in ({"external_id": "k-1"}, {"email": "ada@example.com"}, {"search": "lovelace"}):
        found = shop.manager.get("/members", **query)["items"]
        assert [member["id"] for member in found] == [ada["id"]], query


def test_a_change_names_what_changes_and_null_empties(shop: Shop) -> None:
    member = make(shop, **ADA)
    path = f"/members/{member['id']}"
    changed = shop.manager.patch(path, {"name": "Ada King", "phone": None})
    assert (changed["name"], changed["phone"], changed["email"]) == ("Ada King", None, "ada@example.com")


def test_a_new_name_gives_the_cards_their_next_version(shop: Shop) -> None:
    member = make(shop, name="Ada")
    card = shop.card(member_id=member["id"])
    path = f"/members/{member['id']}"
    shop.manager.patch(path, {"tags": ["regular"]}).ok()
    assert shop.state(card)["version"] == 1
    shop.manager.patch(path, {"name": "Ada King"}).ok()
    assert shop.state(card)["version"] == 2


def test_an_export_holds_everything_we_know(shop: Shop) -> None:
    member = make(shop, **ADA)
    card = shop.card("gift", amount=eur(500), member_id=member["id"])
    export = shop.manager.get(f"/members/{member['id']}/export").json
    assert export["member"]["email"] == "ada@example.com"
    assert [c["id"] for c in export["cards"]] == [card["id"]]
    assert card["code"].replace("-", "") not in str(export)


def test_a_deleted_member_is_gone_and_its_cards_live_on(shop: Shop) -> None:
    member = make(shop, **ADA)
    card = shop.card("gift", amount=eur(500), member_id=member["id"])
    path = f"/members/{member['id']}"
    gone = shop.manager.delete(path)
    assert (gone.status, gone.raw) == (204, b"")
    for answer in (
        shop.manager.get(path),
        shop.manager.get(f"{path}/export"),
        shop.manager.patch(path, {"name": "Eve"}),
        shop.manager.delete(path),
        shop.till.post("/cards", {"program_id": card["program_id"], "member_id": member["id"]}),
    ):
        assert (answer.status, answer.code) == (404, "not_found")
    now = shop.state(card)
    assert (now["member_id"], now["balance"]) == (None, eur(500))
    assert shop.manager.get("/members", external_id="k-1")["items"] == []
    assert make(shop, external_id="k-1")["id"] != member["id"]


def test_locations_are_made_and_read(shop: Shop) -> None:
    body = {"name": "Mitte", "latitude": 52.52, "longitude": 13, "time_zone": "Europe/Berlin"}
    made = shop.manager.post("/locations", body)
    assert made.status == 201
    assert {name: made[name] for name in body} == body
    assert shop.reader.get(f"/locations/{made['id']}").json == made.json


@pytest.mark.parametrize(
    "body, field",
    [
        ({}, "name"),
        ({"name": "x", "latitude": 91, "longitude": 0}, "latitude"),
        ({"name": "x", "latitude": 52.5}, "longitude"),
        ({"name": "x", "latitude": "52", "longitude": 13}, "latitude"),
        ({"name": "x", "time_zone": "CEST5"}, "time_zone"),
    ],
)
def test_a_location_that_makes_no_sense_is_named(shop: Shop, body: Json, field: str) -> None:
    answer = shop.manager.post("/locations", body)
    assert (answer.status, answer.fields) == (422, [field])
