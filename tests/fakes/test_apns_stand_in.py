"""The push stand-in refuses what Apple refuses: every mutant of a good request gets its own answer."""

import http.client
import json
import secrets
import ssl
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pycurl
import pytest

from passes.wallets.apple.apns import ApnsClient, ClientIdentity, Verdict, client
from tests.fakes.apns import ApnsStandIn, Push
from tests.fakes.apns.rules import Request, refusal
from tests.fakes.certs import pass_identity, server_certificate

TOPIC = "pass.test.stempel"
GOOD = Request(
    "POST",
    "/3/device/" + "a0" * 32,
    (("apns-topic", TOPIC), ("apns-push-type", "background"), ("apns-priority", "5")),
    b"{}",
    TOPIC,
)


def with_header(name: str, value: str | None) -> Request:
    kept = tuple(h for h in GOOD.headers if h[0] != name)
    return replace(GOOD, headers=kept if value is None else (*kept, (name, value)))


MUTANTS: dict[str, tuple[Request, int, str]] = {
    "wrong path": (replace(GOOD, path="/2/device/a0"), 404, "BadPath"),
    "longer path": (replace(GOOD, path=GOOD.path + "/x"), 404, "BadPath"),
    "no token": (replace(GOOD, path="/3/device/"), 400, "MissingDeviceToken"),
    "odd token": (replace(GOOD, path="/3/device/a0f"), 400, "BadDeviceToken"),
    "no hex": (replace(GOOD, path="/3/device/" + "xy" * 32), 400, "BadDeviceToken"),
    "get": (replace(GOOD, method="GET"), 405, "MethodNotAllowed"),
    "no certificate": (replace(GOOD, pass_type=None), 403, "MissingProviderToken"),
    "other certificate": (replace(GOOD, pass_type=""), 403, "BadCertificate"),
    "no topic": (with_header("apns-topic", None), 400, "MissingTopic"),
    "topic of an app": (with_header("apns-topic", "com.example.app"), 400, "BadTopic"),
    "topic of another": (with_header("apns-topic", "pass.test.other"), 400, "TopicDisallowed"),
    "topic twice": (
        replace(GOOD, headers=(*GOOD.headers, ("apns-topic", TOPIC))),
        400,
        "DuplicateHeaders",
    ),
    "unknown push type": (with_header("apns-push-type", "loud"), 400, "InvalidPushType"),
    "urgent background": (with_header("apns-priority", "10"), 400, "BadPriority"),
    "background without priority": (with_header("apns-priority", None), 400, "BadPriority"),
    "priority of words": (with_header("apns-priority", "high"), 400, "BadPriority"),
    "bad id": (with_header("apns-id", "1"), 400, "BadMessageId"),
    "bad expiration": (with_header("apns-expiration", "tomorrow"), 400, "BadExpirationDate"),
    "long collapse id": (with_header("apns-collapse-id", "x" * 65), 400, "BadCollapseId"),
    "no body": (replace(GOOD, body=b""), 400, "PayloadEmpty"),
    "a body that is no object": (replace(GOOD, body=b"[]"), 400, "PayloadEmpty"),
    "a large body": (replace(GOOD, body=b'{"a":"' + b"x" * 4096 + b'"}'), 413, "PayloadTooLarge"),
}


@pytest.fixture
def apns(tmp_path: Path) -> Iterator[ApnsStandIn]:
    pass_identity(tmp_path / "roots")
    with ApnsStandIn(tmp_path / "apns", tmp_path / "roots") as stand_in:
        yield stand_in


@pytest.fixture
def identity(tmp_path: Path) -> ClientIdentity:
    folder = tmp_path / "roots"
    return ClientIdentity(TOPIC, folder / "certificate.pem", folder / "key.pem")


def test_a_good_request_is_accepted() -> None:
    assert refusal(GOOD) is None
    without_type = replace(GOOD, headers=(("apns-topic", TOPIC),), body=b'{"aps":{}}')
    assert refusal(without_type) is None


@pytest.mark.parametrize("name", MUTANTS)
def test_each_mutant_of_a_good_request_is_refused_for_its_reason(name: str) -> None:
    request, status, reason = MUTANTS[name]
    assert refusal(request) == (status, reason)


def set_headers(*headers: str) -> Callable[[dict[int, object]], None]:
    return lambda options: options.update({pycurl.HTTPHEADER: list(headers)})


def set_option(option: int, value: object) -> Callable[[dict[int, object]], None]:
    return lambda options: options.update({option: value})


