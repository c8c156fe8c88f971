"""API keys: who they let in, and for how long."""

import hashlib
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select

from passes.audit.models import AuditEntry
from passes.clock import FixedClock
from passes.db.engine import Database, UnitOfWork
from passes.db.prepared import Prepared, Values
from passes.errors import NotFound
from passes.merchants import keys
from passes.merchants.access import Caller
from passes.merchants.models import ApiKey
from passes.merchants.rules import KeyDraft
from tests.factories.merchants import a_location, a_merchant

TILL = KeyDraft(scopes=("till", "read"))


def test_a_key_lets_its_holder_in_as_its_merchant(database: Database) -> None:
    with database.write() as uow:
        merchant = a_merchant(uow)
        shop = a_location(uow, merchant)
        free = keys.create_key(uow, merchant.id, TILL, "cli")
        bound = keys.create_key(uow, merchant.id, KeyDraft(scopes=("till",), location_id=shop.id), "cli")
    with database.read() as uow:
        assert keys.authenticate(uow, free.key) == Caller(merchant.id, free.id, frozenset({"till", "read"}))
        assert keys.authenticate(uow, bound.key) == Caller(
            merchant.id, bound.id, frozenset({"till"}), shop.id
        )


def test_only_the_exact_key_is_the_key(database: Database) -> None:
    with database.write() as uow:
        new = keys.create_key(uow, a_merchant(uow).id, TILL, "cli")
        view = keys.find_key(uow, new.id)
        for wrong in (
            "",
            new.key[:-1],
            new.key.swapcase(),
            new.key + " ",
            view.hint,
            new.id,
            "\udcff",
            "ä" * 9999,
        ):
            assert keys.authenticate(uow, wrong) is None


def test_the_database_holds_nothing_a_thief_could_present(database: Database) -> None:
    with database.write() as uow:
        new = keys.create_key(uow, a_merchant(uow).id, TILL, "cli")
        row = uow.conn.execute(select(ApiKey.__table__)).one()
        noted = uow.conn.execute(select(AuditEntry.details)).scalars().all()
    assert row.secret_hash == hashlib.sha256(new.key.encode()).digest()
    assert new.key.startswith(row.hint)
    assert len(new.key) - len(row.hint) > 43
    assert new.key[len(row.hint) :] not in str(noted)
    assert new.key not in repr(new)


def test_a_revoked_key_lets_nobody_in_any_more(database: Database, clock: FixedClock) -> None:
    with database.write() as uow:
        merchant = a_merchant(uow)
        gone, kept = (keys.create_key(uow, merchant.id, TILL, "cli") for _ in range(2))
        first = keys.revoke_key(uow, merchant.id, gone.id, "cli")
    clock.at += timedelta(days=1)
    with database.write() as uow:
        again = keys.revoke_key(uow, merchant.id, gone.id, "cli")
        assert keys.authenticate(uow, gone.key) is None
        assert keys.authenticate(uow, kept.key) is not None
        revocations = select(AuditEntry).where(AuditEntry.action == "merchants.revoke_key")
        assert len(uow.conn.execute(revocations).all()) == 1
    assert first == again
    assert first.revoked_at == clock.at - timedelta(days=1)


def test_no_merchant_sees_or_revokes_anothers_key(database: Database) -> None:
    with database.write() as uow:
        mine, other = a_merchant(uow, "mine"), a_merchant(uow, "other")
        new = keys.create_key(uow, mine.id, TILL, "cli")
        assert [k.id for k in keys.keys(uow, mine.id)] == [new.id]
        assert keys.keys(uow, other.id) == []
        with pytest.raises(NotFound):
            keys.revoke_key(uow, other.id, new.id, "cli")
        assert keys.authenticate(uow, new.key) is not None


def test_a_key_cannot_be_bound_to_another_merchants_location(database: Database) -> None:
    with database.write() as uow:
        mine, other = a_merchant(uow, "mine"), a_merchant(uow, "other")
        theirs = a_location(uow, other)
        with pytest.raises(NotFound):
            keys.create_key(uow, mine.id, KeyDraft(scopes=("till",), location_id=theirs.id), "cli")
        with pytest.raises(NotFound):
            keys.create_key(uow, "mer_nobody", TILL, "cli")
        with pytest.raises(NotFound):
            keys.find_key(uow, "key_nobody")


def test_an_unknown_key_costs_what_a_known_one_costs(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    statements: list[object] = []
    look_up = Prepared.first

    def noted(statement: Prepared, uow: UnitOfWork, values: Values) -> Any:
        statements.append(statement)
        return look_up(statement, uow, values)

    monkeypatch.setattr(Prepared, "first", noted)
    with database.write() as uow:
        new = keys.create_key(uow, a_merchant(uow).id, TILL, "cli")
        event.listen(uow.conn, "before_cursor_execute", lambda *args: statements.append(args[2]))
        known = keys.authenticate(uow, new.key)
        unknown = keys.authenticate(uow, "no key at all")
    assert known is not None
    assert unknown is None
    assert len(statements) == 2
    assert statements[0] == statements[1]


def test_keys_are_256_random_bits_with_a_checksum() -> None:
    made = {keys.new_secret() for _ in range(200)}
    assert len(made) == 200
    assert all(keys.is_well_formed(key) for key in made)
    assert {len(key) for key in made} == {len("sk_stempel_") + 43 + 6}
    assert 62**43 > 2**256


def test_a_slip_of_the_fingers_is_no_well_formed_key() -> None:
    key = keys.new_secret()
    for position in range(len(key)):
        other = "b" if key[position] == "a" else "a"
        assert not keys.is_well_formed(key[:position] + other + key[position + 1 :])
    assert not keys.is_well_formed(key + "\n")
    assert not keys.is_well_formed("")
