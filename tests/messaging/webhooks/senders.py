"""A sender that ends itself by SIGKILL: `python -m tests.messaging.webhooks.senders URL COUNT [hasty]`.

It dies right after its COUNTth request was answered, before it could write that down; COUNT 0 lets it live
and empty the outbox. With `hasty` it has a bug: it takes for sent what it is only about to send.
"""

import os
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Mapping

from passes.clock import SystemClock, real_now
from passes.db.engine import Database
from passes.messaging.webhooks.delivery import WebhookChannel
from passes.messaging.webhooks.post import Poster, Reply
from passes.outbox import leases
from passes.outbox.channel import Channel, Ending, Outcome
from passes.outbox.queries import status
from passes.outbox.sender import Sender
from passes.wiring import fan_out

LEASE_S = 3.0
TOKEN_KEY = b"k" * 40
"""Longer than a batch takes on a busy machine: what is sent twice is to be the deaths' doing alone."""


class Mortal:
    """A postman with so many letters to live."""

    def __init__(self, count: int) -> None:
        self._left = count
        self._lock = threading.Lock()
        self._poster = Poster(loopback=True)

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Post, and perhaps die."""
        reply = self._poster.post(url, headers, body)
        with self._lock:
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return reply


class Hasty(Sender):
    """The bug: done first, sent afterwards."""

    def _send_batch(self, name: str, channel: Channel) -> Counter[Ending]:
        with self._database.write() as uow:
            claimed = leases.claim(uow, name, channel.batch_size, LEASE_S, self.owner, real_now())
            leases.finish(uow, self.owner, [(c, Outcome.done()) for c in claimed], real_now())
        return Counter(outcome.ending for outcome in channel.send(claimed))


def main() -> None:
    """Send until nothing is left, in nobody's hands either."""
    url, count, kind = sys.argv[1], int(sys.argv[2]), Hasty if sys.argv[3:] else Sender
    database = Database(url, SystemClock())
    sender = kind(
        database, fan_out, {"webhook": WebhookChannel(database, Mortal(count), TOKEN_KEY)}, lease_s=LEASE_S
    )
    while True:
        sender.run()
        with database.read() as uow:
            if status(uow, real_now()).is_empty:
                return
        time.sleep(0.02)


if __name__ == "__main__":
    main()
