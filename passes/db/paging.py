"""Walking a long list: newest first by (created_at, id), each row exactly once.

The cursor is the last row seen, so rows that arrive during the walk (they are newer) cannot shift a page.
"""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import Row, Select, and_, or_
from sqlalchemy.orm import InstrumentedAttribute

from passes.clock import format_rfc3339, parse_rfc3339
from passes.errors import FieldError

DEFAULT_LIMIT = 50
MAX_LIMIT = 200

T = TypeVar("T")
S = TypeVar("S", bound=Select[Any])


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list; `next_cursor` is None on the last one."""

    items: Sequence[T]
    next_cursor: str | None


def encode_cursor(created_at: datetime, row_id: str) -> str:
    """An opaque cursor that stands after the row made at `created_at` with `row_id`."""
    return base64.urlsafe_b64encode(f"{format_rfc3339(created_at)}|{row_id}".encode()).decode().rstrip("=")


def decode_cursor(cursor: str) -> tuple[datetime, str]:
    """What `encode_cursor` was given; `FieldError` naming `cursor` for anything else."""
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
        at, _, row_id = text.partition("|")
        if not row_id.isascii() or not row_id.isprintable():
            raise ValueError("not an id")
        return parse_rfc3339(at), row_id
    except (ValueError, binascii.Error, UnicodeError):
        raise FieldError("cursor", "is not a cursor of this list; start again without one") from None


def after_cursor(
    cursor: str | None, created_at: InstrumentedAttribute[datetime], row_id: InstrumentedAttribute[str]
) -> list[Any]:
    """The WHERE conditions that continue behind `cursor`; none without one."""
    if cursor is None:
        return []
    at, last_id = decode_cursor(cursor)
    return [or_(created_at < at, and_(created_at == at, row_id < last_id))]


def newest_first(
    query: S, created_at: InstrumentedAttribute[datetime], row_id: InstrumentedAttribute[str], limit: int
) -> S:
    """`query` in list order with one row more than `limit`, so that the page knows whether it is the last."""
    return query.order_by(created_at.desc(), row_id.desc()).limit(limit + 1)


def as_page(rows: Sequence[Row[Any]] | Sequence[Any], limit: int) -> Page[Any]:
    """The page out of up to `limit + 1` rows, each with `created_at` and `id`."""
    if len(rows) <= limit:
        return Page(rows, None)
    last = rows[limit - 1]
    return Page(rows[:limit], encode_cursor(last.created_at, last.id))
