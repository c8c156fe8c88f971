"""The prepared signature is the library's own, byte for byte, for every identity, content and time."""

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7Options

from passes.wallets.signing import cms
from passes.wallets.signing.identity import IdentityPaths, SigningIdentity
from passes.wallets.signing.importing import import_pem
from passes.wallets.signing.store import IdentityStore
from tests.wallets.signing import chains

CONTENTS = (b"", b"{}", b"\n", b"a line\r\nand another\n", bytes(range(256)) * 40)


def imported(**leaf: object) -> SigningIdentity:
    """An identity as an import makes it, of a certificate with names and key of one's own."""
    private = leaf.get("leaf_key", chains.key("leaf"))
    found = chains.leaf(**leaf)  # type: ignore[arg-type]  # whatever the case at hand names
    material = import_pem(
        chains.pem(found),
        chains.key_pem(private),  # type: ignore[arg-type]  # likewise
        None,
        intermediates=[chains.apple_like(), chains.root()],
    )
    return SigningIdentity.of("cafe", material, IdentityPaths(Path("c"), Path("k")))


@pytest.fixture(scope="module")
def development(tmp_path_factory: pytest.TempPathFactory) -> SigningIdentity:
    return IdentityStore(tmp_path_factory.mktemp("certs")).create_development("cafe")


@pytest.fixture(scope="module")
def identities(development: SigningIdentity) -> list[SigningIdentity]:
    long_name = imported(pass_type="pass." + "langer-name." * 4 + "de", prefix="")
    large_key = imported(leaf_key=chains.key("large", 4096))
    two_issuers = dataclasses.replace(development, intermediates=(*development.intermediates, chains.root()))
    return [development, imported(), long_name, large_key, two_issuers]


@pytest.mark.parametrize("content", CONTENTS)
@pytest.mark.parametrize("which", range(5))
def test_the_template_gives_what_the_library_gives(
    identities: list[SigningIdentity], which: int, content: bytes
) -> None:
    identity = identities[which]
    at = datetime(2027, 2, 3, 4, 5, 6, tzinfo=UTC)
    with time_machine.travel(at, tick=False):
        expected = cms.build(content, identity)
    assert cms.template_of(identity).sign(content, at) == expected


@pytest.mark.parametrize(
    "at",
    [
        datetime(2026, 1, 1, 0, 0, 0, tzinfo=UTC),
        datetime(2028, 2, 29, 23, 59, 59, 999_999, tzinfo=UTC),
        datetime(2049, 12, 31, 23, 59, 59, tzinfo=UTC),
    ],
)
def test_every_second_until_2050_is_written_as_the_library_writes_it(
    development: SigningIdentity, at: datetime
) -> None:
    template = cms.template_of(development)
    with time_machine.travel(at, tick=False):
        assert template.sign(b"{}", at) == cms.build(b"{}", development)


def test_a_time_in_another_zone_is_the_same_moment(development: SigningIdentity) -> None:
    template = cms.template_of(development)
    at = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    elsewhere = at.astimezone(tz=datetime.strptime("+0530", "%z").tzinfo)
    assert template.sign(b"{}", elsewhere) == template.sign(b"{}", at)
    assert template.sign(b"{}", at + timedelta(seconds=1)) != template.sign(b"{}", at)


def test_threads_share_a_template(development: SigningIdentity) -> None:
    template = cms.template_of(development)
    at = datetime(2027, 1, 1, tzinfo=UTC)
    contents = [str(n).encode() for n in range(60)]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda content: template.sign(content, at), contents))
    assert together == [template.sign(content, at) for content in contents]


@pytest.mark.parametrize(
    "options",
    [
        (PKCS7Options.Binary, PKCS7Options.NoCapabilities),
        (PKCS7Options.DetachedSignature, PKCS7Options.Binary, PKCS7Options.NoAttributes),
    ],
)
def test_a_library_that_encodes_otherwise_is_noticed_and_not_followed(
    development: SigningIdentity, monkeypatch: pytest.MonkeyPatch, options: tuple[PKCS7Options, ...]
) -> None:
    monkeypatch.setattr(cms, "OPTIONS", options)
    with pytest.raises(RuntimeError):
        cms.template_of(development)
