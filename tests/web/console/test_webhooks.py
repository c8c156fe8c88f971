"""Webhooks in the console: what came through and what did not, narrowed down, taken along, sent again."""

import csv
import html
import io
import re

import pytest
from flask import Flask

from passes.clock import format_rfc3339, real_now
from passes.messaging.webhooks import history, post, service
from passes.messaging.webhooks.events import EVENT_TYPES
from passes.web.console import outcomes
from passes.web.console import webhooks as room
from passes.web.texts import TEXTS
from tests.factories.cafe import Cafe
from tests.factories.hooks import URL, Hooks
from tests.factories.visitor import Visitor, visit
from tests.web.console.conftest import sign_in

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PATH, BOSS = "/console/webhooks", "135790"
SENT_AGAIN = "Das Ereignis wird erneut gesendet"


@pytest.fixture
def desk(app: Flask, cafe: Cafe) -> Visitor:
    """The console as somebody who manages the café has it in front of them."""
    cafe.person(BOSS, "manage", name="Boris")
    visitor = visit(app)
    sign_in(visitor, f"{BOSS}@example.com")
    return visitor


@pytest.fixture
def hooks(cafe: Cafe) -> Hooks:
    return Hooks(cafe.services.database, cafe.merchant.id)


def two_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let files be read in pieces so small that a few deliveries are several."""
    monkeypatch.setitem(history.newest.__kwdefaults__, "at_once", 2)


def listed(desk: Visitor, query: str = "") -> list[str]:
    """The events on the page, from top to bottom."""
    desk.get(f"{PATH}{query}")
    assert desk.page.status_code == 200
    return re.findall(r"(evt_\w+)</code>", desk.text)


def test_without_any_it_says_how_one_is_made(desk: Visitor, cafe: Cafe) -> None:
    desk.get(PATH)
    text = html.unescape(desk.text)
    made = f"python -m passes webhooks create \\\n  --merchant {cafe.slug} \\\n  --url https://shop.example"
    assert made in text
    assert f"curl {cafe.services.base_url}/api/v1/webhooks" in text
    assert "Was gesendet wurde" not in text
    assert "No other system listens yet" in desk.get(f"{PATH}?lang=en").text


def test_it_says_how_every_endpoint_is_doing(desk: Visitor, hooks: Hooks) -> None:
    now = real_now()
    hooks.endpoint("https://new.example/", "card.issued")
    hooks.endpoint("https://good.example/", last_attempt_at=now, last_outcome="HTTP 200")
    hooks.endpoint(
        "https://poor.example/", last_attempt_at=now, failing_since=now, last_outcome="no answer in time"
    )
    hooks.disabled("https://gone.example/")
    text = desk.get(PATH).text
    for said in (
        "Noch nicht benutzt",
        "Funktioniert",
        "HTTP 200",
        "Antwortet nicht richtig",
        "Keine rechtzeitige Antwort",
        "Grund",
        "Dort hört niemand mehr zu",
        "Noch wurde nichts gesendet",
    ):
        assert said in text, said
    assert "whsec" not in text
    english = desk.get(f"{PATH}?lang=en").text
    for said in ("Not used yet", "Works", "no answer in time", "nobody listens there any more"):
        assert said in english, said


def test_long_addresses_that_end_differently_can_be_told_from_each_other(desk: Visitor, hooks: Hooks) -> None:
    start = f"https://hooks.example/{'a' * 80}"
    for end in ("/orders", "/cards"):
        hooks.endpoint(f"{start}{end}")
    names = re.findall(r'<option value="hook_[^>]*>([^<]*)<', desk.get(PATH).text)
    assert len(names) == len(set(names)) == 2
    assert all(name.startswith("hooks.example/") and len(name) <= 60 for name in names)


def test_it_lists_what_was_sent_newest_first_whatever_the_endpoint(desk: Visitor, hooks: Hooks) -> None:
    first, second = hooks.endpoint(), hooks.endpoint("https://other.example/in")
    events = [
        hooks.send("delivered", to=first),
        hooks.send("given_up", to=second),
        hooks.send("waiting", to=first),
        hooks.send(to=second),
    ]
    assert listed(desk) == events[::-1]
    for said in (
        "2 Versuche",
        "14 Versuche",
        "3 Versuche",
        "noch nicht versucht",
        "HTTP 200, beim 2. Versuch",
        "Aufgegeben nach 14 Versuchen: Keine rechtzeitige Antwort",
        "nächster Versuch: sofort",
        "other.example/in",
    ):
        assert said in desk.text, said


def test_it_is_narrowed_by_state_endpoint_event_and_id(desk: Visitor, hooks: Hooks) -> None:
    first, second = hooks.endpoint(), hooks.endpoint("https://other.example/in")
    good = hooks.send("delivered", to=first, card_id="card_1")
    poor = hooks.send("given_up", to=second, event_type="transaction.created", transaction_id="txn_1")
    late = hooks.send("waiting", to=first, event_type="card.changed", card_id="card_12")
    for query, found in (
        ("?state=waiting", [late]),
        ("?state=delivered", [good]),
        ("?state=given_up", [poor]),
        (f"?webhook={first}", [late, good]),
        (f"?webhook={first}&state=delivered", [good]),
        ("?event=transaction.created", [poor]),
        ("?q=card_1", [good]),
        ("?q=txn_1", [poor]),
        (f"?q={late}", [late]),
        ("?q=evt_", [late, poor, good]),
        ("?q=evt%25", []),
        ("?state=lost&webhook=x&event=y", [late, poor, good]),
    ):
        assert listed(desk, query) == found, query
    listed(desk, "?q=nothing")
    assert "Dazu wurde nichts gesendet" in desk.text


@ON_SQLITE
def test_it_goes_back_page_by_page_and_each_delivery_is_there_once(
    desk: Visitor, hooks: Hooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "SHOWN", 2)
    endpoints = [hooks.endpoint(), hooks.endpoint("https://other.example/in")]
    events = [hooks.send("delivered", to=endpoints[n % 2]) for n in range(5)]
    seen, query = listed(desk, "?state=delivered"), ""
    while found := re.search(r'href="/console/webhooks([^"]*before=[^"]*)"', desk.text):
        query = html.unescape(found[1])
        seen += listed(desk, query)
    assert seen == events[::-1]
    assert "state=delivered" in query
    assert "Neueste" in desk.text
    assert listed(desk, "?before=nonsense") == [events[4], events[3]]


def test_the_file_holds_all_that_was_found_and_no_path_of_an_address(
    desk: Visitor, hooks: Hooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    two_at_once(monkeypatch)
    endpoint = hooks.endpoint(f"{URL}?token=hush")
    events = [hooks.send("given_up", card_id="card_1", version=n) for n in range(5)]
    hooks.send("delivered")
    text = desk.get(f"{PATH}.csv?state=given_up").get_data(as_text=True)
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["event_id"] for row in rows] == events[::-1]
    assert (rows[0]["endpoint_id"], rows[0]["host"]) == (endpoint, "shop.example")
    assert (rows[0]["attempts"], rows[0]["data"]) == ("14", '{"card_id":"card_1","version":4}')
    assert "hush" not in text


def test_a_button_sends_one_again_and_says_so(desk: Visitor, hooks: Hooks) -> None:
    hooks.endpoint()
    others = hooks.send("given_up"), hooks.send("delivered")
    event = hooks.send("given_up")
    desk.get(f"{PATH}?state=given_up")
    desk.press("Erneut senden")
    assert SENT_AGAIN in desk.text
    assert desk.page.request.args["state"] == "given_up"
    states = {sent.delivery.id: sent.delivery.state for sent in hooks.sent()}
    assert states == {others[0]: "given_up", others[1]: "delivered", event: "waiting"}
    desk.get("/console/audit")
    assert "Webhook-Ereignisse erneut gesendet" in desk.text
    assert "Boris" in desk.text


def test_what_came_through_is_sent_again_too(desk: Visitor, hooks: Hooks) -> None:
    hooks.endpoint()
    hooks.send("delivered")
    desk.get(PATH)
    desk.press("Erneut senden")
    (sent,) = hooks.sent()
    assert (sent.delivery.state, sent.tries) == ("waiting", 0)


def test_all_that_one_endpoint_gave_up_is_sent_again_at_once(desk: Visitor, hooks: Hooks) -> None:
    first, second = hooks.endpoint(), hooks.endpoint("https://other.example/in")
    for to in (first, first, second):
        hooks.send("given_up", to=to)
    hooks.send("delivered", to=first)
    for query in ("", "?state=given_up", f"?webhook={first}", f"?webhook={first}&state=given_up&q=evt_"):
        desk.get(f"{PATH}{query}")
        assert "Alles Aufgegebene erneut senden" not in desk.text, query
    desk.get(f"{PATH}?webhook={first}&state=given_up")
    desk.press("Alles Aufgegebene erneut senden")
    assert "Was für diesen Webhook aufgegeben war, wird erneut gesendet" in desk.text
    states = [(sent.endpoint.id, sent.delivery.state) for sent in hooks.sent()]
    assert sorted(states) == sorted(
        [(first, "waiting"), (first, "waiting"), (first, "delivered"), (second, "given_up")]
    )


def test_a_disabled_endpoint_is_enabled_before_anything_is_sent_there_again(
    desk: Visitor, hooks: Hooks
) -> None:
    hooks.disabled()
    hooks.send("given_up")
    desk.get(PATH)
    assert "Erst den Webhook wieder einschalten" in desk.text
    assert not [form for form in desk.forms() if form.action.endswith("/replay")]
    desk.press("Wieder einschalten")
    assert "erfährt ab jetzt" in desk.text
    assert ">Eingeschaltet<" in desk.text
    assert "Funktioniert" not in desk.text
    desk.press("Erneut senden")
    assert SENT_AGAIN in desk.text


def test_nothing_is_sent_again_to_one_that_was_disabled_since_the_page_was_read(
    desk: Visitor, hooks: Hooks
) -> None:
    endpoint = hooks.endpoint()
    event, dead = hooks.send("delivered"), hooks.send("given_up")
    desk.get(f"{PATH}?webhook={endpoint}&state=given_up")
    forms = [form for form in desk.forms() if form.action.endswith("/replay")]
    assert len(forms) == 2
    hooks.disable(endpoint)
    for form in forms:
        desk.send(form)
        assert desk.page.status_code == 200
        assert "wird erneut gesendet" not in desk.text
        assert "Erst den Webhook wieder einschalten" in desk.text
    assert {sent.delivery.id: sent.delivery.state for sent in hooks.sent()} == {
        event: "delivered",
        dead: "given_up",
    }


def test_anothers_webhooks_are_not_there(desk: Visitor, cafe: Cafe, hooks: Hooks) -> None:
    theirs = Hooks(cafe.services.database, Cafe(cafe.services, slug="anderswo").merchant.id)
    endpoint, mine = theirs.endpoint("https://theirs.example/"), hooks.endpoint()
    event, own = theirs.send("given_up"), hooks.send("given_up")
    assert listed(desk, f"?webhook={endpoint}&q=evt_") == [own]
    assert event not in desk.get(f"{PATH}.csv").get_data(as_text=True)
    assert "theirs.example" not in desk.text
    desk.get(PATH)
    form = desk.form("Erneut senden")
    for path in (
        f"{PATH}/{endpoint}/deliveries/{event}/replay",
        f"{PATH}/{mine}/deliveries/{event}/replay",
        f"{PATH}/{endpoint}/deliveries/{own}/replay",
        f"{PATH}/{endpoint}/replay",
        f"{PATH}/{endpoint}/enable",
    ):
        form.action = path
        assert desk.send(form).status_code == 404, path
    assert theirs.sent()[0].delivery.state == "given_up"


def test_it_takes_the_right_to_manage_and_the_token_of_a_form(app: Flask, cafe: Cafe, hooks: Hooks) -> None:
    endpoint = hooks.endpoint()
    event = hooks.send("given_up")
    cafe.person("246810", "marketing")
    marketer = visit(app)
    sign_in(marketer)
    for path in (PATH, f"{PATH}.csv"):
        marketer.get(path)
        assert marketer.path == "/console"
    assert "Webhooks" not in marketer.text
    form = next(form for form in marketer.forms() if "csrf_token" in form.values)
    form.action = f"{PATH}/{endpoint}/deliveries/{event}/replay"
    assert marketer.send(form).status_code == 200
    assert marketer.path == "/console"
    cafe.person(BOSS, "manage")
    boss = visit(app)
    sign_in(boss, f"{BOSS}@example.com")
    form.values = {}
    assert boss.send(form).status_code == 400
    assert hooks.sent()[0].delivery.state == "given_up"


def test_every_note_and_every_event_has_german_words() -> None:
    notes = [*post._NOTES.values(), "no connection", "the host's address is not public"]
    since = format_rfc3339(real_now())
    noted = [
        *notes,
        *(f"given up after 14 attempts: {note}" for note in notes),
        "HTTP 200, at attempt 2",
        "HTTP 302, and redirects are not followed",
        "the endpoint is disabled: it answered 410: nobody listens there any more",
        f"nothing has got through since {since}: no answer in time",
        "fault in the channel: ValueError",
    ]
    for note in noted:
        assert outcomes.in_words(note, "Europe/Berlin", "de") != note
    assert outcomes.in_words("HTTP 500", "Europe/Berlin", "de") == "HTTP 500"
    assert all(f"webhook_event_{name}" in TEXTS for name in EVENT_TYPES)


def test_there_are_never_more_endpoints_than_the_page_shows() -> None:
    assert service.MOST_ENDPOINTS <= 200
