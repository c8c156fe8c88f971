"""A certificate from import to renewal: warned of, ended, what waited goes out, old passes still update."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine

from passes.clock import real_now
from passes.outbox import queries
from passes.wallets.signing.importing import import_pem
from scheduler.jobs import identities_job
from tests.story.shop import Json, Shop, open_shop
from tests.wallets.signing import chains

PASS_TYPE = "pass.de.example.morgenrot"
START = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def shop(database_url: str, tmp_path: Path) -> Iterator[Shop]:
    with open_shop(database_url, tmp_path) as opened:
        yield opened


def take(shop: Shop, days: int) -> None:
    """Import a certificate that ends in so many days, as an operator does."""
    leaf = chains.leaf(issuer=chains.OWN_NAME, pass_type=PASS_TYPE, end=START + timedelta(days=days))
    issuers = (chains.own(), chains.root())
    material = import_pem(chains.pem(leaf), chains.key_pem(), None, intermediates=issuers, development=True)
    shop.services.identities.save("morgenrot", material)


def tick(shop: Shop) -> None:
    """What the scheduler does: look at the identities, then send what is due."""
    services = shop.services
    identities_job(services.database, services.identities, is_https=False).run(lambda: True)
    shop.services.senders()["send"].run()


def stamp(shop: Shop, card: Json) -> None:
    shop.api("POST", "/stamps", {"code": card["code"], "count": 1})


def signing(shop: Shop) -> Json:
    return shop.api("GET", "/signing", expect=200)


def waiting(shop: Shop) -> int:
    count: int = signing(shop)["phones_waiting"]
    return count


def dead(shop: Shop) -> int:
    with shop.services.database.read() as uow:
        return sum(c.dead for c in queries.status(uow, real_now()).channels)


def test_from_import_to_renewal(shop: Shop) -> None:
    """One identity's life beside a card that is used all the while."""
    take(shop, 40)
    rules = {"stamps_required": 10, "reward": "A coffee"}
    slug = shop.api("POST", "/programs", {"kind": "stamp", "name": "Card", "rules": rules})["slug"]
    pkpass = shop.download(shop.enrol(slug))
    card, phone = shop.card_of(pkpass), shop.phone()
    serial = phone.install(pkpass)
    stamp(shop, card)
    tick(shop)
    assert len(shop.apns.pushes) == 1
    assert phone.pushed() == [serial]
    assert (signing(shop)["signs"], signing(shop)["warnings"]) == (True, [])

    with time_machine.travel(START + timedelta(days=34)):
        tick(shop)
        said = signing(shop)
        assert said["identities"][0]["state"] == "ends_soon"
        assert "in 5 days" in said["warnings"][0] or "in 6 days" in said["warnings"][0]

    with time_machine.travel(START + timedelta(days=41)):
        tick(shop)
        assert (signing(shop)["signs"], signing(shop)["identities"][0]["state"]) == (False, "ended")
        stamp(shop, card)
        tick(shop)
        assert len(shop.apns.pushes) == 1
        assert waiting(shop) == 1
        assert shop.api("GET", f"/cards/{serial}/pass.pkpass", expect=409)["code"] == "wallet_not_configured"

    with time_machine.travel(START + timedelta(days=51)):
        shop.sender.drain()
        assert (waiting(shop), dead(shop), len(shop.apns.pushes)) == (1, 0, 1)

    with time_machine.travel(START + timedelta(days=51, minutes=1)):
        take(shop, 365)
        tick(shop)
        assert (waiting(shop), dead(shop), len(shop.apns.pushes)) == (0, 0, 2)
        assert signing(shop)["signs"]
        assert phone.pushed() == [serial]
        assert phone.shown(serial, "balance") == "2 / 10"
        assert phone.card(serial).pass_type == PASS_TYPE
