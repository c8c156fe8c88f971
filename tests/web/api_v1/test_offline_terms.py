"""What a till has before it goes without network: barcodes it can check, limits to keep, cards to refuse."""

import hashlib
from base64 import urlsafe_b64decode
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from passes.audit.models import AuditEntry
from passes.cards import signed_barcode
from passes.cards.signed_barcode import GRACE
from passes.clock import FixedClock, format_rfc3339
from passes.merchants import signing_keys
from tests.fixtures.api import Client, Shop, eur
from tests.fixtures.databases import START
from tests.web.api_v1.offline import assert_books_are_sound, spent, sync, told

Json = dict[str, Any]


def signed_gift(shop: Shop, cents: int = 1000) -> tuple[Json, str]:
    """A card of a program with signed barcodes, and what its pass shows."""
    program = shop.manager.post(
        "/programs",
        {"kind": "gift", "name": "Geschenk", "currency": "EUR", "rules": {}, "design": {"barcode": "signed"}},
    ).ok()
    card: Json = shop.till.post("/cards", {"program_id": program["id"], "amount": eur(cents)}).ok().json
    return card, shown(shop, card)


def shown(shop: Shop, card: Json) -> str:
    with shop.services.database.read() as uow:
        return shop.services.read_face(uow, card["id"]).barcode


def rotate(shop: Shop) -> None:
    with shop.services.database.write() as uow:
        signing_keys.rotate(uow, shop.services.token_key, shop.id, signed_barcode.PURPOSE, "test")


def checked_offline(till: Client, text: str) -> signed_barcode.SignedBarcode:
    """The barcode as a till reads it with the keys it was told."""
    barcode = signed_barcode.parse(text)
    assert barcode is not None
    keys = {key["kid"]: key["x"] for key in till.walk("/offline/keys")}
    assert barcode.is_signed(urlsafe_b64decode(keys[barcode.key_id] + "="))
    return barcode


def test_a_pass_shows_what_a_till_can_check_alone(shop: Shop) -> None:
    card, text = signed_gift(shop, 4200)
    read = checked_offline(shop.till, text)
    assert (read.kind, read.asset, read.balance) == ("gift", "EUR", 4200)
    assert (read.signed_on, read.valid_until) == (START.date(), START.date() + timedelta(days=90))
    shop.till.post("/redemptions", {"code": text, "amount": eur(200)}).ok()
    assert checked_offline(shop.till, shown(shop, card)).balance == 4000


def test_typed_form_token_and_signed_barcode_name_the_same_card(shop: Shop) -> None:
    card, text = signed_gift(shop)
    token = signed_barcode.parse(text)
    assert token is not None
    hyphenated = "-".join(text[n : n + 8] for n in range(0, len(text), 8))
    for code in (card["code"], token.token, text, text.lower(), hyphenated, f" {text} "):
        assert shop.till.post("/cards/lookup", {"code": code}).ok()["id"] == card["id"]
    basket = {"mode": "all", "order_total": eur(100), "instruments": [{"code": text.lower()}]}
    assert shop.till.post("/baskets", basket).ok()["results"][0]["card_id"] == card["id"]
    (result,) = sync(shop.till, told("/redemptions", {"code": text, "amount": eur(100)}))
    assert result["body"]["card_id"] == card["id"]


def test_a_barcode_that_nobody_signed_names_no_card(shop: Shop, other_shop: Shop) -> None:
    card, text = signed_gift(shop)
    forged = text[:50] + "00000ZZZZZZ" + text[61:]
    wrong = [forged, text[:-1] + ("0" if text[-1] != "0" else "1"), text[:12] + "0" * 26 + text[38:]]
    for code in wrong:
        refused = shop.till.post("/redemptions", {"code": code, "amount": eur(1)})
        assert (refused.status, refused.code) == (404, "card_not_found")
        assert shop.till.post("/cards/lookup", {"code": code}).code == "card_not_found"
    assert other_shop.till.post("/cards/lookup", {"code": text}).code == "card_not_found"
    signed_gift(other_shop)
    assert other_shop.till.post("/cards/lookup", {"code": text}).code == "card_not_found"
    assert shop.balance(card) == 1000


