"""Identities on disk: private, replaced whole, read once, and never found by a path in disguise."""

import dataclasses
import json
import stat
import threading
from pathlib import Path

import pytest
from cryptography import x509

from passes.errors import ConfigurationError
from passes.wallets.signing import files
from passes.wallets.signing.development import TEAM_IDENTIFIER, development_pass_type
from passes.wallets.signing.identity import IdentityMaterial
from passes.wallets.signing.importing import import_pem
from passes.wallets.signing.store import IdentityStore
from tests.wallets.signing import chains


def real(pass_type: str = chains.PASS_TYPE) -> IdentityMaterial:
    leaf = chains.pem(chains.leaf(pass_type=pass_type))
    return import_pem(leaf, chains.key_pem(), None, intermediates=(chains.apple_like(),))


@pytest.fixture
def store(tmp_path: Path) -> IdentityStore:
    return IdentityStore(tmp_path / "certs")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "certs" / "cafe"


def test_a_merchant_without_identity_has_none(store: IdentityStore) -> None:
    assert store.load("cafe") is None
    assert store.all() == []
    assert store.known_intermediates() == ()


def test_a_development_identity_shows_what_the_command_prints(store: IdentityStore, folder: Path) -> None:
    identity = store.create_development("cafe")
    assert identity.as_dict() == {
        "merchant": "cafe",
        "pass_type_identifier": "pass.dev.stempel.cafe",
        "team_identifier": TEAM_IDENTIFIER,
        "not_after": identity.certificate.not_valid_after_utc.isoformat().replace("+00:00", "Z"),
        "development": True,
        "root": str(folder / "root.pem"),
        "certificate": str(folder / "certificate.pem"),
        "key": str(folder / "key.pem"),
    }
    assert len(TEAM_IDENTIFIER) == 10


def test_a_relative_folder_yields_absolute_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    identity = IdentityStore(Path("certs")).create_development("cafe")
    assert identity.paths.key == tmp_path.resolve() / "certs" / "cafe" / "key.pem"


def test_a_real_identity_keeps_its_files_to_itself(store: IdentityStore) -> None:
    shown = store.save("cafe", real()).as_dict()
    assert shown["pass_type_identifier"] == chains.PASS_TYPE
    assert shown["team_identifier"] == chains.TEAM
    assert (shown["development"], shown["root"], shown["certificate"], shown["key"]) == (
        False,
        None,
        None,
        None,
    )


def test_what_is_saved_is_what_is_loaded(store: IdentityStore, tmp_path: Path) -> None:
    material = real()
    store.save("cafe", material)
    loaded = IdentityStore(tmp_path / "certs").load("cafe")
    assert loaded
    assert loaded.certificate == material.certificate
    assert loaded.intermediates == material.intermediates
    assert loaded.key.private_numbers() == material.key.private_numbers()


def test_nobody_else_can_read_the_folder_or_any_file_in_it(store: IdentityStore, folder: Path) -> None:
    store.create_development("cafe")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    names = {"certificate.pem", "intermediate.pem", "key.pem", "root.pem", "identity.json"}
    assert modes == dict.fromkeys(names, 0o600)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_key_others_may_read_is_refused_until_it_is_closed(
    store: IdentityStore, folder: Path, mode: int
) -> None:
    store.create_development("cafe")
    assert store.load("cafe")
    (folder / "key.pem").chmod(mode)
    with pytest.raises(ConfigurationError, match=rf"mode {mode:o}.*chmod 600"):
        store.load("cafe")
    (folder / "key.pem").chmod(0o600)
    assert store.load("cafe")


def test_the_key_is_read_once_and_again_only_after_a_change(
    store: IdentityStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.save("cafe", real())
    reads: list[Path] = []
    read_file = files.read_file
    monkeypatch.setattr(files, "read_file", lambda path: (reads.append(path), read_file(path))[1])
    first = store.load("cafe")
    assert len(reads) == 4
    assert store.load("cafe") is first
    assert len(reads) == 4
    store.save("cafe", real())
    reads.clear()
    assert store.load("cafe") is not first
    assert len(reads) == 4


def test_a_renewal_by_another_process_is_noticed(store: IdentityStore, tmp_path: Path) -> None:
    before = store.create_development("cafe")
    assert store.load("cafe")
    after = IdentityStore(tmp_path / "certs").create_development("cafe")
    loaded = store.load("cafe")
    assert loaded
    assert loaded.certificate == after.certificate != before.certificate


@pytest.mark.parametrize(
    "slug", ["", "..", "../cafe", "a/b", "/etc", "Cafe", "a\0b", "cafe\n", "-", "a" * 64, "ä"]
)
def test_a_slug_never_becomes_a_path(store: IdentityStore, tmp_path: Path, slug: str) -> None:
    for use in (store.load, store.create_development, lambda s: store.save(s, real())):
        with pytest.raises(ConfigurationError, match="is not a slug"):
            use(slug)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "name, content, sentence",
    [
        ("certificate.pem", None, r"certificate\.pem is missing: import the identity again"),
        ("intermediate.pem", None, r"intermediate\.pem is missing"),
        ("key.pem", None, r"key\.pem is missing"),
        ("identity.json", None, r"identity\.json is missing"),
        ("certificate.pem", b"x", r"certificate\.pem: this is not a certificate"),
        ("key.pem", b"x", r"key\.pem is not an unencrypted key"),
        ("key.pem", chains.key_pem(passphrase=b"secret"), r"key\.pem is not an unencrypted key"),
        ("key.pem", chains.key_pem(chains.key("stranger")), r"key\.pem does not belong to certificate\.pem"),
        ("identity.json", b"{}", r"identity\.json holds no"),
        ("identity.json", b"[]", r"identity\.json holds no"),
        ("identity.json", b'{"development": "no"}', r"identity\.json holds no"),
    ],
)
def test_a_damaged_identity_is_named_by_its_file(
    store: IdentityStore, folder: Path, name: str, content: bytes | None, sentence: str
) -> None:
    store.save("cafe", real())
    if content is None:
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(content)
    with pytest.raises(ConfigurationError, match=sentence):
        store.load("cafe")
    assert store.slugs() == ["cafe"]
    assert store.save("cafe", real()).usable_at(chains.NOW)


