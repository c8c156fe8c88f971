"""Where a phone suggests the card by itself: shops, beacons, and how near is near.

A store card and a coupon are suggested by place alone. Apple's `relevantDates` are for events and journeys;
on a loyalty card they make Wallet file it as expired the day after.
https://developer.apple.com/documentation/walletpasses/showing-a-pass-on-the-lock-screen
"""

from typing import Any

from passes.cards.face import Beacon, CardFace, Place, Text
from passes.wallets.apple import losses as say
from passes.wallets.apple.nearby import nearest_places
from passes.wallets.apple.strings import Phrasebook
from passes.wallets.losses import Losses


def relevance(face: CardFace, book: Phrasebook, losses: Losses) -> dict[str, Any]:
    """`locations`, `beacons` and `maxDistance`, each only where there is one."""
    written: dict[str, Any] = {}
    if face.places:
        if len(face.places) > say.MAX_LOCATIONS:
            losses.append(say.LOCATIONS_TAKE_TURNS)
        chosen = nearest_places(face, say.MAX_LOCATIONS)
        written["locations"] = [_location(place, face.organization, book) for place in chosen]
    if face.beacons:
        written["beacons"] = [_beacon(beacon, book) for beacon in _known_beacons(face, losses)]
    if face.max_distance_m is not None:
        _distance(face, written, losses)
    if face.periods:
        losses.append(say.NO_PERIODS)
    return written


def _distance(face: CardFace, written: dict[str, Any], losses: Losses) -> None:
    if not face.places:
        losses.append(say.DISTANCE_FROM_NOWHERE)
        return
    if face.max_distance_m and face.max_distance_m > say.RADIUS_M:
        losses.append(say.DISTANCE_CAPPED)
    written["maxDistance"] = face.max_distance_m


def _location(place: Place, organization: str, book: Phrasebook) -> dict[str, Any]:
    location: dict[str, Any] = {"latitude": place.latitude, "longitude": place.longitude}
    # Wallet names the brand above this line, so a shop's name goes without it.
    text = place.text or Text.same(place.name.removeprefix(organization).strip(" ,–-"))
    if text.en:
        location["relevantText"] = book.key(text)
    return location


def _known_beacons(face: CardFace, losses: Losses) -> list[Beacon]:
    """The beacons of the first UUIDs, as many as a phone listens for."""
    uuids = list(dict.fromkeys(beacon.uuid for beacon in face.beacons))
    if len(uuids) > say.MAX_BEACONS:
        losses.append(say.TOO_MANY_BEACONS)
    listened = set(uuids[: say.MAX_BEACONS])
    return [beacon for beacon in face.beacons if beacon.uuid in listened]


def _beacon(beacon: Beacon, book: Phrasebook) -> dict[str, Any]:
    written: dict[str, Any] = {"proximityUUID": beacon.uuid}
    written |= {
        name: number
        for name, number in (("major", beacon.major), ("minor", beacon.minor))
        if number is not None
    }
    if beacon.text:
        written["relevantText"] = book.key(beacon.text)
    return written