def test_what_a_retired_key_has_signed_counts_for_its_grace(shop: Shop, clock: FixedClock) -> None:
    card, text = signed_gift(shop)
    clock.at = retired = START + timedelta(hours=1)
    rotate(shop)
    fresh = shown(shop, card)
    assert fresh[3:12] != text[3:12]
    clock.at = retired + GRACE - timedelta(seconds=1)
    for code in (text, fresh):
        assert shop.till.post("/cards/lookup", {"code": code}).status == 200
    keys = list(shop.till.walk("/offline/keys"))
    assert [key["valid_until"] for key in keys] == [None, format_rfc3339(retired + GRACE)]
    assert shop.till.get("/offline/terms").ok()["keys"] == keys
    clock.at = retired + GRACE
    assert shop.till.post("/cards/lookup", {"code": text}).code == "card_not_found"
    assert shop.till.post("/cards/lookup", {"code": fresh}).status == 200
    assert list(shop.till.walk("/offline/keys")) == keys[:1]


def test_the_keys_of_barcodes_are_walked_newest_first(shop: Shop, clock: FixedClock) -> None:
    made = [signed_gift(shop)[1][3:12]]
    for _ in range(4):
        clock.at += timedelta(days=1)
        rotate(shop)
        made.append(signed_gift(shop)[1][3:12])
    for size in (1, 2, 5):
        walked = [key["kid"] for key in shop.till.walk("/offline/keys", limit=size)]
        assert walked == [f"k{name.lower()}" for name in reversed(made)]


def test_a_program_can_turn_to_signed_barcodes_and_back(shop: Shop) -> None:
    card = shop.gift(1000)
    assert len(shown(shop, card)) == 26
    for form, length in (("signed", signed_barcode.LENGTH), ("plain", 26)):
        changed = shop.manager.patch(f"/programs/{card['program_id']}", {"design": {"barcode": form}}).ok()
        assert changed["design"]["barcode"] == form
        assert len(shown(shop, card)) == length
    shop.manager.patch(f"/programs/{card['program_id']}", {"name": "Anders"}).ok()
    assert len(shown(shop, card)) == 26


def test_what_must_not_be_taken_is_not_signed_and_is_listed(shop: Shop) -> None:
    card, text = signed_gift(shop)
    till = shop.client("till", location_id=shop.location())
    assert till.get("/offline/terms").ok()["stopped"] == []
    shop.manager.post(f"/cards/{card['id']}/block", {"reason": "stolen"}).ok()
    assert len(shown(shop, card)) == 26
    token = text[12:38]
    stopped = till.get("/offline/terms").ok()["stopped"]
    assert stopped == [hashlib.sha256(token.encode()).hexdigest()[:16]]
    shop.manager.post(f"/cards/{card['id']}/unblock", {"reason": "other"}).ok()
    assert till.get("/offline/terms").ok()["stopped"] == []


def put(shop: Shop, **body: Any) -> None:
    shop.manager.request("PUT", "/offline/limits", body=body).ok()


def limit(per_card: int | None = None, exposure: int | None = None, asset: str = "EUR") -> Json:
    return {"asset": asset, "per_card_and_day": per_card, "exposure": exposure}


def test_the_nearest_limit_is_told_and_counts(shop: Shop) -> None:
    here = shop.location()
    key = shop.new_key("till", location_id=here)
    till, elsewhere = Client(shop.app, key.key), shop.till
    put(shop, limits=[limit(5000, 50_000), limit(exposure=100, asset="POINT")])
    put(shop, location_id=here, limits=[limit(3000)])
    assert till.get("/offline/terms").ok()["limits"] == [limit(3000), limit(None, 100, "POINT")]
    put(shop, till_id=key.id, limits=[limit(1000, 2000)])
    terms = till.get("/offline/terms").ok()
    assert (terms["till_id"], terms["location_id"]) == (key.id, here)
    assert terms["limits"] == [limit(1000, 2000), limit(None, 100, "POINT")]
    assert elsewhere.get("/offline/terms").ok()["limits"] == [
        limit(5000, 50_000),
        limit(None, 100, "POINT"),
    ]
    listed = shop.manager.get("/offline/limits").ok()["items"]
    assert {(i["till_id"], i["location_id"]) for i in listed} == {(None, None), (None, here), (key.id, None)}
    put(shop, till_id=key.id, limits=[])
    assert till.get("/offline/terms").ok()["limits"][0] == limit(3000)


