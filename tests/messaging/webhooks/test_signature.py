"""Signatures by the specification's own example, and by a verifier that shares no code with the signer."""

import base64
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_bytes
from typing import Any

import pytest

from passes.clock import real_now
from passes.messaging.webhooks import signature
from tests.fakes.webhooks import Unsigned, verify

DOCUMENTATION = Path(__file__).parents[3] / "docs" / "webhooks.md"
# The worked example that the specification's reference libraries are tested with.
KEY = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
AT = datetime.fromtimestamp(1614265330, UTC)
BODY = b'{"test": 2432232314}'
SIGNED = {
    "webhook-id": ID,
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}


def test_the_known_example_comes_out() -> None:
    assert signature.headers([KEY], ID, AT, BODY) == SIGNED


def test_a_receiver_believes_it_within_five_minutes() -> None:
    for skew in (-300, 0, 300):
        assert verify(signature.shown(KEY), SIGNED, BODY, 1614265330 + skew) == ID


@pytest.mark.parametrize(
    "changed",
    [
        {"webhook-id": "msg_other"},
        {"webhook-timestamp": "1614265331"},
        {"webhook-signature": "v1,AAAA"},
        {"webhook-signature": SIGNED["webhook-signature"].replace("v1,", "v2,")},
        {"webhook-signature": ""},
        {"webhook-id": ""},
        {"webhook-timestamp": "soon"},
    ],
)
def test_a_receiver_believes_nothing_that_was_changed(changed: dict[str, str]) -> None:
    with pytest.raises(Unsigned):
        verify(signature.shown(KEY), SIGNED | changed, BODY, 1614265330)


@pytest.mark.parametrize(
    "secret, body, now",
    [
        (signature.shown(KEY), BODY + b" ", 1614265330),
        (signature.shown(bytes(32)), BODY, 1614265330),
        (signature.shown(KEY), BODY, 1614265330 + 301),
        (signature.shown(KEY), BODY, 1614265330 - 301),
        (signature.shown(b"short"), BODY, 1614265330),
        (base64.b64encode(KEY).decode(), BODY, 1614265330),
    ],
)
def test_neither_body_nor_secret_nor_hour_may_be_another(secret: str, body: bytes, now: float) -> None:
    with pytest.raises(Unsigned):
        verify(secret, SIGNED, body, now)


def test_a_secret_is_random_and_of_the_length_asked_for() -> None:
    made = {signature.secret_of(b"k" * 32, signature.new_seed()) for _ in range(50)}
    assert len(made) == 50
    assert {len(secret) for secret in made} == {32}
    assert signature.shown(KEY) == "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def test_the_snippet_in_the_documentation_believes_what_we_sign_and_nothing_else() -> None:
    snippet = DOCUMENTATION.read_text().split("```python\n")[1].split("```")[0]
    room: dict[str, Any] = {}
    exec(snippet, room)
    key, at = token_bytes(32), real_now()
    headers = signature.headers([key], "evt_1", at, BODY)
    assert room["verify"](signature.shown(key), headers, BODY) == "evt_1"
    old = signature.headers([key], "evt_1", at - timedelta(seconds=302), BODY)
    for secret, given, body in (
        (signature.shown(key), headers, BODY + b" "),
        (signature.shown(token_bytes(32)), headers, BODY),
        (signature.shown(key), headers | {"webhook-id": "evt_2"}, BODY),
        (signature.shown(key), old, BODY),
    ):
        with pytest.raises(ValueError, match=r"no signature|too old"):
            room["verify"](secret, given, body)
