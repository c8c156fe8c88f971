"""Every answer of Apple's table gets the verdict that keeps registrations right and loses no update."""

from datetime import UTC, datetime, timedelta

import pytest

from passes.wallets.apple.apns.verdicts import Verdict, answered, judge, unanswered

SENT_AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)

TABLE = {
    Verdict.ACCEPTED: [(200, "")],
    Verdict.BAD_TOKEN: [(400, "BadDeviceToken"), (400, "DeviceTokenNotForTopic")],
    Verdict.GONE: [(410, "Unregistered"), (410, "ExpiredToken")],
    Verdict.RETRY: [
        (400, "IdleTimeout"),
        (429, "TooManyRequests"),
        (429, "TooManyProviderTokenUpdates"),
        (500, "InternalServerError"),
        (503, "ServiceUnavailable"),
        (503, "Shutdown"),
    ],
    Verdict.ALARM: [
        (403, "BadCertificate"),
        (403, "BadCertificateEnvironment"),
        (403, "ExpiredProviderToken"),
        (403, "InvalidProviderToken"),
        (403, "MissingProviderToken"),
        (403, "Forbidden"),
        (403, "UnrelatedKeyIdInToken"),
        (403, "BadEnvironmentKeyIdInToken"),
    ],
    Verdict.FIX: [
        (400, "BadTopic"),
        (400, "MissingTopic"),
        (400, "TopicDisallowed"),
        (400, "BadPriority"),
        (400, "InvalidPushType"),
        (400, "BadMessageId"),
        (400, "BadExpirationDate"),
        (400, "BadCollapseId"),
        (400, "DuplicateHeaders"),
        (400, "PayloadEmpty"),
        (400, "MissingDeviceToken"),
        (404, "BadPath"),
        (405, "MethodNotAllowed"),
        (413, "PayloadTooLarge"),
    ],
}
ROWS = [(status, reason, verdict) for verdict, rows in TABLE.items() for status, reason in rows]


@pytest.mark.parametrize("status, reason, verdict", ROWS)
def test_each_answer_of_the_table_has_its_verdict(status: int, reason: str, verdict: Verdict) -> None:
    assert judge(status, f'{{"reason": "{reason}"}}'.encode()) is verdict


def test_every_verdict_stands_in_the_table() -> None:
    assert set(TABLE) == set(Verdict)


@pytest.mark.parametrize(
    "status, verdict",
    [(502, Verdict.RETRY), (504, Verdict.RETRY), (401, Verdict.FIX), (302, Verdict.FIX), (204, Verdict.FIX)],
)
def test_a_status_outside_the_table_is_tried_again_only_if_it_is_the_servers(
    status: int, verdict: Verdict
) -> None:
    assert judge(status, b"") is verdict


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'"BadDeviceToken"', b'{"reason": 7}', b"\xff"])
def test_a_400_without_a_readable_reason_never_deletes_a_registration(body: bytes) -> None:
    assert judge(400, body) is Verdict.FIX


def test_a_dead_token_carries_the_moment_since_when_it_is_dead() -> None:
    result = answered("a0", 410, b'{"reason": "Unregistered", "timestamp": 1700000000500}', SENT_AT)
    assert result.timestamp == datetime(2023, 11, 14, 22, 13, 20, 500_000, tzinfo=UTC)
    assert result.reason == "Unregistered"


@pytest.mark.parametrize("timestamp", ["null", '"1700000000500"', "true", "1.5", "99999999999999999999"])
def test_a_dead_token_without_a_usable_moment_counts_from_the_push(timestamp: str) -> None:
    body = f'{{"reason": "Unregistered", "timestamp": {timestamp}}}'.encode()
    assert answered("a0", 410, body, SENT_AT).timestamp == SENT_AT


@pytest.mark.parametrize(
    "status, wait",
    [(429, timedelta(minutes=1)), (500, timedelta(minutes=15)), (503, timedelta(minutes=15))],
)
def test_a_retry_says_how_long_to_wait(status: int, wait: timedelta) -> None:
    assert answered("a0", status, b"", SENT_AT).retry_after_s == wait.total_seconds()


def test_only_a_retry_has_a_wait_and_only_a_dead_token_a_timestamp() -> None:
    for status, reason, verdict in ROWS:
        result = answered("a0", status, f'{{"reason": "{reason}", "timestamp": 1}}'.encode(), SENT_AT)
        assert (result.retry_after_s is not None) == (verdict is Verdict.RETRY)
        assert (result.timestamp is not None) == (verdict is Verdict.GONE)


def test_a_push_without_an_answer_is_tried_again_soon() -> None:
    result = unanswered("a0", "Connection reset by peer")
    assert (result.verdict, result.status, result.retry_after_s) == (Verdict.RETRY, None, 30)
