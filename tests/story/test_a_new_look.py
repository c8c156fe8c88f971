"""A merchant changes the look of a program: one request to Google, whoever holds how many cards."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.story.shop import Json, Shop, open_shop

HOLDERS = 12


@pytest.fixture
def shop(database_url: str, tmp_path: Path) -> Iterator[Shop]:
    with open_shop(database_url, tmp_path) as opened:
        yield opened


def held_at_google(shop: Shop, kind: str, rules: Json, **more: Any) -> tuple[str, list[Json]]:
    """A program of `kind` whose cards all lie in Google accounts; its id and its cards."""
    program = shop.api("POST", "/programs", {"kind": kind, "name": "Card", "rules": rules, **more})["id"]
    cards = [shop.api("POST", "/cards", {"program_id": program}) for _ in range(HOLDERS)]
    for card in cards:
        shop.api("GET", f"/cards/{card['id']}/google", expect=200)
    shop.send()
    return program, cards


def requests_for(shop: Shop, program: str, change: Json) -> list[str]:
    """What goes to Google because of a change."""
    before = len(shop.google.requests)
    shop.api("PATCH", f"/programs/{program}", change, expect=200)
    shop.send()
    return [
        f"{r.method} {r.path.rpartition('/v1/')[2].partition('/')[0]}" for r in shop.google.requests[before:]
    ]


NEW_COLOURS = {"design": {"colors": {"background": "#102030", "foreground": "#ffffff", "label": "#ddeeff"}}}


def test_a_new_look_of_points_cards_is_one_request(shop: Shop) -> None:
    rules = {"point_per": {"amount": 100, "asset": "EUR"}}
    program, cards = held_at_google(shop, "points", rules)
    assert requests_for(shop, program, NEW_COLOURS) == ["PATCH loyaltyClass"]
    (shown,) = shop.google.store._items["loyaltyClass"].values()
    assert shown["hexBackgroundColor"] == "#102030"
    assert all(shop.api("GET", f"/cards/{card['id']}", expect=200)["version"] == 2 for card in cards)


def test_stamps_are_drawn_into_each_object_which_therefore_follows_too(shop: Shop) -> None:
    program, _ = held_at_google(shop, "stamp", {"stamps_required": 10, "reward": "A coffee"})
    sent = requests_for(shop, program, NEW_COLOURS)
    assert sent[0] == "PATCH loyaltyClass"
    assert sent[1:] == ["PATCH loyaltyObject"] * HOLDERS


def test_a_change_that_google_does_not_show_is_no_request(shop: Shop) -> None:
    rules = {"point_per": {"amount": 100, "asset": "EUR"}}
    program, _ = held_at_google(shop, "points", rules)
    assert requests_for(shop, program, {"rules": rules}) == []


def test_new_terms_of_stamp_cards_are_one_request_since_no_picture_shows_them(shop: Shop) -> None:
    program, _ = held_at_google(shop, "stamp", {"stamps_required": 10, "reward": "A coffee"})
    terms = {"texts": {"de": {"terms": "Nur im Laden."}, "en": {"terms": "In the shop only."}}}
    assert requests_for(shop, program, terms) == ["PATCH loyaltyClass"]
