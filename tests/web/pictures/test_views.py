"""Pictures for wallets: public, kept for ever under their name, and only those a card can show are drawn."""

import io
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.test import TestResponse

from passes.app import create_app
from passes.cards import faces
from passes.programs import queries as programs
from passes.programs import service as program_service
from passes.programs.pictures import clean_picture
from passes.wallets.art import pictures
from passes.wallets.art.picture_id import picture_id
from passes.web.assets import IMMUTABLE
from passes.web.pictures import views
from passes.wiring import Services
from tests.factories.cafe import Cafe
from tests.mutants import plant

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
NUL = "%00"


@pytest.fixture
def client(services: Services) -> FlaskClient:
    return create_app(services).test_client()


def design_of(services: Services, slug: str) -> str:
    with services.database.read() as uow:
        return picture_id(faces.sample_face(uow, services.base_url, programs.by_slug(uow, slug), 0))


def hero(client: FlaskClient, services: Services, state: str, slug: str = "stamp") -> TestResponse:
    return client.get(f"/pictures/{slug}/{design_of(services, slug)}/hero-{state}.png")


def size(answer: TestResponse) -> tuple[int, int]:
    assert (answer.status_code, answer.content_type) == (200, "image/png")
    return Image.open(io.BytesIO(answer.data)).size


@ON_SQLITE
def test_the_addresses_given_to_google_lead_to_pictures(
    client: FlaskClient, services: Services, cafe: Cafe
) -> None:
    for kind in ("stamp", "coupon", "gift", "points"):
        card = cafe.card(kind)
        with services.database.read() as uow:
            urls = services.google_urls(services.read_face(uow, card.id))
        drawn = ((urls.logo, (660, 660)), (urls.hero, (1032, 336)), (urls.wide_logo, (1280, 400)))
        for address, expected in drawn:
            assert address
            answer = client.get(address.removeprefix(services.base_url))
            assert size(answer) == expected
            assert answer.headers["Cache-Control"] == IMMUTABLE


@ON_SQLITE
def test_a_picture_shows_the_stamps_of_its_address(
    client: FlaskClient, services: Services, cafe: Cafe
) -> None:
    cafe.program("stamp")
    drawn = {hero(client, services, state).data for state in ("0-0", "1-0", "10-0", "0-1")}
    assert len(drawn) == 4


@ON_SQLITE
def test_an_address_of_another_design_gets_todays_picture_and_may_not_keep_it(
    client: FlaskClient, services: Services, cafe: Cafe
) -> None:
    program = cafe.program("stamp")
    before = design_of(services, "stamp")
    brown = client.get(f"/pictures/stamp/{before}/hero-3-0.png")
    with services.database.write() as uow:
        program_service.change_program(uow, program, "test", colors={"background": "#0b3d91"})
    blue, late = hero(client, services, "3-0"), client.get(f"/pictures/stamp/{before}/hero-3-0.png")
    assert blue.data == late.data != brown.data
    assert blue.headers["Cache-Control"] == brown.headers["Cache-Control"] == IMMUTABLE
    assert late.headers["Cache-Control"] == "no-cache"
    logo = client.get(f"/pictures/stamp/{before}/logo.png")
    assert logo.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    "path",
    [
        "/images/unknown.png",
        f"/images/{NUL}.png",
        f"/images/{'0' * 5000}.png",
        "/pictures/nowhere/x/logo.png",
        f"/pictures/{NUL}/x/logo.png",
        f"/pictures/stamp/{NUL}/logo.png",
        "/pictures/nowhere/x/wide-logo.png",
        "/pictures/nowhere/x/hero-0-0.png",
        "/pictures/stamp/x/hero.png",
        "/pictures/stamp/x/hero-a-b.png",
        "/pictures/stamp/x/hero--1-0.png",
        "/pictures/stamp/x/hero-1.png",
        "/pictures/stamp/x/icon.png",
    ],
)
def test_unknown_pictures_are_not_there(client: FlaskClient, cafe: Cafe, path: str) -> None:
    cafe.program("stamp")
    answer = client.get(path)
    assert answer.status_code == (400 if NUL in path else 404)
    assert "immutable" not in answer.headers["Cache-Control"]


@ON_SQLITE
@pytest.mark.parametrize(
    "slug, state",
    [
        ("stamp", "11-0"),
        ("stamp", "0-2"),
        ("stamp", "0-9999"),
        ("stamp", f"{'9' * 5000}-0"),
        ("points", "1-0"),
        ("points", "0-1"),
    ],
    ids=lambda value: value[:8],
)
def test_a_state_no_card_can_have_is_no_picture(
    client: FlaskClient, services: Services, cafe: Cafe, slug: str, state: str
) -> None:
    cafe.program(slug)
    assert hero(client, services, state, slug).status_code == 404


def ask_for_many(client: FlaskClient, services: Services) -> tuple[int, int]:
    """Ask for a great many addresses; how many pictures were drawn for it, and how many anybody may keep."""
    pictures.forget_pictures()
    design, kept = design_of(services, "stamp"), set()
    for n in range(120):
        for name in (
            f"{design}/hero-{n}-0",
            f"{design}/hero-0{n}-0",
            f"{design}/hero-0-{n}",
            f"{n}/hero-1-0",
        ):
            answer = client.get(f"/pictures/stamp/{name}.png")
            if answer.status_code == 200 and answer.headers["Cache-Control"] == IMMUTABLE:
                kept.add(name)
    return pictures.PICTURES.held().misses, len(kept)


@ON_SQLITE
def test_asking_for_many_addresses_draws_and_keeps_no_more_than_the_cards_states(
    client: FlaskClient, services: Services, cafe: Cafe, monkeypatch: pytest.MonkeyPatch
) -> None:
    cafe.program("stamp")
    assert ask_for_many(client, services) == (12, 12)
    bugs = [
        ("if filled > most[0] or rewards > most[1]:", "if False:"),
        ("IMMUTABLE if may_be_kept else", "IMMUTABLE if content else"),
        ("(0|[1-9][0-9]{0,2})", "([0-9]+)"),
    ]
    for bug in bugs:
        damaged: Any = plant(views, bug)
        monkeypatch.setattr("passes.app.pictures", damaged.create_blueprint)
        assert ask_for_many(create_app(services).test_client(), services)[1] > 12, bug


@ON_SQLITE
def test_an_uploaded_picture_is_served_under_the_name_of_its_content(
    client: FlaskClient, services: Services, cafe: Cafe
) -> None:
    out = io.BytesIO()
    Image.new("RGB", (40, 40), "#336699").save(out, "JPEG")
    program = cafe.program("stamp")
    logo = clean_picture("logo", out.getvalue())
    with services.database.write() as uow:
        changed = program_service.change_program(uow, program, "test", images={"logo": logo})
    answer = client.get(f"/images/{changed.images['logo']}.png")
    assert size(answer) == (40, 40)
    assert answer.headers["Cache-Control"] == IMMUTABLE
    assert client.head(f"/images/{changed.images['logo']}.png").status_code == 200
