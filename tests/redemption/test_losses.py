"""A payment told later that its card could not cover: what of it comes back, in whatever order."""

import itertools
from collections.abc import Callable
from types import ModuleType
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from passes.clock import FixedClock, format_rfc3339
from passes.ledger.models import Account, Posting
from passes.ledger.rules import OFFLINE_LOSS
from passes.ledger.verify import verify
from passes.redemption import losses, service, undoing
from tests.fixtures.api import Json, Shop, eur
from tests.mutants import damage

HELD, PRICE = 300, 500


def told(shop: Shop, clock: FixedClock, call: str, body: Json) -> Json:
    """What the till hears that tells of a call later."""
    moment = {"call": call, "idempotency_key": str(uuid4()), "occurred_at": format_rfc3339(clock.at)}
    answer = shop.till.post("/sync", {"operations": [{**moment, "body": body}]}, key=None)
    (result,) = answer.ok()["results"]
    heard: Json = {"key": moment["idempotency_key"], **result["body"]}
    return heard


def overspent(shop: Shop, clock: FixedClock, held: int = HELD) -> tuple[Json, Json]:
    """A card of so much, and the payment of more."""
    card = shop.gift(held) if held else shop.gift(1)
    if not held:
        shop.till.post("/redemptions", {"card_id": card["id"], "amount": eur(1)}).ok()
    paid = told(shop, clock, "/redemptions", {"card_id": card["id"], "amount": eur(PRICE)})
    assert (paid["amount"], paid["overspend"]) == (eur(held), eur(PRICE - held))
    return card, paid


def lost(shop: Shop) -> int:
    """What the shop has lost, by the postings themselves; the proof of the books agrees."""
    with shop.services.database.read() as uow:
        sums = []
        for side in (Posting.source, Posting.destination):
            query = select(func.coalesce(func.sum(Posting.amount), 0)).join(Account, Account.id == side)
            mine = query.where(Account.merchant_id == shop.id, Account.role == OFFLINE_LOSS)
            sums.append(uow.conn.execute(mine).scalar_one())
    with shop.services.database.read() as uow:
        assert verify(uow).faults == []
    return int(sums[0] - sums[1])


def refund(shop: Shop, paid: Json, cents: int | None = None) -> str:
    """The key of a refund that was made."""
    key = str(uuid4())
    shop.till.post(f"/redemptions/{paid['id']}/refund", {"amount": eur(cents)} if cents else {}, key=key).ok()
    return key


def reverse(shop: Shop, key: str) -> str:
    """What became of it."""
    outcome: str = shop.till.post("/reversals", {"idempotency_key": key}).ok()["outcome"]
    return outcome


def test_a_refund_gives_back_what_the_card_lost_and_the_shop_what_it_lost(
    shop: Shop, clock: FixedClock
) -> None:
    card, paid = overspent(shop, clock)
    assert (shop.balance(card), lost(shop)) == (0, PRICE - HELD)
    refund(shop, paid, 100)
    assert (shop.balance(card), lost(shop)) == (100, PRICE - HELD)
    too_much = shop.till.post(f"/redemptions/{paid['id']}/refund", {"amount": eur(201)})
    assert (too_much.code, too_much["refundable"]) == ("refund_exceeds_redemption", eur(200))
    refund(shop, paid)
    assert (shop.balance(card), lost(shop)) == (HELD, 0)
    assert shop.till.post(f"/redemptions/{paid['id']}/refund").code == "refund_exceeds_redemption"


def test_a_payment_that_took_nothing_from_its_card_comes_back_whole_and_once(
    shop: Shop, clock: FixedClock
) -> None:
    card, paid = overspent(shop, clock, held=0)
    key = refund(shop, paid)
    assert (shop.balance(card), lost(shop)) == (0, 0)
    assert shop.till.post(f"/redemptions/{paid['id']}/refund").code == "refund_exceeds_redemption"
    assert reverse(shop, key) == "reversed"
    assert lost(shop) == PRICE
    assert reverse(shop, paid["key"]) == "reversed"
    assert (shop.balance(card), lost(shop)) == (0, 0)


@pytest.mark.parametrize("held", [0, HELD])
def test_a_payment_that_is_reversed_never_happened(shop: Shop, clock: FixedClock, held: int) -> None:
    card, paid = overspent(shop, clock, held)
    assert reverse(shop, paid["key"]) == "reversed"
    assert (shop.balance(card), lost(shop)) == (held, 0)
    assert reverse(shop, paid["key"]) == "already_reversed"


