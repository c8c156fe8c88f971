"""Pass certificates of every kind, sound and faulty, for the tests of import and store.

Keys are made once per test run: making them is slow, and no test needs one of its own.
"""

from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

from passes.wallets.signing.certificates import (
    APPLE_G4_NAME,
    APPLE_G4_SERIAL,
    APPLE_G4_UNIT,
    PASS_EXTENSION,
)

NOW = datetime.now(UTC)
PASS_TYPE = "pass.de.example.cafe"
TEAM = "A1B2C3D4E5"


@cache
def key(owner: str, bits: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


def name(**parts: str) -> x509.Name:
    oids = {
        "uid": NameOID.USER_ID,
        "cn": NameOID.COMMON_NAME,
        "ou": NameOID.ORGANIZATIONAL_UNIT_NAME,
        "o": NameOID.ORGANIZATION_NAME,
    }
    return x509.Name([x509.NameAttribute(oids[part], value) for part, value in parts.items() if value])


ROOT_NAME = name(cn="Example Root CA", o="Example")
APPLE_NAME = name(cn=APPLE_G4_NAME, ou=APPLE_G4_UNIT, o="Apple Inc.")
OWN_NAME = name(cn="Example Pass CA", ou="G4", o="Example")


def certificate(
    subject: x509.Name,
    subject_key: rsa.RSAPrivateKey,
    issuer: x509.Name,
    issuer_key: rsa.RSAPrivateKey,
    *,
    ca: bool = True,
    serial: int = 0,
    start: datetime = NOW - timedelta(days=1),
    end: datetime = NOW + timedelta(days=300),
    marker: bytes | None = None,
) -> x509.Certificate:
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(subject_key.public_key())
        .serial_number(serial or x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    )
    if marker is not None:
        builder = builder.add_extension(x509.UnrecognizedExtension(PASS_EXTENSION, marker), critical=False)
    return builder.sign(issuer_key, SHA256())


@cache
def root() -> x509.Certificate:
    return certificate(ROOT_NAME, key("root"), ROOT_NAME, key("root"))


@cache
def apple_like() -> x509.Certificate:
    """What import takes for Apple's G4: its name and serial number, with a key of our own."""
    return certificate(APPLE_NAME, key("issuer"), ROOT_NAME, key("root"), serial=APPLE_G4_SERIAL)


@cache
def own() -> x509.Certificate:
    return certificate(OWN_NAME, key("issuer"), ROOT_NAME, key("root"))


def leaf(
    *,
    issuer: x509.Name = APPLE_NAME,
    issuer_key: rsa.RSAPrivateKey | None = None,
    pass_type: str = PASS_TYPE,
    uid: str | None = None,
    team: str = TEAM,
    prefix: str = "Pass Type ID: ",
    marked: bool = True,
    leaf_key: rsa.RSAPrivateKey | None = None,
    start: datetime = NOW - timedelta(days=1),
    end: datetime = NOW + timedelta(days=300),
) -> x509.Certificate:
    text = pass_type.encode()
    return certificate(
        name(uid=pass_type if uid is None else uid, cn=prefix + pass_type, ou=team, o="Example"),
        leaf_key or key("leaf"),
        issuer,
        issuer_key or key("issuer"),
        ca=False,
        start=start,
        end=end,
        marker=bytes([0x0C, len(text)]) + text if marked else None,
    )


def pem(found: x509.Certificate) -> bytes:
    return found.public_bytes(Encoding.PEM)


def key_pem(private: rsa.RSAPrivateKey | None = None, passphrase: bytes = b"") -> bytes:
    encryption = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    return (private or key("leaf")).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)
