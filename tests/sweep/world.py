"""Two shops with one of everything, so that every request has something real to be wrong about."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from flask import Flask

from passes.app import create_app
from passes.cards import queries as cards
from passes.cards.apple_token import key_id_of
from passes.config import Settings
from passes.db.engine import Database
from passes.merchants import staff
from passes.merchants.rules import StaffDraft
from passes.programs import queries as programs
from passes.wiring import Services
from tests.factories.visitor import Visitor
from tests.fakes.google import GoogleStandIn
from tests.fixtures.api import Shop, eur
from tests.sweep.bad import BASE_URL

Json = dict[str, Any]
PASSWORD = "correct horse"
PIN = "246810"
NO_HURRY = 1_000_000
"""Requests a second: a sweep is what the doors are there to slow down."""


@dataclass
class World:
    """The application, and in it `mine` and `theirs`."""

    app: Flask
    services: Services
    google: GoogleStandIn
    mine: "Place"
    theirs: "Place"
    marketer: Visitor | None = None
    onlooker: Visitor | None = None

    @property
    def database(self) -> Database:
        return self.services.database


@dataclass
class Place:
    """One merchant and what it has."""

    shop: Shop

    def fill(self) -> "Place":
        """Make everything, so that nothing is made while somebody looks for traces."""
        for name in (
            "cards",
            "member",
            "location",
            "campaign",
            "stamping",
            "redemption",
            "hold",
            "basket",
            "webhook",
            "limit",
            "approval",
            "person",
            "onlooking_person",
            "key",
            "page_of_member",
        ):
            getattr(self, name)
        return self

    @cached_property
    def cards(self) -> dict[str, Json]:
        """A card of each kind, with something on it, and with what a scanner reads from it."""
        made = {kind: self.shop.card(kind) for kind in ("coupon", "points")}
        made |= {"stamp": self.shop.stamped(3), "gift": self.shop.gift(20_000)}
        with self.shop.services.database.read() as uow:
            return {
                kind: {**card, "barcode": cards.get(uow, self.shop.id, card["id"]).barcode}
                for kind, card in made.items()
            }

    @cached_property
    def member(self) -> str:
        made: str = self.shop.manager.post("/members", {"name": "Ada", "external_id": "1"}).ok()["id"]
        return made

    @cached_property
    def page_of_member(self) -> str:
        """The path of the page of a member's card."""
        page: str = self.shop.card("stamp", member_id=self.member)["links"]["page"]
        return page.removeprefix(BASE_URL)

    @cached_property
    def location(self) -> str:
        return self.shop.location()

    @cached_property
    def campaign(self) -> str:
        raw = {"name": "Hallo", "trigger": {"type": "manual"}, "message": {"de": "Hallo", "en": "Hello"}}
        made: str = self.shop.client("marketing").post("/campaigns", raw).ok()["id"]
        return made

    @cached_property
    def stamping(self) -> str:
        made: str = self.shop.till.post("/stamps", {"card_id": self.cards["stamp"]["id"], "count": 1})["id"]
        return made

    @cached_property
    def redemption(self) -> str:
        pay = {"card_id": self.cards["gift"]["id"], "amount": eur(1250)}
        made: str = self.shop.till.post("/redemptions", pay).ok()["id"]
        return made

    @cached_property
    def hold(self) -> str:
        wanted = {"card_id": self.cards["gift"]["id"], "amount": eur(500)}
        made: str = self.shop.till.post("/holds", wanted).ok()["id"]
        return made

    @cached_property
    def basket(self) -> str:
        used = [{"card_id": self.cards["gift"]["id"]}]
        wanted = {"mode": "all", "order_total": eur(300), "instruments": used}
        made: str = self.shop.till.post("/baskets", wanted).ok()["id"]
        return made

    @cached_property
    def webhook(self) -> str:
        made: str = self.shop.manager.post("/webhooks", {"url": "https://shop.example/events"}).ok()["id"]
        return made

    @cached_property
    def limit(self) -> str:
        """A limit nothing here comes near, on something else than what the others move."""
        wanted = {"call": "issue", "within": "transaction", "amount": eur(50_000_000), "action": "approve"}
        made: str = self.shop.manager.post("/limits", wanted).ok()["id"]
        return made

    @cached_property
    def approval(self) -> str:
        """Something that waits for a second person, of whom a till asked it."""
        assert self.limit
        wanted = {"program_id": self.shop.program("gift"), "amount": eur(60_000_000)}
        return str(self.shop.till.post("/cards", wanted)["approval_id"])

    @cached_property
    def person(self) -> str:
        """Somebody with a password and a PIN; returns the address they sign in with."""
        email = f"ada@{self.shop.slug}.example"
        return self._hired(
            StaffDraft(
                name="Ada", email=email, password=PASSWORD, pin=PIN, scopes=("marketing", "till", "manage")
            )
        )

    @cached_property
    def onlooking_person(self) -> str:
        """Somebody who may open the console but manages nothing; returns the address they sign in with."""
        email = f"eve@{self.shop.slug}.example"
        return self._hired(StaffDraft(name="Eve", email=email, password=PASSWORD, scopes=("marketing",)))

    def _hired(self, draft: StaffDraft) -> str:
        with self.shop.services.database.write() as uow:
            staff.create_staff(uow, self.shop.id, draft, "test")
        return str(draft.email)

    @cached_property
    def key(self) -> str:
        """A key that opens everything."""
        opened = self.shop.everything.key
        assert opened is not None
        self.shop.client("read")
        self.shop.client("till")
        return opened

    def slug(self, kind: str = "stamp") -> str:
        """Where cards of a kind are given away."""
        with self.shop.services.database.read() as uow:
            return programs.get(uow, self.shop.id, self.shop.program(kind)).slug

    def thing(self, room: str) -> str:
        """The id of a thing below `/api/v1/{room}`."""
        return {
            "cards": str(self.cards["stamp"]["id"]),
            "members": self.member,
            "locations": self.location,
            "campaigns": self.campaign,
            "programs": self.shop.program("stamp"),
            "stamps": self.stamping,
            "redemptions": self.redemption,
            "holds": self.hold,
            "baskets": self.basket,
            "webhooks": self.webhook,
            "limits": self.limit,
            "approvals": self.approval,
        }[room]


@contextmanager
def open_world(database: Database, folder: Path) -> Iterator[World]:
    """The world, with Google on."""
    with GoogleStandIn(folder / "google") as google:
        services = Services(
            Settings(
                base_url=BASE_URL,
                database_url=database.url,
                data_dir=folder / "data",
                certs_dir=folder / "certs",
                secret_key="s" * 40,
                token_key="t" * 40,
                api_requests_per_s=NO_HURRY,
                google_api_url=google.url,
                google_credentials_file=google.credentials_file,
                google_issuer_id=google.issuer_id,
                google_callback_keys_url=google.keys_url,
            )
        )
        services.close()
        services.database = database
        database.token_key_id = key_id_of(services.token_key)
        app = create_app(services)
        places = [Place(Shop(app, services, slug).open()).fill() for slug in ("mokka", "bohne")]
        for slug in ("mokka", "bohne"):
            services.identities.create_development(slug)
        yield World(app, services, google, *places)
