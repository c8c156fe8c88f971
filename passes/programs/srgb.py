"""Colours as screens mean them: whatever a picture's profile says, converted to sRGB."""

import io

from PIL import Image, ImageCms

_SPACES = {"L": "GRAY", "RGB": "RGB ", "CMYK": "CMYK"}
_SRGB = ImageCms.createProfile("sRGB")


def in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """`image` (L, RGB, RGBA or CMYK) as RGB or RGBA in sRGB.

    A profile that is damaged, or made for other colours than the picture has, says nothing about it.
    """
    if image.mode == "RGBA":
        solid = in_srgb(image.convert("RGB"), profile)
        solid.putalpha(image.getchannel("A"))
        return solid
    converted = _converted(image, profile) if profile else None
    return image.convert("RGB") if converted is None else converted


def _converted(image: Image.Image, profile: bytes) -> Image.Image | None:
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if source.profile.xcolor_space != _SPACES[image.mode]:
            return None
        if (source.profile.profile_description or "").startswith("sRGB"):
            return None
        transform = ImageCms.buildTransform(source, _SRGB, image.mode, "RGB")
        return ImageCms.applyTransform(image, transform)
    except (OSError, ValueError, ImageCms.PyCMSError):
        return None
