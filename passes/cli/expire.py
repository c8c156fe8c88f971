"""`expire`: book what has run out."""

from dataclasses import asdict
from datetime import datetime

import click

from passes.cli.base import Group, Moment, json_option
from passes.cli.output import progress_bar, show
from passes.cli.session import open_services
from passes.clock import format_rfc3339
from passes.redemption.expiry import run_due


@click.group(cls=Group)
def expire() -> None:
    """Book what has run out on cards; the scheduler does so by itself."""


@expire.command()
@click.option("--now", type=Moment(), help="Judge at this moment; by default at the business time.")
@click.option("--dry-run", is_flag=True, help="Say what would happen, and write nothing.")
@json_option
@click.pass_context
def run(ctx: click.Context, now: datetime | None, dry_run: bool, as_json: bool) -> None:
    """Book every card that has ended, and the stamps, points and loads that have."""
    with open_services() as services, progress_bar("Expiring") as progress:
        at = now or services.database.clock.now()
        report = run_due(services.database, at, dry_run=dry_run, progress=progress)
    found = {"now": format_rfc3339(at), **asdict(report)}
    verb = "would have" if dry_run else "have"
    said = f"{report.ended} cards {verb} ended, {report.emptied} {verb} lost what ran out on them."
    show(as_json, found, f"{said} {report.failed} failed." if report.failed else said)
    ctx.exit(1 if report.failed else 0)
