"""When the next request to Google may leave, told to all processes together by one row per issuer.

The row holds the moment of the next free slot (the generic cell rate algorithm with a burst of one). Taking
a slot is one conditional write, so two processes never get the same; a pause stands beside it. Time is the
database's where there is a server, so that the clocks of several machines need not agree. What is written
here may be lost with the machine's power: it is about the seconds to come.
"""

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, case, cast, extract, func, literal, select, update

from passes.db.engine import UnitOfWork
from passes.db.upsert import insert_once
from passes.installs.models import GoogleIssuer

SECOND_US = 1_000_000
_MOST_STRIKES = 20


@dataclass(frozen=True, slots=True)
class Slot:
    """A request may leave in `wait_us`; `strikes` is how many pauses there were since the last success."""

    wait_us: int
    strikes: int


@dataclass(frozen=True, slots=True)
class NoSlot:
    """No request may leave before `retry_after_us`, for a `reason`; None where there are only too many."""

    retry_after_us: int
    reason: str | None


@dataclass(frozen=True, slots=True)
class IssuerState:
    """How an issuer stands: for how long it is paused and why, and since when its shops are refused."""

    paused_for_us: int
    pause_reason: str | None
    strikes: int
    shops_refused_at: datetime | None


def take_slot(uow: UnitOfWork, issuer_id: str, interval_us: int, patience_us: int) -> Slot | NoSlot:
    """The next slot, unless it is further away than `patience_us` or the issuer is paused."""
    now = _now_us(uow)
    earliest = case((GoogleIssuer.next_us > now, GoogleIssuer.next_us), else_=now)
    take = (
        update(GoogleIssuer)
        .where(
            GoogleIssuer.issuer_id == issuer_id,
            GoogleIssuer.paused_until_us <= now,
            GoogleIssuer.next_us <= now + patience_us,
        )
        .values(next_us=earliest + interval_us)
        .returning(GoogleIssuer.next_us - interval_us - now, GoogleIssuer.strikes)
    )
    taken = uow.conn.execute(take).one_or_none()
    if taken is not None:
        return Slot(max(0, taken[0]), taken[1])
    query = select(GoogleIssuer.paused_until_us - now, GoogleIssuer.next_us - now, GoogleIssuer.pause_reason)
    row = uow.conn.execute(query.where(GoogleIssuer.issuer_id == issuer_id)).one_or_none()
    if row is None:
        _begin(uow, issuer_id)
        return take_slot(uow, issuer_id, interval_us, patience_us)
    paused_us, busy_us, reason = row
    if paused_us <= 0 and busy_us <= patience_us:
        # Another process has begun it, or a pause has ended, since there was nothing to take.
        return take_slot(uow, issuer_id, interval_us, patience_us)
    return NoSlot(paused_us, reason) if paused_us > 0 else NoSlot(max(0, busy_us), None)


def pause(uow: UnitOfWork, issuer_id: str, base_us: int, cap_us: int, reason: str) -> int | None:
    """Keep every request back, each time twice as long until one succeeds, `cap_us` at most.

    Returns the strikes with this one; None, and nothing done, while a pause is running: requests that were
    on their way when it began say nothing new.
    """
    _begin(uow, issuer_id)
    mine = GoogleIssuer.issuer_id == issuer_id
    strikes = uow.conn.execute(select(GoogleIssuer.strikes).where(mine)).scalar_one()
    now = _now_us(uow)
    length_us = min(cap_us, base_us << min(strikes, _MOST_STRIKES))
    paused = (
        update(GoogleIssuer)
        .where(mine, GoogleIssuer.strikes == strikes, GoogleIssuer.paused_until_us <= now)
        .values(
            paused_until_us=now + length_us,
            strikes=min(strikes + 1, _MOST_STRIKES),
            pause_reason=reason[:200],
        )
    )
    return strikes + 1 if uow.conn.execute(paused).rowcount == 1 else None


def forgive(uow: UnitOfWork, issuer_id: str) -> None:
    """A request has succeeded after the last pause was over: the next one begins small again."""
    now = _now_us(uow)
    over = (GoogleIssuer.issuer_id == issuer_id, GoogleIssuer.paused_until_us <= now)
    uow.conn.execute(update(GoogleIssuer).where(*over).values(strikes=0, pause_reason=None))


def refuse_shops(uow: UnitOfWork, issuer_id: str, at: datetime) -> None:
    """Note that Google takes no shops from the issuer, since `at` (real time)."""
    _begin(uow, issuer_id)
    mine = GoogleIssuer.issuer_id == issuer_id
    uow.conn.execute(update(GoogleIssuer).where(mine).values(shops_refused_at=at))


def issuer_state(uow: UnitOfWork, issuer_id: str) -> IssuerState:
    """How the issuer stands now."""
    columns = (
        GoogleIssuer.paused_until_us - _now_us(uow),
        GoogleIssuer.pause_reason,
        GoogleIssuer.strikes,
        GoogleIssuer.shops_refused_at,
    )
    row = uow.conn.execute(select(*columns).where(GoogleIssuer.issuer_id == issuer_id)).one_or_none()
    return IssuerState(0, None, 0, None) if row is None else IssuerState(max(0, row[0]), *row[1:])


def _begin(uow: UnitOfWork, issuer_id: str) -> None:
    insert_once(
        uow,
        GoogleIssuer,
        {"issuer_id": issuer_id, "next_us": 0, "paused_until_us": 0, "strikes": 0},
    )


def _now_us(uow: UnitOfWork) -> ColumnElement[Any]:
    """Now, in unix microseconds: by the server's clock, or by ours where the database is a file."""
    if uow.dialect.name == "sqlite":
        return literal(time.time_ns() // 1000, BigInteger)
    return cast(extract("epoch", func.clock_timestamp()) * SECOND_US, BigInteger)
