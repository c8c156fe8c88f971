"""Proving the books: everything is worked out again from the postings, and every difference is a sentence.

Nothing here trusts a balance, a running total or a trigger. Cards are walked in batches and entries are
streamed, so the size of the books costs time and no memory.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy.exc import OperationalError

from passes.db.engine import UnitOfWork
from passes.ledger.snapshot import read_at_one_moment
from passes.ledger.verify.answers import check as check_answers
from passes.ledger.verify.baskets import check as check_baskets
from passes.ledger.verify.cards import check as check_cards
from passes.ledger.verify.faults import Faults
from passes.ledger.verify.holds import check as check_holds
from passes.ledger.verify.links import check as check_links
from passes.ledger.verify.lots import check as check_lots
from passes.ledger.verify.offline import check as check_offline
from passes.ledger.verify.roots import check as check_roots
from passes.ledger.verify.sealed import check as check_seals

Progress = Callable[[int, int], None]
"""Called with how many cards are done and how many there are."""


@dataclass(frozen=True, slots=True)
class Report:
    """What was looked at, and a sentence for everything that is wrong.

    What lies after the last root is chained but not signed yet.
    """

    cards: int
    transactions: int
    transactions_after_last_root: int
    faults: list[str]

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults


def verify(uow: UnitOfWork, progress: Progress | None = None, token_key: bytes | None = None) -> Report:
    """Recompute the books; with `token_key` also whether every signing key was made in this house.

    `uow` must not have been asked anything yet.
    """
    read_at_one_moment(uow)
    faults = Faults()
    count = transactions = after = 0
    with _unreadable(faults):
        count, transactions = check_cards(uow, faults, progress or (lambda done, total: None))
    checks = (check_links, check_baskets, check_holds, check_lots, check_offline, check_seals, check_answers)
    for check in checks:
        with _unreadable(faults):
            check(uow, faults)
    with _unreadable(faults):
        after = check_roots(uow, faults, token_key)
    return Report(count, transactions, after, faults.sentences())


@contextmanager
def _unreadable(faults: Faults) -> Iterator[None]:
    """SQLite stores anything anywhere: a value that is none of its column's kind ends one check, not all."""
    try:
        yield
    except (ArithmeticError, AttributeError, TypeError, ValueError) as error:
        faults.add(f"Something stored cannot be read as what it should be: {error}.")
    except OperationalError as error:
        if "malformed" not in str(error.orig):
            raise
        faults.add(f"Something stored cannot be read as what it should be: {error.orig}.")
