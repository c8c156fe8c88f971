"""A merchant's signing keys: derived rather than stored, one current per purpose, sealed against hands."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import select

from passes.audit.models import AuditEntry
from passes.clock import FixedClock
from passes.db.engine import Database
from passes.errors import ConfigurationError
from passes.merchants import service as merchants
from passes.merchants import signing_keys
from passes.merchants.rules import MerchantDraft
from tests.fixtures.databases import START

TOKEN_KEY = b"a secret that lies in the backup"


@pytest.fixture
def merchant_id(database: Database) -> str:
    with database.write() as uow:
        return merchants.create_merchant(uow, MerchantDraft(slug="mokka", name="Mokka"), "test").id


def test_the_first_key_is_made_when_it_is_needed_and_stays(database: Database, merchant_id: str) -> None:
    with database.write() as uow:
        assert signing_keys.current(uow, merchant_id, "root") is None
        first = signing_keys.current_or_first(uow, TOKEN_KEY, merchant_id, "root")
    with database.write() as uow:
        assert signing_keys.current_or_first(uow, TOKEN_KEY, merchant_id, "root") == first
        assert signing_keys.current(uow, merchant_id, "root") == first
        assert signing_keys.current(uow, merchant_id, "barcode") is None
        other = signing_keys.current_or_first(uow, TOKEN_KEY, merchant_id, "barcode")
        assert other.public != first.public


def test_what_is_signed_can_be_checked_by_anybody(database: Database, merchant_id: str) -> None:
    with database.write() as uow:
        key = signing_keys.current_or_first(uow, TOKEN_KEY, merchant_id, "root")
    signature = signing_keys.sign(TOKEN_KEY, key, b"so it is")
    Ed25519PublicKey.from_public_bytes(key.public).verify(signature, b"so it is")
    assert signing_keys.is_signed(key.public, b"so it is", signature)
    assert not signing_keys.is_signed(key.public, b"so it was", signature)
    assert not signing_keys.is_signed(key.public, b"so it is", signature[:-1])
    assert not signing_keys.is_signed(b"short", b"so it is", signature)


def test_another_token_key_signs_nothing(database: Database, merchant_id: str) -> None:
    with database.write() as uow:
        key = signing_keys.current_or_first(uow, TOKEN_KEY, merchant_id, "root")
    with pytest.raises(ConfigurationError, match="STEMPEL_TOKEN_KEY: the signing key"):
        signing_keys.sign(b"another", key, b"so it is")


def test_rotating_retires_the_old_key_and_keeps_it(
    database: Database, merchant_id: str, clock: FixedClock
) -> None:
    with database.write() as uow:
        first = signing_keys.current_or_first(uow, TOKEN_KEY, merchant_id, "barcode")
    clock.at = START + timedelta(days=1)
    with database.write() as uow:
        second = signing_keys.rotate(uow, TOKEN_KEY, merchant_id, "barcode", "boss")
        found = signing_keys.public_keys(uow, merchant_id, "barcode")
        assert [key.id for key in found] == [second.id, first.id]
        assert found[1].retired_at == clock.at
        assert all(signing_keys.is_genuine(key, TOKEN_KEY) for key in found)
        noted = uow.conn.execute(select(AuditEntry.actor, AuditEntry.details)).all()
        assert ("boss", {"purpose": "barcode", "retired": first.id}) in noted


def test_many_who_need_the_first_key_at_once_get_the_same(database: Database, merchant_id: str) -> None:
    def need(_: int) -> str:
        with database.write() as uow:
            return signing_keys.current_or_first(uow, TOKEN_KEY, merchant_id, "root").id

    with ThreadPoolExecutor(6) as threads:
        assert len(set(threads.map(need, range(6)))) == 1


def test_many_who_rotate_at_once_leave_one_current_key(database: Database, merchant_id: str) -> None:
    def rotate(_: int) -> str:
        with database.write() as uow:
            return signing_keys.rotate(uow, TOKEN_KEY, merchant_id, "root", "boss").id

    with ThreadPoolExecutor(4) as threads:
        made = set(threads.map(rotate, range(4)))
    with database.read() as uow:
        found = signing_keys.public_keys(uow, merchant_id, "root")
    assert sum(key.retired_at is None for key in found) == 1
    assert made <= {key.id for key in found}
    assert all(signing_keys.is_genuine(key, TOKEN_KEY) for key in found)


@pytest.mark.parametrize(
    "change",
    [
        {"id": "k000000000"},
        {"merchant_id": "mer_other"},
        {"purpose": "barcode"},
        {"public": bytes(32)},
        {"created_at": START + timedelta(microseconds=1)},
        {"retired_at": START},
        {"seal": bytes(64)},
    ],
)
def test_a_changed_row_is_told_from_a_genuine_one(
    database: Database, merchant_id: str, change: dict[str, object]
) -> None:
    with database.write() as uow:
        key = signing_keys.current_or_first(uow, TOKEN_KEY, merchant_id, "root")
    for known in (TOKEN_KEY, None):
        assert signing_keys.is_genuine(key, known)
        assert not signing_keys.is_genuine(replace(key, **change), known)


def test_a_key_that_was_made_elsewhere_is_told_by_whoever_has_the_token_key(
    database: Database, merchant_id: str
) -> None:
    with database.write() as uow:
        forged = signing_keys.current_or_first(uow, b"the forger's own", merchant_id, "root")
    assert signing_keys.is_genuine(forged, None)
    assert not signing_keys.is_genuine(forged, TOKEN_KEY)
