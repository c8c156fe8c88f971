"""What the scheduler does, and how often.

A job is a tick: it finds out from the database what is due and does it, so that a tick that came late,
was missed, ran twice or died in the middle changes nothing that the next one does not put right.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from passes.campaigns.run import run_due
from passes.cards.publishing import publish_due
from passes.clock import real_now
from passes.db.engine import Database
from passes.installs.google import forget_callbacks
from passes.installs.google_checks import forget as forget_checks
from passes.ledger import roots
from passes.limits.debts import forget_paid
from passes.limits.service import forget_uses
from passes.members.confirmations import forget_unconfirmed
from passes.outbox.sender import Sender
from passes.outbox.service import forget_done
from passes.redemption.expiry import run_due as expire_due
from passes.redemption.holds import release_due
from passes.wallets.apple.ahead import Ahead
from passes.wallets.apple.drawn import DrawnPictures
from passes.wallets.google.checking import run_due as compare_due
from passes.wallets.google.client import GoogleWallet
from passes.wallets.google.kept import GoogleCards
from passes.wallets.signing.store import IdentityStore
from passes.wallets.signing.watch import watch as watch_identities

SEND_S = 1
CAMPAIGNS_S = 10
PUBLISH_S = 1
HOLDS_S = 10
ROOTS_S = 30
EXPIRY_S = 5
IDENTITIES_S = 30
DRAW_S = 2
GOOGLE_S = 5
TIDY_S = 3600
KEEP_DONE = timedelta(days=30)
# One run in so many looks at everything again, in case something came to be that no recent day shows.
FULL_RUN_EVERY = 20

KeepGoing = Callable[[], bool]
"""Says no once a job should come to an end between two pieces of work."""


@dataclass(frozen=True, slots=True)
class Job:
    """A function that runs every so many seconds of real time, never twice at once."""

    name: str
    every_s: float
    run: Callable[[KeepGoing], object]


class CampaignRun(Protocol):
    """`passes.campaigns.run.run_due`, as far as it matters here."""

    def __call__(self, database: Database, now: datetime, *, base_url: str, since: datetime | None) -> object:
        """Do what the campaigns ask for at `now`."""
        ...


class CampaignsTick:
    """Runs the campaigns at the business time, remembering up to when the last run came."""

    def __init__(self, database: Database, base_url: str, run: CampaignRun = run_due) -> None:
        self._database = database
        self._base_url = base_url
        self._run = run
        self._since: datetime | None = None
        self._runs = 0

    def __call__(self, keep_going: KeepGoing) -> None:
        """One run; if it raises, the next one looks at the same stretch of time again."""
        now = self._database.clock.now()
        full = self._runs % FULL_RUN_EVERY == 0 or (self._since is not None and self._since > now)
        self._run(self._database, now, base_url=self._base_url, since=None if full else self._since)
        self._since = now
        self._runs += 1


def job_table(
    database: Database, senders: Mapping[str, Sender], base_url: str, token_key: bytes
) -> tuple[Job, ...]:
    """Every job of an installation; each of the `senders` by name is one of them."""
    return (
        *(Job(name, SEND_S, sender.run) for name, sender in senders.items()),
        Job("campaigns", CAMPAIGNS_S, CampaignsTick(database, base_url)),
        Job("publish", PUBLISH_S, lambda keep_going: publish_due(database, keep_going)),
        Job("holds", HOLDS_S, lambda keep_going: release_due(database, keep_going)),
        Job("roots", ROOTS_S, lambda keep_going: roots.make_due(database, token_key, keep_going)),
        Job("expiry", EXPIRY_S, lambda keep_going: expire_due(database, keep_going=keep_going)),
        Job("tidy", TIDY_S, lambda _: _tidy(database)),
    )


def identities_job(database: Database, store: IdentityStore, *, is_https: bool) -> Job:
    """Warns of certificates that end, and lets go what waited for a new one."""
    return Job(
        "identities",
        IDENTITIES_S,
        lambda keep_going: watch_identities(database, store, keep_going, is_https=is_https),
    )


def draw_job(database: Database, base_url: str, drawn: DrawnPictures) -> Job:
    """Draws the pictures of new designs before a customer waits for them."""
    return Job("draw", DRAW_S, Ahead(database, base_url, drawn))


def google_job(database: Database, wallet: GoogleWallet, kept: GoogleCards) -> Job:
    """Compares what Google has with what we meant, whenever somebody asked for it."""
    return Job("google_checks", GOOGLE_S, lambda keep_going: compare_due(database, wallet, kept, keep_going))


def _tidy(database: Database) -> None:
    with database.write() as uow:
        forget_done(uow, real_now() - KEEP_DONE)
        forget_callbacks(uow, real_now() - KEEP_DONE)
        forget_checks(uow, real_now() - KEEP_DONE)
        forget_paid(uow)
        forget_uses(uow)
        forget_unconfirmed(uow)
