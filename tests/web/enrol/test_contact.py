"""An address that is confirmed has one card of a program, whoever types it; a stranger learns nothing."""

import re
import threading
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from passes.cards import queries as cards
from passes.cards import service as card_service
from passes.cards.models import Card
from passes.cards.rules import CardView
from passes.clock import real_now
from passes.members import queries as members
from passes.members.confirmations import forget_unconfirmed
from passes.members.models import Confirmation, Consent, Member
from passes.members.queries import MemberView
from passes.privacy import service as privacy
from passes.wiring import Services
from tests.factories.cafe import Cafe
from tests.factories.visitor import BASE_URL, DESKTOP, Visitor, visit
from tests.web.enrol.postbox import Postbox

GET, CONFIRM = "Karte holen", "Ja, bestätigen"
ADA = "ada@example.com"
OWN = re.compile(
    r'[0-9a-z]{26}|[A-Z0-9]{4}(-[A-Z0-9]{4}){3}| d="[^"]*"|nonce="[^"]*"|value="[^"]{40,}"|viewBox="[^"]*"'
)
"""What is different on every card's page: its codes, how they are drawn, and what forms are signed with."""


@pytest.fixture
def postbox(services: Services) -> Postbox:
    return Postbox(services)


def count(services: Services, table: type) -> int:
    with services.database.read() as uow:
        return uow.conn.execute(select(func.count()).select_from(table)).scalar_one()


def the_members(services: Services, cafe: Cafe) -> list[MemberView]:
    with services.database.read() as uow:
        return list(members.listing(uow, cafe.merchant.id).items)


def card_at(services: Services, path: str) -> CardView:
    with services.database.read() as uow:
        found = cards.by_page_token(uow, path.rpartition("/")[2])
    assert found is not None
    return found


def take(visitor: Visitor, slug: str = "stamp", **typed: str) -> str:
    """The path of a card taken with an address."""
    visitor.get(f"/e/{slug}")
    visitor.press(GET, **{"email": ADA, **typed})
    return visitor.path


def confirm(visitor: Visitor, postbox: Postbox, email: str = ADA) -> str:
    """The path of the card that pressing the button of the newest mail leads to."""
    visitor.get(postbox.link(email))
    visitor.press(CONFIRM)
    return visitor.path


def test_the_card_comes_at_once_and_belongs_to_the_address_once_confirmed(
    visitor: Visitor, cafe: Cafe, services: Services, postbox: Postbox
) -> None:
    cafe.program("stamp")
    path = take(visitor, name="Ada")
    assert path.startswith("/c/")
    assert "Eine Mail ist unterwegs" in visitor.text
    (member,) = the_members(services, cafe)
    assert (member.name, member.email) == ("Ada", None)
    assert confirm(visitor, postbox) == path
    assert "Die Adresse ist bestätigt" in visitor.text
    (member,) = the_members(services, cafe)
    assert (member.name, member.email, member.consents) == ("Ada", ADA, ())
    assert {str(mail.message["Subject"]) for mail in postbox.mails(ADA)} == {
        "Bitte bestätigen: Kaffeekarte von Café Größenwahn",
        "Die Karte „Kaffeekarte“ von Café Größenwahn",
    }
    assert postbox.link(ADA, to="/c/") == path


def test_the_mail_that_asks_is_in_the_visitors_language_and_advertises_nothing(
    app: Flask, cafe: Cafe, postbox: Postbox
) -> None:
    cafe.program("stamp")
    visitor = visit(app, language="en")
    visitor.get("/e/stamp")
    visitor.press("Get the card", email=ADA, by_email="yes")
    (mail,) = postbox.mails()
    assert mail.message["Subject"] == "Please confirm: Coffee card by Café Größenwahn"
    assert "may also send me news" in mail.part("plain").replace("\n", " ")
    assert mail.message["List-Unsubscribe"] is None
    assert "on the house" not in mail.part("html")


def test_looking_at_the_link_confirms_nothing(
    app: Flask, visitor: Visitor, cafe: Cafe, services: Services, postbox: Postbox
) -> None:
    cafe.program("stamp")
    take(visitor)
    link = postbox.link(ADA)
    for _ in range(5):
        scanner = visit(app, user_agent=DESKTOP)
        assert scanner.get(link).status_code == 200
        assert scanner.client.head(link, base_url=BASE_URL).status_code == 200
    assert count(services, Member) == 0
    assert confirm(visitor, postbox).startswith("/c/")


def test_the_same_address_leads_to_the_same_card_and_the_second_one_is_closed(
    app: Flask, visitor: Visitor, cafe: Cafe, services: Services, postbox: Postbox
) -> None:
    cafe.program("stamp")
    first = take(visitor, name="Ada")
    confirm(visitor, postbox)
    cafe.collect(card_at(services, first), 4)
    phone = visit(app)
    second = take(phone, email=" ADA@example.com", day="7", month="3", consent="yes")
    assert second != first
    assert confirm(phone, postbox) == first
    assert card_at(services, second).state == "deactivated"
    assert card_at(services, first).balance == 4
    phone.get("/e/stamp")
    assert phone.path == first
    (member,) = the_members(services, cafe)
    assert (member.name, member.email, member.birthday) == ("Ada", ADA, "--03-07")
    assert [(c.channel, c.granted) for c in member.consents] == [("wallet", True)]


