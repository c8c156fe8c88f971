"""What waits in the outbox, for `outbox status` and the metrics."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select

from passes.db.engine import UnitOfWork
from passes.outbox.models import Delivery, OutboxEvent

_REASONS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class ChannelStatus:
    """One channel: what waits for its turn, what is being sent, what was given up.

    `overdue_s` is for how long the delivery that is due longest has been due. `troubles` counts the last
    outcomes of what did not get through, the most frequent first.
    """

    channel: str
    waiting: int
    in_flight: int
    dead: int
    overdue_s: int
    troubles: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class OutboxStatus:
    """`events` are not yet turned into deliveries; a channel without anything to tell is left out."""

    events: int
    channels: tuple[ChannelStatus, ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left to send; what was given up does not count."""
        return not self.events and not any(c.waiting or c.in_flight for c in self.channels)


def status(uow: UnitOfWork, at: datetime) -> OutboxStatus:
    """How the outbox stands at `at` (real time)."""
    events = uow.conn.execute(select(func.count()).select_from(OutboxEvent)).scalar_one()
    dead = Delivery.dead_at.is_not(None)
    leased = ~dead & (Delivery.leased_until > at)
    waiting = ~dead & func.coalesce(Delivery.leased_until <= at, True)
    query = (
        select(
            Delivery.channel,
            func.count(case((waiting, 1))),
            func.count(case((leased, 1))),
            func.count(case((dead, 1))),
            func.min(case((waiting, Delivery.next_attempt_at))),
        )
        .where(Delivery.done < Delivery.wanted)
        .group_by(Delivery.channel)
        .order_by(Delivery.channel)
    )
    troubles = _troubles(uow)
    channels = [
        ChannelStatus(name, waits, flies, died, _overdue_s(since, at), tuple(troubles.get(name, ())))
        for name, waits, flies, died, since in uow.conn.execute(query)
    ]
    return OutboxStatus(events, tuple(channels))


def _troubles(uow: UnitOfWork) -> dict[str, list[tuple[str, int]]]:
    count = func.count()
    query = (
        select(Delivery.channel, Delivery.outcome, count)
        .where(Delivery.done < Delivery.wanted, Delivery.outcome.is_not(None))
        .group_by(Delivery.channel, Delivery.outcome)
        .order_by(count.desc(), Delivery.outcome)
    )
    found: dict[str, list[tuple[str, int]]] = {}
    for channel, outcome, number in uow.conn.execute(query):
        reasons = found.setdefault(channel, [])
        if len(reasons) < _REASONS_SHOWN:
            reasons.append((str(outcome), number))
    return found


def _overdue_s(since: datetime | None, at: datetime) -> int:
    return 0 if since is None else max(0, int((at - since).total_seconds()))
