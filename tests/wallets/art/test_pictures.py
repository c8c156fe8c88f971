"""Pictures as a wallet gets them: exact sizes, readable stamps, the merchant's own art in its place."""

import io
from dataclasses import replace

import pytest
from PIL import Image, ImageChops

from passes.cards.face import CardFace, Colors, DesignImages, Kind, Stamps
from passes.errors import FieldError
from passes.wallets.art import pictures
from passes.wallets.art.canvas import PALETTE_ERROR
from passes.wallets.art.layout import lay_out
from passes.wallets.art.palette import RGB, contrast
from passes.wallets.art.pictures import (
    HERO_SIZE,
    Art,
    art_of,
    forget_pictures,
    hero_png,
    icon_png,
    logo_png,
    square_logo_png,
    strip_png,
)
from tests.factories.faces import BLUE, BROWN, KINDS, LIGHT, make_face

STRIP = (375, 144)
STAMP_BOX = (STRIP[0] * 0.04, STRIP[1] * 0.07, STRIP[0] * 0.96, STRIP[1] * 0.93)
SCHEMES = [
    BROWN,
    LIGHT,
    BLUE,
    Colors("#000000", "#ffffff", "#c9a227"),
    Colors("#808080", "#828282", "#7f7f7f"),
]


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data), formats=("PNG",))


def shown(data: bytes) -> Image.Image:
    return opened(data).convert("RGB")


def upload(size: tuple[int, int], color: RGB | tuple[int, int, int, int]) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGBA", size, color).save(buffer, "PNG")
    return buffer.getvalue()


def stamp_strip(filled: int, required: int, rewards: int = 0, colors: Colors = BROWN) -> Image.Image:
    face = make_face("stamp", stamps=Stamps(filled, required, rewards), colors=colors)
    return shown(strip_png(face, *STRIP))


def place_of(index: int, required: int) -> tuple[int, int, int, int]:
    layout = lay_out(required, STAMP_BOX, largest=(STAMP_BOX[3] - STAMP_BOX[1]) * 0.86)
    (x, y), half = layout.centres[index - 1], layout.diameter / 2
    return round(x - half), round(y - half), round(x + half), round(y + half)


def changed_box(one: Image.Image, other: Image.Image) -> tuple[int, int, int, int]:
    """Where two pictures differ by more than a palette may."""
    box = ImageChops.difference(one, other).convert("L").point([0] * 12 + [255] * 244).getbbox()
    assert box
    return box


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [(375, 144), (750, 288), (1125, 432), (1032, 336)])
def test_a_strip_has_exactly_the_size_asked_for(kind: Kind, size: tuple[int, int]) -> None:
    picture = opened(strip_png(make_face(kind), *size))
    assert picture.size == size
    assert picture.mode in ("P", "RGB")
    assert picture.info["srgb"] == 0


@pytest.mark.parametrize("kind", KINDS)
def test_logos_icons_and_hero_have_exactly_the_size_asked_for(kind: Kind) -> None:
    face = make_face(kind)
    assert opened(logo_png(face, 160, 50)).size == (160, 50)
    assert opened(logo_png(face, 150, 150)).size == (150, 150)
    assert opened(icon_png(face, 114)).size == (114, 114)
    assert opened(square_logo_png(face, 660)).size == (660, 660)
    assert opened(hero_png(face)).size == HERO_SIZE == (1032, 336)


@pytest.mark.parametrize("colors", SCHEMES, ids=lambda colors: colors.background)
@pytest.mark.parametrize("kind", KINDS)
def test_default_strips_stay_small(kind: Kind, colors: Colors) -> None:
    assert len(strip_png(make_face(kind, colors=colors), 1125, 432)) < 80_000


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_face_gives_the_same_bytes_whoever_drew_it(kind: Kind) -> None:
    face = make_face(kind)
    first = [strip_png(face, 375, 144), logo_png(face, 160, 50), icon_png(face, 38), hero_png(face)]
    forget_pictures()
    assert [strip_png(face, 375, 144), logo_png(face, 160, 50), icon_png(face, 38), hero_png(face)] == first


@pytest.mark.parametrize("required", range(1, 31))
def test_the_next_stamp_changes_its_own_place_and_nothing_else(required: int) -> None:
    filled = required // 2
    before, after = stamp_strip(filled, required), stamp_strip(filled + 1, required)
    changed = changed_box(before, after)
    left, top, right, bottom = place_of(filled + 1, required)
    shadow = (right - left) * 0.3
    assert changed[0] >= left - shadow
    assert changed[1] >= top - shadow
    assert changed[2] <= right + shadow
    assert changed[3] <= bottom + shadow


