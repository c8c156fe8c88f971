"""Every picture a wallet or page asks for, as PNG bytes, drawn once per design and remembered.

All functions are pure: the same face gives the same bytes. What is remembered is bounded and keyed by the
design and, for a stamp card, by how it stands. All sizes are pixels.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from PIL import Image

from passes.cards.face import CardFace, Colors, DesignImages, Kind, Stamps, StampShape
from passes.remembered import Remembered
from passes.wallets.art.backdrop import draw_backdrop, draw_panel
from passes.wallets.art.canvas import Spot, in_scales, png, pngs
from passes.wallets.art.lettering import (
    BOLD,
    fitted_text_mask,
    monogram,
    normalized,
    printable,
    wordmark,
    wordmark_size,
)
from passes.wallets.art.palette import Palette, palette_of, readable, rgb
from passes.wallets.art.seals import draw_initials, draw_inner_ring, draw_seal, draw_star, flat_seal
from passes.wallets.art.stamps import Look, draw_stamps
from passes.wallets.art.uploads import cover, fit, open_upload, upload_size

HERO_SIZE = (1032, 336)
"""Google's hero image, at least 3:1."""
STRIP_SIZE = (1125, 432)
"""Apple's strip at its largest, three pixels a point."""
_STRIP_SIZES = [(375 * scale, 144 * scale) for scale in (1, 2, 3)]
WORDMARK_ASPECT = 1.9
"""A logo wider than this is taken to spell the name, which then need not stand beside it."""
NAME_CONTRAST = 4.5
_NAME_BOX = (896, 288)
"""Room for the name in the wide logo."""
_LEGIBLE = 100
"""Letters of that size in it are ten points high on a phone."""
CIRCLE_MARGIN = 0.15
"""Google shows logos through a circle and asks for this margin on every side."""

WIDE_LOGO_SIZE = (1280, 400)
"""Google's wide logo, a good three to one."""
SCALES = (1, 2, 3)
"""Pixels per point of the phones there are."""

PICTURES: Remembered[tuple[bytes, ...]] = Remembered(48 * 1024 * 1024, lambda pngs: sum(map(len, pngs)))
"""What was drawn for whom; some hundred pictures of photographs, or a thousand of our own art."""
_DRAWN: Remembered[Image.Image] = Remembered(24 * 1024 * 1024, lambda image: image.width * image.height * 4)
"""Strips and their grounds before they become PNGs: the next stamp, or a smaller scale, is soon asked for."""
_NO_IMAGES = DesignImages()


def forget_pictures() -> None:
    """Forget whatever was drawn, so that it is drawn again."""
    PICTURES.clear()
    _DRAWN.clear()


@dataclass(frozen=True, slots=True)
class Art:
    """What pictures depend on, and nothing about the person who holds the card; a key for caches."""

    design_id: str
    organization: str
    kind: Kind
    colors: Colors
    stamps: Stamps | None
    stamp_shape: StampShape | None = None
    images: DesignImages = field(default_factory=DesignImages, compare=False, repr=False)

    @property
    def palette(self) -> Palette:
        """The colours to draw with."""
        return palette_of(self.colors)

    @property
    def initials(self) -> str:
        """What stands in a seal; empty for a name without a letter we can draw."""
        return monogram(self.organization)


def art_of(face: CardFace | Art) -> Art:
    """What all pictures of `face` are drawn from; equal for faces that look alike.

    Every function here takes it in place of the face, so that a cache need not hold a person's card.
    """
    if isinstance(face, Art):
        return face
    stamps = None
    if face.stamps:
        shown = min(max(face.stamps.filled, 0), face.stamps.required)
        stamps = Stamps(shown, face.stamps.required, min(face.stamps.rewards, 1))
    return Art(
        face.design_id, face.organization, face.kind, face.colors, stamps, face.stamp_shape, face.images
    )


def strip_png(face: CardFace | Art, width: int, height: int) -> bytes:
    """The wide picture on the card's front; its left half is quiet unless the card shows stamps."""
    art = art_of(face)
    if (width, height) in _STRIP_SIZES:
        return strip_pngs(art)[_STRIP_SIZES.index((width, height))]
    return _kept("strip", art, (width, height), lambda: png(_drawn_strip(art, (width, height))))


def strip_pngs(face: CardFace | Art) -> tuple[bytes, ...]:
    """The wide picture of an Apple pass in its three scales."""
    art = art_of(face)

    def draw(largest: tuple[int, int]) -> Image.Image:
        return _DRAWN.get(("strip", bare(art)), lambda: _drawn_strip(art, largest))

    return _kept_in_scales("strip", art, _STRIP_SIZES[0], draw)


