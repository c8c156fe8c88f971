"""The tables of rooms the ledger must not know, as far as the proof has to read them."""

from sqlalchemy import BigInteger, Integer, LargeBinary, String, column, table

from passes.db.base import UtcDateTime

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