@pytest.mark.parametrize("colors", SCHEMES, ids=lambda colors: colors.background)
def test_filled_and_empty_places_differ_in_shape_even_without_colour(colors: Colors) -> None:
    grey = stamp_strip(3, 10, colors=colors).convert("L")
    ground = grey.getpixel((2, STRIP[1] // 2))

    def covered(index: int) -> float:
        place = grey.crop(place_of(index, 10)).point([255 if abs(v - ground) > 40 else 0 for v in range(256)])
        return place.histogram()[255] / (place.width * place.height)

    assert covered(2) > 0.5
    assert covered(5) < 0.25


@pytest.mark.parametrize("colors", SCHEMES, ids=lambda colors: colors.background)
def test_a_stamp_stands_out_from_the_ground(colors: Colors) -> None:
    strip = stamp_strip(3, 10, colors=colors)
    left, top, right, _ = place_of(1, 10)
    # Just inside the seal's edge, above its ring, there is nothing but the ink.
    inside = strip.getpixel(((left + right) // 2, top + round((right - left) * 0.06)))
    assert contrast(inside, strip.getpixel((2, 2))) >= 2.7


def test_the_last_place_is_the_reward_and_looks_like_no_stamp() -> None:
    def look(strip: Image.Image, index: int) -> Image.Image:
        return strip.crop(place_of(index, 10)).resize((60, 60)).convert("L")

    def difference(one: Image.Image, other: Image.Image) -> int:
        return sum(level * count for level, count in enumerate(ImageChops.difference(one, other).histogram()))

    full, empty = stamp_strip(10, 10), stamp_strip(0, 10)
    assert difference(look(full, 10), look(full, 9)) > 2 * difference(look(full, 4), look(full, 9))
    assert difference(look(empty, 10), look(empty, 9)) > 2 * difference(look(empty, 4), look(empty, 9))


def test_a_waiting_reward_is_drawn_as_won_while_the_next_round_fills() -> None:
    waiting, plain = stamp_strip(2, 10, rewards=1), stamp_strip(2, 10)
    left, top, right, _ = place_of(10, 10)
    shadow = (right - left) * 0.3
    assert changed_box(waiting, plain)[:2] >= (left - shadow, top - shadow)
    assert stamp_strip(2, 10, rewards=3).tobytes() == waiting.tobytes()


def test_stamps_beyond_the_card_are_drawn_as_a_full_card() -> None:
    assert stamp_strip(12, 10).tobytes() == stamp_strip(10, 10).tobytes()


@pytest.mark.parametrize("kind", ["coupon", "gift", "points"])
@pytest.mark.parametrize("colors", SCHEMES, ids=lambda colors: colors.background)
def test_the_left_half_of_a_strip_stays_quiet_for_the_primary_field(kind: Kind, colors: Colors) -> None:
    strip = shown(strip_png(make_face(kind, colors=colors), *STRIP)).convert("L")
    lowest, highest = strip.crop((0, 0, round(STRIP[0] * 0.36), STRIP[1])).getextrema()
    assert highest - lowest < 60


def test_an_uploaded_strip_fills_the_picture_behind_the_stamps() -> None:
    teal = (0, 128, 128)
    face = make_face("stamp", images=DesignImages(strip=upload((900, 900), teal)))
    strip = shown(strip_png(face, *STRIP))
    for place in ((1, STRIP[1] // 2), (STRIP[0] // 2, STRIP[1] - 2)):
        assert all(abs(a - b) <= PALETTE_ERROR for a, b in zip(strip.getpixel(place), teal, strict=True))
    assert ImageChops.difference(strip, Image.new("RGB", STRIP, teal)).crop(place_of(1, 10)).getbbox()


def test_an_uploaded_strip_fades_on_the_left_where_text_will_stand() -> None:
    face = make_face("gift", images=DesignImages(strip=upload((750, 288), (255, 255, 255))), colors=BLUE)
    strip = shown(strip_png(face, *STRIP))
    assert contrast((255, 255, 255), strip.getpixel((5, 72))) > 4.5
    assert strip.getpixel((STRIP[0] - 1, 72)) == (255, 255, 255)


def test_an_uploaded_logo_is_shown_whole_and_unstretched() -> None:
    red = (200, 0, 0)
    face = make_face(images=DesignImages(logo=upload((400, 100), red)))
    logo = opened(logo_png(face, 160, 50))
    assert logo.getbbox() == (0, 5, 160, 45)
    assert logo.getpixel((80, 25)) == (*red, 255)
    square = shown(square_logo_png(face, 660))
    assert square.getpixel((330, 330)) == red
    assert square.getpixel((330, 200)) != red


def test_the_uploaded_icon_wins_over_the_logo_for_the_icon() -> None:
    images = DesignImages(logo=upload((100, 100), (200, 0, 0)), icon=upload((100, 100), (0, 0, 200)))
    assert shown(icon_png(make_face(images=images), 76)).getpixel((38, 38)) == (0, 0, 200)
    assert shown(icon_png(make_face(images=replace(images, icon=None)), 76)).getpixel((38, 38)) == (200, 0, 0)


@pytest.mark.parametrize("name", ["Café Größenwahn", "Z", "星巴克"])
@pytest.mark.parametrize("logo", [None, upload((500, 500), (200, 0, 0)), upload((900, 100), (200, 0, 0))])
def test_googles_circle_cuts_nothing_off_the_square_logo(name: str, logo: bytes | None) -> None:
    face = make_face(organization=name, images=DesignImages(logo=logo))
    square = shown(square_logo_png(face, 660))
    background = Image.new("RGB", square.size, face.colors.background)
    drawn = ImageChops.difference(square, background).convert("L").point([0] * 40 + [255] * 216)
    assert drawn.getbbox()
    outside = [
        (x, y)
        for x in range(0, 660, 3)
        for y in range(0, 660, 3)
        if (x - 330) ** 2 + (y - 330) ** 2 > 330**2 and drawn.getpixel((x, y))
    ]
    assert not outside


def test_a_default_logo_is_transparent_and_carries_the_initials() -> None:
    logo = opened(logo_png(make_face(), 150, 150))
    other = opened(logo_png(make_face(organization="Zebra"), 150, 150))
    assert logo.mode == "RGBA"
    assert logo.getpixel((0, 0))[3] == 0
    assert ImageChops.difference(logo.getchannel("A"), other.getchannel("A")).getbbox()


@pytest.mark.parametrize("name", ["logo", "icon", "strip"])
@pytest.mark.parametrize("data", [b"", b"GIF89a not a picture", upload((20, 20), (1, 2, 3))[:60]])
def test_a_picture_that_is_none_is_named(name: str, data: bytes) -> None:
    face = make_face(images=DesignImages(**{name: data or b"\0"}))
    with pytest.raises(FieldError) as refusal:
        strip_png(face, 375, 144), icon_png(face, 38), logo_png(face, 160, 50)
    assert refusal.value.errors[0]["field"] == f"design.images.{name}"


def test_what_pictures_are_remembered_by_says_nothing_about_the_person() -> None:
    face = make_face(member_name="Erika Mustermann")
    assert "Erika" not in repr(art_of(face))
    assert art_of(face) == art_of(make_face(member_name="Max", card_id="card_other", version=9))
    assert art_of(face) != art_of(make_face(stamps=Stamps(4, 10, 0)))


def test_what_is_remembered_is_bounded_in_bytes_and_holds_no_upload() -> None:
    forget_pictures()
    strip = upload((1200, 500), (200, 0, 0))
    for number in range(40):
        images = DesignImages(strip=strip + bytes(number))
        strip_png(make_face("gift", images=images, design_id=f"design {number}"), *STRIP)
    for memory in (pictures.PICTURES, pictures._DRAWN):
        assert memory.held().held_bytes <= memory.most_bytes <= 64 * 2**20
        assert not any(art.images.strip for key in memory._values for art in key if isinstance(art, Art))
    assert pictures._DRAWN.held().entries < 40


def test_an_art_serves_wherever_a_face_does() -> None:
    face: CardFace = make_face("points")
    assert strip_png(art_of(face), 375, 144) == strip_png(face, 375, 144)


def test_a_thousand_designs_are_remembered_in_no_more_memory_than_twenty() -> None:
    forget_pictures()
    for number in range(1_000):
        face = make_face("coupon", design_id=f"design {number}", organization=f"Shop {number}")
        icon_png(face, 76), logo_png(face, 100, 100)
        if number % 50 == 0:
            strip_png(face, *STRIP)
    held = pictures.PICTURES.held().held_bytes + pictures._DRAWN.held().held_bytes
    assert held <= pictures.PICTURES.most_bytes + pictures._DRAWN.most_bytes <= 80 * 2**20
    assert pictures._DRAWN.held().entries < 20
