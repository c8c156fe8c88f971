"""`db`: bring the database to the shape the code expects, and say where it differs."""

import click

from passes import migrate
from passes.cli.base import Group, json_option
from passes.cli.output import show
from passes.cli.session import open_services


@click.group(cls=Group)
def db() -> None:
    """Migrate the database, or check it."""


@db.command()
@json_option
def upgrade(as_json: bool) -> None:
    """Bring the database to the shape the code expects. Safe to run again."""
    with open_services(migrated=False) as services, migrate.reachable():
        changed = migrate.pending(services.database)
        if changed:
            migrate.upgrade(services.database)
    said = "The database is up to date now." if changed else "The database was up to date."
    show(as_json, {"changed": changed}, said)


@db.command()
@json_option
@click.pass_context
def check(ctx: click.Context, as_json: bool) -> None:
    """Report every difference between database and code; exit 1 if there is one."""
    with open_services(migrated=False) as services, migrate.reachable():
        pending = migrate.pending(services.database)
        drift = [] if pending else migrate.drift(services.database)
    ok = not pending and not drift
    if pending:
        said = f"The database is behind the code; run: {migrate.UPGRADE}"
    else:
        said = "\n".join(drift) or "Database and code agree."
    show(as_json, {"ok": ok, "pending": pending, "drift": drift}, said)
    ctx.exit(0 if ok else 1)
