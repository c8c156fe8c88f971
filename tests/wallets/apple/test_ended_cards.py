"""What phones are shown of a card that has ended, and of one that lives again."""

from datetime import timedelta
from typing import Any

from passes.cards import faces
from passes.clock import FixedClock
from passes.redemption.expiry import run_due
from passes.wallets.apple.pass_json import pass_json
from passes.wallets.google.bodies import PublicUrls, object_body
from passes.wallets.signing.identity import SigningIdentity
from tests.fixtures.api import BASE_URL, Shop, eur

Json = dict[str, Any]


def shown(shop: Shop, identity: SigningIdentity, card: Json) -> tuple[Json, Json]:
    """The card as Apple and as Google have it."""
    with shop.services.database.read() as uow:
        face = faces.face_of(uow, BASE_URL, card["id"])
    google = object_body(face, "3388000000000000001", PublicUrls(f"{BASE_URL}/logo.png"))
    return pass_json(face, identity, None), google.body


def test_a_card_that_ends_is_void_on_every_phone_until_it_lives_again(
    shop: Shop, clock: FixedClock, identity: SigningIdentity
) -> None:
    card = shop.gift(1000, expiry={"after_days": 10})
    apple, google = shown(shop, identity, card)
    assert (apple["expirationDate"][:10], "voided" in apple, google["state"]) == (
        "2026-03-12",
        False,
        "ACTIVE",
    )
    clock.at += timedelta(days=10)
    for _ in range(2):
        apple, google = shown(shop, identity, card)
        assert (apple["voided"], google["state"]) == (True, "EXPIRED")
        run_due(shop.services.database)
    assert shop.state(card)["version"] == card["version"] + 1
    body = {"card_id": card["id"], "direction": "increase", "amount": eur(1000), "reason": "support"}
    shop.manager.post("/adjustments", body).ok()
    apple, google = shown(shop, identity, card)
    assert (apple["expirationDate"][:10], "voided" in apple, google["state"]) == (
        "2026-03-22",
        False,
        "ACTIVE",
    )
    assert google["validTimeInterval"]["end"]["date"] == "2026-03-22T09:00:00Z"
