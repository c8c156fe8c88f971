"""Where a phone suggests the card: the right ten shops of many, beacons, and a distance that means one."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from passes.cards.face import Beacon, CardFace, Period, Place, Text
from passes.wallets.apple import losses as say
from passes.wallets.apple import nearby
from passes.wallets.apple.pass_json import document
from passes.wallets.signing.identity import SigningIdentity
from tests.factories.faces import make_face
from tests.mutants import plant
from tests.wallets.apple.pass_rules import validate_pass_json

ROOM = 10
SHOPS = tuple(Place(48 + i / 10, 11.5, f"Filiale {i}") for i in range(34))
UUID = "E2C56DB5-DFFB-48D2-B060-D0F5A71096E"


@pytest.fixture
def written(identity: SigningIdentity) -> Any:
    def write(**parts: Any) -> Any:
        shown = document(make_face(**parts), identity, None)
        assert validate_pass_json(shown.content) == []
        return shown

    return write


def seen_in_time(chooser: Any, face: CardFace, versions: int) -> set[Place]:
    return {
        place
        for version in range(1, versions + 1)
        for place in chooser.nearest_places(replace(face, version=version), ROOM)
    }


def test_ten_shops_or_fewer_are_all_there_in_their_order() -> None:
    assert nearby.nearest_places(make_face(places=SHOPS[:10]), ROOM) == SHOPS[:10]


def test_the_shops_the_card_was_used_at_come_first_and_then_their_neighbours() -> None:
    face = make_face(places=SHOPS, places_used=(SHOPS[20], SHOPS[3]))
    chosen = nearby.nearest_places(face, ROOM)
    assert chosen[:2] == (SHOPS[20], SHOPS[3])
    assert set(chosen[2:7]) == {SHOPS[i] for i in (18, 19, 21, 22)} | {chosen[6]}
    assert len(set(chosen)) == ROOM


def test_a_shop_that_was_closed_for_good_takes_no_seat() -> None:
    gone = Place(53.5, 10.0, "Hamburg")
    assert gone not in nearby.nearest_places(make_face(places=SHOPS, places_used=(gone,)), ROOM)


@pytest.mark.parametrize("used, versions", [((), 4), ((SHOPS[5],), 10), (SHOPS[:9], 10)])
def test_every_shop_comes_round(used: tuple[Place, ...], versions: int) -> None:
    face = make_face(places=SHOPS, places_used=used)
    assert seen_in_time(nearby, face, versions) == set(SHOPS)
    stuck = plant(nearby, ("face.version * seats", "0 * seats"))
    assert seen_in_time(stuck, face, versions) != set(SHOPS)


def test_the_nearest_shop_may_lie_across_the_date_line() -> None:
    suva, apia, auckland = Place(-18.1, 178.4, "Suva"), Place(-13.8, -171.8, "Apia"), Place(-36.8, 174.8, "A")
    assert nearby._distance_km(suva, apia) < nearby._distance_km(suva, auckland)


def test_more_than_ten_shops_are_ten_and_a_loss(written: Any) -> None:
    shown = written(places=SHOPS)
    assert len(shown.content["locations"]) == ROOM
    assert say.LOCATIONS_TAKE_TURNS in shown.losses
    assert written(places=SHOPS[:10]).losses == ()


@pytest.mark.parametrize(
    "place, text",
    [
        (Place(1, 2, "Mitte", Text("Kaffee ist fertig", "Coffee is ready")), "Coffee is ready"),
        (Place(1, 2, "Mitte"), "Mitte"),
        (Place(1, 2, "Café Größenwahn – Mitte"), "Mitte"),
        (Place(1, 2, "Café Größenwahn"), None),
    ],
)
def test_a_shop_is_named_without_the_brand_that_stands_above_it(
    written: Any, place: Place, text: str | None
) -> None:
    assert written(places=(place,)).content["locations"][0].get("relevantText") == text


def test_beacons_are_written_with_what_is_known_of_them(written: Any) -> None:
    beacons = (Beacon(f"{UUID}0", 1, 65_535, Text("Hallo", "Hello")), Beacon(f"{UUID}0", minor=0))
    assert written(beacons=beacons).content["beacons"] == [
        {"proximityUUID": f"{UUID}0", "major": 1, "minor": 65_535, "relevantText": "Hello"},
        {"proximityUUID": f"{UUID}0", "minor": 0},
    ]


def test_beacons_count_by_their_uuid(written: Any) -> None:
    shared = tuple(Beacon(f"{UUID}0", major) for major in range(20))
    assert len(written(beacons=shared).content["beacons"]) == 20
    many = tuple(Beacon(f"{UUID}{n:X}") for n in range(11))
    shown = written(beacons=many)
    assert [b["proximityUUID"] for b in shown.content["beacons"]] == [b.uuid for b in many[:10]]
    assert shown.losses == (say.TOO_MANY_BEACONS,)


def test_a_distance_is_a_number_and_needs_somewhere_to_be_distant_from(written: Any) -> None:
    near = written(max_distance_m=80)
    assert (near.content["maxDistance"], near.losses) == (80, ())
    assert written(max_distance_m=500).losses == (say.DISTANCE_CAPPED,)
    nowhere = written(max_distance_m=80, places=())
    assert "maxDistance" not in nowhere.content
    assert nowhere.losses == (say.DISTANCE_FROM_NOWHERE,)


@pytest.mark.parametrize("kind", ["stamp", "coupon"])
def test_no_period_files_a_card_as_expired(written: Any, kind: str) -> None:
    hour = Period(datetime(2026, 11, 22, 16, tzinfo=UTC), datetime(2026, 11, 22, 18, tzinfo=UTC))
    shown = written(kind=kind, periods=(hour,))
    assert not {"relevantDate", "relevantDates"} & shown.content.keys()
    assert shown.losses == (say.NO_PERIODS,)
