"""A copy of everything, and oblivion: proven over every cell of the database."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select

from passes.audit.models import AuditEntry
from passes.campaigns.models import Dispatch
from passes.cards import queries as cards
from passes.cards.faces import face_of
from passes.db.engine import Database
from passes.errors import NotFound
from passes.members import queries as members
from passes.members.rules import ConsentDraft
from passes.members.service import record_consent
from passes.members.unreachable import contact_of
from passes.outbox.models import Delivery, OutboxEvent
from passes.privacy import service
from passes.privacy.service import erase_member, export_member
from tests.privacy.person import (
    CANARIES,
    CONTACT_HASH,
    FIRST_NAME,
    KNOWN,
    Person,
    a_person,
    cells,
    cells_with,
)

BOOKS = ("transactions", "postings", "accounts", "undoings", "answered_keys")


@pytest.fixture
def person(database: Database) -> Person:
    with database.write() as uow:
        return a_person(uow)


def erase(database: Database, person: Person) -> list[str]:
    with database.write() as uow:
        return erase_member(uow, person.merchant.id, person.member.id, "key_1")


def books(database: Database) -> dict[str, list[str]]:
    return {column: sorted(values) for column, values in cells(database).items() if column.startswith(BOOKS)}


def test_after_erasure_no_cell_of_the_database_knows_the_person(database: Database, person: Person) -> None:
    for canary in CANARIES:
        assert cells_with(database, canary), f"{canary} was not planted"
    erase(database, person)
    for canary in CANARIES:
        assert cells_with(database, canary) == set()


def test_not_even_the_hash_of_a_confirmed_address_is_left(database: Database, person: Person) -> None:
    contact = contact_of(person.merchant.id, KNOWN["email"])
    assert cells_with(database, contact) == {"cards.contact", "unreachable_addresses.contact"}
    erase(database, person)
    assert cells_with(database, contact) == set()


def test_the_scan_looks_where_a_name_can_hide(database: Database, person: Person) -> None:
    assert cells_with(database, FIRST_NAME) == {
        "members.name",
        "cards.news",
        "outbox_events.details",
        "deliveries.payload",
        "personal_answers.body",
    }


@pytest.mark.parametrize("step", ["_forget_messages", "_forget_dispatches", "ledger.forget_answers"])
def test_without_any_of_its_steps_erasure_would_be_noticed(
    database: Database, person: Person, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    monkeypatch.setattr(f"passes.privacy.service.{step}", lambda *args: None)
    erase(database, person)
    still_named = cells_with(database, FIRST_NAME) | cells_with(database, person.member.id)
    assert still_named - {"audit_log.subject"}


def test_the_members_id_is_left_in_the_audit_log_alone(database: Database, person: Person) -> None:
    erase(database, person)
    assert cells_with(database, person.member.id) == {"audit_log.subject"}
    with database.read() as uow:
        entry = uow.conn.execute(select(AuditEntry.__table__).order_by(AuditEntry.id.desc())).first()
    assert (entry.actor, entry.action, entry.subject) == ("key_1", "privacy.erase_member", person.member.id)
    assert entry.details == {"cards": 2}


def test_the_books_stay_as_they_are(database: Database, person: Person) -> None:
    before = books(database)
    assert before["transactions.id"]
    erase(database, person)
    assert books(database) == before


def test_the_cards_live_on_nameless_and_wallets_hear_of_it(database: Database, person: Person) -> None:
    with database.read() as uow:
        before = {c.id: cards.get(uow, person.merchant.id, c.id) for c in (person.stamps, person.gift)}
        assert face_of(uow, "https://x.example", person.gift.id).member_name == KNOWN["name"]
        seen = uow.conn.scalar(select(OutboxEvent.id).order_by(OutboxEvent.id.desc()).limit(1))
    assert sorted(erase(database, person)) == sorted(before)
    with database.read() as uow:
        for card_id, card in before.items():
            now = cards.get(uow, person.merchant.id, card_id)
            assert (now.member_id, now.news, now.news_at) == (None, None, None)
            assert (now.balance, now.state, now.code) == (card.balance, card.state, card.code)
            assert now.version == card.version + 1
            assert face_of(uow, "https://x.example", card_id).member_name is None
        told = select(OutboxEvent.topic, OutboxEvent.subject).where(OutboxEvent.id > seen)
        assert {tuple(row) for row in uow.conn.execute(told)} == {
            ("card.changed", card_id) for card_id in before
        }


def test_messages_are_forgotten_and_other_deliveries_are_not(database: Database, person: Person) -> None:
    erase(database, person)
    with database.read() as uow:
        assert uow.conn.scalars(select(Delivery.target)).all() == [person.gift.id]
        assert "card.message" not in uow.conn.scalars(select(OutboxEvent.topic)).all()
        left = uow.conn.execute(
            select(Dispatch.occasion, Dispatch.member_id, Dispatch.state, Dispatch.reason)
        )
        assert sorted(tuple(row) for row in left) == [
            ("birthday:2026", None, "sent", None),
            ("birthday:2027", None, "suppressed", "member_erased"),
        ]


def test_an_erased_member_is_not_found_and_the_external_id_is_free(
    database: Database, person: Person
) -> None:
    erase(database, person)
    with database.write() as uow:
        for use in (members.get, export_member):
            with pytest.raises(NotFound):
                use(uow, person.merchant.id, person.member.id)
        assert members.by_external_id(uow, person.merchant.id, "CANARY-4711") is None
    with pytest.raises(NotFound):
        erase(database, person)


def test_who_wants_to_change_a_member_during_the_erasure_finds_nobody(
    database: Database, person: Person
) -> None:
    merchant_id, member_id = person.merchant.id, person.member.id
    yes = ConsentDraft.model_validate(KNOWN["consents"][0])

    def consent() -> None:
        with database.write() as uow:
            record_consent(uow, merchant_id, member_id, yes, "till")

    with ThreadPoolExecutor(1) as pool:
        with database.write() as uow:
            erase_member(uow, merchant_id, member_id, "key_1")
            late = pool.submit(consent)
            time.sleep(0.1)
            assert not late.done()
        assert isinstance(late.exception(), NotFound)


def test_erasing_one_leaves_everybody_else_alone(database: Database, person: Person) -> None:
    with database.write() as uow:
        other = a_person(uow, "other", name="Bob Bleibt", external_id="B-1", email="bob@stays.example")
        before = export_member(uow, other.merchant.id, other.member.id)
        with pytest.raises(NotFound):
            erase_member(uow, other.merchant.id, person.member.id, "key_2")
    erase(database, person)
    with database.read() as uow:
        assert export_member(uow, other.merchant.id, other.member.id) == before
        assert cards.get(uow, other.merchant.id, other.gift.id).news is not None
    assert cells_with(database, "bob@stays.example") == {"members.email"}
    assert "deliveries.payload" in cells_with(database, FIRST_NAME)


def test_a_failed_erasure_erases_nothing(
    database: Database, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = cells(database)
    monkeypatch.setattr(service, "_forget_messages", lambda *args: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        erase(database, person)
    assert cells(database) == before


def copy_of(database: Database, person: Person) -> dict[str, Any]:
    with database.read() as uow:
        exported = export_member(uow, person.merchant.id, person.member.id)
    return dict(json.loads(json.dumps(exported)))


def test_the_copy_holds_everything_known_of_the_person(database: Database, person: Person) -> None:
    copy = copy_of(database, person)
    assert copy["exported_at"] == "2026-03-02T09:00:00Z"
    assert copy["member"]["name"] == KNOWN["name"]
    assert (copy["member"]["birth_month_day"], copy["member"]["birth_year"]) == (229, 1992)
    assert [c["wording"] for c in copy["consents"]] == ["canary wording"]
    assert [d["occasion"] for d in copy["dispatches"]] == ["birthday:2026", "birthday:2027"]
    stamps, gift = sorted(copy["cards"], key=lambda card: card["id"] != person.stamps.id)
    assert {t["type"]: t["delta"] for t in stamps["transactions"]} == {"earn": 3}
    assert {t["type"]: t["delta"] for t in gift["transactions"]} == {"issue": 5000, "redeem": -1250}
    assert {(b["asset"], b["balance"]) for b in gift["balances"]} == {("EUR", 3750)}
    assert [d["device_id"] for d in stamps["apple_devices"]] == ["device-mokka"]
    assert [o["object_id"] for o in gift["google_objects"]] == [f"1.{gift['id']}"]


def test_every_word_on_the_person_that_is_in_the_database_is_in_the_copy(
    database: Database, person: Person
) -> None:
    copy = json.dumps(copy_of(database, person))
    assert [canary for canary in CANARIES if canary not in copy] == [CONTACT_HASH]


def test_the_copy_holds_nothing_that_unlocks_a_card(database: Database, person: Person) -> None:
    copy = json.dumps(copy_of(database, person))
    for card in (person.stamps, person.gift):
        for secret in (card.code, card.barcode, card.page_token, card.token_key_id):
            assert f'"{secret}"' not in copy


def test_the_copy_holds_nothing_of_anybody_else(database: Database, person: Person) -> None:
    with database.write() as uow:
        other = a_person(uow, "other", name="Bob Bleibt", external_id="B-1", email="bob@stays.example")
        with pytest.raises(NotFound):
            export_member(uow, other.merchant.id, person.member.id)
    copy = json.dumps(copy_of(database, person))
    for foreign in (other.member.id, other.stamps.id, other.gift.id, "Bleibt", "device-other"):
        assert foreign not in copy
