"""What others say of our passes: openssl, two published readers and a list of what phones have refused.

`npm ci --prefix tests/readers` installs the readers at the versions of the lock.
"""

import json
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from passes.wallets.apple.bundle import build_pass
from passes.wallets.apple.nfc import READER_KEY
from passes.wallets.signing.identity import SigningIdentity
from passes.wallets.signing.store import IdentityStore
from tests.factories.faces import make_face
from tests.readers.passes import FACES, SERVICE, UNSIGNED, Made, made, written_once
from tests.wallets.apple.pass_rules import validate_pass_json

HERE = Path(__file__).parent
READERS = ("pass-js", "passkit-generator")


@pytest.fixture(scope="module")
def identity(tmp_path_factory: pytest.TempPathFactory) -> SigningIdentity:
    """One that may speak to readers of cards, as if Apple had granted it that."""
    identity = IdentityStore(tmp_path_factory.mktemp("certs")).create_development("roesterei")
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (identity.paths.certificate.parent / READER_KEY).write_bytes(pem)
    return replace(identity, nfc=True)


@pytest.fixture(scope="module")
def passes(identity: SigningIdentity) -> list[Made]:
    return made(identity)


@pytest.fixture(scope="module")
def readers() -> Path:
    if not (HERE / "node_modules").is_dir():
        pytest.skip("the readers are not installed: npm ci --prefix tests/readers")
    return HERE / "read.js"


def verdicts(readers: Path, folder: Path) -> dict[str, dict[str, list[str]]]:
    command = ["node", str(readers), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stderr
    return {said["pass"]: said for said in map(json.loads, done.stdout.splitlines())}


def test_there_are_all_kinds_and_every_count_of_stamps(passes: list[Made]) -> None:
    assert len(passes) >= FACES
    assert {one.face.kind for one in passes} == {"stamp", "coupon", "gift", "points"}
    assert {one.face.stamps.required for one in passes if one.face.stamps} == set(range(1, 31))
    assert len({one.files["pass.json"] for one in passes}) == len(passes)
    contactless = sum("nfc" in json.loads(one.files["pass.json"]) for one in passes)
    assert FACES / 10 < contactless < FACES


def test_no_phone_has_a_reason_to_refuse_one(passes: list[Made]) -> None:
    faults = {one.face.card_id: validate_pass_json(json.loads(one.files["pass.json"])) for one in passes}
    assert {card: found for card, found in faults.items() if found} == {}


@pytest.mark.needs_openssl
def test_openssl_verifies_every_hash(passes: list[Made], tmp_path: Path) -> None:
    paths = [str(path) for path in written_once(passes, tmp_path).values()]
    hashes: dict[str, str] = {}
    for start in range(0, len(paths), 500):
        command = ["openssl", "dgst", "-sha1", "-r", *paths[start : start + 500]]
        lines = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300).stdout
        hashes |= {Path(line[42:]).name: line[:40] for line in lines.splitlines()}
    for one in passes:
        manifest = json.loads(one.files["manifest.json"])
        assert manifest.keys() == one.files.keys() - UNSIGNED
        assert all(hashes[digest[::-1]] == digest for digest in manifest.values())
        assert all((tmp_path / manifest[name][::-1]).read_bytes() == one.files[name] for name in manifest)


@pytest.mark.needs_openssl
def test_openssl_verifies_every_signature(
    passes: list[Made], identity: SigningIdentity, tmp_path: Path
) -> None:
    refused = [one.face.card_id for one in passes if not openssl_accepts(tmp_path, one, identity)]
    assert refused == []
    other = Made(passes[0].face, passes[0].archive)
    other.files["manifest.json"] = passes[1].files["manifest.json"]
    assert not openssl_accepts(tmp_path, other, identity)


def openssl_accepts(folder: Path, one: Made, identity: SigningIdentity) -> bool:
    for name in UNSIGNED:
        (folder / name).write_bytes(one.files[name])
    command = ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", "signature", "-content"]
    command += ["manifest.json", "-CAfile", str(identity.paths.root), "-purpose", "any", "-out", "out"]
    return subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=120).returncode == 0


@pytest.mark.needs_node
def test_two_published_readers_take_every_pass_and_lose_nothing(
    passes: list[Made], readers: Path, tmp_path: Path
) -> None:
    for number, one in enumerate(passes):
        (tmp_path / f"{number:04d}.pkpass").write_bytes(one.archive)
    said = verdicts(readers, tmp_path)
    assert len(said) == len(passes)
    faults = {(name, reader): found[reader] for name, found in said.items() for reader in READERS}
    assert {who: found for who, found in faults.items() if found} == {}


def spoilt() -> Iterator[tuple[str, str, Callable[[dict[str, Any]], Any]]]:
    """What to do to a pass.json, and who notices."""
    yield "no-format", READERS[0], lambda content: content["barcodes"][0].update(format="PKBarcodeFormatEAN8")
    yield "no-number", READERS[0], lambda content: content.update(maxDistance="far")
    yield "no-tls", READERS[0], lambda content: content.update(webServiceURL="nowhere")
    yield "no-colour", READERS[1], lambda content: content.update(labelColor="brown")
    yield "no-degree", READERS[1], lambda content: content["locations"][0].update(latitude="north")
    yield "no-text", READERS[1], lambda content: content["storeCard"]["backFields"][0].update(label=5)
    yield "no-reader", READERS[1], lambda content: content.update(nfc={"message": 5})
    yield "no-action", READERS[1], lambda content: content.update(featuredActions=[{"type": "dance"}])


@pytest.mark.needs_node
def test_the_readers_do_refuse_what_is_wrong(
    identity: SigningIdentity, readers: Path, tmp_path: Path
) -> None:
    sound = Made(make_face("stamp"), build_pass(make_face("stamp"), identity, SERVICE))
    for name, _, spoil in spoilt():
        content = json.loads(sound.files["pass.json"])
        spoil(content)
        with zipfile.ZipFile(tmp_path / f"{name}.pkpass", "w") as archive:
            for file, data in sound.files.items():
                archive.writestr(file, json.dumps(content) if file == "pass.json" else data)
    said = verdicts(readers, tmp_path)
    assert [(name, reader) for name, reader, _ in spoilt() if not said[f"{name}.pkpass"][reader]] == []
