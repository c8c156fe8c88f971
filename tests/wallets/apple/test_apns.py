"""The push client against a strict stand-in: every answer, one connection, and every way a wire fails."""

import secrets
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from passes.errors import ConfigurationError
from passes.wallets.apple.apns import ApnsClient, ClientIdentity, PushResult, Verdict
from passes.wallets.apple.apns.client import _trust_roots
from passes.wallets.signing.store import IdentityStore
from tests.fakes.apns import ApnsStandIn, Behaviour
from tests.fakes.certs import pass_identity
from tests.ports import free_port
from tests.wallets.apple.test_apns_verdicts import ROWS

TOPIC = "pass.test.stempel"
IMPATIENT_S = 3.0
"""A client's patience where nobody answers: a busy machine answers well within it."""

NOT_ONE_BY_ONE_S = 10 * IMPATIENT_S
"""So many pushes take far longer than this where each, or each hundred, is waited for."""


def tokens(count: int) -> list[str]:
    return [secrets.token_hex(32) for _ in range(count)]


def verdicts(results: list[PushResult]) -> Counter[Verdict]:
    return Counter(result.verdict for result in results)


def make_identity(
    directory: Path, topic: str = TOPIC, days: int = 365, marked: bool = True
) -> ClientIdentity:
    files = pass_identity(directory, topic, lifetime=timedelta(days=days), marked=marked)
    return ClientIdentity(topic, files.certificate, files.key)


@pytest.fixture(scope="module")
def roots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("identities")


@pytest.fixture(scope="module")
def identity(roots: Path) -> ClientIdentity:
    return make_identity(roots / "own")


@pytest.fixture
def apns(tmp_path: Path, roots: Path) -> Iterator[ApnsStandIn]:
    with ApnsStandIn(tmp_path, roots) as stand_in:
        yield stand_in


@pytest.fixture
def client(apns: ApnsStandIn) -> Iterator[ApnsClient]:
    client = ApnsClient(apns.url, apns.ca_file, timeout_s=60.0)
    yield client
    client.close()


def test_an_accepted_push_arrives_with_its_topic(
    apns: ApnsStandIn, client: ApnsClient, identity: ClientIdentity
) -> None:
    (token,) = tokens(1)
    assert client.push(identity, [token]) == [PushResult(token, Verdict.ACCEPTED, 200)]
    (push,) = apns.pushes
    assert (push.token, push.topic, push.connection) == (token, TOPIC, 1)


@pytest.mark.parametrize("status, reason, verdict", ROWS)
def test_each_answer_of_the_table_comes_back_over_the_wire(
    apns: ApnsStandIn,
    client: ApnsClient,
    identity: ClientIdentity,
    status: int,
    reason: str,
    verdict: Verdict,
) -> None:
    apns.script([Behaviour(status, reason, timestamp_ms=1_700_000_000_000 if status == 410 else None)])
    (result,) = client.push(identity, tokens(1))
    assert (result.status, result.reason, result.verdict) == (status, reason, verdict)
    since = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC) if status == 410 else None
    assert result.timestamp == since


def test_fifty_pushes_in_fifty_calls_share_one_connection(
    apns: ApnsStandIn, client: ApnsClient, identity: ClientIdentity
) -> None:
    results = [client.push(identity, [token])[0] for token in tokens(50)]
    assert verdicts(results) == {Verdict.ACCEPTED: 50}
    assert apns.connections == 1


def test_a_thousand_pushes_share_one_connection_and_keep_their_order(
    apns: ApnsStandIn, client: ApnsClient, identity: ClientIdentity
) -> None:
    wanted = tokens(1000)
    gone = set(wanted[::10])
    for token in gone:
        apns.script([Behaviour(410, "Unregistered", delay_s=0.05)], token)
    results = client.push(identity, wanted)
    assert [result.token for result in results] == wanted
    assert {r.token for r in results if r.verdict is Verdict.GONE} == gone
    assert verdicts(results) == {Verdict.ACCEPTED: 900, Verdict.GONE: 100}
    assert (apns.connections, len(apns.requests)) == (1, 1000)


