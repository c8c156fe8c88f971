"""Every certificate a phone would refuse is refused at the door, each with a sentence of its own."""

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)

from passes.errors import ConfigurationError
from passes.wallets.signing.identity import IdentityMaterial, has_nfc
from passes.wallets.signing.importing import import_p12, import_pem
from tests.wallets.signing import chains

ROOT = Path(__file__).parents[3]
SECRET = b"correct horse"


def bag(
    leaf: x509.Certificate | None,
    *others: x509.Certificate,
    key: pkcs12.PKCS12PrivateKeyTypes | None = None,
    passphrase: bytes = SECRET,
) -> bytes:
    encryption = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    return pkcs12.serialize_key_and_certificates(
        b"cafe", key or chains.key("leaf"), leaf, others or None, encryption
    )


def pem(leaf: x509.Certificate, **options: bool) -> IdentityMaterial:
    return import_pem(
        chains.pem(leaf),
        chains.key_pem(),
        None,
        intermediates=(chains.own(), chains.apple_like(), chains.root()),
        **options,
    )


def test_a_p12_brings_its_own_intermediate() -> None:
    leaf = chains.leaf()
    material = import_p12(bag(leaf, chains.root(), chains.apple_like()), SECRET)
    assert material.certificate == leaf
    assert material.intermediates == (chains.apple_like(),)
    assert material.key.private_numbers() == chains.key("leaf").private_numbers()
    assert not material.development
    assert material.root is None


def test_a_p12_without_intermediate_finds_it_among_those_given() -> None:
    given = (chains.own(), chains.apple_like())
    assert import_p12(bag(chains.leaf()), SECRET, intermediates=given).intermediates == (chains.apple_like(),)


@pytest.mark.needs_openssl
@pytest.mark.parametrize("cipher", ["PBE-SHA1-RC2-40", "PBE-SHA1-3DES"])
def test_old_keychain_exports_are_read(tmp_path: Path, cipher: str) -> None:
    (tmp_path / "leaf.pem").write_bytes(chains.pem(chains.leaf()))
    (tmp_path / "key.pem").write_bytes(chains.key_pem())
    command = ["openssl", "pkcs12", "-export", "-legacy", "-certpbe", cipher, "-keypbe", "PBE-SHA1-3DES"]
    command += ["-macalg", "sha1", "-in", "leaf.pem", "-inkey", "key.pem", "-out", "old.p12"]
    command += ["-passout", "env:PASSPHRASE"]
    environment = {**os.environ, "PASSPHRASE": SECRET.decode()}
    subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True, timeout=120)
    old = (tmp_path / "old.p12").read_bytes()
    assert import_p12(old, SECRET, intermediates=(chains.apple_like(),)).certificate.serial_number
    with pytest.raises(ConfigurationError, match="p12: the passphrase is wrong"):
        import_p12(old, b"wrong")


@pytest.mark.needs_openssl
def test_where_the_old_encryption_is_switched_off_the_way_out_is_named_and_works(tmp_path: Path) -> None:
    for name, content in (("leaf.pem", chains.pem(chains.leaf())), ("key.pem", chains.key_pem())):
        (tmp_path / name).write_bytes(content)
    environment = {**os.environ, "PASSPHRASE": SECRET.decode()}
    export = "openssl pkcs12 -export -legacy -in leaf.pem -inkey key.pem -out old.p12 -passout env:PASSPHRASE"
    rewrite = (
        "openssl pkcs12 -legacy -in old.p12 -out both.pem -passin env:PASSPHRASE -passout env:PASSPHRASE"
    )
    for command in (export, rewrite):
        subprocess.run(
            command.split(), cwd=tmp_path, env=environment, check=True, capture_output=True, timeout=120
        )
    code = (
        "import pathlib, passes.wallets.signing.importing as i\n"
        f"i.import_p12(pathlib.Path('old.p12').read_bytes(), {SECRET!r})"
    )
    environment |= {"CRYPTOGRAPHY_OPENSSL_NO_LEGACY": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code],
        check=False,
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert "openssl pkcs12 -legacy -in OLD.p12 -out both.pem" in done.stderr
    both = (tmp_path / "both.pem").read_bytes()
    assert import_pem(both, both, SECRET, intermediates=(chains.apple_like(),)).certificate


def test_an_unprotected_p12_needs_no_passphrase() -> None:
    data = bag(chains.leaf(), chains.apple_like(), passphrase=b"")
    assert import_p12(data, None).intermediates


