"""Webhooks over the API: the secret once, the address checked, what was sent told and sent again."""

from base64 import b64decode
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from secrets import token_bytes

import pytest
from flask import Flask
from sqlalchemy import select, update

from passes.app import create_app
from passes.audit.models import AuditEntry
from passes.clock import FixedClock, real_now
from passes.config import Settings
from passes.db.base import Base
from passes.db.engine import Database
from passes.messaging.webhooks import queries, signature
from passes.messaging.webhooks.events import EVENT_TYPES
from passes.messaging.webhooks.models import WebhookEndpoint
from passes.messaging.webhooks.service import MOST_ENDPOINTS
from passes.web import keyed
from passes.wiring import Services
from tests.fakes.webhooks import Behaviour, Receiver
from tests.fixtures.api import Client, Shop
from tests.mutants import damage

URL = "https://shop.example/events"


@pytest.fixture
def own_database(database_url: str, clock: FixedClock) -> Iterator[Database]:
    """A database of the test's own, as a sender sends whatever is in it."""
    opened = Database(database_url, clock)
    yield opened
    opened.close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as running:
        yield running


@pytest.fixture
def at_home(own_database: Database, tmp_path: Path) -> Shop:
    """A merchant of a development installation, which may call its own machine."""
    settings = Settings(
        base_url="http://127.0.0.1:8000",
        database_url=own_database.url,
        data_dir=tmp_path / "data",
        certs_dir=tmp_path / "certs",
        secret_key="s" * 40,
        token_key="t" * 40,
    )
    services = Services(settings)
    services.close()
    services.database = own_database
    app: Flask = create_app(services)
    return Shop(app, services, "zuhause").open()


def create(client: Client, **body: object) -> dict[str, object]:
    made: dict[str, object] = client.post("/webhooks", {"url": URL, **body}).ok().json
    return made


def test_the_secret_is_shown_once(shop: Shop) -> None:
    made = create(shop.manager)
    secret = str(made.pop("secret"))
    assert secret.startswith("whsec_")
    assert shop.manager.get(f"/webhooks/{made['id']}").json == made
    assert shop.manager.get("/webhooks")["items"] == [made]
    later = [shop.manager.get(path).raw for path in ("/webhooks", f"/webhooks/{made['id']}")]
    assert not [answer for answer in later if secret.encode() in answer or b"whsec" in answer]


def test_two_endpoints_never_share_a_secret(shop: Shop) -> None:
    assert create(shop.manager)["secret"] != create(shop.manager)["secret"]


def test_the_same_key_makes_one_endpoint(shop: Shop) -> None:
    answers = [shop.manager.post("/webhooks", {"url": URL}, key="once") for _ in range(2)]
    assert answers[0].raw == answers[1].raw
    assert answers[1].is_replay
    assert len(shop.manager.get("/webhooks")["items"]) == 1


def test_without_a_choice_it_is_every_event(shop: Shop) -> None:
    assert create(shop.manager)["events"] == list(EVENT_TYPES)
    chosen = ["transaction.created", "card.issued"]
    assert create(shop.manager, events=chosen)["events"] == ["card.issued", "transaction.created"]


@pytest.mark.parametrize(
    "body, field",
    [
        ({}, "url"),
        ({"url": ""}, "url"),
        ({"url": 5}, "url"),
        ({"url": "x" * 2001}, "url"),
        ({"url": "http://shop.example/"}, "url"),
        ({"url": "https://127.0.0.1/"}, "url"),
        ({"url": "https://169.254.169.254/"}, "url"),
        ({"url": "https://[::ffff:10.0.0.1]/"}, "url"),
        ({"url": "https://localhost/"}, "url"),
        ({"url": URL, "events": []}, "events"),
        ({"url": URL, "events": ["card.exploded"]}, "events.0"),
        ({"url": URL, "events": ["card.issued", "card.issued"]}, "events"),
        ({"url": URL, "events": "card.issued"}, "events"),
        ({"url": URL, "secret": "whsec_mine"}, "secret"),
    ],
)
def test_what_cannot_be_an_endpoint_is_named(shop: Shop, body: dict[str, object], field: str) -> None:
    answer = shop.manager.post("/webhooks", body)
    assert (answer.status, answer.fields) == (422, [field])
    assert shop.manager.get("/webhooks")["items"] == []


