"""Which shops a phone is told when there are more than it remembers.

Seven of ten places are settled: the shops the card was used at, the latest first, and then those nearest to
the latest. The last three go round all the others, three further with every version of the card, so that a
card which is used sees each of them in time and one that never was sees all places in turn. Nothing here
depends on a clock: the same face names the same shops.
"""

import math

from passes.cards.face import CardFace, Place

_SETTLED = 7
_KM_PER_DEGREE = 111.2


def nearest_places(face: CardFace, room: int) -> tuple[Place, ...]:
    """At most `room` places of the face, in the order of how much they matter to this card."""
    if len(face.places) <= room:
        return face.places
    used = [place for place in face.places_used if place in face.places]
    others = [place for place in face.places if place not in used]
    if used:
        others.sort(key=lambda place: _distance_km(place, used[0]))
        used += others[: max(0, _SETTLED - len(used))]
    settled = used[: min(_SETTLED, room)]
    waiting = [place for place in face.places if place not in settled]
    seats = room - len(settled)
    first = face.version * seats % len(waiting)
    return (*settled, *(waiting[(first + seat) % len(waiting)] for seat in range(seats)))


def _distance_km(one: Place, other: Place) -> float:
    """How far apart two places are on a flat earth, which is right enough to sort shops by."""
    shrink = math.cos(math.radians((one.latitude + other.latitude) / 2))
    # The other way round the earth is shorter for two shops on either side of the date line.
    east = (one.longitude - other.longitude + 180) % 360 - 180
    return _KM_PER_DEGREE * math.hypot(one.latitude - other.latitude, east * shrink)
