"""The sandbox's shop: an installation of its own in a folder that is thrown away, never the real one."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pydantic import SecretStr

from passes import migrate
from passes.cards import service as card_service
from passes.cards import signed_barcode
from passes.cards.rules import CardView
from passes.cli.base import ACTOR
from passes.config import Settings
from passes.merchants import keys, signing_keys
from passes.merchants import service as merchants
from passes.merchants.queries import MerchantView
from passes.merchants.rules import KeyDraft, LocationDraft, MerchantDraft
from passes.programs import service as programs
from passes.programs.queries import ProgramView
from passes.programs.service import ProgramDraft
from passes.wiring import Services

RULES: dict[str, dict[str, Any]] = {
    "stamp": {"stamps_required": 10, "reward": "A free coffee", "stamp_per": {"amount": 350, "asset": "EUR"}},
    "coupon": {"offer": {"type": "percent", "percent": 20}},
    "gift": {},
    "points": {
        "point_per": {"amount": 100, "asset": "EUR"},
        "rewards": [{"id": "mug", "name": "A mug", "points": 50}],
    },
}


@dataclass(frozen=True)
class SandboxShop:
    """A merchant with a shop, a program of each kind and keys."""

    services: Services
    merchant: MerchantView
    location_id: str
    programs: dict[str, ProgramView]
    till_key: str
    manager_key: str

    def card(self, kind: str, amount: int | None = None) -> CardView:
        """A new card; of a gift card `amount` cents lie on it."""
        with self.services.database.write() as uow:
            return card_service.issue(uow, self.programs[kind], actor=ACTOR, amount=amount)

    def signed_barcode(self, card: CardView) -> str:
        """What a till without network scans from the card."""
        token_key = self.services.token_key
        with self.services.database.write() as uow:
            key = signing_keys.current_or_first(uow, token_key, self.merchant.id, signed_barcode.PURPOSE)
            return signed_barcode.sign(card, key, token_key, uow.now)


@contextmanager
def sandbox_shop(base_url: str) -> Iterator[SandboxShop]:
    """The shop, on an SQLite file that is gone afterwards. No setting of the environment counts."""
    with TemporaryDirectory(prefix="stempel-sandbox-") as folder:
        settings = Settings(
            base_url=base_url,
            database_url=f"sqlite:///{folder}/sandbox.db",
            data_dir=Path(folder) / "data",
            certs_dir=Path(folder) / "certs",
            secret_key=SecretStr(secrets.token_hex(32)),
            token_key=SecretStr(secrets.token_hex(32)),
        )
        services = Services(settings)
        try:
            migrate.upgrade(services.database)
            yield _open(services)
        finally:
            services.close()


def _open(services: Services) -> SandboxShop:
    with services.database.write() as uow:
        merchant = merchants.create_merchant(uow, MerchantDraft(slug="sandbox", name="Sandbox"), ACTOR)
        location = merchants.create_location(uow, merchant.id, LocationDraft(name="Till 1"), ACTOR)
        offered = {
            kind: programs.create_program(
                uow,
                merchant.id,
                merchant.slug,
                ProgramDraft(kind, kind.title(), rules, currency="EUR" if kind == "gift" else None),
                ACTOR,
            )
            for kind, rules in RULES.items()
        }
        till = keys.create_key(uow, merchant.id, KeyDraft(scopes=("till",), location_id=location.id), ACTOR)
        manager = keys.create_key(uow, merchant.id, KeyDraft(scopes=("manage", "read")), ACTOR)
    return SandboxShop(services, merchant, location.id, offered, till.key, manager.key)
