"""`ledger`: prove the books."""

import click

from passes.cli.base import Group, json_option
from passes.cli.output import progress_bar, show
from passes.cli.session import open_services
from passes.ledger.verify import verify as verify_books


@click.group(cls=Group)
def ledger() -> None:
    """Prove the books."""


@ledger.command()
@json_option
@click.pass_context
def verify(ctx: click.Context, as_json: bool) -> None:
    """Compute every balance again from the postings; exit 1 if anything does not agree."""
    with open_services() as services, services.database.read() as uow, progress_bar("Verifying") as progress:
        report = verify_books(uow, progress, services.token_key)
    counted = {
        "cards": report.cards,
        "transactions": report.transactions,
        "transactions_after_last_root": report.transactions_after_last_root,
    }
    faults = [str(fault) for fault in report.faults]
    data = {"ok": report.ok, **counted} if report.ok else {"ok": False, **counted, "faults": faults}
    said = f"{report.cards} cards and {report.transactions} transactions, "
    said += f"{report.transactions_after_last_root} of them after the last signed root: "
    verdict = "the books agree." if report.ok else f"{len(faults)} faults."
    show(as_json, data, "\n".join([*faults, said + verdict]))
    ctx.exit(0 if report.ok else 1)
