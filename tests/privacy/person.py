"""A person with everything a merchant can hold on somebody, and a look into every cell of a database."""

import hashlib
from dataclasses import dataclass
from typing import Any

from sqlalchemy import MetaData, insert, select

from passes.campaigns.models import Campaign, Dispatch
from passes.cards import service as card_service
from passes.cards.face import Text
from passes.cards.rules import CardView
from passes.db.engine import Database, UnitOfWork
from passes.installs.models import AppleDevice, AppleRegistration, GoogleObject
from passes.ledger import service as ledger
from passes.members import confirmations, unreachable
from passes.members.queries import MemberView
from passes.merchants.queries import MerchantView
from passes.money import Money
from passes.outbox import service as outbox
from passes.outbox.models import Delivery
from passes.programs.service import ProgramDraft, create_program
from passes.redemption import service as redemption
from passes.redemption.service import TillCall
from tests.factories.merchants import a_member, a_merchant

FIRST_NAME = "Zyxwina"
KNOWN = {
    "external_id": "CANARY-4711",
    "name": f"{FIRST_NAME} Kanarienvogel",
    "email": "zyx@canary.example",
    "phone": "+49301234567890",
    "birthday": "1992-02-29",
    "tags": ["canary-tag"],
    "consents": [
        {
            "purpose": "marketing",
            "channel": "wallet",
            "granted": True,
            "wording": "canary wording",
            "source": "canary source",
        }
    ],
}
CONTACT_HASH = hashlib.sha256(KNOWN["email"].encode()).hexdigest()
CANARIES = [
    FIRST_NAME,
    "Kanarienvogel",
    "CANARY-4711",
    "zyx@canary.example",
    "49301234567890",
    "canary-tag",
    "canary wording",
    "canary source",
    CONTACT_HASH,
]


@dataclass(frozen=True)
class Person:
    """The person, the merchant who knows them, and their cards: a stamp card and a gift card."""

    merchant: MerchantView
    member: MemberView
    stamps: CardView
    gift: CardView


def a_person(uow: UnitOfWork, slug: str = "mokka", **known: Any) -> Person:
    """Somebody with two cards in use, on two phones, spoken to by a campaign and about to be again."""
    merchant = a_merchant(uow, slug)
    member = a_member(uow, merchant, **KNOWN | known)
    stamp_rules = {"stamps_required": 10, "reward": "A free coffee"}
    programs = [
        create_program(uow, merchant.id, slug, draft, "test")
        for draft in (
            ProgramDraft("stamp", "Stamps", stamp_rules),
            ProgramDraft("gift", "Gift", {}, currency="EUR"),
        )
    ]
    stamps = card_service.issue(uow, programs[0], actor="test", member_id=member.id, enrolled_by=CONTACT_HASH)
    gift = card_service.issue(uow, programs[1], actor="test", member_id=member.id, amount=5000)
    redemption.stamp(uow, TillCall(merchant.id, "till", card_id=stamps.id, reference="R-1"), count=3)
    redemption.redeem(uow, TillCall(merchant.id, "till", card_id=gift.id), amount=Money(1250, "EUR"))
    person = Person(merchant, member, stamps, gift)
    _give_address(uow, person)
    _install(uow, person)
    _speak_to(uow, person)
    _answer_about(uow, person)
    return person


def _give_address(uow: UnitOfWork, person: Person) -> None:
    """An address confirmed for one card, asked for with another, and one that a mail server refused."""
    told = {"language": "de", "source": "/e/stamps", "wording": "canary wording"}
    card_service.give_to(uow, person.stamps, unreachable.contact_of(person.merchant.id, KNOWN["email"]))
    for card in (person.stamps, person.gift):
        asked = confirmations.ask(uow, b"key", person.merchant.id, card.id, email=KNOWN["email"], **told)
    confirmations.settle(uow, asked, person.gift.id, person.member.id)
    unreachable.note(uow, person.merchant.id, KNOWN["email"], "550", uow.now)


def _answer_about(uow: UnitOfWork, person: Person) -> None:
    """A till that asked with a key was answered with the person's name, once alone and once among others."""
    for key, member_id in (("made", person.member.id), ("listed", None)):
        ledger.answer_key(uow, person.merchant.id, key, bytes(32), 201, b"")
        body = f'{{"name": "{person.member.name}"}}'.encode()
        ledger.answer_personally(uow, person.merchant.id, key, member_id, body)


def _install(uow: UnitOfWork, person: Person) -> None:
    device = {"device_id": f"device-{person.merchant.slug}", "pass_type": "pass.test"}
    uow.conn.execute(insert(AppleDevice).values(**device, push_token="token", token_since=uow.now))
    uow.conn.execute(
        insert(AppleRegistration).values(
            **device, card_id=person.stamps.id, merchant_id=person.merchant.id, created_at=uow.now
        )
    )
    uow.conn.execute(
        insert(GoogleObject).values(
            card_id=person.gift.id,
            merchant_id=person.merchant.id,
            object_id=f"1.{person.gift.id}",
            class_id="1.class",
            synced_version=1,
            created_at=uow.now,
        )
    )


def _speak_to(uow: UnitOfWork, person: Person) -> None:
    """One message sent, in every place its text can lie, and one planned."""
    merchant_id, card_id = person.merchant.id, person.gift.id
    campaign_id = f"camp_{person.merchant.slug}"
    uow.conn.execute(
        insert(Campaign).values(
            id=campaign_id,
            merchant_id=merchant_id,
            name="Hello",
            state="active",
            trigger={},
            audience={},
            message={},
            quiet_hours={},
            created_at=uow.now,
            updated_at=uow.now,
        )
    )
    for occasion, state in (("birthday:2026", "sent"), ("birthday:2027", "planned")):
        uow.conn.execute(
            insert(Dispatch).values(
                id=f"disp_{person.merchant.slug}_{occasion}",
                merchant_id=merchant_id,
                campaign_id=campaign_id,
                member_id=person.member.id,
                occasion=occasion,
                state=state,
                due_at=uow.now,
                created_at=uow.now,
            )
        )
    words = Text.same(f"Hello {FIRST_NAME}")
    version = card_service.set_news(uow, merchant_id, card_id, words, uow.now)
    details = {
        "message_id": "disp_1",
        "header": {"de": "x", "en": "x"},
        "body": {"de": words.de, "en": words.en},
    }
    outbox.enqueue(uow, merchant_id, "card.message", card_id, version, details)
    for target, payload in (
        (f"message/{card_id}", {"card_id": card_id, **details}),
        (card_id, {"card_id": card_id}),
    ):
        uow.conn.execute(
            insert(Delivery).values(
                merchant_id=merchant_id,
                channel="google",
                target=target,
                payload=payload,
                wanted=1,
                done=1,
                next_attempt_at=uow.now,
            )
        )


def cells(database: Database) -> dict[str, list[str]]:
    """Every value of every column of every table there is, as text, by `table.column`."""
    found: dict[str, list[str]] = {}
    with database.engine.connect() as conn:
        there = MetaData()
        there.reflect(conn)
        for table in there.sorted_tables:
            for row in conn.execute(select(table)):
                for name, value in row._mapping.items():
                    text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
                    found.setdefault(f"{table.name}.{name}", []).append(text)
    return found


def cells_with(database: Database, canary: str) -> set[str]:
    """The columns in which `canary` stands somewhere, whatever its case."""
    return {
        column
        for column, values in cells(database).items()
        if any(canary.lower() in value.lower() for value in values)
    }
