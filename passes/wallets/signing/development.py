"""A throwaway chain with the shape of Apple's, for trying Stempel without a developer account.

No phone trusts it; everything else about a pass signed with it is as it would be with a real one. Its
leaf also serves as TLS client certificate towards a stand-in for Apple's push service, and its names say
what it is.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from passes import clock
from passes.wallets.signing.certificates import COMMON_NAME, PASS_EXTENSION
from passes.wallets.signing.identity import IdentityMaterial

# Ten characters, as every team identifier has.
TEAM_IDENTIFIER = "STEMPELDEV"
ORGANIZATION = "Stempel Development"

# X.520 ends a common name at 64 characters; this is what "Pass Type ID: pass.dev.stempel." leaves.
_SLUG_LENGTH = 33
_LEAF_LIFE = timedelta(days=365)
_AUTHORITY_LIFE = timedelta(days=3650)
# So that a machine whose clock runs a little behind accepts the certificate at once.
_CLOCK_SKEW = timedelta(hours=1)

# The purpose Apple names in pass certificates beside TLS client; e-mail protection is added here because
# `openssl cms -verify` asks for it by default.
_PASS_PURPOSE = x509.ObjectIdentifier("1.2.840.113635.100.4.14")
_LEAF_PURPOSES = (ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.EMAIL_PROTECTION, _PASS_PURPOSE)


def development_pass_type(merchant_slug: str) -> str:
    """`pass.dev.stempel.<slug>`; a long slug is cut and told apart by eight digits of its hash."""
    if len(merchant_slug) > _SLUG_LENGTH:
        digest = hashlib.sha256(merchant_slug.encode()).hexdigest()[:8]
        merchant_slug = f"{merchant_slug[: _SLUG_LENGTH - 9]}-{digest}"
    return f"pass.dev.stempel.{merchant_slug}"


def create_development_identity(merchant_slug: str, at: datetime | None = None) -> IdentityMaterial:
    """A new root, intermediate and pass certificate, valid for one year from `at` (default: now, really).

    The keys of root and intermediate are forgotten; only the leaf's is returned.
    """
    start = (at or clock.real_now()) - _CLOCK_SKEW
    pass_type = development_pass_type(merchant_slug)
    root = _Party.new({NameOID.COMMON_NAME: "Stempel Development Root CA"})
    intermediate = _Party.new(
        {NameOID.COMMON_NAME: "Stempel Development Pass CA", NameOID.ORGANIZATIONAL_UNIT_NAME: "G4"}
    )
    leaf = _Party.new(
        {
            NameOID.USER_ID: pass_type,
            NameOID.COMMON_NAME: COMMON_NAME + pass_type,
            NameOID.ORGANIZATIONAL_UNIT_NAME: TEAM_IDENTIFIER,
        }
    )
    return IdentityMaterial(
        certificate=_certify_leaf(leaf, intermediate, start, pass_type),
        intermediates=(_certify_authority(intermediate, root, start, path_length=0),),
        key=leaf.key,
        development=True,
        root=_certify_authority(root, root, start, path_length=1),
    )


@dataclass(frozen=True, slots=True)
class _Party:
    name: x509.Name
    key: rsa.RSAPrivateKey

    @classmethod
    def new(cls, parts: dict[x509.ObjectIdentifier, str]) -> "_Party":
        parts = {**parts, NameOID.ORGANIZATION_NAME: ORGANIZATION}
        name = x509.Name([x509.NameAttribute(oid, value) for oid, value in parts.items()])
        return cls(name, rsa.generate_private_key(65537, 2048))


def _certify_authority(
    subject: _Party, issuer: _Party, start: datetime, path_length: int
) -> x509.Certificate:
    builder = _builder(subject, issuer, start, _AUTHORITY_LIFE)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True)
    builder = builder.add_extension(_key_usage(issues=True), critical=True)
    return builder.sign(issuer.key, SHA256())


def _certify_leaf(subject: _Party, issuer: _Party, start: datetime, pass_type: str) -> x509.Certificate:
    text = pass_type.encode()
    utf8_string = bytes([0x0C, len(text)]) + text
    builder = _builder(subject, issuer, start, _LEAF_LIFE + _CLOCK_SKEW)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(_key_usage(issues=False), critical=True)
    builder = builder.add_extension(x509.ExtendedKeyUsage(_LEAF_PURPOSES), critical=False)
    marker = x509.UnrecognizedExtension(PASS_EXTENSION, utf8_string)
    return builder.add_extension(marker, critical=False).sign(issuer.key, SHA256())


def _builder(subject: _Party, issuer: _Party, start: datetime, life: timedelta) -> x509.CertificateBuilder:
    own_id = x509.SubjectKeyIdentifier.from_public_key(subject.key.public_key())
    issuer_id = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(subject.name)
        .issuer_name(issuer.name)
        .public_key(subject.key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + life)
        .add_extension(own_id, critical=False)
        .add_extension(issuer_id, critical=False)
    )


def _key_usage(*, issues: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not issues,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=issues,
        crl_sign=issues,
        encipher_only=False,
        decipher_only=False,
    )
