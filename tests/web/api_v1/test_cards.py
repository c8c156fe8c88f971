"""Cards: how they read, by which names they are found, and what their states allow."""

from datetime import timedelta
from typing import Any

import pytest

from passes.clock import FixedClock
from passes.db.engine import Database
from tests.fixtures.api import BASE_URL, Shop, counted, eur

Json = dict[str, Any]
REASONS = ["lost", "stolen", "fraud_suspected", "customer_request", "closed", "other"]


def barcode_of(database: Database, card: Json) -> str:
    with database.read() as uow:
        barcode: str = uow.conn.exec_driver_sql(
            f"SELECT barcode FROM cards WHERE id = '{card['id']}'"
        ).scalar_one()
    return barcode


@pytest.mark.parametrize(
    "kind, asset, extras",
    [
        (
            "stamp",
            "STAMP",
            {"stamps_required": 10, "rewards": 0, "owed": counted(0, "STAMP")},
        ),
        ("points", "POINT", {"owed": counted(0, "POINT")}),
        ("coupon", "USE", {"offer": {"type": "percent", "percent": 20}}),
        ("gift", "EUR", {}),
    ],
)
def test_a_card_of_each_kind_reads_as_the_contract_says(
    shop: Shop, kind: str, asset: str, extras: Json
) -> None:
    card = shop.card(kind)
    token = card["links"]["page"].rpartition("/")[2]
    amount = counted(1 if kind == "coupon" else 0, asset)
    assert card == {
        "id": card["id"],
        "kind": kind,
        "program_id": shop.program(kind),
        "member_id": None,
        "state": "pending" if kind == "gift" else "active",
        "code": card["code"],
        "balance": amount,
        "available": amount,
        "version": 1,
        "expires_at": None,
        "expires_next": None,
        "created_at": "2026-03-02T09:00:00Z",
        "updated_at": "2026-03-02T09:00:00Z",
        "links": {
            "page": f"{BASE_URL}/c/{token}",
            "apple": f"{BASE_URL}/c/{token}/card.pkpass",
            "google": None,
        },
        **extras,
    }
    assert card["id"].startswith("card_")
    assert card["code"].replace("-", "").lower() not in token
    assert shop.state(card) == card


def test_every_change_gives_the_card_its_next_version(shop: Shop, clock: FixedClock) -> None:
    card = shop.card()
    clock.at += timedelta(minutes=5)
    shop.till.post("/stamps", {"card_id": card["id"], "count": 1}).ok()
    now = shop.state(card)
    assert (now["version"], now["updated_at"]) == (2, "2026-03-02T09:05:00Z")


def test_a_card_is_found_by_code_and_barcode_however_they_are_written(shop: Shop, database: Database) -> None:
    card = shop.card()
    code, barcode = card["code"], barcode_of(database, card)
    written = [code, code.lower(), code.replace("-", ""), code.replace("-", " "), f" {code} ", code + "\t"]
    written += [barcode, barcode.lower(), f"{barcode[:13]} {barcode[13:]}"]
    for text in written:
        assert shop.till.post("/cards/lookup", {"code": text})["id"] == card["id"], text
        assert shop.till.post("/stamps", {"code": text, "count": 1}).status == 201
    assert shop.state(card)["version"] == 1 + len(written)


@pytest.mark.parametrize(
    "code", ["", "x", "XXXX-XXXX-XXXX-XXXX", "0" * 26, "card_none", "ß" * 16, "🎁" * 26, "9" * 300]
)
def test_a_code_nobody_has_is_no_card(shop: Shop, code: str) -> None:
    answer = shop.till.post("/cards/lookup", {"code": code})
    expected = (422, "invalid_request") if code == "" else (404, "card_not_found")
    assert (answer.status, answer.code) == expected


def test_one_wrong_character_in_a_code_is_no_card(shop: Shop) -> None:
    code = shop.card()["code"]
    wrong = ("2" if code[0] != "2" else "3") + code[1:]
    assert shop.till.post("/cards/lookup", {"code": wrong}).code == "card_not_found"


def test_an_id_is_no_code_and_a_code_is_no_id(shop: Shop) -> None:
    card = shop.card()
    assert shop.till.post("/stamps", {"code": card["id"], "count": 1}).code == "card_not_found"
    assert shop.till.post("/stamps", {"card_id": card["code"], "count": 1}).code == "card_not_found"
    assert shop.till.get(f"/cards/{card['code']}").code == "card_not_found"


def test_a_card_is_issued_to_a_member_we_know(shop: Shop) -> None:
    member = shop.manager.post("/members", {"name": "Ada"}).ok()
    assert shop.card(member_id=member["id"])["member_id"] == member["id"]


def test_a_card_is_issued_along_with_its_member(shop: Shop) -> None:
    card = shop.card(member={"name": "Ada", "birthday": "--12-10"})
    assert shop.reader.get(f"/members/{card['member_id']}")["name"] == "Ada"


def test_a_card_that_is_refused_leaves_no_member_behind(shop: Shop) -> None:
    program = shop.program("gift", minimum_load=eur(500))
    body = {"program_id": program, "member": {"external_id": "k1"}, "amount": eur(1)}
    assert shop.till.post("/cards", body)["limit"] == "minimum_load"
    assert shop.manager.get("/members")["items"] == []


