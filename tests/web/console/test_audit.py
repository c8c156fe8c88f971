"""The log in the console: in words, searched, page by page, as a file; and who signed in stands in it."""

import csv
import html
import io
import re

import pytest
from flask import Flask
from sqlalchemy import select

from passes.audit import service as audit
from passes.audit.models import AuditEntry
from passes.limits import debts, sign_ins
from passes.web.console import audit as room
from tests.factories.cafe import Cafe
from tests.factories.visitor import Visitor, visit
from tests.limits.guessers import Watch
from tests.web.console.conftest import sign_in

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PATH, BOSS = "/console/audit", "135790"


@pytest.fixture
def boss(cafe: Cafe) -> str:
    """Somebody who manages the café; returns the id."""
    return cafe.person(BOSS, "manage", "marketing", name="Boris")


@pytest.fixture
def desk(app: Flask, boss: str) -> Visitor:
    """The console as the boss has it in front of them."""
    visitor = visit(app)
    sign_in(visitor, f"{BOSS}@example.com")
    return visitor


def note(cafe: Cafe, actor: str, action: str, subject: str, **details: object) -> None:
    with cafe.services.database.write() as uow:
        audit.record(uow, cafe.merchant.id, actor, action, subject, **details)


def actions(cafe: Cafe, *wanted: str) -> list[tuple[str, str, object]]:
    with cafe.services.database.read() as uow:
        query = select(AuditEntry.action, AuditEntry.actor, AuditEntry.details).order_by(AuditEntry.id)
        return [tuple(row) for row in uow.conn.execute(query.where(AuditEntry.action.in_(wanted)))]


def test_it_says_who_did_what_where_in_words(desk: Visitor, cafe: Cafe, boss: str) -> None:
    worth = {"amount": 20_000, "asset": "EUR"}
    note(cafe, boss, "limits.refuse", "card_1", limit="big", amount=worth, location_id=cafe.shop.id)
    note(cafe, boss, "cards.block", "card_1", reason="fraud_suspected")
    desk.get(PATH)
    assert desk.page.status_code == 200
    for words in (
        "Boris",
        "An einer Grenze abgelehnt",
        "big",
        "200,00\xa0€",
        "Mitte",
        "card_1",
        "Angemeldet",
    ):
        assert words in desk.text
    assert "Refused at a limit" in desk.get(f"{PATH}?lang=en").text


def test_it_is_found_by_person_by_act_and_by_id(desk: Visitor, cafe: Cafe, boss: str) -> None:
    note(cafe, boss, "cards.block", "card_1", reason="lost")
    note(cafe, "cli", "merchants.revoke_key", "key_2")
    for sought in ("boris", "gesperrt", "Card blocked", "cards.block", "card_"):
        desk.get(f"{PATH}?q={sought}")
        assert "card_1" in desk.text, sought
        assert "key_2" not in desk.text, sought
    desk.get(f"{PATH}?q=100%25")
    assert "Dazu steht nichts im Protokoll" in desk.text


@ON_SQLITE
def test_it_goes_back_page_by_page(
    desk: Visitor, cafe: Cafe, boss: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "SHOWN", 3)
    for number in range(5):
        note(cafe, boss, "cards.block", f"card_{number}")
    desk.get(f"{PATH}?q=card_")
    assert [f"card_{n}" in desk.text for n in range(5)] == [False, False, True, True, True]
    found = re.search(r'href="([^"]*before=[^"]*)"', desk.text)
    assert found is not None
    desk.get(html.unescape(found[1]))
    assert [f"card_{n}" in desk.text for n in range(5)] == [True, True, False, False, False]
    desk.get(f"{PATH}?before=nonsense")
    assert "card_4" in desk.text


def test_the_file_holds_all_that_was_found(
    desk: Visitor, cafe: Cafe, boss: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "_AT_ONCE", 2)
    for number in range(5):
        note(cafe, boss, "cards.block", f"=card_{number}", reason="lost")
    rows = list(csv.DictReader(io.StringIO(desk.get(f"{PATH}.csv?q=Boris").get_data(as_text=True))))
    assert [row["subject"] for row in rows if row["action"] == "cards.block"] == [
        f"'=card_{n}" for n in (4, 3, 2, 1, 0)
    ]
    assert {(row["actor"], row["actor_name"]) for row in rows} == {(boss, "Boris")}
    assert '"reason":"lost"' in rows[0]["details"]


def test_it_is_for_managers_and_of_one_merchant(app: Flask, cafe: Cafe, boss: str) -> None:
    cafe.person("246810", "marketing")
    marketer = visit(app)
    sign_in(marketer, "246810@example.com")
    for path in (PATH, f"{PATH}.csv"):
        marketer.get(path)
        assert marketer.path == "/console"
    assert "Protokoll" not in marketer.text


def test_signing_in_is_in_the_log_at_either_door(app: Flask, cafe: Cafe, desk: Visitor, boss: str) -> None:
    till, shop = visit(app), cafe.shop
    cafe.person("246810", "till", name="Klara")
    till.get(f"/scanner?merchant={cafe.slug}")
    till.send(next(form for form in till.forms() if form.action == "/scanner/pin"), pin="246810")
    noted = actions(cafe, "merchants.sign_in")
    assert [(actor == boss, said) for _, actor, said in noted] == [
        (True, {"door": "console", "location_id": None}),
        (False, {"door": "scanner", "location_id": shop.id}),
    ]


def test_a_person_who_is_locked_out_is_in_the_log_once(
    app: Flask, cafe: Cafe, boss: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = Watch()
    monkeypatch.setattr(debts, "now_ms", watch)
    with cafe.services.database.write() as uow:
        for _ in range(sign_ins.PASSWORDS_PER_HOUR + 1):
            sign_ins.wrong_password(uow, f"{BOSS}@example.com", "192.0.2.1")
            sign_ins.wrong_password(uow, "nobody@example.com", "192.0.2.1")
    assert actions(cafe, "limits.lock_out") == [("limits.lock_out", "console", {"scope": "password"})]
