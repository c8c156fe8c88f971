"""The link a customer opens: short, signed by the service account, and naming only what exists."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from passes.clock import real_now
from passes.errors import StempelError
from passes.wallets.google.client import GoogleWallet
from passes.wallets.google.save_link import MAX_TOKEN_LENGTH, SAVE_BASE, save_url
from tests.factories.faces import KINDS
from tests.fakes.google import GoogleStandIn

Render = Callable[..., tuple[dict[str, Any], dict[str, Any]]]


def part(url: str, place: int) -> dict[str, Any]:
    text = url.rpartition("/")[2].split(".")[place]
    return dict(json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))))


@pytest.mark.parametrize("kind", KINDS)
def test_opening_the_link_saves_the_card(
    kind: Any, wallet: GoogleWallet, stand_in: GoogleStandIn, render: Render
) -> None:
    cls, obj = render(kind)
    wallet.upsert_card(kind, cls, obj)
    url = save_url(obj["id"], cls["id"], kind, wallet.account, real_now(), base=stand_in.save_base)
    assert requests.get(url, timeout=120).json() == {"saved": [obj["id"]]}
    assert wallet.upsert_card(kind, cls, obj).has_users is True


def test_the_token_says_what_google_asks_for_and_nothing_about_the_customer(
    wallet: GoogleWallet, stand_in: GoogleStandIn, render: Render
) -> None:
    cls, obj = render("gift", member_name="Käthe Groß")
    now = datetime(2026, 11, 22, 9, 30, 15, 900_000, tzinfo=UTC)
    url = save_url(obj["id"], cls["id"], "gift", wallet.account, now)
    assert url.startswith(SAVE_BASE)
    assert part(url, 0) == {"alg": "RS256", "typ": "JWT", "kid": "stand-in-key-1"}
    assert part(url, 1) == {
        "iss": wallet.account.email,
        "aud": "google",
        "typ": "savetowallet",
        "iat": 1795339815,
        "origins": [],
        "payload": {"giftCardObjects": [{"id": obj["id"], "classId": cls["id"]}]},
    }


def test_with_the_longest_slugs_the_link_keeps_its_length(wallet: GoogleWallet, render: Render) -> None:
    cls, obj = render(merchant_slug="m" * 63, program_id="prog_" + "p" * 40)
    url = save_url(obj["id"], cls["id"], "stamp", wallet.account, real_now())
    assert len(url.rpartition("/")[2]) < MAX_TOKEN_LENGTH


def test_a_link_that_would_not_work_is_not_given_out(wallet: GoogleWallet) -> None:
    with pytest.raises(StempelError, match="1800"):
        save_url("1." + "x" * 1200, "1.c", "stamp", wallet.account, real_now())


def spoil_payload(url: str) -> str:
    head, claims, signature = url.rsplit(".", 2)
    return f"{head}.{claims[:-4]}AAAA.{signature}"


def test_the_stand_in_opens_no_spoilt_link(
    wallet: GoogleWallet, stand_in: GoogleStandIn, render: Render
) -> None:
    cls, obj = render()
    base = stand_in.save_base
    now = real_now()
    good = save_url(obj["id"], cls["id"], "stamp", wallet.account, now, base=base)
    assert requests.get(good, timeout=120).status_code == 400, "nothing was inserted yet"
    wallet.upsert_card("stamp", cls, obj)
    bad = [
        spoil_payload(good),
        base + "no.token",
        good + "x" * 1800,
        save_url(obj["id"], cls["id"], "gift", wallet.account, now, base=base),
        save_url(obj["id"], cls["id"] + "x", "stamp", wallet.account, now, base=base),
        save_url(obj["id"], cls["id"], "stamp", wallet.account, now + timedelta(hours=1), base=base),
        base + wallet.account.sign({"iss": wallet.account.email, "aud": "apple", "typ": "savetowallet"}),
    ]
    assert [requests.get(url, timeout=120).status_code for url in bad] == [400] * len(bad)
    assert requests.get(good, timeout=120).status_code == 200
