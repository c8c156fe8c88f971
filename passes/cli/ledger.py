"""`ledger`: prove the books, and hand them to somebody who proves them alone."""

import sys
from pathlib import Path

import click

from passes.cli.base import Group, json_option, merchant_option
from passes.cli.output import new_file, progress_bar, show
from passes.cli.session import merchant_named, open_services
from passes.ledger import export as books
from passes.ledger.verify import verify as verify_books


@click.group(cls=Group)
def ledger() -> None:
    """Prove the books, and hand them to an auditor."""


@ledger.command()
@merchant_option
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Where to write; standard output unless told.",
)
@click.pass_context
def export(ctx: click.Context, merchant: str, out: Path | None) -> None:
    """Write a merchant's books as lines of JSON that an outsider can check (see docs/audit.md)."""
    with open_services() as services:
        with services.database.read() as uow:
            merchant_id = merchant_named(uow, merchant).id
        opened = sys.stdout.buffer if out is None else ctx.with_resource(new_file(out))
        with services.database.read() as uow, progress_bar("Exporting") as progress:
            opened.writelines(books.export(uow, merchant_id, progress))
            opened.flush()


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
