"""Pictures that mean no harm but are odd: they come out as their maker saw them."""

import io
import struct
import threading
from typing import Any

import pytest
from PIL import Image, ImageCms

from passes.errors import Busy, FieldError
from passes.programs import pictures
from passes.programs.pictures import KEPT_BYTES, KEPT_PIXELS, MAX_UPLOAD_BYTES, clean_picture

RED, BLUE = (200, 30, 30), (20, 40, 180)


def saved(image: Image.Image, form: str = "PNG", **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def cleaned(data: bytes) -> Image.Image:
    picture = clean_picture("design.images.logo", data)
    image = Image.open(io.BytesIO(picture.content), formats=("PNG",))
    image.load()
    assert image.size == (picture.width, picture.height)
    assert image.info == {"srgb": 0}
    return image


def near(color: Any, wanted: tuple[int, ...], within: int = 6) -> bool:
    return all(abs(a - b) <= within for a, b in zip(color, wanted, strict=True))


def as_mode(image: Image.Image, mode: str) -> Image.Image:
    if mode == "I;16":
        return image.convert("L").convert("I").point(lambda level: level * 257).convert("I;16")
    return image.quantize(16) if mode == "P" else image.convert(mode)


def two_colors(mode: str = "RGB") -> Image.Image:
    """Red above, blue below, wider than high."""
    image = Image.new("RGB", (60, 40), RED)
    image.paste(BLUE, (0, 20, 60, 40))
    return as_mode(image, mode)


PIXELS = {"PNG": ("RGB", "RGBA", "P", "L", "LA", "1", "I;16"), "JPEG": ("RGB", "L", "CMYK")}


@pytest.mark.parametrize("form, mode", [(form, mode) for form, modes in PIXELS.items() for mode in modes])
def test_every_kind_of_pixels_becomes_rgb(form: str, mode: str) -> None:
    image = cleaned(saved(two_colors(mode), form))
    assert image.mode == "RGB"
    if mode in ("RGB", "RGBA", "P", "CMYK"):
        assert near(image.getpixel((30, 5)), RED, 12)
        assert near(image.getpixel((30, 35)), BLUE, 12)
    else:
        assert sum(image.getpixel((30, 5))) > sum(image.getpixel((30, 35)))


@pytest.mark.parametrize("level", [0, 255, 40_000, 65_535])
def test_sixteen_bits_become_eight_and_keep_their_brightness(level: int) -> None:
    grey = Image.new("I;16", (20, 20), level)
    assert cleaned(saved(grey)).getpixel((5, 5)) == (level >> 8,) * 3


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_what_is_transparent_stays_so(mode: str) -> None:
    if mode == "P":
        image = Image.new("P", (20, 20), 1)
        image.putpalette([*BLUE, *RED])
        image.paste(0, (0, 0, 10, 20))
        data = saved(image, transparency=0)
    else:
        image = Image.new("RGBA", (20, 20), (*RED, 255))
        image.paste((*BLUE, 0), (0, 0, 10, 20))
        data = saved(image.convert(mode))
    made = cleaned(data)
    assert made.mode == "RGBA"
    assert made.getpixel((5, 5))[3] == 0
    assert made.getpixel((15, 5))[3] == 255


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("form", ["PNG", "JPEG"])
def test_a_picture_comes_out_as_the_camera_was_held(orientation: int, form: str) -> None:
    """Red is above in what the photographer saw, whichever of the eight ways it was stored."""
    undo = {v: k for k, v in {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}.items()}
    stored = two_colors()
    for transpose, says in undo.items():
        if says == orientation:
            stored = stored.transpose(Image.Transpose(transpose))
    tags = Image.Exif()
    tags[0x0112] = orientation
    made = cleaned(saved(stored, form, exif=tags, **({"quality": 95} if form == "JPEG" else {})))
    assert made.size == (60, 40)
    assert near(made.getpixel((30, 5)), RED, 12)
    assert near(made.getpixel((30, 35)), BLUE, 12)


def test_exif_of_the_other_byte_order_is_read_too() -> None:
    tiff = b"MM\0*\0\0\0\x08\0\1" + struct.pack(">HHLHH", 0x0112, 3, 1, 6, 0) + b"\0\0\0\0"
    assert cleaned(saved(two_colors(), "JPEG", exif=b"Exif\0\0" + tiff)).size == (40, 60)


def profile_of_another_red() -> bytes:
    """An RGB profile whose colours are stronger than sRGB's: the same pixel means another colour."""
    built = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert built.count(b"rXYZ") == 1
    at = built.index(b"rXYZ")
    (offset,) = struct.unpack_from(">L", built, at + 4)
    wide = struct.pack(">lll", *(round(v * 65_536) for v in (0.5151, 0.2412, -0.0011)))
    named = built.replace("sRGB".encode("utf-16-be"), "Wide".encode("utf-16-be")).replace(b"sRGB", b"Wide")
    return named[: offset + 8] + wide + named[offset + 20 :]


@pytest.mark.parametrize("form", ["PNG", "JPEG"])
def test_colours_are_converted_from_the_profile_they_came_with(form: str) -> None:
    plain = cleaned(saved(Image.new("RGB", (20, 20), RED), form)).getpixel((5, 5))
    data = saved(Image.new("RGB", (20, 20), RED), form, icc_profile=profile_of_another_red())
    assert cleaned(data).getpixel((5, 5))[0] > plain[0] + 8


def test_colours_in_srgb_are_left_alone_to_the_last_bit() -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    picture = Image.radial_gradient("L").convert("RGB")
    assert cleaned(saved(picture, icc_profile=srgb)).tobytes() == picture.tobytes()


def test_a_profile_for_other_colours_is_passed_over() -> None:
    grey = saved(Image.new("L", (20, 20), 120), icc_profile=profile_of_another_red())
    assert cleaned(grey).getpixel((5, 5)) == (120, 120, 120)


def test_a_phones_second_picture_and_its_notes_are_left_behind() -> None:
    first, second = two_colors(), Image.new("RGB", (60, 40), "green")
    double = saved(first, "MPO", save_all=True, append_images=[second])
    for data in (double, saved(first, "JPEG") + b"\0\0SEFHk\0\0\0" + bytes(60) + b"SEFT"):
        made = cleaned(data)
        assert made.size == (60, 40)
        assert near(made.getpixel((30, 5)), RED, 12)


@pytest.mark.parametrize("size", [(4_000, 4_000), (6_000, 1_500), (3_300, 4_800), (2_400, 1_200)])
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P"])
def test_a_large_picture_is_kept_at_two_million_pixels_in_its_form(size: tuple[int, int], mode: str) -> None:
    image = Image.new("RGB", size, RED)
    image.paste(BLUE, (size[0] // 2, 0, *size))
    made = cleaned(saved(as_mode(image, mode)))
    assert made.width * made.height <= KEPT_PIXELS * 1.002
    assert made.width * made.height >= KEPT_PIXELS * 0.97
    assert made.width / made.height == pytest.approx(size[0] / size[1], rel=0.002)
    assert near(made.getpixel((made.width // 2 - 3, 9)), RED, 2)
    assert near(made.getpixel((made.width // 2 + 3, made.height - 9)), BLUE, 2)


@pytest.mark.parametrize(
    "size, kept",
    [((1_500, 6_000), (1_125, 4_500)), ((6_000, 500), (5_184, 432)), ((400, 6_000), (400, 6_000))],
)
def test_a_long_picture_stays_wide_and_high_enough_for_a_strip(
    size: tuple[int, int], kept: tuple[int, int]
) -> None:
    assert cleaned(saved(Image.new("RGB", size, RED))).size == kept


def test_a_small_picture_keeps_every_pixel() -> None:
    picture = Image.effect_noise((300, 200), 90).convert("RGB")
    assert cleaned(saved(picture)).tobytes() == picture.tobytes()


@pytest.mark.parametrize("size", [(1_500, 1_300), (1_500, 2_400)])
def test_a_grainy_photograph_can_be_sent_again_as_it_was_kept(size: tuple[int, int]) -> None:
    grain = [Image.effect_noise(size, 200) for _ in "RGB"]
    photograph = saved(Image.merge("RGB", grain), "JPEG", quality=50)
    kept = clean_picture("strip", photograph)
    assert len(kept.content) <= KEPT_BYTES < MAX_UPLOAD_BYTES
    assert kept.width / kept.height == pytest.approx(size[0] / size[1], rel=0.002)
    assert clean_picture("strip", kept.content) == kept


def test_one_pixel_is_a_picture() -> None:
    assert cleaned(saved(Image.new("RGB", (1, 1), RED))).getpixel((0, 0)) == RED


def test_only_so_many_are_decoded_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "_DECODING", threading.BoundedSemaphore(1))
    monkeypatch.setattr(pictures, "_PATIENCE_S", 0.01)
    data = saved(two_colors())
    with pictures._DECODING, pytest.raises(Busy):
        clean_picture("logo", data)
    for bad in (data[:-20], data[:60] + b"\0" + data[61:]):
        with pytest.raises(FieldError):
            clean_picture("logo", bad)
    assert clean_picture("logo", data).width == 60
