"""`staff`: let people of a merchant into console and scanner."""

import sys
from pathlib import Path

import click

from passes.cli.base import ACTOR, Group, json_option, merchant_option
from passes.cli.output import show, table
from passes.cli.session import merchant_named, open_services
from passes.clock import format_rfc3339
from passes.fields import checked
from passes.merchants import staff as people
from passes.merchants.access import SCOPES
from passes.merchants.rules import StaffDraft
from passes.merchants.staff import StaffView

_file = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group(cls=Group)
def staff() -> None:
    """Let people in."""


@staff.command()
@merchant_option
@click.option("--name", required=True, help="The person's name.")
@click.option("--email", required=True, help="What the person signs in with.")
@click.option("--scopes", required=True, help=f"One or more of {','.join(SCOPES)}, separated by commas.")
@click.option("--location", "location_id", metavar="ID", help="The only shop the person may act for.")
@click.option("--password-file", type=_file, help="Holds the password; asked for without it.")
@click.option("--pin-file", type=_file, help="Holds a PIN for the scanner, 6 to 10 digits.")
@json_option
def create(
    *,
    merchant: str,
    name: str,
    email: str,
    scopes: str,
    location_id: str | None,
    password_file: Path | None,
    pin_file: Path | None,
    as_json: bool,
) -> None:
    """Let a person in.

    The password is asked for, or read from the first line of standard input or of a file. It is never an
    argument, because every user of the machine can read those.
    """
    fields = {
        "name": name,
        "email": email,
        "password": _first_line(password_file) if password_file else _asked(),
        "pin": _first_line(pin_file) if pin_file else None,
        "scopes": tuple(scope.strip() for scope in scopes.split(",")),
        "location_id": location_id,
    }
    draft = checked(StaffDraft, fields)
    with open_services() as services, services.database.write() as uow:
        made = people.create_staff(uow, merchant_named(uow, merchant).id, draft, ACTOR)
    data = {"id": made.id, "email": made.email, "scopes": made.scopes, "location_id": made.location_id}
    show(as_json, data, f"{made.name} signs in as {made.email} and has the id {made.id}.")


@staff.command("list")
@merchant_option
@json_option
def list_(merchant: str, as_json: bool) -> None:
    """List a merchant's people, those shut out too."""
    with open_services() as services, services.database.read() as uow:
        found = people.everybody(uow, merchant_named(uow, merchant).id)
    headings = ("id", "name", "email", "scopes", "location", "shut out")
    show(as_json, [_listed(person) for person in found], table(headings, [_row(p) for p in found]))


@staff.command()
@merchant_option
@click.argument("staff_id", metavar="ID")
@json_option
def disable(merchant: str, staff_id: str, as_json: bool) -> None:
    """Shut a person out of console and scanner, at once, also where they are signed in."""
    with open_services() as services, services.database.write() as uow:
        person = people.disable_staff(uow, merchant_named(uow, merchant).id, staff_id, ACTOR)
    show(as_json, _listed(person), f"{person.name} is let in nowhere any more.")


def _listed(person: StaffView) -> dict[str, object]:
    return {
        "id": person.id,
        "name": person.name,
        "email": person.email,
        "scopes": person.scopes,
        "location_id": person.location_id,
        "has_pin": person.has_pin,
        "created_at": person.created_at,
        "disabled_at": person.disabled_at,
    }


def _row(person: StaffView) -> tuple[str, ...]:
    scopes, location = ",".join(person.scopes), person.location_id or ""
    shut_out = format_rfc3339(person.disabled_at) if person.disabled_at else ""
    return person.id, person.name, person.email, scopes, location, shut_out


def _asked() -> str:
    if not sys.stdin.isatty():
        return _line(sys.stdin.buffer.readline())
    answer: str = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return answer


def _first_line(path: Path) -> str:
    return _line(path.read_bytes().partition(b"\n")[0])


def _line(raw: bytes) -> str:
    return raw.decode(errors="replace").rstrip("\r\n")