def test_a_merchant_has_a_bounded_number_of_them(shop: Shop, other_shop: Shop) -> None:
    for _ in range(MOST_ENDPOINTS):
        last = create(shop.manager)
    assert shop.manager.post("/webhooks", {"url": URL}).fields == ["url"]
    create(other_shop.manager)
    shop.manager.delete(f"/webhooks/{last['id']}").ok()
    create(shop.manager)


def test_a_deleted_endpoint_is_gone(shop: Shop) -> None:
    made = create(shop.manager)
    answer = shop.manager.delete(f"/webhooks/{made['id']}")
    assert (answer.status, answer.raw) == (204, b"")
    assert shop.manager.get(f"/webhooks/{made['id']}").code == "not_found"
    assert shop.manager.delete(f"/webhooks/{made['id']}").code == "not_found"


def test_what_was_sent_is_told_and_can_be_had_again(at_home: Shop, receiver: Receiver) -> None:
    made = create(at_home.manager, url=receiver.url, events=["card.issued"])
    receiver.secret = str(made["secret"])
    receiver.answers = [Behaviour(410)]
    path = f"/webhooks/{made['id']}"
    card = at_home.card()
    sender = at_home.services.senders()["webhooks"]
    sender.run()

    failed = at_home.manager.get(path)
    assert (failed["last_outcome"], failed["disabled_at"] is None) == ("HTTP 410", False)
    (dead,) = at_home.manager.get(f"{path}/deliveries")["items"]
    assert (dead["state"], dead["type"], dead["attempts"]) == ("given_up", "card.issued", 1)
    assert dead["data"] == {"card_id": card["id"], "version": 1}

    assert at_home.manager.post(f"{path}/enable")["disabled_at"] is None
    assert at_home.manager.post(f"{path}/replay").json == {"replayed": 1}
    sender.run()
    assert at_home.manager.post(f"{path}/replay", {"event_id": dead["id"]}).json == {"replayed": 1}
    sender.run()
    assert [one.id for one in receiver.received] == [dead["id"]] * 2
    (sent,) = at_home.manager.get(f"{path}/deliveries")["items"]
    assert (sent["state"], sent["next_attempt_at"]) == ("delivered", None)


def copied(shop: Shop) -> str:
    """All that a copy of the database holds."""
    with shop.services.database.read() as uow:
        rows = [row for t in Base.metadata.sorted_tables for row in uow.conn.execute(select(t))]
    return "\n".join(value.hex() if isinstance(value, bytes) else str(value) for row in rows for value in row)


def kept_nowhere(shop: Shop) -> None:
    """Make an endpoint and rotate its secret under keys, ask again, and look for secrets in a copy."""
    wanted = {"url": URL}
    first = shop.manager.post("/webhooks", wanted, key="make").ok()
    rotate = f"/webhooks/{first['id']}/rotate-secret"
    second = shop.manager.post(rotate, {}, key="rotate").ok()
    assert shop.manager.post("/webhooks", wanted, key="make").raw == first.raw
    assert shop.manager.post(rotate, {}, key="rotate").raw == second.raw
    copy = copied(shop)
    assert first["id"] in copy
    for answer in (first, second):
        secret = str(answer["secret"]).removeprefix("whsec_")
        as_kept = (secret, secret.encode().hex(), b64decode(secret).hex())
        assert not [form for form in as_kept if form in copy]


def test_a_copy_of_the_database_holds_no_secret_and_an_answer_is_repeated_all_the_same(shop: Shop) -> None:
    kept_nowhere(shop)


