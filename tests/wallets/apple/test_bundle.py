"""The whole pass as a phone checks it: every hash, the signature, the texts, the pictures."""

import hashlib
import io
import json
import subprocess
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from passes.cards.face import Kind, Stamps, Text
from passes.errors import ConfigurationError
from passes.wallets.apple import bundle
from passes.wallets.apple.bundle import PKPASS_TYPE, build_pass
from passes.wallets.apple.pass_json import WebService
from passes.wallets.signing.identity import SigningIdentity
from tests.factories.faces import KINDS, make_face
from tests.wallets.apple.pass_rules import validate_pass_json
from tests.wallets.apple.test_images import EXACT, LOGOS

SIGNED_BESIDE = {"manifest.json", "signature"}
TEXTS = {"de.lproj/pass.strings", "en.lproj/pass.strings"}


def unpacked(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert len(set(archive.namelist())) == len(archive.namelist())
        return {name: archive.read(name) for name in archive.namelist()}


def openssl_accepts(folder: Path, files: dict[str, bytes], identity: SigningIdentity) -> bool:
    assert identity.paths.root
    for name in SIGNED_BESIDE:
        (folder / name).write_bytes(files[name])
    command = ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", "signature"]
    command += [
        "-content",
        "manifest.json",
        "-CAfile",
        str(identity.paths.root),
        "-purpose",
        "any",
        "-out",
        "out",
    ]
    return subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=120).returncode == 0


@pytest.mark.parametrize("kind", KINDS)
def test_a_pass_holds_what_it_must_and_nothing_else(
    identity: SigningIdentity, web_service: WebService, kind: Kind
) -> None:
    files = unpacked(build_pass(make_face(kind), identity, web_service))
    assert files.keys() == {"pass.json", *TEXTS, *EXACT, *LOGOS, *SIGNED_BESIDE}


@pytest.mark.parametrize("kind", KINDS)
def test_the_manifest_has_the_sha1_of_every_file_but_itself_and_the_signature(
    identity: SigningIdentity, web_service: WebService, kind: Kind
) -> None:
    files = unpacked(build_pass(make_face(kind), identity, web_service))
    hashes = {
        name: hashlib.sha1(data).hexdigest() for name, data in files.items() if name not in SIGNED_BESIDE
    }
    assert json.loads(files["manifest.json"]) == hashes


@pytest.mark.needs_openssl
@pytest.mark.parametrize("kind", KINDS)
def test_openssl_accepts_the_signature_and_refuses_a_changed_manifest(
    identity: SigningIdentity, web_service: WebService, kind: Kind, tmp_path: Path
) -> None:
    files = unpacked(build_pass(make_face(kind), identity, web_service))
    assert openssl_accepts(tmp_path, files, identity)
    first_hash = json.loads(files["manifest.json"])["pass.json"].encode()
    files["manifest.json"] = files["manifest.json"].replace(first_hash, first_hash[::-1])
    assert not openssl_accepts(tmp_path, files, identity)


@pytest.mark.parametrize("kind", KINDS)
def test_pass_json_in_the_pass_is_legal_and_its_texts_are_translated(
    identity: SigningIdentity, web_service: WebService, kind: Kind
) -> None:
    files = unpacked(build_pass(make_face(kind), identity, web_service))
    assert validate_pass_json(json.loads(files["pass.json"])) == []
    german, english = (files[name].decode() for name in sorted(TEXTS))
    assert '"Card number" = "Kartennummer";' in german
    assert '"Card number" = "Card number";' in english


@pytest.mark.parametrize("kind", KINDS)
def test_pictures_in_the_pass_have_their_exact_sizes(
    identity: SigningIdentity, web_service: WebService, kind: Kind
) -> None:
    files = unpacked(build_pass(make_face(kind), identity, web_service))
    assert {name: Image.open(io.BytesIO(files[name])).size for name in EXACT} == EXACT


@pytest.mark.parametrize("required", range(1, 31))
def test_stamp_cards_of_every_length_make_a_pass(
    identity: SigningIdentity, web_service: WebService, required: int
) -> None:
    face = make_face("stamp", stamps=Stamps(required // 2, required, 0))
    files = unpacked(build_pass(face, identity, web_service))
    assert validate_pass_json(json.loads(files["pass.json"])) == []
    assert Image.open(io.BytesIO(files["strip@3x.png"])).size == EXACT["strip@3x.png"]


def test_another_stamp_is_another_strip_and_the_same_logo(
    identity: SigningIdentity, web_service: WebService
) -> None:
    three = unpacked(build_pass(make_face(stamps=Stamps(3, 10, 0)), identity, web_service))
    four = unpacked(build_pass(make_face(stamps=Stamps(4, 10, 0)), identity, web_service))
    changed = {name for name in three if three[name] != four[name]}
    assert changed == {"pass.json", "strip.png", "strip@2x.png", "strip@3x.png", *SIGNED_BESIDE}


def test_only_the_signature_differs_between_two_passes_of_one_face(
    identity: SigningIdentity, web_service: WebService
) -> None:
    face = make_face("gift")
    first = unpacked(build_pass(face, identity, web_service))
    bundle._TEXTS.clear()
    bundle._FRONTS.clear()
    second = unpacked(build_pass(face, identity, web_service))
    assert {name for name in first if first[name] != second[name]} <= {"signature"}
    assert list(first) == list(second)


def test_cards_of_one_design_do_not_share_what_is_their_own(
    identity: SigningIdentity, web_service: WebService
) -> None:
    mine = make_face("gift", card_id="card_mine", news=Text("Für dich", "For you"))
    yours = make_face("gift", card_id="card_yours", news=Text("Für alle", "For all"))
    assert mine.design_id == yours.design_id
    build_pass(mine, identity, web_service)
    files = unpacked(build_pass(yours, identity, web_service))
    assert json.loads(files["pass.json"])["serialNumber"] == "card_yours"
    assert '"For all" = "Für alle";' in files["de.lproj/pass.strings"].decode()
    assert not any(b"For you" in data for data in files.values())


@pytest.mark.parametrize("url", ["http://karten.example/apple", "http://127.0.0.1:8000/apple"])
def test_a_real_identity_signs_no_pass_that_updates_without_tls(
    identity: SigningIdentity, real_identity: SigningIdentity, url: str
) -> None:
    service = WebService(url, "0123456789abcdef")
    with pytest.raises(ConfigurationError, match="STEMPEL_BASE_URL"):
        build_pass(make_face(), real_identity, service)
    assert build_pass(make_face(), identity, service)


def test_a_real_identity_signs_with_tls_or_without_updates(
    real_identity: SigningIdentity, web_service: WebService
) -> None:
    assert build_pass(make_face(), real_identity, web_service)
    assert build_pass(make_face(), real_identity, None)


def test_content_types_are_apples() -> None:
    assert PKPASS_TYPE == "application/vnd.apple.pkpass"
