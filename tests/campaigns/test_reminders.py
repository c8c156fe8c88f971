"""Reminders before value runs out: in time, once, with consent, and never of what is spent by then."""

from typing import Any

import pytest

from passes.cards.rules import CardView
from passes.errors import FieldError
from passes.ledger.rules import Entry
from passes.money import Money
from passes.redemption import expiry
from passes.redemption import service as redemption
from passes.redemption.service import TillCall
from tests.campaigns.shop import Shop

WORDS = {
    "de": "{first_name}, {balance} laufen am {expires} ab.",
    "en": "{first_name}, {balance} run out on {expires}.",
}


@pytest.fixture
def points(shop: Shop) -> str:
    """A program whose points last ten days."""
    shop.program_id = shop.program("points", points_expire_after_days=10)
    return shop.program_id


def remind(shop: Shop, days: int = 3, **values: Any) -> None:
    shop.campaign("expiry", days=days, message=WORDS, **values)


def spend(shop: Shop, card: CardView, points: int) -> Entry:
    with shop.database.write() as uow:
        call = TillCall(shop.merchant_id, "test", card_id=card.id)
        return redemption.redeem(uow, call, amount=Money(points, "POINT"))


def outcomes(shop: Shop, member: str) -> list[tuple[str, str | None]]:
    return [(state, reason) for _, state, reason in shop.dispatches(member)]


def test_a_member_is_told_in_time_what_runs_out_and_when(shop: Shop, points: str) -> None:
    member = shop.member(name="Jörg Maier")
    shop.buy(member, 25)
    remind(shop)
    assert shop.later(days=7).run().planned == 0
    assert shop.later(days=1).run().sent == 1
    assert shop.cards_of(member)[0].news == {
        "de": "Jörg, 25 Punkte laufen am 12. März 2026 ab.",
        "en": "Jörg, 25 points run out on 12 March 2026.",
    }
    assert shop.later(days=1).run().planned == 0
    assert outcomes(shop, member) == [("sent", None)]


def test_a_card_with_an_end_is_reminded_of_before_it(shop: Shop) -> None:
    member = shop.member(name="Ada", card=False)
    shop.card(
        member, shop.program("gift"), amount=1250, expires_at=shop.later(days=0).clock.at.replace(year=2027)
    )
    remind(shop, days=30)
    assert shop.later(days=334).run().planned == 0
    assert shop.later(days=2).run().sent == 1
    news = shop.cards_of(member)[0].news
    assert news is not None
    assert news["en"].startswith("Ada, €12.50 run out on 2 March 2027")


@pytest.mark.parametrize("all_of_it", [True, False])
def test_who_has_spent_it_meanwhile_hears_nothing(shop: Shop, points: str, all_of_it: bool) -> None:
    member = shop.member()
    shop.buy(member, 25)
    remind(shop)
    shop.later(days=8, hours=13).run()
    spend(shop, shop.cards_of(member)[0], 25 if all_of_it else 24)
    shop.later(hours=12).run()
    assert outcomes(shop, member) == [("suppressed", "nothing_ends") if all_of_it else ("sent", None)]


def test_without_consent_nobody_is_reminded_and_the_reason_is_kept(shop: Shop, points: str) -> None:
    member = shop.member(consent=False)
    shop.buy(member, 25)
    remind(shop)
    shop.later(days=9).run()
    assert outcomes(shop, member) == [("suppressed", "no_consent")]


def test_purchases_day_by_day_are_one_reminder_in_so_many_days(shop: Shop, points: str) -> None:
    member = shop.member()
    remind(shop, days=5)
    for _ in range(20):
        shop.buy(member, 3)
        expiry.run_due(shop.later(days=1).database)
        shop.run()
    assert outcomes(shop, member) == [("sent", None)] * 3


def test_a_run_that_remembers_the_last_one_misses_nobody(shop: Shop, points: str) -> None:
    members = [shop.member() for _ in range(3)]
    remind(shop)
    last = None
    for hour in range(24 * 10):
        if hour % 30 == 0 and hour < 90:
            shop.buy(members[hour // 30], 5)
        shop.later(hours=1).run(since=last)
        last = shop.clock.at
    assert [outcomes(shop, member) for member in members] == [[("sent", None)]] * 3


@pytest.mark.parametrize(
    "trigger, wrong, field",
    [
        ("expiry", {}, "trigger.days"),
        ("manual", {"message": {"de": "{expires}", "en": "x"}}, "message.de"),
    ],
)
def test_a_reminder_knows_its_days_and_only_a_reminder_knows_an_end(
    shop: Shop, trigger: str, wrong: dict[str, Any], field: str
) -> None:
    with pytest.raises(FieldError) as refused:
        shop.campaign(trigger, **wrong)
    assert [error["field"] for error in refused.value.errors] == [field]
