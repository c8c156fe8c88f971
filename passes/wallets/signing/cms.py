"""Signatures from a prepared encoding: of two passes of one identity only three places differ.

Time, hash of the manifest and the signature itself all have a fixed length, so everything around them is
encoded once, by the library, and afterwards a signature costs one RSA operation and four joins. Structure:
RFC 5652, sections 5.1 and 5.3; the attributes in the order DER gives a set, which their lengths fix.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7Options, PKCS7SignatureBuilder

from passes.wallets.signing.identity import SigningIdentity

# Without Binary line ends would be rewritten before hashing and no phone would verify the result.
# NoCapabilities leaves contentType, messageDigest and the signingTime Wallet insists on.
OPTIONS = (PKCS7Options.DetachedSignature, PKCS7Options.Binary, PKCS7Options.NoCapabilities)

_SAMPLE = b"a manifest like no other"
# The attribute's OID 1.2.840.113549.1.9.5, its set of one, and a UTCTime of thirteen characters.
_TIME_AHEAD = bytes.fromhex("06092a864886f70d010905 310f 170d")
_TIME_LENGTH = 13
# 1.2.840.113549.1.9.3, the attribute DER puts first, behind the header of the sequence it is in.
_FIRST_ATTRIBUTE = bytes.fromhex("06092a864886f70d010903")
_HEADER_LENGTH = 2
# What is embedded as [0] IMPLICIT is signed as the SET OF it really is (RFC 5652, 5.4).
_SET_OF, _IMPLICIT = b"\x31", 0xA0

_PADDING, _HASH = PKCS1v15(), SHA256()


@dataclass(frozen=True, slots=True, eq=False)
class SignatureTemplate:
    """One identity's signature with the three places left open; safe to share between threads.

    `before` is all up to the signed attributes, which are `opening`, the time, `middle` and the hash;
    `after` stands between them and the signature proper, which ends the file.
    """

    before: bytes
    opening: bytes
    middle: bytes
    after: bytes
    key: RSAPrivateKey = field(repr=False)

    def sign(self, content: bytes, at: datetime) -> bytes:
        """The DER encoding of a detached signature over `content`, made `at` (to the second; before 2050)."""
        time = at.astimezone(UTC).strftime("%y%m%d%H%M%SZ").encode()
        rest = b"".join((self.opening[1:], time, self.middle, hashlib.sha256(content).digest()))
        signature = self.key.sign(_SET_OF + rest, _PADDING, _HASH)
        return b"".join((self.before, self.opening[:1], rest, self.after, signature))


def build(content: bytes, identity: SigningIdentity) -> bytes:
    """The same signature as the library makes it, at its own time: the template's model and measure."""
    builder = PKCS7SignatureBuilder().set_data(content)
    builder = builder.add_signer(identity.certificate, identity.key, SHA256())
    for intermediate in identity.intermediates:
        builder = builder.add_certificate(intermediate)
    return builder.sign(Encoding.DER, OPTIONS)


def template_of(identity: SigningIdentity) -> SignatureTemplate:
    """The template cut out of a signature that the library made.

    Raises `RuntimeError` when the library encodes otherwise than this module knows, which is for whoever
    updates the library to see.
    """
    model = build(_SAMPLE, identity)
    start = _one(model, _FIRST_ATTRIBUTE) - 2 * _HEADER_LENGTH
    time = _one(model, _TIME_AHEAD) + len(_TIME_AHEAD)
    digest = _one(model, sample := hashlib.sha256(_SAMPLE).digest())
    end, signature = digest + len(sample), len(model) - identity.key.key_size // 8
    template = SignatureTemplate(
        before=model[:start],
        opening=model[start:time],
        middle=model[time + _TIME_LENGTH : digest],
        after=model[end:signature],
        key=identity.key,
    )
    at = datetime.strptime(model[time : time + _TIME_LENGTH].decode(), "%y%m%d%H%M%SZ").replace(tzinfo=UTC)
    attached = _SAMPLE in model
    if attached or model[start] != _IMPLICIT or template.sign(_SAMPLE, at) != model:
        raise RuntimeError("The library for signatures encodes them otherwise than cms.py knows.")
    return template


def _one(model: bytes, wanted: bytes) -> int:
    if model.count(wanted) != 1:
        raise RuntimeError(f"A signature holds {wanted.hex()} {model.count(wanted)} times and not once.")
    return model.index(wanted)
