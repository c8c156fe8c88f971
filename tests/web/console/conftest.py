"""A café with members who agreed to hear from it, and somebody who may speak to them."""

from dataclasses import dataclass, replace

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from passes.campaigns.models import Campaign, Dispatch
from passes.cards import queries as cards
from passes.cards import service as card_service
from passes.members import service as members
from passes.members.rules import ConsentDraft, MemberDraft
from passes.programs import queries as programs
from passes.redemption import service as redemption
from passes.redemption.service import TillCall
from passes.wiring import Services
from tests.factories.cafe import Cafe
from tests.factories.visitor import Visitor, visit

EMAIL = "246810@example.com"
PASSWORD = "correct horse"
YES = ConsentDraft(purpose="marketing", channel="wallet", granted=True, wording="Ja.", source="till")
MESSAGE = {
    "name": "Herbst",
    "de": "Hallo {first_name}, noch {balance}.",
    "en": "Hello {first_name}, {balance}.",
}


def sign_in(visitor: Visitor, email: str = EMAIL, password: str = PASSWORD) -> TestResponse:
    """Open the sign-in page, fill it in and send it."""
    visitor.get("/console/sign-in")
    return visitor.send(
        next(f for f in visitor.forms() if f.action == "/console/sign-in"), email=email, password=password
    )


@dataclass
class Office:
    """The marketing team at its desk."""

    cafe: Cafe
    visitor: Visitor

    @property
    def services(self) -> Services:
        return self.cafe.services

    def look(self, path: str = "/console") -> str:
        """The page as it reads."""
        self.visitor.get(path)
        return self.visitor.text

    def preview(self, **typed: str) -> TestResponse:
        """Count and preview."""
        form = next(f for f in self.visitor.forms() if f.action == "/console/preview")
        return self.visitor.send(form, **{**MESSAGE, **typed})

    def launch(self, **typed: str) -> TestResponse:
        """Press the button that sends, as it stands on the page."""
        form = next(f for f in self.visitor.forms() if f.action == "/console/preview")
        assert 'formaction="/console/launch"' in self.visitor.text
        return self.visitor.send(replace(form, action="/console/launch"), **{**MESSAGE, **typed})

    def member(self, *, consent: bool = True, **known: object) -> str:
        """Somebody with a stamp card; returns their id."""
        draft = MemberDraft(**{"name": "Änne Berg", "consents": (YES,) if consent else (), **known})
        with self.services.database.write() as uow:
            member_id = members.create_member(uow, self.cafe.merchant.id, draft, "test").id
            program = programs.by_slug(uow, "stamp")
            card_service.issue(uow, program, actor="test", member_id=member_id)
        return member_id

    def buy(self, member_id: str, count: int) -> None:
        """Let a member collect stamps in the shop."""
        merchant_id = self.cafe.merchant.id
        with self.services.database.write() as uow:
            (card_id,) = cards.of_member(uow, merchant_id, member_id)
            call = TillCall(merchant_id, "test", card_id=card_id, location_id=self.cafe.shop.id)
            redemption.stamp(uow, call, count=count)

    def campaigns(self) -> list[tuple[str, str, str]]:
        """Name, merchant and state of every campaign there is."""
        with self.services.database.read() as uow:
            query = select(Campaign.name, Campaign.merchant_id, Campaign.state).order_by(Campaign.id)
            return [tuple(row) for row in uow.conn.execute(query)]

    def planned(self) -> list[str | None]:
        """Whom a message is planned for."""
        with self.services.database.read() as uow:
            query = select(Dispatch.member_id).where(Dispatch.state == "planned").order_by(Dispatch.member_id)
            return list(uow.conn.execute(query).scalars())


@pytest.fixture
def office(app: Flask, cafe: Cafe) -> Office:
    """Somebody of the marketing team, signed in, reading German."""
    cafe.program("stamp")
    cafe.person("246810", "marketing")
    visitor = visit(app)
    sign_in(visitor)
    assert visitor.path == "/console"
    return Office(cafe, visitor)
