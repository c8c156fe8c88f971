"""Taking a card: one tap is enough, nothing typed is lost, and one phone gets one card."""

import re
import threading
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import func, select

from passes.cards import service as card_service
from passes.cards.models import Card
from passes.clock import FixedClock
from passes.members import queries as members
from passes.members.models import Consent, Member
from passes.members.queries import MemberView
from passes.wiring import Services
from tests.factories.cafe import Cafe
from tests.factories.visitor import BASE_URL, Visitor, visit

GET = "Karte holen"


def count(services: Services, table: type) -> int:
    with services.database.read() as uow:
        return uow.conn.execute(select(func.count()).select_from(table)).scalar_one()


def the_member(services: Services, cafe: Cafe) -> MemberView:
    with services.database.read() as uow:
        (member,) = members.listing(uow, cafe.merchant.id).items
        return members.get(uow, cafe.merchant.id, member.id)


def test_one_tap_gives_a_card_and_asks_nothing(visitor: Visitor, cafe: Cafe, services: Services) -> None:
    cafe.program("stamp")
    visitor.get("/e/stamp")
    visitor.press(GET)
    assert visitor.page.status_code == 200
    assert re.fullmatch(r"/c/[0-9a-z]{26}", visitor.path)
    assert "Da ist sie!" in visitor.text
    assert (count(services, Card), count(services, Member)) == (1, 0)


def test_the_page_tells_what_is_offered_in_both_languages(app: Flask, cafe: Cafe) -> None:
    cafe.program("stamp")
    german, english = visit(app), visit(app, language="en-GB")
    assert "Kaffeekarte" in german.get("/e/stamp").text
    assert "10 Stempel sammeln" in german.text
    assert '<html lang="de">' in german.text
    assert "Coffee card" in english.get("/e/stamp").text
    assert "Collect 10 stamps" in english.text
    assert '<html lang="en">' in english.text


def test_what_was_typed_is_known_of_the_member(visitor: Visitor, cafe: Cafe, services: Services) -> None:
    cafe.program("stamp")
    visitor.get("/e/stamp")
    visitor.press(GET, name=" Änne ", email="Aenne@Example.com", day="29", month="2", year="1992")
    member = the_member(services, cafe)
    assert (member.name, member.email, member.birthday) == ("Änne", None, "1992-02-29")
    assert member.locale == "de"
    assert member.consents == ()


def test_a_birthday_needs_no_year(visitor: Visitor, cafe: Cafe, services: Services) -> None:
    cafe.program("stamp")
    visitor.get("/e/stamp")
    visitor.press(GET, day="7", month="3")
    assert the_member(services, cafe).birthday == "--03-07"


@pytest.mark.parametrize("language", ["de", "en"])
def test_a_consent_is_kept_with_the_very_words_that_were_shown(
    app: Flask, cafe: Cafe, services: Services, language: str
) -> None:
    cafe.program("stamp")
    visitor = visit(app, language=language)
    shown = visitor.get("/e/stamp").text
    visitor.press("Karte holen" if language == "de" else "Get the card", consent="yes")
    (consent,) = the_member(services, cafe).consents
    assert (consent.purpose, consent.channel, consent.granted) == ("marketing", "wallet", True)
    assert consent.wording in shown
    assert "Café Größenwahn" in consent.wording
    assert consent.source == "/e/stamp"


def test_the_box_is_not_ticked_for_anybody(visitor: Visitor, cafe: Cafe, services: Services) -> None:
    cafe.program("stamp")
    visitor.get("/e/stamp")
    assert "consent" not in visitor.form(GET).values
    visitor.press(GET, name="Ada")
    assert count(services, Consent) == 0


