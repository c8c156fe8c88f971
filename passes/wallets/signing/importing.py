"""Taking in a merchant's pass certificate: everything that would fail on a phone later is refused now.

A phone only ever says that it cannot open the pass; here each fault gets a sentence of its own.
"""

import os
from collections.abc import Sequence
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import load_pem_private_key, pkcs12
from cryptography.x509.oid import NameOID

from passes import clock
from passes.wallets.signing import certificates
from passes.wallets.signing.faults import ImportFault
from passes.wallets.signing.identity import IdentityMaterial

_WHERE_TO_RENEW = "create one for your pass type at https://developer.apple.com/account/resources/identifiers"

# pbeWithSHAAnd40BitRC2-CBC, 1.2.840.113549.1.12.1.6 (RFC 7292, appendix C).
_RC2_40 = bytes.fromhex("2a864886f70d010c0106")
_OLD_ENCRYPTION = (
    "p12: its encryption is of an old kind (RC2-40, as Keychain writes), which this machine has switched off "
    "(CRYPTOGRAPHY_OPENSSL_NO_LEGACY); rewrite it with `openssl pkcs12 -legacy -in OLD.p12 -out both.pem` "
    "and import that with --certificate both.pem --key both.pem."
)


def import_p12(
    data: bytes,
    passphrase: bytes | None,
    *,
    intermediates: Sequence[x509.Certificate] = (),
    development: bool = False,
) -> IdentityMaterial:
    """The identity in a PKCS#12 file, old Keychain exports (RC2-40, 3DES) included.

    The chain is sought in the file itself and in `intermediates`. Raises `ConfigurationError` with one
    sentence about the first fault found.
    """
    try:
        bag = pkcs12.load_pkcs12(data, passphrase)
    except ValueError as error:
        # The library tells the two apart by text alone, and takes what is switched off for the first.
        if "password" in str(error):
            if _RC2_40 in data and os.environ.get("CRYPTOGRAPHY_OPENSSL_NO_LEGACY"):
                raise ImportFault("old_encryption", _OLD_ENCRYPTION) from None
            raise _wrong_passphrase("p12", passphrase) from None
        raise ImportFault("unreadable", "p12: this is not a PKCS#12 file, or it is damaged.") from None
    except UnsupportedAlgorithm:
        raise ImportFault("old_encryption", _OLD_ENCRYPTION) from None
    if bag.key is None:
        raise ImportFault("incomplete", "p12: it holds no private key; export certificate and key together.")
    inside = [entry.certificate for entry in (bag.cert, *bag.additional_certs) if entry]
    if not inside:
        raise ImportFault("incomplete", "p12: it holds no certificate; export certificate and key together.")
    own = bag.key.public_key()
    leaf = next((certificate for certificate in inside if certificate.public_key() == own), inside[0])
    return _check(leaf, bag.key, [*inside, *intermediates], development)


def import_pem(
    certificate: bytes,
    key: bytes,
    passphrase: bytes | None,
    *,
    intermediates: Sequence[x509.Certificate] = (),
    development: bool = False,
) -> IdentityMaterial:
    """The identity in a certificate file (PEM or DER, its chain may follow the leaf) and a PEM key.

    Raises `ConfigurationError` with one sentence about the first fault found.
    """
    leaf, *chain = certificates.read_certificates(certificate, "certificate")
    return _check(leaf, _load_key(key, passphrase), [*chain, *intermediates], development)


def _load_key(key: bytes, passphrase: bytes | None) -> PrivateKeyTypes:
    if b"ENCRYPTED" not in key:
        passphrase = None  # a passphrase nobody needs is no fault
    elif passphrase is None:
        raise _wrong_passphrase("key", None)
    try:
        return load_pem_private_key(key, passphrase)
    except ValueError as error:
        if passphrase is not None and "password" in str(error):
            raise _wrong_passphrase("key", passphrase) from None
        raise ImportFault(
            "unreadable", "key: this is not a private key in PEM form, or it is damaged."
        ) from None
    except UnsupportedAlgorithm as error:
        raise ImportFault("unreadable", f"key: its kind or encryption is not supported ({error}).") from None


def _wrong_passphrase(what: str, passphrase: bytes | None) -> ImportFault:
    wrong = f"{what}: the passphrase is wrong; check the passphrase file, also for a stray line end."
    missing = f"{what}: it is protected by a passphrase; give it with --passphrase-file or --passphrase-env."
    return ImportFault("passphrase", wrong if passphrase else missing)


