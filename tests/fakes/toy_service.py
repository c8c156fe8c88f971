"""A pass and a web service just large enough to try the phone on; right until a test spoils an answer."""

import copy
import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs7
from werkzeug import Request, Response

from tests.fakes.certs import CertificateFiles

PASS_TYPE = "pass.test.stempel"
DETACHED = (pkcs7.PKCS7Options.Binary, pkcs7.PKCS7Options.DetachedSignature)
TOKEN = "secret-secret-secret"
CONTENTS: dict[str, Any] = {
    "formatVersion": 1,
    "passTypeIdentifier": PASS_TYPE,
    "teamIdentifier": "TEAM123456",
    "serialNumber": "S1",
    "organizationName": "Café Zimt",
    "description": "stamp card",
    "webServiceURL": "http://localhost/apple",
    "authenticationToken": TOKEN,
    "backgroundColor": "rgb(1, 2, 3)",
    "expirationDate": "2029-12-31T22:59:59Z",
    "maxDistance": 100,
    "locations": [{"latitude": 48.1, "longitude": 11.5}],
    "barcodes": [
        {"format": "PKBarcodeFormatQR", "message": "abc", "messageEncoding": "iso-8859-1"},
    ],
    "storeCard": {
        "headerFields": [{"key": "balance", "value": 12.5, "currencyCode": "EUR", "label": "balance"}],
        "backFields": [{"key": "news", "value": "news_0", "changeMessage": "%@"}],
    },
}
STRINGS = {
    "de": '/* Texte */\n"balance" = "Guthaben";\n"news_0" = "\\"Grüß Gott\\"";\n"news_1" = "Neu\\nda";\n',
    "en": '"balance" = "Balance"; "news_0" = "Hello"; "news_1" = "New here";',
}


def with_change(**changes: Any) -> dict[str, Any]:
    """The good contents, some keys replaced; None drops one."""
    contents = {**copy.deepcopy(CONTENTS), **changes}
    return {key: value for key, value in contents.items() if value is not None}


def sign(manifest: bytes, files: CertificateFiles, options: Sequence[pkcs7.PKCS7Options] = DETACHED) -> bytes:
    """A CMS signature over `manifest`, detached unless `options` say something else."""
    key = serialization.load_pem_private_key(files.key.read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    leaf, *chain = x509.load_pem_x509_certificates(files.certificate.read_bytes())
    builder = pkcs7.PKCS7SignatureBuilder().set_data(manifest).add_signer(leaf, key, hashes.SHA256())
    for certificate in chain:
        builder = builder.add_certificate(certificate)
    return builder.sign(serialization.Encoding.DER, options)


def members(contents: dict[str, Any]) -> dict[str, bytes]:
    """The files of a good pass, without manifest and signature."""
    return {
        "pass.json": json.dumps(contents).encode(),
        "icon.png": b"\x89PNG\r\n\x1a\n",
        **{f"{name}.lproj/pass.strings": text.encode() for name, text in STRINGS.items()},
    }


def pack(
    files: dict[str, bytes],
    identity: CertificateFiles,
    *,
    manifest: bytes | None = None,
    signature: bytes | None = None,
    options: Sequence[pkcs7.PKCS7Options] = DETACHED,
) -> bytes:
    """A .pkpass of `files` with manifest and signature, each of which may be replaced."""
    listed = {name: hashlib.sha1(data, usedforsecurity=False).hexdigest() for name, data in files.items()}
    manifest = json.dumps(listed).encode() if manifest is None else manifest
    signature = sign(manifest, identity, options) if signature is None else signature
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in {**files, "manifest.json": manifest, "signature": signature}.items():
            archive.writestr(name, data)
    return buffer.getvalue()


@dataclass
class ToyService:
    """One pass with versions, whoever is registered for it, and `spoil` to change an answer."""

    identity: CertificateFiles
    contents: dict[str, Any] = field(default_factory=lambda: copy.deepcopy(CONTENTS))
    version: int = 1
    tokens: dict[str, str] = field(default_factory=dict)
    logs: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    spoil: Callable[[str, Response], Response | None] = lambda call, response: None

    @property
    def pkpass(self) -> bytes:
        """The current version."""
        return pack(members(self.contents), self.identity)

    def change(self, **changes: Any) -> None:
        """Make the next version, with some keys of pass.json replaced."""
        self.contents = {**self.contents, **changes}
        self.version += 1

    def news(self, key: str) -> None:
        """Make the next version, with other news."""
        style = copy.deepcopy(self.contents["storeCard"])
        style["backFields"][0]["value"] = key
        self.change(storeCard=style)

    def __call__(self, environ: Any, start_response: Any) -> Any:
        """Serve WSGI."""
        request = Request(environ)
        call, response = self._answer(request)
        self.calls.append(call)
        return (self.spoil(call, response) or response)(environ, start_response)

    def _answer(self, request: Request) -> tuple[str, Response]:
        parts = request.path.removeprefix("/apple/v1/").split("/")
        authorized = request.headers.get("Authorization") == f"ApplePass {TOKEN}"
        match request.method, parts:
            case "POST", ["log"]:
                self.logs += request.get_json()["logs"]
                return "log", Response()
            case "GET", ["", "card.pkpass"]:
                return "download", self._fetch(None)
            case "GET", ["devices", _, "registrations", _]:
                return "list", self._list(request.args.get("passesUpdatedSince"))
            case _ if not authorized:
                return "unauthorized", Response(status=401)
            case method, ["devices", device, "registrations", _, _]:
                return self._registration(method, device, request)
            case _:
                return "fetch", self._fetch(request.headers.get("If-Modified-Since"))

    def _registration(self, method: str, device: str, request: Request) -> tuple[str, Response]:
        if method == "DELETE":
            del self.tokens[device]
            return "unregister", Response()
        known = device in self.tokens
        self.tokens[device] = request.get_json()["pushToken"]
        return "register", Response(status=200 if known else 201)

    def _list(self, tag: str | None) -> Response:
        if tag == str(self.version):
            return Response(status=204)
        body = {"serialNumbers": ["S1"], "lastUpdated": str(self.version)}
        return Response(json.dumps(body), content_type="application/json")

    def _fetch(self, since: str | None) -> Response:
        modified = formatdate(1_700_000_000 + self.version, usegmt=True)
        if since == modified:
            return Response(status=304)
        headers = {"Last-Modified": modified}
        return Response(self.pkpass, content_type="application/vnd.apple.pkpass", headers=headers)
