"""Runs: who hears from a campaign, when, and exactly once."""

import pytest
from sqlalchemy import select

from passes.campaigns import run, service
from passes.cards.models import Card
from passes.outbox.models import OutboxEvent
from passes.redemption import service as redemption
from passes.redemption.replacing import replace_card
from passes.redemption.service import TillCall
from tests.campaigns.shop import NO, YES, Shop, at


def test_a_campaign_by_hand_reaches_its_audience_once(shop: Shop) -> None:
    member = shop.member()
    campaign = shop.campaign()
    report = shop.run()
    assert (report.planned, report.sent) == (1, 1)
    assert shop.state_of(campaign) == "finished"
    again = shop.later(days=1).run()
    assert (again.planned, again.sent) == (0, 0)
    assert [state for _, state, _ in shop.dispatches(member)] == ["sent"]


def test_the_news_is_on_the_card_and_the_outbox_knows(shop: Shop) -> None:
    member = shop.member(name="Jörg Maier")
    shop.campaign()
    before = shop.cards_of(member)[0]
    shop.run()
    card = shop.cards_of(member)[0]
    assert card.news == {
        "de": "Hallo Jörg, wir haben etwas für dich.",
        "en": "Hello Jörg, a word from us.",
    }
    assert card.news_at == shop.clock.at
    assert card.version == before.version + 1
    with shop.database.read() as uow:
        mine = (OutboxEvent.subject == card.id, OutboxEvent.version == card.version)
        rows = uow.conn.execute(select(OutboxEvent.topic, OutboxEvent.details).where(*mine))
        events = {row.topic: row.details for row in rows}
    assert set(events) == {"card.changed", "card.message"}
    message = events["card.message"]
    assert message["message_id"].startswith("disp_")
    assert message["header"] == {"de": "Café Lindgren", "en": "Café Lindgren"}
    assert message["body"] == card.news


def test_a_birthday_is_greeted_once_a_year(shop: Shop) -> None:
    member = shop.member(birthday="1990-03-04")
    shop.campaign("birthday")
    for _ in range(5 * 24):
        shop.later(hours=1).run()
    assert shop.dispatches(member) == [("birthday:2026", "sent", None)]
    shop.clock.at = at("2027-03-04 10:00")
    shop.run()
    assert [occasion for occasion, _, _ in shop.dispatches(member)] == ["birthday:2026", "birthday:2027"]


def test_an_absent_member_is_missed_on_the_day_and_once_per_lapse(shop: Shop) -> None:
    member = shop.member()
    shop.campaign("inactivity", days=30)
    shop.buy(member)
    sent_on = []
    for day in range(1, 80):
        if shop.later(days=1).run().sent:
            sent_on.append(day)
        if day == 40:
            shop.buy(member)
    assert sent_on == [30, 70]
    assert [occasion for occasion, _, _ in shop.dispatches(member)] == [
        "lapse:2026-03-02",
        "lapse:2026-04-11",
    ]


def test_who_is_absent_already_at_the_launch_hears_of_it_once(shop: Shop) -> None:
    member = shop.member()
    shop.buy(member)
    shop.later(days=400)
    shop.campaign("inactivity", days=30)
    assert [shop.run().sent, shop.later(days=1).run().sent] == [1, 0]
    assert shop.dispatches(member) == [("lapse:2026-03-02", "sent", None)]


def test_who_never_bought_is_not_missed(shop: Shop) -> None:
    shop.member()
    shop.campaign("inactivity", days=1)
    assert shop.later(days=10).run().planned == 0


def test_a_purchase_that_was_undone_does_not_end_a_lapse(shop: Shop) -> None:
    member = shop.member()
    shop.buy(member)
    shop.campaign("inactivity", days=30)
    shop.later(days=20)
    bought = shop.buy(member)
    shop.later(days=15).run()
    assert shop.dispatches(member) == []
    shop.undo(bought)
    shop.run()
    assert shop.dispatches(member) == [("lapse:2026-03-02", "sent", None)]


def test_the_last_purchase_counts_whichever_card_it_was_on(shop: Shop) -> None:
    member = shop.member()
    points = shop.program("points")
    shop.card(member, points)
    shop.buy(member)
    shop.later(days=20)
    with shop.database.write() as uow:
        uow.conn.execute(
            Card.__table__.update().where(Card.program_id == points).values(last_purchase_at=shop.clock.at)
        )
    anywhere = shop.campaign("inactivity", days=30)
    here = shop.campaign("inactivity", days=30, audience={"program_id": shop.program_id})
    shop.later(days=10).run()
    assert (shop.results(anywhere).sent, shop.results(here).sent) == (0, 1)
    shop.later(days=20).run()
    assert (shop.results(anywhere).sent, shop.results(here).sent) == (1, 1)


def test_two_cards_with_the_same_last_purchase_are_one_lapse(shop: Shop) -> None:
    member = shop.member()
    shop.card(member)
    with shop.database.write() as uow:
        uow.conn.execute(Card.__table__.update().values(last_purchase_at=shop.clock.at))
    shop.campaign("inactivity", days=30)
    assert shop.later(days=30).run().planned == 1