@pytest.mark.parametrize(
    "typed, words",
    [
        ({"email": "ada@"}, "Bitte eine Adresse wie"),
        ({"name": "x" * 201}, "höchstens 200 Zeichen"),
        ({"name": "a\x07b"}, "höchstens 200 Zeichen"),
        ({"day": "31", "month": "2"}, "Bitte Tag und Monat"),
        ({"day": "3"}, "Bitte Tag und Monat"),
        ({"month": "3"}, "Bitte Tag und Monat"),
        ({"day": "zwei", "month": "3"}, "Bitte Tag und Monat"),
        ({"day": "29", "month": "2", "year": "2001"}, "Bitte ein Jahr"),
        ({"day": "1", "month": "1", "year": "92"}, "Bitte ein Jahr"),
        ({"day": "1", "month": "1", "year": "2099"}, "Bitte ein Jahr"),
        ({"day": "1", "month": "1", "year": "1066"}, "Bitte ein Jahr"),
    ],
)  # fmt: skip
def test_a_wrong_field_is_named_and_nothing_typed_is_lost(
    visitor: Visitor, cafe: Cafe, services: Services, typed: dict[str, str], words: str
) -> None:
    cafe.program("stamp")
    visitor.get("/e/stamp")
    whole = {"name": "Ada", "email": "ada@example.com", "consent": "yes", **typed}
    visitor.press(GET, **whole)
    assert visitor.page.status_code == 422
    assert words in visitor.text
    assert 'aria-invalid="true"' in visitor.text
    assert "<title>Bitte prüfen: " in visitor.text
    assert {n: v for n, v in visitor.form(GET).values.items() if n in whole} == whole
    assert (count(services, Card), count(services, Member)) == (0, 0)


def test_what_was_wrong_can_be_put_right(visitor: Visitor, cafe: Cafe, services: Services) -> None:
    cafe.program("stamp")
    visitor.get("/e/stamp")
    visitor.press(GET, email="ada@")
    visitor.press(GET, email="ada@example.com", name="Ada")
    assert visitor.path.startswith("/c/")
    assert the_member(services, cafe).name == "Ada"


def test_a_second_visit_leads_to_the_card_one_has(visitor: Visitor, cafe: Cafe, services: Services) -> None:
    cafe.program("stamp")
    visitor.get("/e/stamp")
    form = visitor.form(GET)
    visitor.press(GET)
    card = visitor.path
    visitor.get("/e/stamp")
    assert visitor.path == card
    visitor.send(form)
    assert visitor.path == card
    assert count(services, Card) == 1


def test_whose_card_was_closed_may_take_another(visitor: Visitor, cafe: Cafe, services: Services) -> None:
    cafe.program("stamp")
    visitor.get("/e/stamp")
    visitor.press(GET)
    closed = visitor.path
    with services.database.write() as uow:
        card_id = uow.conn.execute(select(Card.id)).scalar_one()
        card_service.deactivate(uow, cafe.merchant.id, card_id, "lost", "test")
    visitor.get("/e/stamp")
    visitor.press(GET)
    assert visitor.path != closed
    assert count(services, Card) == 2


def test_somebody_else_gets_a_card_of_their_own(app: Flask, cafe: Cafe, services: Services) -> None:
    cafe.program("stamp")
    for _ in range(2):
        visitor = visit(app)
        visitor.get("/e/stamp")
        visitor.press(GET)
    assert count(services, Card) == 2


def test_another_program_gives_the_same_phone_another_card(
    visitor: Visitor, cafe: Cafe, services: Services
) -> None:
    for kind in ("stamp", "coupon", "points"):
        cafe.program(kind)
        visitor.get(f"/e/{kind}")
        visitor.press(GET)
    assert count(services, Card) == 3
    with services.database.read() as uow:
        assert len(set(uow.conn.execute(select(Card.enrolled_by)).scalars())) == 3


def test_a_forged_cookie_is_a_new_phone(visitor: Visitor, cafe: Cafe, services: Services) -> None:
    cafe.program("stamp")
    visitor.get("/e/stamp")
    visitor.press(GET)
    visitor.client.set_cookie("device", "somebody.else", domain="karten.example", path="/e/")
    visitor.get("/e/stamp")
    assert visitor.path == "/e/stamp"


