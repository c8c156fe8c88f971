"""The database refuses what must never be in the books, whatever the code above does.

Every attack is played twice: it is refused, and it goes through once the one guard that stands against it
has been taken away. So no attack is refused by accident, and no guard is there for nothing.
"""

from dataclasses import dataclass

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from passes.db.engine import Database
from passes.ledger.models import Account, AnsweredKey
from tests.db.rows import add, add_books, add_merchant, add_transaction, post
from tests.fixtures.databases import START

_NOW = "'2026-03-02 09:00:00'"
_POSTING = "INSERT INTO postings (transaction_id, position, source, destination, asset, amount) VALUES "


@dataclass(frozen=True)
class Attack:
    """A statement, and the guard against it as (table, constraint or trigger)."""

    name: str
    statement: str
    table: str
    guard: str


ATTACKS = [
    Attack(
        "a posting that overdraws a card",
        _POSTING + "('txn_1', 1, 'card_1:EUR', 'house:EUR', 'EUR', 501)",
        "accounts",
        "ck_accounts_balance_not_negative",
    ),
    Attack(
        "a balance set below zero by hand",
        "UPDATE accounts SET balance = -1 WHERE id = 'card_1:EUR'",
        "accounts",
        "ck_accounts_balance_not_negative",
    ),
    Attack(
        "more held than there is",
        "UPDATE accounts SET held = 501 WHERE id = 'card_1:EUR'",
        "accounts",
        "ck_accounts_held_stays_covered",
    ),
    Attack(
        "less than nothing held",
        "UPDATE accounts SET held = -1 WHERE id = 'card_1:EUR'",
        "accounts",
        "ck_accounts_held_stays_covered",
    ),
    Attack(
        "an account of a card without a balance",
        "UPDATE accounts SET balance = NULL WHERE id = 'card_1:EUR'",
        "accounts",
        "ck_accounts_cards_have_balances",
    ),
    Attack(
        "a posting from an account that does not exist",
        _POSTING + "('txn_1', 1, 'nowhere:EUR', 'card_1:EUR', 'EUR', 1)",
        "postings",
        "fk_postings_source_asset",
    ),
    Attack(
        "a posting to an account that does not exist",
        _POSTING + "('txn_1', 1, 'card_1:EUR', 'nowhere:EUR', 'EUR', 1)",
        "postings",
        "fk_postings_destination_asset",
    ),
    Attack(
        "a posting of euros into an account of rewards",
        _POSTING + "('txn_1', 1, 'card_1:EUR', 'card_1:REWARD', 'EUR', 1)",
        "postings",
        "fk_postings_destination_asset",
    ),
    Attack(
        "a posting of rewards out of an account of euros",
        _POSTING + "('txn_1', 1, 'card_1:EUR', 'card_1:REWARD', 'REWARD', 1)",
        "postings",
        "fk_postings_source_asset",
    ),
    Attack(
        "a posting from an account to itself",
        _POSTING + "('txn_1', 1, 'card_1:EUR', 'card_1:EUR', 'EUR', 1)",
        "postings",
        "ck_postings_two_sides",
    ),
    Attack(
        "a posting of nothing",
        _POSTING + "('txn_1', 1, 'house:EUR', 'card_1:EUR', 'EUR', 0)",
        "postings",
        "ck_postings_amount_positive",
    ),
    Attack(
        "a posting of less than nothing",
        _POSTING + "('txn_1', 1, 'house:EUR', 'card_1:EUR', 'EUR', -1)",
        "postings",
        "ck_postings_amount_positive",
    ),
    Attack(
        "a posting without its transaction",
        _POSTING + "('txn_2', 0, 'house:EUR', 'card_1:EUR', 'EUR', 1)",
        "postings",
        "fk_postings_transaction_id",
    ),
    Attack(
        "a card of one merchant in another's program",
        "UPDATE cards SET program_id = 'prog_other' WHERE id = 'card_1'",
        "cards",
        "fk_cards_merchant_id_program_id",
    ),
    Attack(
        "a card of one merchant with another's member",
        "UPDATE cards SET member_id = 'mem_other' WHERE id = 'card_1'",
        "cards",
        "fk_cards_merchant_id_member_id",
    ),
    Attack(
        "a card with another merchant's name on it",
        "UPDATE cards SET merchant_id = 'mer_other' WHERE id = 'card_1'",
        "cards",
        "fk_cards_merchant_id_program_id",
    ),
    Attack(
        "a consent given to one merchant by another's member",
        "INSERT INTO consents (merchant_id, member_id, purpose, channel, granted, wording, source, at) "
        f"VALUES ('mer_one', 'mem_other', 'marketing', 'email', true, 'yes', 'test', {_NOW})",
        "consents",
        "fk_consents_merchant_id_member_id",
    ),
    Attack(
        "a key of one merchant bound to another's shop",
        "INSERT INTO api_keys (id, merchant_id, secret_hash, hint, scopes, location_id, created_at) "
        f"VALUES ('key_1', 'mer_one', '1', 'sk', '[]', 'loc_other', {_NOW})",
        "api_keys",
        "fk_api_keys_merchant_id_location_id",
    ),
    Attack(
        "more undone than was done",
        "INSERT INTO undoings (transaction_id, total, undone) VALUES ('txn_1', 500, 501)",
        "undoings",
        "ck_undoings_never_more_than_it_was",
    ),
    Attack(
        "a changed transaction",
        "UPDATE transactions SET amount = 1",
        "transactions",
        "transactions_no_update",
    ),
    Attack("a changed posting", "UPDATE postings SET amount = 1", "postings", "postings_no_update"),
    Attack(
        "a changed answer",
        "UPDATE answered_keys SET status = 200",
        "answered_keys",
        "answered_keys_no_update",
    ),
    Attack(
        "a changed audit entry", "UPDATE audit_log SET actor = 'nobody'", "audit_log", "audit_log_no_update"
    ),
    Attack(
        "a deleted transaction",
        "DELETE FROM transactions WHERE id = 'txn_empty'",
        "transactions",
        "transactions_no_delete",
    ),
    Attack("a deleted posting", "DELETE FROM postings", "postings", "postings_no_delete"),
    Attack("a forgotten key", "DELETE FROM answered_keys", "answered_keys", "answered_keys_no_delete"),
    Attack("a deleted audit entry", "DELETE FROM audit_log", "audit_log", "audit_log_no_delete"),
]

