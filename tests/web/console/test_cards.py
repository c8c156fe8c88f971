"""The cards of a shop as its marketing team sees them: a list, and each in both wallets and languages."""

import io
from dataclasses import replace

import pytest
from flask import Flask
from PIL import Image

from passes.cards import faces
from passes.cards.face import CardFace
from passes.programs import queries as programs
from passes.web import previews
from tests.factories.cafe import Cafe
from tests.factories.visitor import visit
from tests.web.console.conftest import Office

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_a_team_finds_its_cards_and_sees_them_in_both_wallets(office: Office) -> None:
    text = office.look("/console/cards")
    assert "Kaffeekarte" in text
    program = office.cafe.program("stamp", slug="zweite")
    office.look(f"/console/cards/{program.id}")
    for side in ("Vorderseite", "Rückseite", "Karte", "Details"):
        assert f"Wallet, {side}" in office.visitor.text
    html = office.visitor.text
    assert html.count("<svg") == 8
    assert html.count('lang="de" font-family') == 4


@ON_SQLITE
def test_the_list_can_be_searched_and_taken_along(office: Office) -> None:
    office.cafe.program("gift")
    assert "Geschenkkarte" in office.look("/console/cards")
    assert "Geschenkkarte" not in office.look("/console/cards?q=kaffee")
    assert "Keine Karte heißt so" in office.look("/console/cards?q=tee")
    file = office.visitor.get("/console/cards.csv?q=geschenk")
    assert file.mimetype == "text/csv"
    assert [line.split(",")[1] for line in file.text.splitlines()] == ["kind", "gift"]


@ON_SQLITE
@pytest.mark.parametrize("name", ["apple-front", "apple-back", "google-front", "google-details"])
def test_a_side_can_be_taken_along_as_a_picture(office: Office, name: str) -> None:
    program = office.cafe.program("points")
    answer = office.visitor.get(f"/console/cards/{program.id}/{name}-en.png")
    assert answer.status_code == 200
    with Image.open(io.BytesIO(answer.data)) as picture:
        assert picture.width == 3 * 375


@ON_SQLITE
def test_nobody_sees_the_cards_of_others_or_without_signing_in(office: Office, app: Flask) -> None:
    theirs = Cafe(office.services, slug="fremd", name="Fremd").program("gift", slug="fremde-karte")
    for path in (f"/console/cards/{theirs.id}", f"/console/cards/{theirs.id}/apple-front-de.png"):
        assert office.visitor.get(path).status_code == 404
    mine = office.cafe.program("stamp", slug="zweite")
    for path in ("apple-front-fr.png", "apple-middle-de.png"):
        assert office.visitor.get(f"/console/cards/{mine.id}/{path}").status_code == 404
    somebody = visit(app)
    for path in ("", ".csv", f"/{mine.id}", f"/{mine.id}/apple-front-de.png"):
        somebody.get(f"/console/cards{path}")
        assert somebody.path == "/console/sign-in"


@ON_SQLITE
def test_a_card_for_readers_is_previewed_without_a_certificate(office: Office) -> None:
    program = office.cafe.program("gift")
    face = replace(sample_of(office, program.id), nfc="hello")
    assert len(previews.sides(face, "en", "UTC")) == len(previews.SIDES)


def sample_of(office: Office, program_id: str) -> CardFace:
    with office.services.database.read() as uow:
        program = programs.get(uow, office.cafe.merchant.id, program_id)
        return faces.sample_face(uow, office.services.base_url, program, 0)
