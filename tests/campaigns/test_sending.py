"""What a message does when it goes out: the cap, the gift, and what it brought."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, func, select, update

from passes.campaigns import dispatch, queries, run
from passes.campaigns.models import Dispatch
from passes.cards import service as card_service
from passes.cards.models import Card
from passes.db.engine import Database
from passes.ledger.models import Transaction
from passes.members import queries as members
from passes.outbox.models import OutboxEvent
from passes.privacy import service as privacy
from passes.redemption import service as redemption
from passes.redemption.service import TillCall
from tests.campaigns.shop import BASE_URL, YES, Shop


def planned(shop: Shop, **values: Any) -> str:
    """A member whose message is planned and whose life goes on before it goes out."""
    member = shop.member()
    run.plan(shop.database, shop.campaign(**values), shop.clock.at)
    return member


def outcome(shop: Shop, member: str) -> tuple[str, str | None]:
    shop.run()
    (_, state, reason) = shop.dispatches(member)[-1]
    return state, reason


def test_three_messages_in_seven_days_and_no_fourth(shop: Shop) -> None:
    member = shop.member()
    for _ in range(4):
        shop.campaign()
        shop.later(hours=1).run()
    assert [row[1:] for row in shop.dispatches(member)] == [("sent", None)] * 3 + [
        ("suppressed", "frequency_cap")
    ]
    shop.later(days=7, hours=-1)
    shop.campaign()
    assert outcome(shop, member) == ("sent", None)


def test_the_cap_counts_every_campaign_and_no_other_member(shop: Shop) -> None:
    member = shop.member(birthday="1990-03-02")
    for _ in range(3):
        shop.campaign()
    shop.run()
    late = shop.member(birthday="1990-03-02")
    shop.campaign("birthday")
    shop.run()
    assert ("birthday:2026", "suppressed", "frequency_cap") in shop.dispatches(member)
    assert shop.dispatches(late) == [("birthday:2026", "sent", None)]


def test_messages_that_were_not_sent_do_not_count_against_the_cap(shop: Shop) -> None:
    member = shop.member(consent=False)
    for _ in range(5):
        shop.campaign()
        shop.run()
    shop.say(member, YES)
    shop.campaign()
    assert outcome(shop, member) == ("sent", None)


def test_a_card_blocked_meanwhile_gets_no_news(shop: Shop) -> None:
    member = planned(shop)
    with shop.database.write() as uow:
        card_service.block(uow, shop.merchant_id, shop.cards_of(member)[0].id, "lost", "test")
    assert outcome(shop, member) == ("suppressed", "no_active_card")
    assert shop.cards_of(member)[0].news is None


def test_who_came_back_before_the_message_went_out_does_not_get_it(shop: Shop) -> None:
    member = shop.member()
    shop.buy(member)
    campaign = shop.campaign("inactivity", days=30)
    run.plan(shop.database, campaign, shop.later(days=30).clock.at)
    shop.buy(member)
    assert outcome(shop, member) == ("suppressed", "came_back")


def test_a_greeting_that_missed_its_days_is_not_sent_belatedly(shop: Shop) -> None:
    member = shop.member(birthday="1990-03-02")
    run.plan(shop.database, shop.campaign("birthday"), shop.clock.at)
    shop.later(days=5)
    assert outcome(shop, member) == ("suppressed", "too_late")


def test_an_erased_member_hears_nothing_and_the_reason_stays(shop: Shop) -> None:
    member = planned(shop)
    with shop.database.write() as uow:
        privacy.erase_member(uow, shop.merchant_id, member, "test")
        assert members.listing(uow, shop.merchant_id).items == []
    report = shop.run()
    assert (report.sent, shop.dispatches()[0][1:]) == (0, ("suppressed", "member_erased"))


def test_the_news_goes_on_every_live_card_the_audience_is_about(shop: Shop) -> None:
    member = shop.member()
    points = shop.program("points")
    shop.card(member, points)
    shop.campaign(audience={"program_id": points}, message={"de": "{balance}", "en": "{balance}"})
    shop.run()
    assert [card.news for card in shop.cards_of(member)] == [None, {"de": "0 Punkte", "en": "0 points"}]
    shop.campaign(message={"de": "{balance}", "en": "{balance}"})
    shop.run()
    assert [card.news["en"] for card in shop.cards_of(member) if card.news] == ["0 stamps", "0 points"]


def test_a_stamp_is_given_with_the_message_and_is_no_purchase(shop: Shop) -> None:
    member = shop.member()
    shop.buy(member, count=9)
    bought_at = shop.cards_of(member)[0].last_purchase_at
    shop.later(days=1)
    campaign = shop.campaign(grant={"stamps": 2}, message={"de": "Jetzt {balance}", "en": "Now {balance}"})
    shop.run()
    card = shop.cards_of(member)[0]
    assert (card.balance, card.rewards, card.last_purchase_at) == (1, 1, bought_at)
    assert card.news == {"de": "Jetzt 1 Stempel", "en": "Now 1 stamp"}
    with shop.database.read() as uow:
        columns = select(Transaction.type, Transaction.amount, Transaction.actor)
        gift = uow.conn.execute(columns.where(Transaction.type == "adjust")).one()
        assert uow.conn.execute(select(Dispatch.gift_card_id)).scalar() == card.id
    assert tuple(gift) == ("adjust", 2, f"campaign:{campaign.id}")
    assert shop.results(campaign).gifts == 1


def test_a_gift_of_stamps_does_not_start_the_lapse_anew(shop: Shop) -> None:
    member = shop.member()
    shop.buy(member)
    shop.campaign("inactivity", days=10, grant={"stamps": 1})
    for _ in range(40):
        shop.later(days=1).run()
    assert shop.dispatches(member) == [("lapse:2026-03-02", "sent", None)]


def test_a_coupon_comes_with_the_message_and_a_link_to_it(shop: Shop) -> None:
    member = shop.member()
    coupons = shop.program("coupon")
    campaign = shop.campaign(grant={"program_id": coupons})
    shop.run()
    stamp_card, coupon = shop.cards_of(member)
    assert (coupon.program_id, coupon.balance, coupon.member_id) == (coupons, 1, member)
    assert stamp_card.news is not None
    assert stamp_card.news["en"].endswith(f"\n{BASE_URL}/c/{coupon.page_token.lower()}")
    assert coupon.news is None
    assert shop.results(campaign).gifts == 1


def test_without_a_stamp_card_there_is_no_stamp_and_no_message(shop: Shop) -> None:
    member = shop.member(card=False)
    shop.card(member, shop.program("points"))
    shop.campaign(grant={"stamps": 1})
    assert outcome(shop, member) == ("suppressed", "no_stamp_card")


def test_a_gift_that_is_refused_takes_its_message_back(shop: Shop) -> None:
    ends = shop.clock.at + timedelta(days=1)
    member = planned(shop, grant={"program_id": shop.program("coupon", valid_until=ends.isoformat())})
    before = (shop.count(Card), shop.count(OutboxEvent), shop.cards_of(member))
    shop.later(days=1)
    assert outcome(shop, member) == ("suppressed", "gift_refused")
    assert (shop.count(Card), shop.count(OutboxEvent), shop.cards_of(member)) == before


def test_results_count_what_receivers_did_in_the_two_weeks_after(shop: Shop) -> None:
    member, silent = shop.member(), shop.member(consent=False)
    shop.buy(member)
    campaign = shop.campaign(grant={"stamps": 9})
    shop.run()
    shop.buy(silent)
    shop.later(days=1).buy(member)
    shop.undo(shop.later(days=1).buy(member))
    card = shop.cards_of(member)[0].id
    with shop.database.write() as uow:
        redemption.redeem(uow, TillCall(shop.merchant_id, "till", card_id=card), reward=True)
    shop.later(days=12, seconds=-1).buy(member)
    shop.later(seconds=1).buy(member)
    found = shop.results(campaign)
    assert (found.planned, found.sent, found.suppressed, found.gifts) == (0, 1, {"no_consent": 1}, 1)
    assert (found.purchases, found.redemptions) == (2, 1)


class _PowerCut(BaseException):
    """The process ends here."""


@pytest.mark.parametrize(
    "where",
    [
        (dispatch, "get_campaign"),
        (dispatch, "verdict_on"),
        (dispatch.redemption, "add_stamps"),
        (dispatch.card_service, "set_news"),
        (dispatch.outbox, "enqueue"),
        (run.RunReport, "count"),
    ],
    ids=lambda where: where[1],
)
def test_a_run_that_dies_anywhere_is_made_up_for_and_nothing_happens_twice(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, where: tuple[Any, str]
) -> None:
    ids = [shop.member() for _ in range(3)]
    shop.campaign(grant={"stamps": 1})
    calls = 0
    real = getattr(*where)

    def dies_at_the_second(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise _PowerCut
        return real(*args, **kwargs)

    with monkeypatch.context() as patched:
        patched.setattr(*where, dies_at_the_second)
        with pytest.raises(_PowerCut):
            shop.run()
    shop.run()
    assert [[row[1] for row in shop.dispatches(member)] for member in ids] == [["sent"]] * 3
    assert [[card.balance for card in shop.cards_of(member)] for member in ids] == [[1]] * 3
    assert messages(shop.database) == {card.id: 1 for member in ids for card in shop.cards_of(member)}


def test_a_launch_that_dies_half_way_is_planned_to_its_end_by_the_next_run(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("passes.campaigns.occasions.BATCH", 2)
    for _ in range(5):
        shop.member()
    campaign = shop.campaign()
    told: list[int] = []

    def cut(done: int, _total: int) -> None:
        told.append(done)
        if done >= 4:
            raise _PowerCut

    with pytest.raises(_PowerCut):
        run.plan(shop.database, campaign, shop.clock.at, progress=cut)
    assert (told, shop.state_of(campaign), shop.count(Dispatch)) == ([2, 4], "active", 4)
    late = shop.later(minutes=1).member()
    assert shop.run().sent == 5
    assert (shop.state_of(campaign), shop.dispatches(late)) == ("finished", [])


def messages(database: Database) -> dict[str, int]:
    query = select(OutboxEvent.subject, func.count()).where(OutboxEvent.topic == "card.message")
    with database.read() as uow:
        return {row[0]: row[1] for row in uow.conn.execute(query.group_by(OutboxEvent.subject))}


def test_one_that_breaks_keeps_nobody_else_waiting(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = [shop.member() for _ in range(3)]
    shop.campaign()
    real = dispatch.send

    class Quiet:
        def exception(self, *_: object, **__: object) -> None: ...

    def breaks_for_the_first(uow: Any, dispatch_id: str, base_url: str) -> Any:
        verdict = real(uow, dispatch_id, base_url)
        if uow.conn.execute(select(Dispatch.member_id).where(Dispatch.id == dispatch_id)).scalar() == ids[0]:
            raise KeyError("something nobody thought of")
        return verdict

    with monkeypatch.context() as patched:
        patched.setattr(run, "log", Quiet())
        patched.setattr(dispatch, "send", breaks_for_the_first)
        report = shop.run()
    assert (report.sent, report.failed) == (2, 1)
    assert shop.run().sent == 1


def test_everything_a_run_writes_carries_the_time_it_was_told(shop: Shop) -> None:
    member = shop.member()
    shop.campaign(grant={"stamps": 1})
    then = shop.clock.at + timedelta(hours=3)
    run.run_due(shop.database, then, base_url=BASE_URL)
    with shop.database.read() as uow:
        assert uow.conn.execute(select(Dispatch.created_at, Dispatch.sent_at)).one() == (then, then)
        assert uow.conn.execute(select(Transaction.created_at)).scalar_one() == then
    assert shop.cards_of(member)[0].news_at == then


def test_a_dispatch_of_a_campaign_paused_a_moment_ago_is_left_alone(shop: Shop) -> None:
    planned(shop)
    with shop.database.read() as uow:
        (dispatch_id,) = uow.conn.execute(select(Dispatch.id)).scalars()
    with shop.database.write() as uow:
        uow.conn.execute(update(dispatch.Campaign).values(state="paused"))
        assert dispatch.send(uow, dispatch_id, BASE_URL) is None
    assert shop.dispatches()[0][1] == "planned"


def test_results_of_many_campaigns_are_those_of_each_and_cost_no_more_queries(shop: Shop) -> None:
    anna, _bert = shop.member(), shop.member(consent=False)
    campaigns = [shop.campaign(name=f"No. {number}", grant={"stamps": 1}) for number in range(3)]
    idle = shop.campaign(launch=False)
    shop.run()
    shop.later(hours=1).buy(anna)
    asked: list[str] = []
    with shop.database.read() as uow:
        event.listen(uow.conn, "before_cursor_execute", lambda *args: asked.append(args[2]))
        ids = [campaign.id for campaign in (*campaigns, idle)]
        found = queries.results_of(uow, shop.merchant_id, ids)
    assert sum(statement.startswith("SELECT") for statement in asked) == 3
    assert found == {campaign.id: shop.results(campaign) for campaign in (*campaigns, idle)}
    assert [(r.sent, r.gifts, r.purchases) for r in found.values()] == [(1, 1, 1)] * 3 + [(0, 0, 0)]
    assert found[campaigns[0].id].suppressed == {"no_consent": 1}
