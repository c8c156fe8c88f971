"""The voucher: its codes read as they are drawn, its words stay on their page, and it never says too much."""

import re
import zlib
from typing import Any

import pytest
import zxingcpp
from PIL import Image, ImageDraw

from passes.wallets.print import voucher
from passes.wallets.print.sheet import Sheet
from passes.wallets.print.voucher import Paper, Wish, voucher_pdf
from tests.factories.faces import make_face

POINTS_PER_PIXEL = 0.3
RECTANGLE = re.compile(rb"([\d.]+) ([\d.]+) ([\d.]+) (-?[\d.]+) re f")
WISH = Wish("Oma Käthe", "Jule & Ben", "Alles Liebe!\nUnd viele Grüße.")
PAPERS: tuple[Paper, ...] = ("a4", "folded")


def drawn(pdf: bytes) -> Image.Image:
    """The small rectangles of the page, among them the modules of its codes; one turned stays readable."""
    [page] = [
        content
        for found in re.findall(rb"/FlateDecode[^>]*>>\s*stream\n(.*?)\nendstream", pdf, re.S)
        if b" re f" in (content := zlib.decompress(found))
    ]
    image = Image.new("L", (round(595 / POINTS_PER_PIXEL), round(842 / POINTS_PER_PIXEL)), 255)
    pen = ImageDraw.Draw(image)
    for rectangle in RECTANGLE.findall(page):
        x, y, width, height = (float(number) / POINTS_PER_PIXEL for number in rectangle)
        if width < 100 and abs(height) < 30:
            top, bottom = sorted((image.height - y, image.height - y - height))
            pen.rectangle((round(x), round(top), round(x + width) - 1, round(bottom) - 1), fill=0)
    return image


@pytest.fixture
def words(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, float, float]]:
    """Every text as it is written, with the height it begins and ends at."""
    written: list[tuple[str, float, float]] = []
    write = Sheet.text

    def text(self: Sheet, y: float, text: str, *how: Any, **more: Any) -> float:
        end = write(self, y, text, *how, **more)
        written.append((text, y, end))
        return end

    monkeypatch.setattr(Sheet, "text", text)
    return written


@pytest.mark.parametrize("paper", PAPERS)
def test_the_till_and_the_phone_each_find_their_code(paper: Paper) -> None:
    face = make_face("gift")
    found = {code.text for code in zxingcpp.read_barcodes(drawn(voucher_pdf(face, WISH, paper, "de")))}
    assert found == {face.barcode, face.page_url}


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("paper", PAPERS)
def test_it_says_what_it_is_worth_and_what_the_giver_wrote(
    words: list[tuple[str, float, float]], paper: Paper, language: str
) -> None:
    face = make_face("gift")
    pdf = voucher_pdf(face, WISH, paper, language)
    said = {text for text, _, _ in words}
    assert {"Café Größenwahn", WISH.message, "7K3W-Q9XM-A4PT-HC2E"} <= said
    assert {"de": "12,50\N{NO-BREAK SPACE}€", "en": "€12.50"}[language] in said
    assert {"de": "Für Oma Käthe", "en": "For Oma Käthe"}[language] in said
    assert f"/Lang ({language})".encode() in pdf


@pytest.mark.parametrize("paper", PAPERS)
def test_the_longest_words_stay_on_their_page(words: list[tuple[str, float, float]], paper: Paper) -> None:
    longest = Wish("W" * 80, "W" * 80, "Donaudampfschiff " * 29)
    face = make_face("gift", organization="Manufaktur " * 9)
    voucher_pdf(face, longest, paper, "de")
    bottom = 297 if paper == "a4" else 148.5
    assert max(end for _, _, end in words) <= bottom
    message = next(end for text, _, end in words if text == longest.message)
    if paper == "a4":
        assert message < next(start for text, start, _ in words if "Kasse" in text)


def test_words_that_run_off_the_page_would_be_noticed(
    words: list[tuple[str, float, float]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(voucher, "MOST_LINES", 40)
    monkeypatch.setattr("passes.wallets.print.sheet.SMALLEST_TEXT", 99)
    with pytest.raises(AssertionError):
        test_the_longest_words_stay_on_their_page(words, "folded")


@pytest.mark.parametrize("paper", PAPERS)
def test_an_empty_wish_leaves_no_salutation(words: list[tuple[str, float, float]], paper: Paper) -> None:
    voucher_pdf(make_face("gift"), Wish(), paper, "en")
    assert not any(text.startswith(("For", "From")) for text, _, _ in words)
