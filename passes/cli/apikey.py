"""`apikey`: let tills and programs of a merchant in."""

import click

from passes.cli.base import ACTOR, Group, json_option, merchant_option
from passes.cli.output import note, show, table
from passes.cli.session import merchant_named, open_services
from passes.clock import format_rfc3339
from passes.fields import checked
from passes.merchants import keys
from passes.merchants.access import SCOPES
from passes.merchants.keys import KeyView
from passes.merchants.rules import KeyDraft


@click.group(cls=Group)
def apikey() -> None:
    """Make API keys, list them, end them."""


@apikey.command()
@merchant_option
@click.option("--scopes", required=True, help=f"One or more of {','.join(SCOPES)}, separated by commas.")
@click.option("--location", "location_id", metavar="ID", help="The only shop the key may act for.")
@json_option
def create(merchant: str, scopes: str, location_id: str | None, as_json: bool) -> None:
    """Make a key and print it. It is kept as a hash, so this is the only time it can be read."""
    wanted = tuple(scope.strip() for scope in scopes.split(","))
    draft = checked(KeyDraft, {"scopes": wanted, "location_id": location_id})
    with open_services() as services, services.database.write() as uow:
        made = keys.create_key(uow, merchant_named(uow, merchant).id, draft, ACTOR)
    show(as_json, {"id": made.id, "key": made.key}, made.key)
    if not as_json:
        note(f"The key has the id {made.id}. Keep it now: it is not shown again.")


@apikey.command("list")
@merchant_option
@json_option
def list_(merchant: str, as_json: bool) -> None:
    """List a merchant's keys by id and beginning, ended ones too."""
    with open_services() as services, services.database.read() as uow:
        found = keys.keys(uow, merchant_named(uow, merchant).id)
    headings = ("id", "begins with", "scopes", "location", "created", "ended")
    show(as_json, [_listed(key) for key in found], table(headings, [_row(key) for key in found]))


@apikey.command()
@click.argument("key_id", metavar="ID")
@json_option
def revoke(key_id: str, as_json: bool) -> None:
    """End a key, now and for good."""
    with open_services() as services, services.database.write() as uow:
        ended = keys.revoke_key(uow, keys.find_key(uow, key_id).merchant_id, key_id, ACTOR)
    show(as_json, _listed(ended), f"The key {key_id} lets nobody in any more.")


def _listed(key: KeyView) -> dict[str, object]:
    return {
        "id": key.id,
        "hint": key.hint,
        "scopes": key.scopes,
        "location_id": key.location_id,
        "created_at": key.created_at,
        "revoked_at": key.revoked_at,
    }


def _row(key: KeyView) -> tuple[str, ...]:
    ended = format_rfc3339(key.revoked_at) if key.revoked_at else ""
    scopes, location = ",".join(key.scopes), key.location_id or ""
    return (key.id, key.hint, scopes, location, format_rfc3339(key.created_at), ended)
