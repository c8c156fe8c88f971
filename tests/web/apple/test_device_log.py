"""What phones report: kept small, without secrets, and never in the way."""

import pytest
from flask.testing import FlaskClient
from structlog.testing import capture_logs

from passes.clock import SystemClock
from passes.db.engine import Database
from passes.ids import new_id
from passes.web.apple import device_log
from passes.web.apple.device_log import MAX_LENGTH, MAX_MESSAGES, Budget, redact
from tests.web.apple.conftest import serve, token


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """A client with a fresh budget; a report never comes near the database."""
    monkeypatch.setattr(device_log, "_budget", Budget())
    return serve(Database("sqlite:////nowhere/at/all.db", SystemClock()))


def test_a_report_is_logged_and_answered_with_200(client: FlaskClient) -> None:
    with capture_logs() as logs:
        answer = client.post("/apple/v1/log", json={"logs": ["Get pass task: unexpected response code 500"]})
    assert (answer.status_code, answer.data) == (200, b"")
    assert logs[0]["messages"] == ["Get pass task: unexpected response code 500"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"logs":"one"}', b'{"logs":[1]}', b'{"log":[]}'])
def test_what_is_no_report_is_named(client: FlaskClient, body: bytes) -> None:
    answer = client.post("/apple/v1/log", data=body)
    assert (answer.status_code, answer.get_json()["errors"][0]["field"]) == (400, "logs")


def test_a_report_over_64_kilobytes_is_not_read(client: FlaskClient) -> None:
    assert client.post("/apple/v1/log", json={"logs": ["x" * 66_000]}).status_code == 413


def test_only_the_first_messages_are_kept_and_only_their_beginning(client: FlaskClient) -> None:
    with capture_logs() as logs:
        client.post("/apple/v1/log", json={"logs": ["word " * 200] * 30})
    assert len(logs[0]["messages"]) == MAX_MESSAGES
    assert logs[0]["more"] == 10
    assert {len(m) for m in logs[0]["messages"]} == {MAX_LENGTH}


def test_no_token_and_no_device_id_reaches_the_log(client: FlaskClient) -> None:
    device, push = "0a1b2c3d4e5f60718293a4b5c6d7e8f9", "ab" * 32
    secrets = [device, push, token("card_1"), "c29tZSBiYXNlNjQ+dG9rZW4="]
    lines = [f"GET /v1/devices/{s}/registrations (Authorization: ApplePass {s}) failed" for s in secrets]
    with capture_logs() as logs:
        client.post("/apple/v1/log", json={"logs": lines})
    assert not [s for s in secrets if s in str(logs)]
    assert "failed" in logs[0]["messages"][0]


def test_a_card_is_still_recognised() -> None:
    card_id = new_id("card")
    assert (
        redact(f"Passes/pass.com.example/{card_id}: unchanged")
        == f"Passes/pass.com.example/{card_id}: unchanged"
    )


@pytest.mark.parametrize("line", ["a\nb", "a\r\nb", "a\x1b[31mb", "a\x00b", "a\u2028b"])
def test_one_message_is_one_line(line: str) -> None:
    assert redact(line).isprintable()


def test_a_flood_is_answered_and_not_kept(client: FlaskClient) -> None:
    with capture_logs() as logs:
        statuses = {client.post("/apple/v1/log", json={"logs": ["x"]}).status_code for _ in range(80)}
    assert statuses == {200}
    assert 50 <= len(logs) < 60


def test_the_budget_fills_up_again_and_says_what_was_unheard() -> None:
    now = [0.0]
    budget = Budget(per_s=5, burst=2, monotonic=lambda: now[0])
    assert [budget.spend() for _ in range(4)] == [0, 0, None, None]
    now[0] = 0.2
    assert [budget.spend(), budget.spend()] == [2, None]
    now[0] = 1000
    assert [budget.spend() for _ in range(3)] == [1, 0, None]
