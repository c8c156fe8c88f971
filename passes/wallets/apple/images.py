"""The pictures of an Apple pass, each in the three scales phones have.

Sizes in points are those of Apple's Human Interface Guidelines for passes; a picture at scale n has n
times as many pixels. https://developer.apple.com/design/human-interface-guidelines/wallet
"""

from passes.cards.face import CardFace
from passes.wallets.art.pictures import SCALES, Art, icon_pngs, logo_aspect, logo_pngs, strip_pngs

ICON_POINTS = 38
LOGO_HEIGHT_POINTS = 50
LOGO_WIDTH_POINTS = (50, 160)
STRIP_POINTS = (375, 144)


def images_for(face: CardFace | Art) -> dict[str, bytes]:
    """All pictures of a pass by file name, `icon.png` to `strip@3x.png`.

    Raises `FieldError` naming the upload that is no picture.
    """
    drawn = {
        "icon": icon_pngs(face, ICON_POINTS),
        "logo": logo_pngs(face, logo_width(face), LOGO_HEIGHT_POINTS),
        "strip": strip_pngs(face),
    }
    return {
        f"{name}{'' if scale == 1 else f'@{scale}x'}.png": picture
        for name, pictures in drawn.items()
        for scale, picture in zip(SCALES, pictures, strict=True)
    }


def logo_width(face: CardFace | Art) -> int:
    """How wide the logo is, in points: as its own form wants within what Wallet shows."""
    narrowest, widest = LOGO_WIDTH_POINTS
    return min(widest, max(narrowest, round(LOGO_HEIGHT_POINTS * logo_aspect(face))))
