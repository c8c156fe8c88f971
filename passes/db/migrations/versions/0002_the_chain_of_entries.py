"""Entries chained by hash, and the signed roots over their heads

The entries there are get their links here, a batch at a time and with their guards lifted. Meanwhile, and
from then on, a process of the version before can book nothing: it knows of no links, and an entry without
one would break its card's chain for good.
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

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_GENESIS = bytes(32)
_ENTRIES_AT_ONCE = 2_000
_ENTRY_FIELDS = (
    "id",
    "merchant_id",
    "card_id",
    "card_version",
    "type",
    "asset",
    "amount",
    "balance_asset",
    "delta",
    "balance_after",
    "rewards_after",
    "undoes",
    "reference",
    "note",
    "location_id",
    "actor",
    "details",
    "created_at",
)
_TYPES: dict[str, Any] = {
    "details": JsonColumn,
    "created_at": UtcDateTime(),
    "expires_at": UtcDateTime(),
    "fingerprint": sa.LargeBinary(),
    "body": sa.LargeBinary(),
    "seal": sa.LargeBinary(),
}
_HOLD_FIELDS = (
    "id",
    "merchant_id",
    "card_id",
    "asset",
    "amount",
    "captured",
    "status",
    "expires_at",
    "transaction_id",
    "reference",
    "note",
    "location_id",
    "actor",
    "created_at",
    "seal",
)
_KEY_FIELDS = ("merchant_id", "key", "fingerprint", "status", "body", "created_at", "seal")
_HOLDS = sa.table("holds", *(sa.column(name, _TYPES.get(name)) for name in _HOLD_FIELDS))
_KEYS = sa.table("answered_keys", *(sa.column(name, _TYPES.get(name)) for name in _KEY_FIELDS))
_ENTRIES = sa.table(
    "transactions",
    *(sa.column(name, _TYPES.get(name)) for name in _ENTRY_FIELDS),
    sa.column("chain", sa.LargeBinary()),
)
_POSTED = ("position", "source", "destination", "asset", "amount")
_POSTINGS = sa.table("postings", sa.column("transaction_id"), *(sa.column(name) for name in _POSTED))
_CARDS = sa.table("cards", sa.column("id"), sa.column("chain_head", sa.LargeBinary()))


_GUARDED = ("transactions", "answered_keys")
_NEW_COLUMNS = (
    ("transactions", "chain"),
    ("cards", "chain_head"),
    ("holds", "seal"),
    ("answered_keys", "seal"),
)


def upgrade() -> None:
    for table, column in _NEW_COLUMNS:
        op.add_column(
            table,
            sa.Column(column, sa.LargeBinary(length=32), nullable=False, server_default=_zeros()),
        )
    _lift_guards()
    _chain_entries(op.get_bind())
    _seal(op.get_bind(), _HOLDS, ("id",))
    _seal(op.get_bind(), _KEYS, ("merchant_id", "key"))
    _put_guards_back()
    if _dialect() == "postgresql":
        # SQLite cannot drop a default; there the proof of the books tells of a row without its hash.
        for table, column in _NEW_COLUMNS:
            op.alter_column(table, column, server_default=None)
    _create_keys()
    _create_roots()


def downgrade() -> None:
    for table in ("root_leaves", "roots", "ed25519_keys"):
        op.drop_table(table)
    for table, column in reversed(_NEW_COLUMNS):
        op.drop_column(table, column)


def _create_keys() -> None:
    op.create_table(
        "ed25519_keys",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("merchant_id", sa.String(length=40), nullable=False),
        sa.Column("purpose", sa.String(length=8), nullable=False),
        sa.Column("public", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("retired_at", UtcDateTime(), nullable=True),
        sa.Column("seal", sa.LargeBinary(length=64), nullable=False),
        sa.CheckConstraint("purpose IN ('root', 'barcode')", name=op.f("ck_ed25519_keys_purpose")),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchants.id"], name=op.f("fk_ed25519_keys_merchant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ed25519_keys")),
    )
    op.create_index(
        "uq_ed25519_keys_current",
        "ed25519_keys",
        ["merchant_id", "purpose"],
        unique=True,
        postgresql_where=sa.text("retired_at IS NULL"),
        sqlite_where=sa.text("retired_at IS NULL"),
    )


def _create_roots() -> None:
    op.create_table(
        "roots",
        sa.Column("merchant_id", sa.String(length=40), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("previous", sa.LargeBinary(length=32), nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("leaves", sa.Integer(), nullable=False),
        sa.Column("transactions", sa.BigInteger(), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("signature", sa.LargeBinary(length=64), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchants.id"], name=op.f("fk_roots_merchant_id")),
        sa.ForeignKeyConstraint(["key_id"], ["ed25519_keys.id"], name=op.f("fk_roots_key_id")),
        sa.PrimaryKeyConstraint("merchant_id", "sequence", name=op.f("pk_roots")),
        sa.UniqueConstraint("merchant_id", "day", name=op.f("uq_roots_merchant_id_day")),
    )
    op.create_table(
        "root_leaves",
        sa.Column("merchant_id", sa.String(length=40), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("card_id", sa.String(length=40), nullable=False),
        sa.Column("card_version", sa.Integer(), nullable=False),
        sa.Column("head", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["card_id", "card_version"],
            ["transactions.card_id", "transactions.card_version"],
            name=op.f("fk_root_leaves_card_id_card_version"),
        ),
        sa.PrimaryKeyConstraint("merchant_id", "sequence", "card_id", name=op.f("pk_root_leaves")),
        sa.UniqueConstraint("card_id", "card_version", name=op.f("uq_root_leaves_card_id_card_version")),
    )
    for table in ("roots", "root_leaves"):
        for statement in append_only(_dialect(), table):
            op.execute(statement)


def _dialect() -> str:
    return op.get_context().dialect.name


def _zeros() -> sa.TextClause:
    zeros = _GENESIS.hex()
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


def _chain_entries(conn: sa.Connection) -> None:
    heads: dict[str, bytes] = {}
    for batch in _batches(conn):
        postings = _postings(conn, [entry.id for entry in batch])
        links = []
        for entry in batch:
            previous = heads.get(entry.card_id, _GENESIS)
            link = hashlib.sha256(previous + _canonical(entry, postings.get(entry.id, []))).digest()
            heads[entry.card_id] = link
            links.append({"wanted": entry.id, "link": link})
        statement = sa.update(_ENTRIES).where(_ENTRIES.c.id == sa.bindparam("wanted"))
        conn.execute(statement.values(chain=sa.bindparam("link")), links)
        _write_heads(conn, heads)
        heads = {batch[-1].card_id: heads[batch[-1].card_id]}


def _batches(conn: sa.Connection) -> Iterator[Sequence[sa.Row[Any]]]:
    place = sa.tuple_(_ENTRIES.c.card_id, _ENTRIES.c.card_version)
    query = sa.select(*(_ENTRIES.c[name] for name in _ENTRY_FIELDS)).order_by(
        _ENTRIES.c.card_id, _ENTRIES.c.card_version
    )
    last = ("", 0)
    while batch := conn.execute(query.where(place > last).limit(_ENTRIES_AT_ONCE)).all():
        yield batch
        last = (batch[-1].card_id, batch[-1].card_version)


def _postings(conn: sa.Connection, entries: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    query = sa.select(_POSTINGS).where(_POSTINGS.c.transaction_id.in_(entries)).order_by(_POSTINGS.c.position)
    for row in conn.execute(query):
        found.setdefault(row.transaction_id, []).append({name: getattr(row, name) for name in _POSTED})
    return found


def _write_heads(conn: sa.Connection, heads: dict[str, bytes]) -> None:
    statement = sa.update(_CARDS).where(_CARDS.c.id == sa.bindparam("wanted"))
    rows = [{"wanted": card_id, "head": head} for card_id, head in heads.items()]
    conn.execute(statement.values(chain_head=sa.bindparam("head")), rows)


def _seal(conn: sa.Connection, table: sa.TableClause, key: tuple[str, ...]) -> None:
    """Hash every row of `table` but its body and seal, then the body; as `passes.ledger.seals` does."""
    place = sa.tuple_(*(table.c[name] for name in key))
    query = sa.select(table).order_by(*(table.c[name] for name in key)).limit(_ENTRIES_AT_ONCE)
    mine = [table.c[name] == sa.bindparam(f"wanted_{name}") for name in key]
    statement = sa.update(table).where(*mine).values(seal=sa.bindparam("made"))
    last = ("",) * len(key)
    while batch := conn.execute(query.where(place > last)).mappings().all():
        rows = []
        for row in batch:
            said = {name: _plain(value) for name, value in row.items() if value is not None}
            del said["seal"]
            body = b"\0" + row["body"] if said.pop("body", None) is not None else b""
            made = hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS) + body).digest()
            rows.append({f"wanted_{name}": row[name] for name in key} | {"made": made})
        conn.execute(statement, rows)
        last = tuple(batch[-1][name] for name in key)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return _instant(value)
    return value.hex() if isinstance(value, bytes) else value


def _canonical(entry: sa.Row[Any], postings: Sequence[dict[str, Any]]) -> bytes:
    said = {name: value for name in _ENTRY_FIELDS if (value := getattr(entry, name)) is not None}
    said["created_at"] = _instant(entry.created_at)
    return orjson.dumps(said | {"postings": postings}, option=orjson.OPT_SORT_KEYS)


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
