"""`design`: take a program's design out as files, put one in, go back to an earlier one."""

import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import click

from passes.cards import publishing, signed_barcode
from passes.cli.base import ACTOR, Group, json_option
from passes.cli.output import progress_bar, show, table
from passes.cli.session import open_services
from passes.clock import format_rfc3339, told
from passes.db.engine import UnitOfWork
from passes.errors import FieldError, NotFound
from passes.merchants import signing_keys
from passes.programs import designs, queries, versions
from passes.programs.bundles import Bundle, Files, bundle_of, files_in_folder, files_in_zip, zip_of
from passes.programs.queries import ProgramView
from passes.wallets.lint.findings import Finding, gathered
from passes.wallets.lint.judge import judge, stops
from passes.web import judging
from passes.wiring import Services

Change = Callable[[UnitOfWork, ProgramView], ProgramView]

_LISTED = 200


@click.group(cls=Group)
def design() -> None:
    """Designs as files: export, import, and earlier versions."""


@design.command()
@click.argument("program_id", metavar="PROGRAM")
@click.option(
    "--output",
    required=True,
    type=click.Path(path_type=Path),
    help="A new folder, or a new file ending in .zip.",
)
@json_option
def export(program_id: str, output: Path, as_json: bool) -> None:
    """Write a program's design as design.json and its pictures, the same bytes each time."""
    with open_services() as services, services.database.read() as uow:
        files = designs.export(uow, _program(uow, program_id))
    _write(output, files)
    data = {"output": str(output), "files": sorted(files)}
    show(as_json, data, f"{len(files)} files written to {output}.")


@design.command("import")
@click.argument("program_id", metavar="PROGRAM")
@click.argument("source", metavar="FOLDER|ZIP", type=click.Path(exists=True, path_type=Path))
@click.option("--publish", is_flag=True, help="Put it in place of the program's design, on every live card.")
@click.option("--force", is_flag=True, help="Publish it even if it is judged hard to read.")
@json_option
def import_(program_id: str, source: Path, publish: bool, force: bool, as_json: bool) -> None:
    """Read a design from a folder or a zip; without --publish only say whether it is fit."""
    bundle = _read(source)
    with open_services() as services:
        judging.require_fit(_judged(services, program_id, bundle), force=force)
        if publish:
            after = _publish(
                services, program_id, lambda uow, before: designs.replace(uow, before, bundle, ACTOR)
            )
            said = f"Version {after.version} is published."
        else:
            with services.database.read() as uow:
                after = _program(uow, program_id)
            said = "The design is fit to be published; add --publish to do so."
    show(as_json, {"program_id": after.id, "version": after.version, "published": publish}, said)


@design.command()
@click.argument("program_id", metavar="PROGRAM")
@click.argument(
    "source", metavar="[FOLDER|ZIP]", required=False, type=click.Path(exists=True, path_type=Path)
)
@json_option
@click.pass_context
def lint(ctx: click.Context, program_id: str, source: Path | None, as_json: bool) -> None:
    """Judge a program's design, or one in a folder or zip as if it were the program's; publish nothing."""
    bundle = None if source is None else _read(source)
    with open_services() as services:
        findings = _judged(services, program_id, bundle)
    lines = [
        f"{f.severity}: {', '.join(parts)}: {f.says.en} {f.way_out.en}".strip()
        for f, parts in gathered(findings)
    ]
    data = {"publishable": not stops(findings), "findings": [asdict(f) for f in findings]}
    show(as_json, data, "\n".join(lines or ["Nothing to be said against it."]))
    ctx.exit(1 if stops(findings) else 0)


@design.command("versions")
@click.argument("program_id", metavar="PROGRAM")
@json_option
def versions_(program_id: str, as_json: bool) -> None:
    """List the newest versions of a program."""
    with open_services() as services, services.database.read() as uow:
        listed = versions.listing(uow, _program(uow, program_id), _LISTED, None).items
    rows = [(str(v.version), format_rfc3339(v.created_at), ", ".join(v.changed)) for v in listed]
    data = [told({"version": v.version, "changed": v.changed, "created_at": v.created_at}) for v in listed]
    show(as_json, data, table(("VERSION", "SINCE", "CHANGED"), rows))


@design.command()
@click.argument("program_id", metavar="PROGRAM")
@click.argument("version", metavar="VERSION", type=click.IntRange(1, 2**31 - 1))
@click.option("--rules", is_flag=True, help="Bring its rules back too.")
@json_option
def restore(program_id: str, version: int, rules: bool, as_json: bool) -> None:
    """Publish an earlier version's design and texts again, as a new version."""
    with open_services() as services:
        after = _publish(
            services,
            program_id,
            lambda uow, before: designs.restore(uow, before, version, ACTOR, with_rules=rules),
        )
    said = f"Version {after.version} is published; it reads as version {version} did."
    show(as_json, {"program_id": after.id, "version": after.version, "restored": version}, said)


def _judged(services: Services, program_id: str, bundle: Bundle | None) -> tuple[Finding, ...]:
    with services.database.read() as uow:
        subject = judging.subject(services, uow, _program(uow, program_id), bundle)
    return judge(subject)


def _program(uow: UnitOfWork, program_id: str) -> ProgramView:
    try:
        return queries.anybodys(uow, program_id)
    except NotFound:
        raise FieldError("PROGRAM", f"there is no program {program_id[:80]!r}") from None


def _publish(services: Services, program_id: str, change: Change) -> ProgramView:
    """Write the next version and let every live card follow, with progress."""
    with services.database.write() as uow:
        known = _program(uow, program_id)
        after = change(uow, queries.lock(uow, known.merchant_id, known.id))
        if after.barcode == "signed":
            signing_keys.current_or_first(uow, services.token_key, after.merchant_id, signed_barcode.PURPOSE)
        publishing.publish(uow, after)
    with progress_bar("Publishing") as progress:
        publishing.finish(services.database, after, progress)
    return after


def _read(source: Path) -> Bundle:
    if source.is_dir():
        return bundle_of(_blaming(lambda: files_in_folder(source)))
    return bundle_of(_blaming(lambda: files_in_zip(source.read_bytes())))


def _blaming(read: Callable[[], Files]) -> Files:
    """Read files; what is wrong with them is said of the argument."""
    try:
        return read()
    except FieldError as error:
        raise FieldError("source", error.errors[0]["message"]) from None


def _write(output: Path, files: Files) -> None:
    """Write a new zip or folder whole or not at all."""
    try:
        _write_new(output, files)
    except OSError as error:
        raise FieldError("output", f"{str(output)[:200]} cannot be written: {error.strerror}") from None


def _write_new(output: Path, files: Files) -> None:
    if output.exists() and not (output.is_dir() and output.suffix != ".zip" and not any(output.iterdir())):
        raise FieldError("output", f"{output} exists already; name a new one")
    if not output.parent.is_dir():
        raise FieldError("output", f"{output.parent} is no folder")
    if output.suffix == ".zip":
        output.write_bytes(zip_of(files))
        return
    with tempfile.TemporaryDirectory(dir=output.parent) as made:
        whole = Path(made, "design")
        whole.mkdir()
        for name, content in files.items():
            (whole / name).write_bytes(content)
        whole.replace(output)
