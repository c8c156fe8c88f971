"""`audit`: who did what, for whoever has to look into it."""

import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import click
import orjson

from passes.audit import queries as log
from passes.audit.queries import AuditFilter, Noted
from passes.cli.base import Group, Moment, merchant_option
from passes.cli.output import new_file
from passes.cli.session import merchant_named, open_services
from passes.clock import format_rfc3339
from passes.db.engine import UnitOfWork
from passes.merchants import actors


@click.group(cls=Group)
def audit() -> None:
    """Who did what: read the audit log."""


@audit.command()
@merchant_option
@click.option("--since", type=Moment(), help="From this moment on.")
@click.option("--until", type=Moment(), help="Before this moment.")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Where to write; standard output unless told.",
)
@click.pass_context
def export(
    ctx: click.Context, merchant: str, since: datetime | None, until: datetime | None, out: Path | None
) -> None:
    """Write a merchant's audit log, the oldest line first, as lines of JSON (see docs/audit.md)."""
    wanted = AuditFilter(since=since, until=until)
    with open_services() as services, services.database.read() as uow:
        merchant_id = merchant_named(uow, merchant).id
        opened = sys.stdout.buffer if out is None else ctx.with_resource(new_file(out))
        opened.writelines(_lines(uow, merchant_id, wanted))
        opened.flush()


def _lines(uow: UnitOfWork, merchant_id: str, wanted: AuditFilter) -> Iterator[bytes]:
    for some in log.in_order(uow, merchant_id, wanted):
        names = actors.names(uow, merchant_id, {noted.actor for noted in some})
        for noted in some:
            yield orjson.dumps(_told(noted, names.get(noted.actor))) + b"\n"


def _told(noted: Noted, name: str | None) -> dict[str, object]:
    return {
        "id": noted.id,
        "created_at": format_rfc3339(noted.created_at),
        "actor": noted.actor,
        "actor_name": name,
        "action": noted.action,
        "subject": noted.subject,
        "details": noted.details,
    }