@pytest.mark.parametrize("form", [Encoding.PEM, Encoding.DER])
def test_a_certificate_file_may_be_pem_or_as_apple_delivers_it(form: Encoding) -> None:
    leaf = chains.leaf()
    material = import_pem(
        leaf.public_bytes(form), chains.key_pem(), None, intermediates=(chains.apple_like(),)
    )
    assert material.certificate == leaf


def test_a_pem_file_may_hold_the_chain_behind_the_leaf() -> None:
    text = chains.pem(chains.leaf()) + chains.pem(chains.apple_like())
    assert import_pem(text, chains.key_pem(), None).intermediates == (chains.apple_like(),)


@pytest.mark.parametrize("passphrase", [None, b"nobody asked"])
def test_an_open_key_is_read_with_or_without_a_passphrase(passphrase: bytes | None) -> None:
    text = chains.pem(chains.leaf()) + chains.pem(chains.apple_like())
    assert import_pem(text, chains.key_pem(), passphrase).key.key_size == 2048


def test_an_encrypted_key_opens_with_its_passphrase_only() -> None:
    text = chains.pem(chains.leaf()) + chains.pem(chains.apple_like())
    protected = chains.key_pem(passphrase=SECRET)
    assert import_pem(text, protected, SECRET).key.key_size == 2048
    with pytest.raises(ConfigurationError, match="key: the passphrase is wrong"):
        import_pem(text, protected, b"wrong")
    with pytest.raises(ConfigurationError, match=r"key: it is protected .* --passphrase-file"):
        import_pem(text, protected, None)


def test_a_chain_of_ones_own_is_taken_as_development_with_its_root() -> None:
    material = pem(chains.leaf(issuer=chains.OWN_NAME), development=True)
    assert material.development
    assert material.intermediates == (chains.own(),)
    assert material.root == chains.root()


def test_nfc_is_read_from_the_common_name() -> None:
    assert has_nfc(pem(chains.leaf(prefix="Pass Type ID with NFC: ")).certificate)
    assert not has_nfc(pem(chains.leaf()).certificate)


