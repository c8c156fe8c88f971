"""Dispatchers that get killed: `python -m tests.outbox.dispatchers URL WIRE KILLS [hasty]`.

Two real senders work on the database at URL. Every few milliseconds one of them is ended by SIGKILL and
replaced, KILLS times in all, after which a file `killed` appears beside WIRE; the last two finish when a
file `over` does. What they send is
a line each in the file WIRE: the target and the version of its card, as a phone that fetches on a push
would see it. The first two end themselves in the middle of their first batch, since kills by the clock may
miss the spot. With `hasty` they have a bug: they take for sent what they are only about to send.

Children are forked from a process that has imported everything and opened nothing, so that a kill hits
work and not start-up.
"""

import json
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import select

from passes.cards.models import Card
from passes.clock import SystemClock, real_now
from passes.db.engine import Database
from passes.installs.models import AppleRegistration
from passes.outbox import leases
from passes.outbox.channel import Channel, ClaimedDelivery, Ending, Outcome
from passes.outbox.queries import status
from passes.outbox.sender import Sender
from passes.wallets.fan_out import fan_out

BATCH = 20
LEASE_S = 3.0
"""Longer than a batch takes on a busy machine: what is sent twice is to be the kills' doing alone."""
PUSH_S = 0.001
SEED = 2026


class Wire:
    """A channel whose other end is a file; a line is written as a whole or not at all."""

    batch_size = BATCH

    def __init__(self, database: Database, path: Path, fragile: bool) -> None:
        self._database = database
        self._fragile = fragile
        self._descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def send(self, deliveries: Sequence[ClaimedDelivery]) -> list[Outcome]:
        """Write a line each."""
        query = select(AppleRegistration.device_id, Card.version).join(
            Card, Card.id == AppleRegistration.card_id
        )
        for number, delivery in enumerate(deliveries):
            if self._fragile and number == len(deliveries) // 2:
                os.kill(os.getpid(), signal.SIGKILL)
            time.sleep(PUSH_S)
            with self._database.read() as uow:
                mine = query.where(AppleRegistration.device_id == delivery.payload["device_id"])
                version = uow.conn.execute(mine).one().version
            os.write(self._descriptor, f"{delivery.target} {version}\n".encode())
        return [Outcome.done()] * len(deliveries)


class Hasty(Sender):
    """The bug: done first, sent afterwards."""

    def _send_batch(self, name: str, channel: Channel) -> Counter[Ending]:
        with self._database.write() as uow:
            claimed = leases.claim(uow, name, channel.batch_size, LEASE_S, self.owner, real_now())
            leases.finish(uow, self.owner, [(c, Outcome.done()) for c in claimed], real_now())
        return Counter(outcome.ending for outcome in channel.send(claimed))


def dispatch(url: str, wire: Path, kind: type[Sender], fragile: bool) -> None:
    """Send until the changes are over and nothing is left, neither waiting nor in anybody's hands."""
    database = Database(url, SystemClock())
    sender = kind(database, fan_out, {"apns": Wire(database, wire, fragile)}, lease_s=LEASE_S)
    while True:
        over = wire.with_name("over").exists()
        sender.run()
        with database.read() as uow:
            if over and status(uow, real_now()).is_empty:
                return
        time.sleep(0.02)


def spawn(url: str, wire: Path, kind: type[Sender], fragile: bool = False) -> int:
    """A dispatcher in a process of its own; returns its process id."""
    pid = os.fork()
    if pid == 0:
        dispatch(url, wire, kind, fragile)
        os._exit(0)
    return pid


def main() -> None:
    """Spawn, kill, replace; print how many kills hit a dispatcher that was still at work."""
    url, wire, kills = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    kind = Hasty if sys.argv[4:] else Sender
    dice = random.Random(SEED)
    running = [spawn(url, wire, kind, fragile=True), spawn(url, wire, kind, fragile=True)]
    hits = 0
    for _ in range(kills):
        time.sleep(dice.uniform(0.03, 0.15))
        victim = running.pop(dice.randrange(2))
        os.kill(victim, signal.SIGKILL)
        hits += os.WIFSIGNALED(os.waitpid(victim, 0)[1])
        running.append(spawn(url, wire, kind))
    wire.with_name("killed").touch()
    codes = [os.waitpid(pid, 0)[1] for pid in running]
    print(json.dumps({"hits": hits, "failed": sum(code != 0 for code in codes)}))


if __name__ == "__main__":
    main()
