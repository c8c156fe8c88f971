"""What lies behind stamps and text: the default ground of a kind, or the merchant's own picture."""

from PIL import Image, ImageFilter

from passes.cards.face import Focus, Kind
from passes.wallets.art.canvas import faded
from passes.wallets.art.motifs import draw_motif
from passes.wallets.art.palette import Palette
from passes.wallets.art.pen import mask
from passes.wallets.art.stamps import Box
from passes.wallets.art.uploads import cover, open_upload


def draw_backdrop(
    size: tuple[int, int], kind: Kind, palette: Palette, upload: bytes | None, initials: str, focus: Focus
) -> Image.Image:
    """A picture of `size` (pixels) for cards of `kind`, from `upload` where the merchant sent a strip.

    What has to be cut off the upload is cut away from its `focus`.
    """
    image = ground(size, palette)
    if upload is None:
        draw_motif(image, kind, palette, initials)
        return image
    picture = cover(open_upload(upload, "strip"), size, focus)
    image.paste(picture, (0, 0), picture)
    if kind != "stamp":
        _draw_veil(image, palette)
    return image


def ground(size: tuple[int, int], palette: Palette) -> Image.Image:
    """The plain ground, running softly from the palette's top to its bottom colour."""
    ramp = Image.linear_gradient("L").resize(size, Image.Resampling.BILINEAR)
    return Image.composite(Image.new("RGB", size, palette.bottom), Image.new("RGB", size, palette.top), ramp)


def _draw_veil(image: Image.Image, palette: Palette) -> None:
    """Fade the left half towards the card's colour: Apple writes the primary field over it."""
    # linear_gradient is white below; turned clockwise by a quarter it is white on the left.
    veil = Image.linear_gradient("L").transpose(Image.Transpose.ROTATE_270)
    image.paste(palette.top, (0, 0), faded(veil.resize(image.size, Image.Resampling.BILINEAR), 0.8))


def draw_panel(image: Image.Image, palette: Palette, box: Box) -> None:
    """Frost a picture within `box` (pixels), so that stamps stand out from whatever it shows."""
    height = image.height
    corners = ((box[0] / height, box[1] / height), (box[2] / height, box[3] / height))
    panel = mask(image.size, lambda pen: pen.box(*corners, 0.08), (0, 0), height)
    image.paste(image.filter(ImageFilter.GaussianBlur(height * 0.04)), (0, 0), panel)
    image.paste(palette.bottom, (0, 0), faded(panel, 0.80))
