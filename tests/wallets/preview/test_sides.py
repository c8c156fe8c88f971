"""The sides of a card: measures as published, every word in its place, and nothing but what was sent."""

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import zxingcpp
from PIL import Image

from passes.cards import rotating_barcode
from passes.cards.face import LANGUAGES, CardFace, FaceField, Stamps, Text
from passes.ids import format_code, new_id, new_token
from passes.wallets.apple.pass_json import document
from passes.wallets.preview import letters
from passes.wallets.preview.apple import apple_back, apple_front
from passes.wallets.preview.google import bodies, google_details, google_front
from passes.wallets.preview.png import scene_png
from passes.wallets.preview.scene import Code, Panel, Picture, Scene, Words
from tests.factories.faces import KINDS, make_face

SIGNER: Any = SimpleNamespace(pass_type_identifier="pass.example", team_identifier="TEAM000000", nfc=False)
AT = datetime(2026, 11, 22, 9, 30, 15, tzinfo=UTC)
LONG = Text(de="Donaudampfschifffahrtsgesellschaftskapitän " * 8, en="A rather long sentence indeed " * 12)


def sides(face: CardFace, language: str) -> list[Scene]:
    written, sent = document(face, SIGNER, None), bodies(face)
    return [
        apple_front(face, written, language, "Europe/Berlin", scale=1),
        apple_back(written, language, "Europe/Berlin"),
        google_front(face, sent, language, AT),
        google_details(face, sent, language),
    ]


def faces() -> list[CardFace]:
    """One of each kind as usual, and one of each with more and longer words than any card has room for."""
    usual = [make_face(kind) for kind in KINDS]
    crowded = [
        replace(
            face,
            title=LONG,
            organization=LONG.de,
            news=LONG,
            terms=LONG,
            fields=(
                *face.fields,
                *(
                    FaceField(f"more_{role}", role, LONG, LONG)
                    for role in ("header", "primary", "secondary", "auxiliary", "back")
                ),
            ),
        )
        for face in usual
    ]
    return usual + crowded


def reach(words: Words) -> tuple[float, float]:
    """From where to where a line of text goes, in points."""
    width = letters.width_of(words.text, words.size, bold=words.bold)
    left = words.x - {"left": 0.0, "center": width / 2, "right": width}[words.align]
    return left, left + width


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("face", faces(), ids=lambda face: f"{face.kind}-{len(face.fields)}")
def test_every_word_stands_on_the_card_and_on_no_other(face: CardFace, language: str) -> None:
    for scene in sides(face, language):
        lines = [item for item in scene.items if isinstance(item, Words) and item.text]
        for words in lines:
            left, right = reach(words)
            assert left >= 0, (scene.name, words)
            assert right <= scene.width + 0.5, (scene.name, words)
            assert words.size <= words.y <= scene.height, (scene.name, words)
        for one in lines:
            for other in lines:
                if one is not other and abs(one.y - other.y) < min(one.size, other.size) * 0.7:
                    apart = reach(one)[1] <= reach(other)[0] or reach(other)[1] <= reach(one)[0]
                    assert apart, (scene.name, one, other)


def test_words_on_top_of_each_other_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letters, "fitted", lambda text, size, width, **_: (text, size))
    with pytest.raises(AssertionError):
        test_every_word_stands_on_the_card_and_on_no_other(faces()[-1], "de")


@pytest.mark.parametrize("kind", KINDS)
def test_pictures_have_the_sizes_that_apple_publishes(kind: Any) -> None:
    front = sides(make_face(kind), "en")[0]
    logo, strip = [item for item in front.items if isinstance(item, Picture)]
    assert front.width == 375
    assert (strip.x, strip.width, strip.height) == (0, 375, 144)
    assert logo.height == 50
    assert 50 <= logo.width <= 160


@pytest.mark.parametrize("kind", KINDS)
def test_pictures_have_the_shapes_that_google_publishes(kind: Any) -> None:
    front = sides(make_face(kind), "en")[2]
    logo, hero = [item for item in front.items if isinstance(item, Picture)]
    assert not logo.round
    assert logo.width / logo.height == 1280 / 400
    assert hero.width == front.width
    assert hero.height == pytest.approx(front.width * 336 / 1032)
    assert hero.y + hero.height == front.height


