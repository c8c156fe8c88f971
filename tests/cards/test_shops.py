"""Which shops a card knows: all of the merchant's, and of many those it was used at."""

from datetime import timedelta

from passes.cards import faces
from passes.cards.face import CardFace
from passes.cards.shops import MANY
from passes.clock import FixedClock
from tests.fixtures.api import BASE_URL, Json, Shop


def located(shop: Shop, count: int) -> list[str]:
    return [shop.location(f"Filiale {n}", latitude=50 + n / 10, longitude=8.5) for n in range(count)]


def face(shop: Shop, card: Json) -> CardFace:
    with shop.services.database.read() as uow:
        return faces.face_of(uow, BASE_URL, card["id"])


def use(shop: Shop, card: Json, location: str, clock: FixedClock) -> Json:
    clock.at += timedelta(hours=1)
    body = {"card_id": card["id"], "count": 1, "location_id": location}
    return shop.till.post("/stamps", body).ok().json


def test_of_many_shops_those_the_card_was_used_at_are_told_apart(shop: Shop, clock: FixedClock) -> None:
    locations = located(shop, MANY + 1)
    nowhere = shop.location("Im Netz")
    mine, other = shop.card("stamp"), shop.card("stamp")
    for index in (4, 2, 4, 7):
        use(shop, mine, locations[index], clock)
    use(shop, mine, nowhere, clock)
    use(shop, other, locations[0], clock)
    shown = face(shop, mine)
    assert [place.name for place in shown.places] == [f"Filiale {n}" for n in range(MANY + 1)]
    assert [place.name for place in shown.places_used] == ["Filiale 7", "Filiale 4", "Filiale 2"]
    assert set(shown.places_used) <= set(shown.places)


def test_of_a_few_shops_nobody_asks(shop: Shop, clock: FixedClock) -> None:
    locations, card = located(shop, MANY), shop.card("stamp")
    use(shop, card, locations[0], clock)
    assert len(face(shop, card).places) == MANY
    assert face(shop, card).places_used == ()
