"""Resources: programs, members, cards, locations and webhooks, row by row."""

import base64
import io
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from passes.clock import FixedClock, format_rfc3339
from passes.wallets.google.client import GoogleWallet
from passes.wallets.google.pace import SharedPace
from passes.web.api_v1 import openapi
from passes.web.api_v1.blueprint import operations
from tests.fakes.google import GoogleStandIn
from tests.fixtures.api import RULES, Client, Shop, eur

promise = pytest.mark.promise
MANAGED = [
    ("POST", "/programs"),
    ("PATCH", "/programs/x"),
    ("POST", "/members"),
    ("PATCH", "/members/x"),
    ("DELETE", "/members/x"),
    ("GET", "/members/x/export"),
    ("POST", "/cards/x/block"),
    ("POST", "/cards/x/unblock"),
    ("POST", "/cards/x/deactivate"),
    ("POST", "/cards/x/replace"),
    ("POST", "/adjustments"),
    ("POST", "/locations"),
    ("POST", "/webhooks"),
    ("GET", "/webhooks"),
]
READ_OR_MANAGED = ["/programs", "/programs/x", "/members", "/members/x", "/locations"]
READ = ["/transactions", "/cards/x/transactions", "/cards/x/pass.pkpass", "/cards/x/google"]
READ_OR_TILL = ["/cards/x", "/holds/x"]
TILL = [
    "/stamps",
    "/stamps/x/reverse",
    "/loads",
    "/redemptions",
    "/redemptions/x/refund",
    "/holds",
    "/holds/x/capture",
    "/holds/x/void",
    "/reversals",
]
PROMISED = """/programs /programs/{id} /members /members/{id} /members/{id}/export /cards /cards/{id}
    /cards/lookup /cards/{id}/transactions /transactions /cards/{id}/block /cards/{id}/unblock
    /cards/{id}/deactivate /cards/{id}/replace /cards/{id}/pass.pkpass /cards/{id}/google /stamps /loads
    /redemptions
    /redemptions/{id}/refund /stamps/{id}/reverse /holds /holds/{id} /holds/{id}/capture /holds/{id}/void
    /baskets /baskets/{id}/refund /sync /reversals /adjustments /campaigns /campaigns/{id}
    /campaigns/{id}/launch /campaigns/{id}/pause /campaigns/{id}/results /segments/preview /webhooks
    /webhooks/{id} /locations""".split()


def picture(form: str) -> str:
    out = io.BytesIO()
    Image.new("RGB", (60, 60), "#884422").save(out, form)
    return base64.b64encode(out.getvalue()).decode()


def program(shop: Shop, **more: Any) -> Any:
    body = {"kind": "stamp", "name": "Kaffeekarte", "rules": RULES["stamp"], **more}
    return shop.manager.post("/programs", body)


def asked(client: Client, method: str, path: str) -> int:
    if method == "POST":
        return client.post(path, {}).status
    return client.request(method, path, body={} if method == "PATCH" else None).status


@promise("R1", "R6", "R7", "R9", "R11", "R19", "R20", "R24", "M1")
@pytest.mark.parametrize("method, path", MANAGED, ids=str)
def test_managing_takes_the_scope_manage(shop: Shop, method: str, path: str) -> None:
    assert asked(shop.manager, method, path) in (200, 201, 404, 422)
    assert asked(shop.client("till", "marketing", "read"), method, path) == 403


@promise("R5", "R9", "R23")
@pytest.mark.parametrize("path", READ_OR_MANAGED)
def test_programs_members_and_locations_are_read_with_read_or_manage(shop: Shop, path: str) -> None:
    assert {shop.reader.get(path).status, shop.manager.get(path).status} <= {200, 404}
    assert shop.client("till", "marketing").get(path).status == 403


@promise("R17", "R21", "R22")
@pytest.mark.parametrize("path", READ)
def test_history_and_passes_are_read_with_read(shop: Shop, path: str) -> None:
    assert shop.reader.get(path).status in (200, 404)
    assert shop.client("till", "marketing", "manage").get(path).status == 403


@promise("R16", "F13")
@pytest.mark.parametrize("path", READ_OR_TILL)
def test_a_card_and_a_hold_are_read_with_read_or_till(shop: Shop, path: str) -> None:
    assert (shop.reader.get(path).status, shop.till.get(path).status) == (404, 404)
    assert shop.client("manage", "marketing").get(path).status == 403


