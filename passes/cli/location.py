"""`location`: the shops of a merchant."""

from dataclasses import asdict

import click

from passes.cli.base import ACTOR, Group, json_option, merchant_option
from passes.cli.output import show
from passes.cli.session import merchant_named, open_services
from passes.fields import checked
from passes.merchants import service
from passes.merchants.rules import LocationDraft


@click.group(cls=Group)
def location() -> None:
    """Open shops."""


@location.command()
@merchant_option
@click.option("--name", required=True, help="What the shop is called.")
@click.option("--time-zone", help="IANA time zone; the merchant's by default.")
@json_option
def create(merchant: str, name: str, time_zone: str | None, as_json: bool) -> None:
    """Open a shop."""
    draft = checked(LocationDraft, {"name": name, "time_zone": time_zone})
    with open_services() as services, services.database.write() as uow:
        made = service.create_location(uow, merchant_named(uow, merchant).id, draft, ACTOR)
    show(as_json, asdict(made), f"Location {made.name} has the id {made.id}.")
