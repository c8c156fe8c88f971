"""Baskets against the books: their lines are what was taken, and add up to what the till was told."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import Executable, Row, and_, or_, select
from sqlalchemy.orm import aliased

from passes.clock import format_rfc3339
from passes.db.engine import UnitOfWork
from passes.ledger.models import Transaction
from passes.ledger.verify.faults import Faults
from passes.ledger.verify.tables import (
    BASKET_LINES,
    BASKET_REFUND_LINES,
    BASKET_REFUNDS,
    BASKETS,
)

ROWS_AT_ONCE = 1_000
_SAID_ALIKE = ("merchant_id", "reference", "note", "location_id", "actor", "created_at")

_AMOUNTS = ("order_total", "discount", "paid", "remaining_due")

_TAKEN = aliased(Transaction)

Json = dict[str, Any]
Told = tuple[str | None, str | None, str | None]
"""A line as it was told: its card, its transaction, the code it was refused with."""


def check(uow: UnitOfWork, faults: Faults) -> None:
    """Report every basket that its lines do not add up to, and every refund of what no basket took."""
    streaming = {"yield_per": ROWS_AT_ONCE}
    rows: Iterable[Row[Any]] = uow.conn.execute(_with_lines(), execution_options=streaming)
    for basket_id, lines in groupby(rows, key=lambda row: row.id):
        for fault in _faults_of(list(lines)):
            faults.add(f"Basket {basket_id} {fault}.")
    for query, sentence in (
        (_lines_of_nothing(), "Line {1} belongs to basket {0}, which does not exist."),
        (_wrong_refunds(), "Refund {0} of a basket gives line {1} back by {2}, which does not."),
    ):
        for row in uow.conn.execute(query, execution_options=streaming):
            faults.add(sentence.format(*row))


def _with_lines() -> Executable:
    names = [
        BASKET_LINES.c[name].label(f"line_{name}")
        for name in ("position", "card_id", "transaction_id", "problem")
    ]
    entry = [
        getattr(Transaction, name).label(f"entry_{name}")
        for name in ("type", "card_id", "asset", "amount", "details", *_SAID_ALIKE)
    ]
    return (
        select(BASKETS, *names, *entry)
        .outerjoin(BASKET_LINES, BASKET_LINES.c.basket_id == BASKETS.c.id)
        .outerjoin(Transaction, Transaction.id == BASKET_LINES.c.transaction_id)
        .order_by(BASKETS.c.id, BASKET_LINES.c.position)
    )


def _faults_of(lines: Sequence[Row[Any]]) -> Iterator[str]:
    basket = lines[0]
    if [line.line_position for line in lines] != list(range(len(lines))):
        yield "misses a line"
    used = [line.line_card_id for line in lines if line.line_card_id is not None]
    if len(used) != len(set(used)) and any(line.line_transaction_id for line in lines):
        yield "uses a card twice"
    discount = paid = 0
    for line in lines:
        if line.line_transaction_id is None:
            if basket.mode == "all":
                yield f"took all, but not line {line.line_position}"
            continue
        if line.entry_type != "redeem" or line.entry_card_id != line.line_card_id:
            yield f"says that line {line.line_position} was taken, which the books do not"
            continue
        different = [name for name in _SAID_ALIKE if getattr(line, f"entry_{name}") != getattr(line, name)]
        if different:
            yield f"has another {' and '.join(different)} than its line {line.line_position}"
        details = line.entry_details or {}
        discount += (details.get("discount") or {}).get("amount", 0)
        if line.entry_asset == basket.asset:
            paid += line.entry_amount + (details.get("overspend") or {}).get("amount", 0)
    said = (basket.discount, basket.paid, basket.remaining_due)
    found = (discount, paid, basket.order_total - discount - paid)
    if said != found:
        yield f"says discount, paid and due {said}, but its lines say {found}"


def _lines_of_nothing() -> Executable:
    return (
        select(BASKET_LINES.c.basket_id, BASKET_LINES.c.position)
        .outerjoin(BASKETS, BASKETS.c.id == BASKET_LINES.c.basket_id)
        .where(BASKETS.c.id.is_(None))
    )


def _wrong_refunds() -> Executable:
    """Lines given back by an entry that is no refund of what the basket's line took."""
    mine = and_(
        BASKET_LINES.c.basket_id == BASKET_REFUNDS.c.basket_id,
        BASKET_LINES.c.position == BASKET_REFUND_LINES.c.position,
    )
    back = aliased(Transaction)
    right = and_(
        back.undoes == BASKET_LINES.c.transaction_id,
        back.merchant_id == BASKET_REFUNDS.c.merchant_id,
        back.created_at == BASKET_REFUNDS.c.created_at,
    )
    given = BASKET_REFUND_LINES.c.transaction_id.is_not(None)
    return (
        select(
            BASKET_REFUND_LINES.c.refund_id,
            BASKET_REFUND_LINES.c.position,
            BASKET_REFUND_LINES.c.transaction_id,
        )
        .outerjoin(BASKET_REFUNDS, BASKET_REFUNDS.c.id == BASKET_REFUND_LINES.c.refund_id)
        .outerjoin(BASKET_LINES, mine)
        .outerjoin(_TAKEN, _TAKEN.id == BASKET_LINES.c.transaction_id)
        .outerjoin(back, back.id == BASKET_REFUND_LINES.c.transaction_id)
        .where(or_(_TAKEN.id.is_(None), and_(given, or_(back.id.is_(None), ~right))))
    )


def kept(uow: UnitOfWork, ids: Collection[str]) -> dict[tuple[str, str], Json]:
    """How baskets and their refunds must have been told, by merchant and id; of `ids` those that exist."""
    found: dict[tuple[str, str], Json] = {}
    results: dict[str, list[Told]] = {}
    lines = select(BASKET_LINES).where(BASKET_LINES.c.basket_id.in_(ids)).order_by(BASKET_LINES.c.position)
    for line in uow.conn.execute(lines):
        problem = (line.problem or {}).get("code")
        results.setdefault(line.basket_id, []).append((line.card_id, line.transaction_id, problem))
    for basket in uow.conn.execute(select(BASKETS).where(BASKETS.c.id.in_(ids))):
        told = {name: {"amount": getattr(basket, name), "asset": basket.asset} for name in _AMOUNTS}
        found[basket.merchant_id, basket.id] = {
            **told,
            **_said(basket, "mode"),
            "results": results.get(basket.id, []),
        }
    for made in uow.conn.execute(select(BASKET_REFUNDS).where(BASKET_REFUNDS.c.id.in_(ids))):
        found[made.merchant_id, made.id] = _said(made, "basket_id")
    return found


def _said(row: Row[Any], own: str) -> Json:
    said = {name: getattr(row, name) for name in (own, "reference", "location_id", "note")}
    return {**said, "created_at": format_rfc3339(row.created_at)}


def difference(told: Json, kept_as: Json | None) -> str | None:
    """What an answer says otherwise than it is kept, in words; None where both agree."""
    name = told["id"]
    if kept_as is None:
        return f"basket {name}, which does not exist"
    results = [_told_line(line) for line in told.get("results") or ()]
    said = {**told, "results": results}
    wrong = sorted(field for field, value in kept_as.items() if said.get(field) != value)
    return f"another {' and '.join(wrong)} than basket {name} has" if wrong else None


def _told_line(line: Json) -> Told:
    transaction, problem = line.get("transaction") or {}, line.get("problem") or {}
    return line.get("card_id"), transaction.get("id"), problem.get("code")
