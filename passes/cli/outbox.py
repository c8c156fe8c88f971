"""`outbox`: what waits to leave the house."""

import time
from dataclasses import asdict
from typing import Any

import click

from passes.cli.base import Group, json_option
from passes.cli.output import note, show, table
from passes.cli.session import open_services
from passes.clock import real_now
from passes.outbox import queries, service
from passes.outbox.queries import OutboxStatus
from passes.wiring import Services

PATIENCE_S = 10.0
"""For how long draining waits for what another sender has in hand."""

CHANNELS = ("apns", "google", "webhook")


@click.group(cls=Group)
def outbox() -> None:
    """What waits to be sent."""


@outbox.command()
@json_option
def status(as_json: bool) -> None:
    """Say what waits, by channel, and what keeps it waiting."""
    with open_services() as services:
        found = _status(services)
    show(as_json, _data(found), _text(found))


@outbox.command()
@json_option
def drain(as_json: bool) -> None:
    """Send everything now, also what waits out a back-off; what fails again goes on waiting.

    Nothing is lost then and the scheduler tries on, so that is no failure of the command: a script that needs
    the outbox empty reads `left` of --json.
    """
    with open_services() as services:
        sender = services.sender()
        counts = sender.drain()
        deadline = time.monotonic() + PATIENCE_S
        while any(c.in_flight for c in _status(services).channels) and time.monotonic() < deadline:
            note("Waiting for another sender to finish.")
            time.sleep(1)
            counts += sender.run()
        left = _status(services)
    ended = {ending.value: count for ending, count in counts.ended.items()}
    said = ", ".join(f"{count} {ending}" for ending, count in ended.items()) or "nothing to send"
    data = {"relayed": counts.relayed, "ended": ended, "left": _data(left)}
    show(as_json, data, f"{counts.relayed} events relayed; {said}.\n{_text(left)}")


@outbox.command()
@click.option("--channel", type=click.Choice(CHANNELS), help="Only this one.")
@json_option
def revive(channel: str | None, as_json: bool) -> None:
    """Give everything that was given up a new start, once what stopped it is put right."""
    with open_services() as services, services.database.write() as uow:
        revived = service.revive_dead(uow, real_now(), channel)
    show(as_json, {"revived": revived}, f"{revived} deliveries wait for another try.")


def _status(services: Services) -> OutboxStatus:
    with services.database.read() as uow:
        return queries.status(uow, real_now())


def _data(found: OutboxStatus) -> dict[str, Any]:
    return {"empty": found.is_empty, **asdict(found)}


def _text(found: OutboxStatus) -> str:
    if found.is_empty and not found.channels:
        return "The outbox is empty."
    headings = ("channel", "waiting", "in flight", "given up", "overdue", "last outcomes")
    rows = [
        (
            c.channel,
            str(c.waiting),
            str(c.in_flight),
            str(c.dead),
            f"{c.overdue_s} s",
            "; ".join(f"{count} x {outcome}" for outcome, count in c.troubles),
        )
        for c in found.channels
    ]
    return f"{found.events} events wait to be relayed.\n{table(headings, rows)}"