@promise("R16")
def test_a_lookup_takes_read_or_till(shop: Shop) -> None:
    body = {"code": shop.card()["code"]}
    assert {client.post("/cards/lookup", body).status for client in (shop.reader, shop.till)} == {200}
    assert shop.client("manage", "marketing").post("/cards/lookup", body).status == 403


@promise("M1")
@pytest.mark.parametrize("path", TILL)
def test_moving_value_takes_the_scope_till(shop: Shop, path: str) -> None:
    assert shop.till.post(path, {}).status in (404, 422)
    assert shop.client("manage", "marketing", "read").post(path, {}).status == 403


@promise("R1")
@pytest.mark.parametrize("kind", list(RULES))
def test_a_program_of_each_kind_is_made(shop: Shop, kind: str) -> None:
    body = {
        "kind": kind,
        "name": "Neu",
        "slug": f"neu-{shop.slug}-{kind}",
        "rules": RULES[kind],
        "currency": "EUR" if kind == "gift" else None,
        "design": {"colors": {"background": "#112233", "foreground": "#ffffff", "label": "#eeeeee"}},
        "texts": {"de": {"title": "Karte"}, "en": {"title": "Card"}},
    }
    made = shop.manager.post("/programs", body)
    assert made.status == 201
    assert (made["kind"], made["slug"]) == (kind, body["slug"])
    assert (made["texts"], made["design"]["colors"]) == (body["texts"], body["design"]["colors"])
    assert shop.reader.get(f"/programs/{made['id']}").json == made.json
    assert made["id"] in [item["id"] for item in shop.reader.get("/programs")["items"]]


@promise("R2", "R3")
def test_a_slug_is_given_to_one_program_of_the_installation(shop: Shop, other_shop: Shop) -> None:
    slug = f"karte-{shop.slug}"
    program(shop, slug=slug).ok()
    for somebody in (shop, other_shop):
        answer = program(somebody, slug=slug)
        assert (answer.status, answer.fields) == (422, ["slug"])


@promise("R2", "R3")
def test_a_default_slug_is_made_of_merchant_and_name_and_gets_a_suffix(shop: Shop) -> None:
    first, second = program(shop)["slug"], program(shop)["slug"]
    assert first == f"{shop.slug}-kaffeekarte"
    assert second.startswith(first)
    assert second != first


@promise("R4")
@pytest.mark.parametrize("form", ["PNG", "JPEG"])
def test_an_image_is_png_or_jpeg(shop: Shop, form: str) -> None:
    made = program(shop, design={"images": {"logo": picture(form)}}).ok()
    assert made["design"]["images"]["logo"].startswith("https://")


@promise("R4")
@pytest.mark.parametrize("image", [picture("GIF"), "bm8gcGljdHVyZQ==", "%%%"])
def test_anything_else_is_no_image(shop: Shop, image: str) -> None:
    assert program(shop, design={"images": {"logo": image}}).code == "invalid_request"


@promise("R6")
def test_a_program_is_changed(shop: Shop) -> None:
    made = program(shop).ok()
    changed = shop.manager.patch(f"/programs/{made['id']}", {"name": "Teekarte"}).ok()
    assert (changed["name"], changed["version"]) == ("Teekarte", made["version"] + 1)


@promise("R7", "R9")
def test_a_member_is_made_read_and_changed(shop: Shop) -> None:
    agreed = {"purpose": "marketing", "channel": "email", "granted": True, "wording": "Ja.", "source": "x"}
    body = {
        "external_id": "k-1",
        "name": "Ada",
        "email": "ada@example.com",
        "phone": "+49301234567",
        "birthday": "1992-02-29",
        "locale": "en",
        "time_zone": "Europe/Vienna",
        "tags": ["vip"],
    }
    made = shop.manager.post("/members", {**body, "consents": [agreed]})
    assert made.status == 201
    assert {name: made[name] for name in body} == body
    assert [{name: one[name] for name in agreed} for one in made["consents"]] == [agreed]
    path = f"/members/{made['id']}"
    assert shop.manager.get(path).json == made.json
    assert shop.manager.patch(path, {"name": "Bea"}).ok()["name"] == "Bea"
    assert shop.manager.get("/members")["items"][0]["id"] == made["id"]


