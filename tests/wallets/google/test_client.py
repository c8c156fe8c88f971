"""Cards reach Google whatever Google does on the way, and end up equal to ours."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from passes.cards.face import Place, Stamps, Text
from passes.wallets.google.bodies import PublicUrls, class_body, object_body
from passes.wallets.google.client import GoogleWallet, Outcome
from passes.wallets.google.errors import GoogleBusy, GoogleDenied, GoogleMissing, GoogleRefused
from passes.wallets.google.names import pass_type
from tests.factories.faces import KINDS, make_face
from tests.fakes.google import GoogleStandIn
from tests.fakes.google.switches import RateBucket
from tests.fakes.walletobjects import faults
from tests.wallets.google.conftest import FreePace

Render = Callable[..., tuple[dict[str, Any], dict[str, Any]]]
A_LONG_TIME_S = 20.0
SCHEMAS = {"loyalty": "Loyalty", "offer": "Offer", "giftCard": "GiftCard"}


def stored(stand_in: GoogleStandIn, object_id: str) -> dict[str, Any]:
    found = stand_in.store.find_object(object_id)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_card_is_inserted_class_first(
    kind: Any, wallet: GoogleWallet, stand_in: GoogleStandIn, render: Render
) -> None:
    cls, obj = render(kind)
    assert wallet.upsert_card(kind, cls, obj) == Outcome("inserted", has_users=False)
    assert [call.split()[0] for call in stand_in.calls()] == ["POST", "POST"]
    assert "Class" in stand_in.calls()[0]
    assert stored(stand_in, obj["id"]) == obj


def test_a_card_nothing_is_known_of_is_compared_and_patched_or_left_alone(
    wallet: GoogleWallet, stand_in: GoogleStandIn, render: Render
) -> None:
    wallet.upsert_card("stamp", *render())
    cls, obj = render(stamps=Stamps(4, 10, 0))
    assert wallet.upsert_card("stamp", cls, obj).action == "patched"
    assert stored(stand_in, obj["id"]) == obj
    assert wallet.upsert_card("stamp", cls, obj).action == "unchanged"


def test_a_card_that_was_put_before_costs_one_request(
    wallet: GoogleWallet, stand_in: GoogleStandIn, render: Render
) -> None:
    wallet.upsert_card("stamp", *render())
    cls, obj = render(stamps=Stamps(4, 10, 0))
    seen = len(stand_in.requests)
    wallet.upsert_card("stamp", cls, obj, class_is="equal", object_is="before")
    assert [request.method for request in stand_in.requests[seen:]] == ["PATCH"]
    assert stored(stand_in, obj["id"]) == obj


def test_a_new_look_costs_one_request(wallet: GoogleWallet, stand_in: GoogleStandIn, render: Render) -> None:
    wallet.upsert_card("gift", *render("gift"))
    cls, obj = render("gift", title=Text.same("Neu"))
    seen = len(stand_in.requests)
    wallet.upsert_card("gift", cls, obj, class_is="before", object_is="equal")
    assert [request.method for request in stand_in.requests[seen:]] == ["PATCH"]
    assert faults("GiftCardClass", stand_in.requests[-1].body, patch=True) == []


def test_a_patch_after_a_comparison_carries_only_what_changed(
    wallet: GoogleWallet, stand_in: GoogleStandIn, render: Render
) -> None:
    wallet.upsert_card("gift", *render("gift"))
    wallet.upsert_card("gift", *render("gift", state="blocked"))
    patch = stand_in.requests[-1]
    assert (patch.method, patch.body) == ("PATCH", {"state": "INACTIVE"})


@pytest.mark.parametrize("kind", KINDS)
def test_a_whole_patch_is_of_googles_schema(
    kind: Any, wallet: GoogleWallet, stand_in: GoogleStandIn, render: Render
) -> None:
    wallet.upsert_card(kind, *render(kind))
    wallet.upsert_card(kind, *render(kind, state="blocked"), object_is="before")
    patch = stand_in.requests[-1]
    assert patch.method == "PATCH"
    assert faults(f"{SCHEMAS[pass_type(kind)]}Object", patch.body, patch=True) == []


def test_what_a_card_no_longer_has_is_cleared(
    wallet: GoogleWallet, stand_in: GoogleStandIn, render: Render
) -> None:
    ends = datetime(2027, 1, 1, tzinfo=UTC)
    wallet.upsert_card("stamp", *render(member_name="Käthe Groß", expires_at=ends))
    cls, obj = render()
    assert wallet.upsert_card("stamp", cls, obj, object_is="before").action == "patched"
    assert "accountName" not in stored(stand_in, obj["id"])
    assert stored(stand_in, obj["id"]) == obj


def test_a_changed_class_goes_back_to_review(
    wallet: GoogleWallet, stand_in: GoogleStandIn, render: Render
) -> None:
    cls, _ = render()
    assert wallet.upsert_class("stamp", cls).action == "inserted"
    assert wallet.upsert_class("stamp", cls).action == "unchanged"
    assert wallet.upsert_class("stamp", {**cls, "issuerName": "CAFÉ GRÖSSENWAHN"}).action == "patched"
    assert stand_in.requests[-1].body == {
        "issuerName": "CAFÉ GRÖSSENWAHN",
        "reviewStatus": "UNDER_REVIEW",
    }


def test_a_known_object_that_google_does_not_have_is_inserted(
    wallet: GoogleWallet, stand_in: GoogleStandIn, render: Render
) -> None:
    assert wallet.upsert_card("stamp", *render(), object_is="before").action == "inserted"


def test_a_class_that_vanished_behind_our_back_is_inserted_again(
    wallet: GoogleWallet, stand_in: GoogleStandIn, render: Render
) -> None:
    cls, obj = render()
    wallet.upsert_class("stamp", cls)
    stand_in.store._items["loyaltyClass"].clear()
    assert wallet.upsert_card("stamp", cls, obj, class_is="equal").action == "inserted"
    assert stand_in.store.item("loyaltyClass", cls["id"]) is not None


def test_an_object_alone_is_refused_without_its_class(wallet: GoogleWallet, render: Render) -> None:
    with pytest.raises(GoogleMissing):
        wallet.upsert_object("stamp", render()[1])


@pytest.mark.parametrize("request_at", ["loyaltyClass", "loyaltyObject"])
def test_a_lost_answer_is_repeated_without_a_second_effect(
    request_at: str, wallet: GoogleWallet, stand_in: GoogleStandIn, render: Render
) -> None:
    cls, obj = render()
    stand_in.misbehave(method="POST", path=request_at, lose_answer=True)
    with pytest.raises(GoogleBusy):
        wallet.upsert_card("stamp", cls, obj)
    expected = "inserted" if request_at == "loyaltyClass" else "unchanged"
    assert wallet.upsert_card("stamp", cls, obj).action == expected
    assert stored(stand_in, obj["id"]) == obj
    assert not any(call.startswith("PATCH") for call in stand_in.calls())


def test_a_patch_whose_answer_was_lost_may_be_sent_again(
    wallet: GoogleWallet, stand_in: GoogleStandIn, render: Render
) -> None:
    wallet.upsert_card("stamp", *render())
    cls, obj = render(stamps=Stamps(10, 10, 1))
    stand_in.misbehave(method="PATCH", lose_answer=True)
    with pytest.raises(GoogleBusy):
        wallet.upsert_card("stamp", cls, obj, object_is="before")
    assert wallet.upsert_card("stamp", cls, obj, object_is="before").action == "patched"
    assert stored(stand_in, obj["id"]) == obj


@pytest.mark.parametrize(
    "status, reason",
    [(429, "rateLimitExceeded"), (500, "backendError"), (503, "backendError"), (403, "rateLimitExceeded")],
)
def test_a_busy_google_is_told_apart_and_its_wish_to_wait_kept(
    status: int, reason: str, wallet: GoogleWallet, stand_in: GoogleStandIn, render: Render
) -> None:
    stand_in.misbehave(status=status, reason=reason, path="loyalty", headers={"Retry-After": "7"})
    with pytest.raises(GoogleBusy) as busy:
        wallet.upsert_card("stamp", *render())
    assert busy.value.retry_after_s == 7.0
    assert len(stand_in.calls()) == 1


def test_twenty_requests_a_second_are_googles_limit(
    wallet: GoogleWallet, stand_in: GoogleStandIn, render: Render
) -> None:
    stand_in.switches.rate_limit = True
    stand_in._bucket = RateBucket(now=lambda: 0.0)
    wallet.upsert_card("stamp", *render())
    for _ in range(18):
        wallet.upsert_object("stamp", render()[1], known=True)
    with pytest.raises(GoogleBusy, match="429"):
        wallet.upsert_object("stamp", render()[1], known=True)


def test_a_slow_google_is_given_up_on_in_time(
    wallet: GoogleWallet, stand_in: GoogleStandIn, render: Render
) -> None:
    stand_in.misbehave(path="loyaltyObject", delay_s=A_LONG_TIME_S)
    started = time.monotonic()
    with pytest.raises(GoogleBusy):
        wallet.upsert_card("stamp", *render(), within_s=0.3)
    assert time.monotonic() - started < A_LONG_TIME_S


def test_no_request_is_started_when_the_time_is_over(wallet: GoogleWallet, render: Render) -> None:
    with pytest.raises(GoogleBusy, match="within the time"):
        wallet.upsert_card("stamp", *render(), within_s=0.0)


def test_nobody_at_the_address_is_busy_too(wallet: GoogleWallet, stand_in: GoogleStandIn) -> None:
    away = GoogleWallet(
        stand_in.credentials_file, "1", FreePace(), api_url="http://127.0.0.1:9", timeout_s=0.5
    )
    with pytest.raises(GoogleBusy):
        away.upsert_class("stamp", class_body(make_face(), "1", PublicUrls("https://k.example/l")).body)


def test_a_foreign_issuer_is_denied_and_not_tried_again(
    wallet: GoogleWallet, stand_in: GoogleStandIn
) -> None:
    body = class_body(make_face(), "999", PublicUrls("https://k.example/logo.png")).body
    with pytest.raises(GoogleDenied, match="STEMPEL_GOOGLE_ISSUER_ID"):
        wallet.upsert_class("stamp", body)
    assert stand_in.calls() == ["POST loyaltyClass 403"]


def test_a_body_google_cannot_take_comes_back_with_googles_words(
    wallet: GoogleWallet, stand_in: GoogleStandIn, render: Render
) -> None:
    cls, _ = render()
    with pytest.raises(GoogleRefused, match="colour: unknown field") as refused:
        wallet.upsert_class("stamp", {**cls, "colour": "brown"})
    assert (refused.value.status, refused.value.reason) == (400, "invalid")


def test_shops_are_left_out_for_an_issuer_who_may_not_name_them(
    wallet: GoogleWallet, stand_in: GoogleStandIn, render: Render
) -> None:
    stand_in.switches.locations_allowed = False
    cls, obj = render()
    assert wallet.upsert_card("stamp", cls, obj).dropped == ("merchantLocations",)
    assert "merchantLocations" not in (stand_in.store.item("loyaltyClass", cls["id"]) or {})
    assert [call for call in stand_in.calls() if call.endswith("400")] == ["POST loyaltyClass 400"]


def test_shops_of_the_card_alone_are_left_out_likewise(
    wallet: GoogleWallet, stand_in: GoogleStandIn, render: Render
) -> None:
    wallet.upsert_card("stamp", *render(places=()))
    stand_in.switches.locations_allowed = False
    cls, obj = render(places=(), places_used=(Place(52.5, 13.4, "Mitte"),))
    outcome = wallet.upsert_card("stamp", cls, obj, class_is="equal", object_is="before")
    assert outcome.dropped == ("merchantLocations",)
    assert "merchantLocations" not in stored(stand_in, obj["id"])


def test_a_new_balance_is_announced_three_times_a_day_and_then_only_shown(
    wallet: GoogleWallet, stand_in: GoogleStandIn, render: Render
) -> None:
    wallet.upsert_card("stamp", *render())
    for filled in range(4, 9):
        cls, obj = render(stamps=Stamps(filled, 10, 0))
        wallet.upsert_card("stamp", cls, obj, class_is="equal", object_is="before", notify=True)
    assert stored(stand_in, obj["id"])["loyaltyPoints"]["balance"] == {"string": "8 / 10"}
    patches = [(r.status, "notifyPreference" in r.body) for r in stand_in.requests if r.method == "PATCH"]
    assert patches == [(200, True)] * 3 + [(403, True), (200, False)] * 2


def test_a_spent_quota_of_the_issuer_is_told_to_all_and_the_work_waits(
    wallet: GoogleWallet, stand_in: GoogleStandIn, pace: FreePace, render: Render
) -> None:
    stand_in.misbehave(status=403, reason="quotaExceeded", path="/wallet")
    with pytest.raises(GoogleBusy, match="quota"):
        wallet.upsert_card("stamp", *render())
    assert pace.said == ["quota spent"]


def test_a_429_is_told_to_all(
    wallet: GoogleWallet, stand_in: GoogleStandIn, pace: FreePace, render: Render
) -> None:
    stand_in.misbehave(status=429, reason="rateLimitExceeded", headers={"Retry-After": "7"}, path="/wallet")
    with pytest.raises(GoogleBusy):
        wallet.upsert_card("stamp", *render())
    assert pace.said == ["too fast 7.0"]


def test_many_threads_putting_one_card_agree(
    wallet: GoogleWallet, stand_in: GoogleStandIn, render: Render
) -> None:
    cls, obj = render()
    outcomes: list[str] = []
    threads = [
        threading.Thread(target=lambda: outcomes.append(wallet.upsert_card("stamp", cls, obj).action))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["inserted"] + ["unchanged"] * 7


def test_over_tls_the_extra_root_is_trusted_and_without_it_nothing_is_sent(tmp_path: Path) -> None:
    face, urls = make_face(), PublicUrls("https://k.example/logo.png")
    with GoogleStandIn(tmp_path, tls=True) as stand_in:
        body = object_body(face, stand_in.issuer_id, urls).body
        cls = class_body(face, stand_in.issuer_id, urls).body
        trusting, wary = (
            GoogleWallet(
                stand_in.credentials_file, stand_in.issuer_id, FreePace(), api_url=stand_in.url, ca_file=ca
            )
            for ca in (stand_in.ca_file, None)
        )
        assert trusting.upsert_card("stamp", cls, body).action == "inserted"
        before = len(stand_in.requests)
        with pytest.raises(GoogleBusy):
            wary.upsert_card("stamp", cls, body)
        assert len(stand_in.requests) == before
