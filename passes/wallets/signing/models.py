"""What was last seen and said of each signing identity."""

from datetime import datetime

from sqlalchemy import ForeignKey, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from passes.db.base import Base, UtcDateTime


class SigningWatch(Base):
    """One pass type of a merchant: which certificate serves it, how it stood, and the last warning given.

    The keys themselves lie in files, which every process looks at; this only keeps each step from being
    announced twice. `seen_at` is real time.
    """

    __tablename__ = "signing_watches"

    merchant_id: Mapped[str] = mapped_column(ForeignKey("merchants.id"), primary_key=True)
    pass_type: Mapped[str] = mapped_column(String(255), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(20))
    step: Mapped[int | None] = mapped_column(SmallInteger)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