def hero_png(face: CardFace | Art) -> bytes:
    """The wide picture of 1032 by 336 that Google shows, with the shop's name where no stamps are."""
    art = art_of(face)
    return _kept("hero", art, HERO_SIZE, lambda: png(_hero(art)))


def logo_png(face: CardFace | Art, width: int, height: int) -> bytes:
    """The merchant's logo on nothing, left and as large as fits; without one its name or initials.

    A box at least twice as wide as high gets the name written out, a squarer one the initials in a seal.
    """
    art = _design_of(face)
    return _kept("logo", art, (width, height), lambda: png(_logo(art, (width, height))))


def logo_pngs(face: CardFace | Art, width: int, height: int) -> tuple[bytes, ...]:
    """The same logo in three scales; `width` and `height` are those of the smallest."""
    art = _design_of(face)
    return _kept_in_scales("logo", art, (width, height), lambda largest: _logo(art, largest))


def square_logo_png(face: CardFace | Art, size: int) -> bytes:
    """The logo on the card's colour, small enough to be seen whole through a circle."""
    art = _design_of(face)
    return _kept("square", art, (size, size), lambda: png(_square_logo(art, size)))


def wide_logo_png(face: CardFace | Art) -> bytes:
    """What Google shows in place of its round logo: the merchant's own, else logo and name."""
    art = _design_of(face)
    return _kept("wide logo", art, WIDE_LOGO_SIZE, lambda: png(_wide_logo(art)))


def icon_png(face: CardFace | Art, size: int) -> bytes:
    """The square for notifications and lists: the merchant's icon, else logo, else initials."""
    art = _design_of(face)
    return _kept("icon", art, (size, size), lambda: png(_icon(art, size)))


def icon_pngs(face: CardFace | Art, size: int) -> tuple[bytes, ...]:
    """The same icon in three scales; `size` is that of the smallest."""
    art = _design_of(face)
    return _kept_in_scales("icon", art, (size, size), lambda largest: _icon(art, largest[0]))


def has_wide_logo(face: CardFace | Art) -> bool:
    """Whether a wide logo tells what the round one and the name beside it do.

    It is the merchant's own or spells the name; else all of the name can be drawn, large enough to be read.
    """
    art = art_of(face)
    if art.images.wide_logo or (art.images.logo and logo_aspect(art) >= WORDMARK_ASPECT):
        return True
    is_whole = printable(art.organization).split() == normalized(art.organization).split()
    return is_whole and wordmark_size(art.organization, _NAME_BOX) >= _LEGIBLE


def logo_aspect(face: CardFace | Art) -> float:
    """Width by height of the logo as `logo_png` would draw it unconstrained; 1 for the default seal."""
    art = art_of(face)
    if not art.images.logo:
        return 1.0
    width, height = upload_size(art.images.logo, "logo")
    return width / height


def bare(art: Art) -> Art:
    """`art` without the uploads, to which it is equal: what may be kept beside every picture made from it."""
    return replace(art, images=_NO_IMAGES)


def _design_of(face: CardFace | Art) -> Art:
    """The part of the art that does not change with the card's stamps."""
    return replace(art_of(face), stamps=None)


def _kept(what: str, art: Art, size: tuple[int, int], draw: Callable[[], bytes]) -> bytes:
    return PICTURES.get((what, bare(art), size), lambda: (draw(),))[0]


def _kept_in_scales(
    what: str, art: Art, size: tuple[int, int], draw: Callable[[tuple[int, int]], Image.Image]
) -> tuple[bytes, ...]:
    """A picture of `size` and those twice and three times as large, drawn once and made smaller from that."""
    largest = (size[0] * SCALES[-1], size[1] * SCALES[-1])
    return PICTURES.get((what, bare(art), size, SCALES), lambda: pngs(in_scales(draw(largest))))


def _drawn_strip(art: Art, size: tuple[int, int]) -> Image.Image:
    palette = art.palette
    image = _backdrop(art, palette, size).copy()
    if art.stamps:
        box = (size[0] * 0.04, size[1] * 0.07, size[0] * 0.96, size[1] * 0.93)
        draw_stamps(image, art.stamps, palette, art.initials, box, Look(art.stamp_shape, art.images))
    return image


def _backdrop(art: Art, palette: Palette, size: tuple[int, int]) -> Image.Image:
    """What lies behind the stamps, the same for every card of the design."""

    def draw() -> Image.Image:
        focus = art.images.focus_of("strip")
        image = draw_backdrop(size, art.kind, palette, art.images.strip, art.initials, focus)
        if art.stamps and art.images.strip:
            draw_panel(image, palette, (size[0] * 0.02, size[1] * 0.04, size[0] * 0.98, size[1] * 0.96))
        return image

    key = ("backdrop", bare(replace(art, stamps=None)), art.stamps is not None, size)
    return _DRAWN.get(key, draw)


