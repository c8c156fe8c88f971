"""A name for what the pictures of a design show, whatever its texts say.

It stands in the addresses of pictures. Google keeps a picture by its address and a stamp card's picture
stands on each card, so an address that changed with every text would have every card sent again.
"""

import hashlib
from dataclasses import astuple

from passes.cards.face import CardFace

_KEPT = 256
_known: dict[str, str] = {}


def picture_id(face: CardFace) -> str:
    """Equal exactly when everything is equal that the pictures of the face's design show."""
    found = _known.get(face.design_id)
    if found is None:
        # A design's pictures are read once, however many cards have it.
        if len(_known) >= _KEPT:
            _known.clear()
        found = _known[face.design_id] = _digest(face)
    return found


def _digest(face: CardFace) -> str:
    required = face.stamps.required if face.stamps else 0
    seen = [face.program_id, face.kind, face.organization, face.stamp_shape, required]
    digest = hashlib.sha256(repr(seen).encode())
    for part in (astuple(face.colors), astuple(face.images)):
        digest.update(repr(part).encode())
    return digest.hexdigest()[:24]
