"""Seals against rows: what stands beside the entries is as its use-case left it."""

from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import FromClause, RowMapping, TableClause, select

from passes.db.engine import UnitOfWork
from passes.ledger import seals
from passes.ledger.fifo import Lot
from passes.ledger.models import Hold, LotRow, ReversedReference, Tombstone
from passes.ledger.verify.faults import Faults
from passes.ledger.verify.tables import BASKET_LINES, BASKET_REFUND_LINES, BASKET_REFUNDS, BASKETS

ROWS_AT_ONCE = 1_000


def check(uow: UnitOfWork, faults: Faults) -> None:
    """Report every row that another hand has changed."""
    for model, sentence in (
        (Hold, "Hold {id} is not as it was left."),
        (Tombstone, "The reversal of {kind} {name} of merchant {merchant_id} is not as it was noted."),
        (ReversedReference, "The reversal of receipt {reference} ({id}) is not as it was noted."),
    ):
        for row in _rows(uow, model.__table__):
            if row["seal"] != seals.of_row(_without_seal(row)):
                faults.add(sentence.format(**row))
    for row in _rows(uow, LotRow.__table__):
        if row["seal"] != seals.of_lot(Lot(*(row[field.name] for field in fields(Lot)))):
            faults.add(f"Lot {row['transaction_id']} of card {row['card_id']} is not as it was left.")
    _check_lists(uow, BASKETS, BASKET_LINES, "basket_id", faults)
    _check_lists(uow, BASKET_REFUNDS, BASKET_REFUND_LINES, "refund_id", faults)


def _check_lists(
    uow: UnitOfWork, heads: TableClause, lines: TableClause, naming: str, faults: Faults
) -> None:
    for batch in _batches(uow, heads):
        mine = select(lines).where(lines.c[naming].in_([row["id"] for row in batch]))
        ordered = uow.conn.execute(mine.order_by(lines.c[naming], lines.c.position)).mappings().all()
        of_head: dict[str, list[dict[str, Any]]] = {row["id"]: [] for row in batch}
        for line in ordered:
            of_head[line[naming]].append(dict(line))
        for row in batch:
            if row["seal"] != seals.of_list(_without_seal(row), of_head[row["id"]]):
                faults.add(f"{row['id']} in {heads.name} is not, with its lines, as it was answered.")


def _rows(uow: UnitOfWork, table: FromClause) -> Iterator[RowMapping]:
    for batch in _batches(uow, table):
        yield from batch


def _batches(uow: UnitOfWork, table: FromClause) -> Iterator[Sequence[RowMapping]]:
    streaming = {"yield_per": ROWS_AT_ONCE}
    yield from uow.conn.execute(select(table), execution_options=streaming).mappings().partitions()


def _without_seal(row: RowMapping) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "seal"}