def _check(
    leaf: x509.Certificate,
    key: PrivateKeyTypes,
    candidates: Sequence[x509.Certificate],
    development: bool,
) -> IdentityMaterial:
    _check_pass_certificate(leaf)
    if not isinstance(key, RSAPrivateKey) or key.key_size < 2048:
        raise ImportFault(
            "weak_key", "key: a pass is signed with an RSA key of 2048 bits or more; this is none."
        )
    if leaf.public_key() != key.public_key():
        raise ImportFault(
            "wrong_key",
            "key: it does not belong to the certificate; use the key the certificate was requested with.",
        )
    now = clock.real_now()
    _check_valid_at(leaf, "certificate", now)
    chain = _chain(leaf, candidates)
    for issuer in chain:
        _check_valid_at(issuer, "intermediate", now)
    _check_end(chain, development)
    return IdentityMaterial(
        certificate=leaf,
        intermediates=tuple(issuer for issuer in chain if not certificates.is_root(issuer)) or chain,
        key=key,
        development=development,
        root=chain[-1] if development and certificates.is_root(chain[-1]) else None,
    )


def _check_pass_certificate(leaf: x509.Certificate) -> None:
    marker = certificates.pass_extension(leaf)
    if marker is None:
        raise ImportFault(
            "no_pass_certificate",
            "certificate: this is not a Pass Type ID certificate (it lacks the extension "
            f"{certificates.PASS_EXTENSION.dotted_string}); {_WHERE_TO_RENEW}.",
        )
    pass_type = certificates.name_value(leaf.subject, NameOID.USER_ID)
    if not pass_type:
        raise ImportFault(
            "no_pass_certificate",
            "certificate: its subject has no UID, where the pass type identifier belongs; "
            f"{_WHERE_TO_RENEW}.",
        )
    if not certificates.name_value(leaf.subject, NameOID.ORGANIZATIONAL_UNIT_NAME):
        raise ImportFault(
            "no_pass_certificate",
            f"certificate: its subject has no OU, where the team identifier belongs; {_WHERE_TO_RENEW}.",
        )
    if not marker.endswith(pass_type.encode()):
        raise ImportFault(
            "no_pass_certificate",
            f"certificate: its UID {pass_type} is not the pass type of its extension; {_WHERE_TO_RENEW}.",
        )


def _check_valid_at(certificate: x509.Certificate, what: str, at: datetime) -> None:
    start, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    name = certificates.describe_name(certificate.subject)
    if at < start:
        raise ImportFault(
            "not_yet_valid",
            f"{what}: {name} is not valid before {start:%Y-%m-%d %H:%M} UTC; check this machine's clock.",
            day=f"{start:%Y-%m-%d}",
        )
    if at > end:
        raise ImportFault(
            "ended",
            f"{what}: {name} expired on {end:%Y-%m-%d %H:%M} UTC; use a renewed one.",
            day=f"{end:%Y-%m-%d}",
        )


def _chain(leaf: x509.Certificate, candidates: Sequence[x509.Certificate]) -> tuple[x509.Certificate, ...]:
    chain = certificates.chain_above(leaf, candidates)
    if not chain:
        raise ImportFault(
            "no_issuer",
            "intermediate: no certificate at hand has signed this one; its issuer is "
            f"{certificates.describe_name(leaf.issuer)}, to be given with --intermediate "
            "(Apple's are at https://www.apple.com/certificateauthority/).",
            issuer=certificates.describe_name(leaf.issuer),
        )
    return chain


def _check_end(chain: tuple[x509.Certificate, ...], development: bool) -> None:
    from_apple = certificates.is_apple_g4(chain[0])
    if development and from_apple:
        raise ImportFault(
            "from_apple", "development: this certificate is Apple's; import it without --development."
        )
    if not development and not from_apple:
        raise ImportFault(
            "not_from_apple",
            f"intermediate: {certificates.describe_name(chain[0].subject)} is not "
            f"{certificates.APPLE_G4_NAME} ({certificates.APPLE_G4_UNIT}), the only issuer phones accept; "
            "get a certificate from Apple, or add --development for a chain of your own.",
            issuer=certificates.describe_name(chain[0].subject),
        )