def test_a_member_is_given_once(shop: Shop) -> None:
    body = {"program_id": shop.program("stamp"), "member_id": "mem_x", "member": {"name": "Ada"}}
    answer = shop.till.post("/cards", body)
    assert (answer.status, answer.code) == (422, "invalid_request")


@pytest.mark.parametrize("field", ["program_id", "member_id", "location_id"])
@pytest.mark.parametrize("unknown", ["prog_none", "loc_does_not_exist", "nonsense", "x" * 100, "ÄÖ 5"])
def test_an_unknown_id_in_a_body_is_404(shop: Shop, field: str, unknown: str) -> None:
    answer = shop.till.post("/cards", {"program_id": shop.program("stamp"), field: unknown})
    assert (answer.status, answer.code) == (404, "not_found")


def test_a_blocked_card_stands_still_until_it_is_unblocked(shop: Shop) -> None:
    card = shop.gift(1000)
    blocked = shop.manager.post(f"/cards/{card['id']}/block", {"reason": "lost"})
    assert (blocked.status, blocked["state"], blocked["version"]) == (200, "blocked", 2)
    for path in ("/redemptions", "/loads"):
        answer = shop.till.post(path, {"card_id": card["id"], "amount": eur(1)})
        assert (answer.status, answer.code, answer["state"]) == (409, "card_not_active", "blocked")
    assert shop.manager.post(f"/cards/{card['id']}/unblock", {"reason": "other"})["state"] == "active"
    assert shop.till.post("/redemptions", {"card_id": card["id"], "amount": eur(1)}).status == 201


def test_a_waiting_card_waits_again_after_a_block(shop: Shop) -> None:
    card = shop.card("gift")
    shop.manager.post(f"/cards/{card['id']}/block", {"reason": "lost"}).ok()
    load = {"card_id": card["id"], "amount": eur(100)}
    assert shop.till.post("/loads", load)["state"] == "blocked"
    assert shop.manager.post(f"/cards/{card['id']}/unblock", {"reason": "other"})["state"] == "pending"


def test_blocking_twice_changes_nothing_the_second_time(shop: Shop) -> None:
    card = shop.card()
    one, two = (shop.manager.post(f"/cards/{card['id']}/block", {"reason": "lost"}) for _ in range(2))
    assert one.json == two.json


def test_what_is_not_blocked_cannot_be_unblocked(shop: Shop) -> None:
    answer = shop.manager.post(f"/cards/{shop.card()['id']}/unblock", {"reason": "other"})
    assert (answer.status, answer.code, answer["state"]) == (409, "card_not_active", "active")


def test_a_deactivated_card_is_closed_for_good_with_what_is_on_it(shop: Shop) -> None:
    card = shop.gift(1000)
    closed = shop.manager.post(f"/cards/{card['id']}/deactivate", {"reason": "closed"})
    assert (closed["state"], closed["balance"]) == ("deactivated", eur(1000))
    again = shop.manager.post(f"/cards/{card['id']}/deactivate", {"reason": "closed"})
    assert (again.status, again.json) == (200, closed.json)
    for verb in ("block", "unblock"):
        answer = shop.manager.post(f"/cards/{card['id']}/{verb}", {"reason": "other"})
        assert (answer.code, answer["state"]) == ("card_not_active", "deactivated")
    for path in ("/redemptions", "/loads"):
        answer = shop.till.post(path, {"card_id": card["id"], "amount": eur(1)})
        assert (answer.status, answer.code, answer["state"]) == (409, "card_not_active", "deactivated")


@pytest.mark.parametrize("verb", ["block", "unblock", "deactivate"])
def test_a_reason_comes_from_a_list(shop: Shop, verb: str) -> None:
    card = shop.card()
    for body in ({}, {"reason": "because"}, {"reason": None}):
        answer = shop.manager.post(f"/cards/{card['id']}/{verb}", body)
        assert (answer.status, answer.fields) == (422, ["reason"])


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_of_the_contract_is_taken(shop: Shop, reason: str) -> None:
    path = f"/cards/{shop.card()['id']}"
    for verb in ("block", "unblock", "deactivate"):
        assert shop.manager.post(f"{path}/{verb}", {"reason": reason}).status == 200


def test_the_state_of_a_card_past_its_time_is_expired_unless_it_was_closed(
    shop: Shop, clock: FixedClock
) -> None:
    cards = [shop.card(expires_at="2026-04-01T00:00:00Z") for _ in range(3)]
    shop.manager.post(f"/cards/{cards[1]['id']}/block", {"reason": "lost"}).ok()
    shop.manager.post(f"/cards/{cards[2]['id']}/deactivate", {"reason": "lost"}).ok()
    clock.at = clock.at.replace(month=4)
    assert [shop.state(card)["state"] for card in cards] == ["expired", "expired", "deactivated"]
    assert [shop.till.post("/stamps", {"card_id": card["id"], "count": 1}).code for card in cards] == [
        "card_expired",
        "card_expired",
        "card_not_active",
    ]


def test_wallets_that_are_not_set_up_say_so(shop: Shop) -> None:
    card = shop.card()
    for wallet in ("pass.pkpass", "google"):
        answer = shop.reader.get(f"/cards/{card['id']}/{wallet}")
        assert (answer.status, answer.code) == (409, "wallet_not_configured")
