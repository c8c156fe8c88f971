"""Only what Google signed for this issuer, and lately, is believed."""

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from passes.clock import real_now
from passes.wallets.google.callback import MAX_BODY_BYTES, CallbackVerifier
from passes.wallets.google.ecv2 import CallbackRefused, pack, public_key
from passes.wallets.google.errors import GoogleBusy
from passes.wallets.google.root_keys import MISS_INTERVAL
from tests.fakes.google import GoogleStandIn
from tests.fakes.google.keys import CallbackKeys, callback_message

HOUR = timedelta(hours=1)


@pytest.fixture
def verifier(stand_in: GoogleStandIn) -> CallbackVerifier:
    return CallbackVerifier(stand_in.keys_url, stand_in.issuer_id)


def message(stand_in: GoogleStandIn, **changes: Any) -> dict[str, Any]:
    issuer = stand_in.issuer_id
    return {**callback_message(f"{issuer}.class", f"{issuer}.card", "save"), **changes}


def reads(stand_in: GoogleStandIn) -> int:
    return sum(seen.path == "/gp/m/issuer/keys" for seen in stand_in.requests)


@pytest.mark.parametrize("event", ["save", "del"])
def test_what_google_signed_is_believed(
    event: str, verifier: CallbackVerifier, stand_in: GoogleStandIn
) -> None:
    sent = message(stand_in, eventType=event)
    heard = verifier.verify(stand_in.keys.signed(stand_in.issuer_id, sent), real_now())
    assert (heard.class_id, heard.object_id) == (sent["classId"], sent["objectId"])
    assert (heard.event, heard.nonce) == (event, sent["nonce"])
    assert round(heard.expires_at.timestamp() * 1000) == sent["expTimeMillis"]


def test_lengths_count_bytes_so_a_message_beyond_ascii_verifies(
    verifier: CallbackVerifier, stand_in: GoogleStandIn
) -> None:
    sent = message(stand_in, objectId=f"{stand_in.issuer_id}.größe-€-😀")
    body = stand_in.keys.signed(stand_in.issuer_id, sent)
    assert "größe-€-😀".encode() in body
    assert verifier.verify(body, real_now()).object_id.endswith("größe-€-😀")
    assert pack("ä") == b"\x02\x00\x00\x00\xc3\xa4"


def rewrite(change: Callable[[dict[str, Any]], None]) -> Callable[[bytes], bytes]:
    def mutate(body: bytes) -> bytes:
        envelope = json.loads(body)
        change(envelope)
        return json.dumps(envelope).encode()

    return mutate


def swap(old: str, new: str) -> Callable[[dict[str, Any]], None]:
    def change(envelope: dict[str, Any]) -> None:
        assert old in envelope["signedMessage"]
        envelope["signedMessage"] = envelope["signedMessage"].replace(old, new)

    return change


TAMPERED = [
    (rewrite(swap('"save"', '"del"')), "not signed by the key"),
    (rewrite(swap(": ", ":")), "not signed by the key"),
    (rewrite(lambda e: e.update(signature="MEUCIQ==")), "not signed by the key"),
    (rewrite(lambda e: e.update(signature="not base64!")), "no base64"),
    (rewrite(lambda e: e.update(signature=7)), "signature is missing"),
    (rewrite(lambda e: e.update(protocolVersion="ECv1")), "protocolVersion"),
    (rewrite(lambda e: e.pop("protocolVersion")), "protocolVersion"),
    (rewrite(lambda e: e.pop("signedMessage")), "signedMessage is missing"),
    (rewrite(lambda e: e.update(signedMessage="\ud800")), "half a character"),
    (rewrite(lambda e: e.pop("intermediateSigningKey")), "intermediateSigningKey"),
    (rewrite(lambda e: e["intermediateSigningKey"].update(signatures=[])), "no root key"),
    (rewrite(lambda e: e["intermediateSigningKey"].update(signatures=[None])), "no base64"),
    (rewrite(lambda e: e["intermediateSigningKey"].update(signedKey="{}")), "no root key"),
    (lambda body: body[:-1], "no JSON object"),
    (lambda _body: b"[]", "no JSON object"),
    (lambda _body: b"\xff", "not UTF-8"),
    (lambda _body: b"[" * 60_000, "no JSON object"),
    (lambda body: body + b" " * MAX_BODY_BYTES, "too large"),
]


@pytest.mark.parametrize("mutate, reason", TAMPERED)
def test_a_tampered_callback_is_refused(
    mutate: Callable[[bytes], bytes], reason: str, verifier: CallbackVerifier, stand_in: GoogleStandIn
) -> None:
    body = stand_in.keys.signed(stand_in.issuer_id, message(stand_in))
    verifier.verify(body, real_now())
    with pytest.raises(CallbackRefused, match=reason):
        verifier.verify(mutate(body), real_now())