def test_a_renewal_of_the_same_type_replaces_a_real_identity(store: IdentityStore) -> None:
    store.create_development("cafe")
    store.save("cafe", real())
    renewed = real()
    assert store.save("cafe", renewed).certificate == renewed.certificate


def test_a_real_identity_gives_way_to_no_other_type_and_no_throwaway(store: IdentityStore) -> None:
    kept = store.save("cafe", real()).certificate
    with pytest.raises(ConfigurationError, match=r"pass\.de\.example\.cafe, and passes already on phones"):
        store.save("cafe", real("pass.de.example.other"))
    with pytest.raises(ConfigurationError, match="passes already on phones"):
        store.create_development("cafe")
    with pytest.raises(ConfigurationError, match="passes already on phones"):
        store.save("cafe", dataclasses.replace(real(), development=True))
    loaded = store.load("cafe")
    assert loaded
    assert loaded.certificate == kept


def test_a_real_key_that_lies_open_is_not_overwritten_by_a_throwaway(
    store: IdentityStore, folder: Path
) -> None:
    store.save("cafe", real())
    before = (folder / "key.pem").read_bytes()
    (folder / "key.pem").chmod(0o644)
    with pytest.raises(ConfigurationError, match="chmod 600"):
        store.create_development("cafe")
    assert (folder / "key.pem").read_bytes() == before


def test_a_damaged_throwaway_is_replaced_by_a_new_one(store: IdentityStore, folder: Path) -> None:
    store.create_development("cafe")
    (folder / "key.pem").unlink()
    store.create_development("cafe")
    assert store.load("cafe")


def test_the_development_root_goes_when_a_real_identity_comes(store: IdentityStore, folder: Path) -> None:
    store.create_development("cafe")
    store.save("cafe", real())
    assert not (folder / "root.pem").exists()
    assert json.loads((folder / "identity.json").read_text()) == {"development": False}


def test_a_write_that_fails_leaves_the_old_file_and_no_remains(
    store: IdentityStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.save("cafe", real())
    names = sorted(path.name for path in folder.iterdir())
    before = (folder / "key.pem").read_bytes()

    def no_space(_handle: int) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(files.os, "fsync", no_space)
    with pytest.raises(OSError, match="No space"):
        store.save("cafe", real())
    assert sorted(path.name for path in folder.iterdir()) == names
    assert (folder / "key.pem").read_bytes() == before


def test_readers_during_renewals_never_see_a_mixture(store: IdentityStore, tmp_path: Path) -> None:
    materials = [real(), swapped()]
    store.save("cafe", materials[0])
    seen: set[x509.Certificate] = set()
    done = threading.Event()

    def renew() -> None:
        writer = IdentityStore(tmp_path / "certs")
        for turn in range(40):
            writer.save("cafe", materials[turn % 2])
        done.set()

    thread = threading.Thread(target=renew)
    thread.start()
    while not done.is_set():
        identity = store.load("cafe")
        assert identity
        assert identity.certificate.public_key() == identity.key.public_key()
        seen.add(identity.certificate)
    thread.join()
    assert seen <= {material.certificate for material in materials}
    assert len(seen) == 2


def swapped() -> IdentityMaterial:
    """The same pass type with another key, as a renewal brings it."""
    stranger = chains.key("stranger")
    leaf = chains.leaf(leaf_key=stranger)
    return IdentityMaterial(leaf, (chains.apple_like(),), stranger)


def test_all_lists_every_merchant_by_name_and_nothing_else(store: IdentityStore, tmp_path: Path) -> None:
    store.create_development("zoo")
    store.save("cafe", real())
    (tmp_path / "certs" / "README.md").write_text("not an identity")
    (tmp_path / "certs" / "Not A Slug").mkdir()
    (tmp_path / "certs" / "empty").mkdir()
    assert [identity.merchant_slug for identity in store.all()] == ["cafe", "zoo"]


def test_an_intermediate_is_found_beside_the_folders_and_with_other_merchants(
    store: IdentityStore, tmp_path: Path
) -> None:
    store.save("cafe", real())
    (tmp_path / "certs" / "own.pem").write_bytes(chains.pem(chains.own()))
    assert set(store.known_intermediates()) == {chains.apple_like(), chains.own()}


def test_a_damaged_chain_of_one_merchant_keeps_nobody_from_importing(
    store: IdentityStore, tmp_path: Path
) -> None:
    store.save("cafe", real())
    store.save("bar", real())
    (tmp_path / "certs" / "bar" / files.INTERMEDIATE).write_bytes(b"noise")
    assert store.known_intermediates() == (chains.apple_like(),)
    assert store.save("bar", real()).not_after == store.held("cafe")[0].not_after


def test_long_slugs_keep_apart_and_fit_into_a_common_name() -> None:
    one, other = "a" * 60 + "one", "a" * 60 + "two"
    assert development_pass_type(one) != development_pass_type(other)
    assert len("Pass Type ID: " + development_pass_type(one)) == 64
    assert development_pass_type("cafe-am-markt") == "pass.dev.stempel.cafe-am-markt"
