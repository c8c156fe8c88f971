"""A merchant with several identities: the newest signs, the others serve cards on phones until they end."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from passes.errors import ConfigurationError
from passes.wallets.signing import store as store_module
from passes.wallets.signing.identity import IdentityMaterial
from passes.wallets.signing.importing import import_pem
from passes.wallets.signing.store import IdentityStore
from tests.wallets.signing import chains

OTHER = "pass.de.example.other"


def material(days: int, pass_type: str = chains.PASS_TYPE) -> IdentityMaterial:
    """A real identity that ends in so many days."""
    leaf = chains.leaf(pass_type=pass_type, end=chains.NOW + timedelta(days=days))
    return import_pem(chains.pem(leaf), chains.key_pem(), None, intermediates=(chains.apple_like(),))


@pytest.fixture
def store(tmp_path: Path) -> IdentityStore:
    return IdentityStore(tmp_path / "certs")


def at(monkeypatch: pytest.MonkeyPatch, days: int) -> datetime:
    moment = chains.NOW + timedelta(days=days)
    monkeypatch.setattr(store_module, "real_now", lambda: moment)
    return moment


def test_a_renewal_signs_at_once_and_the_old_key_stays_until_it_ends(
    store: IdentityStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = material(20), material(300)
    store.save("cafe", old)
    store.save("cafe", new)
    assert [i.certificate for i in store.held("cafe")] == [new.certificate, old.certificate]
    loaded = store.load("cafe")
    assert loaded
    assert loaded.certificate == new.certificate
    at(monkeypatch, 30)
    newest = material(310)
    store.save("cafe", newest)
    assert [i.certificate for i in store.held("cafe")] == [newest.certificate, new.certificate]


def test_the_same_certificate_again_changes_nothing(store: IdentityStore) -> None:
    once = material(300)
    store.save("cafe", once)
    store.save("cafe", once)
    assert [i.certificate for i in store.held("cafe")] == [once.certificate]


def test_one_that_ends_sooner_than_what_is_there_is_refused(store: IdentityStore) -> None:
    store.save("cafe", material(300))
    with pytest.raises(ConfigurationError, match=r"ends on .*, before the one .* import the newest"):
        store.save("cafe", material(20))


def test_another_pass_type_needs_a_word_and_both_then_serve_their_cards(store: IdentityStore) -> None:
    first, second = material(200), material(300, OTHER)
    store.save("cafe", first)
    with pytest.raises(ConfigurationError, match="--new-type"):
        store.save("cafe", second)
    store.save("cafe", second, new_type=True)
    new_cards, old_cards, other = (
        store.load("cafe"),
        store.load("cafe", chains.PASS_TYPE),
        store.load("cafe", OTHER),
    )
    assert new_cards and old_cards and other  # noqa: PT018  # for the types
    assert new_cards.certificate == other.certificate == second.certificate
    assert old_cards.certificate == first.certificate
    assert store.load("cafe", "pass.de.example.never") is None


def test_the_old_pass_type_is_renewed_without_becoming_the_current_one(store: IdentityStore) -> None:
    store.save("cafe", material(20))
    store.save("cafe", material(300, OTHER), new_type=True)
    renewed = material(310)
    store.save("cafe", renewed)
    current, old_cards = store.load("cafe"), store.load("cafe", chains.PASS_TYPE)
    assert current
    assert old_cards
    assert current.pass_type_identifier == OTHER
    assert old_cards.certificate == renewed.certificate
    assert len(store.held("cafe")) == 3


def test_the_last_of_a_pass_type_is_kept_however_long_it_has_ended(
    store: IdentityStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.save("cafe", material(20))
    store.save("cafe", material(200, OTHER), new_type=True)
    at(monkeypatch, 100)
    store.save("cafe", material(300, OTHER))
    old_cards = store.load("cafe", chains.PASS_TYPE)
    assert old_cards
    assert old_cards.not_after < chains.NOW + timedelta(days=100)


def test_while_the_current_one_may_not_sign_another_of_its_type_does(
    store: IdentityStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    old, new = material(200), material(300)
    store.save("cafe", old)
    store.save("cafe", new)
    (tmp_path / "certs" / "cafe" / "key.pem").write_text("broken")
    with pytest.raises(ConfigurationError, match="not an unencrypted key"):
        store.load("cafe")
    found = store.load("cafe", chains.PASS_TYPE)
    assert found
    assert found.certificate == old.certificate


def test_what_others_hold_is_as_private_as_the_rest(store: IdentityStore, tmp_path: Path) -> None:
    store.save("cafe", material(20))
    reader = tmp_path / "certs" / "cafe" / "nfc-reader.pem"
    reader.write_text("public")
    store.save("cafe", material(300))
    (kept,) = (tmp_path / "certs" / "cafe" / "others").iterdir()
    assert (kept.stat().st_mode & 0o777, (kept / "key.pem").stat().st_mode & 0o777) == (0o700, 0o600)
    assert (kept / "nfc-reader.pem").read_text() == "public"


def test_throwaway_identities_leave_no_others_behind(store: IdentityStore, tmp_path: Path) -> None:
    store.create_development("cafe")
    store.create_development("cafe")
    assert len(store.held("cafe")) == 1
    store.save("cafe", material(300))
    assert len(store.held("cafe")) == 1
