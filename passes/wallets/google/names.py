"""What things are called at Google: resource types and ids.

An id is the issuer's number, a dot, and letters, digits, `.`, `_` and `-`; it can never be changed and
nothing can ever be deleted, so an id is made of what never changes on our side.
"""

import hashlib
import re
from typing import Literal

from passes.cards.face import CardFace, Kind

PassType = Literal["loyalty", "offer", "giftCard"]

_PASS_TYPES: dict[Kind, PassType] = {
    "stamp": "loyalty",
    "points": "loyalty",
    "coupon": "offer",
    "gift": "giftCard",
}
_FOREIGN = re.compile(r"[^A-Za-z0-9._-]")


def pass_type(kind: Kind) -> PassType:
    """Google's word for our `kind`; `loyaltyClass`, `loyaltyObject` and the like are made of it."""
    return _PASS_TYPES[kind]


def object_id(face: CardFace, issuer_id: str) -> str:
    """The id of one card's object, such as `3388000000012345678.roesterei-card_01jd...`."""
    return f"{issuer_id}.{_suffix(face.merchant_slug)}-{_suffix(face.card_id)}"


def class_id(face: CardFace, issuer_id: str) -> str:
    """The id of the class all cards of one design share.

    Colours and layout stand in the class, and so does the whole text of an offer. A new design or a new
    offer therefore gets a new class, and cards that still say the old thing keep the old one.
    """
    parts = [face.design_id]
    if face.kind == "coupon":
        texts = [face.title, face.description, face.terms]
        texts += [text for field in face.in_role("primary") for text in (field.label, field.value)]
        parts += [f"{text.de}\x1f{text.en}" if text else "" for text in texts]
    digest = hashlib.sha256("\x1e".join(parts).encode()).hexdigest()[:12]
    return f"{issuer_id}.{_suffix(face.merchant_slug)}-{_suffix(face.program_id)}-{digest}"


def _suffix(text: str) -> str:
    return _FOREIGN.sub("-", text)