@pytest.mark.parametrize("held", [0, HELD])
def test_a_payment_that_was_refunded_whole_can_still_be_reversed(
    shop: Shop, clock: FixedClock, held: int
) -> None:
    card, paid = overspent(shop, clock, held)
    key = refund(shop, paid)
    assert reverse(shop, paid["key"]) == "reversed"
    assert reverse(shop, key) == "reversed"
    assert (shop.balance(card), lost(shop)) == (held, 0)


@pytest.mark.parametrize("order", list(itertools.permutations(("first", "second", "payment"))))
def test_refunds_and_the_payment_are_reversed_in_any_order(
    shop: Shop, clock: FixedClock, order: tuple[str, ...]
) -> None:
    card, paid = overspent(shop, clock)
    keys = {"first": refund(shop, paid, 100), "second": refund(shop, paid, 200), "payment": paid["key"]}
    parts = {"first": 100, "second": 200}
    given_back = HELD
    for name in order:
        assert reverse(shop, keys[name]) == "reversed"
        is_gone = "payment" in order[: order.index(name) + 1]
        given_back = HELD if is_gone else given_back - parts[name]
        is_whole = given_back == HELD
        assert (shop.balance(card), lost(shop)) == (given_back, 0 if is_whole else PRICE - HELD)


def test_a_whole_refund_after_one_that_was_undone_returns_the_loss_once(
    shop: Shop, clock: FixedClock
) -> None:
    card, paid = overspent(shop, clock)
    early = refund(shop, paid, 100)
    for _ in range(2):
        late = refund(shop, paid)
        assert (shop.balance(card), lost(shop)) == (HELD, 0)
        reverse(shop, late)
    refund(shop, paid)
    reverse(shop, early)
    assert (shop.balance(card), lost(shop)) == (HELD - 100, PRICE - HELD)


def test_a_basket_that_was_told_later_comes_back_whole_with_its_loss(shop: Shop, clock: FixedClock) -> None:
    cards = [shop.gift(HELD), shop.gift(1)]
    shop.till.post("/redemptions", {"card_id": cards[1]["id"], "amount": eur(1)}).ok()
    lines = [{"code": card["code"], "amount": eur(PRICE)} for card in cards]
    order = {"mode": "all", "order_total": eur(2 * PRICE), "instruments": lines}
    paid = told(shop, clock, "/baskets", order)
    assert lost(shop) == 2 * PRICE - HELD
    assert shop.till.post(f"/baskets/{paid['id']}/refund").status == 201
    assert ([shop.balance(card) for card in cards], lost(shop)) == ([HELD, 0], 0)


def _reversed_with_nothing_on_the_card(shop: Shop, clock: FixedClock) -> None:
    test_a_payment_that_is_reversed_never_happened(shop, clock, 0)


def _refunded_with_nothing_on_the_card(shop: Shop, clock: FixedClock) -> None:
    test_a_payment_that_was_refunded_whole_can_still_be_reversed(shop, clock, 0)


_AGAIN = test_a_whole_refund_after_one_that_was_undone_returns_the_loss_once
_WHOLE = test_a_payment_that_took_nothing_from_its_card_comes_back_whole_and_once


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "module, name, edit, scenario",
    [
        (service, "refund", ("if wanted == left else 0", ""), _AGAIN),
        (service, "refund", ("told.overspend(taken) if wanted == left else 0", "0"), _WHOLE),
        (losses, "lost_again", ("if not offline", "if True or not offline"), _AGAIN),
        (losses, "is_given_back", ("undone > 0 or ", ""), _refunded_with_nothing_on_the_card),
        (
            undoing,
            "_undo_entry",
            ("losses.is_given_back(entry, undone)", "undone == entry.amount"),
            _reversed_with_nothing_on_the_card,
        ),
    ],
)
def test_planted_bugs_are_caught(
    shop: Shop,
    clock: FixedClock,
    monkeypatch: pytest.MonkeyPatch,
    module: ModuleType,
    name: str,
    edit: tuple[str, str],
    scenario: Callable[[Shop, FixedClock], None],
) -> None:
    damage(monkeypatch, module, name, edit)
    with pytest.raises(AssertionError):
        scenario(shop, clock)
