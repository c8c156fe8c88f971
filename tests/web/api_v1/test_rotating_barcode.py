"""A rotating barcode at the till: taken while the phone shows it, refused in words once it has changed."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from passes.cards import queries, rotating_barcode
from passes.clock import real_now
from tests.fixtures.api import Shop, eur
from tests.fixtures.databases import START
from tests.mutants import damage
from tests.web.api_v1.offline import sync, told

Json = dict[str, Any]
MINUTE = timedelta(minutes=1)


def shown(shop: Shop, card: Json, at: datetime | None = None) -> str:
    """What the phone shows at a moment (real time)."""
    with shop.services.database.read() as uow:
        found = queries.by_id_anywhere(uow, card["id"])
    assert found is not None
    return rotating_barcode.value(card["id"], found.barcode, at or real_now())


def test_what_the_phone_shows_names_the_card(shop: Shop) -> None:
    card = shop.gift(1000)
    scanned = shown(shop, card)
    assert shop.till.post("/cards/lookup", {"code": scanned}, key=None).ok()["id"] == card["id"]
    assert shop.till.post("/redemptions", {"code": scanned, "amount": eur(300)}).status == 201
    assert shop.till.post("/redemptions", {"code": scanned.lower(), "amount": eur(300)}).status == 201
    assert shop.balance(card) == 400


@pytest.mark.parametrize("away", [-3 * MINUTE, 2 * MINUTE])
def test_a_picture_of_it_is_refused_with_the_way_out(shop: Shop, away: timedelta) -> None:
    card = shop.gift(1000)
    picture = shown(shop, card, real_now() + away)
    for path, body in (("/redemptions", {"amount": eur(300)}), ("/cards/lookup", {})):
        refused = shop.till.post(path, {"code": picture, **body})
        assert (refused.status, refused.code) == (409, "barcode_stale")
        assert "from the phone itself" in refused["detail"]
    basket = {"mode": "partial", "order_total": eur(300), "instruments": [{"code": picture}]}
    assert shop.till.post("/baskets", basket).code == "barcode_stale"
    assert shop.balance(card) == 1000


def test_digits_of_another_card_are_refused(shop: Shop) -> None:
    card, other = shop.gift(1000), shop.gift(1000)
    mixed = shown(shop, card)[:-8] + shown(shop, other)[-8:]
    assert shop.till.post("/cards/lookup", {"code": mixed}, key=None).code == "barcode_stale"


def test_a_card_nobody_has_is_unknown(shop: Shop) -> None:
    nobody = rotating_barcode.value("card_" + "0" * 26, "0" * 26, real_now())
    for path, body in (("/cards/lookup", {}), ("/redemptions", {"amount": eur(300)})):
        assert shop.till.post(path, {"code": nobody, **body}).code == "card_not_found"


def test_offline_it_counts_as_of_when_it_was_scanned(shop: Shop) -> None:
    card = shop.gift(1000)
    body = {"code": shown(shop, card, real_now() - 5 * MINUTE), "amount": eur(300)}
    then, now = (told("/redemptions", body, at=START - away) for away in (5 * MINUTE, 0 * MINUTE))
    taken, refused = sync(shop.till, then, now)
    assert taken["status"] == 201
    assert (refused["status"], refused["body"]["code"]) == (409, "barcode_stale")


def test_the_plain_barcode_and_the_typed_code_go_on_working(shop: Shop) -> None:
    card = shop.gift(1000)
    assert shop.till.post("/redemptions", {"code": card["code"], "amount": eur(300)}).status == 201


def everything(shop: Shop) -> None:
    test_what_the_phone_shows_names_the_card(shop)
    test_a_picture_of_it_is_refused_with_the_way_out(shop, -3 * MINUTE)
    test_offline_it_counts_as_of_when_it_was_scanned(shop)


@pytest.mark.parametrize(
    "edit",
    [
        ("if not rotating.is_of(card.barcode, real_now() - since):", "if False:"),
        ("real_now() - since", "uow.now - since"),
        ("uow.now - uow.scanned_at", "timedelta(0)"),
    ],
)
def test_a_bug_in_the_window_is_found(
    shop: Shop, edit: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    damage(monkeypatch, queries, "_showing", edit)
    with pytest.raises(AssertionError):
        everything(shop)
