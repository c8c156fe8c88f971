"""What the demo prints once it serves: everything there is to try, on one screen."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

import click
import requests

from passes.cli.demo.logins import Logins
from passes.cli.demo.opening import Shop
from passes.cli.output import note
from passes.config import Settings
from passes.ids import format_code
from passes.wiring import Services

PATIENCE_S = 60.0
_TRY_S, _PAUSE_S = 2.0, 0.1
_HERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared with, not bound to

_KINDS = {
    "stamp": "Stamp card   Stempelkarte",
    "coupon": "Coupon       Gutschein",
    "points": "Points card  Punktekarte",
    "gift": "Gift card    Geschenkkarte",
}


def listing(services: Services, shop: Shop, logins: Logins, signed: str, providers: list[str]) -> str:
    """The list. `signed` says where the signed pass lies, `providers` who plays Apple and Google."""
    base = services.base_url
    enrol = [f"{words:<28} {base}/e/{shop.programs[kind].slug}" for kind, words in _KINDS.items()]
    card = services.card_links(shop.cards["stamp"].page_token)
    gift = services.card_links(shop.cards["gift"].page_token)
    code = format_code(shop.cards["stamp"].code)
    staff, slug = logins.staff, shop.merchant.slug
    sections = {
        "Get a card  |  Karte holen": enrol,
        "Cards of Anna Beispiel": [
            f"{'Stamp card':<28} {card.page}   code {code}",
            f"{'Gift card':<28} {gift.page}",
            f"{'Signed Apple pass':<28} {signed}",
        ],
        "For the shop  |  Für den Laden": [
            f"{'Counter poster   Aufsteller':<28} {base}/e/{shop.programs['stamp'].slug}/poster.pdf",
            f"{'Scanner':<28} {base}/scanner?merchant={slug}   PIN {staff.pin}, or the till key",
            f"{'Console   Verwaltung':<28} {base}/console   {staff.email}   {staff.password}",
            f"{'API for tills':<28} {base}/api/docs",
            *(f"{f'API key: {scope}':<28} {key}" for scope, key in logins.keys.items()),
        ],
        "Apple and Google": providers,
    }
    data = services.settings.data_dir
    if not services.settings.smtp_url.get_secret_value():
        sections["Mail"] = [f"{'Written to files   Als Datei':<28} {data}/mail/"]
    lines = [f"{shop.merchant.name} is open (merchant {slug})."]
    for heading, entries in sections.items():
        lines += ["", heading, *(f"  {entry}" for entry in entries)]
    return "\n".join(
        [
            *lines,
            "",
            f"Other commands beside it: . {data}/demo.env; python -m passes --help",
            f"Ctrl-C stops it; {data}/ keeps everything for the next time.",
        ]
    )


def when_serving(settings: Settings, quiet: threading.Lock, say: Callable[[], None]) -> None:
    """Call `say` from the side as soon as the service answers; at work only while it holds `quiet`."""
    threading.Thread(target=_wait, args=(settings, quiet, say), daemon=True).start()


def _wait(settings: Settings, quiet: threading.Lock, say: Callable[[], None]) -> None:
    host = _HERE.get(settings.host, settings.host)
    address = f"http://{f'[{host}]' if ':' in host else host}:{settings.port}/readyz"
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        with quiet:
            if _told(address, say):
                return
        time.sleep(_PAUSE_S)
    with quiet:
        note(f"The service does not answer at {address}.")


def _told(address: str, say: Callable[[], None]) -> bool:
    """Whether the service answered, and that was told."""
    try:
        # A worker that is lost is put back only after this.
        ready = requests.get(address, timeout=_TRY_S)
    except requests.RequestException:
        return False
    if ready.ok:
        say()
    else:
        note(f"The service is not ready: {'; '.join(ready.json()['failures'])}")
    return True


def print_now(text: str) -> None:
    """Print, also into a pipe, at once."""
    click.echo(f"\n{text}\n")


def shown(path: Path) -> str:
    """A path as one would type it here."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
