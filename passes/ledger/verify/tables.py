"""The tables of rooms the ledger must not know, as far as the proof has to read them."""

from typing import Any

from sqlalchemy import BigInteger, ColumnClause, Integer, LargeBinary, SmallInteger, String, column, table

from passes.db.base import JsonColumn, UtcDateTime

CARDS = table(
    "cards",
    column("id", String),
    column("merchant_id", String),
    column("program_id", String),
    column("state", String),
    column("version", Integer),
    column("collected", BigInteger),
    column("chain_head", LargeBinary),
    column("lots_due_at", UtcDateTime),
)
PROGRAMS = table(
    "programs",
    column("id", String),
    column("merchant_id", String),
    column("kind", String),
    column("currency", String),
)


def _when_and_where() -> list[ColumnClause[Any]]:
    said = [column(name, String) for name in ("reference", "note", "location_id", "actor")]
    return [*said, column("created_at", UtcDateTime())]


BASKETS = table(
    "baskets",
    *(column(name, String) for name in ("id", "merchant_id", "mode", "asset")),
    *(column(name, BigInteger) for name in ("order_total", "discount", "paid", "remaining_due")),
    *_when_and_where(),
    column("seal", LargeBinary),
)
BASKET_LINES = table(
    "basket_lines",
    column("basket_id", String),
    column("position", SmallInteger),
    column("card_id", String),
    column("transaction_id", String),
    column("problem", JsonColumn),
)
BASKET_REFUNDS = table(
    "basket_refunds",
    *(column(name, String) for name in ("id", "merchant_id", "basket_id")),
    *_when_and_where(),
    column("seal", LargeBinary),
)
BASKET_REFUND_LINES = table(
    "basket_refund_lines",
    column("refund_id", String),
    column("position", SmallInteger),
    column("transaction_id", String),
)
