"""A merchant with people who manage it, a strict mail server, and a sender between them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select, update

from passes.clock import real_now
from passes.db.engine import Database
from passes.merchants import staff
from passes.merchants.queries import MerchantView
from passes.merchants.rules import StaffDraft
from passes.messaging.email.delivery import EmailChannel
from passes.messaging.email.fan_out import SIGNING_WARNED, fan_out
from passes.messaging.email.letters import Desk
from passes.messaging.email.post import Post
from passes.messaging.email.server import SmtpServer
from passes.messaging.email.smtp import Smtp
from passes.outbox import service as outbox
from passes.outbox.models import Delivery
from passes.outbox.sender import Sender
from tests.factories.merchants import a_merchant
from tests.fakes.mail import MailServer

SENDER = "cards@karten.example"
BASE_URL = "https://karten.example"
WARNING = {
    "pass_type_identifier": "pass.example.mokka",
    "state": "ends_soon",
    "not_after": "2026-12-22T10:00:00Z",
    "within_days": 30,
}


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as running:
        yield running


def handing_in(server: MailServer, **how: Any) -> Smtp:
    """What hands mails in at the server, without TLS and with little patience."""
    return Smtp(SmtpServer("127.0.0.1", server.port, "none"), "karten.example", **{"step_s": 20.0, **how})


@dataclass
class Office:
    """One merchant, and what carries its mails."""

    database: Database
    merchant: MerchantView
    sender: Sender

    def person(self, name: str, *scopes: str, email: str = "") -> str:
        draft = StaffDraft(
            name=name,
            email=email or f"{name}@mokka.example",
            password="correct horse",
            scopes=scopes or ("manage",),
        )
        with self.database.write() as uow:
            return staff.create_staff(uow, self.merchant.id, draft, "test").id

    def warn(self, **told: Any) -> None:
        with self.database.write() as uow:
            outbox.enqueue(uow, self.merchant.id, SIGNING_WARNED, "signing", 0, {**WARNING, **told})

    def rows(self) -> list[Any]:
        with self.database.read() as uow:
            return list(uow.conn.execute(select(Delivery.__table__).order_by(Delivery.id)))

    def outcomes(self) -> list[str | None]:
        return [row.outcome for row in self.rows()]

    def let_pass(self) -> None:
        """As if every back-off had gone by."""
        with self.database.write() as uow:
            uow.conn.execute(update(Delivery).values(next_attempt_at=real_now()))


def office_with(database: Database, post: Post) -> Office:
    with database.write() as uow:
        merchant = a_merchant(uow, "mokka", name="Café Größenwahn")
    channel = EmailChannel(database, post, Desk(BASE_URL, b"k" * 40), SENDER)
    return Office(database, merchant, Sender(database, fan_out, {"email": channel}))


@pytest.fixture
def office(database: Database, server: MailServer) -> Office:
    return office_with(database, handing_in(server))
