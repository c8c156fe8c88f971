"""What a certificate says about itself: the names Apple puts in it, who signed it, where its chain ends.

Import, development chains and the store all read certificates; this is the one place that knows how Apple
spells a pass certificate.
"""

from collections.abc import Iterable

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from passes.errors import ConfigurationError

# Apple's marker of a pass certificate; its value is the pass type identifier as a UTF8String.
PASS_EXTENSION = x509.ObjectIdentifier("1.2.840.113635.100.6.1.16")

COMMON_NAME = "Pass Type ID: "
COMMON_NAME_NFC = "Pass Type ID with NFC: "

# https://www.apple.com/certificateauthority/: "Worldwide Developer Relations - G4", ends 2030-12-10.
APPLE_G4_NAME = "Apple Worldwide Developer Relations Certification Authority"
APPLE_G4_UNIT = "G4"
APPLE_G4_SERIAL = 0x13DC77955271E53DC632E8CCFFE521F3CCC5CED2


def read_certificates(data: bytes, what: str) -> tuple[x509.Certificate, ...]:
    """All certificates in PEM text, or the one in a DER file as Apple's `.cer` downloads are.

    Raises `ConfigurationError` naming `what` when there is none.
    """
    try:
        if b"-----BEGIN" in data:
            return tuple(x509.load_pem_x509_certificates(data))
        return (x509.load_der_x509_certificate(data),)
    except ValueError:
        raise ConfigurationError(f"{what}: this is not a certificate in PEM or DER form.") from None


def to_pem(certificates: Iterable[x509.Certificate]) -> bytes:
    """The certificates one after the other as PEM text."""
    return b"".join(certificate.public_bytes(Encoding.PEM) for certificate in certificates)


def name_value(name: x509.Name, oid: x509.ObjectIdentifier) -> str | None:
    """The first value of one kind in a subject or issuer, None where there is none."""
    values = name.get_attributes_for_oid(oid)
    return str(values[0].value) if values else None


def describe_name(name: x509.Name) -> str:
    """A name as people read it: `Common Name (Unit)`, or all of it in RFC 4514 form."""
    common = name_value(name, NameOID.COMMON_NAME)
    unit = name_value(name, NameOID.ORGANIZATIONAL_UNIT_NAME)
    if common is None:
        return name.rfc4514_string()
    return f"{common} ({unit})" if unit else common


def pass_extension(certificate: x509.Certificate) -> bytes | None:
    """The raw value of Apple's pass extension, None in a certificate that is not for passes."""
    try:
        value = certificate.extensions.get_extension_for_oid(PASS_EXTENSION).value
    except x509.ExtensionNotFound:
        return None
    return value.public_bytes()


def is_root(certificate: x509.Certificate) -> bool:
    """Whether the certificate names itself as its issuer."""
    return certificate.subject == certificate.issuer


def is_apple_g4(certificate: x509.Certificate) -> bool:
    """Whether this is the only intermediate whose pass certificates phones accept.

    Name and serial tell an honest mistake (an older generation, a chain of one's own); forgery is for
    the phone to find, which compares keys.
    """
    return (
        certificate.serial_number == APPLE_G4_SERIAL
        and name_value(certificate.subject, NameOID.COMMON_NAME) == APPLE_G4_NAME
        and name_value(certificate.subject, NameOID.ORGANIZATIONAL_UNIT_NAME) == APPLE_G4_UNIT
    )


def chain_above(
    leaf: x509.Certificate, candidates: Iterable[x509.Certificate]
) -> tuple[x509.Certificate, ...]:
    """The issuers of `leaf` among `candidates`, nearest first, each having signed the one before it."""
    left = [certificate for certificate in candidates if certificate != leaf]
    chain = [leaf]
    while not is_root(chain[-1]):
        issuer = next((certificate for certificate in left if _signed_by(chain[-1], certificate)), None)
        if issuer is None:
            break
        left.remove(issuer)
        chain.append(issuer)
    return tuple(chain[1:])


def _signed_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False  # another name, another kind of key, another key, an algorithm of the past
    return _may_issue(issuer)


def _may_issue(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False
