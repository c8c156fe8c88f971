"""Members made, changed and listed, on both databases."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from passes.audit.models import AuditEntry
from passes.clock import FixedClock
from passes.db.engine import Database, UnitOfWork
from passes.errors import FieldError, NotFound
from passes.members import queries, service
from passes.members.models import Consent
from passes.members.queries import MemberView
from passes.members.rules import ConsentDraft, MemberChanges, MemberDraft
from passes.merchants.queries import MerchantView
from tests.factories.merchants import a_member, a_merchant

EVERYTHING = {
    "external_id": "K-4711",
    "name": "Käthe Müller",
    "email": "Kaethe@Mueller.de",
    "phone": "+49 30 1234567",
    "birthday": "1992-02-29",
    "locale": "en-GB",
    "time_zone": "Europe/London",
    "tags": ["vip", "regular"],
}


def consent(granted: bool, channel: str = "wallet") -> ConsentDraft:
    return ConsentDraft.model_validate(
        {
            "purpose": "marketing",
            "channel": channel,
            "granted": granted,
            "wording": "Yes, please.",
            "source": "till",
        }
    )


@pytest.fixture
def merchant(database: Database) -> MerchantView:
    with database.write() as uow:
        return a_merchant(uow, time_zone="Europe/Vienna", locale="de-AT")


def test_a_member_is_kept_as_written(database: Database, merchant: MerchantView) -> None:
    with database.write() as uow:
        made = a_member(uow, merchant, **EVERYTHING)
    with database.read() as uow:
        assert queries.get(uow, merchant.id, made.id) == made
    kept = {name: getattr(made, name) for name in EVERYTHING}
    normalised = {"email": "kaethe@mueller.de", "phone": "+49301234567", "tags": ("vip", "regular")}
    assert kept == EVERYTHING | normalised


def test_a_member_of_whom_nothing_is_known_speaks_the_merchants_language(
    database: Database, merchant: MerchantView
) -> None:
    with database.write() as uow:
        member = a_member(uow, merchant)
    assert (member.locale, member.time_zone) == ("de-AT", "Europe/Vienna")
    assert (member.name, member.birthday, member.tags, member.consents) == (None, None, (), ())


def test_a_birthday_to_come_is_refused_and_todays_is_not(database: Database, merchant: MerchantView) -> None:
    with database.write() as uow:
        assert a_member(uow, merchant, birthday="2026-03-02").birthday == "2026-03-02"
        with pytest.raises(FieldError) as error:
            a_member(uow, merchant, birthday="2026-03-04")
    assert error.value.errors[0]["field"] == "birthday"


def test_an_external_id_is_given_once_per_merchant(database: Database, merchant: MerchantView) -> None:
    with database.write() as uow:
        a_member(uow, merchant, external_id="K-1")
        second = a_member(uow, merchant, external_id="K-2")
        with pytest.raises(FieldError) as made:
            a_member(uow, merchant, external_id="K-1")
        with pytest.raises(FieldError) as changed:
            service.update_member(uow, merchant.id, second.id, MemberChanges(external_id="K-1"), "test")
        a_member(uow, a_merchant(uow, "other"), external_id="K-1")
        a_member(uow, merchant)
        a_member(uow, merchant)
    for error in (made, changed):
        assert [e["field"] for e in error.value.errors] == ["external_id"]


def test_of_eight_who_take_an_external_id_at_once_one_gets_it(
    database: Database, merchant: MerchantView
) -> None:
    start = threading.Barrier(8)

    def take() -> str:
        start.wait()
        try:
            with database.write() as uow:
                return a_member(uow, merchant, external_id="K-1").id
        except FieldError as error:
            return error.errors[0]["field"]

    with ThreadPoolExecutor(8) as pool:
        answers = sorted(future.result() for future in [pool.submit(take) for _ in range(8)])
    assert answers[:7] == ["external_id"] * 7
    assert answers[7].startswith("mem_")


@pytest.mark.parametrize("name", EVERYTHING)
def test_a_change_changes_what_it_names_and_nothing_else(
    database: Database, merchant: MerchantView, clock: FixedClock, name: str
) -> None:
    with database.write() as uow:
        before = a_member(uow, merchant, **EVERYTHING)
    clock.at += timedelta(hours=1)
    new: Any = {
        "birthday": "--03-01",
        "email": "k@m.de",
        "phone": "0301",
        "locale": "fr",
        "time_zone": "Asia/Tokyo",
    }
    changes = MemberChanges.model_validate({name: new.get(name, ["x"] if name == "tags" else "Other")})
    with database.write() as uow:
        after = service.update_member(uow, merchant.id, before.id, changes, "test")
    changed = {n for n in before.__slots__ if getattr(before, n) != getattr(after, n)}
    assert changed == {name, "updated_at"}
    assert after.updated_at == clock.at


def test_null_empties_and_falls_back_to_the_merchants_language_and_zone(
    database: Database, merchant: MerchantView
) -> None:
    with database.write() as uow:
        member = a_member(uow, merchant, **EVERYTHING)
        empty = MemberChanges.model_validate(dict.fromkeys(EVERYTHING))
        after = service.update_member(uow, merchant.id, member.id, empty, "test")
    assert {name: getattr(after, name) for name in EVERYTHING} == {
        **dict.fromkeys(EVERYTHING),
        "tags": (),
        "locale": "de-AT",
        "time_zone": "Europe/Vienna",
    }


def test_a_change_that_names_nothing_changes_nothing(
    database: Database, merchant: MerchantView, clock: FixedClock
) -> None:
    with database.write() as uow:
        before = a_member(uow, merchant, **EVERYTHING)
    clock.at += timedelta(hours=1)
    with database.write() as uow:
        assert service.update_member(uow, merchant.id, before.id, MemberChanges(), "test") == before
        assert uow.conn.scalar(select(AuditEntry.id).where(AuditEntry.action == "members.update")) is None


def words_of(uow: UnitOfWork, member: MemberView) -> list[tuple[str, bool, datetime]]:
    """Every word the member ever said on being spoken to, oldest first."""
    query = select(Consent.channel, Consent.granted, Consent.at).where(Consent.member_id == member.id)
    return [(channel, granted, at) for channel, granted, at in uow.conn.execute(query.order_by(Consent.id))]


def test_every_word_is_kept_and_the_newest_counts(
    database: Database, merchant: MerchantView, clock: FixedClock
) -> None:
    with database.write() as uow:
        member = a_member(uow, merchant, consents=[consent(True), consent(True, "email")])
    for granted in (False, True, False):
        clock.at += timedelta(days=1)
        with database.write() as uow:
            now = service.record_consent(uow, merchant.id, member.id, consent(granted), "test")
    with database.write() as uow:
        history = words_of(uow, member)
    assert {(c.channel, c.granted) for c in now.consents} == {("wallet", False), ("email", True)}
    assert [granted for channel, granted, _ in history if channel == "wallet"] == [True, False, True, False]
    assert history[-1][2] == clock.at


def test_a_change_adds_its_consents(database: Database, merchant: MerchantView) -> None:
    with database.write() as uow:
        member = a_member(uow, merchant, consents=[consent(True)])
        changes = MemberChanges(consents=(consent(False),))
        after = service.update_member(uow, merchant.id, member.id, changes, "test")
        assert [c.granted for c in after.consents] == [False]
        assert len(words_of(uow, member)) == 2


def test_the_audit_log_knows_who_did_what_and_nothing_of_the_person(
    database: Database, merchant: MerchantView
) -> None:
    with database.write() as uow:
        member = a_member(uow, merchant, **EVERYTHING)
        service.update_member(uow, merchant.id, member.id, MemberChanges(name="Käthe Schulz"), "key_1")
        service.record_consent(uow, merchant.id, member.id, consent(True), "key_1")
        entries = uow.conn.execute(select(AuditEntry.__table__).where(AuditEntry.subject == member.id)).all()
    assert [e.action for e in entries] == ["members.create", "members.update", "members.consent"]
    assert entries[1].details == {"fields": ["name"]}
    written = str(entries)
    for canary in ("Käthe", "Schulz", "mueller", "1234567", "K-4711", "1992", "Yes, please"):
        assert canary not in written


def test_members_are_listed_newest_first_and_found_by_what_is_known(
    database: Database, merchant: MerchantView, clock: FixedClock
) -> None:
    known = [
        {"name": "Ada", "email": "ada@x.de", "external_id": "K-1"},
        {"name": "Bob", "email": "bob@x.de", "phone": "+4930777"},
        {"name": "50% off_er", "email": "ada@x.de"},
    ]
    for draft in known:
        clock.at += timedelta(minutes=1)
        with database.write() as uow:
            a_member(uow, merchant, **draft)

    def names(**filters: str) -> list[str | None]:
        with database.read() as uow:
            return [m.name for m in queries.listing(uow, merchant.id, **filters).items]

    assert names() == ["50% off_er", "Bob", "Ada"]
    assert names(search="ADA") == ["50% off_er", "Ada"]
    assert names(search="k-1") == ["Ada"]
    assert names(search="777") == ["Bob"]
    assert names(search="0% off_") == ["50% off_er"]
    assert names(search="%") == ["50% off_er"]
    assert names(external_id="K-1") == ["Ada"]
    assert names(email=" ADA@x.de") == ["50% off_er", "Ada"]
    assert names(search="bob", email="ada@x.de") == []


def test_a_walk_through_the_list_meets_everybody_once_with_their_consents(
    database: Database, merchant: MerchantView
) -> None:
    with database.write() as uow:
        made = [a_member(uow, merchant, consents=[consent(n % 2 == 0)]) for n in range(7)]
    met: list[queries.MemberView] = []
    cursor = None
    with database.read() as uow:
        while True:
            page = queries.listing(uow, merchant.id, limit=3, cursor=cursor)
            met += page.items
            cursor = page.next_cursor
            if cursor is None:
                break
    assert sorted(met, key=lambda m: m.id) == sorted(made, key=lambda m: m.id)


def test_no_member_of_one_merchant_is_visible_to_another(database: Database, merchant: MerchantView) -> None:
    with database.write() as uow:
        other = a_merchant(uow, "other")
        member = a_member(uow, merchant, **EVERYTHING, consents=[consent(True)])
        with pytest.raises(NotFound):
            queries.get(uow, other.id, member.id)
        with pytest.raises(NotFound):
            service.update_member(uow, other.id, member.id, MemberChanges(name="Eve"), "test")
        with pytest.raises(NotFound):
            service.record_consent(uow, other.id, member.id, consent(False), "test")
        assert queries.by_external_id(uow, other.id, "K-4711") is None
        assert queries.by_email(uow, other.id, "kaethe@mueller.de") == []
        assert queries.listing(uow, other.id, search="K").items == []
        assert queries.get(uow, merchant.id, member.id) == member


def test_a_member_needs_a_merchant(database: Database) -> None:
    with database.write() as uow, pytest.raises(NotFound):
        service.create_member(uow, "mer_nobody", MemberDraft(name="Ada"), "test")
