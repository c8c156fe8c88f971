"""`google`: what Google has of our cards."""

from typing import Any

import click

from passes.cards.face import Text
from passes.cli.base import ACTOR, Group, json_option, merchant_option
from passes.cli.output import progress_bar, show, table
from passes.cli.session import merchant_named, open_services
from passes.errors import ConfigurationError, FieldError, NotFound
from passes.installs import google_checks as checks
from passes.programs import queries as programs
from passes.wallets.google import checking
from passes.wallets.google.parts import BODY_LENGTH as MESSAGE_LENGTH
from passes.wallets.google.reconcile import FAULTS, Report

OFF = "Google Wallet is off: set STEMPEL_GOOGLE_CREDENTIALS_FILE and STEMPEL_GOOGLE_ISSUER_ID."

UNDER_WAY = "A comparison is under way already; wait until it is through, the console shows how far it is."


@click.group(cls=Group)
def google() -> None:
    """Cards in Google Wallet."""


@google.command()
@click.option("--merchant", metavar="SLUG", help="Only this merchant's cards.")
@click.option("--repair", is_flag=True, help="Put in line again whatever is not as meant.")
@json_option
def reconcile(merchant: str | None, repair: bool, as_json: bool) -> None:
    """Compare what Google has with what it was to show; exits with 1 when something is not as meant.

    With --repair that is what cannot be put in line: classes and objects of no card or program of ours.
    """
    with open_services() as services:
        merchant_id = None
        if merchant is not None:
            with services.database.read() as uow:
                merchant_id = merchant_named(uow, merchant).id
        if services.google is None or services.google_cards is None:
            raise ConfigurationError(OFF)
        with services.database.write() as uow:
            scope = merchant_id or checks.EVERYBODY
            checks.want(uow, scope, ACTOR, repair=repair)
            check = checks.claim(uow, scope)
        if check is None:
            raise ConfigurationError(UNDER_WAY)
        with progress_bar("Comparing with Google") as progress:
            report = checking.run(services.database, services.google, services.google_cards, check, progress)
        if report is None:
            raise ConfigurationError(UNDER_WAY)
    show(as_json, _data(report), _text(report))
    if report.counts["unknown"] if repair else not report.is_clean:
        raise SystemExit(1)


@google.command()
@merchant_option
@click.option("--program", required=True, metavar="ID", help="On the cards of this program.")
@click.option("--message-id", required=True, help="The message's own name; the same one is shown once.")
@click.option("--de", required=True, help="What it says in German.")
@click.option("--en", required=True, help="What it says in English.")
@json_option
def announce(merchant: str, program: str, message_id: str, de: str, en: str, as_json: bool) -> None:
    """Show a message on every card of a program at Google, without a sound."""
    for name, text in (("message_id", message_id), ("de", de), ("en", en)):
        _require_words(name, text)
    with open_services() as services:
        with services.database.read() as uow:
            merchant_id = merchant_named(uow, merchant).id
            try:
                programs.get(uow, merchant_id, program)
            except NotFound:
                raise FieldError("program", f"merchant {merchant} has none with that id") from None
        if services.google_cards is None:
            raise ConfigurationError(OFF)
        sent = services.google_cards.announce(merchant_id, program, message_id, Text(de, en))
    said = {None: "No card of the program is at Google.", "already_there": "It is there already."}
    show(as_json, {"sent": sent == "silent", "outcome": sent}, said.get(sent, "Every card shows it now."))


def _require_words(name: str, text: str) -> None:
    most = 60 if name == "message_id" else MESSAGE_LENGTH
    if not text.strip() or len(text) > most or not text.isprintable():
        raise FieldError(name, f"must be 1 to {most} characters without line breaks")


def _data(report: Report) -> dict[str, Any]:
    return {
        "ok": report.is_clean,
        "objects": report.looked_at,
        "waiting": report.waiting,
        "put_in_line": report.put_in_line,
        "same": report.same,
        **{fault: report.counts[fault] for fault in FAULTS},
        "findings": [
            {"fault": f.fault, "id": f.id, "card_id": f.card_id, "fields": list(f.fields)}
            for f in report.findings
        ],
    }


def _text(report: Report) -> str:
    said = f"{report.looked_at} objects compared, {report.waiting} more changes wait to be sent anyway."
    if report.is_clean:
        return f"{said}\nGoogle has everything as it was meant."
    counted = ", ".join(f"{count} {fault}" for fault, count in sorted(report.counts.items()))
    rows = [(f.fault, f.id, ", ".join(f.fields)) for f in report.findings]
    lines = [said, f"{counted}.", table(("fault", "at Google", "fields"), rows)]
    if report.put_in_line:
        lines.append(f"{report.put_in_line} were put in line and go out like any other change.")
    return "\n".join(lines)
