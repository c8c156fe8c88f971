"""The audit log as a manager reads it: who did what, when and where, and nobody else's."""

import ast
import importlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import get_args

import pytest

import passes
from passes.audit import queries
from passes.clock import FixedClock, format_rfc3339
from passes.limits import service as limits
from passes.merchants import keys, staff
from passes.merchants.rules import StaffDraft
from passes.redemption.adjustments import Reason
from passes.web.api_v1.schemas import BlockReason, ReplaceReason
from passes.web.texts.audit import ACTIONS, SAID
from tests.fixtures.api import Json, Shop, eur
from tests.limits.managing import load, new_till, set_limit
from tests.mutants import damage

HOUSE = Path(passes.__file__).parent


def log(shop: Shop, **query: object) -> list[Json]:
    """The shop's log, the latest first."""
    items: list[Json] = shop.manager.get("/audit-log", **query).ok()["items"]
    return items


def only(shop: Shop, action: str) -> Json:
    """The one line there is of an act."""
    (line,) = log(shop, action=action)
    return line


def test_a_refusal_says_who_what_when_and_where(shop: Shop, clock: FixedClock) -> None:
    set_limit(shop, call="load", within="transaction", amount=eur(100), name="big_load")
    place = shop.location()
    till, card = new_till(shop, location_id=place), shop.gift(1)
    clock.at += timedelta(minutes=1)
    assert load(shop, card, 101, till).status == 409
    line = only(shop, "limits.refuse")
    with shop.services.database.read() as uow:
        mine = next(key for key in keys.keys(uow, shop.id) if key.location_id == place)
    assert (line["actor"], line["actor_name"]) == (mine.id, f"{mine.hint}…")
    assert (line["subject"], line["created_at"]) == (card["id"], format_rfc3339(clock.at))
    assert line["details"]["location_id"] == place
    assert (line["details"]["limit"], line["details"]["amount"]) == ("big_load", eur(101))


def test_a_limit_that_is_removed_leaves_what_it_said(shop: Shop) -> None:
    made = set_limit(shop, call="adjust", within="transaction", amount=eur(5000), action="flag")
    assert shop.manager.delete(f"/limits/{made['id']}").status == 204
    for action in ("limits.create", "limits.remove"):
        said = only(shop, action)["details"]["rule"]
        assert (said["at_most"], said["asset"], said["action"]) == (5000, "EUR", "flag")


def test_a_person_is_named(shop: Shop) -> None:
    draft = StaffDraft(name="Ada", email="ada@example.com", password="correct horse", scopes=("manage",))
    with shop.services.database.write() as uow:
        ada = staff.create_staff(uow, shop.id, draft, "cli")
        limits.create(
            uow, shop.id, limits.LimitDraft(call="load", within="day", each="till", count=1), ada.id
        )
    assert only(shop, "limits.create")["actor_name"] == "Ada"
    let_in = only(shop, "merchants.create_staff")
    assert (let_in["actor"], let_in["actor_name"]) == ("cli", None)


def test_it_can_be_narrowed(shop: Shop, clock: FixedClock) -> None:
    card, began = shop.card(), clock.at
    for call in ("block", "unblock"):
        clock.at += timedelta(hours=1)
        shop.manager.post(f"/cards/{card['id']}/{call}", {"reason": "lost"}).ok()
    both = ["cards.unblock", "cards.block"]
    assert [line["action"] for line in log(shop, subject=card["id"])] == both
    assert [line["action"] for line in log(shop, action="cards.block")] == both[1:]
    later, last = (format_rfc3339(began + timedelta(hours=n)) for n in (1, 2))
    assert [line["action"] for line in log(shop, subject=card["id"], since=later, until=last)] == both[1:]
    mine = log(shop, action="cards.block")[0]["actor"]
    assert [line["action"] for line in log(shop, actor=mine, subject=card["id"])] == both
    assert log(shop, actor="nobody") == []


def test_it_is_a_managers_and_no_other_merchants(shop: Shop, other_shop: Shop) -> None:
    card = other_shop.card()
    other_shop.manager.post(f"/cards/{card['id']}/block", {"reason": "lost"}).ok()
    assert len(log(other_shop, subject=card["id"])) == 1
    assert log(shop, subject=card["id"]) == []
    for scope in ("till", "read", "marketing"):
        assert shop.client(scope).get("/audit-log").code == "scope_missing"


def _recorded() -> Iterator[tuple[str, str]]:
    """Every act that the code writes into the log, with the file that does; `x.` for any of the room x."""
    for path in HOUSE.rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text())):
            if not (isinstance(call, ast.Call) and ast.unparse(call.func) == "audit.record"):
                continue
            action = call.args[3]
            if isinstance(action, ast.Constant):
                yield str(action.value), path.name
            elif isinstance(action, ast.JoinedStr):
                yield str(ast.literal_eval(action.values[0])), path.name
            elif ast.unparse(action).isupper() or "_" in ast.unparse(action):
                name = ".".join(("passes", *path.relative_to(HOUSE).with_suffix("").parts))
                yield getattr(importlib.import_module(name), ast.unparse(action)), path.name


def test_there_are_words_for_every_act_that_is_recorded() -> None:
    found = list(_recorded())
    assert len(found) > 40
    for action, where in found:
        assert action in ACTIONS or any(known.startswith(action) for known in ACTIONS), (action, where)


def test_there_are_words_for_every_reason_in_it() -> None:
    reasons = {*get_args(Reason), *get_args(BlockReason), *get_args(ReplaceReason)}
    assert reasons <= SAID.keys()


def _refusal(shop: Shop, clock: FixedClock, other: Shop) -> None:
    test_a_refusal_says_who_what_when_and_where(shop, clock)


def _narrowed(shop: Shop, clock: FixedClock, other: Shop) -> None:
    test_it_can_be_narrowed(shop, clock)


def _tenants(shop: Shop, clock: FixedClock, other: Shop) -> None:
    test_it_is_a_managers_and_no_other_merchants(shop, other)


PLANTED = [
    (queries, "_of", ("_ENTRY.merchant_id == merchant_id", "_ENTRY.merchant_id != ''"), _tenants),
    (queries, "_of", ("_ENTRY.at >= ", "_ENTRY.at > "), _narrowed),
    (queries, "_of", ('("actor", "action", "subject")', '("action", "subject")'), _narrowed),
]


@pytest.mark.parametrize("module, name, edit, scenario", PLANTED)
def test_planted_bugs_are_caught(
    shop: Shop,
    other_shop: Shop,
    clock: FixedClock,
    monkeypatch: pytest.MonkeyPatch,
    module: ModuleType,
    name: str,
    edit: tuple[str, str],
    scenario: Callable[[Shop, FixedClock, Shop], None],
) -> None:
    damage(monkeypatch, module, name, edit)
    with pytest.raises(AssertionError):
        scenario(shop, clock, other_shop)