def test_a_stranger_cannot_tell_whether_an_address_is_known(
    app: Flask, visitor: Visitor, cafe: Cafe, postbox: Postbox
) -> None:
    cafe.program("stamp")
    take(visitor)
    confirm(visitor, postbox)
    seen = []
    for email in (ADA, "nobody@example.com"):
        stranger = visit(app)
        path = take(stranger, email=email)
        seen.append((OWN.sub("?", stranger.text), path != visitor.path))
    assert seen[0] == seen[1]
    subjects = Counter(str(mail.message["Subject"]) for mail in postbox.mails())
    assert subjects["Bitte bestätigen: Kaffeekarte von Café Größenwahn"] == 3
    assert subjects.total() == 4


def test_a_second_card_that_was_used_is_not_closed(
    app: Flask, visitor: Visitor, cafe: Cafe, services: Services, postbox: Postbox
) -> None:
    cafe.program("stamp")
    first = take(visitor)
    confirm(visitor, postbox)
    phone = visit(app)
    second = take(phone)
    cafe.collect(card_at(services, second), 3)
    assert confirm(phone, postbox) == first
    kept = card_at(services, second)
    assert (kept.state, kept.balance) == ("active", 3)
    assert kept.member_id == card_at(services, first).member_id


def test_who_confirms_for_somebody_else_does_not_hand_over_their_card(
    app: Flask, visitor: Visitor, cafe: Cafe, services: Services, postbox: Postbox
) -> None:
    cafe.program("stamp")
    mine = take(visitor)
    confirm(visitor, postbox)
    thief = visit(app)
    bait = take(thief)
    assert confirm(visitor, postbox) == mine
    assert card_at(services, bait).state == "deactivated"
    thief.get("/e/stamp")
    assert thief.path == "/e/stamp"
    visitor.get("/e/stamp")
    assert visitor.path == mine


def test_a_link_works_once_and_for_a_day(
    visitor: Visitor, cafe: Cafe, services: Services, postbox: Postbox
) -> None:
    cafe.program("stamp")
    take(visitor)
    link = postbox.link(ADA)
    visitor.get(link)
    form = visitor.form(CONFIRM)
    visitor.send(form)
    visitor.send(form)
    assert visitor.page.status_code == 410
    assert "schon benutzt" in visitor.text
    assert visitor.get(link).status_code == 410
    assert len(postbox.mails(ADA)) == 2
    with services.database.write() as uow:
        asked = update(Confirmation).values(confirmed_at=None, member_id=None, expires_at=real_now())
        uow.conn.execute(asked)
    assert visitor.get(link).status_code == 410
    visitor.send(form)
    assert "gilt nicht mehr" in visitor.text


def test_a_link_that_was_never_sent_and_one_of_another_program_are_nowhere(
    visitor: Visitor, cafe: Cafe, postbox: Postbox
) -> None:
    cafe.program("stamp")
    cafe.program("points")
    take(visitor)
    link = postbox.link(ADA)
    wrong = link[:-1] + ("0" if link[-1] != "0" else "1")
    for path in (wrong, link.replace("/stamp/", "/points/"), link + "/", "/e/stamp/confirm/x"):
        assert visitor.get(path).status_code == 404
    assert visitor.get(link.upper().replace("/E/STAMP/CONFIRM", "/e/stamp/confirm")).status_code == 200


def test_the_secret_of_a_link_stands_nowhere_in_the_database(
    visitor: Visitor, cafe: Cafe, services: Services, postbox: Postbox
) -> None:
    cafe.program("stamp")
    take(visitor)
    token = postbox.link(ADA).rpartition("/")[2]
    with services.database.read() as uow:
        rows = uow.conn.execute(select(Confirmation.__table__)).all()
    assert token not in str(rows)
    assert token.upper() not in str(rows)


def test_advertising_by_mail_takes_both_steps_and_keeps_the_words_of_both(
    visitor: Visitor, cafe: Cafe, services: Services, postbox: Postbox
) -> None:
    cafe.program("stamp")
    visitor.get("/e/stamp")
    shown = visitor.text
    take(visitor, by_email="yes")
    assert count(services, Consent) == 0
    visitor.get(postbox.link(ADA))
    agreed = visitor.text
    visitor.press(CONFIRM)
    (member,) = the_members(services, cafe)
    (consent,) = member.consents
    assert (consent.purpose, consent.channel, consent.granted) == ("marketing", "email", True)
    assert consent.wording in shown
    with services.database.read() as uow:
        (proof,) = privacy.export_member(uow, cafe.merchant.id, member.id)["confirmations"]
    assert consent.source == f"/e/stamp, confirmed by e-mail ({proof['id']})"
    assert proof["wording"] == consent.wording
    assert proof["confirmed_wording"] in agreed
    assert proof["asked_at"] <= proof["confirmed_at"]
    assert "token_hash" not in proof


