"""`keys`: the public keys that auditors and tills check signatures with."""

import click

from passes.cli.base import ACTOR, Group, json_option, merchant_option
from passes.cli.output import show, table
from passes.cli.session import merchant_named, open_services
from passes.clock import format_rfc3339
from passes.merchants import signing_keys
from passes.merchants.signing_keys import PURPOSES, SigningKey

_purpose = click.option(
    "--purpose", required=True, type=click.Choice(PURPOSES), help="What the key signs: roots or barcodes."
)


@click.group(cls=Group)
def keys() -> None:
    """Show and rotate a merchant's Ed25519 signing keys."""


@keys.command("show")
@merchant_option
@_purpose
@json_option
def show_(merchant: str, purpose: str, as_json: bool) -> None:
    """Show the public keys, the current one first. Keep a copy outside this installation."""
    with open_services() as services, services.database.read() as uow:
        found = signing_keys.public_keys(uow, merchant_named(uow, merchant).id, purpose)
    headings = ("id", "public key (hex)", "created", "retired")
    show(as_json, [_listed(key) for key in found], table(headings, [_row(key) for key in found]))


@keys.command()
@merchant_option
@_purpose
@json_option
def rotate(merchant: str, purpose: str, as_json: bool) -> None:
    """Make the next key and retire the current one, whose signatures stay valid."""
    with open_services() as services, services.database.write() as uow:
        merchant_id = merchant_named(uow, merchant).id
        made = signing_keys.rotate(uow, services.token_key, merchant_id, purpose, ACTOR)
    show(as_json, _listed(made), f"From now on {made.id} signs: {made.public.hex()}")


def _listed(key: SigningKey) -> dict[str, object]:
    return {
        "id": key.id,
        "purpose": key.purpose,
        "public_key": key.public.hex(),
        "created_at": key.created_at,
        "retired_at": key.retired_at,
    }


def _row(key: SigningKey) -> tuple[str, ...]:
    retired = format_rfc3339(key.retired_at) if key.retired_at else ""
    return (key.id, key.public.hex(), format_rfc3339(key.created_at), retired)
