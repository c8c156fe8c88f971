"""The codes we draw are read by a scanner, and as small as they can be."""

import re

import pytest
import zxingcpp
from PIL import Image, ImageDraw

from passes.wallets.web.qr import QUIET_ZONE, QrCode, qr_code

TOKEN = "5J8RZ0C3W9KQ4XH7T2MVB6NDYA"
MODULE = 4


def picture_of(code: QrCode) -> Image.Image:
    side = (code.side + 2 * QUIET_ZONE) * MODULE
    image = Image.new("L", (side, side), 255)
    pen = ImageDraw.Draw(image)
    for x, y, length in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", code.path):
        left, top = ((int(n) + QUIET_ZONE) * MODULE for n in (x, y))
        pen.rectangle((left, top, left + int(length) * MODULE - 1, top + MODULE - 1), fill=0)
    return image


@pytest.mark.parametrize("content", [TOKEN, f"https://karten.example/c/{TOKEN.lower()}", "Größe"])
def test_a_scanner_reads_what_was_put_in(content: str) -> None:
    assert [code.text for code in zxingcpp.read_barcodes(picture_of(qr_code(content)))] == [content]


def test_a_token_needs_the_second_smallest_code_only_so_its_modules_are_large() -> None:
    assert qr_code(TOKEN).side == 25


def test_a_code_survives_a_stain_on_a_tenth_of_it() -> None:
    image = picture_of(qr_code(TOKEN))
    middle, stain = image.width // 2, image.width // 8
    ImageDraw.Draw(image).rectangle((middle - stain, middle - stain, middle, middle), fill=255)
    assert [code.text for code in zxingcpp.read_barcodes(image)] == [TOKEN]


def test_the_view_box_leaves_the_quiet_zone() -> None:
    assert qr_code(TOKEN).view_box == "-4 -4 33 33"
