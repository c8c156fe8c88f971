"""A second person at the till: sees what is asked, says yes with a PIN of their own or elsewhere, once."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from passes.clock import FixedClock
from passes.limits import approvals, debts, sign_ins
from passes.web.scanner import approving
from passes.wiring import Services
from tests.factories.cafe import Cafe
from tests.factories.visitor import visit
from tests.limits.guessers import Watch
from tests.mutants import damage
from tests.web.scanner.counter import BOSS, CLERK, COLLEAGUE, Counter, open_counter

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def counter(app: Flask, cafe: Cafe) -> Counter:
    """A clerk at the till, above a hundred euros not alone."""
    return open_counter(app, cafe)


def test_up_to_the_threshold_nobody_else_is_asked(counter: Counter) -> None:
    counter.till.get(f"/scanner/card/{counter.card.id}")
    counter.till.press("Aufladen", load="100")
    assert "Aufgeladen: 100,00\xa0€." in counter.till.text
    assert counter.audited() == []


def test_a_second_person_approves_with_a_pin_of_their_own_and_it_is_booked(counter: Counter) -> None:
    counter.ask()
    for words in ("Eine zweite Person, bitte", "Aufladen: 200,00\xa0€", "Klara", counter.card.code[-4:]):
        assert words in counter.till.text
    assert counter.balance == 100
    counter.till.press("Freigeben und buchen", pin=BOSS)
    assert counter.till.path == f"/scanner/card/{counter.card.id}"
    assert "Aufgeladen: 200,00\xa0€." in counter.till.text
    assert counter.balance == 20_100
    expected = [("ask", counter.clerk), ("approved", counter.boss), ("use_approval", counter.clerk)]
    assert counter.audited() == expected


def test_the_second_persons_pin_signs_nobody_in(counter: Counter) -> None:
    counter.ask()
    counter.till.press("Freigeben und buchen", pin=BOSS)
    assert counter.ask("300")
    assert "Klara" in counter.till.text


def test_ones_own_pin_approves_nothing(counter: Counter) -> None:
    asked = counter.ask()
    counter.till.press("Freigeben und buchen", pin=CLERK)
    assert counter.till.page.status_code == 403
    assert "Freigeben muss jemand anders" in counter.till.text
    assert (counter.balance, counter.approval(asked).status) == (100, "pending")
    assert counter.audited() == [("ask", counter.clerk), ("refuse_own", counter.clerk)]


@pytest.mark.parametrize(
    "pin, words", [("999999", "Diese PIN passt nicht"), ("", "Diese PIN passt nicht"), (COLLEAGUE, "manage")]
)
def test_a_wrong_pin_and_one_that_may_not_approve_are_told_apart(
    counter: Counter, pin: str, words: str
) -> None:
    asked = counter.ask()
    counter.till.press("Freigeben und buchen", pin=pin)
    assert counter.till.page.status_code == 403
    assert words in counter.till.text
    assert (counter.balance, counter.approval(asked).status) == (100, "pending")


@ON_SQLITE
def test_guessing_a_pin_here_locks_the_same_door_as_signing_in(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = Watch()
    monkeypatch.setattr(debts, "now_ms", watch)
    counter.ask()
    for _ in range(sign_ins.PINS_PER_HOUR + 1):
        counter.till.press("Freigeben und buchen", pin="999999")
        watch.ms += debts.SLOW_MS
    counter.till.press("Freigeben und buchen", pin=BOSS)
    assert counter.till.page.status_code == 429
    assert "Zu viele falsche PINs" in counter.till.text
    assert "Zu viele falsche PINs" in counter.signed_in(COLLEAGUE).text
    assert counter.balance == 100


def test_pressing_twice_books_once(counter: Counter) -> None:
    counter.ask()
    form = counter.till.form("Freigeben und buchen")
    for _ in range(2):
        counter.till.send(form, pin=BOSS)
        assert "Aufgeladen: 200,00\xa0€." in counter.till.text
    assert counter.balance == 20_100


def test_what_was_approved_elsewhere_is_booked_here_and_only_once(counter: Counter) -> None:
    asked = counter.ask()
    counter.decide(asked)
    counter.till.get("/scanner")
    assert "freigegeben" in counter.till.text
    counter.till.get(f"/scanner/approvals/{asked}")
    assert "Boris" in counter.till.text
    form = counter.till.form("Jetzt buchen")
    counter.till.send(form)
    assert counter.balance == 20_100
    counter.till.send(form, key=form.values["key"][:-1] + "x")
    assert counter.till.page.status_code == 409
    assert "schon verbraucht" in counter.till.text
    assert counter.balance == 20_100
    assert "Schon ausgeführt" in counter.till.get(f"/scanner/approvals/{asked}").text


def test_an_approval_is_for_the_very_amount(counter: Counter) -> None:
    asked = counter.ask()
    counter.decide(asked)
    counter.till.get(f"/scanner/approvals/{asked}")
    form = counter.till.form("Jetzt buchen")
    counter.till.send(form, load="201")
    assert counter.till.page.status_code == 409
    assert "gilt für etwas anderes" in counter.till.text
    assert (counter.balance, counter.approval(asked).used_at) == (100, None)


def test_a_no_is_shown_and_leaves_nothing_to_press(counter: Counter) -> None:
    asked = counter.ask()
    counter.decide(asked, "rejected")
    form = counter.till.form("Freigeben und buchen")
    counter.till.get(f"/scanner/approvals/{asked}")
    assert "Abgelehnt" in counter.till.text
    assert [f.action for f in counter.till.forms()] == ["/scanner/sign-out"]
    counter.till.send(form, pin=BOSS)
    assert counter.till.page.status_code == 403
    assert counter.balance == 100


@ON_SQLITE
def test_after_a_day_it_has_to_be_asked_again(counter: Counter, clock: FixedClock) -> None:
    asked = counter.ask()
    clock.at += timedelta(days=1)
    counter.till = counter.signed_in(CLERK)
    assert "Nicht mehr offen" in counter.till.get(f"/scanner/approvals/{asked}").text


@ON_SQLITE
def test_asking_for_the_same_again_takes_the_place_of_the_first(counter: Counter) -> None:
    first, second = counter.ask(), counter.ask()
    with counter.cafe.services.database.read() as uow:
        assert [view.id for view in approvals.waiting(uow, counter.cafe.merchant.id)] == [second]
    assert "Nicht mehr offen" in counter.till.get(f"/scanner/approvals/{first}").text
    other = counter.ask("300")
    assert [counter.approval(one).form for one in (second, other)] == [
        {"action": "load", "load": "200"},
        {"action": "load", "load": "300"},
    ]


def test_what_others_ask_for_is_nowhere_here(counter: Counter, app: Flask, services: Services) -> None:
    asked = counter.ask()
    form = counter.till.form("Freigeben und buchen")
    assert counter.signed_in(COLLEAGUE).get(f"/scanner/approvals/{asked}").status_code == 404
    elsewhere = Counter(app, Cafe(services, "other", "Andere"), "", "", visit(app), counter.card)
    elsewhere.cafe.person("424242", "till", "manage")
    assert elsewhere.cafe.shop.name == "Mitte"
    theirs = elsewhere.signed_in("424242")
    theirs.get("/scanner")
    token = theirs.forms()[0].values["csrf_token"]
    assert theirs.get(f"/scanner/approvals/{asked}").status_code == 404
    assert theirs.send(form, csrf_token=token, pin="424242").status_code == 404
    assert counter.approval(asked).status == "pending"


def test_a_till_at_no_shop_asks_at_which_one_the_second_person_is(counter: Counter, cafe: Cafe) -> None:
    counter.till = visit(counter.app)
    counter.till.get("/scanner")
    form = next(form for form in counter.till.forms() if form.action == "/scanner/key")
    counter.till.send(form, key=cafe.key("till").key)
    counter.ask()
    assert "Schlüssel sk_stempel_" in counter.till.text
    counter.till.press("Freigeben und buchen", pin=BOSS, location="elsewhere")
    assert "Diese Filiale gibt es hier nicht" in counter.till.text
    counter.till.press("Freigeben und buchen", pin=BOSS, location=cafe.shop.id)
    assert counter.balance == 20_100


@ON_SQLITE
def test_it_speaks_english_too(counter: Counter) -> None:
    asked = counter.ask()
    counter.till.language = "en"
    page = counter.till.get(f"/scanner/approvals/{asked}").text
    assert "A second person, please" in page
    assert "Load: €200.00" in page


_once = test_what_was_approved_elsewhere_is_booked_here_and_only_once
_others = test_what_others_ask_for_is_nowhere_here
PLANTED: list[tuple[object, str, tuple[str, str], Callable[..., None]]] = [
    (approvals, "decide", ("asked.asked_by == actor", "False"), test_ones_own_pin_approves_nothing),
    (approvals, "use", ("Approval.used_at.is_(None)", "True"), _once),
    (
        approvals,
        "use",
        ("Approval.fingerprint == fingerprint(act)", "True"),
        test_an_approval_is_for_the_very_amount,
    ),
    (approving, "_asked", ("view.asked_by != caller.actor or ", ""), _others),
]


@ON_SQLITE
@pytest.mark.parametrize("module, name, edit, rule", PLANTED)
def test_planted_bugs_are_caught(
    counter: Counter,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    module: object,
    name: str,
    edit: tuple[str, str],
    rule: Callable[..., None],
) -> None:
    damage(monkeypatch, module, name, edit)
    needed = rule.__code__.co_varnames[: rule.__code__.co_argcount]
    with pytest.raises(AssertionError):
        rule(**{name: request.getfixturevalue(name) for name in needed})


@ON_SQLITE
def test_without_the_scope_anybodys_pin_would_do_and_be_noticed(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(approving, "SCOPE", "till")
    with pytest.raises(AssertionError):
        test_a_wrong_pin_and_one_that_may_not_approve_are_told_apart(counter, COLLEAGUE, "manage")
