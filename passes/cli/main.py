"""All commands together."""

import click

from passes import __version__
from passes.cli.apikey import apikey
from passes.cli.audit import audit
from passes.cli.base import Group
from passes.cli.campaigns import campaigns
from passes.cli.cards import cards
from passes.cli.certs import certs
from passes.cli.conformance.command import conformance
from passes.cli.db import db
from passes.cli.demo.command import demo
from passes.cli.design import design
from passes.cli.expire import expire
from passes.cli.google import google
from passes.cli.keys import keys
from passes.cli.ledger import ledger
from passes.cli.location import location
from passes.cli.members import members
from passes.cli.merchant import merchant
from passes.cli.openapi import openapi
from passes.cli.outbox import outbox
from passes.cli.sandbox.command import sandbox
from passes.cli.serve import serve
from passes.cli.staff import staff
from passes.cli.webhooks import webhooks
from passes.logs import log_to_stderr


@click.group(cls=Group)
@click.version_option(__version__, prog_name="Stempel")
def main() -> None:
    """Stempel: cards for Apple Wallet and Google Wallet.

    Settings are environment variables that begin with STEMPEL_.
    """
    log_to_stderr()


for _command in (
    db,
    merchant,
    location,
    apikey,
    staff,
    certs,
    members,
    cards,
    design,
    ledger,
    audit,
    keys,
    campaigns,
    expire,
    outbox,
    webhooks,
    google,
    openapi,
    serve,
    demo,
    sandbox,
    conformance,
):
    main.add_command(_command)
