"""A signing identity shared by the tests of Apple passes: making keys is what would take them long."""

import dataclasses

import pytest

from passes.wallets.apple.pass_json import WebService
from passes.wallets.signing.identity import SigningIdentity
from passes.wallets.signing.store import IdentityStore


@pytest.fixture(scope="session")
def identity(tmp_path_factory: pytest.TempPathFactory) -> SigningIdentity:
    return IdentityStore(tmp_path_factory.mktemp("apple-certs")).create_development("roesterei")


@pytest.fixture(scope="session")
def real_identity(identity: SigningIdentity) -> SigningIdentity:
    """One that counts as real, as far as rules go that ask for it."""
    return dataclasses.replace(identity, development=False)


@pytest.fixture
def web_service() -> WebService:
    return WebService("https://karten.example/apple", "0123456789abcdef0123456789abcdef")
