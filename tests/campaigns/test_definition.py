"""Writing campaigns: what is refused, by the name of the field, and what may change when."""

from typing import Any

import pytest

from passes.campaigns import queries, service
from passes.campaigns.rules import parse
from passes.campaigns.service import CampaignState
from passes.errors import FieldError, NotFound
from tests.campaigns.shop import MESSAGE, Shop

SOUND: dict[str, Any] = {"name": "Spring", "trigger": {"type": "manual"}, "message": MESSAGE}


@pytest.mark.parametrize(
    "changes, field",
    [
        ({"name": None}, "name"),
        ({"name": "  "}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"trigger": None}, "trigger"),
        ({"trigger": {"type": "weekly"}}, "trigger.type"),
        ({"trigger": {"type": "inactivity"}}, "trigger.days"),
        ({"trigger": {"type": "inactivity", "days": 0}}, "trigger.days"),
        ({"trigger": {"type": "inactivity", "days": 3651}}, "trigger.days"),
        ({"trigger": {"type": "inactivity", "days": True}}, "trigger.days"),
        ({"trigger": {"type": "inactivity", "days": "30"}}, "trigger.days"),
        ({"trigger": {"type": "birthday", "days": 3}}, "trigger.days"),
        ({"audience": []}, "audience"),
        ({"audience": {"programme": "x"}}, "audience.programme"),
        ({"audience": {"program_id": "cafe"}}, "audience.program_id"),
        ({"audience": {"inactive_days": 0}}, "audience.inactive_days"),
        ({"audience": {"birthday_month": 13}}, "audience.birthday_month"),
        ({"audience": {"balance_min": 10.0}}, "audience.balance_min"),
        ({"audience": {"balance_min": 2**53}}, "audience.balance_min"),
        ({"audience": {"tags": [""]}}, "audience.tags.0"),
        ({"message": {"de": "Hallo"}}, "message.en"),
        ({"message": {"de": " ", "en": "Hello"}}, "message.de"),
        ({"message": {"de": "Hallo", "en": "x" * 501}}, "message.en"),
        ({"message": {"de": "Hallo \x00", "en": "Hello"}}, "message.de"),
        ({"message": {"de": "Hallo {name}", "en": "Hello"}}, "message.de"),
        ({"message": {"de": "Hallo", "en": "Hello {gift_link}"}}, "message.en"),
        ({"message": {"de": "a", "en": "b", "fr": "c"}}, "message.fr"),
        ({"grant": {}}, "grant"),
        ({"grant": {"stamps": 0}}, "grant.stamps"),
        ({"grant": {"stamps": 31}}, "grant.stamps"),
        ({"grant": {"stamps": 1, "program_id": "prog_1"}}, "grant"),
        ({"quiet_hours": {"from": "8pm"}}, "quiet_hours.from"),
        ({"quiet_hours": {"to": "24:00"}}, "quiet_hours.to"),
        ({"quiet_hours": {"from": "08:00"}}, "quiet_hours.to"),
        ({"state": "active"}, "state"),
    ],
)
def test_a_wrong_field_is_named(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(FieldError) as refusal:
        parse({**SOUND, **changes})
    assert [error["field"] for error in refusal.value.errors] == [field]


def test_every_wrong_field_is_named_at_once() -> None:
    with pytest.raises(FieldError) as refusal:
        parse({"name": "", "trigger": {"type": "manual"}, "message": {}})
    assert [e["field"] for e in refusal.value.errors] == ["name", "message.de", "message.en"]


def test_what_is_wrong_is_a_sentence_of_ours() -> None:
    with pytest.raises(FieldError) as refused:
        parse({"name": " ", "trigger": {"type": "manual"}, "message": {"de": "x"}, "colour": "red"})
    assert refused.value.errors == [
        {"field": "name", "message": "must not be empty"},
        {"field": "message.en", "message": "is missing"},
        {"field": "colour", "message": "is not something that can be set here"},
    ]


def test_what_is_left_out_has_its_default() -> None:
    draft = parse(SOUND)
    assert (draft.quiet_hours.start, draft.quiet_hours.end) == ("20:00", "08:00")
    assert draft.grant is None
    assert draft.audience.tags == ()


def test_a_campaign_is_kept_in_its_authors_words(shop: Shop) -> None:
    raw = {
        **SOUND,
        "trigger": {"type": "inactivity", "days": 60},
        "audience": {"program_id": shop.program_id, "tags": ["vip"]},
        "grant": {"stamps": 2},
        "quiet_hours": {"from": "21:00", "to": "09:00"},
    }
    with shop.database.write() as uow:
        made = service.create(uow, shop.merchant_id, raw, "test")
    with shop.database.read() as uow:
        found = queries.get(uow, shop.merchant_id, made.id)
    assert found == made
    assert found.state == "draft"
    assert {key: found.as_dict()[key] for key in raw} == raw


@pytest.mark.parametrize(
    "part",
    [
        {"audience": {"program_id": "prog_0"}},
        {"audience": {"location_id": "loc_0"}},
        {"grant": {"program_id": "prog_0"}},
    ],
)
def test_what_it_names_has_to_be_there(shop: Shop, part: dict[str, Any]) -> None:
    with pytest.raises(NotFound):
        shop.campaign(**part)


def test_what_it_names_has_to_be_the_merchants_own(shop: Shop) -> None:
    other = Shop(shop.database, shop.clock, slug="bakery").open()
    for part in ({"program_id": other.program_id}, {"location_id": other.location()}):
        with pytest.raises(NotFound):
            shop.campaign(audience=part)
    with pytest.raises(NotFound):
        shop.campaign(grant={"program_id": other.program("coupon")})


def test_only_coupons_and_stamps_can_be_given(shop: Shop) -> None:
    with pytest.raises(FieldError, match=r"grant\.program_id"):
        shop.campaign(grant={"program_id": shop.program("gift")})
    with pytest.raises(FieldError, match=r"grant\.stamps"):
        shop.campaign(grant={"stamps": 1}, audience={"program_id": shop.program("points")})


def test_a_draft_may_change_altogether_and_a_launched_one_in_its_words(shop: Shop) -> None:
    campaign = shop.campaign("inactivity", days=30, launch=False)
    words = {"name": "Other", "message": {"de": "Neu", "en": "New"}}
    with shop.database.write() as uow:
        service.change(uow, shop.merchant_id, campaign.id, {"trigger": {"type": "birthday"}}, "test")
        service.launch(uow, shop.merchant_id, campaign.id, "test")
    with shop.database.write() as uow, pytest.raises(CampaignState):
        service.change(uow, shop.merchant_id, campaign.id, words, "test")
    with shop.database.write() as uow:
        service.pause(uow, shop.merchant_id, campaign.id, "test")
        changed = service.change(uow, shop.merchant_id, campaign.id, words, "test")
    assert (changed.draft.name, changed.message.en) == ("Other", "New")
    for fixed in (
        {"trigger": {"type": "manual"}},
        {"audience": {"birthday_month": 2}},
        {"grant": {"stamps": 1}},
    ):
        with shop.database.write() as uow, pytest.raises(FieldError, match=next(iter(fixed))):
            service.change(uow, shop.merchant_id, campaign.id, fixed, "test")


def test_a_refused_change_leaves_everything_as_it_was(shop: Shop) -> None:
    campaign = shop.campaign(launch=False)
    with shop.database.write() as uow, pytest.raises(FieldError):
        service.change(uow, shop.merchant_id, campaign.id, {"name": "Other", "message": {"de": "x"}}, "test")
    with shop.database.read() as uow:
        assert queries.get(uow, shop.merchant_id, campaign.id) == campaign


@pytest.mark.parametrize("act", [service.launch, service.pause])
def test_launching_twice_and_pausing_what_rests_is_refused(shop: Shop, act: Any) -> None:
    campaign = shop.campaign("birthday", launch=act is service.launch)
    with shop.database.write() as uow, pytest.raises(CampaignState) as refusal:
        act(uow, shop.merchant_id, campaign.id, "test")
    assert refusal.value.extra == {"state": campaign.state}


def test_a_campaign_by_hand_that_is_over_cannot_be_stopped_or_repeated(shop: Shop) -> None:
    shop.member()
    campaign = shop.campaign()
    shop.run()
    for act in (service.pause, service.launch):
        with shop.database.write() as uow, pytest.raises(CampaignState):
            act(uow, shop.merchant_id, campaign.id, "test")


def test_launching_says_how_many_it_means(shop: Shop) -> None:
    shop.member()
    shop.member()
    campaign = shop.campaign(launch=False)
    with shop.database.write() as uow:
        assert service.launch(uow, shop.merchant_id, campaign.id, "test").audience_count == 2


def test_another_merchants_campaign_is_unknown(shop: Shop) -> None:
    other = Shop(shop.database, shop.clock, slug="bakery").open()
    campaign = other.campaign("birthday")
    with shop.database.write() as uow:
        for read in (queries.get, queries.results):
            with pytest.raises(NotFound):
                read(uow, shop.merchant_id, campaign.id)
        for act in (service.launch, service.pause):
            with pytest.raises(NotFound):
                act(uow, shop.merchant_id, campaign.id, "test")
        with pytest.raises(NotFound):
            service.change(uow, shop.merchant_id, campaign.id, {"name": "Mine"}, "test")
        assert queries.listing(uow, shop.merchant_id, 50, None).items == []


def test_the_list_is_newest_first_and_turns_its_pages(shop: Shop) -> None:
    made = [shop.later(minutes=1).campaign(launch=False).id for _ in range(5)]
    walked: list[str] = []
    cursor = None
    with shop.database.read() as uow:
        for _ in range(3):
            page = queries.listing(uow, shop.merchant_id, 2, cursor)
            walked += [view.id for view in page.items]
            cursor = page.next_cursor
    assert walked == made[::-1]
    assert cursor is None
