"""Who signs: one merchant's pass certificate with its chain and its key.

`IdentityMaterial` is what an import or a development chain yields; `SigningIdentity` is the same with a
name and a place, as the store hands it out.
"""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.x509.oid import NameOID

from passes.clock import format_rfc3339
from passes.errors import ConfigurationError
from passes.wallets.signing import certificates


@dataclass(frozen=True, slots=True, eq=False)
class IdentityMaterial:
    """A checked certificate, the issuers to embed (nearest first, without the root) and the key.

    `root` is known for development chains only; phones hold Apple's themselves.
    """

    certificate: x509.Certificate
    intermediates: tuple[x509.Certificate, ...]
    key: RSAPrivateKey = field(repr=False)
    development: bool = False
    root: x509.Certificate | None = None


@dataclass(frozen=True, slots=True)
class IdentityPaths:
    """Where the PEM files lie, absolute; `root` only for a development identity that has one."""

    certificate: Path
    key: Path
    root: Path | None = None


class Signer(Protocol):
    """What a pass says of whoever signs it, which a preview has to say too though nobody signs that."""

    @property
    def pass_type_identifier(self) -> str:
        """The pass type, `pass.` and a name in reverse."""
        ...

    @property
    def team_identifier(self) -> str:
        """The team at Apple."""
        ...

    @property
    def nfc(self) -> bool:
        """Whether passes may talk to a reader."""
        ...

    @property
    def paths(self) -> IdentityPaths:
        """Where its files lie, the reader's key among them."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class SigningIdentity:
    """One merchant's right to sign passes of one type, and to push to them, between two moments."""

    merchant_slug: str
    pass_type_identifier: str
    team_identifier: str
    not_before: datetime
    not_after: datetime
    development: bool
    nfc: bool
    certificate: x509.Certificate
    intermediates: tuple[x509.Certificate, ...]
    key: RSAPrivateKey = field(repr=False)
    paths: IdentityPaths

    @classmethod
    def of(cls, merchant_slug: str, material: IdentityMaterial, paths: IdentityPaths) -> "SigningIdentity":
        """The identity `material` makes; `ConfigurationError` when the certificate names no type or team."""
        leaf = material.certificate
        pass_type = certificates.name_value(leaf.subject, NameOID.USER_ID)
        team = certificates.name_value(leaf.subject, NameOID.ORGANIZATIONAL_UNIT_NAME)
        if not pass_type or not team:
            raise ConfigurationError(
                f"{paths.certificate}: the subject lacks UID or OU, so this is not a Pass Type ID "
                f"certificate; import the identity of merchant {merchant_slug} again."
            )
        return cls(
            merchant_slug=merchant_slug,
            pass_type_identifier=pass_type,
            team_identifier=team,
            not_before=leaf.not_valid_before_utc,
            not_after=leaf.not_valid_after_utc,
            development=material.development,
            nfc=has_nfc(leaf),
            certificate=leaf,
            intermediates=material.intermediates,
            key=material.key,
            paths=paths,
        )

    def usable_at(self, at: datetime) -> bool:
        """Whether the certificate is valid at `at`; both ends belong to it (RFC 5280, 4.1.2.5)."""
        return self.not_before <= at <= self.not_after

    @property
    def renewal_command(self) -> str:
        """The command that replaces this identity."""
        if self.development:
            return f"certs dev --merchant {self.merchant_slug}"
        return f"certs import --merchant {self.merchant_slug} --p12 FILE"

    def as_dict(self) -> dict[str, str | bool | None]:
        """What `certs show --json` prints; the files are named for a development identity only."""
        shown = self.paths if self.development else None
        return {
            "merchant": self.merchant_slug,
            "pass_type_identifier": self.pass_type_identifier,
            "team_identifier": self.team_identifier,
            "not_after": format_rfc3339(self.not_after),
            "development": self.development,
            "root": str(shown.root) if shown and shown.root else None,
            "certificate": str(shown.certificate) if shown else None,
            "key": str(shown.key) if shown else None,
        }


def has_nfc(certificate: x509.Certificate) -> bool:
    """Whether Apple allowed this pass type to speak NFC, which it writes into the common name."""
    name = certificates.name_value(certificate.subject, NameOID.COMMON_NAME) or ""
    return name.startswith(certificates.COMMON_NAME_NFC)
