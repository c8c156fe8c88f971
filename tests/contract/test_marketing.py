"""Marketing: campaigns and audiences, by key."""

from datetime import timedelta
from typing import Any

import pytest

from passes.campaigns import run
from passes.clock import FixedClock
from tests.fixtures.api import Client, Shop, eur

promise = pytest.mark.promise
Json = dict[str, Any]
MESSAGE = {"de": "Komm vorbei!", "en": "Drop in!"}
AGREED = {"purpose": "marketing", "channel": "wallet", "granted": True, "wording": "Ja.", "source": "till"}


@pytest.fixture
def marketing(shop: Shop) -> Client:
    """Somebody who does marketing."""
    return shop.client("marketing")


def campaign(marketing: Client, **more: Any) -> Json:
    body = {"name": "Herbst", "trigger": {"type": "manual"}, "message": MESSAGE, **more}
    made: Json = marketing.post("/campaigns", body).ok().json
    return made


def member(shop: Shop, **more: Any) -> Json:
    made: Json = shop.manager.post("/members", {"consents": [AGREED], **more}).ok().json
    return made


def counted(marketing: Client, **audience: Any) -> int:
    answer = marketing.post("/segments/preview", {"audience": audience}).ok()
    assert {"count", "sample"} <= set(answer.json)
    count: int = answer["count"]
    return count


@promise("K2")
@pytest.mark.parametrize(
    "trigger", [{"type": "manual"}, {"type": "birthday"}, {"type": "inactivity", "days": 30}]
)
def test_a_campaign_is_made(shop: Shop, marketing: Client, trigger: Json) -> None:
    body = {
        "name": "Herbst",
        "trigger": trigger,
        "audience": {"program_id": shop.program("stamp")},
        "message": MESSAGE,
        "grant": {"stamps": 1},
        "quiet_hours": {"from": "21:00", "to": "07:00"},
    }
    answer = marketing.post("/campaigns", body)
    assert (answer.status, answer["name"], answer["message"]) == (201, "Herbst", MESSAGE)
    assert answer["trigger"]["type"] == trigger["type"]
    assert answer["quiet_hours"] == body["quiet_hours"]


@promise("K2")
@pytest.mark.parametrize(
    "more",
    [{"trigger": {"type": "moon"}}, {"message": {"de": "x"}}, {"grant": {"money": 1}}, {"name": ""}],
)
def test_anything_else_is_no_campaign(marketing: Client, more: Json) -> None:
    body = {"name": "x", "trigger": {"type": "manual"}, "message": MESSAGE, **more}
    assert marketing.post("/campaigns", body).code == "invalid_request"


@promise("K3")
def test_nights_are_quiet_unless_told_otherwise(marketing: Client) -> None:
    assert campaign(marketing)["quiet_hours"] == {"from": "20:00", "to": "08:00"}


@promise("K4")
def test_campaigns_are_listed_read_and_changed(marketing: Client) -> None:
    made = campaign(marketing)
    path = f"/campaigns/{made['id']}"
    assert [item["id"] for item in marketing.get("/campaigns")["items"]] == [made["id"]]
    assert marketing.get(path).json == made
    assert marketing.patch(path, {"name": "Winter"}).ok()["name"] == "Winter"


@promise("K5", "K6")
def test_a_campaign_is_launched_paused_and_accounts_for_itself(marketing: Client) -> None:
    path = f"/campaigns/{campaign(marketing, trigger={'type': 'birthday'})['id']}"
    draft = marketing.get(path)["state"]
    states = [marketing.post(f"{path}/{verb}").ok()["state"] for verb in ("launch", "pause", "launch")]
    assert states[0] == states[2]
    assert len({draft, *states}) == 3
    assert marketing.get(f"{path}/results").status == 200


@promise("K7", "K8")
def test_an_audience_is_narrowed(shop: Shop, marketing: Client, clock: FixedClock) -> None:
    place = shop.location()
    ada = member(shop, name="Ada", birthday="--05-04", tags=["vip"])
    bea = member(shop, name="Bea", birthday="--06-04")
    member(shop, name="Nobody with a card")
    one = shop.card("gift", amount=eur(900), member_id=ada["id"])
    shop.card("stamp", member_id=bea["id"])
    shop.till.post("/redemptions", {"card_id": one["id"], "amount": eur(5), "location_id": place}).ok()
    clock.at += timedelta(days=10)
    assert counted(marketing) == 2
    narrowed = [
        {"program_id": shop.program("gift")},
        {"location_id": place},
        {"inactive_days": 10},
        {"birthday_month": 5},
        {"balance_min": 895},
        {"tags": ["vip"]},
    ]
    assert [counted(marketing, **audience) for audience in narrowed] == [1] * 6
    assert [counted(marketing, **a) for a in ({"balance_min": 896}, {"inactive_days": 11})] == [0, 0]


@promise("K9")
def test_inactive_means_days_after_the_last_unreversed_purchase_once_per_lapse(
    shop: Shop, marketing: Client, clock: FixedClock
) -> None:
    card = shop.card("stamp", member_id=member(shop, name="Ada")["id"])
    sell = {"card_id": card["id"], "count": 1}
    shop.till.post("/stamps", sell).ok()
    clock.at += timedelta(days=2)
    undone = shop.till.post("/stamps", sell).ok()
    shop.till.post(f"/stamps/{undone['id']}/reverse").ok()
    made = campaign(marketing, trigger={"type": "inactivity", "days": 10})
    path = f"/campaigns/{made['id']}"
    marketing.post(f"{path}/launch").ok()
    planned = []
    for _ in range(4):
        clock.at += timedelta(days=4)
        run.run_due(shop.services.database, clock.at, base_url=shop.services.base_url)
        results = marketing.get(f"{path}/results").json
        planned.append(results["planned"] + results["sent"] + sum(results["suppressed"].values()))
    assert planned == [0, 1, 1, 1]
