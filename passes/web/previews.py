"""A card in both wallets, before or beside the real thing: what pages show and the pictures they offer."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from passes.cards.face import CardFace
from passes.wallets.apple.images import STRIP_POINTS
from passes.wallets.apple.pass_json import Document, document
from passes.wallets.preview.apple import STRIP_TOP, apple_back, apple_front
from passes.wallets.preview.google import google_details, google_front
from passes.wallets.preview.scene import Scene
from passes.wallets.signing.identity import IdentityPaths


@dataclass(frozen=True, slots=True)
class _Nobody:
    """Stands where a pass says who signed it; a preview is signed by nobody."""

    pass_type_identifier: str
    team_identifier: str
    nfc: bool
    paths: IdentityPaths


_NOBODY = _Nobody("pass.preview", "PREVIEW000", nfc=False, paths=IdentityPaths(Path(), Path()))


def _written(face: CardFace) -> Document:
    return document(face, _NOBODY, None)


_DRAWN: dict[str, Callable[[CardFace, Document, str, str], Scene]] = {
    "apple-front": apple_front,
    "apple-back": lambda _face, written, language, zone: apple_back(written, language, zone),
    "google-front": lambda face, _written, language, _zone: google_front(face, language),
    "google-details": lambda face, _written, language, _zone: google_details(face, language),
}
SIDES = tuple(_DRAWN)


def sides(face: CardFace, language: str, time_zone: str) -> tuple[Scene, ...]:
    """All four sides in one language, in the order of `SIDES`; dates as read in the shop's time zone."""
    written = _written(face)
    return tuple(draw(face, written, language, time_zone) for draw in _DRAWN.values())


def side(face: CardFace, name: str, language: str, time_zone: str) -> Scene | None:
    """The side called `name`; None for any other name."""
    draw = _DRAWN.get(name)
    return None if draw is None else draw(face, _written(face), language, time_zone)


def thumbnail(face: CardFace, language: str) -> Scene:
    """The front in Apple Wallet with small pictures, for lists."""
    return apple_front(face, _written(face), language, scale=1)


def banner(face: CardFace, language: str) -> Scene:
    """The upper part of the front, 25 to 14 like the pictures messengers show beside a link."""
    front = apple_front(face, _written(face), language)
    height = STRIP_TOP + STRIP_POINTS[1]
    shown = tuple(item for item in front.items if item.y < height)
    return replace(front, name="banner", height=height, radius=0.0, items=shown)
