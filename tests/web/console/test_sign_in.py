"""Who gets into the console, and that it ends when it should."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from passes.clock import real_now
from passes.merchants import staff
from passes.web.console import session
from passes.wiring import Services
from tests.factories.cafe import Cafe
from tests.factories.visitor import BASE_URL, Visitor, visit
from tests.mutants import plant
from tests.web.console.conftest import EMAIL, PASSWORD, sign_in

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PAGES = ["/console", "/console/campaigns.csv"]
ACTIONS = ["/console/preview", "/console/launch"]


@pytest.fixture(autouse=True)
def ada(cafe: Cafe) -> str:
    """Somebody who may speak to customers; returns the id."""
    return cafe.person("246810", "marketing")


def is_in(visitor: Visitor) -> bool:
    visitor.get("/console")
    return visitor.path == "/console"


def cookie_of(visitor: Visitor) -> str:
    cookie = visitor.client.get_cookie("stempel", domain="karten.example")
    assert cookie is not None
    return cookie.value


def disable(services: Services, cafe: Cafe, staff_id: str) -> None:
    with services.database.write() as uow:
        staff.disable_staff(uow, cafe.merchant.id, staff_id, "test")


def test_the_right_password_leads_to_the_campaigns(visitor: Visitor) -> None:
    sign_in(visitor)
    assert visitor.path == "/console"
    assert visitor.page.history[-1].status_code == 303
    assert "Café Größenwahn" in visitor.text
    assert visitor.page.headers["Cache-Control"] == "no-store"


@ON_SQLITE
def test_the_address_may_be_written_in_any_case(visitor: Visitor) -> None:
    sign_in(visitor, f" {EMAIL.upper()} ")
    assert is_in(visitor)


@pytest.mark.parametrize(
    "email, password",
    [
        (EMAIL, "wrong horse"),
        (EMAIL, ""),
        (EMAIL, PASSWORD + " "),
        ("nobody@example.com", PASSWORD),
        ("", ""),
        ("x" * 10_000, "y" * 10_000),
        (EMAIL, "Größe 😀"),
        ("' OR 1=1 --", "x"),
    ],
    ids=["wrong", "empty", "almost", "unknown", "nothing", "huge", "beyond ascii", "injection"],
)
def test_anything_else_does_not_and_nobody_learns_why(visitor: Visitor, email: str, password: str) -> None:
    answer = sign_in(visitor, email, password)
    assert answer.status_code == 403
    assert "Diese E-Mail und dieses Passwort passen nicht zusammen." in visitor.text
    assert not is_in(visitor)


@ON_SQLITE
def test_a_password_never_stands_on_the_page_again(visitor: Visitor) -> None:
    sign_in(visitor, EMAIL, "hush hush")
    assert "hush hush" not in visitor.text
    assert EMAIL in visitor.text


@ON_SQLITE
def test_the_page_speaks_both_languages(app: Flask) -> None:
    english = visit(app, language="en")
    sign_in(english, password="wrong")
    assert "This email and password do not match." in english.text
    assert '<html lang="en">' in english.text
    for language, words in (("de", "Anmelden"), ("en", "Sign in")):
        assert words in english.get(f"/console/sign-in?lang={language}").text


def test_somebody_without_the_scope_is_told_so_and_stays_outside(visitor: Visitor, cafe: Cafe) -> None:
    cafe.person("111111", "till", "read")
    assert sign_in(visitor, "111111@example.com").status_code == 403
    assert "darf keine Kampagnen verschicken" in visitor.text
    assert not is_in(visitor)


def test_somebody_disabled_in_between_is_nobody(
    visitor: Visitor, services: Services, cafe: Cafe, ada: str
) -> None:
    sign_in(visitor)
    visitor.get("/console")
    form = next(f for f in visitor.forms() if f.action == "/console/preview")
    disable(services, cafe, ada)
    assert not is_in(visitor)
    for action in ACTIONS:
        answer = visitor.client.post(action, data=form.values, base_url=BASE_URL)
        assert (answer.status_code, answer.location) == (303, "/console/sign-in")
    assert sign_in(visitor).status_code == 403


@ON_SQLITE
@pytest.mark.parametrize("path", PAGES)
def test_without_a_session_there_is_nothing_to_see(visitor: Visitor, path: str) -> None:
    visitor.get(path)
    assert visitor.path == "/console/sign-in"


@ON_SQLITE
def test_the_session_is_a_new_one_after_signing_in(visitor: Visitor) -> None:
    visitor.get("/console/sign-in")
    with visitor.client.session_transaction(base_url=BASE_URL) as before:
        before["planted"] = "by somebody else"
        token = before["csrf_token"]
    planted = cookie_of(visitor)
    sign_in(visitor)
    with visitor.client.session_transaction(base_url=BASE_URL) as after:
        assert "planted" not in after
        assert after["csrf_token"] != token
    assert cookie_of(visitor) != planted


@ON_SQLITE
def test_a_cookie_from_before_the_sign_in_lets_nobody_in(app: Flask, visitor: Visitor) -> None:
    """Whoever planted a session in somebody's browser gains nothing by that person's signing in."""
    visitor.get("/console/sign-in")
    planted = cookie_of(visitor)
    sign_in(visitor)
    thief = visit(app)
    thief.client.set_cookie("stempel", planted, domain="karten.example")
    assert not is_in(thief)


@ON_SQLITE
def test_signing_out_ends_it(visitor: Visitor) -> None:
    sign_in(visitor)
    visitor.press("Abmelden")
    assert visitor.path == "/console/sign-in"
    assert not is_in(visitor)


@ON_SQLITE
def test_a_copied_cookie_ends_with_the_working_day(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(visitor)
    for later, expected in ((timedelta(hours=13), True), (timedelta(hours=15), False)):
        moment = real_now() + later
        monkeypatch.setattr(session, "real_now", lambda moment=moment: moment)
        assert is_in(visitor) is expected


@ON_SQLITE
def test_a_made_up_cookie_lets_nobody_in(visitor: Visitor) -> None:
    visitor.client.set_cookie("stempel", "eyJjb25zb2xlIjoiYSJ9.x.y", domain="karten.example")
    assert not is_in(visitor)


@ON_SQLITE
def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(visitor: Visitor) -> None:
    answer = visitor.client.get("/console/sign-in", base_url=BASE_URL)
    (cookie,) = [c for c in answer.headers.getlist("Set-Cookie") if c.startswith("stempel=")]
    assert {"Secure", "HttpOnly", "SameSite=Lax"} <= set(cookie.split("; "))


@ON_SQLITE
def test_guessing_is_slowed_down_for_that_person_only(app: Flask, visitor: Visitor, cafe: Cafe) -> None:
    cafe.person("111111", "marketing")
    for _ in range(10):
        assert sign_in(visitor, password="guess").status_code == 403
    assert sign_in(visitor).status_code == 429
    assert "Zu viele Versuche" in visitor.text
    assert sign_in(visit(app), EMAIL.upper()).status_code == 429
    assert sign_in(visit(app), "111111@example.com").status_code == 200


@ON_SQLITE
def test_trying_one_password_on_many_people_is_slowed_down_too(visitor: Visitor) -> None:
    answers = [sign_in(visitor, f"{n}@example.com", "password1").status_code for n in range(61)]
    assert answers == [403] * 60 + [429]


@ON_SQLITE
@pytest.mark.parametrize("path", ["/console/sign-in", "/console/sign-out", *ACTIONS])
@pytest.mark.parametrize("token", [{}, {"csrf_token": ""}, {"csrf_token": "made up"}])
def test_a_form_from_elsewhere_does_nothing(visitor: Visitor, path: str, token: dict[str, str]) -> None:
    sign_in(visitor)
    sent = {"email": EMAIL, "password": PASSWORD, "name": "x", "de": "x", "en": "x", **token}
    answer = visitor.client.post(path, data=sent, base_url=BASE_URL, headers={"Accept-Language": "de"})
    assert answer.status_code == 400
    assert "Bitte noch einmal" in answer.get_data(as_text=True)
    assert is_in(visitor)


@ON_SQLITE
@pytest.mark.parametrize("field", ["email", "password"])
def test_a_nul_is_refused_and_no_accident(visitor: Visitor, field: str) -> None:
    assert sign_in(visitor, **{"email": EMAIL, "password": PASSWORD, field: "a\0b"}).status_code == 400


BUGS: list[tuple[tuple[str, str], Callable[..., None]]] = [
    (("session.clear()\n    session[KEY]", "session[KEY]"), test_the_session_is_a_new_one_after_signing_in),
    ((" or row.disabled_at is not None", ""), test_somebody_disabled_in_between_is_nobody),
]


@ON_SQLITE
@pytest.mark.parametrize("bug, rule", BUGS, ids=[rule.__name__ for _, rule in BUGS])
def test_a_session_without_the_rule_would_be_noticed(
    bug: tuple[str, str],
    rule: Callable[..., None],
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    damaged: Any = plant(session, bug)
    monkeypatch.setattr(session, "sign_in", damaged.sign_in)
    monkeypatch.setattr(session, "current", damaged.current)
    needed = rule.__code__.co_varnames[: rule.__code__.co_argcount]
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        rule(**{name: request.getfixturevalue(name) for name in needed})
