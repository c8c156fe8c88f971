"""The poster: two sheets, five codes, and every code leads to the enrolment page.

The codes are read back from the PDF's own drawing instructions, as a printer would put them on paper.
"""

import re
import zlib

import pytest
import zxingcpp
from PIL import Image, ImageDraw

from passes.cards.face import Kind, Text
from passes.wallets.print.poster import poster_pdf
from tests.factories.faces import KINDS, make_face

POINTS_PER_PIXEL = 0.4
RECTANGLE = re.compile(rb"([\d.]+) ([\d.]+) ([\d.]+) (-?[\d.]+) re f")


def pages(pdf: bytes) -> list[bytes]:
    """The drawing instructions of each page."""
    streams = [
        zlib.decompress(found)
        for found in re.findall(rb"/FlateDecode[^>]*>>\s*stream\n(.*?)\nendstream", pdf, re.S)
    ]
    return [stream for stream in streams if b" re" in stream]


def printed(page: bytes) -> Image.Image:
    """The black rectangles of a page of A4."""
    image = Image.new("L", (round(595 / POINTS_PER_PIXEL), round(842 / POINTS_PER_PIXEL)), 255)
    pen = ImageDraw.Draw(image)
    for rectangle in RECTANGLE.findall(page):
        x, y, width, height = (float(number) / POINTS_PER_PIXEL for number in rectangle)
        top, bottom = sorted((image.height - y, image.height - y - height))
        pen.rectangle((round(x), round(top), round(x + width) - 1, round(bottom) - 1), fill=0)
    return image


@pytest.mark.parametrize("kind", KINDS)
def test_every_code_on_it_leads_to_the_enrolment_page(kind: Kind) -> None:
    face = make_face(kind)
    counts = []
    for page in pages(poster_pdf(face)):
        read = [code.text for code in zxingcpp.read_barcodes(printed(page))]
        assert set(read) == {face.enrol_url}
        counts.append(len(read))
    assert counts == [1, 4]


def test_it_is_a_pdf_with_its_fonts_inside() -> None:
    pdf = poster_pdf(make_face())
    assert pdf.startswith(b"%PDF-")
    assert pdf.count(b"/FontFile2") == 3
    assert b"/Lang (de)" in pdf


def test_it_is_drawn_once_for_equal_programs() -> None:
    assert poster_pdf(make_face()) is poster_pdf(make_face(card_id="card_other", version=9))
    assert poster_pdf(make_face()) is not poster_pdf(make_face(organization="Bäckerei Öfchen"))


@pytest.mark.parametrize(
    "title",
    [
        "Donaudampfschifffahrtsgesellschaftskapitänsfrühstückskarte",
        "Sehr " * 60,
        "\U0001f370 Kuchen 蛋糕",
        "\U0001f370",
    ],
)
def test_no_title_breaks_it(title: str) -> None:
    face = make_face(title=Text.same(title), description=Text(title * 3, title), organization=title)
    assert len(pages(poster_pdf(face))) == 2
