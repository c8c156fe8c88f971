"""A name for what the pictures of a design show, whatever its texts say.

It stands in the addresses of pictures. Google keeps a picture by its address and a stamp card's picture
stands on each card, so an address that changed with every text would have every card sent again.
"""

import hashlib
from collections.abc import Callable
from dataclasses import astuple

from passes.cards.face import CardFace

_KEPT = 512
_known: dict[tuple[str, str], str] = {}


def picture_id(face: CardFace) -> str:
    """Equal exactly when everything is equal that logo and hero of the face's design show."""
    return _kept("pictures", face, _digest)


def wide_logo_id(face: CardFace) -> str:
    """Equal exactly when everything is equal that the wide logo shows."""
    return _kept("wide logo", face, _wide_digest)


def _kept(what: str, face: CardFace, make: Callable[[CardFace], str]) -> str:
    key = what, face.design_id
    found = _known.get(key)
    if found is None:
        # A design's pictures are read once, however many cards have it.
        if len(_known) >= _KEPT:
            _known.clear()
        found = _known[key] = make(face)
    return found


def _digest(face: CardFace) -> str:
    required = face.stamps.required if face.stamps else 0
    seen = [face.program_id, face.kind, face.organization, face.stamp_shape, required]
    images = face.images
    shown = (
        *(images.logo, images.icon, images.strip),
        *(images.stamp_empty, images.stamp_full, images.stamp_reward, astuple(images)[-1]),
    )
    return _of(seen, astuple(face.colors), shown)


def _wide_digest(face: CardFace) -> str:
    shown = face.images.wide_logo, face.images.logo
    return _of([face.program_id, face.organization], astuple(face.colors), shown)


def _of(*parts: object) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(repr(part).encode())
    return digest.hexdigest()[:24]
