"""Who has which signing identities: one folder per merchant, each identity read once per process.

In the folder itself lies the one that signs new cards. Below `others` lie those that still serve cards on
phones: of another pass type, or the same type's before it was renewed, kept until they end. Loading a key
costs more than a hundred signatures, so afterwards a process only looks whether the files have changed; a
renewal is picked up by every process without a restart.
"""

import re
import shutil
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

from passes.clock import real_now
from passes.errors import ConfigurationError
from passes.wallets.signing import files
from passes.wallets.signing.certificates import read_certificates
from passes.wallets.signing.development import create_development_identity
from passes.wallets.signing.faults import ImportFault
from passes.wallets.signing.identity import IdentityMaterial, SigningIdentity

_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


class IdentityStore:
    """The identities under one folder; safe to share between threads and between processes."""

    def __init__(self, certs_dir: Path) -> None:
        self._certs_dir = certs_dir.resolve()
        self._cache: dict[Path, tuple[files.Stamp, SigningIdentity]] = {}

    def load(self, merchant_slug: str, pass_type: str | None = None) -> SigningIdentity | None:
        """The identity that signs for the merchant, or for cards of `pass_type`; None where there is none.

        It is the current one while that may sign, else another of the same type that may; expired ones are
        handed out where there is nothing better. Raises `ConfigurationError` naming the file that is
        missing, damaged or readable by others.
        """
        folder = self._folder(merchant_slug)
        try:
            current = self._read(merchant_slug, folder)
        except ConfigurationError:
            if pass_type and (other := _best(self._others(merchant_slug), pass_type, real_now())):
                return other
            raise
        wanted = pass_type or (current.pass_type_identifier if current else None)
        if wanted is None:
            return None
        now = real_now()
        if current and current.pass_type_identifier == wanted and current.usable_at(now):
            return current
        mine = [current] if current else []
        return _best([*mine, *self._others(merchant_slug)], wanted, now)

    def held(self, merchant_slug: str) -> list[SigningIdentity]:
        """All the merchant has, the current one first; `ConfigurationError` about one that is damaged."""
        current = self._read(merchant_slug, self._folder(merchant_slug))
        return [*([current] if current else []), *self._others(merchant_slug)]

    def signers(self, merchant_slug: str) -> list[SigningIdentity]:
        """The one that signs for each pass type the merchant has, that of new cards first."""
        types = dict.fromkeys(i.pass_type_identifier for i in self.held(merchant_slug))
        return [found for name in types if (found := self.load(merchant_slug, name))]

    def _read(self, merchant_slug: str, folder: Path) -> SigningIdentity | None:
        stamp = files.stamp(folder)
        if not any(stamp):
            return None
        cached = self._cache.get(folder)
        if cached and cached[0] == stamp:
            return cached[1]
        with files.locked(folder, exclusive=False):
            # Taken again under the lock: what was seen before may have been half of a renewal.
            stamp = files.stamp(folder)
            identity = files.read_identity(merchant_slug, folder)
        self._cache[folder] = (stamp, identity)
        return identity

    def _others(self, merchant_slug: str) -> list[SigningIdentity]:
        folder = self._folder(merchant_slug) / files.OTHERS
        if not folder.is_dir():
            return []
        found = (self._read(merchant_slug, path) for path in sorted(folder.glob("[!.]*")))
        return [identity for identity in found if identity is not None]

    def save(
        self, merchant_slug: str, material: IdentityMaterial, *, new_type: bool = False
    ) -> SigningIdentity:
        """Take `material` in and return it as loaded.

        It replaces what the merchant has of its pass type, which is kept until it ends. A pass type the
        merchant does not have yet needs `new_type`: new cards are then of that type, and those on phones
        stay with theirs. Raises `ConfigurationError` where cards on phones would be stranded.
        """
        folder = self._folder(merchant_slug)
        present = self._present(merchant_slug, folder, material)
        place, superseded = folder, []
        if present is not None and not present.development:
            # Read before the folder is ours alone: whoever reads asks to share it.
            held = self.held(merchant_slug)
            place = self._place(held, material, new_type=new_type)
            superseded = _superseded(held, material, real_now())
        files.make_private(folder)
        with files.locked(folder, exclusive=True):
            for identity in superseded:
                shutil.rmtree(identity.paths.certificate.parent, ignore_errors=True)
            if place != folder:
                return self._put(place, merchant_slug, material)
            if (
                present is not None
                and not present.development
                and present.certificate != material.certificate
            ):
                self._keep(present)
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
        """Issuers an import may use: `*.cer` and `*.pem` files put here, and the merchants' chains.

        One damaged among a merchant's files keeps nobody from bringing another.
        """
        put_here = sorted(path for pattern in ("*.cer", "*.pem") for path in self._certs_dir.glob(pattern))
        found = [c for path in put_here for c in read_certificates(files.read_file(path), str(path))]
        for path in sorted(self._certs_dir.glob(f"*/{files.INTERMEDIATE}")):
            with suppress(ConfigurationError):
                found += read_certificates(files.read_file(path), str(path))
        return tuple(found)

    def _folder(self, merchant_slug: str) -> Path:
        if not _SLUG.fullmatch(merchant_slug):
            raise ConfigurationError(
                f"merchant: {merchant_slug!r} is not a slug; use up to 63 of a-z, 0-9 and hyphens."
            )
        return self._certs_dir / merchant_slug

    def _present(
        self, merchant_slug: str, folder: Path, material: IdentityMaterial
    ) -> SigningIdentity | None:
        try:
            return self._read(merchant_slug, folder)
        except ConfigurationError:
            if material.development and not files.marked_development(folder):
                raise  # a real key that only lies there too openly must not give way to a throwaway one
            return None  # otherwise replacing what is damaged is the repair

    def _place(self, held: list[SigningIdentity], material: IdentityMaterial, *, new_type: bool) -> Path:
        """Where `material` goes: the merchant's folder or one below; refuses what would strand cards."""
        current = held[0]
        slug, folder = current.merchant_slug, self._folder(current.merchant_slug)
        new = SigningIdentity.of(slug, material, current.paths)
        same = [i for i in held if i.pass_type_identifier == new.pass_type_identifier]
        if new.development or not (same or new_type):
            raise ImportFault(
                "another_type",
                f"Merchant {slug} signs as {current.pass_type_identifier}, and passes already on "
                f"phones cannot be updated by a certificate for {new.pass_type_identifier}; import one for "
                f"the same pass type, add --new-type if new cards are to be of another type and cards on "
                f"phones to keep theirs, or move {folder} away first.",
                present=current.pass_type_identifier,
                new=new.pass_type_identifier,
            )
        last = max((i.not_after for i in same if i.usable_at(real_now())), default=new.not_after)
        if last > new.not_after:
            raise ImportFault(
                "ends_sooner",
                f"certificate: it ends on {new.not_after:%Y-%m-%d}, before the one that merchant {slug} "
                f"already has for {new.pass_type_identifier} ({last:%Y-%m-%d}); import the newest that "
                "Apple shows for this pass type.",
                day=f"{last:%Y-%m-%d}",
            )
        of_others = bool(same) and new.pass_type_identifier != current.pass_type_identifier
        return folder / files.OTHERS / _name(new.certificate) if of_others else folder

    def _keep(self, identity: SigningIdentity) -> None:
        """Put what was current below `others`, with the key of the readers it speaks to."""
        folder = identity.paths.certificate.parent
        place = folder / files.OTHERS / _name(identity.certificate)
        material = IdentityMaterial(identity.certificate, identity.intermediates, identity.key)
        self._put(place, identity.merchant_slug, material)
        if (folder / files.NFC_READER).exists():
            shutil.copy2(folder / files.NFC_READER, place / files.NFC_READER)

    def _put(self, place: Path, merchant_slug: str, material: IdentityMaterial) -> SigningIdentity:
        files.make_private(place.parent)
        building = place.with_name(f".{place.name}")
        shutil.rmtree(building, ignore_errors=True)
        try:
            files.make_private(building)
            files.write_material(building, material)
            shutil.rmtree(place, ignore_errors=True)
            building.rename(place)
        finally:
            shutil.rmtree(building, ignore_errors=True)
            with suppress(OSError):
                place.parent.rmdir()  # if there is nothing in it
        return files.read_identity(merchant_slug, place)


def _superseded(
    held: list[SigningIdentity], material: IdentityMaterial, at: datetime
) -> list[SigningIdentity]:
    """Of those beside the current one what has ended and has a successor; the last of a type is kept."""
    new = SigningIdentity.of(held[0].merchant_slug, material, held[0].paths)
    ends = [(i.pass_type_identifier, i.not_after) for i in (*held, new)]
    return [
        old
        for old in held[1:]
        if old.not_after < at
        and any(kind == old.pass_type_identifier and end > old.not_after for kind, end in ends)
    ]


def _best(identities: list[SigningIdentity], pass_type: str, at: datetime) -> SigningIdentity | None:
    """The one of that type that may sign at `at` and does so longest, or of those that may not the last."""
    mine = [i for i in identities if i.pass_type_identifier == pass_type]
    return max(mine, key=lambda i: (i.usable_at(at), i.not_after), default=None)


def _name(certificate: x509.Certificate) -> str:
    return certificate.fingerprint(SHA256()).hex()[:16]
