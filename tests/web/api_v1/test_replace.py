"""Replacing a card: the new one has everything, the old one nothing, and the books say how."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event, select

from passes.audit.models import AuditEntry
from passes.clock import FixedClock
from tests.fixtures.api import Answer, Shop, counted, eur

Json = dict[str, Any]


def replace(shop: Shop, card: Json, reason: str = "lost") -> Answer:
    return shop.manager.post(f"/cards/{card['id']}/replace", {"reason": reason})


@pytest.mark.parametrize("reason", ["lost", "stolen", "damaged", "other"])
def test_replacing_answers_a_new_card_with_new_codes_and_the_old_balance(shop: Shop, reason: str) -> None:
    member = shop.manager.post("/members", {"name": "Ada"}).ok()["id"]
    card = shop.card("gift", amount=eur(1000), member_id=member)
    answer = replace(shop, card, reason)
    assert answer.status == 201
    for name in ("id", "code", "links"):
        assert answer[name] != card[name]
    for name in ("kind", "program_id", "member_id", "expires_at", "balance", "available"):
        assert answer[name] == card[name]
    assert answer["state"] == "active"
    assert shop.state(answer.json) == answer.json
    old = shop.state(card)
    assert (old["state"], old["balance"]) == ("deactivated", eur(0))


def test_a_transfer_stands_on_both_cards(shop: Shop) -> None:
    card = shop.gift(1000)
    new = replace(shop, card).json
    left, came = shop.history(card)[0], shop.history(new)[0]
    assert [e["type"] for e in (left, came)] == ["transfer", "transfer"]
    assert [e["amount"] for e in (left, came)] == [eur(1000), eur(1000)]
    assert [e["delta"] for e in (left, came)] == [eur(-1000), eur(1000)]
    assert [e["balance_after"] for e in (left, came)] == [eur(0), eur(1000)]


def test_rewards_move_with_the_stamps(shop: Shop) -> None:
    new = replace(shop, shop.stamped(27)).json
    assert (new["balance"], new["rewards"]) == (counted(7, "STAMP"), 2)
    assert shop.till.post("/redemptions", {"card_id": new["id"], "reward": True}).status == 201


def test_debts_move_too(shop: Shop) -> None:
    card = shop.card("points")
    sale = shop.till.post("/stamps", {"card_id": card["id"], "count": 50}).ok()
    shop.till.post("/redemptions", {"card_id": card["id"], "reward_id": "mug"}).ok()
    shop.till.post(f"/stamps/{sale['id']}/reverse").ok()
    new = replace(shop, card).json
    assert (new["owed"], shop.state(card)["owed"]) == (counted(50, "POINT"), counted(0, "POINT"))


def test_open_holds_move_and_are_captured_from_the_new_card(shop: Shop) -> None:
    card = shop.gift(1000)
    held = shop.till.post("/holds", {"card_id": card["id"], "amount": eur(400)}).ok()
    new = replace(shop, card).json
    assert (new["balance"], new["available"]) == (eur(1000), eur(600))
    assert shop.state(card)["available"] == eur(0)
    moved = shop.till.get(f"/holds/{held['id']}")
    assert (moved["status"], moved["card_id"]) == ("open", new["id"])
    taken = shop.till.post(f"/holds/{held['id']}/capture", {"amount": eur(300)}).ok()
    assert (taken["card_id"], taken["balance_after"]) == (new["id"], eur(700))
    assert shop.state(new)["available"] == eur(700)


def test_what_was_collected_is_kept(shop: Shop) -> None:
    tiers = [{"name": "Gold", "from_points": 100, "factor_percent": 200}]
    new = replace(shop, shop.points(100, tiers=tiers)).json
    sale = shop.till.post("/stamps", {"card_id": new["id"], "purchase": eur(1000)}).ok()
    assert sale["amount"] == counted(20, "POINT")


def test_a_card_that_waits_for_its_first_load_is_replaced_by_one_that_waits(shop: Shop) -> None:
    new = replace(shop, shop.card("gift")).json
    assert (new["state"], new["balance"]) == ("pending", eur(0))


def test_a_blocked_card_is_replaced_by_an_active_one(shop: Shop) -> None:
    card = shop.gift(1000)
    shop.manager.post(f"/cards/{card['id']}/block", {"reason": "stolen"}).ok()
    new = replace(shop, card).json
    assert (new["state"], new["balance"]) == ("active", eur(1000))


def test_the_old_card_takes_nothing_any_more(shop: Shop) -> None:
    card = shop.gift(1000)
    replace(shop, card).ok()
    late = [
        shop.till.post("/redemptions", {"code": card["code"], "amount": eur(1)}),
        shop.till.post("/loads", {"code": card["code"], "amount": eur(1)}),
        replace(shop, card),
    ]
    assert [(a.status, a.code, a["state"]) for a in late] == [(409, "card_not_active", "deactivated")] * 3


def test_an_expired_card_is_not_replaced(shop: Shop, clock: FixedClock) -> None:
    card = shop.gift(1000, expiry={"after_days": 1})
    clock.at += timedelta(days=2)
    assert replace(shop, card).code == "card_expired"


@pytest.mark.parametrize("reason", ["closed", "", None])
def test_another_reason_is_refused(shop: Shop, reason: Any) -> None:
    answer = replace(shop, shop.card(), reason)
    assert (answer.status, answer.fields) == (422, ["reason"])


def test_the_same_key_replaces_once(shop: Shop) -> None:
    card = shop.gift(1000)
    path, key = f"/cards/{card['id']}/replace", f"replace {card['id']}"
    first, again = (shop.manager.post(path, {"reason": "lost"}, key=key) for _ in range(2))
    assert (first.raw, again.is_replay) == (again.raw, True)


def test_the_audit_log_names_both_cards(shop: Shop) -> None:
    card = shop.gift(1000)
    new = replace(shop, card, "stolen").json
    with shop.services.database.read() as uow:
        query = select(AuditEntry.details).where(AuditEntry.action == "cards.replace")
        details = uow.conn.execute(query.where(AuditEntry.subject == card["id"])).scalar_one()
    assert details == {"reason": "stolen", "new_card": new["id"]}


def test_what_is_not_on_a_card_is_not_moved(shop: Shop) -> None:
    card, said = shop.gift(1000), list[str]()

    def note(*sent: Any) -> None:
        said.append(sent[2])

    event.listen(Engine, "before_cursor_execute", note)
    try:
        assert replace(shop, card).status == 201
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert said
    assert [
        text for text in said if any(part in text for part in ("holds", "lots", "held", "enrolled"))
    ] == []