attacks = pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)


@pytest.fixture
def books(database: Database) -> Database:
    with database.write() as uow:
        add_merchant(uow, "one")
        add_merchant(uow, "other")
        add_books(uow, "one")
    return database


@attacks
def test_the_database_refuses(books: Database, attack: Attack) -> None:
    with pytest.raises(DBAPIError), books.write() as uow:
        uow.conn.execute(text(attack.statement))


@attacks
def test_without_its_guard_nothing_else_refuses(books: Database, attack: Attack) -> None:
    with books.engine.connect() as conn:
        raw = conn.connection.cursor()
        for statement in _removal(books, attack):
            raw.execute(statement)
        raw.execute(attack.statement)


def _removal(books: Database, attack: Attack) -> list[str]:
    if attack.guard.endswith(("_no_update", "_no_delete")):
        of_table = "" if books.is_sqlite else f" ON {attack.table}"
        return [f"DROP TRIGGER {attack.guard}{of_table}"]
    if books.is_sqlite:
        return [
            "PRAGMA foreign_keys = OFF"
            if attack.guard.startswith("fk")
            else "PRAGMA ignore_check_constraints = ON"
        ]
    return [f"ALTER TABLE {attack.table} DROP CONSTRAINT {attack.guard}"]


def test_a_key_is_answered_once_per_merchant(books: Database) -> None:
    answered = {"key": "once", "fingerprint": bytes(32), "status": 201, "body": b""}
    answered |= {"created_at": START, "seal": bytes(32)}
    with books.write() as uow:
        add(uow, AnsweredKey, merchant_id="mer_other", **answered)
    with pytest.raises(IntegrityError), books.write() as uow:
        add(uow, AnsweredKey, merchant_id="mer_one", **answered)


def test_a_version_of_a_card_has_one_transaction(books: Database) -> None:
    with pytest.raises(IntegrityError), books.write() as uow:
        add_transaction(uow, "one", "txn_second", card_version=1)


def test_a_posting_moves_both_balances_and_a_program_account_has_none(books: Database) -> None:
    with books.write() as uow:
        post(uow, "card_1:EUR", "house:EUR", 200)
        balances = {row.id: row.balance for row in uow.conn.execute(select(Account.id, Account.balance))}
    assert balances == {"card_1:EUR": 300, "card_1:REWARD": 0, "house:EUR": None}
