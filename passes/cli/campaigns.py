"""`campaigns`: what the marketing API does, from the command line."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import orjson
from sqlalchemy import select

from passes.campaigns import audience, queries, run, service
from passes.campaigns.models import Campaign
from passes.cli.base import ACTOR, Group, Moment, json_option, merchant_option
from passes.cli.output import progress_bar, show
from passes.cli.session import merchant_named, open_services
from passes.clock import format_rfc3339
from passes.db.engine import UnitOfWork
from passes.errors import FieldError, NotFound


@click.group(cls=Group)
def campaigns() -> None:
    """Speak to members: by hand, on birthdays, when they stay away."""


@campaigns.command()
@merchant_option
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@json_option
def create(merchant: str, file: Path, as_json: bool) -> None:
    """Draft a campaign from a JSON file, written as for POST /api/v1/campaigns. Nobody hears of it yet."""
    raw = _read(file)
    with open_services() as services, services.database.write() as uow:
        made = service.create(uow, merchant_named(uow, merchant).id, raw, ACTOR)
    show(as_json, made.as_dict(), f"Campaign {made.draft.name} has the id {made.id}; it is a draft.")


@campaigns.command()
@click.argument("campaign_id", metavar="ID")
@json_option
def preview(campaign_id: str, as_json: bool) -> None:
    """Count whom a campaign would reach, as things stand."""
    with open_services() as services, services.database.read() as uow:
        merchant_id = _merchant_of(uow, campaign_id)
        campaign = queries.get(uow, merchant_id, campaign_id)
        found = audience.preview(uow, merchant_id, campaign.audience)
    data = {"count": found.count, "consenting": found.consenting, "sample": [asdict(m) for m in found.sample]}
    people = f"{found.count} members, {found.consenting} of whom agreed to hear from you."
    message = campaign.message
    show(as_json, data, f"{people}\nde: {message.de}\nen: {message.en}")


@campaigns.command()
@click.argument("campaign_id", metavar="ID")
@json_option
def launch(campaign_id: str, as_json: bool) -> None:
    """Let a draft begin or a paused campaign go on; the scheduler sends what is planned."""
    with open_services() as services:
        with services.database.write() as uow:
            launched = service.launch(uow, _merchant_of(uow, campaign_id), campaign_id, ACTOR)
            now = uow.now
        with progress_bar("Planning") as progress:
            planned = run.plan(services.database, launched.campaign, now, progress=progress)
    data = launched.campaign.as_dict() | {"audience_count": launched.audience_count, "planned": planned}
    said = f"Launched for {launched.audience_count} members; {planned} messages are planned."
    show(as_json, data, said)


@campaigns.command()
@click.argument("campaign_id", metavar="ID")
@json_option
def results(campaign_id: str, as_json: bool) -> None:
    """Say what became of a campaign so far."""
    with open_services() as services, services.database.read() as uow:
        found = asdict(queries.results(uow, _merchant_of(uow, campaign_id), campaign_id))
    show(as_json, found, "\n".join(_lines(found)))


@campaigns.command("run")
@click.option("--now", type=Moment(), help="Evaluate at this moment; by default at the business time.")
@click.option("--dry-run", is_flag=True, help="Say what would happen, and write nothing.")
@json_option
@click.pass_context
def run_(ctx: click.Context, now: datetime | None, dry_run: bool, as_json: bool) -> None:
    """Evaluate every campaign at a moment: plan what is due, send what is planned.

    Exits with 1 where a campaign or a message failed; the others are done.
    """
    with open_services() as services, progress_bar("Running") as progress:
        at = now or services.database.clock.now()
        report = run.run_due(
            services.database, at, base_url=services.base_url, dry_run=dry_run, progress=progress
        )
    # asdict would count a Counter's items instead of copying it.
    found = {"now": format_rfc3339(at), **asdict(report), "suppressed": dict(report.suppressed)}
    show(as_json, found, "\n".join(_lines(found)))
    ctx.exit(1 if report.failed else 0)


def _read(file: Path) -> Mapping[str, Any]:
    try:
        raw = orjson.loads(file.read_bytes())
    except orjson.JSONDecodeError as error:
        raise FieldError("file", f"{file} is no JSON: {error}") from None
    if not isinstance(raw, dict):
        raise FieldError("file", f"{file} must hold one JSON object, a campaign")
    return raw


def _merchant_of(uow: UnitOfWork, campaign_id: str) -> str:
    """Whose campaign it is: the operator, who is no merchant, names it by its id alone."""
    merchant_id = uow.conn.execute(select(Campaign.merchant_id).where(Campaign.id == campaign_id)).scalar()
    if merchant_id is None:
        raise NotFound(f"There is no campaign {campaign_id}.")
    return merchant_id


def _lines(found: Mapping[str, Any]) -> list[str]:
    """A line for each count, and one for each reason of those that count reasons."""
    lines = []
    for name, value in found.items():
        if isinstance(value, Mapping):
            lines += [f"{name}, {reason}: {count}" for reason, count in value.items()]
        else:
            lines.append(f"{name.replace('_', ' ')}: {value}")
    return lines
