"""Whoever guesses typed codes is slowed, then locked out; honest tills and scanners hardly notice."""

import threading
from collections import Counter
from collections.abc import Callable
from types import ModuleType

import pytest
from sqlalchemy import func, select

from passes.audit.models import AuditEntry
from passes.cards import queries as cards
from passes.ids import new_code, new_token
from passes.limits import debts, guesses
from passes.limits.models import GuessDebt
from tests.fixtures.api import Client, Shop, eur
from tests.limits.guessers import (
    LIMIT,
    Watch,
    actor_of,
    debts_now,
    fresh_process,
    guess,
    look_up,
    with_prefix,
)
from tests.mutants import damage


@pytest.mark.usefixtures("patient")
def test_a_key_that_guesses_is_locked_out_and_told_when_to_come_back(shop: Shop, real: Watch) -> None:
    assert guess(shop.till, LIMIT + 1, real) == [404] * (LIMIT + 1)
    refused = look_up(shop.till, new_code())
    assert (refused.status, refused.code) == (429, "rate_limited")
    assert 800 < int(refused.headers["Retry-After"]) <= 900
    real.ms += debts.LOCKED_MS
    assert look_up(shop.till, new_code()).status == 404
    assert look_up(shop.till, new_code()).status == 429


@pytest.mark.usefixtures("patient")
def test_the_right_code_is_refused_too_so_the_answer_tells_nothing(shop: Shop, real: Watch) -> None:
    card = shop.gift(1000)
    guess(shop.till, LIMIT + 1, real)
    right, wrong = look_up(shop.till, card["code"]), look_up(shop.till, new_code())
    assert right.raw == wrong.raw
    assert right.headers == wrong.headers