@pytest.mark.parametrize("days_since", [0, 1, 45])
def test_a_run_that_knows_the_last_one_finds_the_same(shop: Shop, days_since: int) -> None:
    member = shop.member()
    shop.buy(member)
    shop.campaign("inactivity", days=30)
    shop.later(days=30 - days_since, minutes=1).run()
    since = shop.clock.at
    shop.later(days=days_since).run(since=since)
    assert shop.dispatches(member) == [("lapse:2026-03-02", "sent", None)]


def test_a_run_that_knows_the_last_one_finds_what_was_told_late_and_what_was_on_a_lost_card(
    shop: Shop,
) -> None:
    told, lost, first = shop.member(), shop.member(), shop.clock.at
    told_card, lost_card = (shop.cards_of(member)[0].id for member in (told, lost))
    shop.buy(lost)
    shop.later(days=6)
    with shop.database.write() as uow:
        call = TillCall(shop.merchant_id, "key_1", card_id=told_card, occurred_at=first)
        redemption.stamp(uow, call, count=1)
        replace_card(uow, shop.merchant_id, lost_card, "lost", "test")
    shop.campaign("inactivity", days=30)
    since = shop.later(days=23, minutes=1).clock.at
    shop.later(days=1).run(since=since)
    assert shop.dispatches(told) == [("lapse:2026-03-02", "sent", None)]
    assert shop.dispatches(lost) == [("lapse:2026-03-02", "sent", None)]


def test_a_run_that_knows_the_last_one_still_looks_back_for_what_was_launched_since(shop: Shop) -> None:
    member = shop.member()
    shop.buy(member)
    since = shop.later(days=100).clock.at
    shop.later(minutes=1)
    shop.campaign("inactivity", days=30)
    shop.later(minutes=1).run(since=since)
    assert shop.dispatches(member) == [("lapse:2026-03-02", "sent", None)]


def test_nothing_is_sent_at_night_and_the_morning_makes_up_for_it(shop: Shop) -> None:
    shop.clock.at = at("2026-03-02 21:30")
    member = shop.member()
    shop.campaign()
    assert shop.run().sent == 0
    shop.clock.at = at("2026-03-03 06:59")
    assert shop.run().sent == 0
    shop.clock.at = at("2026-03-03 07:00")
    assert shop.run().sent == 1
    assert shop.dispatches(member)[0][1] == "sent"


def test_a_dispatch_that_is_reached_at_night_waits_for_the_morning(shop: Shop) -> None:
    member = shop.member()
    campaign = shop.campaign()
    run.plan(shop.database, campaign, shop.clock.at)
    shop.clock.at = at("2026-03-02 22:00")
    report = shop.run()
    assert (report.sent, report.postponed) == (0, 1)
    assert shop.run().postponed == 0
    shop.clock.at = at("2026-03-03 07:00")
    assert shop.run().sent == 1
    assert shop.dispatches(member)[0][1] == "sent"


def test_consent_is_asked_for_when_the_message_goes_out_not_when_it_is_planned(shop: Shop) -> None:
    leaves, joins = shop.member(), shop.member(consent=False)
    campaign = shop.campaign()
    run.plan(shop.database, campaign, shop.clock.at)
    shop.say(leaves, NO)
    shop.say(joins, YES)
    shop.run()
    assert [row[1:] for row in shop.dispatches(leaves)] == [("suppressed", "no_consent")]
    assert [row[1:] for row in shop.dispatches(joins)] == [("sent", None)]


def test_consent_to_mails_is_no_consent_to_the_wallet(shop: Shop) -> None:
    member = shop.member(consent=False)
    shop.say(member, YES.model_copy(update={"channel": "email"}))
    shop.campaign()
    assert shop.run().suppressed == {"no_consent": 1}


def test_a_paused_campaign_is_silent_and_goes_on_where_it_was(shop: Shop) -> None:
    member = shop.member()
    campaign = shop.campaign()
    run.plan(shop.database, campaign, shop.clock.at)
    with shop.database.write() as uow:
        service.pause(uow, shop.merchant_id, campaign.id, "test")
    assert shop.run().sent == 0
    with shop.database.write() as uow:
        service.launch(uow, shop.merchant_id, campaign.id, "test")
    late = shop.later(minutes=1).member()
    assert shop.run().sent == 1
    assert [row[1] for row in shop.dispatches(member)] == ["sent"]
    assert shop.dispatches(late) == []


def test_one_merchants_run_leaves_the_others_members_alone(shop: Shop) -> None:
    other = Shop(shop.database, shop.clock, slug="bakery").open()
    stranger = other.member()
    shop.member()
    shop.campaign()
    assert shop.run().planned == 1
    assert shop.dispatches(stranger) == []


def test_a_rehearsal_counts_and_writes_nothing(shop: Shop) -> None:
    shop.member()
    shop.member(consent=False)
    planned = shop.campaign()
    run.plan(shop.database, planned, shop.clock.at)
    shop.member()
    shop.campaign()
    rows = shop.dispatches()
    versions = [card.version for card in shop.cards_of(shop.member())]
    report = shop.run(dry_run=True)
    assert (report.planned, report.sent, report.suppressed) == (4, 4, {"no_consent": 2})
    assert shop.dispatches() == rows
    assert versions == [1]


def test_progress_counts_up_to_the_total(shop: Shop) -> None:
    for _ in range(3):
        shop.member()
    shop.campaign()
    told: list[tuple[int, int]] = []
    shop.run(progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 3), (2, 3), (3, 3)]