def test_advertising_by_mail_can_be_switched_off_on_the_card_and_not_on(
    visitor: Visitor, cafe: Cafe, services: Services, postbox: Postbox
) -> None:
    cafe.program("stamp")
    take(visitor, by_email="yes")
    path = confirm(visitor, postbox)
    form = next(form for form in visitor.forms() if form.values.get("channel") == "email")
    visitor.send(form, granted="yes")
    assert visitor.page.status_code == 400
    visitor.send(form)
    assert visitor.path == path
    assert "Neuigkeiten per E-Mail" not in visitor.text
    (member,) = the_members(services, cafe)
    assert [(c.channel, c.granted) for c in member.consents] == [("email", False)]


def test_one_person_is_one_member_over_all_programs(
    visitor: Visitor, cafe: Cafe, services: Services, postbox: Postbox
) -> None:
    for kind in ("stamp", "coupon", "points"):
        cafe.program(kind)
        take(visitor, kind, name="Ada")
        confirm(visitor, postbox)
    (member,) = the_members(services, cafe)
    with services.database.read() as uow:
        assert len(cards.of_member(uow, cafe.merchant.id, member.id)) == 3


def test_an_address_of_one_merchant_is_nothing_to_another(
    visitor: Visitor, cafe: Cafe, services: Services, postbox: Postbox
) -> None:
    other = Cafe(services, "bohne", "Bohne")
    cafe.program("stamp")
    other.program("stamp", slug="theirs")
    take(visitor)
    confirm(visitor, postbox)
    take(visitor, "theirs")
    confirm(visitor, postbox)
    mine, theirs = the_members(services, cafe), the_members(services, other)
    assert [len(mine), len(theirs)] == [1, 1]
    with services.database.read() as uow:
        assert len(set(uow.conn.execute(select(Card.contact)).scalars())) == 2


def test_whose_card_was_closed_may_take_another_with_the_same_address(
    visitor: Visitor, cafe: Cafe, services: Services, postbox: Postbox
) -> None:
    cafe.program("stamp")
    first = take(visitor)
    confirm(visitor, postbox)
    with services.database.write() as uow:
        card_service.deactivate(uow, cafe.merchant.id, card_at(services, first).id, "lost", "test")
    second = take(visitor)
    assert confirm(visitor, postbox) == second != first


def test_a_card_closed_before_its_address_is_confirmed_is_nobodys(
    visitor: Visitor, cafe: Cafe, services: Services, postbox: Postbox
) -> None:
    cafe.program("stamp")
    path = take(visitor)
    visitor.get(postbox.link(ADA))
    with services.database.write() as uow:
        card_service.deactivate(uow, cafe.merchant.id, card_at(services, path).id, "lost", "test")
    visitor.press(CONFIRM)
    assert visitor.page.status_code == 410
    assert "gilt nicht mehr" in visitor.text
    assert count(services, Member) == 0


def test_only_so_many_mails_go_to_one_address(app: Flask, cafe: Cafe, postbox: Postbox) -> None:
    cafe.program("stamp")
    for _ in range(12):
        assert take(visit(app)).startswith("/c/")
    assert 3 <= len(postbox.mails(ADA)) <= 8
    take(visit(app), email="bo@example.com")
    assert len(postbox.mails("bo@example.com")) == 1


def test_what_nobody_confirms_is_forgotten(
    visitor: Visitor, cafe: Cafe, services: Services, postbox: Postbox
) -> None:
    cafe.program("stamp")
    take(visitor)
    for days, left in ((6, 1), (8, 0)):
        with services.database.write() as uow:
            uow.conn.execute(update(Confirmation).values(expires_at=real_now() - timedelta(days=days)))
            forget_unconfirmed(uow)
        assert count(services, Confirmation) == left
    assert postbox.mails() == []


def test_of_many_who_press_at_once_one_is_told_that_it_worked(
    app: Flask, visitor: Visitor, cafe: Cafe, services: Services, postbox: Postbox
) -> None:
    cafe.program("stamp")
    take(visitor, by_email="yes")
    other = visit(app)
    take(other, by_email="yes")
    answers: list[Any] = []
    presses = []
    for browser, number in ((visitor, 0), (other, 1)):
        browser.get(postbox.link(ADA, number))
        presses += [(browser, browser.form(CONFIRM))] * 4

    def press(browser: Visitor, form: Any) -> None:
        jar = browser.client._cookies or {}
        cookies = "; ".join(f"{c.key}={c.value}" for c in jar.values())
        sent = app.test_client(use_cookies=False).post(
            form.action, data=form.values, headers={"Cookie": cookies}, base_url=BASE_URL
        )
        answers.append((sent.status_code, sent.headers.get("Location")))

    threads = [threading.Thread(target=press, args=one) for one in presses]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    worked = [where for status, where in answers if status == 303]
    assert len(worked) == 2
    assert len(set(worked)) == 1
    assert sorted(status for status, _ in answers) == [303] * 2 + [410] * 6
    assert (count(services, Member), count(services, Consent)) == (1, 2)
    with services.database.read() as uow:
        states = sorted(uow.conn.execute(select(Card.state)).scalars())
    assert states == ["active", "deactivated"]
