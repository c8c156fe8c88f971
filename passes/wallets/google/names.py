"""What things are called at Google: resource types and ids.

An id is the issuer's number, a dot, and letters, digits, `.`, `_` and `-`; it can never be changed and
nothing can ever be deleted, so an id is made of what never changes on our side.
"""

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
    """The id of the class all cards of one program share.

    Colours, layout and the text of an offer stand in the class. It keeps its id when they change, so that a
    new look is one request however many hold the card.
    """
    return f"{issuer_id}.{_suffix(face.merchant_slug)}-{_suffix(face.program_id)}"


def _suffix(text: str) -> str:
    return _FOREIGN.sub("-", text)