@promise("R8")
@pytest.mark.parametrize("day", ["1992-02-29", "--02-29", "--12-31"])
def test_a_birthday_may_lack_its_year(shop: Shop, day: str) -> None:
    assert shop.manager.post("/members", {"birthday": day})["birthday"] == day


@promise("R8")
@pytest.mark.parametrize("day", ["1993-02-29", "--02-30", "1992-13-01", "1992-2-29", "29.02.1992"])
def test_a_day_that_never_was_is_no_birthday(shop: Shop, day: str) -> None:
    answer = shop.manager.post("/members", {"birthday": day})
    assert (answer.status, answer.fields) == (422, ["birthday"])


@promise("R10", "F62")
def test_erasing_a_person_keeps_the_books(shop: Shop) -> None:
    member = shop.manager.post("/members", {"name": "Ada", "external_id": "k-77"}).ok()
    card = shop.card("gift", amount=eur(500), member_id=member["id"])
    before = shop.history(card)
    assert shop.manager.delete(f"/members/{member['id']}").status == 204
    assert shop.manager.get(f"/members/{member['id']}").code == "not_found"
    assert shop.manager.get(f"/members/{member['id']}/export").code == "not_found"
    assert shop.manager.get("/members", external_id="k-77")["items"] == []
    assert (shop.state(card)["member_id"], shop.balance(card)) == (None, 500)
    assert shop.history(card) == before


@promise("R11")
def test_a_person_is_exported(shop: Shop) -> None:
    member = shop.manager.post("/members", {"name": "Ada", "email": "ada@example.com"}).ok()
    card = shop.card("gift", amount=eur(500), member_id=member["id"])
    export = shop.manager.get(f"/members/{member['id']}/export").ok()
    assert export["member"]["email"] == "ada@example.com"
    assert card["id"] in export.raw.decode()


@promise("R12")
def test_a_card_is_issued_by_till_or_manager(shop: Shop, clock: FixedClock) -> None:
    member = shop.manager.post("/members", {"name": "Ada"}).ok()
    ends = format_rfc3339(clock.at + timedelta(days=9))
    body = {"program_id": shop.program("gift"), "amount": eur(500), "expires_at": ends, "reference": "r 1"}
    for client in (shop.till, shop.manager):
        made = client.post("/cards", {**body, "member_id": member["id"]})
        assert made.status == 201
        assert (made["member_id"], made["expires_at"]) == (member["id"], ends)
        assert shop.history(made.json)[0]["reference"] == "r 1"
    assert shop.client("read", "marketing").post("/cards", body).status == 403


@promise("R12")
def test_a_card_is_issued_with_a_new_member(shop: Shop) -> None:
    made = shop.card("stamp", member={"name": "Bo"})
    assert shop.manager.get(f"/members/{made['member_id']}")["name"] == "Bo"


@promise("R13", "R14")
def test_a_gift_card_waits_for_its_first_money(shop: Shop) -> None:
    assert shop.gift(500)["state"] == "active"
    card = shop.card("gift")
    assert card["state"] == "pending"
    shop.till.post("/loads", {"card_id": card["id"], "amount": eur(500)}).ok()
    assert shop.state(card)["state"] == "active"


@promise("R16")
def test_a_card_is_read_by_id_and_by_code(shop: Shop) -> None:
    card = shop.gift(500)
    for client in (shop.reader, shop.till):
        assert client.get(f"/cards/{card['id']}").json == card
        assert client.post("/cards/lookup", {"code": card["code"]}).json == card


@promise("R18")
def test_transactions_are_filtered(shop: Shop, clock: FixedClock) -> None:
    place, card = shop.location(), shop.gift(500)
    body = {"card_id": card["id"], "amount": eur(5)}
    clock.at += timedelta(hours=1)
    here = shop.till.post("/redemptions", {**body, "location_id": place, "reference": "r 7"}).ok()
    clock.at += timedelta(hours=1)
    shop.till.post("/loads", body).ok()
    middle = here["created_at"]
    for wanted in (
        {"location_id": place},
        {"reference": "r 7"},
        {"type": "redeem"},
        {"since": middle, "until": format_rfc3339(clock.at)},
    ):
        for path in ("/transactions", f"/cards/{card['id']}/transactions"):
            assert [item["id"] for item in shop.reader.get(path, **wanted)["items"]] == [here["id"]], wanted


