"""`merchant`: brands of this installation."""

from dataclasses import asdict

import click

from passes.cli.base import ACTOR, Group, json_option
from passes.cli.output import show, table
from passes.cli.session import open_services
from passes.fields import checked
from passes.merchants import queries, service
from passes.merchants.rules import DEFAULT_LOCALE, DEFAULT_TIME_ZONE, MerchantDraft


@click.group(cls=Group)
def merchant() -> None:
    """Make merchants, or list them."""


@merchant.command()
@click.option("--slug", required=True, help="Names the merchant in commands and links, e.g. cafe-mokka.")
@click.option("--name", required=True, help="What customers read.")
@click.option("--time-zone", default=DEFAULT_TIME_ZONE, show_default=True, help="IANA time zone.")
@click.option("--locale", default=DEFAULT_LOCALE, show_default=True, help="Language, e.g. de or en-GB.")
@json_option
def create(as_json: bool, **fields: str) -> None:
    """Make a merchant."""
    draft = checked(MerchantDraft, fields)
    with open_services() as services, services.database.write() as uow:
        made = service.create_merchant(uow, draft, ACTOR)
    show(as_json, asdict(made), f"Merchant {made.slug} ({made.name}) has the id {made.id}.")


@merchant.command("list")
@json_option
def list_(as_json: bool) -> None:
    """List every merchant."""
    with open_services() as services, services.database.read() as uow:
        found = queries.merchants(uow)
    rows = [(m.slug, m.name, m.time_zone, m.locale, m.id) for m in found]
    show(as_json, [asdict(m) for m in found], table(("slug", "name", "time zone", "locale", "id"), rows))
