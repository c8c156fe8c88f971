"""The second person at a desk: sees who asks for what, decides once, and never what they asked themselves."""

from collections.abc import Callable

import pytest
from flask import Flask

from passes.errors import Refusal
from passes.limits import approvals
from passes.limits import queries as limits
from passes.wiring import Services
from tests.factories.cafe import Cafe
from tests.factories.visitor import Visitor, visit
from tests.mutants import damage
from tests.web.console.conftest import sign_in
from tests.web.scanner.counter import BOSS, CLERK, Counter, open_counter

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PATH = "/console/approvals"


@pytest.fixture
def counter(app: Flask, cafe: Cafe) -> Counter:
    """Where it is asked."""
    return open_counter(app, cafe)


def desk_of(counter: Counter, pin: str) -> Visitor:
    """The console as somebody has it in front of them."""
    visitor = visit(counter.app)
    sign_in(visitor, f"{pin}@example.com")
    visitor.get(PATH)
    return visitor


def test_who_asks_for_what_stands_there_and_on_every_page_how_much_waits(counter: Counter) -> None:
    assert "Gerade wartet nichts" in desk_of(counter, BOSS).text
    counter.ask()
    desk = desk_of(counter, BOSS)
    for words in ("Aufladen: 200,00\xa0€", "Klara", "Geschenkkarte", counter.card.code[-4:], "Mitte"):
        assert words in desk.text
    assert counter.card.code not in desk.text
    assert "Freigaben (1)" in desk.get("/console").text


def test_a_yes_is_given_once_and_booked_at_the_till(counter: Counter) -> None:
    asked = counter.ask()
    desk = desk_of(counter, BOSS)
    form = desk.form("Freigeben")
    for _ in range(2):
        desk.send(form)
        assert "An der Kasse kann es jetzt gebucht werden" in desk.text
    assert counter.approval(asked).decided_by == counter.boss
    assert counter.balance == 100
    counter.till.get(f"/scanner/approvals/{asked}")
    counter.till.press("Jetzt buchen")
    assert counter.balance == 20_100
    assert "ausgeführt" in desk.get(PATH).text
    assert [action for action, _ in counter.audited()] == ["ask", "approved", "use_approval"]


def test_a_limit_that_is_to_go_is_named_and_goes(counter: Counter) -> None:
    services, merchant_id = counter.cafe.services, counter.cafe.merchant.id
    with services.database.read() as uow:
        (limit,) = limits.all_of(uow, merchant_id)
    with pytest.raises(Refusal), services.database.write() as uow:
        raise approvals.refuse_removal(uow, limit, counter.clerk)
    desk = desk_of(counter, BOSS)
    assert f"Grenze aufheben: {limit.name}" in desk.text
    assert "Klara" in desk.text
    desk.press("Freigeben")
    assert desk.page.status_code == 200
    with services.database.read() as uow:
        assert limits.all_of(uow, merchant_id) == ()


def test_a_no_stays_a_no(counter: Counter) -> None:
    asked = counter.ask()
    desk = desk_of(counter, BOSS)
    yes = desk.form("Freigeben")
    desk.press("Ablehnen")
    assert "Es wird nichts gebucht" in desk.text
    assert desk.send(yes).status_code == 409
    assert "schon entschieden" in desk.text
    assert counter.approval(asked).status == "rejected"
    assert counter.audited()[1:] == [("rejected", counter.boss)]


def test_whoever_asked_sees_it_and_cannot_decide(counter: Counter) -> None:
    asked = counter.ask()
    boss, own = desk_of(counter, BOSS), desk_of(counter, CLERK)
    assert "entscheiden muss jemand anders" in own.text
    assert "Freigeben" not in [form.words for form in own.forms()]
    forms = [boss.form("Freigeben"), boss.form("Ablehnen")]
    for form in forms:
        answer = own.send(form, csrf_token=own.forms()[0].values["csrf_token"])
        assert answer.status_code == 409
        assert "kann nicht selbst entscheiden" in own.text
    assert counter.approval(asked).status == "pending"
    assert counter.audited()[1:] == [("refuse_own", counter.clerk)] * 2


def test_other_merchants_are_none_of_theirs(counter: Counter, services: Services) -> None:
    asked = counter.ask()
    form = desk_of(counter, BOSS).form("Freigeben")
    Cafe(services, "other", "Andere").person("777777", "manage", "marketing")
    theirs = desk_of(counter, "777777")
    assert "Gerade wartet nichts" in theirs.text
    assert theirs.send(form, csrf_token=theirs.forms()[0].values["csrf_token"]).status_code == 404
    assert counter.approval(asked).status == "pending"


def test_somebody_who_manages_nothing_neither_sees_nor_decides(counter: Counter, cafe: Cafe) -> None:
    asked = counter.ask()
    form = desk_of(counter, BOSS).form("Freigeben")
    cafe.person("888888", "marketing")
    desk = desk_of(counter, "888888")
    assert desk.path == "/console"
    assert "Freigaben" not in desk.text
    desk.send(form, csrf_token=desk.forms()[0].values["csrf_token"])
    assert counter.approval(asked).status == "pending"


def test_somebody_who_only_manages_is_let_in_to_approve_and_nowhere_else(
    counter: Counter, cafe: Cafe
) -> None:
    cafe.person("999999", "manage")
    desk = desk_of(counter, "999999")
    assert desk.path == PATH
    for path in ("/console", "/console/cards", "/console/signing"):
        desk.get(path)
        assert desk.path == PATH


BUGS: list[tuple[str, tuple[str, str], Callable[..., None]]] = [
    ("decide", ("asked.asked_by == actor", "False"), test_whoever_asked_sees_it_and_cannot_decide),
    ("get", ("Approval.merchant_id == merchant_id, ", ""), test_other_merchants_are_none_of_theirs),
    ("decide", ('Approval.status == "pending", ', ""), test_a_no_stays_a_no),
]


@ON_SQLITE
@pytest.mark.parametrize("name, edit, rule", BUGS)
def test_planted_bugs_are_caught(
    counter: Counter,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    edit: tuple[str, str],
    rule: Callable[..., None],
) -> None:
    damage(monkeypatch, approvals, name, edit)
    needed = rule.__code__.co_varnames[: rule.__code__.co_argcount]
    with pytest.raises(AssertionError):
        rule(**{name: request.getfixturevalue(name) for name in needed})
