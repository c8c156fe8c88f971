"""Several passes in one file, as the standard library and a till's owner see it."""

import io
import json
import zipfile

import pytest

from passes.wallets.apple.bundle import build_pass
from passes.wallets.apple.several import MAX_PASSES, bundle_of
from passes.wallets.signing.identity import SigningIdentity
from tests.factories.faces import KINDS, make_face
from tests.fixtures.api import Json, Shop


def serials(bundle: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(bundle)) as passes:
        assert passes.testzip() is None
        assert all(name.endswith(".pkpass") for name in passes.namelist())
        return [serial(passes.read(name)) for name in passes.namelist()]


def serial(archive: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(archive)) as files:
        return str(json.loads(files.read("pass.json"))["serialNumber"])


def test_whole_passes_lie_in_the_bundle_in_their_order(identity: SigningIdentity) -> None:
    passes = [build_pass(make_face(kind, card_id=f"card_{kind}"), identity, None) for kind in KINDS]
    assert serials(bundle_of(passes)) == [f"card_{kind}" for kind in KINDS]


@pytest.mark.parametrize("count", [0, MAX_PASSES + 1])
def test_a_phone_takes_no_empty_bundle_and_none_of_more_than_ten(count: int) -> None:
    with pytest.raises(ValueError, match="1 to 10"):
        bundle_of([b"pass"] * count)


def member_with(shop: Shop, cards: int) -> tuple[str, list[Json]]:
    member = shop.manager.post("/members", {"name": "Käthe"}).ok()["id"]
    return member, [shop.card("points", member_id=member) for _ in range(cards)]


def test_a_members_usable_cards_come_newest_first_and_ten_at_most(shop: Shop) -> None:
    shop.services.identities.create_development(shop.slug)
    member, cards = member_with(shop, MAX_PASSES + 2)
    shop.manager.post(f"/cards/{cards[-1]['id']}/deactivate", {"reason": "closed"}).ok()
    answer = shop.manager.get(f"/members/{member}/cards.pkpasses")
    assert answer.headers["Content-Type"] == "application/vnd.apple.pkpasses"
    assert serials(answer.raw) == [card["id"] for card in cards[-2:0:-1]]


def test_a_member_without_a_usable_card_is_told_so(shop: Shop) -> None:
    member, _ = member_with(shop, 0)
    answer = shop.manager.get(f"/members/{member}/cards.pkpasses")
    assert (answer.status, answer.json["code"]) == (404, "not_found")
