"""A card in both wallets, before or beside the real thing: what pages show and the pictures they offer."""

from dataclasses import dataclass, replace
from pathlib import Path

from passes.cards.face import CardFace
from passes.wallets.apple.images import STRIP_POINTS
from passes.wallets.apple.pass_json import document
from passes.wallets.preview.apple import STRIP_TOP, apple_back, apple_front
from passes.wallets.preview.google import google_details, google_front
from passes.wallets.preview.scene import Scene
from passes.wallets.signing.identity import IdentityPaths

SIDES = ("apple-front", "apple-back", "google-front", "google-details")


@dataclass(frozen=True, slots=True)
class _Nobody:
    """Stands where a pass says who signed it; a preview is signed by nobody."""

    pass_type_identifier: str
    team_identifier: str
    nfc: bool
    paths: IdentityPaths


_NOBODY = _Nobody("pass.preview", "PREVIEW000", nfc=False, paths=IdentityPaths(Path(), Path()))


def sides(face: CardFace, language: str, time_zone: str) -> tuple[Scene, ...]:
    """All four sides in one language, in the order of `SIDES`; dates as read in the shop's time zone."""
    written = document(face, _NOBODY, None)
    return (
        apple_front(face, written, language, time_zone),
        apple_back(written, language, time_zone),
        google_front(face, language),
        google_details(face, language),
    )


def side(face: CardFace, name: str, language: str, time_zone: str) -> Scene | None:
    """The side called `name`; None for any other name."""
    return next((scene for scene in sides(face, language, time_zone) if scene.name == name), None)


def thumbnail(face: CardFace, language: str) -> Scene:
    """The front in Apple Wallet with small pictures, for lists."""
    return apple_front(face, document(face, _NOBODY, None), language, scale=1)


def banner(face: CardFace, language: str) -> Scene:
    """The upper part of the front, 25 to 14 like the pictures messengers show beside a link."""
    front = apple_front(face, document(face, _NOBODY, None), language)
    height = STRIP_TOP + STRIP_POINTS[1]
    shown = tuple(item for item in front.items if item.y < height)
    return replace(front, name="banner", height=height, radius=0.0, items=shown)
