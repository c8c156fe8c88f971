"""Importing lists on both databases: whole rows or nothing, and again without harm."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from passes.audit.models import AuditEntry
from passes.clock import FixedClock
from passes.db.engine import Database
from passes.errors import FieldError
from passes.members import import_csv as imports
from passes.members import queries
from passes.members.import_csv import ImportReport, import_csv
from passes.members.models import Consent, Member
from passes.merchants.queries import MerchantView
from tests.factories.merchants import a_member, a_merchant

LIST = """\
external_id,name,email,birthday,tags,consent_wallet,consent_email,consent_wording
K-1,Ada,ada@x.de,--02-29,vip,yes,no,Push me
K-2,Bob,nobody,,,,,
K-3,Cem,cem@x.de,30.02.1990,,,,
,Dana,dana@x.de,,,,,
"""


@pytest.fixture
def merchant(database: Database) -> MerchantView:
    with database.write() as uow:
        return a_merchant(uow)


def run(database: Database, merchant: MerchantView, content: str, **options: Any) -> ImportReport:
    return import_csv(database, merchant.id, content.encode(), "cli", **options)


def counts(report: ImportReport) -> tuple[int, int, int, int]:
    return report.created, report.updated, report.unchanged, report.refused


def everybody(database: Database, merchant: MerchantView) -> dict[str | None, queries.MemberView]:
    with database.read() as uow:
        return {m.name: m for m in queries.listing(uow, merchant.id, limit=200).items}


def test_good_rows_come_in_and_bad_rows_are_reported(database: Database, merchant: MerchantView) -> None:
    report = run(database, merchant, LIST)
    assert counts(report) == (2, 0, 0, 2)
    assert report.rows == 4
    assert [(p.row, p.field) for p in report.problems] == [(3, "email"), (4, "birthday")]
    found = everybody(database, merchant)
    assert set(found) == {"Ada", "Dana"}
    ada = found["Ada"]
    assert (ada.external_id, ada.email, ada.birthday, ada.tags) == ("K-1", "ada@x.de", "--02-29", ("vip",))
    assert {(c.channel, c.granted, c.wording, c.source) for c in ada.consents} == {
        ("wallet", True, "Push me", "import"),
        ("email", False, "Push me", "import"),
    }


def test_importing_the_same_list_again_changes_nothing(
    database: Database, merchant: MerchantView, clock: FixedClock
) -> None:
    run(database, merchant, LIST)
    before = everybody(database, merchant)
    clock.at += timedelta(days=1)
    renamed: list[str] = []
    report = run(database, merchant, LIST, renamed=lambda uow, member_id: renamed.append(member_id))
    assert counts(report) == (0, 0, 2, 2)
    assert everybody(database, merchant) == before
    assert renamed == []
    with database.read() as uow:
        assert uow.conn.scalar(select(func.count()).select_from(Consent)) == 2


def test_a_corrected_list_changes_what_it_says_and_leaves_the_rest(
    database: Database, merchant: MerchantView
) -> None:
    run(database, merchant, LIST)
    renamed: list[str] = []
    report = run(
        database,
        merchant,
        "external_id,email,name,consent_wallet\nK-1,,Ada Lovelace,no\n,dana@x.de,,\n",
        renamed=lambda uow, member_id: renamed.append(member_id),
    )
    assert counts(report) == (0, 1, 1, 0)
    ada = everybody(database, merchant)["Ada Lovelace"]
    assert (ada.email, ada.birthday, ada.tags) == ("ada@x.de", "--02-29", ("vip",))
    assert {(c.channel, c.granted) for c in ada.consents} == {("wallet", False), ("email", False)}
    assert renamed == [ada.id]


def test_a_dry_run_says_the_same_and_writes_nothing(database: Database, merchant: MerchantView) -> None:
    with database.write() as uow:
        a_member(uow, merchant, external_id="K-1", name="Ada")
    dry = run(database, merchant, LIST, dry_run=True)
    with database.read() as uow:
        assert uow.conn.scalar(select(func.count()).select_from(Member)) == 1
        assert uow.conn.scalar(select(func.count()).select_from(Consent)) == 0
        assert uow.conn.scalar(select(AuditEntry.id).where(AuditEntry.actor == "cli")) is None
    assert run(database, merchant, LIST) == dry


def test_progress_counts_every_row_and_ends_at_the_end(
    database: Database, merchant: MerchantView, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "BATCH_SIZE", 3)
    seen: list[tuple[int, int]] = []
    rows = "".join(f"K-{n},Name {n}\n" for n in range(8))
    report = run(
        database,
        merchant,
        f"external_id,name\n{rows},nobody\n",
        progress=lambda done, total: seen.append((done, total)),
    )
    assert seen == [(1, 9), (4, 9), (7, 9), (9, 9)]
    assert counts(report) == (8, 0, 0, 1)


def test_a_row_refused_late_leaves_nothing_and_its_neighbours_stay(
    database: Database, merchant: MerchantView
) -> None:
    report = run(database, merchant, "external_id,name,birthday\n1,Ada,\n2,Bob,2999-01-01\n3,Cem,\n")
    assert [(p.row, p.field) for p in report.problems] == [(3, "birthday")]
    assert set(everybody(database, merchant)) == {"Ada", "Cem"}


def test_a_failure_while_cards_are_told_takes_the_row_back(
    database: Database, merchant: MerchantView
) -> None:
    run(database, merchant, "external_id,name\n1,Ada\n2,Bob\n")

    def refuse(uow: object, member_id: str) -> None:
        raise FieldError("name", "cannot be shown")

    report = run(database, merchant, "external_id,name\n1,Eve\n2,Bob\n", renamed=refuse)
    assert counts(report) == (0, 0, 1, 1)
    assert set(everybody(database, merchant)) == {"Ada", "Bob"}


def test_rows_that_name_the_same_member_are_all_refused(database: Database, merchant: MerchantView) -> None:
    report = run(
        database,
        merchant,
        "external_id,email,name\nK-1,,Ada\nK-1,,Eva\n,a@x.de,Bob\nK-2,a@x.de,Cem\n,b@x.de,Dana\n",
    )
    assert [(p.row, p.field) for p in report.problems] == [
        (2, "external_id"),
        (3, "external_id"),
        (4, "email"),
    ]
    assert set(everybody(database, merchant)) == {"Cem", "Dana"}


def test_an_address_of_two_members_names_neither(database: Database, merchant: MerchantView) -> None:
    with database.write() as uow:
        a_member(uow, merchant, external_id="K-1", email="a@x.de")
        a_member(uow, merchant, external_id="K-2", email="a@x.de")
    report = run(database, merchant, "email,name\na@x.de,Ada\n")
    assert [(p.row, p.field) for p in report.problems] == [(2, "email")]


def test_a_list_reaches_the_members_of_its_own_merchant_only(
    database: Database, merchant: MerchantView
) -> None:
    with database.write() as uow:
        other = a_merchant(uow, "other")
        theirs = a_member(uow, other, external_id="K-1", name="Theirs", email="dana@x.de")
    assert run(database, merchant, LIST).created == 2
    assert everybody(database, other) == {"Theirs": theirs}


def test_a_file_that_cannot_be_read_changes_nothing(database: Database, merchant: MerchantView) -> None:
    with pytest.raises(FieldError):
        run(database, merchant, 'external_id,name\n1,Ada\n2,"Bob\n')
    assert everybody(database, merchant) == {}