@promise("R19")
def test_a_card_is_blocked_unblocked_and_closed(shop: Shop) -> None:
    card = shop.gift(500)
    for verb, state in (("block", "blocked"), ("unblock", "active"), ("deactivate", "deactivated")):
        answer = shop.manager.post(f"/cards/{card['id']}/{verb}", {"reason": "other"}).ok()
        assert (answer["id"], answer["state"]) == (card["id"], state)


@promise("R20")
def test_a_card_is_replaced_by_a_new_one(shop: Shop) -> None:
    old = shop.gift(500)
    new = shop.manager.post(f"/cards/{old['id']}/replace", {"reason": "lost"})
    assert new.status == 201
    assert new["id"] != old["id"]
    assert new["code"] != old["code"]
    assert (new["balance"], new["state"]) == (eur(500), "active")
    assert (shop.balance(old), shop.state(old)["state"]) == (0, "deactivated")


@promise("R21")
def test_the_apple_pass_is_a_signed_pkpass(shop: Shop) -> None:
    shop.services.identities.create_development(shop.slug)
    answer = shop.reader.get(f"/cards/{shop.card()['id']}/pass.pkpass")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/vnd.apple.pkpass")
    assert {"pass.json", "manifest.json", "signature"} <= set(
        zipfile.ZipFile(io.BytesIO(answer.raw)).namelist()
    )


@promise("R22")
def test_google_gets_class_and_object_before_the_link_is_told(shop: Shop, tmp_path: Path) -> None:
    parts = shop.services.__dict__
    card, before = shop.card(), {name: parts.pop(name, None) for name in ("google", "google_cards")}
    with GoogleStandIn(tmp_path) as google:
        google.switches.locations_allowed = True
        pace = SharedPace(shop.services.database, google.issuer_id, 20)
        parts["google"] = GoogleWallet(google.credentials_file, google.issuer_id, pace, api_url=google.url)
        try:
            answer = shop.reader.get(f"/cards/{card['id']}/google").ok()
        finally:
            parts.update(before)
        assert set(answer.json) == {"save_url", "class", "object"}
        assert answer["save_url"].startswith("https://")
        assert [call.split()[0] for call in google.calls()].count("POST") == 2


@promise("R23")
def test_a_location_is_made_and_listed(shop: Shop) -> None:
    body = {
        "name": "Mitte",
        "address": "Torstraße 1",
        "latitude": 52.5,
        "longitude": 13.4,
        "time_zone": "Europe/Berlin",
    }
    made = shop.manager.post("/locations", body)
    assert made.status == 201
    assert {name: made[name] for name in body} == body
    assert shop.manager.get("/locations")["items"][0]["id"] == made["id"]


@promise("R24")
def test_a_webhooks_secret_is_shown_once(shop: Shop) -> None:
    body = {"url": "https://shop.example/events", "events": ["transaction.created"]}
    made = shop.manager.post("/webhooks", body)
    assert made.status == 201
    assert {"id", "url", "events", "secret"} <= set(made.json)
    (listed,) = shop.manager.get("/webhooks")["items"]
    assert (listed["id"], listed["events"], "secret" in listed) == (made["id"], body["events"], False)
    assert shop.manager.delete(f"/webhooks/{made['id']}").status == 204
    assert shop.manager.get("/webhooks")["items"] == []


@promise("R25")
def test_the_document_and_its_pages_need_no_key(shop: Shop) -> None:
    browser = shop.app.test_client()
    assert browser.get("/api/v1/openapi.json").json["openapi"].startswith("3.1")
    assert browser.get("/api/docs").status_code == 200


@promise("R26")
@pytest.mark.parametrize("path", PROMISED)
def test_the_document_names_every_call(path: str) -> None:
    assert path in openapi.document(operations(), "https://karten.example")["paths"]


@promise("R27")
def test_a_caller_says_who_asks_with_a_bearer_key(shop: Shop) -> None:
    browser, key = shop.app.test_client(), shop.reader.key
    for header, status in ((f"Bearer {key}", 200), (f"Basic {key}", 401), (str(key), 401)):
        assert browser.get("/api/v1/programs", headers={"Authorization": header}).status_code == status
