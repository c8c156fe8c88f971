"""What all pages share: language, headers, assets, and saying no in a friendly way."""

import re

import pytest
from flask import Flask
from werkzeug.exceptions import default_exceptions

from passes.web import assets, pages
from passes.wiring import Services
from tests.factories.cafe import Cafe
from tests.factories.visitor import BASE_URL, Visitor, visit

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.mark.parametrize(
    "accepted, expected",
    [
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("en-GB,en;q=0.9", "en"),
        ("en;q=0.5,de;q=0.9", "de"),
        ("fr-FR,fr;q=0.9", "en"),
        ("fr,de;q=0.2", "de"),
        ("", "en"),
        (";;q=x", "en"),
    ],
)
def test_a_page_speaks_the_browsers_language_else_english(app: Flask, accepted: str, expected: str) -> None:
    assert f'<html lang="{expected}">' in visit(app, language=accepted).get("/").text


@pytest.mark.parametrize("accepted, expected", [("fr", "de"), ("", "de"), ("fr,en;q=0.1", "en")])
def test_whoever_speaks_neither_is_spoken_to_as_the_merchant_does(
    app: Flask, cafe: Cafe, services: Services, accepted: str, expected: str
) -> None:
    card, english = cafe.card("stamp"), Cafe(services, "other", "Other", "en")
    english.program("stamp", slug="english")
    visitor = visit(app, language=accepted)
    for path in ("/e/stamp", f"/c/{card.page_token}", "/scanner?merchant=groessenwahn"):
        assert f'<html lang="{expected}">' in visitor.get(path).text, path
    assert '<html lang="en">' in visit(app, language=accepted).get("/e/english").text
    french = Cafe(services, "french", "Chez nous", "fr-FR")
    french.program("stamp", slug="french")
    assert '<html lang="en">' in visit(app, language=accepted).get("/e/french").text
    assert '<html lang="en">' in visit(app, language=accepted).get("/e/english?lang=xx").text
    assert '<html lang="de">' in visit(app, language=accepted).get("/e/english?lang=de").text


def test_the_switch_is_remembered(visitor: Visitor) -> None:
    assert 'href="?lang=en"' in visitor.get("/").text
    assert '<html lang="en">' in visitor.get("/?lang=en").text
    assert '<html lang="en">' in visitor.get("/").text
    assert '<html lang="de">' in visitor.get("/?lang=de").text


def test_a_language_we_do_not_speak_changes_nothing(visitor: Visitor) -> None:
    assert '<html lang="de">' in visitor.get("/?lang=tlh").text
    assert visitor.client.get_cookie("lang", domain="karten.example") is None


def test_cookies_keep_to_themselves(visitor: Visitor, cafe: Cafe) -> None:
    cafe.program("stamp")
    cookies = visitor.get("/e/stamp?lang=de").headers.getlist("Set-Cookie")
    assert {cookie.partition("=")[0] for cookie in cookies} == {"device", "lang", "stempel"}
    for cookie in cookies:
        assert {"Secure", "HttpOnly", "SameSite=Lax"} <= set(cookie.split("; "))


@pytest.mark.parametrize("language", ["de", "en"])
def test_every_error_has_a_friendly_page_in_both_languages(app: Flask, language: str) -> None:
    for status in default_exceptions:
        with app.test_request_context(headers={"Accept-Language": language}):
            response = pages.error_page(status)
        assert response.status_code == status
        assert f'<html lang="{language}">' in response.get_data(as_text=True)
        assert ("Retry-After" in response.headers) == (status in (429, 503))


def test_an_unknown_address_is_a_page_and_no_stack_trace(visitor: Visitor) -> None:
    assert visitor.get("/nowhere").status_code == 404
    assert "Hier ist nichts" in visitor.text


def test_the_style_sheet_is_kept_for_good_under_its_own_name(visitor: Visitor) -> None:
    found = re.search(r'href="(/assets/[0-9a-f]{12}/stempel\.css)"', visitor.get("/").text)
    assert found is not None
    sheet = visitor.get(found[1])
    assert sheet.content_type == "text/css; charset=utf-8"
    assert sheet.headers["Cache-Control"] == assets.IMMUTABLE
    for name in set(re.findall(r'url\("(roboto[^"]+)"\)', sheet.text)):
        font = visitor.get(found[1].replace("stempel.css", name))
        assert (font.status_code, font.content_type) == (200, "font/ttf")


def test_an_old_name_gets_todays_style_but_is_not_kept(visitor: Visitor) -> None:
    assert visitor.get("/assets/000000000000/stempel.css").headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("name", ["other.css", "..%2fpages.py", "%2e%2e/pages.py"])
def test_nothing_else_can_be_fetched_as_an_asset(visitor: Visitor, name: str) -> None:
    assert visitor.get(f"/assets/{assets.tag()}/{name}").status_code == 404


def test_the_style_sheet_loads_nothing_from_elsewhere(visitor: Visitor) -> None:
    sheet = visitor.get(f"/assets/{assets.tag()}/stempel.css").text
    assert not re.search(r"url\(\"?(https?:)?//", sheet)
    assert "@import" not in sheet


def test_a_redirect_after_a_form_is_one_that_gets(app: Flask) -> None:
    with app.test_request_context(base_url=BASE_URL):
        response = pages.see_other("pages.start")
    assert (response.status_code, response.headers["Location"]) == (303, "/")