def test_a_hundred_taps_at_once_are_one_card(app: Flask, cafe: Cafe, services: Services) -> None:
    cafe.program("stamp")
    visitor = visit(app)
    visitor.get("/e/stamp")
    form = visitor.form(GET)
    device = visitor.client.get_cookie("device", domain="karten.example", path="/e/")
    session = visitor.client.get_cookie("stempel", domain="karten.example")
    assert device is not None
    assert session is not None
    headers = {"Cookie": f"device={device.value}; stempel={session.value}"}
    answers: list[str] = []

    def tap() -> None:
        answer = app.test_client(use_cookies=False).post(
            form.action, data={**form.values, "name": "Ada"}, headers=headers, base_url=BASE_URL
        )
        answers.append(answer.headers["Location"])

    threads = [threading.Thread(target=tap) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 20
    assert len(set(answers)) == 1
    assert (count(services, Card), count(services, Member)) == (1, 1)


def test_a_gift_card_is_not_given_away(visitor: Visitor, cafe: Cafe, services: Services) -> None:
    cafe.program("gift")
    visitor.get("/e/gift")
    assert visitor.page.status_code == 200
    assert "Geschenkkarten gibt es an der Kasse" in visitor.text
    assert visitor.forms() == []


def test_the_page_of_a_gift_card_shows_one_with_money_on_it(
    visitor: Visitor, cafe: Cafe, services: Services
) -> None:
    cafe.program("gift")
    cafe.program("gift", slug="little", maximum_balance={"amount": 1500, "asset": "EUR"})
    for slug, amount in (("gift", "50,00\xa0€"), ("little", "15,00\xa0€")):
        text = visitor.get(f"/e/{slug}").text
        assert f"So sieht eine Karte über {amount} aus." in text
        assert ">0,00\xa0€<" not in text


def test_not_even_to_somebody_who_sends_the_form_of_another_card(
    visitor: Visitor, cafe: Cafe, services: Services
) -> None:
    cafe.program("gift")
    cafe.program("stamp")
    visitor.get("/e/stamp")
    form = visitor.form(GET)
    form.action = "/e/gift"
    visitor.send(form)
    assert "Geschenkkarten gibt es an der Kasse" in visitor.text
    assert count(services, Card) == 0


@pytest.mark.parametrize("path", ["/e/nowhere", "/e/%F0%9F%8D%B0", "/e/" + "x" * 3000, "/e/stamp/poster.doc"])
def test_an_unknown_address_gets_a_friendly_page(visitor: Visitor, cafe: Cafe, path: str) -> None:
    cafe.program("stamp")
    assert visitor.get(path).status_code == 404
    assert "Hier ist nichts" in visitor.text


def test_a_nul_is_no_address(visitor: Visitor) -> None:
    assert visitor.get("/e/a%00b").status_code == 400


def test_a_form_from_nowhere_is_shown_again_with_what_was_typed(
    visitor: Visitor, cafe: Cafe, services: Services
) -> None:
    cafe.program("stamp")
    visitor.get("/e/stamp")
    form = visitor.form(GET)
    visitor.send(form, csrf_token="forged", name="Ada")
    assert visitor.page.status_code == 400
    assert "Bitte noch einmal absenden" in visitor.text
    assert visitor.form(GET).values["name"] == "Ada"
    assert count(services, Card) == 0
    visitor.press(GET)
    assert visitor.path.startswith("/c/")


def test_without_the_check_that_form_would_have_given_a_card(
    app: Flask, cafe: Cafe, services: Services
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    cafe.program("stamp")
    visitor = visit(app)
    visitor.get("/e/stamp")
    visitor.press(GET, csrf_token="forged")
    assert count(services, Card) == 1


def test_a_machine_that_fills_in_everything_gets_nothing(
    visitor: Visitor, cafe: Cafe, services: Services
) -> None:
    cafe.program("stamp")
    visitor.get("/e/stamp")
    visitor.press(GET, website="https://spam.example")
    assert visitor.path == "/e/stamp"
    assert count(services, Card) == 0


def test_a_flood_from_one_address_is_slowed_down(
    app: Flask, cafe: Cafe, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    cafe.program("stamp")
    visitor = visit(app)
    visitor.get("/e/stamp")
    form = visitor.form(GET)
    statuses = [
        visitor.client.post(form.action, data=form.values, base_url=BASE_URL).status_code for _ in range(121)
    ]
    assert statuses == [303] * 120 + [429]


def test_text_from_the_merchant_and_the_customer_is_only_ever_text(visitor: Visitor, cafe: Cafe) -> None:
    cafe.name = '<script>alert("1")</script>'
    cafe.program("stamp", reward="<b>Kuchen</b>")
    visitor.get("/e/stamp")
    visitor.press(GET, name='"><script>alert(2)</script>', email="nope")
    assert "<script" not in visitor.text
    assert "<b>Kuchen" not in visitor.text


def test_a_birthday_is_judged_by_the_business_clock(
    visitor: Visitor, cafe: Cafe, services: Services, clock: FixedClock
) -> None:
    clock.at = datetime(1997, 5, 1, 12, tzinfo=UTC)
    cafe.program("stamp")
    visitor.get("/e/stamp")
    visitor.press(GET, day="3", month="5", year="1997")
    assert visitor.page.status_code == 422
    visitor.press(GET, day="1", month="5", year="1997")
    assert the_member(services, cafe).birthday == "1997-05-01"
