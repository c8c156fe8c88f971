"""Whom a campaign means: every condition, both databases, and the count that comes true."""

from datetime import timedelta
from typing import Any

import pytest

from passes.campaigns.audience import Preview, preview
from passes.campaigns.rules import Audience
from passes.cards import service as card_service
from passes.errors import NotFound
from passes.money import Money
from passes.redemption import service as redemption
from passes.redemption.service import TillCall
from tests.campaigns.shop import NO, Shop, at


def count(shop: Shop, **audience: Any) -> int:
    return look(shop, **audience).count


def look(shop: Shop, **audience: Any) -> Preview:
    with shop.database.read() as uow:
        return preview(uow, shop.merchant_id, Audience(**audience))


def redeem(shop: Shop, card_id: str, **what: Any) -> None:
    with shop.database.write() as uow:
        redemption.redeem(uow, TillCall(shop.merchant_id, "till", card_id=card_id), **what)


def test_everybody_with_a_live_card_and_nobody_twice(shop: Shop) -> None:
    shop.card(shop.member())
    shop.member(card=False)
    shop.card(None)
    blocked, closed = shop.member(), shop.member()
    with shop.database.write() as uow:
        card_service.block(uow, shop.merchant_id, shop.cards_of(blocked)[0].id, "lost", "test")
        card_service.deactivate(uow, shop.merchant_id, shop.cards_of(closed)[0].id, "closed", "test")
    assert count(shop) == 1


def test_a_card_counts_until_its_time_has_run_out(shop: Shop) -> None:
    member = shop.member(card=False)
    shop.card(member, shop.program("gift"), amount=500, expires_at=shop.clock.at + timedelta(days=1))
    assert count(shop) == 1
    shop.later(days=1)
    assert count(shop) == 0


def test_a_gift_card_never_loaded_and_a_coupon_used_up_are_no_live_cards(shop: Shop) -> None:
    member = shop.member(card=False)
    shop.card(member, shop.program("gift"))
    assert count(shop) == 0
    coupon = shop.card(member, shop.program("coupon"))
    assert count(shop) == 1
    redeem(shop, coupon, order_total=Money(1000, "EUR"))
    assert count(shop) == 0


def test_by_program(shop: Shop) -> None:
    points = shop.program("points")
    shop.card(shop.member(), points)
    shop.member()
    assert count(shop, program_id=points) == 1
    assert count(shop, program_id=shop.program_id) == 2


def test_by_location(shop: Shop) -> None:
    here, there = shop.location("Mitte"), shop.location("Wedding")
    visitor = shop.member()
    shop.member()
    shop.buy(visitor, location_id=here)
    assert (count(shop, location_id=here), count(shop, location_id=there)) == (1, 0)


def test_by_birthday_month(shop: Shop) -> None:
    for birthday in ("1990-01-31", "--02-01", "1992-02-29", "1990-03-01"):
        shop.member(birthday=birthday)
    shop.member()
    assert [count(shop, birthday_month=month) for month in (1, 2, 3, 4)] == [1, 2, 1, 0]


def test_by_balance_in_whatever_the_card_counts(shop: Shop) -> None:
    gift = shop.program("gift")
    shop.card(shop.member(), gift, amount=1250)
    shop.buy(shop.member(), count=3)
    assert count(shop, balance_min=3) == 2
    assert count(shop, balance_min=4) == 1
    assert count(shop, balance_min=1250, program_id=gift) == 1
    assert count(shop, balance_min=1251) == 0
    assert count(shop, balance_min=3, program_id=gift) == 1


@pytest.mark.parametrize(
    "tag", ["vip", "Stammkunde Köln", "it's", '"quoted"', "a,b", "100%", "back\\slash", "?"]
)
def test_by_tag(shop: Shop, tag: str) -> None:
    shop.member(tags=(tag, "other"))
    shop.member(tags=("almost " + tag,))
    shop.member()
    assert count(shop, tags=(tag,)) == 1
    assert count(shop, tags=(tag, "other")) == 1
    assert count(shop, tags=(tag, "third")) == 0


def test_by_absence_in_days_of_the_members_calendar(shop: Shop) -> None:
    """Bought at 11:30 UTC on the 2nd: still the 2nd in Berlin, already the 3rd on Kiritimati."""
    shop.clock.at = at("2026-03-02 11:30")
    near, far, never = (
        shop.member(time_zone=z) for z in ("Europe/Berlin", "Pacific/Kiritimati", "Asia/Tokyo")
    )
    shop.buy(near)
    shop.buy(far)
    counts = {}
    for moment in ("2026-03-02 22:59", "2026-03-02 23:00", "2026-03-03 09:59", "2026-03-03 10:00"):
        shop.clock.at = at(moment)
        counts[moment] = count(shop, inactive_days=1)
    assert list(counts.values()) == [0, 1, 1, 2]
    assert never


def test_absence_is_broken_by_a_purchase_on_any_card_of_the_program(shop: Shop) -> None:
    points = shop.program("points")
    member = shop.member()
    shop.buy(member)
    shop.later(days=30)
    card = shop.card(member, points)
    with shop.database.write() as uow:
        redemption.stamp(uow, TillCall(shop.merchant_id, "till", card_id=card), count=5)
    assert count(shop, inactive_days=30) == 0
    assert count(shop, inactive_days=30, program_id=shop.program_id) == 1
    assert count(shop, inactive_days=30, program_id=points) == 0


def test_conditions_narrow_each_other(shop: Shop) -> None:
    shop.member(birthday="--02-01", tags=("vip",))
    shop.member(birthday="--02-01")
    shop.member(tags=("vip",))
    assert count(shop, birthday_month=2, tags=("vip",)) == 1


def test_another_merchants_members_are_never_counted(shop: Shop) -> None:
    other = Shop(shop.database, shop.clock, slug="bakery").open()
    other.member(tags=("vip",), birthday="--02-01")
    assert count(shop) == count(shop, tags=("vip",)) == count(shop, birthday_month=2) == 0
    with pytest.raises(NotFound):
        count(shop, program_id=other.program_id)


def test_the_preview_says_who_agreed_and_shows_a_few_by_first_name(shop: Shop) -> None:
    for _ in range(6):
        shop.member(name="Jörg Maier", locale="de")
    shop.member(consent=False)
    changed_mind = shop.member()
    shop.say(changed_mind, NO)
    found = look(shop)
    assert (found.count, found.consenting, len(found.sample)) == (8, 6, 5)
    assert {(m.first_name, m.locale) for m in found.sample} == {("Jörg", "de")}


@pytest.mark.parametrize(
    "audience",
    [
        {},
        {"inactive_days": 7},
        {"birthday_month": 2},
        {"balance_min": 2},
        {"tags": ["vip"]},
        {"location_id": "here"},
    ],
)
def test_the_count_before_the_launch_is_what_the_launch_reaches(shop: Shop, audience: dict[str, Any]) -> None:
    here = shop.location()
    for number in range(12):
        tags = ("vip",) if number % 3 == 0 else ()
        member = shop.member(birthday=f"--0{1 + number % 3}-15", tags=tags, consent=number % 4 != 0)
        if number % 2:
            shop.buy(member, count=1 + number % 3, location_id=here if number % 5 else None)
    shop.later(days=8)
    if "location_id" in audience:
        audience = {"location_id": here}
    found = look(shop, **audience)
    campaign = shop.campaign(audience=audience)
    report = shop.run()
    assert 0 < found.count == report.planned
    assert (shop.results(campaign).sent, report.suppressed["no_consent"]) == (
        found.consenting,
        found.count - found.consenting,
    )