@pytest.mark.parametrize(
    "mutate, reason",
    [
        (set_headers("apns-push-type: background", "apns-priority: 5"), "MissingTopic"),
        (set_headers("apns-topic: pass.test.other", "apns-priority: 5"), "TopicDisallowed"),
        (
            set_headers(f"apns-topic: {TOPIC}", "apns-push-type: background", "apns-priority: 10"),
            "BadPriority",
        ),
        (set_headers(f"apns-topic: {TOPIC}", "apns-push-type: backgroun"), "InvalidPushType"),
        (set_headers(f"apns-topic: {TOPIC}", f"apns-topic: {TOPIC}"), "DuplicateHeaders"),
        (set_option(pycurl.POSTFIELDS, ""), "PayloadEmpty"),
        (set_option(pycurl.POSTFIELDS, '{"a":"' + "x" * 60_000 + '"}'), "PayloadTooLarge"),
        (set_option(pycurl.CUSTOMREQUEST, "PUT"), "MethodNotAllowed"),
    ],
)
def test_a_bug_planted_into_the_client_is_found_on_the_wire(
    apns: ApnsStandIn,
    identity: ClientIdentity,
    monkeypatch: pytest.MonkeyPatch,
    mutate: Callable[[dict[int, object]], None],
    reason: str,
) -> None:
    original = client._handle_options

    def planted(roots: bytes, identity: ClientIdentity, timeout_s: float) -> dict[int, object]:
        options = original(roots, identity, timeout_s)
        mutate(options)
        return options

    monkeypatch.setattr(client, "_handle_options", planted)
    pusher = ApnsClient(apns.url, apns.ca_file)
    (result,) = pusher.push(identity, [secrets.token_hex(32)])
    pusher.close()
    assert (result.verdict, result.reason) == (Verdict.FIX, reason)
    assert apns.pushes == []


def test_a_client_that_opens_a_connection_for_each_push_is_counted(
    apns: ApnsStandIn, identity: ClientIdentity, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = client._handle_options
    monkeypatch.setattr(client, "_handle_options", lambda *a: {**original(*a), pycurl.FORBID_REUSE: 1})
    pusher = ApnsClient(apns.url, apns.ca_file)
    for _ in range(5):
        pusher.push(identity, [secrets.token_hex(32)])
    pusher.close()
    assert apns.connections == 5


def test_a_client_without_certificate_is_refused_as_apple_refuses_it(
    apns: ApnsStandIn, identity: ClientIdentity, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = client._handle_options

    def without(*arguments: Any) -> dict[int, object]:
        dropped = (pycurl.SSLCERT, pycurl.SSLKEY)
        return {k: v for k, v in original(*arguments).items() if k not in dropped}

    monkeypatch.setattr(client, "_handle_options", without)
    pusher = ApnsClient(apns.url, apns.ca_file)
    (result,) = pusher.push(identity, [secrets.token_hex(32)])
    pusher.close()
    assert (result.verdict, result.reason) == (Verdict.ALARM, "MissingProviderToken")


def speak_http_1(apns: ApnsStandIn) -> int:
    context = ssl.create_default_context(cafile=apns.ca_file)
    old = http.client.HTTPSConnection("127.0.0.1", apns.port, context=context, timeout=5)
    with closing(old):
        old.request("POST", GOOD.path, b"{}", {"apns-topic": TOPIC})
        return old.getresponse().status


def test_a_client_that_does_not_speak_http_2_gets_no_answer(apns: ApnsStandIn) -> None:
    with pytest.raises(OSError, match=r"(?i)closed|eof|reset|broken"):
        speak_http_1(apns)
    assert (apns.connections, apns.requests) == (0, [])


def test_listeners_hear_of_accepted_pushes_only(apns: ApnsStandIn, identity: ClientIdentity) -> None:
    heard: list[Push] = []
    apns.listen(heard.append)
    pusher = ApnsClient(apns.url, apns.ca_file)
    token = secrets.token_hex(32)
    pusher.push(identity, ["not-hex", token])
    pusher.close()
    assert [p.token for p in apns.wait_for(1)] == [p.token for p in heard] == [token]
    assert len(apns.requests) == 2


def test_an_identity_made_while_the_stand_in_runs_is_known_to_it(apns: ApnsStandIn, tmp_path: Path) -> None:
    files = pass_identity(tmp_path / "roots" / "later", "pass.test.later")
    pusher = ApnsClient(apns.url, apns.ca_file)
    later = ClientIdentity("pass.test.later", files.certificate, files.key)
    assert pusher.push(later, [secrets.token_hex(32)])[0].verdict is Verdict.ACCEPTED
    pusher.close()


def test_the_server_certificate_stays_until_it_is_about_to_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = server_certificate(tmp_path).certificate.read_bytes()
    assert server_certificate(tmp_path).certificate.read_bytes() == first
    monkeypatch.setattr("tests.fakes.certs.RENEW_BEFORE", timedelta(days=366))
    assert server_certificate(tmp_path).certificate.read_bytes() != first


def test_an_error_names_its_reason_as_json_and_carries_an_id(
    apns: ApnsStandIn, identity: ClientIdentity
) -> None:
    headers: list[bytes] = []
    body: list[bytes] = []
    handle = pycurl.Curl()
    for option, value in client._handle_options(apns.ca_file.read_bytes(), identity, 5.0).items():
        handle.setopt(option, value)
    handle.setopt(pycurl.URL, f"{apns.url}/3/device/")
    handle.setopt(pycurl.HEADERFUNCTION, headers.append)
    handle.setopt(pycurl.WRITEFUNCTION, body.append)
    handle.perform()
    handle.close()
    assert json.loads(b"".join(body)) == {"reason": "MissingDeviceToken"}
    assert any(line.startswith(b"apns-id: ") for line in headers)