def test_a_secret_in_a_remembered_answer_would_be_noticed(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    damage(monkeypatch, keyed, "_attempt", ("orjson.dumps(result.kept)", "body"))
    with pytest.raises(AssertionError):
        kept_nowhere(shop)


def test_a_secret_kept_as_it_is_would_be_noticed(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signature, "new_seed", lambda: token_bytes(signature.SECRET_BYTES))
    with pytest.raises(AssertionError):
        kept_nowhere(shop)


def test_a_secret_that_was_kept_as_it_is_goes_on_signing(at_home: Shop, receiver: Receiver) -> None:
    made = create(at_home.manager, url=receiver.url, events=["card.issued"])
    old = token_bytes(signature.SECRET_BYTES)
    with at_home.services.database.write() as uow:
        mine = update(WebhookEndpoint).where(WebhookEndpoint.id == made["id"])
        uow.conn.execute(mine.values(secret=old))
    receiver.secret = signature.shown(old)
    at_home.card()
    at_home.services.senders()["webhooks"].run()
    assert len(receiver.received) == 1


def rotated(at_home: Shop, receiver: Receiver, **how: bool) -> tuple[str, str]:
    """An endpoint's secret before and after a rotation, with one event sent after it."""
    made = create(at_home.manager, url=receiver.url, events=["card.issued"])
    again = at_home.manager.post(f"/webhooks/{made['id']}/rotate-secret", how).ok()
    assert again["secret"] != made["secret"]
    at_home.card()
    return str(made["secret"]), str(again["secret"])


@pytest.mark.parametrize("which", [0, 1])
def test_for_a_day_after_a_rotation_either_secret_is_believed(
    at_home: Shop, receiver: Receiver, which: int
) -> None:
    receiver.secret = rotated(at_home, receiver)[which]
    at_home.services.senders()["webhooks"].run()
    assert len(receiver.received) == 1


def test_a_day_after_a_rotation_the_old_secret_has_ended(
    at_home: Shop, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver.secret = rotated(at_home, receiver)[0]
    monkeypatch.setattr(queries, "real_now", lambda: real_now() + timedelta(hours=25))
    at_home.services.senders()["webhooks"].run()
    assert receiver.received == []


def test_a_secret_that_leaked_ends_at_once(at_home: Shop, receiver: Receiver) -> None:
    receiver.secret, new = rotated(at_home, receiver, at_once=True)
    at_home.services.senders()["webhooks"].run()
    assert receiver.received == []
    receiver.secret = new
    at_home.card()
    at_home.services.senders()["webhooks"].run()
    assert len(receiver.received) == 1


def test_another_merchant_rotates_nothing_of_ours(shop: Shop, other_shop: Shop) -> None:
    made = create(shop.manager)
    assert other_shop.manager.post(f"/webhooks/{made['id']}/rotate-secret").code == "not_found"


def test_a_walk_over_deliveries_returns_each_once_newest_first(at_home: Shop, receiver: Receiver) -> None:
    made = create(at_home.manager, url=receiver.url)
    receiver.secret = str(made["secret"])
    for _ in range(7):
        at_home.card()
        at_home.services.senders()["webhooks"].run()
    walked = [one["id"] for one in at_home.manager.walk(f"/webhooks/{made['id']}/deliveries", limit=3)]
    assert walked == sorted(set(receiver.known), reverse=True)
    assert len(walked) == 7


def test_deliveries_of_one_endpoint_are_not_anothers(at_home: Shop, receiver: Receiver) -> None:
    made = create(at_home.manager, url=receiver.url)
    receiver.secret = str(made["secret"])
    card = at_home.card()
    at_home.services.senders()["webhooks"].run()
    next_door = Shop(at_home.app, at_home.services, "nebenan").open().manager
    theirs = create(next_door)
    assert next_door.get(f"/webhooks/{theirs['id']}/deliveries")["items"] == []
    (event,) = receiver.known
    assert next_door.post(f"/webhooks/{theirs['id']}/replay", {"event_id": event}).json == {"replayed": 0}
    assert card["id"] in str(receiver.known[event])


def test_who_opened_and_closed_an_endpoint_is_on_record_without_its_address(
    shop: Shop, database: Database
) -> None:
    made = create(shop.manager)
    shop.manager.post(f"/webhooks/{made['id']}/replay").ok()
    shop.manager.post(f"/webhooks/{made['id']}/enable").ok()
    shop.manager.delete(f"/webhooks/{made['id']}").ok()
    with database.read() as uow:
        query = select(AuditEntry.action, AuditEntry.details).where(AuditEntry.subject == made["id"])
        found = uow.conn.execute(query.order_by(AuditEntry.id)).all()
    assert [row.action for row in found] == [
        f"webhooks.{act}" for act in ("create", "replay", "enable", "delete")
    ]
    assert "shop.example" not in str(found)
