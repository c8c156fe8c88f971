"""`members`: customers out of another system."""

from dataclasses import asdict
from pathlib import Path

import click

from passes.cards import service as cards
from passes.cli.base import ACTOR, Group, json_option, merchant_option
from passes.cli.output import progress_bar, show
from passes.cli.session import merchant_named, open_services
from passes.members.import_csv import ImportReport, import_csv


@click.group(cls=Group)
def members() -> None:
    """Import customers."""


@members.command("import")
@merchant_option
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Report what would happen, and change nothing.")
@json_option
@click.pass_context
def import_(ctx: click.Context, merchant: str, file: Path, dry_run: bool, as_json: bool) -> None:
    """Import a member list, CSV with headings, and report row by row what was left out and why.

    A row is taken whole or not at all. Where some were refused the others are kept, the report says which,
    and the command exits with 1; so does a dry run that finds such rows. Rows name their member by
    external_id or email, so a corrected list can be imported again.
    """
    content = file.read_bytes()
    with open_services() as services:
        with services.database.read() as uow:
            merchant_id = merchant_named(uow, merchant).id
        with progress_bar("Checking" if dry_run else "Importing") as progress:
            report = import_csv(
                services.database,
                merchant_id,
                content,
                ACTOR,
                dry_run=dry_run,
                progress=progress,
                renamed=lambda uow, member_id: cards.touch_member(uow, merchant_id, member_id),
            )
    data = asdict(report) | {"refused": report.refused, "dry_run": dry_run}
    show(as_json, data, _text(report, dry_run))
    ctx.exit(1 if report.refused else 0)


def _text(report: ImportReport, dry_run: bool) -> str:
    problems = [f"row {p.row}: {p.field}: {p.message}" for p in report.problems]
    would = "would be " if dry_run else ""
    counts = (
        f"{report.rows} rows: {report.created} {would}created, {report.updated} {would}updated, "
        f"{report.unchanged} unchanged, {report.refused} refused."
    )
    return "\n".join([*problems, counts])
