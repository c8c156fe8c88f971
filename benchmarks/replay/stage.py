"""Everything the story needs around it: the database, the running server, a push service, the shop's clock.

The server is the real one, in a process of its own. The scheduler is not: real ticks come every second and
every half minute, and eighteen months have to go by in minutes. So its own jobs (`scheduler.jobs`) are
called from here, on the same database and at the same business time, whenever the story says that an
hour has come.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from benchmarks.replay.state import State
from benchmarks.server import serving
from passes import migrate
from passes.clock import format_rfc3339
from passes.config import load_settings
from passes.errors import NotFound
from passes.merchants import keys, queries
from passes.merchants.access import SCOPES
from passes.merchants.rules import KeyDraft, MerchantDraft
from passes.merchants.service import create_merchant
from passes.wiring import Services
from scheduler.jobs import Job, job_table
from tests.fakes.apns import ApnsStandIn

MERCHANT = "replay"
ZONE = ZoneInfo("America/New_York")
ACTOR = "replay"


@dataclass(frozen=True, slots=True)
class Stage:
    """The shop, open: its services, the scheduler's jobs by name, and its settings with their prefix."""

    services: Services
    push_service: ApnsStandIn
    jobs: Mapping[str, Job]
    settings: Mapping[str, str]

    @property
    def base_url(self) -> str:
        """Where the server is."""
        return self.services.base_url

    def set_clock(self, day: date, hour: int) -> None:
        """Make it that hour in the shop, for every process."""
        set_clock(Path(self.settings["STEMPEL_CLOCK_FILE"]), day, hour)

    def run(self, job: str) -> None:
        """Do what the scheduler does when it ticks."""
        self.jobs[job].run(lambda: True)


def set_clock(file: Path, day: date, hour: int) -> None:
    """Write the business time, whole: a process that reads meanwhile sees the old one or the new one."""
    draft = file.with_suffix(".new")
    at = datetime.combine(day, time(hour), ZONE)
    draft.write_text(format_rfc3339(at), encoding="ascii")
    draft.replace(file)


@contextmanager
def staged(folder: Path, state: State, port: int, database_url: str | None, opening: date) -> Iterator[Stage]:
    """Everything ready to open on the day `opening`; what the shop needs is made the first time."""
    clock_file = folder / "clock"
    set_clock(clock_file, opening, 9)
    settings = {
        "STEMPEL_DATA_DIR": str(folder),
        "STEMPEL_CERTS_DIR": str(folder / "certs"),
        "STEMPEL_CLOCK_FILE": str(clock_file),
        "STEMPEL_PORT": str(port),
        "STEMPEL_EMBEDDED_SCHEDULER": "false",
    }
    if database_url is not None:
        settings["STEMPEL_DATABASE_URL"] = database_url
        settings["STEMPEL_SECRET_KEY"], settings["STEMPEL_TOKEN_KEY"] = state.secret_key, state.token_key
    certs = folder / "certs"
    certs.mkdir(exist_ok=True)
    with ApnsStandIn(folder / "apns", certs) as push_service:
        settings["STEMPEL_APNS_URL"] = push_service.url
        settings["STEMPEL_PROVIDER_CA_FILE"] = str(push_service.ca_file)
        services = Services(load_settings(settings))
        try:
            prepare(services, state)
            jobs = job_table(
                services.database, {"send": services.sender()}, services.base_url, services.token_key
            )
            with serving(settings, folder / "server.log"):
                yield Stage(services, push_service, {job.name: job for job in jobs}, settings)
        finally:
            services.close()


def prepare(services: Services, state: State) -> None:
    """Migrate, and make the merchant, its till's key and its signing identity unless they are there."""
    if migrate.pending(services.database):
        migrate.upgrade(services.database)
    if services.identities.load(MERCHANT) is None:
        services.identities.create_development(MERCHANT)
    with services.database.write() as uow:
        try:
            merchant = queries.merchant_by_slug(uow, MERCHANT)
        except NotFound:
            draft = MerchantDraft(slug=MERCHANT, name="Compact Disc Shop", time_zone=str(ZONE), locale="en")
            merchant = create_merchant(uow, draft, ACTOR)
        if not state.till_key:
            state.till_key = keys.create_key(uow, merchant.id, KeyDraft(scopes=SCOPES), ACTOR).key


def environment_of(stage: Stage) -> dict[str, str]:
    """The environment of a command that is to work on the same installation."""
    return {k: v for k, v in os.environ.items() if not k.startswith("STEMPEL_")} | dict(stage.settings)