def test_what_limits_are_set_is_walked_from_the_last_set_on(shop: Shop, clock: FixedClock) -> None:
    shops = [shop.location(name) for name in ("Nord", "Süd", "West")]
    for here in [*shops, None, shops[1]]:
        clock.at += timedelta(microseconds=1)
        put(shop, location_id=here, limits=[limit(100, 200), limit(exposure=3, asset="POINT")])
    for size in (1, 2, 4):
        walked = list(shop.manager.walk("/offline/limits", limit=size))
        assert [item["location_id"] for item in walked] == [shops[1], None, shops[2], shops[0]]
        assert all(item["limits"] == [limit(100, 200), limit(None, 3, "POINT")] for item in walked)


def test_what_was_set_in_the_same_moment_is_walked_by_whom_it_is_for(shop: Shop, other_shop: Shop) -> None:
    shops = [shop.location(name) for name in ("Nord", "Süd", "West")]
    for here in shops:
        put(shop, location_id=here, limits=[limit(100)])
    put(other_shop, limits=[limit(1)])
    walked = [item["location_id"] for item in shop.manager.walk("/offline/limits", limit=1)]
    assert walked == sorted(shops, reverse=True)


def test_limits_are_for_what_is_ours(shop: Shop, other_shop: Shop) -> None:
    strange = {"till_id": other_shop.new_key("till").id, "location_id": other_shop.location()}
    for name, value in [*strange.items(), ("till_id", "x"), ("location_id", "loc_x")]:
        refused = shop.manager.request("PUT", "/offline/limits", body={name: value, "limits": []})
        assert (refused.status, refused.code) == (404, "not_found")
    twice = shop.manager.request("PUT", "/offline/limits", body={"limits": [limit(1), limit(2)]})
    assert (twice.status, twice.fields) == (422, ["limits"])
    assert shop.manager.get("/offline/limits").ok()["items"] == []


def flags(results: list[Json]) -> list[Any]:
    return [result["body"].get("limit_exceeded") for result in results]


def test_going_beyond_a_limit_is_booked_said_and_noted(shop: Shop, clock: FixedClock) -> None:
    """Berlin's day ends at 23:00 UTC; the clock stands two days on when the till is back."""
    key = shop.new_key("till")
    till = Client(shop.app, key.key)
    put(shop, till_id=key.id, limits=[limit(500, 2000)])
    one, two, three, four = (shop.gift(5000) for _ in range(4))
    clock.at = START + timedelta(days=2)
    night = START.replace(hour=22, minute=59)
    results = sync(
        till,
        spent(one, 300, at=night),
        spent(one, 200, at=night),
        spent(one, 1, at=night),
        spent(one, 300, at=night + timedelta(minutes=1)),
        spent(two, 500, at=night + timedelta(minutes=2)),
        spent(three, 700, at=night + timedelta(minutes=3)),
        spent(four, 400, at=night + timedelta(minutes=4)),
        spent(four, 400, at=night - timedelta(hours=1)),
    )
    assert [r["status"] for r in results] == [201] * 8
    both = ["per_card_and_day", "exposure"]
    assert flags(results) == [None, None, both[:1], None, None, both, both[1:], None]
    with shop.services.database.read() as uow:
        noted = select(AuditEntry.details).where(
            AuditEntry.action == "offline.limit_exceeded", AuditEntry.actor == key.id
        )
        assert len(uow.conn.execute(noted).all()) == 3
    assert_books_are_sound(shop)


def test_what_was_told_is_off_the_tills_exposure(shop: Shop, clock: FixedClock) -> None:
    shop.manager.request("PUT", "/offline/limits", body={"limits": [limit(None, 900)]}).ok()
    card = shop.gift(5000)
    assert flags(sync(shop.till, spent(card, 900))) == [None]
    clock.at = START + timedelta(hours=1)
    later = START + timedelta(minutes=30)
    assert flags(sync(shop.till, spent(card, 900, at=later), spent(card, 1, at=later))) == [
        None,
        ["exposure"],
    ]
    assert flags(sync(shop.client("till", "read"), spent(card, 900, at=later))) == [None], "another till"


def test_no_key_is_made_for_who_shows_plain_barcodes(shop: Shop) -> None:
    shop.gift(100)
    assert shop.till.get("/offline/keys").ok().json == {"items": [], "next_cursor": None}
