"""Each protective rule of mails and confirmed addresses, proven by a bug that breaks it."""

import pytest
from flask import Flask
from sqlalchemy import func, select

from passes.cards import queries as cards
from passes.cards.models import Card
from passes.cards.rules import CardView
from passes.members import confirmations
from passes.members.models import Confirmation, Member
from passes.web.enrol import contact
from passes.wiring import Services
from tests.factories.cafe import Cafe
from tests.factories.visitor import visit
from tests.mutants import damage
from tests.web.enrol.postbox import Postbox
from tests.web.enrol.test_contact import CONFIRM, confirm, count, take

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def presses(app: Flask, cafe: Cafe, services: Services) -> int:
    """How often the button of one link works."""
    cafe.program("stamp")
    postbox, visitor = Postbox(services), visit(app)
    take(visitor)
    visitor.get(postbox.link("ada@example.com"))
    form = visitor.form(CONFIRM)
    return sum(visitor.send(form).status_code == 200 for _ in range(3))


def test_a_link_that_works_again_is_noticed(
    app: Flask, cafe: Cafe, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    damage(monkeypatch, confirmations, "confirm", ("Confirmation.confirmed_at.is_(None),", ""))
    assert presses(app, cafe, services) == 3


def test_a_sound_link_works_once(app: Flask, cafe: Cafe, services: Services) -> None:
    assert presses(app, cafe, services) == 1


def bait(app: Flask, cafe: Cafe, services: Services) -> str:
    """Where the shop's link leads a thief whose bait a careless owner of an address has confirmed."""
    cafe.program("stamp")
    postbox, owner, thief = Postbox(services), visit(app), visit(app)
    take(owner)
    mine = confirm(owner, postbox)
    take(thief)
    confirm(owner, postbox)
    thief.get("/e/stamp")
    return "the owner's card" if thief.path == mine else thief.path


def test_a_thief_is_led_nowhere(app: Flask, cafe: Cafe, services: Services) -> None:
    assert bait(app, cafe, services) == "/e/stamp"


def test_a_thief_led_to_the_owners_card_is_noticed(
    app: Flask, cafe: Cafe, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The mark the card was taken under, whoever presses the button.
    old = "cards.enrolled_id(uow, pressed.program_id, mark) == pressed.id"
    new = (
        "(mark := uow.conn.exec_driver_sql("
        "'SELECT enrolled_by FROM cards WHERE id = ?', (pressed.id,)).scalar()) is not None"
    )
    damage(monkeypatch, contact, "_close", (old, new))
    assert bait(app, cafe, services) == "the owner's card"


def test_a_used_card_that_is_closed_is_noticed(
    app: Flask, cafe: Cafe, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    damage(monkeypatch, contact, "_close", ("if not used:", "if True:"))
    cafe.program("stamp")
    postbox, first, second = Postbox(services), visit(app), visit(app)
    take(first)
    confirm(first, postbox)
    take(second)
    with services.database.read() as uow:
        newest = uow.conn.execute(select(Card.id).order_by(Card.id.desc()).limit(1)).scalar_one()
    cafe.collect(_card(services, newest), 2)
    confirm(second, postbox)
    assert _card(services, newest).state == "deactivated"


def _card(services: Services, card_id: str) -> CardView:
    with services.database.read() as uow:
        found = cards.by_id_anywhere(uow, card_id)
    assert found is not None
    return found


def test_a_secret_kept_as_it_is_would_be_found(
    app: Flask, cafe: Cafe, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    damage(
        monkeypatch,
        confirmations,
        "_hashed",
        ('hashlib.sha256(token.encode(errors="surrogatepass")).digest()', "token.encode()"),
    )
    cafe.program("stamp")
    visitor = visit(app)
    take(visitor)
    token = Postbox(services).link("ada@example.com").rpartition("/")[2]
    with services.database.read() as uow:
        assert token in str(uow.conn.execute(select(Confirmation.__table__)).all())


def test_nobody_is_made_a_member_by_a_stranger(app: Flask, cafe: Cafe, services: Services) -> None:
    cafe.program("stamp")
    take(visit(app))
    assert count(services, Member) == 0
    with services.database.read() as uow:
        given = uow.conn.execute(select(func.count()).where(Card.contact.is_not(None))).scalar_one()
    assert given == 0
