"""The loop that empties the outbox: relay, claim, send, finish.

Several may run at once, in one process or many: claims keep them apart. A sender that is killed leaves
leases that run out; what it had already sent is then sent again, and every channel can bear that.
"""

import os
import secrets
import socket
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import structlog

from passes.clock import real_now
from passes.db.engine import Database
from passes.outbox import leases, service
from passes.outbox.channel import Channel, ClaimedDelivery, Ending, Outcome
from passes.outbox.relay import FanOut, relay

LEASE_S = 120.0
"""How long a batch may take; a channel has to come back well before."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Counts:
    """What a round did: events relayed, deliveries by how they ended."""

    relayed: int
    ended: Counter[Ending]

    @property
    def worked(self) -> bool:
        """Whether there was anything to do."""
        return bool(self.relayed or self.ended)

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.relayed + other.relayed, self.ended + other.ended)


def new_owner() -> str:
    """A name for the leases of one sender, which no other ever bears."""
    return f"{socket.gethostname()[:30]}:{os.getpid()}:{secrets.token_hex(4)}"


class Sender:
    """Sends what is due by `channels`; channels this installation has not got keep waiting."""

    def __init__(
        self,
        database: Database,
        fan_out: FanOut,
        channels: Mapping[str, Channel],
        owner: str | None = None,
        lease_s: float = LEASE_S,
    ) -> None:
        self.owner = owner or new_owner()
        self._database = database
        self._fan_out = fan_out
        self._channels = channels
        self._lease_s = lease_s

    def run_once(self) -> Counts:
        """Relay one batch of events and send one batch per channel."""
        with self._database.write() as uow:
            relayed = relay(uow, self._fan_out, real_now())
        ended: Counter[Ending] = Counter()
        for name, channel in self._channels.items():
            ended += self._send_batch(name, channel)
        return Counts(relayed, ended)

    def run(self, keep_going: Callable[[], bool] = lambda: True) -> Counts:
        """Run until nothing is due, or `keep_going` says no between two batches."""
        total = Counts(0, Counter())
        while keep_going():
            counts = self.run_once()
            total += counts
            if not counts.worked:
                break
        return total

    def drain(self) -> Counts:
        """Try everything now, also what waits out a back-off; what another sender holds is left to it."""
        with self._database.write() as uow:
            service.hurry(uow, real_now())
        return self.run()

    def _send_batch(self, name: str, channel: Channel) -> Counter[Ending]:
        with self._database.write() as uow:
            claimed = leases.claim(uow, name, channel.batch_size, self._lease_s, self.owner, real_now())
        if not claimed:
            return Counter()
        outcomes = _try(name, channel, claimed)
        with self._database.write() as uow:
            leases.finish(uow, self.owner, zip(claimed, outcomes, strict=True), real_now())
        return Counter(outcome.ending for outcome in outcomes)


def _try(name: str, channel: Channel, claimed: Sequence[ClaimedDelivery]) -> Sequence[Outcome]:
    try:
        outcomes = channel.send(claimed)
    except Exception as error:
        # A fault of one channel must stop neither the others nor, by coming back for ever, itself.
        log.exception("channel_failed", channel=name, deliveries=len(claimed))
        return [Outcome.retry(f"fault in the channel: {type(error).__name__}")] * len(claimed)
    for ending, count in Counter(outcome.ending for outcome in outcomes).items():
        log.info("sent", channel=name, ending=ending.value, deliveries=count)
    return outcomes