def _hero(art: Art) -> Image.Image:
    image = _drawn_strip(art, HERO_SIZE)
    if not art.stamps and not art.images.strip:
        width, height = HERO_SIZE
        letters = wordmark(art.organization, (round(width * 0.42), round(height * 0.34)))
        image.paste(art.palette.ink, (round(width * 0.07), (height - letters.height) // 2), letters)
    return image


def _logo(art: Art, size: tuple[int, int]) -> Image.Image:
    image = Image.new("RGBA", size)
    if art.images.logo:
        picture = fit(open_upload(art.images.logo, "logo"), size)
        image.paste(picture, (0, (size[1] - picture.height) // 2))
        return image
    if size[0] >= 2 * size[1]:
        shape = wordmark(art.organization, (size[0], round(size[1] * 0.8)))
    else:
        shape = flat_seal(min(size) / 2, art.initials)
    inked = Image.new("RGBA", shape.size, art.palette.ink)
    inked.putalpha(shape)
    image.paste(inked, (0, (size[1] - shape.height) // 2))
    return image


def _wide_logo(art: Art) -> Image.Image:
    """Everything stands on the left, where the card's other lines begin too."""
    ground, (width, height) = rgb(art.colors.background), WIDE_LOGO_SIZE
    image = Image.new("RGB", WIDE_LOGO_SIZE, ground)
    if art.images.wide_logo:
        _put_left(image, fit(open_upload(art.images.wide_logo, "wide_logo"), WIDE_LOGO_SIZE))
        return image
    left = _draw_mark(image, art, round(height * 0.82)) + round(height * 0.14)
    if not art.images.logo or logo_aspect(art) < WORDMARK_ASPECT:
        name = wordmark(art.organization, (min(width - left, _NAME_BOX[0]), _NAME_BOX[1]))
        ink = readable(rgb(art.colors.foreground), ground, ratio=NAME_CONTRAST)
        image.paste(ink, (left, (height - name.height) // 2), name)
    return image


def _draw_mark(image: Image.Image, art: Art, high: int) -> int:
    """The logo, or the seal where there is none, on the left; returns where it ends."""
    if art.images.logo:
        picture = fit(open_upload(art.images.logo, "logo"), (image.width, high))
        _put_left(image, picture)
        return picture.width
    spot = Spot(image, (high / 2, image.height / 2), high / 2)
    draw_seal(spot, art.palette.ink)
    draw_inner_ring(spot, art.palette.on_ink)
    draw_initials(spot, art.palette.on_ink, art.initials)
    return high


def _put_left(image: Image.Image, picture: Image.Image) -> None:
    image.paste(picture, (0, (image.height - picture.height) // 2), picture)


def _square_logo(art: Art, size: int) -> Image.Image:
    image = Image.new("RGB", (size, size), rgb(art.colors.background))
    upload, name = (art.images.logo, "logo") if art.images.logo else (art.images.icon, "icon")
    inner = round(size * (1 - 2 * CIRCLE_MARGIN))
    if upload:
        _centre(image, fit(open_upload(upload, name), (inner, inner)))
    else:
        spot = Spot(image, (size / 2, size / 2), inner / 2)
        draw_seal(spot, art.palette.ink)
        draw_inner_ring(spot, art.palette.on_ink)
        draw_initials(spot, art.palette.on_ink, art.initials)
    return image


def _icon(art: Art, size: int) -> Image.Image:
    image = Image.new("RGB", (size, size), rgb(art.colors.background))
    if art.images.icon:
        focus = art.images.focus_of("icon")
        _centre(image, cover(open_upload(art.images.icon, "icon"), (size, size), focus))
    elif art.images.logo:
        inner = round(size * 0.84)
        _centre(image, fit(open_upload(art.images.logo, "logo"), (inner, inner)))
    elif art.initials:
        letters = fitted_text_mask(art.initials, BOLD, (round(size * 0.68), round(size * 0.44)))
        Spot(image, (size / 2, size / 2), size / 2).paint(letters, art.palette.ink)
    else:
        spot = Spot(image, (size / 2, size / 2), size / 2)
        spot.paint(spot.mask(draw_star), art.palette.ink)
    return image


def _centre(image: Image.Image, picture: Image.Image) -> None:
    corner = ((image.width - picture.width) // 2, (image.height - picture.height) // 2)
    image.paste(picture, corner, picture)
