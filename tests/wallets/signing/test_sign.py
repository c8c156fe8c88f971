"""The signature as another implementation reads it: OpenSSL accepts it, and refuses a changed manifest."""

import dataclasses
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from passes import clock
from passes.errors import ConfigurationError
from passes.wallets.signing import cms
from passes.wallets.signing.identity import SigningIdentity
from passes.wallets.signing.sign import sign_manifest
from passes.wallets.signing.store import IdentityStore

# Both kinds of line end: a signer that tidies them signs something else.
MANIFEST = b'{"pass.json":\n"0123456789abcdef0123456789abcdef01234567",\r\n"icon.png":"00"}'


@pytest.fixture(scope="module")
def identity(tmp_path_factory: pytest.TempPathFactory) -> SigningIdentity:
    return IdentityStore(tmp_path_factory.mktemp("certs")).create_development("cafe")


def verify(folder: Path, manifest: bytes, signature: bytes, identity: SigningIdentity, purpose: str) -> bool:
    (folder / "manifest.json").write_bytes(manifest)
    (folder / "signature").write_bytes(signature)
    assert identity.paths.root
    command = ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", str(folder / "signature")]
    command += ["-content", str(folder / "manifest.json"), "-CAfile", str(identity.paths.root)]
    command += ["-purpose", purpose, "-x509_strict", "-out", "/dev/null"]
    return subprocess.run(command, capture_output=True, check=False, timeout=120).returncode == 0


@pytest.mark.needs_openssl
@pytest.mark.parametrize("purpose", ["any", "smimesign", "sslclient"])
def test_openssl_accepts_the_signature_and_the_chain(
    tmp_path: Path, identity: SigningIdentity, purpose: str
) -> None:
    assert verify(tmp_path, MANIFEST, sign_manifest(MANIFEST, identity), identity, purpose)


@pytest.mark.needs_openssl
@pytest.mark.parametrize("position", [0, 14, 60, len(MANIFEST) - 1])
def test_one_flipped_bit_of_the_manifest_is_refused(
    tmp_path: Path, identity: SigningIdentity, position: int
) -> None:
    flipped = bytearray(MANIFEST)
    flipped[position] ^= 1
    assert not verify(tmp_path, bytes(flipped), sign_manifest(MANIFEST, identity), identity, "any")


@pytest.mark.needs_openssl
@pytest.mark.parametrize("missing", [pkcs7.PKCS7Options.Binary, pkcs7.PKCS7Options.DetachedSignature])
def test_these_checks_notice_a_missing_option(
    tmp_path: Path, identity: SigningIdentity, monkeypatch: pytest.MonkeyPatch, missing: pkcs7.PKCS7Options
) -> None:
    monkeypatch.setattr(cms, "OPTIONS", tuple(o for o in cms.OPTIONS if o is not missing))
    signature = cms.build(MANIFEST, identity)
    accepted = verify(tmp_path, MANIFEST, signature, identity, "any")
    detached = MANIFEST[:40] not in signature
    assert not (accepted and detached)


@pytest.mark.needs_openssl
def test_the_signature_carries_the_three_attributes_sha256_and_the_real_time(
    tmp_path: Path, identity: SigningIdentity
) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    (tmp_path / "signature").write_bytes(sign_manifest(MANIFEST, identity))
    command = ["openssl", "cms", "-cmsout", "-print", "-inform", "DER", "-in", str(tmp_path / "signature")]
    text = subprocess.run(command, capture_output=True, check=True, text=True, timeout=120).stdout
    signer = text[text.index("signerInfos:") :]
    attributes = re.findall(r"object: (\w+)", signer)
    assert sorted(attributes) == ["contentType", "messageDigest", "signingTime"]
    assert "algorithm: sha256" in signer
    assert "eContent: <ABSENT>" in text or "eContent: \n      <ABSENT>" in text
    signed = datetime.strptime(_found(r"UTCTIME:(.+) GMT", signer), "%b %d %H:%M:%S %Y").replace(tzinfo=UTC)
    assert before <= signed <= datetime.now(UTC)


def _found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    assert match, f"nothing like {pattern} in:\n{text}"
    return match.group(1)


def test_leaf_and_intermediate_are_embedded_and_the_root_is_not(identity: SigningIdentity) -> None:
    embedded = pkcs7.load_der_pkcs7_certificates(sign_manifest(MANIFEST, identity))
    wanted = {identity.certificate, *identity.intermediates}
    assert len(wanted) == 2
    assert set(embedded) == wanted


@pytest.mark.parametrize(
    "offset, sentence",
    [
        (timedelta(days=366), r"\(pass\.dev\.stempel\.cafe\) expired on .* `certs dev --merchant cafe`"),
        (timedelta(days=-1), r"is not valid before .* clock right"),
    ],
)
def test_outside_its_validity_an_identity_refuses_to_sign(
    identity: SigningIdentity, monkeypatch: pytest.MonkeyPatch, offset: timedelta, sentence: str
) -> None:
    at = clock.real_now() + offset
    monkeypatch.setattr(clock, "real_now", lambda: at)
    with pytest.raises(ConfigurationError, match=sentence):
        sign_manifest(MANIFEST, identity)


def test_a_real_identity_is_sent_to_import_when_it_has_expired(identity: SigningIdentity) -> None:
    real = dataclasses.replace(identity, development=False, not_after=clock.real_now() - timedelta(seconds=1))
    with pytest.raises(ConfigurationError, match="`certs import --merchant cafe --p12 FILE`"):
        sign_manifest(MANIFEST, real)


@pytest.mark.needs_openssl
def test_two_threads_sign_with_one_key(tmp_path: Path, identity: SigningIdentity) -> None:
    manifests = [MANIFEST + bytes([65 + i]) for i in range(20)]
    with ThreadPoolExecutor(2) as pool:
        signatures = list(pool.map(lambda manifest: sign_manifest(manifest, identity), manifests))
    for manifest, signature in list(zip(manifests, signatures, strict=True))[::5]:
        assert verify(tmp_path, manifest, signature, identity, "any")
    assert len({bytes(s) for s in signatures}) == len(manifests)


@pytest.mark.needs_openssl
def test_the_leaf_is_a_tls_client_certificate(tmp_path: Path, identity: SigningIdentity) -> None:
    (tmp_path / "chain.pem").write_bytes(
        b"".join(c.public_bytes(Encoding.PEM) for c in identity.intermediates)
    )
    assert identity.paths.root
    command = [
        "openssl",
        "verify",
        "-x509_strict",
        "-purpose",
        "sslclient",
        "-CAfile",
        str(identity.paths.root),
    ]
    command += ["-untrusted", str(tmp_path / "chain.pem"), str(identity.paths.certificate)]
    done = subprocess.run(command, capture_output=True, check=False, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
