"""Debts of time: how wrong guesses are counted, slowed and locked out in the database.

A wrong guess costs its name a stretch of time, which runs off by itself: a name that may guess wrong twenty
times an hour owes three minutes for each. Half an hour of debt slows a name down, more than an hour locks it
out. So there is one small row per name, one statement counts a guess exactly however many guess at once, and
nothing has to be reset. All of it on real time: a clock set for an experiment opens no lock.
"""

import math
import time
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, bindparam, case, delete, select

from passes.db.engine import UnitOfWork
from passes.db.prepared import Prepared
from passes.db.upsert import insert_for, insert_once
from passes.limits.models import GuessDebt

HOUR_MS = 3_600_000
SLOW_FROM_MS = HOUR_MS // 2
SLOW_MS = 2_000
LOCKED_MS = 15 * 60_000
"""From half an hour of debt a wrong guess closes a name for two seconds, above an hour for 15 minutes."""

_AT_ONCE = 4
_READ = Prepared(
    select(GuessDebt.name, GuessDebt.debt_until_ms, GuessDebt.closed_until_ms).where(
        GuessDebt.name.in_([bindparam(f"name_{i}") for i in range(_AT_ONCE)])
    )
)


def now_ms() -> int:
    """Real time."""
    return time.time_ns() // 1_000_000


def cost_ms(per_hour: int, part: int = 1, of: int = 1) -> int:
    """What one of `per_hour` guesses costs, or `part` `of` one."""
    return HOUR_MS * part // (per_hour * of)


def read(uow: UnitOfWork, names: Sequence[str]) -> Mapping[str, dict[str, Any]]:
    """The rows of up to four names, where they have any."""
    padded = [*names, *("" for _ in range(_AT_ONCE - len(names)))]
    rows = _READ.all(uow, {f"name_{i}": name for i, name in enumerate(padded)})
    return {row["name"]: row for row in rows}


def take_in_hand(uow: UnitOfWork, name: str) -> int:
    """When a name is open again (milliseconds), with its row locked until the transaction ends."""
    insert_once(uow, GuessDebt, {"name": name, "debt_until_ms": 0, "closed_until_ms": 0})
    query = select(GuessDebt.closed_until_ms).where(GuessDebt.name == name).with_for_update()
    return int(uow.conn.execute(query).scalar_one())


def add(uow: UnitOfWork, costs: Mapping[str, int]) -> set[str]:
    """Add to the debts of some names (milliseconds each); returns those this has just locked out.

    The rows are written in the order of their names, whoever writes: so nobody waits in a circle.
    """
    now = now_ms()
    values: dict[str, int | str] = {"now": now, "locked": now + LOCKED_MS, "slowed": now + SLOW_MS}
    for place, name in enumerate(sorted(costs)):
        cost = costs[name]
        closed = _closed(now, cost)
        values |= {f"name_{place}": name, f"debt_{place}": now + cost, f"closed_{place}": closed}
    rows = _adding(uow.dialect.name, len(costs)).all(uow, values)
    return {row["name"] for row in rows if row["closed_until_ms"] == now + LOCKED_MS}


@cache
def _adding(dialect: str, count: int) -> Prepared:
    """The statement that adds to so many debts at once."""
    insert = insert_for(dialect, GuessDebt).values(
        [
            {
                "name": bindparam(f"name_{place}"),
                "debt_until_ms": bindparam(f"debt_{place}"),
                "closed_until_ms": bindparam(f"closed_{place}"),
            }
            for place in range(count)
        ]
    )
    now, debt = bindparam("now", type_=BigInteger), GuessDebt.debt_until_ms
    added = insert.excluded.debt_until_ms
    new_debt = case((debt > now, debt + added - now), else_=added)
    upsert = insert.on_conflict_do_update(
        index_elements=[GuessDebt.name],
        set_={
            "debt_until_ms": new_debt,
            "closed_until_ms": case(
                (new_debt - now > HOUR_MS, bindparam("locked", type_=BigInteger)),
                (new_debt - now > SLOW_FROM_MS, bindparam("slowed", type_=BigInteger)),
                else_=GuessDebt.closed_until_ms,
            ),
        },
    )
    return Prepared(upsert.returning(GuessDebt.name, GuessDebt.closed_until_ms))


def _closed(now: int, cost: int) -> int:
    return now + LOCKED_MS if cost > HOUR_MS else now + SLOW_MS if cost > SLOW_FROM_MS else 0


def seconds_left(closed_until_ms: int) -> int:
    """Whole seconds until a name is open again, rounded up; 0 for one that is open."""
    return max(0, math.ceil((closed_until_ms - now_ms()) / 1000))


def forget_paid(uow: UnitOfWork) -> int:
    """Delete the rows of those who owe nothing any more; returns how many."""
    now = now_ms()
    paid = delete(GuessDebt).where(GuessDebt.debt_until_ms < now, GuessDebt.closed_until_ms < now)
    return uow.conn.execute(paid).rowcount
