"""The pictures of an Apple pass, each in the three scales phones have.

Sizes in points are those of Apple's Human Interface Guidelines for passes; a picture at scale n has n
times as many pixels. https://developer.apple.com/design/human-interface-guidelines/wallet
"""

from passes.cards.face import CardFace
from passes.wallets.art.pictures import Art, icon_png, logo_aspect, logo_png, strip_png

SCALES = (1, 2, 3)
ICON_POINTS = 38
LOGO_HEIGHT_POINTS = 50
LOGO_WIDTH_POINTS = (50, 160)
STRIP_POINTS = (375, 144)


def images_for(face: CardFace | Art) -> dict[str, bytes]:
    """All pictures of a pass by file name, `icon.png` to `strip@3x.png`.

    Raises `FieldError` naming the upload that is no picture.
    """
    images: dict[str, bytes] = {}
    width = logo_width(face)
    for scale in SCALES:
        suffix = "" if scale == 1 else f"@{scale}x"
        images[f"icon{suffix}.png"] = icon_png(face, ICON_POINTS * scale)
        images[f"logo{suffix}.png"] = logo_png(face, width * scale, LOGO_HEIGHT_POINTS * scale)
        images[f"strip{suffix}.png"] = strip_png(face, STRIP_POINTS[0] * scale, STRIP_POINTS[1] * scale)
    return images


def logo_width(face: CardFace | Art) -> int:
    """How wide the logo is, in points: as its own form wants within what Wallet shows."""
    narrowest, widest = LOGO_WIDTH_POINTS
    return min(widest, max(narrowest, round(LOGO_HEIGHT_POINTS * logo_aspect(face))))
