"""Who has which signing identity: one folder per merchant, each read once per process.

Loading a key costs more than a hundred signatures, so afterwards a process only looks whether the files
have changed; a renewal is picked up by every process without a restart.
"""

import re
from pathlib import Path

from cryptography import x509

from passes.errors import ConfigurationError
from passes.wallets.signing import files
from passes.wallets.signing.certificates import read_certificates
from passes.wallets.signing.development import create_development_identity
from passes.wallets.signing.identity import IdentityMaterial, SigningIdentity

_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


class IdentityStore:
    """The identities under one folder; safe to share between threads and between processes."""

    def __init__(self, certs_dir: Path) -> None:
        self._certs_dir = certs_dir.resolve()
        self._cache: dict[str, tuple[files.Stamp, SigningIdentity]] = {}

    def load(self, merchant_slug: str) -> SigningIdentity | None:
        """The merchant's identity, None where it has none; expired ones are handed out too.

        Raises `ConfigurationError` naming the file that is missing, damaged or readable by others.
        """
        folder = self._folder(merchant_slug)
        stamp = files.stamp(folder)
        if not any(stamp):
            return None
        cached = self._cache.get(merchant_slug)
        if cached and cached[0] == stamp:
            return cached[1]
        with files.locked(folder, exclusive=False):
            # Taken again under the lock: what was seen before may have been half of a renewal.
            stamp = files.stamp(folder)
            identity = files.read_identity(merchant_slug, folder)
        self._cache[merchant_slug] = (stamp, identity)
        return identity

    def save(self, merchant_slug: str, material: IdentityMaterial) -> SigningIdentity:
        """Put `material` in the place of what the merchant had, and return it as loaded.

        Raises `ConfigurationError` where that would strand passes signed with a real identity, which
        only a certificate of the same pass type can update.
        """
        folder = self._folder(merchant_slug)
        self._refuse_stranding(merchant_slug, folder, material)
        files.make_private(folder)
        with files.locked(folder, exclusive=True):
            files.write_material(folder, material)
            return files.read_identity(merchant_slug, folder)

    def create_development(self, merchant_slug: str) -> SigningIdentity:
        """A new throwaway identity; it replaces an earlier throwaway one, never a real one."""
        self._folder(merchant_slug)
        return self.save(merchant_slug, create_development_identity(merchant_slug))

    def slugs(self) -> list[str]:
        """The merchants that have a folder here, whatever its condition."""
        if not self._certs_dir.is_dir():
            return []
        return sorted(p.name for p in self._certs_dir.iterdir() if p.is_dir() and _SLUG.fullmatch(p.name))

    def all(self) -> list[SigningIdentity]:
        """Every identity, by merchant; `ConfigurationError` about the first that cannot be loaded."""
        return [identity for slug in self.slugs() if (identity := self.load(slug))]

    def known_intermediates(self) -> tuple[x509.Certificate, ...]:
        """Issuers an import may use: `*.cer` and `*.pem` files put here, and other merchants' chains."""
        patterns = ("*.cer", "*.pem", f"*/{files.INTERMEDIATE}")
        found = sorted(path for pattern in patterns for path in self._certs_dir.glob(pattern))
        return tuple(c for path in found for c in read_certificates(files.read_file(path), str(path)))

    def _folder(self, merchant_slug: str) -> Path:
        if not _SLUG.fullmatch(merchant_slug):
            raise ConfigurationError(
                f"merchant: {merchant_slug!r} is not a slug; use up to 63 of a-z, 0-9 and hyphens."
            )
        return self._certs_dir / merchant_slug

    def _refuse_stranding(self, merchant_slug: str, folder: Path, material: IdentityMaterial) -> None:
        try:
            present = self.load(merchant_slug)
        except ConfigurationError:
            if material.development and not files.marked_development(folder):
                raise  # a real key that only lies there too openly must not give way to a throwaway one
            return  # otherwise replacing what is damaged is the repair
        if present is None or present.development:
            return
        new = SigningIdentity.of(merchant_slug, material, present.paths)
        if new.development or new.pass_type_identifier != present.pass_type_identifier:
            raise ConfigurationError(
                f"Merchant {merchant_slug} signs as {present.pass_type_identifier}, and passes already on "
                f"phones cannot be updated by a certificate for {new.pass_type_identifier}; import one for "
                f"the same pass type, or move {folder} away first."
            )