def test_pushes_travel_side_by_side(apns: ApnsStandIn, client: ApnsClient, identity: ClientIdentity) -> None:
    apns.script([Behaviour(delay_s=0.5)] * 200)
    begun = time.monotonic()
    assert verdicts(client.push(identity, tokens(200))) == {Verdict.ACCEPTED: 200}
    assert time.monotonic() - begun < 200 * 0.5


def test_threads_share_the_client(apns: ApnsStandIn, client: ApnsClient, identity: ClientIdentity) -> None:
    results: list[PushResult] = []
    threads = [
        threading.Thread(target=lambda: results.extend(client.push(identity, tokens(25)))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert verdicts(results) == {Verdict.ACCEPTED: 200}
    assert apns.connections == 1


def test_two_identities_have_a_connection_each(
    apns: ApnsStandIn, client: ApnsClient, identity: ClientIdentity, roots: Path
) -> None:
    other = make_identity(roots / "other", "pass.test.other")
    for _ in range(2):
        assert verdicts(client.push(identity, tokens(3)) + client.push(other, tokens(3))) == {
            Verdict.ACCEPTED: 6
        }
    assert {(p.topic, p.connection) for p in apns.pushes} == {(TOPIC, 1), ("pass.test.other", 2)}


def test_a_development_identity_of_ours_pushes_without_its_chain(tmp_path: Path) -> None:
    own = IdentityStore(tmp_path / "certs").create_development("demo")
    identity = ClientIdentity(own.pass_type_identifier, own.paths.certificate, own.paths.key)
    with ApnsStandIn(tmp_path / "apns", tmp_path / "certs") as apns:
        client = ApnsClient(apns.url, apns.ca_file)
        assert verdicts(client.push(identity, tokens(1))) == {Verdict.ACCEPTED: 1}
        client.close()


@pytest.mark.parametrize(
    "token", ["", "a/b", "a?b", "a b", "../x", "a#b", "ä", "a\n", "%41", "a" * 201, "a\r\nb: c"]
)
def test_a_token_that_cannot_stand_in_a_path_is_never_sent(
    apns: ApnsStandIn, client: ApnsClient, identity: ClientIdentity, token: str
) -> None:
    (good,) = tokens(1)
    results = client.push(identity, [token, good])
    assert [r.verdict for r in results] == [Verdict.BAD_TOKEN, Verdict.ACCEPTED]
    assert results[0].status is None
    assert [p.token for p in apns.requests] == [good]


def test_a_token_that_is_no_hex_is_left_to_apple_to_refuse(
    apns: ApnsStandIn, client: ApnsClient, identity: ClientIdentity
) -> None:
    (result,) = client.push(identity, ["another.wallet~token_1-A"])
    assert (result.status, result.verdict) == (400, Verdict.BAD_TOKEN)
    assert len(apns.requests) == 1


def test_a_reset_stream_costs_one_push_and_no_connection(
    apns: ApnsStandIn, client: ApnsClient, identity: ClientIdentity
) -> None:
    wanted = tokens(20)
    apns.script([Behaviour(act="reset")], wanted[7])
    results = client.push(identity, wanted)
    assert [r.token for r in results if r.verdict is Verdict.RETRY] == [wanted[7]]
    assert verdicts(results)[Verdict.ACCEPTED] == 19
    assert verdicts(client.push(identity, [wanted[7]])) == {Verdict.ACCEPTED: 1}
    assert apns.connections == 1


def test_what_a_going_server_did_not_take_goes_over_a_new_connection_at_once(
    apns: ApnsStandIn, client: ApnsClient, identity: ClientIdentity
) -> None:
    wanted = tokens(300)
    apns.script([Behaviour(act="goaway")], wanted[150])
    assert verdicts(client.push(identity, wanted)) == {Verdict.ACCEPTED: 300}
    assert apns.connections == 2


def test_a_shutdown_is_tried_again_later_and_the_rest_over_a_new_connection(
    apns: ApnsStandIn, client: ApnsClient, identity: ClientIdentity
) -> None:
    wanted = tokens(30)
    apns.script([Behaviour(act="shutdown")], wanted[10])
    results = client.push(identity, wanted)
    assert [(r.token, r.status, r.retry_after_s) for r in results if r.verdict is not Verdict.ACCEPTED] == [
        (wanted[10], 503, 900)
    ]
    assert apns.connections == 2


def test_a_closed_connection_ends_the_call_and_the_next_one_opens_another(
    apns: ApnsStandIn, client: ApnsClient, identity: ClientIdentity
) -> None:
    wanted = tokens(400)
    apns.script([Behaviour(act="close")], wanted[50])
    results = client.push(identity, wanted)
    assert set(verdicts(results)) <= {Verdict.ACCEPTED, Verdict.RETRY}
    unsent = {r.token for r in results if r.reason.startswith("not sent")}
    assert unsent
    assert unsent.isdisjoint(p.token for p in apns.requests)
    assert [r.token for r in results] == wanted
    assert verdicts(client.push(identity, wanted)) == {Verdict.ACCEPTED: 400}
    assert apns.connections <= 3


def test_silence_ends_with_the_time_out_and_spares_those_who_were_answered(
    apns: ApnsStandIn, identity: ClientIdentity
) -> None:
    client = ApnsClient(apns.url, apns.ca_file, timeout_s=IMPATIENT_S)
    wanted = tokens(20)
    apns.script([Behaviour(act="silence")], wanted[3])
    begun = time.monotonic()
    results = client.push(identity, wanted)
    assert time.monotonic() - begun >= IMPATIENT_S
    assert [r.token for r in results if r.verdict is Verdict.RETRY] == [wanted[3]]
    assert verdicts(client.push(identity, wanted)) == {Verdict.ACCEPTED: 20}
    assert apns.connections == 2
    client.close()


def test_a_server_that_answers_nothing_delays_a_call_by_one_time_out_only(
    apns: ApnsStandIn, identity: ClientIdentity
) -> None:
    client = ApnsClient(apns.url, apns.ca_file, timeout_s=IMPATIENT_S)
    apns.script([Behaviour(act="silence")] * 1000)
    begun = time.monotonic()
    assert verdicts(client.push(identity, tokens(1000))) == {Verdict.RETRY: 1000}
    assert time.monotonic() - begun < NOT_ONE_BY_ONE_S
    client.close()


def test_a_server_that_takes_the_connection_and_says_nothing_is_given_up(identity: ClientIdentity) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        client = ApnsClient(f"https://127.0.0.1:{mute.getsockname()[1]}", None, timeout_s=IMPATIENT_S)
        begun = time.monotonic()
        assert verdicts(client.push(identity, tokens(1000))) == {Verdict.RETRY: 1000}
        assert time.monotonic() - begun < NOT_ONE_BY_ONE_S
        client.close()


def test_nobody_listening_is_a_retry_for_each_and_no_exception(identity: ClientIdentity) -> None:
    client = ApnsClient(f"https://127.0.0.1:{free_port()}", None)
    assert verdicts(client.push(identity, tokens(150))) == {Verdict.RETRY: 150}
    client.close()


def test_a_connection_that_died_while_idle_is_replaced_within_the_call(
    tmp_path: Path, roots: Path, identity: ClientIdentity
) -> None:
    with ApnsStandIn(tmp_path, roots, free_port()) as before:
        client = ApnsClient(before.url, before.ca_file)
        client.push(identity, tokens(1))
    with ApnsStandIn(tmp_path, roots, before.port) as after:
        assert verdicts(client.push(identity, tokens(50))) == {Verdict.ACCEPTED: 50}
        assert after.connections == 1
        client.close()


def test_a_refusal_of_the_identity_stops_the_call(
    apns: ApnsStandIn, client: ApnsClient, identity: ClientIdentity
) -> None:
    apns.script([Behaviour(403, "BadCertificate")] * 1000)
    results = client.push(identity, tokens(1000))
    assert verdicts(results)[Verdict.ALARM] >= 1
    assert set(verdicts(results)) == {Verdict.ALARM, Verdict.RETRY}
    assert len(apns.requests) <= 200


def test_a_certificate_for_another_pass_type_is_ours_to_fix(
    apns: ApnsStandIn, client: ApnsClient, identity: ClientIdentity
) -> None:
    claimed = ClientIdentity("pass.test.somebody", identity.certificate_path, identity.key_path)
    (result,) = client.push(claimed, tokens(1))
    assert (result.verdict, result.reason) == (Verdict.FIX, "TopicDisallowed")


def test_a_certificate_that_is_not_for_passes_raises_the_alarm(
    apns: ApnsStandIn, client: ApnsClient, roots: Path
) -> None:
    (result,) = client.push(make_identity(roots / "unmarked", marked=False), tokens(1))
    assert (result.verdict, result.reason) == (Verdict.ALARM, "BadCertificate")


def test_a_certificate_of_an_unknown_issuer_or_past_its_end_raises_the_alarm(
    apns: ApnsStandIn, client: ApnsClient, roots: Path, tmp_path: Path
) -> None:
    for identity in (make_identity(tmp_path / "stranger"), make_identity(roots / "expired", days=-1)):
        results = client.push(identity, tokens(150))
        assert verdicts(results)[Verdict.ALARM] >= 1
        assert set(verdicts(results)) == {Verdict.ALARM, Verdict.RETRY}
    assert apns.requests == []


def test_missing_or_mismatched_files_raise_the_alarm(
    apns: ApnsStandIn, client: ApnsClient, identity: ClientIdentity, roots: Path
) -> None:
    other = make_identity(roots / "another")
    for broken in (
        ClientIdentity(TOPIC, roots / "nowhere.pem", identity.key_path),
        ClientIdentity(TOPIC, identity.certificate_path, roots / "nowhere.pem"),
        ClientIdentity(TOPIC, identity.certificate_path, other.key_path),
    ):
        (result,) = client.push(broken, tokens(1))
        assert result.verdict is Verdict.ALARM


def test_a_server_that_is_not_trusted_hears_nothing(apns: ApnsStandIn, identity: ClientIdentity) -> None:
    client = ApnsClient(apns.url, None)
    results = client.push(identity, tokens(10))
    assert verdicts(results)[Verdict.ALARM] >= 1
    assert apns.requests == []
    client.close()


def test_a_client_can_be_used_again_after_close(
    apns: ApnsStandIn, client: ApnsClient, identity: ClientIdentity
) -> None:
    client.push(identity, tokens(1))
    client.close()
    assert verdicts(client.push(identity, tokens(1))) == {Verdict.ACCEPTED: 1}
    assert apns.connections == 2


def test_no_tokens_need_no_connection(
    apns: ApnsStandIn, client: ApnsClient, identity: ClientIdentity
) -> None:
    assert client.push(identity, []) == []
    assert apns.connections == 0


def test_an_open_address_or_an_unreadable_root_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="APNS_URL"):
        ApnsClient("http://api.push.apple.com", None)
    with pytest.raises(ConfigurationError, match="PROVIDER_CA_FILE"):
        ApnsClient("https://api.push.apple.com", tmp_path / "nowhere.pem")


def test_extra_roots_are_trusted_besides_the_public_ones(apns: ApnsStandIn) -> None:
    begin, extra = b"-----BEGIN CERTIFICATE-----", apns.ca_file.read_bytes()
    public, both = _trust_roots(None), _trust_roots(apns.ca_file)
    assert public.count(begin) > 50
    assert both.count(begin) == public.count(begin) + 1
    assert both.startswith(public)
    assert both.endswith(extra)
