"""A card as view data: all its face says, in one language, and pictures whose names tell nothing."""

import io

import pytest
from PIL import Image

from passes.cards.face import CardFace, Kind, Stamps
from passes.wallets.web.drawings import drawing_png, logo_drawing
from passes.wallets.web.picture import render_card
from tests.factories.faces import BARCODE, CODE, KINDS, make_face


def size_of(png: bytes | None) -> tuple[int, int]:
    assert png is not None
    with Image.open(io.BytesIO(png)) as image:
        return image.size


def wordmark() -> bytes:
    out = io.BytesIO()
    Image.new("RGBA", (600, 100), "red").save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", ["de", "en"])
def test_everything_the_face_says_stands_on_the_card(kind: Kind, language: str) -> None:
    face = make_face(kind)
    card = render_card(face, language)
    shown = [*card.header, *card.primary, *card.secondary, *card.auxiliary, *card.back]
    assert {field.key for field in shown} == {field.key for field in face.fields}
    for field in face.fields:
        assert field.value.in_language(language) in {s.value for s in shown if s.key == field.key}
        assert field.label.in_language(language) in {s.label for s in shown if s.key == field.key}
    assert card.title == face.title.in_language(language)
    assert card.organization == face.organization


def test_the_code_reads_as_people_write_it() -> None:
    assert render_card(make_face(), "de").code == "-".join(CODE[i : i + 4] for i in (0, 4, 8, 12))


@pytest.mark.parametrize(
    "stamps, language, words",
    [
        (Stamps(3, 10, 0), "de", "3 von 10 Stempeln"),
        (Stamps(3, 10, 0), "en", "3 of 10 stamps"),
        (Stamps(0, 8, 1), "de", "0 von 8 Stempeln, eine Prämie wartet"),
        (Stamps(0, 8, 2), "en", "0 of 8 stamps, 2 rewards are waiting"),
    ],
)
def test_the_stamps_are_told_to_those_who_do_not_see_them(stamps: Stamps, language: str, words: str) -> None:
    assert render_card(make_face("stamp", stamps=stamps), language).strip.alt == words


@pytest.mark.parametrize("kind", ["coupon", "gift", "points"])
def test_a_picture_that_only_decorates_says_nothing(kind: Kind) -> None:
    assert render_card(make_face(kind), "de").strip.alt == ""


@pytest.mark.parametrize("kind", KINDS)
def test_every_picture_a_card_names_can_be_drawn_at_three_times_its_size(kind: Kind) -> None:
    face = make_face(kind)
    card = render_card(face, "de")
    for drawing in (card.strip, card.logo):
        assert size_of(drawing_png(face, drawing.name)) == (drawing.width * 3, drawing.height * 3)
    assert size_of(drawing_png(face, "icon")) == (192, 192)


def test_the_name_of_a_strip_says_how_it_stands_and_not_whose_it_is() -> None:
    cards = [make_face(card_id=f"card_{n}", stamps=Stamps(4, 10, 3), barcode=BARCODE[::-1]) for n in (1, 2)]
    assert {render_card(face, "de").strip.name for face in cards} == {"strip-4-1"}
    sample = make_face(stamps=Stamps(0, 10, 0))
    assert drawing_png(sample, "strip-4-1") == drawing_png(cards[0], "strip-4-1")


@pytest.mark.parametrize(
    "face, name",
    [
        (make_face("stamp"), "strip-11-0"),
        (make_face("stamp"), "strip-1-2"),
        (make_face("stamp"), "strip"),
        (make_face("gift"), "strip-1-0"),
        (make_face("gift"), "hero"),
        (make_face("stamp"), "strip-00000000000001-0"),
    ],
)
def test_there_is_no_picture_under_any_other_name(face: CardFace, name: str) -> None:
    assert drawing_png(face, name) is None


def test_a_logo_that_spells_the_name_is_not_followed_by_it() -> None:
    face = make_face(images=make_face().images.__class__(logo=wordmark()))
    drawing = logo_drawing(face)
    assert drawing.alt == face.organization
    assert drawing.width == 160
    assert logo_drawing(make_face()).alt == ""
