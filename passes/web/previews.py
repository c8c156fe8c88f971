"""A card in both wallets, before or beside the real thing: what pages show and the pictures they offer."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from passes.cards.face import LANGUAGES, CardFace
from passes.clock import real_now
from passes.wallets.apple.images import STRIP_POINTS
from passes.wallets.apple.pass_json import Document, document
from passes.wallets.preview.apple import STRIP_TOP, apple_back, apple_front
from passes.wallets.preview.google import Bodies, bodies, google_details, google_front
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


class _Sent:
    """What is really sent of a card, made when a side first asks for it and shared by all of them."""

    def __init__(self, face: CardFace) -> None:
        self._face = face

    @cached_property
    def apple(self) -> Document:
        """pass.json and its texts."""
        return document(self._face, _NOBODY, None)

    @cached_property
    def google(self) -> Bodies:
        """Class and object."""
        return bodies(self._face)


_DRAWN: dict[str, Callable[[CardFace, _Sent, str, str], Scene]] = {
    "apple-front": lambda face, sent, language, zone: apple_front(face, sent.apple, language, zone),
    "apple-back": lambda _face, sent, language, zone: apple_back(sent.apple, language, zone),
    "google-front": lambda face, sent, language, _zone: google_front(face, sent.google, language, real_now()),
    "google-details": lambda face, sent, language, _zone: google_details(face, sent.google, language),
}
SIDES = tuple(_DRAWN)


def sides(face: CardFace, language: str, time_zone: str) -> tuple[Scene, ...]:
    """All four sides in one language, in the order of `SIDES`; dates as read in the shop's time zone."""
    return _sides(face, _Sent(face), language, time_zone)


def in_both_languages(face: CardFace, time_zone: str) -> dict[str, tuple[Scene, ...]]:
    """All four sides by language."""
    sent = _Sent(face)
    return {language: _sides(face, sent, language, time_zone) for language in LANGUAGES}


def _sides(face: CardFace, sent: _Sent, language: str, time_zone: str) -> tuple[Scene, ...]:
    return tuple(draw(face, sent, language, time_zone) for draw in _DRAWN.values())


def side(face: CardFace, name: str, language: str, time_zone: str) -> Scene | None:
    """The side called `name`; None for any other name."""
    draw = _DRAWN.get(name)
    return None if draw is None else draw(face, _Sent(face), language, time_zone)


def thumbnail(face: CardFace, language: str) -> Scene:
    """The front in Apple Wallet with small pictures, for lists."""
    return apple_front(face, _Sent(face).apple, language, scale=1)


def banner(face: CardFace, language: str) -> Scene:
    """The upper part of the front, 25 to 14 like the pictures messengers show beside a link."""
    front = apple_front(face, _Sent(face).apple, language)
    height = STRIP_TOP + STRIP_POINTS[1]
    shown = tuple(item for item in front.items if item.y < height)
    return replace(front, name="banner", height=height, radius=0.0, items=shown)
