"""`google`: what Google has of our cards."""

from typing import Any

import click

from passes.cli.base import Group, json_option
from passes.cli.output import progress_bar, show, table
from passes.cli.session import merchant_named, open_services
from passes.errors import ConfigurationError
from passes.wallets.google.reconcile import Reconciliation, Report


@click.group(cls=Group)
def google() -> None:
    """Cards in Google Wallet."""


@google.command()
@click.option("--merchant", metavar="SLUG", help="Only this merchant's cards.")
@click.option("--repair", is_flag=True, help="Put in line again whatever is not as meant.")
@json_option
def reconcile(merchant: str | None, repair: bool, as_json: bool) -> None:
    """Compare what Google has with what it was to show; exits with 1 when something is not as meant."""
    with open_services() as services:
        merchant_id = None
        if merchant is not None:
            with services.database.read() as uow:
                merchant_id = merchant_named(uow, merchant).id
        if services.google is None or services.google_cards is None:
            raise ConfigurationError(
                "Google Wallet is off: set STEMPEL_GOOGLE_CREDENTIALS_FILE and STEMPEL_GOOGLE_ISSUER_ID."
            )
        walk = Reconciliation(
            services.database,
            services.google,
            services.google_cards,
            merchant_id=merchant_id,
            repair=repair,
        )
        with progress_bar("Comparing with Google") as progress:
            report = walk.run(progress)
    show(as_json, _data(report), _text(report))
    if not report.is_clean and not repair:
        raise SystemExit(1)


def _data(report: Report) -> dict[str, Any]:
    return {
        "ok": report.is_clean,
        "objects": report.looked_at,
        "waiting": report.waiting,
        "put_in_line": report.put_in_line,
        **{fault: report.counts[fault] for fault in ("missing", "different", "orphaned", "unknown")},
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
