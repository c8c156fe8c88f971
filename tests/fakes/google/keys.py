"""The throwaway keys of the stand-in: a service account's, and the two that vouch for callbacks."""

import base64
import json
import time
import uuid
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

EMAIL = "stempel@stand-in.iam.gserviceaccount.example"
PROTOCOL = "ECv2SigningOnly"
HOUR_MS = 3_600_000


class ServiceKey:
    """The service account; kept in its credentials file, so that a restart does not end running clients."""

    def __init__(self, credentials_file: Path, token_uri: str) -> None:
        self.key_id = "stand-in-key-1"
        self._key = _kept_key(credentials_file)
        pem = self._key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        account = {
            "type": "service_account",
            "project_id": "stand-in",
            "private_key_id": self.key_id,
            "private_key": pem.decode("ascii"),
            "client_email": EMAIL,
            "client_id": "100000000000000000001",
            "token_uri": token_uri,
        }
        credentials_file.touch(0o600)
        credentials_file.write_text(json.dumps(account, indent=2), encoding="ascii")

    def verified_claims(self, token: str) -> dict[str, Any]:
        """The claims of a JWT this account signed; `ValueError` for any other."""
        head, claims, signature = (_from_base64url(part) for part in token.split("."))
        header = json.loads(head)
        if header.get("alg") != "RS256" or header.get("kid") != self.key_id:
            raise ValueError(f"the header {header} is not RS256 with this account's key id")
        signed = token.rpartition(".")[0].encode("ascii")
        try:
            self._key.public_key().verify(signature, signed, padding.PKCS1v15(), SHA256())
        except InvalidSignature:
            raise ValueError("the signature is not this account's") from None
        return dict(json.loads(claims))


def _kept_key(credentials_file: Path) -> rsa.RSAPrivateKey:
    if credentials_file.exists():
        pem = json.loads(credentials_file.read_text(encoding="ascii"))["private_key"].encode()
        key = serialization.load_pem_private_key(pem, password=None)
        assert isinstance(key, rsa.RSAPrivateKey)
        return key
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _from_base64url(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class CallbackKeys:
    """A root key as Google publishes it, and the short-lived key it signs."""

    def __init__(self) -> None:
        self._root = ec.generate_private_key(ec.SECP256R1())
        self._intermediate = ec.generate_private_key(ec.SECP256R1())

    def published(self) -> dict[str, Any]:
        """What stands at the keys address: our root, and a key of an older scheme as Google has them."""
        expires = str(_now_ms() + 24 * HOUR_MS)
        root = {"keyValue": _spki(self._root), "protocolVersion": PROTOCOL, "keyExpiration": expires}
        return {"keys": [{**root, "protocolVersion": "ECv1"}, root]}

    def signed(
        self,
        issuer_id: str,
        message: dict[str, Any],
        *,
        key_expires_in_ms: int = HOUR_MS,
        root: ec.EllipticCurvePrivateKey | None = None,
    ) -> bytes:
        """The body of a callback carrying `message`, addressed to `issuer_id`; `root` replaces ours."""
        signed_key = json.dumps(
            {"keyValue": _spki(self._intermediate), "keyExpiration": str(_now_ms() + key_expires_in_ms)}
        )
        signed_message = json.dumps(message, ensure_ascii=False)
        envelope = {
            "protocolVersion": PROTOCOL,
            "signature": _sign(self._intermediate, "GooglePayPasses", issuer_id, PROTOCOL, signed_message),
            "intermediateSigningKey": {
                "signedKey": signed_key,
                "signatures": [_sign(root or self._root, "GooglePayPasses", PROTOCOL, signed_key)],
            },
            "signedMessage": signed_message,
        }
        return json.dumps(envelope, ensure_ascii=False).encode()


def callback_message(class_id: str, object_id: str, event: str) -> dict[str, Any]:
    """What Google says when a card is saved (`save`) or removed (`del`)."""
    return {
        "classId": class_id,
        "objectId": object_id,
        "expTimeMillis": _now_ms() + HOUR_MS,
        "eventType": event,
        "nonce": str(uuid.uuid4()),
        "count": 1,
    }


def _sign(key: ec.EllipticCurvePrivateKey, *parts: str) -> str:
    packed = b"".join(len(p.encode()).to_bytes(4, "little") + p.encode() for p in parts)
    return base64.b64encode(key.sign(packed, ec.ECDSA(SHA256()))).decode("ascii")


def _spki(key: ec.EllipticCurvePrivateKey) -> str:
    der = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return base64.b64encode(der).decode("ascii")


def _now_ms() -> int:
    return int(time.time() * 1000)
