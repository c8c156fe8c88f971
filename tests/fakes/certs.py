"""Throwaway certificates: a server that clients on this machine can trust, and a pass identity to push with.

Everything lies in files, because the programs that use it are started with paths.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

# The mark Apple puts into pass certificates; its value is the pass type identifier.
PASS_TYPE_EXTENSION = x509.ObjectIdentifier("1.2.840.113635.100.6.1.16")
LIFETIME = timedelta(days=365)
RENEW_BEFORE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class CertificateFiles:
    """PEM files: the root to trust, the certificate with its chain, and the key."""

    root: Path
    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate and the key that belongs to it."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


def server_certificate(directory: Path) -> CertificateFiles:
    """A certificate for localhost and the loopback addresses in `directory`, made where there is none yet.

    The root stays the same from start to start, so that whoever trusts it need not be started again.
    """
    files = CertificateFiles(directory / "ca.pem", directory / "server.pem", directory / "server-key.pem")
    if not _still_good(files):
        root = issue_root("Stempel stand-in root")
        names = [x509.DNSName("localhost")]
        addresses = [x509.IPAddress(ipaddress.ip_address(a)) for a in ("127.0.0.1", "::1")]
        leaf = _issue(
            _name("localhost"),
            root,
            [
                (x509.BasicConstraints(ca=False, path_length=None), True),
                (x509.SubjectAlternativeName([*names, *addresses]), False),
                (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
            ],
        )
        _write(files, root, leaf)
    return files


def pass_identity(
    directory: Path,
    topic: str = "pass.test.stempel",
    *,
    lifetime: timedelta = LIFETIME,
    marked: bool = True,
) -> CertificateFiles:
    """A certificate shaped like Apple's for pass type `topic`: root, intermediate, leaf with UID and OU.

    A negative `lifetime` makes one that has expired; without `marked` Apple's extension is missing.
    """
    files = CertificateFiles(directory / "root.pem", directory / "certificate.pem", directory / "key.pem")
    root = issue_root("Stempel test root")
    intermediate = _issue(
        _name("Stempel test intermediate"), root, [(x509.BasicConstraints(ca=True, path_length=0), True)]
    )
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.USER_ID, topic),
            x509.NameAttribute(NameOID.COMMON_NAME, f"Pass Type ID: {topic}"),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "TEAM123456"),
        ]
    )
    mark = x509.UnrecognizedExtension(PASS_TYPE_EXTENSION, b"\x0c" + bytes([len(topic)]) + topic.encode())
    extensions: list[tuple[x509.ExtensionType, bool]] = [
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), False),
    ]
    leaf = _issue(subject, intermediate, extensions + ([(mark, False)] if marked else []), lifetime)
    _write(files, root, leaf, intermediate)
    return files


def issue_root(common_name: str) -> Issued:
    """A self-signed root."""
    return _issue(_name(common_name), None, [(x509.BasicConstraints(ca=True, path_length=None), True)])


def pass_type_of(certificate: x509.Certificate) -> str | None:
    """The pass type a certificate stands for: its UID, if Apple's mark is there too; else None."""
    uids = certificate.subject.get_attributes_for_oid(NameOID.USER_ID)
    marks = [e for e in certificate.extensions if e.oid == PASS_TYPE_EXTENSION]
    return str(uids[0].value) if uids and marks else None


def _issue(
    subject: x509.Name,
    issuer: Issued | None,
    extensions: Sequence[tuple[x509.ExtensionType, bool]],
    lifetime: timedelta = LIFETIME,
) -> Issued:
    key = ec.generate_private_key(ec.SECP256R1())
    signer = issuer.key if issuer else key
    not_after = datetime.now(UTC) + lifetime
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(min(datetime.now(UTC), not_after) - timedelta(hours=1))
        .not_valid_after(not_after)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return Issued(builder.sign(signer, hashes.SHA256()), key)


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _still_good(files: CertificateFiles) -> bool:
    if not (files.root.exists() and files.certificate.exists() and files.key.exists()):
        return False
    leaf = x509.load_pem_x509_certificate(files.certificate.read_bytes())
    return leaf.not_valid_after_utc > datetime.now(UTC) + RENEW_BEFORE


def _write(files: CertificateFiles, root: Issued, leaf: Issued, *above: Issued) -> None:
    files.root.parent.mkdir(parents=True, exist_ok=True)
    files.root.write_bytes(_pem(root))
    files.certificate.write_bytes(b"".join(_pem(link) for link in (leaf, *above)))
    files.key.touch(0o600)
    files.key.write_bytes(
        leaf.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


def _pem(issued: Issued) -> bytes:
    return issued.certificate.public_bytes(serialization.Encoding.PEM)
