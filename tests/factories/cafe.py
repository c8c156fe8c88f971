"""A café with programs and cards, made through the rooms themselves, for tests of what people see of it."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from passes.cards import queries as cards
from passes.cards import service as card_service
from passes.cards.rules import CardView
from passes.limits import service as limits
from passes.limits.rules import LimitDraft
from passes.merchants import keys, staff
from passes.merchants import service as merchants
from passes.merchants.queries import LocationView, MerchantView
from passes.merchants.rules import KeyDraft, LocationDraft, MerchantDraft, StaffDraft
from passes.money import Money
from passes.programs import service as programs
from passes.programs.queries import ProgramView
from passes.programs.service import ProgramDraft
from passes.redemption import service as redemption
from passes.redemption.service import TillCall
from passes.wiring import Services

ACTOR = "test"
TITLES = {
    "stamp": ("Kaffeekarte", "Coffee card"),
    "coupon": ("Herbstgutschein", "Autumn coupon"),
    "gift": ("Geschenkkarte", "Gift card"),
    "points": ("Stammgastpunkte", "Regulars' points"),
}
RULES: dict[str, dict[str, Any]] = {
    "stamp": {"stamps_required": 10, "reward": "Ein Kaffee aufs Haus"},
    "coupon": {"offer": {"type": "percent", "percent": 20}},
    "gift": {},
    "points": {
        "point_per": {"amount": 100, "asset": "EUR"},
        "rewards": [{"id": "croissant", "name": "Croissant", "points": 50}],
    },
}
IN_ENGLISH = {"stamp": {"reward": "A coffee on the house"}}


@dataclass
class Cafe:
    """One merchant, whatever it offers made when first asked for."""

    services: Services
    slug: str = "groessenwahn"
    name: str = "Café Größenwahn"
    locale: str = "de"

    @cached_property
    def merchant(self) -> MerchantView:
        """The merchant."""
        draft = MerchantDraft(slug=self.slug, name=self.name, locale=self.locale)
        with self.services.database.write() as uow:
            return merchants.create_merchant(uow, draft, ACTOR)

    @cached_property
    def shop(self) -> LocationView:
        """Its one shop."""
        merchant = self.merchant
        with self.services.database.write() as uow:
            return merchants.create_location(uow, merchant.id, LocationDraft(name="Mitte"), ACTOR)

    def program(self, kind: str = "stamp", *, slug: str | None = None, **rules: Any) -> ProgramView:
        """A program of `kind`; its slug is the kind unless given."""
        merchant, (de, en) = self.merchant, TITLES[kind]
        draft = ProgramDraft(
            kind,
            de,
            {**RULES[kind], **rules},
            slug=slug or kind,
            currency="EUR" if kind == "gift" else None,
            texts={
                "de": {"title": de, "terms": "Keine Barauszahlung."},
                "en": {"title": en, "terms": "No cash value.", **IN_ENGLISH.get(kind, {})},
            },
        )
        with self.services.database.write() as uow:
            return programs.create_program(uow, merchant.id, merchant.slug, draft, ACTOR)

    def card(self, kind: str = "stamp", *, rules: dict[str, Any] | None = None, **issued: Any) -> CardView:
        """A card of a new program of `kind`."""
        program = self.program(kind, **(rules or {}))
        with self.services.database.write() as uow:
            return card_service.issue(uow, program, actor=ACTOR, **issued)

    def collect(self, card: CardView, count: int) -> None:
        """Put stamps or points onto a card."""
        with self.services.database.write() as uow:
            redemption.stamp(uow, TillCall(self.merchant.id, ACTOR, card_id=card.id), count=count)

    def pay(self, card: CardView, cents: int) -> None:
        """Pay with a gift card."""
        with self.services.database.write() as uow:
            call = TillCall(self.merchant.id, ACTOR, card_id=card.id)
            redemption.redeem(uow, call, amount=Money(cents, "EUR"))

    def use(self, card: CardView, order_cents: int) -> CardView:
        """Use a coupon."""
        with self.services.database.write() as uow:
            call = TillCall(self.merchant.id, ACTOR, card_id=card.id)
            redemption.redeem(uow, call, order_total=Money(order_cents, "EUR"))
        return self.now(card)

    def now(self, card: CardView) -> CardView:
        """The card as it stands."""
        with self.services.database.read() as uow:
            return cards.get(uow, card.merchant_id, card.id)

    def limit(self, **said: Any) -> str:
        """The id of a limit of the merchant."""
        merchant = self.merchant
        with self.services.database.write() as uow:
            return limits.create(uow, merchant.id, LimitDraft(**said), ACTOR).id

    def key(self, *scopes: str) -> keys.NewKey:
        """A key with the scopes."""
        merchant = self.merchant
        with self.services.database.write() as uow:
            return keys.create_key(uow, merchant.id, KeyDraft(scopes=scopes), ACTOR)

    def person(self, pin: str, *scopes: str, name: str = "Ada") -> str:
        """The id of somebody with a PIN."""
        draft = StaffDraft(
            name=name, email=f"{pin}@example.com", password="correct horse", pin=pin, scopes=scopes
        )
        merchant = self.merchant
        with self.services.database.write() as uow:
            return staff.create_staff(uow, merchant.id, draft, ACTOR).id