@pytest.mark.usefixtures("patient")
def test_from_half_the_allowance_on_every_guess_takes_a_pause(shop: Shop, real: Watch) -> None:
    statuses = [look_up(shop.till, new_code()).status for _ in range(LIMIT)]
    assert statuses == [404] * (LIMIT // 2 + 1) + [429] * (LIMIT // 2 - 1)
    refused = look_up(shop.till, new_code())
    assert refused.headers["Retry-After"] == "2"
    real.ms += debts.SLOW_MS
    assert look_up(shop.till, new_code()).status == 404


def test_barcodes_are_never_locked_and_write_nothing(shop: Shop, real: Watch) -> None:
    card = shop.gift(1000)
    with shop.services.database.read() as uow:
        barcode = cards.get(uow, shop.id, card["id"]).barcode
    guess(shop.till, LIMIT + 5, real)
    assert look_up(shop.till, card["code"]).status == 429
    assert look_up(shop.till, barcode).status == 200
    paid = {"code": barcode, "amount": {"amount": 100, "asset": "EUR"}}
    assert shop.till.post("/redemptions", paid).status == 201
    before = debts_now(shop)
    assert {look_up(shop.till, new_token()).status for _ in range(3 * LIMIT)} == {404}
    assert debts_now(shop) == before


@pytest.mark.usefixtures("patient")
def test_every_call_that_takes_a_code_is_guarded(shop: Shop, real: Watch) -> None:
    card = shop.gift(1000)
    guess(shop.everything, LIMIT + 1, real)
    amount = {"amount": 1, "asset": "EUR"}
    bodies = {
        "/stamps": {"count": 1},
        "/loads": {"amount": amount},
        "/redemptions": {"amount": amount},
        "/holds": {"amount": amount},
        "/adjustments": {"amount": amount, "direction": "increase", "reason": "other"},
        "/cards/lookup": {},
    }
    for path, body in bodies.items():
        key = f"call {path}"
        refused = shop.everything.post(path, {"code": card["code"], **body}, key=key)
        assert (path, refused.status) == (path, 429)
        shop.everything.post(path, {"card_id": card["id"], **body})
    real.ms += debts.LOCKED_MS
    again = shop.everything.post(
        "/redemptions", {"code": card["code"], "amount": amount}, key="call /redemptions"
    )
    assert (again.status, again.is_replay) == (201, False)


@pytest.mark.usefixtures("patient")
def test_guesses_hidden_in_baskets_and_in_what_a_till_tells_later_count_like_all_others(
    shop: Shop, real: Watch
) -> None:
    lines = [{"code": new_code()} for _ in range(LIMIT + 1)]
    order = {"mode": "partial", "order_total": eur(100), "instruments": lines}
    assert shop.till.post("/baskets", order).status == 201
    assert shop.till.post("/baskets", order).status == 429

    other = Client(shop.app, shop.new_key("till").key)
    told = [
        {
            "call": "/redemptions",
            "idempotency_key": f"offline {i}",
            "occurred_at": "2026-03-02T08:59:00Z",
            "body": {"code": new_code(), "amount": eur(1)},
        }
        for i in range(3 * LIMIT)
    ]
    answered = [r["status"] for r in other.post("/sync", {"operations": told}).ok()["results"]]
    assert answered.count(404) <= LIMIT
    assert 429 in answered


@pytest.mark.usefixtures("patient")
def test_a_slip_of_the_fingers_costs_a_quarter_of_a_guess(shop: Shop, real: Watch) -> None:
    code = new_code()
    wrong = code[:-1] + ("2" if code[-1] != "2" else "3")
    statuses = []
    for _ in range(4 * LIMIT + 2):
        statuses.append(look_up(shop.till, wrong).status)
        real.ms += debts.SLOW_MS
    assert 4 * LIMIT <= statuses.count(404) <= 4 * LIMIT + 1 + 4


@pytest.mark.usefixtures("patient")
def test_an_honest_shop_with_a_few_slips_an_hour_never_waits(shop: Shop, real: Watch) -> None:
    card = shop.gift(1000)
    for _ in range(8):
        for _ in range(5):
            assert look_up(shop.till, new_code()).status == 404
        for _ in range(3):
            assert look_up(shop.till, card["code"]).status == 200
        real.ms += debts.HOUR_MS


@pytest.mark.usefixtures("patient")
def test_a_key_with_a_clean_record_goes_on_where_others_locked_the_address(shop: Shop, real: Watch) -> None:
    card = shop.gift(1000)
    thieves = [Client(shop.app, shop.new_key("till").key) for _ in range(4)]
    for thief in thieves:
        guess(thief, LIMIT, real)
    guess(thieves[0], 1, real)
    stranger, honest = Client(shop.app, shop.new_key("till").key), shop.till
    assert guess(stranger, LIMIT, real).count(404) == guesses.CLEAN + 1
    assert look_up(honest, card["code"]).status == 200
    assert look_up(honest, new_code()).status == 404
    assert look_up(honest, card["code"]).status == 200


@pytest.mark.usefixtures("patient")
def test_beginnings_of_codes_are_locked_for_those_who_try_them_in_turn(shop: Shop, real: Watch) -> None:
    same = "AAAA"
    thieves = [Client(shop.app, shop.new_key("till").key) for _ in range(6)]
    heard = 0
    for _ in range(5):
        for thief in thieves:
            heard += look_up(thief, with_prefix(same, new_code())).status == 404
            real.ms += debts.SLOW_MS
    limit = guesses.PER_HOUR["prefix"]
    assert limit <= heard <= limit + 6


@pytest.mark.usefixtures("patient")
def test_a_lock_out_is_in_the_audit_log_once(shop: Shop, real: Watch) -> None:
    guess(shop.till, LIMIT + 10, real)
    with shop.services.database.read() as uow:
        query = select(AuditEntry.details).where(AuditEntry.action == "limits.lock_out")
        rows = uow.conn.execute(query).all()
    assert [row.details["scope"] for row in rows] == ["key"]


@pytest.mark.usefixtures("unpaced")
def test_once_locked_out_an_attack_costs_the_database_nothing(
    shop: Shop, real: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    guess(shop.till, LIMIT + 2, real)

    def never(*_: object) -> None:
        raise AssertionError("the database was asked")

    with monkeypatch.context() as patched:
        patched.setattr(shop.services.database, "write", never)
        patched.setattr(shop.services.database, "read", never)
        assert look_up(shop.till, new_code()).status == 429
    other = Client(fresh_process(shop), shop.till.key)
    assert look_up(other, new_code()).status == 429


@pytest.mark.usefixtures("patient")
def test_many_who_guess_at_once_are_all_counted(shop: Shop, real: Watch) -> None:
    # Made before they start: a shop asked for its till by all of them at once gives each another key.
    till = shop.till
    together = threading.Barrier(8)
    statuses: list[int] = []

    def many() -> None:
        together.wait()
        statuses.extend(look_up(till, new_code()).status for _ in range(5))

    threads = [threading.Thread(target=many) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    row = debts_now(shop)[f"key:{actor_of(shop)}"]
    heard = (row - real.ms) / debts.cost_ms(LIMIT)
    assert Counter(statuses) == {404: heard, 429: 40 - heard}
    # From half the allowance on nobody is heard while the clock stands; those in flight still were.
    assert LIMIT // 2 + 1 <= heard <= LIMIT // 2 + 1 + 7


@pytest.mark.parametrize(
    "address, whom",
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("unix:", "unix:"),
    ],
)
def test_an_address_stands_for_one_customer_of_a_network(address: str, whom: str) -> None:
    assert guesses.network(address) == whom


def test_debts_that_are_paid_are_forgotten(shop: Shop, real: Watch) -> None:
    guess(shop.till, 3, real)
    real.ms += debts.HOUR_MS
    with shop.services.database.write() as uow:
        assert debts.forget_paid(uow) > 0
        assert uow.conn.execute(select(func.count()).select_from(GuessDebt)).scalar_one() == 0


def _locked_at_last(shop: Shop, real: Watch) -> None:
    guess(shop.till, LIMIT + 1, real)
    assert look_up(shop.till, new_code()).status == 429


def _right_code_too(shop: Shop, real: Watch) -> None:
    card = shop.gift(1000)
    guess(shop.till, LIMIT + 1, real)
    assert look_up(shop.till, card["code"]).status == 429


def _address_counts(shop: Shop, real: Watch) -> None:
    thieves = [Client(shop.app, shop.new_key("till").key) for _ in range(6)]
    assert sum(guess(thief, LIMIT, real).count(404) for thief in thieves) < 6 * LIMIT - 10


def _clean_goes_on(shop: Shop, real: Watch) -> None:
    for _ in range(5):
        guess(Client(shop.app, shop.new_key("till").key), LIMIT, real)
    assert [look_up(shop.till, new_code()).status for _ in range(2)] == [404, 404]


PLANTED = [
    (guesses, "note_miss", ("dict.fromkeys(PER_HOUR, SLIPS_PER_GUESS)", '{"address": 4}'), _locked_at_last),
    (guesses, "note_miss", ("dict.fromkeys(PER_HOUR, SLIPS_PER_GUESS)", '{"key": 4}'), _address_counts),
    (guesses, "require_open", ("typed is None", "normalise_code(code)"), _right_code_too),
    (guesses, "require_open", ('(PER_HOUR["key"]):', '(PER_HOUR["key"]) * 0:'), _clean_goes_on),
    (debts, "_adding", ("debt + added - now", "added"), _locked_at_last),
    (debts, "_adding", ("new_debt - now > HOUR_MS", "new_debt - now < 0"), _locked_at_last),
]


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("module, name, edit, scenario", PLANTED)
def test_planted_bugs_are_caught(
    shop: Shop,
    real: Watch,
    monkeypatch: pytest.MonkeyPatch,
    module: ModuleType,
    name: str,
    edit: tuple[str, str],
    scenario: Callable[[Shop, Watch], None],
) -> None:
    with monkeypatch.context() as bent:
        damage(bent, module, name, edit)
        with pytest.raises(AssertionError):
            scenario(shop, real)


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize("scenario", dict.fromkeys(row[3] for row in PLANTED), ids=lambda s: s.__name__)
def test_the_same_scenarios_hold_without_a_bug(
    shop: Shop, real: Watch, scenario: Callable[[Shop, Watch], None]
) -> None:
    scenario(shop, real)


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize("mode", ["all", "partial"])
def test_every_unknown_code_of_a_basket_is_a_guess(shop: Shop, real: Watch, mode: str) -> None:
    codes = [{"code": new_code()} for _ in range(LIMIT + 1)]
    body = {"mode": mode, "order_total": eur(100), "instruments": codes}
    assert shop.till.post("/baskets", body).status == (404 if mode == "all" else 201)
    refused = shop.till.post("/baskets", {**body, "instruments": [{"code": shop.gift(100)["code"]}]})
    assert (refused.status, refused.code) == (429, "rate_limited")
