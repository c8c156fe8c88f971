"""Seals on what stands beside the books: reversals, lots, baskets and their refunds

What is there is sealed here as it stands, a batch at a time and with its guards lifted. The version before
knows of no seals: what it would still write meanwhile has none, and the proof of the books tells of it.
"""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson
import sqlalchemy as sa
from alembic import op

from passes.db.base import JsonColumn, UtcDateTime
from passes.db.guards import append_only

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_ROWS_AT_ONCE = 1_000
_GUARDED = ("tombstones", "reversed_references", "baskets", "basket_refunds")
_TYPES: dict[str, Any] = {
    "created_at": UtcDateTime(),
    "expires_at": UtcDateTime(),
    "problem": JsonColumn,
    "seal": sa.LargeBinary(),
}
_SAID = ("reference", "note", "location_id", "actor", "created_at")


def _table(name: str, *columns: str) -> sa.TableClause:
    return sa.table(name, *(sa.column(column, _TYPES.get(column)) for column in columns))


_TOMBSTONES = _table("tombstones", "merchant_id", "kind", "name", "created_at", "seal")
_RECEIPTS = _table(
    "reversed_references", "id", "merchant_id", "reference", "location_id", "created_at", "seal"
)
_LOTS = _table("lots", "transaction_id", "expires_at", "amount", "remaining", "lapsed", "seal")
_SUMS = ("mode", "asset", "order_total", "discount", "paid", "remaining_due")
_BASKETS = _table("baskets", "id", "merchant_id", *_SUMS, *_SAID, "seal")
_LINES = _table("basket_lines", "basket_id", "position", "card_id", "transaction_id", "problem")
_REFUNDS = _table("basket_refunds", "id", "merchant_id", "basket_id", *_SAID, "seal")
_REFUND_LINES = _table("basket_refund_lines", "refund_id", "position", "transaction_id")
_SEALED = (_TOMBSTONES, _RECEIPTS, _LOTS, _BASKETS, _REFUNDS)


def upgrade() -> None:
    for table in _SEALED:
        column = sa.Column("seal", sa.LargeBinary(length=32), nullable=False, server_default=_zeros())
        op.add_column(table.name, column)
    _lift_guards()
    _seal(_TOMBSTONES, ("merchant_id", "kind", "name"))
    _seal(_RECEIPTS, ("id",))
    _seal(_LOTS, ("transaction_id", "expires_at"))
    _seal(_BASKETS, ("id",), _LINES, "basket_id")
    _seal(_REFUNDS, ("id",), _REFUND_LINES, "refund_id")
    _put_guards_back()
    if _dialect() == "postgresql":
        # SQLite cannot drop a default; there the proof of the books tells of a row without its seal.
        for table in _SEALED:
            op.alter_column(table.name, "seal", server_default=None)


def downgrade() -> None:
    for table in reversed(_SEALED):
        op.drop_column(table.name, "seal")


def _dialect() -> str:
    return op.get_context().dialect.name


def _zeros() -> sa.TextClause:
    zeros = bytes(32).hex()
    return sa.text(f"X'{zeros}'" if _dialect() == "sqlite" else f"'\\x{zeros}'::bytea")


def _lift_guards() -> None:
    for table in _GUARDED:
        of_table = "" if _dialect() == "sqlite" else f" ON {table}"
        for verb in ("update", "delete"):
            op.execute(f"DROP TRIGGER {table}_no_{verb}{of_table}")


def _put_guards_back() -> None:
    for table in _GUARDED:
        for statement in append_only(_dialect(), table):
            op.execute(statement)


def _seal(
    table: sa.TableClause, key: tuple[str, ...], lines: sa.TableClause | None = None, naming: str = ""
) -> None:
    """Hash every row but its seal, where it has lines with them; as `passes.ledger.seals` does."""
    conn = op.get_bind()
    mine = [table.c[name] == sa.bindparam(f"wanted_{name}") for name in key]
    statement = sa.update(table).where(*mine).values(seal=sa.bindparam("made"))
    for batch in _batches(conn, table, key):
        of_head = {} if lines is None else _lines(conn, lines, naming, [row["id"] for row in batch])
        rows = []
        for row in batch:
            said = _plain(row)
            del said["seal"]
            if lines is not None:
                said["lines"] = of_head.get(row["id"], [])
            made = hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).digest()
            rows.append({f"wanted_{name}": row[name] for name in key} | {"made": made})
        conn.execute(statement, rows)


def _batches(
    conn: sa.Connection, table: sa.TableClause, key: tuple[str, ...]
) -> Iterator[Sequence[sa.RowMapping]]:
    columns = [table.c[name] for name in key]
    query = sa.select(table).order_by(*columns).limit(_ROWS_AT_ONCE)
    batch = conn.execute(query).mappings().all()
    while batch:
        yield batch
        last = [sa.literal(batch[-1][name], table.c[name].type) for name in key]
        batch = conn.execute(query.where(sa.tuple_(*columns) > sa.tuple_(*last))).mappings().all()


def _lines(
    conn: sa.Connection, lines: sa.TableClause, naming: str, heads: Sequence[str]
) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    query = sa.select(lines).where(lines.c[naming].in_(heads)).order_by(lines.c.position)
    for line in conn.execute(query).mappings():
        found.setdefault(line[naming], []).append(_plain(line))
    return found


def _plain(row: sa.RowMapping) -> dict[str, Any]:
    return {name: _stated(value) for name, value in row.items() if value is not None}


def _stated(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    return value.hex() if isinstance(value, bytes) else value
