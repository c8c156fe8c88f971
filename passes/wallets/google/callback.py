"""What Google reports back: somebody saved a card, or removed it. Believed only after verification.

The scheme is Google's ECv2SigningOnly: a root key that Google publishes signs a short-lived key, which
signs the message. Signatures cover the texts exactly as they arrived, each preceded by its length in
bytes; so a message is never parsed and written again before it is checked. The caller keeps the nonces
it has seen, since Google repeats its calls.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

from passes.wallets.google.ecv2 import (
    PROTOCOL,
    SENDER,
    CallbackRefused,
    is_signed,
    json_object,
    moment,
    pack,
    public_key,
    signature,
    text,
)
from passes.wallets.google.root_keys import RootKeys

MAX_BODY_BYTES = 65_536
MAX_NONCE = 200


@dataclass(frozen=True, slots=True)
class CallbackMessage:
    """A verified callback. `nonce` is the same in every repetition, `expires_at` its last moment."""

    class_id: str
    object_id: str
    event: Literal["save", "del"]
    nonce: str
    expires_at: datetime


class CallbackVerifier:
    """Checks callbacks for one issuer against the root keys published at `keys_url`."""

    def __init__(
        self, keys_url: str, issuer_id: str, ca_file: Path | None = None, timeout_s: float = 5.0
    ) -> None:
        self._roots = RootKeys(keys_url, ca_file, timeout_s)
        self._issuer_id = issuer_id

    def verify(self, body: bytes, at: datetime) -> CallbackMessage:
        """The message in the request's `body`, judged at the real time `at`.

        Raises `CallbackRefused`, or `GoogleBusy` when the root keys cannot be read and Google should
        call again.
        """
        envelope = _envelope(body)
        signing_key = self._signing_key(envelope, at)
        signed_message = text(envelope, "signedMessage")
        packed = pack(SENDER, self._issuer_id, PROTOCOL, signed_message)
        if not is_signed(signing_key, signature(text(envelope, "signature")), packed):
            raise CallbackRefused("the message is not signed by the key it came with")
        return self._message(json_object(signed_message, "signedMessage"), at)

    def _signing_key(self, envelope: dict[str, Any], at: datetime) -> EllipticCurvePublicKey:
        """The short-lived key, once a root vouches for it; the roots are read anew before saying no."""
        intermediate = envelope.get("intermediateSigningKey")
        if not isinstance(intermediate, dict) or not isinstance(intermediate.get("signatures"), list):
            raise CallbackRefused("intermediateSigningKey with its signatures is missing")
        signed_key = text(intermediate, "signedKey")
        packed = pack(SENDER, PROTOCOL, signed_key)
        signatures = [signature(value) for value in intermediate["signatures"][:8]]
        if not any(
            is_signed(root, candidate, packed)
            for roots in self._roots.attempts(at)
            for root in roots
            for candidate in signatures
        ):
            raise CallbackRefused("no root key of Google signed the intermediate key")
        fields = json_object(signed_key, "signedKey")
        if at >= moment(fields, "keyExpiration"):
            raise CallbackRefused("the intermediate key has expired")
        return public_key(text(fields, "keyValue"))

    def _message(self, fields: dict[str, Any], at: datetime) -> CallbackMessage:
        expires_at = moment(fields, "expTimeMillis")
        if at >= expires_at:
            raise CallbackRefused("the message has expired")
        class_id, object_id = text(fields, "classId"), text(fields, "objectId")
        own = f"{self._issuer_id}."
        if not class_id.startswith(own) or not object_id.startswith(own):
            raise CallbackRefused("the class belongs to another issuer")
        event, nonce = fields.get("eventType"), text(fields, "nonce")
        if event not in ("save", "del"):
            raise CallbackRefused(f"eventType is neither save nor del but {event!r}")
        if not nonce:
            raise CallbackRefused("nonce is empty")
        if len(nonce) > MAX_NONCE or not nonce.isprintable() or not object_id.isprintable():
            # No database keeps a NUL, nor more of a nonce than it has room for.
            raise CallbackRefused(f"nonce and objectId must be printable, the nonce with {MAX_NONCE} at most")
        return CallbackMessage(class_id, object_id, event, nonce, expires_at)


def _envelope(body: bytes) -> dict[str, Any]:
    if len(body) > MAX_BODY_BYTES:
        raise CallbackRefused("the body is too large")
    try:
        envelope = json_object(body.decode(), "the body")
    except UnicodeDecodeError:
        raise CallbackRefused("the body is not UTF-8") from None
    if envelope.get("protocolVersion") != PROTOCOL:
        raise CallbackRefused(f"protocolVersion is not {PROTOCOL}")
    return envelope
