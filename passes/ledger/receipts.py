"""A receipt as a till names it: whatever bears its number within a stretch of time, at one place or any."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_

from passes.db.base import Base


@dataclass(frozen=True, slots=True)
class Receipt:
    """A merchant's receipt `reference`, from `since` to `until`, at a location or (None) everywhere."""

    merchant_id: str
    reference: str
    since: datetime
    until: datetime
    location_id: str | None

    def borne_by(self, table: type[Base]) -> ColumnElement[bool]:
        """In SQL, which rows of a table with the usual columns bear it."""
        column = table.__table__.c
        borne = and_(
            column.merchant_id == self.merchant_id,
            column.reference == self.reference,
            column.created_at.between(self.since, self.until),
        )
        return borne if self.location_id is None else and_(borne, column.location_id == self.location_id)