@pytest.mark.parametrize("name", ["咖啡 Mokka", "Donaudampfschifffahrtsgesellschaft Müller & Söhne"])
def test_a_name_that_cannot_be_drawn_stands_beside_the_round_logo_at_google(name: str) -> None:
    front = sides(make_face("gift", organization=name), "en")[2]
    logo, _ = [item for item in front.items if isinstance(item, Picture)]
    assert logo.round
    assert logo.width == logo.height
    words = [item.text.removesuffix("…") for item in front.items if isinstance(item, Words)]
    assert any(name.startswith(said) for said in words)


@pytest.mark.parametrize("shown", ["qr", "aztec", "pdf417", "code128"])
@pytest.mark.parametrize("kind", KINDS)
def test_the_code_can_be_scanned_from_the_picture_in_every_format(kind: Any, shown: Any) -> None:
    face = make_face(kind, barcode_formats=(shown,))
    apple, _, google, _ = sides(face, "de")
    for scene in (apple, google):
        with Image.open(io.BytesIO(scene_png(scene, 3))) as picture:
            assert picture.size == (round(scene.width * 3), round(scene.height * 3))
            [found] = zxingcpp.read_barcodes(picture.convert("RGB"))
        assert found.text == face.barcode
        assert found.format.name.lower().startswith(shown[:2])
        assert any(isinstance(item, Code) for item in scene.items)


@pytest.mark.parametrize("barcode_formats", [("qr",), ("code128", "pdf417")])
def test_a_code_that_changes_is_shown_as_it_is_at_the_moment_and_said_to_change(barcode_formats: Any) -> None:
    token = new_token()
    face = make_face(rotates=True, barcode=token, barcode_formats=barcode_formats, card_id=new_id("card"))
    for at in (AT, AT + timedelta(seconds=31)):
        scene = google_front(face, bodies(face), "en", at)
        with Image.open(io.BytesIO(scene_png(scene, 3))) as picture:
            [found] = zxingcpp.read_barcodes(picture.convert("RGB"))
        scanned = rotating_barcode.parse(found.text)
        assert scanned
        assert scanned.card_id == face.card_id
        assert scanned.is_of(token, at)
        assert not scanned.is_of(token, at + timedelta(minutes=5))
        words = {item.text for item in scene.items if isinstance(item, Words)}
        assert "Changes every 30 seconds" in words
        assert format_code(face.code) not in words
        assert "Changes every 30 seconds" in scene.says
    german = google_front(face, bodies(face), "de", AT)
    assert "Ändert sich alle 30 Sekunden" in german.says
    plain = make_face(rotates=False)
    assert "30" not in google_front(plain, bodies(plain), "en", AT).says


def test_each_language_reads_its_own_words() -> None:
    face = make_face("gift")
    german, english = (
        {item.text for scene in sides(face, language) for item in scene.items if isinstance(item, Words)}
        for language in LANGUAGES
    )
    assert "Guthaben" in german - english
    assert "Balance" in english - german
    assert "12,50\N{NO-BREAK SPACE}€" in german
    assert "€12.50" in english


def test_a_date_is_the_day_in_the_shop() -> None:
    face = make_face("coupon")  # ends at 22:59 UTC, one minute to midnight in Berlin
    front = apple_front(face, document(face, SIGNER, None), "de", "Pacific/Auckland", scale=1)
    assert "01.01.2027" in {item.text for item in front.items if isinstance(item, Words)}


def test_google_shows_what_the_class_lays_out_and_details_the_rest() -> None:
    face = make_face("stamp", stamps=Stamps(4, 9, 1))
    _, _, front, details = sides(face, "en")
    words = [item.text for item in front.items if isinstance(item, Words)]
    assert "4 / 9" in words
    assert "A free coffee" in words
    told = [item.text for item in details.items if isinstance(item, Words)]
    assert "A free coffee" not in told
    assert "No cash value." in told


def test_a_void_pass_looks_pale() -> None:
    good, void = make_face("coupon"), make_face("coupon", state="expired")
    inks = [
        {item.color for item in sides(face, "en")[0].items if isinstance(item, Words) and item.size > 17}
        for face in (good, void)
    ]
    assert inks[0].isdisjoint(inks[1])


def test_a_picture_is_cut_to_the_corners_of_the_card() -> None:
    scene = Scene("plain", "en", 40, 30, 8, "#ff0000", (Panel(10, 10, 5, 5, "#0000ff80"),), "")
    with Image.open(io.BytesIO(scene_png(scene, 2))) as picture:
        rgba = picture.convert("RGBA")
    assert rgba.getpixel((0, 0))[3] == 0  # type: ignore[index]  # Pillow types a pixel of any mode
    assert rgba.getpixel((40, 5)) == (255, 0, 0, 255)
    assert rgba.getpixel((24, 24)) == (127, 0, 128, 255)