SIGNED_YET_WRONG = [
    ({"expTimeMillis": 1}, "message has expired"),
    ({"expTimeMillis": True}, "no time"),
    ({"expTimeMillis": "soon"}, "no time"),
    ({"expTimeMillis": 10**30}, "no time"),
    ({"classId": "999.class"}, "another issuer"),
    ({"objectId": "999.card"}, "another issuer"),
    ({"classId": None}, "classId is missing"),
    ({"eventType": "open"}, "neither save nor del"),
    ({"nonce": ""}, "nonce is empty"),
]


@pytest.mark.parametrize("changes, reason", SIGNED_YET_WRONG)
def test_a_signed_message_still_has_to_make_sense(
    changes: dict[str, Any], reason: str, verifier: CallbackVerifier, stand_in: GoogleStandIn
) -> None:
    body = stand_in.keys.signed(stand_in.issuer_id, message(stand_in, **changes))
    with pytest.raises(CallbackRefused, match=reason):
        verifier.verify(body, real_now())


def test_a_callback_addressed_to_another_issuer_is_refused(
    verifier: CallbackVerifier, stand_in: GoogleStandIn
) -> None:
    body = stand_in.keys.signed("999", message(stand_in))
    with pytest.raises(CallbackRefused, match="not signed by the key"):
        verifier.verify(body, real_now())


def test_an_expired_intermediate_key_is_refused(verifier: CallbackVerifier, stand_in: GoogleStandIn) -> None:
    body = stand_in.keys.signed(stand_in.issuer_id, message(stand_in), key_expires_in_ms=-1000)
    with pytest.raises(CallbackRefused, match="intermediate key has expired"):
        verifier.verify(body, real_now())


def test_a_root_that_is_not_googles_is_refused(verifier: CallbackVerifier, stand_in: GoogleStandIn) -> None:
    forger = ec.generate_private_key(ec.SECP256R1())
    body = stand_in.keys.signed(stand_in.issuer_id, message(stand_in), root=forger)
    with pytest.raises(CallbackRefused, match="no root key"):
        verifier.verify(body, real_now())


@pytest.mark.parametrize("spoil", [{"protocolVersion": "ECv1"}, {"keyExpiration": "1"}, {"keyValue": "AAAA"}])
def test_a_published_root_of_another_scheme_or_time_vouches_for_nothing(
    spoil: dict[str, str],
    verifier: CallbackVerifier,
    stand_in: GoogleStandIn,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    keys = [{**key, **spoil} for key in stand_in.keys.published()["keys"]]
    monkeypatch.setattr(stand_in.keys, "published", lambda: {"keys": [*keys, None, {}]})
    body = stand_in.keys.signed(stand_in.issuer_id, message(stand_in))
    with pytest.raises(CallbackRefused, match="no root key"):
        verifier.verify(body, real_now())


def test_only_keys_on_p256_are_keys() -> None:
    def encoded(key: Any) -> str:
        der = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return base64.b64encode(der).decode()

    assert public_key(encoded(ec.generate_private_key(ec.SECP256R1()))).curve.name == "secp256r1"
    for other in (ec.generate_private_key(ec.SECP384R1()), ed25519.Ed25519PrivateKey.generate()):
        with pytest.raises(CallbackRefused, match="no P-256 key"):
            public_key(encoded(other))


def test_root_keys_are_read_once_and_again_when_they_expire(
    verifier: CallbackVerifier, stand_in: GoogleStandIn
) -> None:
    for _ in range(3):
        verifier.verify(stand_in.keys.signed(stand_in.issuer_id, message(stand_in)), real_now())
    assert reads(stand_in) == 1
    later = real_now() + 25 * HOUR
    with pytest.raises(CallbackRefused, match="no root key"):
        verifier.verify(stand_in.keys.signed(stand_in.issuer_id, message(stand_in)), later)
    assert reads(stand_in) == 2


def test_a_new_root_is_fetched_when_no_known_one_matches(
    verifier: CallbackVerifier, stand_in: GoogleStandIn
) -> None:
    now = real_now()
    verifier.verify(stand_in.keys.signed(stand_in.issuer_id, message(stand_in)), now)
    stand_in.keys = CallbackKeys()
    body = stand_in.keys.signed(stand_in.issuer_id, message(stand_in))
    assert verifier.verify(body, now + MISS_INTERVAL).event == "save"
    assert reads(stand_in) == 2


def test_forgeries_do_not_make_us_ask_google_each_time(
    verifier: CallbackVerifier, stand_in: GoogleStandIn
) -> None:
    forged = CallbackKeys().signed(stand_in.issuer_id, message(stand_in))
    for _ in range(5):
        with pytest.raises(CallbackRefused):
            verifier.verify(forged, real_now())
    assert reads(stand_in) == 1


def test_while_the_roots_cannot_be_read_google_is_to_call_again(
    verifier: CallbackVerifier, stand_in: GoogleStandIn
) -> None:
    stand_in.misbehave(path="/keys", status=500)
    body = stand_in.keys.signed(stand_in.issuer_id, message(stand_in))
    with pytest.raises(GoogleBusy):
        verifier.verify(body, real_now())
    assert verifier.verify(body, real_now()).event == "save"
