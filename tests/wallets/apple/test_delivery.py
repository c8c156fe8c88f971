"""The channel to Apple: newest token, right certificate, and what each answer does to the registration."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from passes.clock import real_now
from passes.db.engine import Database
from passes.errors import ConfigurationError
from passes.installs import service as installs
from passes.installs.queries import DeviceKey, push_tokens
from passes.outbox.channel import ClaimedDelivery, Ending, Outcome
from passes.wallets.apple.apns import ApnsClient, ClientIdentity, PushResult, Verdict
from passes.wallets.apple.delivery import ALARM_PAUSE_S, IDENTITY_PAUSE_S, ApnsChannel
from passes.wallets.signing.identity import SigningIdentity
from passes.wallets.signing.store import IdentityStore
from tests.db.rows import add_merchant
from tests.fakes.apns import ApnsStandIn, Behaviour
from tests.installs.world import TYPE, register, unregister
from tests.outbox.world import add_cards

TOKENS = {"phone": "a1" * 32, "tablet": "b2" * 32}
_ids = count(1)


@dataclass
class FakePusher:
    """Answers every token the same way, after `meanwhile`."""

    verdict: Verdict = Verdict.ACCEPTED
    status: int | None = 200
    timestamp: datetime | None = None
    meanwhile: Callable[[], object] = lambda: None
    calls: list[tuple[ClientIdentity, list[str]]] = field(default_factory=list)

    def push(self, identity: ClientIdentity, tokens: Sequence[str]) -> list[PushResult]:
        self.calls.append((identity, list(tokens)))
        self.meanwhile()
        return [PushResult(t, self.verdict, self.status, "Reason", self.timestamp, 60) for t in tokens]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> IdentityStore:
    """Throwaway identities of `acme` and `other`."""
    store = IdentityStore(tmp_path_factory.mktemp("certs"))
    store.create_development("acme")
    store.create_development("other")
    return store


@pytest.fixture
def phones(database: Database) -> Database:
    """A phone with card 1 and a tablet with card 2."""
    with database.write() as uow:
        add_cards(uow, 2)
    register(database, "card_1", "phone", TOKENS["phone"])
    register(database, "card_2", "tablet", TOKENS["tablet"])
    return database


def delivery(device: str, pass_type: str = TYPE, merchant_id: str = "mer_acme") -> ClaimedDelivery:
    payload = {"device_id": device, "pass_type": pass_type}
    return ClaimedDelivery(next(_ids), merchant_id, "apns", f"{pass_type}/{device}", payload, 1, 0)


def token(database: Database, device: str = "phone") -> str | None:
    with database.read() as uow:
        return push_tokens(uow, [DeviceKey(device, TYPE)]).get(DeviceKey(device, TYPE))


def test_all_devices_of_a_merchant_go_in_one_call_under_its_certificate(
    phones: Database, store: IdentityStore
) -> None:
    pusher = FakePusher()
    outcomes = ApnsChannel(phones, pusher, store.load).send([delivery("tablet"), delivery("phone")])
    ((identity, tokens),) = pusher.calls
    assert tokens == [TOKENS["tablet"], TOKENS["phone"]]
    own = store.load("acme")
    assert own is not None
    assert identity == ClientIdentity(TYPE, own.paths.certificate, own.paths.key)
    assert outcomes == [Outcome.done("200 Reason")] * 2


def test_each_merchant_pushes_with_its_own_certificate(phones: Database, store: IdentityStore) -> None:
    foreign = "pass.dev.stempel.other"
    with phones.write() as uow:
        add_merchant(uow, "other")
        installs.register(uow, "mer_other", "phone", foreign, "card_9", "c3" * 32)
    pusher = FakePusher()
    ApnsChannel(phones, pusher, store.load).send([delivery("phone"), delivery("phone", foreign, "mer_other")])
    assert [(identity.topic, tokens) for identity, tokens in pusher.calls] == [
        (TYPE, [TOKENS["phone"]]),
        (foreign, ["c3" * 32]),
    ]


def test_a_token_that_rotated_after_the_change_is_the_one_used(
    phones: Database, store: IdentityStore
) -> None:
    late = delivery("phone")
    register(phones, "card_1", "phone", "rotated")
    pusher = FakePusher()
    ApnsChannel(phones, pusher, store.load).send([late])
    assert pusher.calls[0][1] == ["rotated"]


def test_a_device_without_a_card_left_is_dropped_unpushed(phones: Database, store: IdentityStore) -> None:
    unregister(phones, "card_1", "phone")
    pusher = FakePusher()
    outcomes = ApnsChannel(phones, pusher, store.load).send([delivery("phone"), delivery("tablet")])
    assert [o.ending for o in outcomes] == [Ending.DROP, Ending.DONE]
    assert pusher.calls[0][1] == [TOKENS["tablet"]]


@pytest.mark.parametrize(
    "verdict, status, expected",
    [
        (Verdict.ACCEPTED, 200, Outcome.done("200 Reason")),
        (Verdict.FIX, 400, Outcome.dead("400 Reason")),
        (Verdict.ALARM, 403, Outcome.wait("403 Reason", ALARM_PAUSE_S)),
        (Verdict.RETRY, 429, Outcome.retry("429 Reason", 60)),
        (Verdict.RETRY, 503, Outcome.wait("503 Reason", 60)),
        (Verdict.RETRY, None, Outcome.wait("no answer Reason", 60)),
        (Verdict.BAD_TOKEN, 400, Outcome.drop("400 Reason")),
    ],
)
def test_every_verdict_has_its_ending(
    phones: Database, store: IdentityStore, verdict: Verdict, status: int | None, expected: Outcome
) -> None:
    channel = ApnsChannel(phones, FakePusher(verdict, status), store.load)
    assert channel.send([delivery("phone")]) == [expected]
    assert token(phones) == (None if verdict is Verdict.BAD_TOKEN else TOKENS["phone"])
    assert token(phones, "tablet") == TOKENS["tablet"]


def test_a_token_gone_since_it_was_shown_takes_the_device_along(
    phones: Database, store: IdentityStore
) -> None:
    pusher = FakePusher(Verdict.GONE, 410, real_now() + timedelta(seconds=1))
    (outcome,) = ApnsChannel(phones, pusher, store.load).send([delivery("phone")])
    assert (outcome.ending, token(phones)) == (Ending.DROP, None)


def test_a_token_shown_again_after_apple_thought_it_gone_stays(
    phones: Database, store: IdentityStore
) -> None:
    pusher = FakePusher(Verdict.GONE, 410, real_now() - timedelta(days=1))
    (outcome,) = ApnsChannel(phones, pusher, store.load).send([delivery("phone")])
    assert (outcome.ending, token(phones)) == (Ending.RETRY, TOKENS["phone"])


@pytest.mark.parametrize("verdict", [Verdict.GONE, Verdict.BAD_TOKEN])
def test_a_token_that_rotates_while_the_old_one_is_pushed_stays(
    phones: Database, store: IdentityStore, verdict: Verdict
) -> None:
    gone_since = real_now() + timedelta(days=1) if verdict is Verdict.GONE else None
    pusher = FakePusher(verdict, 400, gone_since, lambda: register(phones, "card_1", "phone", "rotated"))
    (outcome,) = ApnsChannel(phones, pusher, store.load).send([delivery("phone")])
    assert (outcome.ending, token(phones)) == (Ending.RETRY, "rotated")


def damaged(slug: str, pass_type: str) -> SigningIdentity | None:
    raise ConfigurationError(f"{slug}/key.pem is readable by others.")


@pytest.mark.parametrize(
    "load, note",
    [
        (lambda slug, pass_type: None, f"merchant acme has no signing identity for {TYPE}"),
        (damaged, "acme/key.pem is readable by others."),
    ],
)
def test_without_a_certificate_deliveries_are_kept(
    phones: Database, load: Callable[[str, str], SigningIdentity | None], note: str
) -> None:
    pusher = FakePusher()
    assert ApnsChannel(phones, pusher, load).send([delivery("phone")]) == [
        Outcome.wait(note, IDENTITY_PAUSE_S)
    ]
    assert pusher.calls == []


def test_an_expired_certificate_parks_the_deliveries(
    phones: Database, store: IdentityStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("passes.wallets.apple.delivery.real_now", lambda: real_now() + timedelta(days=9999))
    (outcome,) = ApnsChannel(phones, FakePusher(), store.load).send([delivery("phone")])
    assert outcome == Outcome.wait("the certificate of merchant acme has expired", IDENTITY_PAUSE_S)


def test_a_pass_type_without_a_certificate_waits_for_one(phones: Database, store: IdentityStore) -> None:
    channel = ApnsChannel(phones, FakePusher(), lambda _, pass_type: store.load("other", pass_type))
    (outcome,) = channel.send([delivery("phone")])
    assert outcome == Outcome.wait(f"merchant acme has no signing identity for {TYPE}", IDENTITY_PAUSE_S)


def test_what_does_not_fit_into_the_time_is_left_for_the_next_batch(
    phones: Database, store: IdentityStore
) -> None:
    pusher = FakePusher()
    outcomes = ApnsChannel(phones, pusher, store.load, budget_s=-1).send([delivery("phone")])
    assert (outcomes, pusher.calls) == ([Outcome.wait("not reached in time")], [])


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_over_the_wire_every_device_hears_and_a_dead_one_is_forgotten(
    phones: Database, store: IdentityStore, tmp_path: Path
) -> None:
    certs = store.load("acme")
    assert certs is not None
    gone_ms = int((real_now() + timedelta(hours=1)).timestamp() * 1000)
    with ApnsStandIn(tmp_path / "apns", certs.paths.certificate.parent) as apns:
        apns.script([Behaviour(410, "Unregistered", gone_ms)], TOKENS["phone"])
        client = ApnsClient(apns.url, apns.ca_file, timeout_s=5)
        outcomes = ApnsChannel(phones, client, store.load).send([delivery("phone"), delivery("tablet")])
        client.close()
        pushed = [push.token for push in apns.pushes]
    assert [o.ending for o in outcomes] == [Ending.DROP, Ending.DONE]
    assert pushed == [TOKENS["tablet"]]
    assert (token(phones), token(phones, "tablet")) == (None, TOKENS["tablet"])
