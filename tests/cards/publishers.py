"""A worker that publishes and is killed: `python -m tests.cards.publishers URL BATCH WHERE [hasty]`.

It ends itself by SIGKILL in its second batch: `before` that is written, `between` its cards and its cursor,
or `after` both are committed; with `never` it works to the end. With `hasty` it has a bug: cards and cursor
are committed one after the other.
"""

import os
import signal
import sys
from collections.abc import Sequence

from passes.cards import publishing
from passes.clock import SystemClock
from passes.db.engine import Database, UnitOfWork


def die() -> None:
    """End this process as a power cut would."""
    os.kill(os.getpid(), signal.SIGKILL)


def main(url: str, batch: int, where: str, *, hasty: bool) -> None:
    """Publish whatever waits, to the end `where` names."""
    publishing.BATCH = batch
    database, touch, batches = Database(url, SystemClock(), "key"), publishing._touch, [0]

    def touching(uow: UnitOfWork, card_ids: Sequence[str]) -> None:
        batches[0] += 1
        is_here = batches[0] == 2
        if is_here and where == "before":
            die()
        if hasty:
            with database.write() as other:
                touch(other, card_ids)
        else:
            touch(uow, card_ids)
        if is_here and where == "between":
            die()

    publishing._touch = touching
    asked = [0]

    def keep_going() -> bool:
        asked[0] += 1
        if where == "after" and asked[0] == 3:
            die()
        return True

    try:
        publishing.publish_due(database, keep_going)
    finally:
        database.close()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3], hasty="hasty" in sys.argv[4:])
