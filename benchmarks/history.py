"""Years of business in a minute: transactions of cards nobody uses now, written straight into the tables.

They are copies of one the service made, under ids, keys and versions of their own, so that the tables, their
indexes and everything that looks things up in them are as large as after so many transactions. What the books
would say of those cards is not true; nobody asks.
"""

from typing import Any

from sqlalchemy import (
    Connection,
    Integer,
    String,
    cast,
    func,
    insert,
    literal,
    select,
    text,
    true,
)

from passes.cards.models import Card
from passes.db.engine import Database
from passes.ledger.models import AnsweredKey, Posting, Transaction
from passes.ledger.rules import BALANCE

USED_UP = "used up"
"""The receipt of the cards whose history it is to be."""

AT_ONCE = 250_000
_TRIGGER = "postings_move_balances"
_FIRST_ID, _FIRST_VERSION = 10**9, 10**6


def fill(database: Database, transactions: int) -> None:
    """Add `transactions` to the books of the cards issued under the receipt `USED_UP`."""
    for first in range(0, transactions, AT_ONCE):
        with database.engine.begin() as conn:
            _fill(conn, first, min(first + AT_ONCE, transactions) - 1)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(text("ANALYZE" if database.is_sqlite else "VACUUM ANALYZE"))


def _fill(conn: Connection, first: int, last: int) -> None:
    cards = select(Card.id, (func.row_number().over(order_by=Card.id) - 1).label("place"))
    cards_used_up = cards.where(Card.reference == USED_UP).cte("cards_used_up")
    number = select(literal(first, Integer).label("n")).cte("number", recursive=True)
    number = number.union_all(select(number.c.n + 1).where(number.c.n < last))
    count = conn.scalar(select(func.count()).select_from(Card).where(Card.reference == USED_UP)) or 0
    name = cast(number.c.n + _FIRST_ID, String)
    mine = number.join(cards_used_up, cards_used_up.c.place == number.c.n % count)
    balance = cards_used_up.c.id + f".{BALANCE}.EUR"
    trigger = _without_trigger(conn)
    redeemed = select(Transaction.id).where(Transaction.type == "redeem")
    newest = redeemed.order_by(Transaction.id.desc()).limit(1).scalar_subquery()
    made: tuple[tuple[Any, Any, dict[str, Any]], ...] = (
        (
            Transaction,
            Transaction.id == newest,
            {
                "id": "txn_0" + name,
                "card_id": cards_used_up.c.id,
                "card_version": number.c.n // count + _FIRST_VERSION,
            },
        ),
        (Posting, Posting.transaction_id == newest, {"transaction_id": "txn_0" + name, "source": balance}),
        (AnsweredKey, AnsweredKey.status == 201, {"key": "key " + name}),
    )
    for model, which, changes in made:
        _copy(conn, model.__table__, which, changes, mine)
    if trigger is not None:
        conn.execute(text(trigger))


def _copy(conn: Connection, table: Any, which: Any, changes: dict[str, Any], numbered: Any) -> None:
    """Copy one row of `table` once for every number, with other values in some columns."""
    row = select(table).where(which).limit(1).subquery()
    values = {column.name: row.c[column.name] for column in table.columns} | changes
    rows = select(*values.values()).select_from(numbered.join(row, true()))
    conn.execute(insert(table).from_select(list(values), rows))


def _without_trigger(conn: Connection) -> str | None:
    """Keep copied postings from moving balances; returns what brings the trigger back, if it must be."""
    if conn.dialect.name == "postgresql":
        conn.execute(text("SET LOCAL session_replication_role = replica"))
        # It takes the cards for one row, and would look through all of them for every number.
        conn.execute(text("SET LOCAL enable_nestloop = off"))
        return None
    stored = conn.scalar(text("SELECT sql FROM sqlite_master WHERE name = :name"), {"name": _TRIGGER})
    conn.execute(text(f"DROP TRIGGER {_TRIGGER}"))
    return str(stored)
