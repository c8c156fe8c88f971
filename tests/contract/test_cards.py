"""What a card and a transaction look like."""

from typing import Any

import pytest

from passes.cards.models import Card
from tests.fixtures.api import Shop, counted, eur

promise = pytest.mark.promise
OF_EVERY_CARD = set(
    """id kind program_id member_id state code balance available version expires_at created_at updated_at
    links""".split()
)
OF_EVERY_ENTRY = set("id type card_id amount delta balance_after reference location_id created_at".split())
TYPES = set("issue earn load redeem refund capture adjust transfer expire reversal".split())


def barcode(shop: Shop, card: Any) -> str:
    """What the card's barcode holds."""
    with shop.services.database.read() as uow:
        found: str = uow.conn.execute(
            Card.__table__.select().with_only_columns(Card.barcode).where(Card.id == card["id"])
        ).scalar_one()
    return found


@promise("C1", "C2")
@pytest.mark.parametrize(
    "kind, more",
    [
        ("gift", set()),
        ("points", {"owed"}),
        ("stamp", {"stamps_required", "rewards", "owed"}),
        ("coupon", {"offer"}),
    ],
)
def test_a_card_has_what_its_kind_has(shop: Shop, kind: str, more: set[str]) -> None:
    card = shop.card(kind)
    assert {name for name in card if card[name] is not None or name in OF_EVERY_CARD} == OF_EVERY_CARD | more
    assert (card["kind"], card["program_id"]) == (kind, shop.program(kind))


@promise("C2", "F46")
def test_what_is_special_about_each_kind(shop: Shop) -> None:
    stamp, points, coupon = shop.stamped(12), shop.points(7), shop.card("coupon", rules={"uses": 3})
    stamp = shop.state(stamp)
    assert (stamp["stamps_required"], stamp["rewards"], stamp["owed"]) == (10, 1, counted(0, "STAMP"))
    assert points["owed"] == counted(0, "POINT")
    assert (coupon["balance"], coupon["offer"]) == (counted(3, "USE"), {"type": "percent", "percent": 20})


@promise("C3", "C4", "C6")
def test_a_card_is_found_by_its_code_however_it_is_written(shop: Shop) -> None:
    card = shop.card()
    code, token = card["code"], barcode(shop, card)
    assert len(code.replace("-", "")) == 16
    for written in (
        code,
        code.lower(),
        code.replace("-", ""),
        code.replace("-", " "),
        f" {code} ",
        token,
        token.lower(),
        f"{token[:9]} {token[9:]}",
    ):
        assert shop.till.post("/cards/lookup", {"code": written}).ok()["id"] == card["id"], written
        assert shop.till.post("/stamps", {"code": written, "count": 1}).status == 201


@promise("C7", "F60")
def test_links_are_absolute_and_hold_a_token_of_their_own(shop: Shop) -> None:
    card = shop.card()
    links = card["links"]
    assert links["page"].startswith("https://karten.example/c/")
    assert links["apple"] == f"{links['page']}/card.pkpass"
    assert links["google"] is None
    token = links["page"].rpartition("/")[2].upper()
    assert token not in (card["code"].replace("-", ""), barcode(shop, card), card["id"].upper())


@promise("C8")
@pytest.mark.parametrize("make", ["gift", "points"])
def test_available_is_the_balance_less_open_holds(shop: Shop, make: str) -> None:
    card = getattr(shop, make)(500)
    asset = card["balance"]["asset"]
    for amount in (100, 150):
        shop.till.post("/holds", {"card_id": card["id"], "amount": counted(amount, asset)}).ok()
    now = shop.state(card)
    assert (now["balance"]["amount"], now["available"]["amount"]) == (500, 250)


@promise("C9", "M3", "M4")
def test_a_transaction_tells_what_happened_where_and_under_which_receipt(shop: Shop) -> None:
    card, place = shop.gift(500), shop.location()
    told = {"reference": "r 1", "location_id": place, "note": "two coffees"}
    made = shop.till.post("/redemptions", {"card_id": card["id"], "amount": eur(120), **told})
    assert made.status == 201
    assert set(made.json) >= OF_EVERY_ENTRY
    assert {name: made[name] for name in told} == told
    assert (made["amount"], made["balance_after"]) == (eur(120), eur(380))
    assert (made["delta"], made["card_id"]) == (counted(-120, "EUR"), card["id"])
    assert shop.history(card)[0] == made.json


@promise("C10")
def test_every_entry_has_one_of_the_types(shop: Shop) -> None:
    gift, stamp = shop.gift(500), shop.stamped(2)
    paid = shop.till.post("/redemptions", {"card_id": gift["id"], "amount": eur(100)}).ok()
    shop.till.post(f"/redemptions/{paid['id']}/refund").ok()
    shop.till.post("/loads", {"card_id": gift["id"], "amount": eur(5)}).ok()
    held = shop.till.post("/holds", {"card_id": gift["id"], "amount": eur(5)}).ok()
    shop.till.post(f"/holds/{held['id']}/capture").ok()
    change = {"card_id": gift["id"], "direction": "increase", "amount": eur(5), "reason": "other"}
    shop.manager.post("/adjustments", change).ok()
    earned = shop.till.post("/stamps", {"card_id": stamp["id"], "count": 1}).ok()
    shop.till.post(f"/stamps/{earned['id']}/reverse").ok()
    shop.manager.post(f"/cards/{gift['id']}/replace", {"reason": "lost"}).ok()
    found = {entry["type"] for entry in shop.reader.walk("/transactions")}
    assert found == TYPES - {"expire"}
