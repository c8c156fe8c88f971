"""Sending again from the console reaches the receiver; each guard of the page is missed when it is gone."""

from collections.abc import Callable
from types import ModuleType

import pytest
from flask import Flask

from passes.app import create_app
from passes.messaging.webhooks import history, queries, service, signature
from passes.messaging.webhooks.delivery import WebhookChannel
from passes.messaging.webhooks.post import Poster
from passes.outbox.sender import Sender
from passes.web.console import webhooks as room
from passes.wiring import fan_out
from tests.factories.cafe import Cafe
from tests.factories.hooks import Hooks
from tests.factories.visitor import Visitor, visit
from tests.fakes.webhooks import Behaviour, Receiver
from tests.mutants import damage
from tests.web.console import test_webhooks as scenarios
from tests.web.console.conftest import sign_in

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def at_desk(app: Flask, cafe: Cafe) -> Visitor:
    cafe.person(scenarios.BOSS, "manage", name="Boris")
    visitor = visit(app)
    sign_in(visitor, f"{scenarios.BOSS}@example.com")
    return visitor


def test_what_a_receiver_refused_reaches_it_again_under_the_same_id(app: Flask, cafe: Cafe) -> None:
    database, key = cafe.services.database, cafe.services.token_key
    desk = at_desk(app, cafe)
    with Receiver() as receiver:
        with database.write() as uow:
            made, seed = service.create(
                uow, cafe.merchant.id, receiver.url, ["card.issued"], "test", loopback=True
            )
        receiver.secret = signature.shown(signature.secret_of(key, seed))
        poster = Poster(loopback=True, timeout_s=60.0)
        sender = Sender(database, fan_out, {"webhook": WebhookChannel(database, poster, key)})
        receiver.answers = [Behaviour(410)]
        card = cafe.card()
        sender.run()
        desk.get(f"{scenarios.PATH}?q={card.id}")
        assert "HTTP 410" in desk.text
        assert "Abgeschaltet" in desk.text
        desk.press("Wieder einschalten")
        desk.press("Erneut senden")
        sender.run()
        (got,) = receiver.received
    (event,) = scenarios.listed(desk, f"?state=delivered&webhook={made.id}")
    assert got.id == event
    assert got.event["data"]["card_id"] == card.id
    assert "angekommen" in desk.text


def rights(app: Flask, cafe: Cafe, hooks: Hooks, _monkeypatch: pytest.MonkeyPatch) -> None:
    scenarios.test_it_takes_the_right_to_manage_and_the_token_of_a_form(app, cafe, hooks)


def others(app: Flask, cafe: Cafe, hooks: Hooks, _monkeypatch: pytest.MonkeyPatch) -> None:
    scenarios.test_anothers_webhooks_are_not_there(at_desk(app, cafe), cafe, hooks)


def paging(app: Flask, cafe: Cafe, hooks: Hooks, monkeypatch: pytest.MonkeyPatch) -> None:
    scenarios.test_it_goes_back_page_by_page_and_each_delivery_is_there_once(
        at_desk(app, cafe), hooks, monkeypatch
    )


def sorting(app: Flask, cafe: Cafe, hooks: Hooks, _monkeypatch: pytest.MonkeyPatch) -> None:
    scenarios.test_it_lists_what_was_sent_newest_first_whatever_the_endpoint(at_desk(app, cafe), hooks)


def files(app: Flask, cafe: Cafe, hooks: Hooks, monkeypatch: pytest.MonkeyPatch) -> None:
    scenarios.test_the_file_holds_all_that_was_found_and_no_path_of_an_address(
        at_desk(app, cafe), hooks, monkeypatch
    )


def disabled(app: Flask, cafe: Cafe, hooks: Hooks, _monkeypatch: pytest.MonkeyPatch) -> None:
    scenarios.test_nothing_is_sent_again_to_one_that_was_disabled_since_the_page_was_read(
        at_desk(app, cafe), hooks
    )


Scenario = Callable[[Flask, Cafe, Hooks, pytest.MonkeyPatch], None]
BREAKS: list[tuple[ModuleType, str, tuple[str, str], Scenario]] = [
    (room, "add_routes", ("@signed_in(services, MANAGES)", "@signed_in(services)"), rights),
    (room, "_replay", ('raise NotFound("There is no such delivery.")', "pass"), others),
    (room, "_replay", ("disabled_at is not None", "disabled_at == 0"), disabled),
    (room, "_row", ("urlsplit(sent.endpoint.url).hostname", "sent.endpoint.url"), files),
    (history, "_behind", ("else Delivery.target < target", "else Delivery.target <= target"), paging),
    (history, "newest", ("reverse=True", "reverse=False"), sorting),
    (
        history,
        "_of_endpoint",
        ("Delivery.target < rows[-1].target", "Delivery.target <= rows[-1].target"),
        files,
    ),
    (queries, "to_endpoint", ("Delivery.target < end", "Delivery.target > start"), sorting),
]


@ON_SQLITE
@pytest.mark.parametrize("broken", BREAKS, ids=lambda broken: f"{broken[1]}: {broken[2][1]}")
def test_what_is_missing_would_be_noticed(
    cafe: Cafe, monkeypatch: pytest.MonkeyPatch, broken: tuple[ModuleType, str, tuple[str, str], Scenario]
) -> None:
    module, name, edit, scenario = broken
    damage(monkeypatch, module, name, edit)
    hooks = Hooks(cafe.services.database, cafe.merchant.id)
    with pytest.raises(AssertionError):
        scenario(create_app(cafe.services), cafe, hooks, monkeypatch)
