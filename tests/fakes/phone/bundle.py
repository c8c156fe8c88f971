"""Opening a .pkpass the way a phone does: archive, manifest, signature, pass.json, strings."""

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import NameOID

from tests.fakes.certs import pass_type_of
from tests.fakes.phone.contents import check_contents, fields_of
from tests.fakes.phone.refusal import PhoneRefuses, insist

UNLISTED = ("manifest.json", "signature")

_ENTRY = re.compile(r'\s*"((?:[^"\\]|\\.)*)"\s*=\s*"((?:[^"\\]|\\.)*)"\s*;\s*', re.DOTALL)
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class InstalledPass:
    """A pass that a phone would take: its contents, its texts by language, and what identifies it."""

    contents: Mapping[str, Any]
    strings: Mapping[str, Mapping[str, str]]
    manifest: bytes

    @property
    def identity(self) -> tuple[str, str, str]:
        """Pass type, serial number and token: what an update must leave alone."""
        return self.pass_type, self.serial, self.token

    @property
    def pass_type(self) -> str:
        """The pass type identifier."""
        return str(self.contents["passTypeIdentifier"])

    @property
    def serial(self) -> str:
        """The serial number."""
        return str(self.contents["serialNumber"])

    @property
    def token(self) -> str:
        """The authentication token; empty where the pass has no web service."""
        return str(self.contents.get("authenticationToken", ""))

    @property
    def fields(self) -> dict[str, Mapping[str, Any]]:
        """Every field by its key."""
        return {field["key"]: field for field in fields_of(self.contents)}

    def localized(self, text: object, language: str) -> str:
        """`text` as the phone shows it to a user of `language`; numbers as they stand."""
        table = self.strings.get(language) or self.strings.get(language.partition("-")[0]) or {}
        return table.get(text, text) if isinstance(text, str) else str(text)


def open_pass(data: bytes) -> InstalledPass:
    """Read and check a .pkpass; raises `PhoneRefuses`."""
    files = _unzip(data)
    manifest = files.get("manifest.json", b"")
    _check_manifest(manifest, files)
    insist(any(f"icon{scale}.png" in files for scale in ("", "@2x", "@3x")), "There is no icon.")
    for name, content in files.items():
        if name.endswith(".png"):
            insist(content.startswith(b"\x89PNG\r\n\x1a\n"), f"{name} is not a PNG.")
    contents = _read_json(files)
    check_contents(contents)
    _check_signature(files.get("signature", b""), manifest, contents)
    return InstalledPass(contents, _read_strings(files), manifest)


def _unzip(data: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            insist(len(names) == len(set(names)), "The archive holds the same name twice.")
            files = {name: archive.read(name) for name in names}
    except zipfile.BadZipFile as error:
        raise PhoneRefuses(f"This is no archive: {error}.") from error
    for name in files:
        allowed = re.fullmatch(r"(?:[A-Za-z-]+\.lproj/)?[^/.][^/]*", name)
        insist(allowed is not None, f"{name} does not belong into a pass.")
    return files


def _check_manifest(manifest: bytes, files: Mapping[str, bytes]) -> None:
    try:
        listed = json.loads(manifest)
    except ValueError as error:
        raise PhoneRefuses(f"manifest.json cannot be read: {error}.") from error
    found = {
        name: hashlib.sha1(content, usedforsecurity=False).hexdigest()
        for name, content in files.items()
        if name not in UNLISTED
    }
    for name in found.keys() | listed.keys():
        insist(listed.get(name) == found.get(name), f"manifest.json does not fit {name}.")


def _check_signature(signature: bytes, manifest: bytes, contents: Mapping[str, Any]) -> None:
    """Whether it was made for this manifest by this pass type; the mathematics is left to openssl."""
    try:
        certificates = pkcs7.load_der_pkcs7_certificates(signature)
    except ValueError as error:
        raise PhoneRefuses(f"The signature cannot be read: {error}.") from error
    digest = hashlib.sha256(manifest).digest()
    insist(digest in signature, "The signature is not one over this manifest with SHA-256.")
    insist(manifest not in signature, "The signature is not detached: the manifest is inside it.")
    leaves = [c for c in certificates if pass_type_of(c) == contents["passTypeIdentifier"]]
    insist(bool(leaves), "No certificate in the signature stands for this pass type.")
    teams = leaves[0].subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)
    insist([t.value for t in teams] == [contents["teamIdentifier"]], "The certificate is another team's.")
    insist(len(certificates) > 1, "The intermediate certificate is missing from the signature.")


def _read_json(files: Mapping[str, bytes]) -> Mapping[str, Any]:
    insist("pass.json" in files, "There is no pass.json at the root of the archive.")
    insist(not files["pass.json"].startswith(b"\xef\xbb\xbf"), "pass.json starts with a byte order mark.")
    try:
        contents = json.loads(files["pass.json"].decode("utf-8"), parse_float=Decimal)
    except ValueError as error:
        raise PhoneRefuses(f"pass.json cannot be read: {error}.") from error
    if not isinstance(contents, dict):
        raise PhoneRefuses("pass.json is not an object.")
    return contents


def _read_strings(files: Mapping[str, bytes]) -> dict[str, dict[str, str]]:
    tables = {
        name.removesuffix(".lproj/pass.strings"): read_strings(name, content)
        for name, content in files.items()
        if name.endswith(".lproj/pass.strings")
    }
    keys = [set(table) for table in tables.values()]
    insist(all(k == keys[0] for k in keys), "The languages do not have the same texts.")
    return tables


def read_strings(name: str, content: bytes) -> dict[str, str]:
    """The entries of a `pass.strings`; UTF-8 without a byte order mark or UTF-16BE with one."""
    insist(not content.startswith(b"\xef\xbb\xbf"), f"{name} starts with a UTF-8 byte order mark.")
    try:
        encoding = "utf-16" if content.startswith(b"\xfe\xff") else "utf-8"
        text = _COMMENT.sub("", content.decode(encoding)).strip()
    except UnicodeDecodeError as error:
        raise PhoneRefuses(f"{name} cannot be read: {error}.") from error
    entries = {}
    while text:
        entry = _ENTRY.match(text)
        if entry is None:
            raise PhoneRefuses(f"{name} cannot be read from {text[:40]!r} on.")
        entries[_unescape(entry[1])] = _unescape(entry[2])
        text = text[entry.end() :]
    return entries


def _unescape(text: str) -> str:
    return _ESCAPE.sub(lambda match: {"n": "\n", "r": "\r", "t": "\t"}.get(match[1], match[1]), text)
