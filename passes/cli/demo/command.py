"""`demo`: from nothing to a shop that serves, which is what `make run` does."""

import os
import shlex
import signal
import sys
from contextlib import ExitStack
from pathlib import Path
from types import FrameType

import click

from passes import migrate
from passes.cli.base import Command
from passes.cli.demo import logins, stand_ins
from passes.cli.demo.listing import listing, print_now, shown, when_serving
from passes.cli.demo.logins import Logins
from passes.cli.demo.opening import Shop, open_shop
from passes.cli.demo.stand_ins import StandIn
from passes.cli.output import note
from passes.cli.serve import require_free_port, run_server
from passes.cli.session import open_services
from passes.config import Settings, load_settings
from passes.errors import Refusal
from passes.wiring import Services

GOOGLE_SETTINGS = (
    "STEMPEL_GOOGLE_API_URL",
    "STEMPEL_GOOGLE_CREDENTIALS_FILE",
    "STEMPEL_GOOGLE_ISSUER_ID",
    "STEMPEL_GOOGLE_CALLBACK_KEYS_URL",
    "STEMPEL_GOOGLE_SAVE_URL",
)


@click.command(cls=Command)
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    envvar="PORT",
    help="Where to serve unless STEMPEL_PORT says; also the variable PORT.  [default: 8000]",
)
@click.option("--fakes", envvar="FAKES", is_flag=True, help="Play Google, too; also the variable FAKES=1.")
def demo(port: int | None, fakes: bool) -> None:
    """Serve a demo shop with a card of every kind, and print what there is to try.

    Safe to run again: it makes what is missing and keeps what is there. Every STEMPEL_ setting counts.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)
    if port is not None:
        os.environ.setdefault("STEMPEL_PORT", str(port))
    settings = load_settings()
    require_free_port(settings.host, settings.port)
    with ExitStack() as running:
        with open_services(migrated=False) as services:
            shop, made = _prepare(services)
        providers = [_apple(running, settings, services), _google(running, settings, fakes=fakes)]
        _tell_other_commands(running, settings)
        with open_services() as services:
            signed = _signed_pass(services, shop)
            text = listing(services, shop, made, signed, providers)
            settings = services.settings
        run_server(settings, lambda quiet: when_serving(settings, quiet, lambda: print_now(text)))


def _stop(_signal: int, _frame: FrameType | None) -> None:
    """Before the server takes the signals over, they end the start without a word."""
    sys.exit(0)


def _prepare(services: Services) -> tuple[Shop, Logins]:
    """Database, merchant, keys and signing identity, as far as they are missing."""
    with migrate.reachable():
        if migrate.pending(services.database):
            note("Preparing the database ...")
            migrate.upgrade(services.database)
    path = services.settings.data_dir / "demo.json"
    with services.database.write() as uow:
        shop = open_shop(uow)
        made = logins.working_logins(uow, shop.merchant.id, path)
    logins.save(made, path)
    if services.identities.load(shop.merchant.slug) is None:
        note("Making a signing identity for development ...")
        services.identities.create_development(shop.merchant.slug)
    return shop, made


def _signed_pass(services: Services, shop: Shop) -> str:
    """Sign the member's stamp card and say where it lies, or why it could not be signed."""
    path = services.settings.data_dir / "demo.pkpass"
    try:
        with services.database.read() as uow:
            content = services.build_pass(uow, shop.cards["stamp"].id)
    except Refusal as refusal:
        return f"none: {refusal}"
    draft = path.with_name(".demo.pkpass.new")
    draft.write_bytes(content)
    draft.replace(path)
    return shown(path.absolute())


def _apple(running: ExitStack, settings: Settings, services: Services) -> str:
    """Start the push stand-in unless Apple is meant, and say who is in use."""
    apple = f"Apple push: {settings.apns_url}"
    if os.environ.get("STEMPEL_APNS_URL"):
        return f"{apple}, as set"
    identities = services.identities.all()
    if not all(identity.development for identity in identities):
        return f"{apple}, as a signing identity is a real one"
    if not stand_ins.are_here():
        return f"{apple}, as there is no stand-in outside a checkout"
    # Every merchant's folder: whoever gets an identity while this runs can push too.
    stand_in = stand_ins.start_apns(_folder(settings), settings.certs_dir, settings.provider_ca_file)
    return _started(running, "Apple push", stand_in)


def _google(running: ExitStack, settings: Settings, *, fakes: bool) -> str:
    """Start the stand-in for Google where it is wanted, and say who is in use."""
    if any(os.environ.get(name) for name in GOOGLE_SETTINGS):
        return f"Google Wallet: {settings.google_api_url}, as set"
    if not fakes:
        return "Google Wallet: off; FAKES=1 starts a stand-in"
    if not stand_ins.are_here():
        return "Google Wallet: off, as there is no stand-in outside a checkout"
    callback_url = f"http://127.0.0.1:{settings.port}/google/callback"
    return _started(running, "Google Wallet", stand_ins.start_google(_folder(settings), callback_url))


def _folder(settings: Settings) -> Path:
    return settings.data_dir.absolute() / "stand-ins"


def _tell_other_commands(running: ExitStack, settings: Settings) -> None:
    """Write down, while the demo runs, what another command needs to know to work beside it."""
    names = ("STEMPEL_PORT", "STEMPEL_APNS_URL", "STEMPEL_PROVIDER_CA_FILE", *GOOGLE_SETTINGS)
    found = {name: os.environ[name] for name in names if os.environ.get(name)}
    path = settings.data_dir / "demo.env"
    path.write_text("".join(f"export {name}={shlex.quote(value)}\n" for name, value in found.items()))
    running.callback(path.unlink, missing_ok=True)


def _started(running: ExitStack, what: str, stand_in: StandIn) -> str:
    running.callback(stand_in.stop)
    os.environ.update(stand_in.settings)
    return f"{what}: a stand-in; what it hears is in {shown(stand_in.log)}"
