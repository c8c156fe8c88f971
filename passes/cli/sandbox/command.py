"""`sandbox`: something for a till's vendor to try against, faults included."""

import signal
import sys
from types import FrameType
from typing import Any

import click

from passes.cli.base import Command, json_option
from passes.cli.output import show
from passes.cli.sandbox.network import CONTROL
from passes.cli.sandbox.server import Sandbox, open_sandbox
from passes.ids import format_code

_CARDS = {"stamp": None, "coupon": None, "gift": 5000, "points": None}


@click.command(cls=Command)
@click.option("--port", type=click.IntRange(1, 65535), help="Where to serve.  [default: a free one]")
@json_option
def sandbox(port: int | None, as_json: bool) -> None:
    """Serve the till API on a throw-away database, behind a network that loses and doubles as told.

    Nothing of the real installation is read or written. It all goes when the command ends.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)
    with open_sandbox(port or 0) as running:
        told = told_of(running)
        show(as_json, told, _text(told))
        sys.stdout.flush()
        signal.pause()


def _stop(_signal: int, _frame: FrameType | None) -> None:
    sys.exit(0)


def told_of(running: Sandbox) -> dict[str, Any]:
    """What somebody who tries it needs: addresses, keys, and a new card of each kind."""
    shop = running.shop
    cards = {kind: shop.card(kind, amount) for kind, amount in _CARDS.items()}
    return {
        "url": f"{running.url}/api/v1",
        "faults": f"{running.url}{CONTROL}",
        "till_key": shop.till_key,
        "manager_key": shop.manager_key,
        "location_id": shop.location_id,
        "programs": {kind: program.id for kind, program in shop.programs.items()},
        "cards": {kind: format_code(card.code) for kind, card in cards.items()},
        "signed_barcode": shop.signed_barcode(cards["gift"]),
    }


def _text(told: dict[str, Any]) -> str:
    lines = [
        f"API            {told['url']}",
        f"Till key       {told['till_key']}",
        f"Manager's key  {told['manager_key']}",
        f"Location       {told['location_id']}",
        *(f"{kind.title():14} {code}" for kind, code in told["cards"].items()),
        f"Gift, signed   {told['signed_barcode']}",
        "",
        "Lose the answer to the next redemption:",
        f"  curl -X PUT {told['faults']} "
        """-d '{"faults": [{"fault": "lose_answer", "path": "/redemptions"}]}'""",
        "What came and what became of it:",
        f"  curl {told['faults']}",
        "",
        "Ctrl-C ends it and throws everything away.",
    ]
    return "\n".join(lines)
