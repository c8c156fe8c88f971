"""Pictures and poster of a program: shared by all its cards, kept as long as they stay true."""

import io
import re

import pytest
from PIL import Image

from passes.programs import service as programs
from passes.web.assets import IMMUTABLE
from passes.wiring import Services
from tests.factories.cafe import Cafe
from tests.factories.visitor import BASE_URL, Visitor

KINDS = ["stamp", "coupon", "gift", "points"]


def pictures_on(visitor: Visitor, path: str) -> list[str]:
    return re.findall(r'"(/e/[^"]+\.png)"', visitor.get(path).text)


@pytest.mark.parametrize("kind", KINDS)
def test_every_picture_of_a_page_is_served_to_be_kept(visitor: Visitor, cafe: Cafe, kind: str) -> None:
    cafe.program(kind)
    addresses = pictures_on(visitor, f"/e/{kind}")
    assert len(addresses) == 3
    for address in addresses:
        picture = visitor.get(address)
        assert picture.content_type == "image/png"
        assert picture.headers["Cache-Control"] == IMMUTABLE
        with Image.open(io.BytesIO(picture.get_data())) as image:
            assert image.format == "PNG"


def test_two_customers_share_the_pictures_of_equal_cards(visitor: Visitor, cafe: Cafe) -> None:
    card = cafe.card("stamp")
    cafe.collect(card, 3)
    mine = pictures_on(visitor, f"/c/{card.page_token.lower()}")
    assert set(mine) == set(pictures_on(visitor, "/e/stamp"))
    assert card.page_token.lower() not in "".join(mine)


def test_a_new_design_has_new_addresses_and_old_ones_are_not_kept(
    visitor: Visitor, cafe: Cafe, services: Services
) -> None:
    program = cafe.program("stamp")
    before = pictures_on(visitor, "/e/stamp")
    with services.database.write() as uow:
        programs.change_program(uow, program, "test", colors={"background": "#005544"})
    after = pictures_on(visitor, "/e/stamp")
    assert set(before) & set(after) == set()
    old, new = visitor.get(before[2]), visitor.get(after[2])
    assert old.get_data() == new.get_data()
    assert old.headers["Cache-Control"] == "no-cache"
    assert new.headers["Cache-Control"] == IMMUTABLE


@pytest.mark.parametrize(
    "path", ["/e/stamp/d/strip-99-0.png", "/e/stamp/d/other.png", "/e/nobody/d/logo.png"]
)
def test_there_are_no_other_pictures(visitor: Visitor, cafe: Cafe, path: str) -> None:
    cafe.program("stamp")
    assert visitor.get(path).status_code == 404


def test_the_poster_is_a_pdf_with_the_programs_name(visitor: Visitor, cafe: Cafe) -> None:
    cafe.program("stamp", slug="kaffee")
    poster = visitor.get("/e/kaffee/poster.pdf")
    assert poster.content_type == "application/pdf"
    assert poster.headers["Content-Disposition"] == "inline; filename=kaffee-poster.pdf"
    assert poster.get_data().startswith(b"%PDF-")
    assert visitor.client.get("/e/nobody/poster.pdf", base_url=BASE_URL).status_code == 404


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", ["de", "en"])
def test_a_link_in_a_messenger_comes_with_a_picture(
    visitor: Visitor, cafe: Cafe, kind: str, language: str
) -> None:
    cafe.program(kind)
    page = visitor.get(f"/e/{kind}?lang={language}").text
    [address] = re.findall(r'property="og:image" content="[^"]+(/e/[^"]+)"', page)
    assert address.endswith(f"banner-{language}.png")
    with Image.open(io.BytesIO(visitor.get(address).get_data())) as image:
        assert image.size == (1125, 630)