FAULTS: dict[str, tuple[Callable[[], object], str]] = {
    "no extension": (lambda: pem(chains.leaf(marked=False)), r"certificate: this is not a Pass Type ID"),
    "no UID": (lambda: pem(chains.leaf(uid="")), r"certificate: its subject has no UID"),
    "no OU": (lambda: pem(chains.leaf(team="")), r"certificate: its subject has no OU"),
    "another type": (
        lambda: pem(chains.leaf(uid="pass.de.example.other")),
        r"certificate: its UID pass\.de\.example\.other is not the pass type of its extension",
    ),
    "expired": (
        lambda: pem(chains.leaf(start=chains.NOW - timedelta(9), end=chains.NOW - timedelta(1))),
        r"certificate: Pass Type ID: pass\.de\.example\.cafe \(A1B2C3D4E5\) expired on",
    ),
    "not yet valid": (
        lambda: pem(chains.leaf(start=chains.NOW + timedelta(1))),
        r"certificate: .* is not valid before",
    ),
    "another key": (
        lambda: pem(chains.leaf(leaf_key=chains.key("stranger"))),
        r"key: it does not belong to the certificate",
    ),
    "another key in a p12": (
        lambda: import_p12(bag(None, chains.leaf(), chains.apple_like(), key=chains.key("stranger")), SECRET),
        r"key: it does not belong to the certificate",
    ),
    "a short key": (
        lambda: import_pem(
            chains.pem(chains.leaf(leaf_key=chains.key("short", 1024))),
            chains.key_pem(chains.key("short", 1024)),
            None,
        ),
        r"key: a pass is signed with an RSA key of 2048 bits",
    ),
    "a key that is not RSA": (
        lambda: import_pem(
            chains.pem(chains.leaf()),
            ec.generate_private_key(ec.SECP256R1()).private_bytes(
                Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
            ),
            None,
        ),
        r"key: a pass is signed with an RSA key of 2048 bits",
    ),
    "no intermediate": (
        lambda: import_p12(bag(chains.leaf(), chains.own(), chains.root()), SECRET),
        r"intermediate: .* its issuer is Apple Worldwide .* \(G4\), to be given with --intermediate",
    ),
    "an intermediate of the right name with another key": (
        lambda: pem(chains.leaf(issuer_key=chains.key("stranger"))),
        r"intermediate: no certificate at hand has signed this one",
    ),
    "an issuer that is no authority": (
        lambda: import_pem(
            chains.pem(chains.leaf(issuer=chains.leaf().subject, issuer_key=chains.key("leaf"), team="X")),
            chains.key_pem(),
            None,
            intermediates=(chains.leaf(),),
        ),
        r"intermediate: no certificate at hand has signed this one",
    ),
    "an expired intermediate": (
        lambda: import_pem(
            chains.pem(chains.leaf()),
            chains.key_pem(),
            None,
            intermediates=(
                chains.certificate(
                    chains.APPLE_NAME,
                    chains.key("issuer"),
                    chains.ROOT_NAME,
                    chains.key("root"),
                    end=chains.NOW - timedelta(hours=1),
                ),
            ),
        ),
        r"intermediate: Apple Worldwide .* expired on",
    ),
    "a chain that does not end at Apple": (
        lambda: pem(chains.leaf(issuer=chains.OWN_NAME)),
        r"intermediate: Example Pass CA \(G4\) is not Apple .* add --development",
    ),
    "an older generation of Apple's": (
        lambda: import_pem(
            chains.pem(chains.leaf()),
            chains.key_pem(),
            None,
            intermediates=(
                chains.certificate(
                    chains.APPLE_NAME, chains.key("issuer"), chains.ROOT_NAME, chains.key("root")
                ),
            ),
        ),
        r"intermediate: .* the only issuer phones accept",
    ),
    "Apple's called development": (
        lambda: pem(chains.leaf(), development=True),
        r"development: this certificate is Apple's; import it without --development",
    ),
    "wrong passphrase": (
        lambda: import_p12(bag(chains.leaf()), b"wrong"),
        r"p12: the passphrase is wrong",
    ),
    "no passphrase": (
        lambda: import_p12(bag(chains.leaf()), None),
        r"p12: it is protected by a passphrase; give it with --passphrase-file",
    ),
    "not a p12": (lambda: import_p12(b"-----BEGIN", SECRET), r"p12: this is not a PKCS#12 file"),
    "a p12 without a key": (
        lambda: import_p12(
            pkcs12.serialize_java_truststore(
                [pkcs12.PKCS12Certificate(chains.leaf(), b"cafe")], BestAvailableEncryption(SECRET)
            ),
            SECRET,
        ),
        r"p12: it holds no private key",
    ),
    "a p12 without a certificate": (lambda: import_p12(bag(None), SECRET), r"p12: it holds no certificate"),
    "not a certificate": (
        lambda: import_pem(b"hello", chains.key_pem(), None),
        r"certificate: this is not a certificate in PEM or DER form",
    ),
    "a key where the certificate belongs": (
        lambda: import_pem(chains.key_pem(), chains.key_pem(), None),
        r"certificate: this is not a certificate in PEM or DER form",
    ),
    "not a key": (
        lambda: import_pem(chains.pem(chains.leaf()), b"hello", None),
        r"key: this is not a private key in PEM form",
    ),
    "a certificate where the key belongs": (
        lambda: import_pem(chains.pem(chains.leaf()), chains.pem(chains.leaf()), SECRET),
        r"key: this is not a private key in PEM form",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_named(fault: str) -> None:
    attempt, sentence = FAULTS[fault]
    with pytest.raises(ConfigurationError, match=sentence) as refused:
        attempt()
    assert str(refused.value).endswith((".", ")."))
    assert SECRET.decode() not in str(refused.value)


def test_a_passphrase_never_shows_in_the_refusal_of_a_wrong_one() -> None:
    with pytest.raises(ConfigurationError) as refused:
        import_p12(bag(chains.leaf()), b"hunter2")
    assert "hunter2" not in str(refused.value)
    assert refused.value.__suppress_context__


def test_the_p12_of_another_tool_with_aes_and_sha256_is_read() -> None:
    encryption = (
        PrivateFormat.PKCS12.encryption_builder()
        .kdf_rounds(2048)
        .key_cert_algorithm(pkcs12.PBES.PBESv2SHA256AndAES256CBC)
        .hmac_hash(hashes.SHA256())
        .build(SECRET)
    )
    data = pkcs12.serialize_key_and_certificates(
        b"cafe", chains.key("leaf"), chains.leaf(), [chains.apple_like()], encryption
    )
    assert import_p12(data, SECRET).intermediates == (chains.apple_like(),)
