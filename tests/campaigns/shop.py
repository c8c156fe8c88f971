"""A small merchant to campaign for: one stamp program, members who collect, and a clock to turn."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from passes.campaigns import queries, run, service
from passes.campaigns.models import Dispatch
from passes.campaigns.queries import CampaignView
from passes.campaigns.run import RunReport
from passes.cards import queries as cards
from passes.cards import service as card_service
from passes.cards.rules import CardView
from passes.clock import FixedClock
from passes.db.engine import Database
from passes.ledger.rules import Entry
from passes.members import service as members
from passes.members.rules import ConsentDraft, MemberChanges, MemberDraft
from passes.merchants import service as merchants
from passes.merchants.rules import LocationDraft, MerchantDraft
from passes.programs import queries as programs
from passes.programs import service as program_service
from passes.redemption import service as redemption
from passes.redemption.service import TillCall

BASE_URL = "https://cards.example"
RULES: dict[str, dict[str, Any]] = {
    "stamp": {"stamps_required": 10, "reward": "A free coffee"},
    "coupon": {"offer": {"type": "percent", "percent": 20}},
    "gift": {},
    "points": {"point_per": {"amount": 100, "asset": "EUR"}},
}
MESSAGE = {"de": "Hallo {first_name}, wir haben etwas für dich.", "en": "Hello {first_name}, a word from us."}
YES = ConsentDraft(
    purpose="marketing", channel="wallet", granted=True, wording="Yes, write to me.", source="till"
)
NO = YES.model_copy(update={"granted": False})


def at(text: str) -> datetime:
    """A moment, UTC, as short as tests like it: `2026-03-02 09:00`."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@dataclass
class Shop:
    """Everything a campaign test does, at the clock's time."""

    database: Database
    clock: FixedClock
    slug: str = "cafe"
    merchant_id: str = ""
    program_id: str = ""

    def open(self) -> "Shop":
        draft = MerchantDraft(slug=self.slug, name="Café Lindgren", time_zone="Europe/Berlin")
        with self.database.write() as uow:
            self.merchant_id = merchants.create_merchant(uow, draft, "test").id
        self.program_id = self.program("stamp")
        return self

    def program(self, kind: str, **rules: Any) -> str:
        draft = program_service.ProgramDraft(
            kind, f"{kind} card", {**RULES[kind], **rules}, currency="EUR" if kind == "gift" else None
        )
        with self.database.write() as uow:
            made = program_service.create_program(uow, self.merchant_id, self.slug, draft, "test")
        return made.id

    def location(self, name: str = "Mitte") -> str:
        with self.database.write() as uow:
            return merchants.create_location(uow, self.merchant_id, LocationDraft(name=name), "test").id

    def member(self, *, consent: bool = True, card: bool = True, **values: Any) -> str:
        values = {"name": "Anna Berg", "time_zone": "Europe/Berlin", **values}
        draft = MemberDraft(**values, consents=(YES,) if consent else ())
        with self.database.write() as uow:
            member_id = members.create_member(uow, self.merchant_id, draft, "test").id
        if card:
            self.card(member_id)
        return member_id

    def say(self, member_id: str, word: ConsentDraft) -> None:
        with self.database.write() as uow:
            members.update_member(uow, self.merchant_id, member_id, MemberChanges(consents=(word,)), "test")

    def card(self, member_id: str | None, program_id: str | None = None, **values: Any) -> str:
        with self.database.write() as uow:
            program = programs.get(uow, self.merchant_id, program_id or self.program_id)
            return card_service.issue(uow, program, actor="test", member_id=member_id, **values).id

    def cards_of(self, member_id: str) -> list[CardView]:
        with self.database.read() as uow:
            ids = cards.of_member(uow, self.merchant_id, member_id)
            return [cards.get(uow, self.merchant_id, card_id) for card_id in ids]

    def buy(self, member_id: str, count: int = 1, location_id: str | None = None) -> Entry:
        card_id = self.cards_of(member_id)[0].id
        with self.database.write() as uow:
            call = TillCall(self.merchant_id, "till", card_id=card_id, location_id=location_id)
            return redemption.stamp(uow, call, count=count)

    def undo(self, entry: Entry) -> None:
        with self.database.write() as uow:
            redemption.reverse_stamps(uow, TillCall(self.merchant_id, "till"), entry.id)

    def campaign(self, trigger: str = "manual", *, launch: bool = True, **values: Any) -> CampaignView:
        days = {"days": values.pop("days")} if "days" in values else {}
        raw = {"name": trigger, "trigger": {"type": trigger, **days}, "message": MESSAGE, **values}
        with self.database.write() as uow:
            made = service.create(uow, self.merchant_id, raw, "test")
            return service.launch(uow, self.merchant_id, made.id, "test").campaign if launch else made

    def run(self, **options: Any) -> RunReport:
        return run.run_due(self.database, self.clock.at, base_url=BASE_URL, **options)

    def later(self, **period: float) -> "Shop":
        self.clock.at += timedelta(**period)
        return self

    def dispatches(self, member_id: str | None = None) -> list[tuple[str, str, str | None]]:
        query = select(Dispatch.occasion, Dispatch.state, Dispatch.reason).order_by(
            Dispatch.due_at, Dispatch.id
        )
        if member_id is not None:
            query = query.where(Dispatch.member_id == member_id)
        with self.database.read() as uow:
            return [tuple(row) for row in uow.conn.execute(query)]

    def state_of(self, campaign: CampaignView) -> str:
        with self.database.read() as uow:
            return queries.get(uow, self.merchant_id, campaign.id).state

    def results(self, campaign: CampaignView) -> queries.Results:
        with self.database.read() as uow:
            return queries.results(uow, self.merchant_id, campaign.id)

    def count(self, table: Any) -> int:
        with self.database.read() as uow:
            return uow.conn.execute(select(func.count()).select_from(table)).scalar_one()
