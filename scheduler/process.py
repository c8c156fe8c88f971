"""Putting the scheduler together, for its own process and inside the web server."""

import atexit

from passes.wiring import Services
from scheduler.jobs import Job, draw_job, google_job, identities_job, job_table
from scheduler.leader import leader_lock
from scheduler.ticker import Ticker


def build_ticker(services: Services) -> Ticker:
    """The scheduler of an installation, not yet started."""
    jobs = job_table(services.database, services.senders(), services.base_url, services.token_key)
    identities = identities_job(services.database, services.identities, is_https=services.settings.is_https)
    draw = draw_job(services.database, services.base_url, services.drawn)
    google: tuple[Job, ...] = ()
    if services.google is not None and services.google_cards is not None:
        google = (google_job(services.database, services.google, services.google_cards),)
    lock = leader_lock(services.database, services.settings.data_dir)
    return Ticker((*jobs, identities, draw, *google), lock)


def start_embedded(services: Services) -> Ticker:
    """Start the scheduler inside this process; it stops when the process ends.

    Every worker of a web server may call this: one of them leads. Call it in the worker and not before
    it is forked, since threads do not survive a fork.
    """
    ticker = build_ticker(services)
    ticker.start()
    atexit.register(ticker.stop)
    return ticker
