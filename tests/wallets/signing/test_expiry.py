"""Somebody hears in time that a certificate ends, and not every day."""

from datetime import timedelta
from pathlib import Path

import pytest

from passes.wallets.signing.expiry import expiry_warning
from passes.wallets.signing.identity import SigningIdentity
from passes.wallets.signing.store import IdentityStore


@pytest.fixture(scope="module")
def identity(tmp_path_factory: pytest.TempPathFactory) -> SigningIdentity:
    return IdentityStore(tmp_path_factory.mktemp("certs")).create_development("cafe")


@pytest.mark.parametrize(
    "left, said",
    [
        (timedelta(days=30, seconds=1), None),
        (timedelta(days=30), "expires within 30 days"),
        (timedelta(days=14, seconds=1), "expires within 30 days"),
        (timedelta(days=14), "expires within 14 days"),
        (timedelta(days=7), "expires within 7 days"),
        (timedelta(days=1), "expires within 1 day,"),
        (timedelta(0), "expires within 1 day,"),
        (timedelta(seconds=-1), "expired on"),
    ],
)
def test_the_warning_names_the_nearest_threshold(
    identity: SigningIdentity, left: timedelta, said: str | None
) -> None:
    warning = expiry_warning(identity, identity.not_after - left)
    if said is None:
        assert warning is None
    else:
        assert warning
        assert said in warning
        assert "merchant cafe" in warning
        assert f"{identity.not_after:%Y-%m-%d}" in warning
        assert "certs dev --merchant cafe" in warning


def test_over_the_last_year_only_five_different_warnings_are_said(identity: SigningIdentity) -> None:
    hours = (identity.not_after - timedelta(hours=h) for h in range(-48, 365 * 24, 6))
    assert len({text for at in hours if (text := expiry_warning(identity, at))}) == 5


def test_an_identity_is_usable_from_its_first_to_its_last_second(tmp_path: Path) -> None:
    identity = IdentityStore(tmp_path).create_development("cafe")
    second = timedelta(seconds=1)
    assert identity.usable_at(identity.not_before)
    assert identity.usable_at(identity.not_after)
    assert not identity.usable_at(identity.not_before - second)
    assert not identity.usable_at(identity.not_after + second)
