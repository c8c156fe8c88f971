"""One request: where it may go, how long it may take, what of the answer is read."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from passes.messaging.webhooks import post as room
from passes.messaging.webhooks.post import Poster, Reply
from tests.fakes.certs import CertificateFiles, server_certificate
from tests.fakes.webhooks import Behaviour, Receiver
from tests.ports import free_port


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> CertificateFiles:
    return server_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def secure(certificate: CertificateFiles) -> Iterator[Receiver]:
    with Receiver(certificate) as running:
        yield running


def ask(url: str, **options: Any) -> Reply:
    postman = Poster(**{"loopback": True, "timeout_s": 60.0, **options})
    return postman.post(url, {"webhook-id": "x"}, b"{}")


def test_a_name_that_leads_inward_is_not_called_whatever_it_led_to_before(secure: Receiver) -> None:
    for inward in ("10.0.0.1", "169.254.169.254", "[fd00:ec2::254]", "[::ffff:10.0.0.1]", "127.0.0.1"):
        names = [f"shop.example:{secure.port}:{inward}"]
        reply = ask(f"https://shop.example:{secure.port}/", loopback=False, names=names)
        assert reply == Reply(None, "the host's address is not public"), inward
    assert secure.paths == []


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "2130706433", "0x7f.1", "0177.0.0.1", "127.1", "[::ffff:127.0.0.1]"]
)
def test_no_spelling_of_this_machine_slips_past(secure: Receiver, host: str) -> None:
    reply = ask(f"https://{host}:{secure.port}/", loopback=False)
    assert reply.status is None
    assert secure.paths == []


def test_without_the_check_they_would(
    secure: Receiver, certificate: CertificateFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "may_call", lambda address, loopback: True)
    assert ask(secure.url, loopback=False, roots=certificate.root).status == 401
    assert secure.paths == ["/events"]


def test_a_proxy_of_the_environment_is_not_asked(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, receiver.url)
    reply = ask("https://shop.example/", loopback=False, names=["shop.example:443:10.0.0.1"])
    assert (reply.status, receiver.paths) == (None, [])


def test_plain_http_is_not_spoken_in_production(receiver: Receiver) -> None:
    assert ask(receiver.url, loopback=False) == Reply(None, "only https is spoken")
    assert receiver.paths == []


def test_a_certificate_must_be_one_the_world_trusts(secure: Receiver, certificate: CertificateFiles) -> None:
    assert ask(secure.url) == Reply(None, "the host's certificate cannot be trusted")
    assert ask(secure.url, roots=certificate.root).status == 401


def test_a_certificate_must_name_the_host(secure: Receiver, certificate: CertificateFiles) -> None:
    names = [f"shop.example:{secure.port}:127.0.0.1"]
    reply = ask(f"https://shop.example:{secure.port}/", roots=certificate.root, names=names)
    assert reply == Reply(None, "the host's certificate cannot be trusted")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(receiver: Receiver, status: int) -> None:
    other = receiver.url.replace("events", "elsewhere")
    receiver.behave(Behaviour(status, {"Location": other}))
    reply = ask(receiver.url)
    assert (reply.status, "redirects are not followed" in reply.note) == (status, True)
    assert receiver.paths == ["/events"]


def test_a_slow_answer_is_not_waited_for(receiver: Receiver) -> None:
    receiver.behave(Behaviour(delay_s=30.0))
    started = time.monotonic()
    assert ask(receiver.url, timeout_s=0.2) == Reply(None, "no answer in time")
    assert time.monotonic() - started < 30


def test_of_a_long_answer_little_is_read(receiver: Receiver) -> None:
    receiver.behave(Behaviour(200, body=b"x" * 5_000_000))
    assert ask(receiver.url) == Reply(200, "HTTP 200")


def test_nobody_there_is_no_answer() -> None:
    assert ask(f"http://127.0.0.1:{free_port()}/events") == Reply(None, "no connection")


@pytest.mark.parametrize(
    "value, seconds", [("120", 120), ("999999999999", 12 * 3600), ("-5", 0), ("soon", 0)]
)
def test_when_to_come_back_is_kept_within_reason(receiver: Receiver, value: str, seconds: float) -> None:
    receiver.behave(Behaviour(503, {"Retry-After": value}))
    assert ask(receiver.url) == Reply(503, "HTTP 503", seconds)
