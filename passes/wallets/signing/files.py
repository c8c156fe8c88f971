"""How one identity lies on disk: plain PEM files in a folder of its own, nothing a stranger may read.

A renewal replaces several files, so readers and writers take turns by a lock on the folder; each file
alone is replaced in one step, so a crash leaves old or new bytes and never half of either.
"""

import fcntl
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from passes.errors import ConfigurationError
from passes.wallets.signing.certificates import read_certificates, to_pem
from passes.wallets.signing.identity import IdentityMaterial, IdentityPaths, SigningIdentity

CERTIFICATE = "certificate.pem"
INTERMEDIATE = "intermediate.pem"
KEY = "key.pem"
ROOT = "root.pem"
META = "identity.json"
OTHERS = "others"
NFC_READER = "nfc-reader.pem"
"""The public key of the merchant's NFC terminals, which an operator puts there."""

Stamp = tuple[tuple[int, int, int] | None, ...]

_AGAIN = "import the identity again."


def stamp(folder: Path) -> Stamp:
    """A value that changes whenever a file of the folder does, its mode included; five calls of stat."""
    return tuple(_file_stamp(folder / name) for name in (CERTIFICATE, INTERMEDIATE, KEY, ROOT, META))


def _file_stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise _unreadable(path, error) from None
    return found.st_ino, found.st_ctime_ns, found.st_size


@contextmanager
def locked(folder: Path, *, exclusive: bool) -> Iterator[None]:
    """Hold the folder, alone or with other readers, across processes."""
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise _unreadable(folder, error) from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH)
        yield
    finally:
        os.close(handle)


def read_identity(merchant_slug: str, folder: Path) -> SigningIdentity:
    """The identity in `folder`; `ConfigurationError` names the file that is missing, damaged or too open."""
    development = _development_flag(folder / META)
    leaf = _certificates(folder / CERTIFICATE)[0]
    key = _key(folder / KEY)
    if leaf.public_key() != key.public_key():
        raise ConfigurationError(f"{folder / KEY} does not belong to {CERTIFICATE} beside it: {_AGAIN}")
    root = folder / ROOT if development and (folder / ROOT).exists() else None
    return SigningIdentity.of(
        merchant_slug,
        IdentityMaterial(leaf, _certificates(folder / INTERMEDIATE), key, development),
        IdentityPaths(folder / CERTIFICATE, folder / KEY, root),
    )


def write_material(folder: Path, material: IdentityMaterial) -> None:
    """Make `folder` hold `material` and nothing older."""
    key = material.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    _replace(folder / KEY, key)
    _replace(folder / INTERMEDIATE, to_pem(material.intermediates))
    _replace(folder / CERTIFICATE, to_pem([material.certificate]))
    if material.root:
        _replace(folder / ROOT, to_pem([material.root]))
    else:
        (folder / ROOT).unlink(missing_ok=True)
    _replace(folder / META, json.dumps({"development": material.development}).encode() + b"\n")


def marked_development(folder: Path) -> bool:
    """Whether what lies in `folder` calls itself a throwaway identity, however damaged it is."""
    try:
        return _development_flag(folder / META)
    except ConfigurationError:
        return False


def make_private(folder: Path) -> None:
    """Create `folder` where needed and close it to everybody but its owner."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)


def read_file(path: Path) -> bytes:
    """The content; `ConfigurationError` naming the file where there is none to be had."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise ConfigurationError(f"{path} is missing: {_AGAIN}") from None
    except OSError as error:
        raise _unreadable(path, error) from None


def _replace(path: Path, content: bytes) -> None:
    # mkstemp creates with mode 0600, so the key is at no moment open to others.
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    finally:
        Path(name).unlink(missing_ok=True)


def _certificates(path: Path) -> tuple[x509.Certificate, ...]:
    return read_certificates(read_file(path), str(path))


def _development_flag(path: Path) -> bool:
    try:
        flag = json.loads(read_file(path))["development"]
    except (ValueError, KeyError, TypeError):
        flag = None
    if not isinstance(flag, bool):
        raise ConfigurationError(f'{path} holds no "development": true or false: {_AGAIN}')
    return flag


def _key(path: Path) -> RSAPrivateKey:
    content = read_file(path)
    mode = path.stat().st_mode & 0o777
    if mode & 0o077:
        raise ConfigurationError(
            f"{path} is open to others on this machine (mode {mode:o}): run `chmod 600 {path}`."
        )
    try:
        # The key passed validation when it was imported, and its public half is compared with the
        # certificate; validating it again would take each process longer than a hundred signatures.
        key = load_pem_private_key(content, None, unsafe_skip_rsa_key_validation=True)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ConfigurationError(f"{path} is not an unencrypted key in PEM form: {_AGAIN}") from None
    if not isinstance(key, RSAPrivateKey):
        raise ConfigurationError(f"{path} is not an RSA key: {_AGAIN}")
    return key


def _unreadable(path: Path, error: OSError) -> ConfigurationError:
    return ConfigurationError(
        f"{path} cannot be read ({error.strerror}): give it to the user Stempel runs as."
    )
