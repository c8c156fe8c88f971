"""Programs: slugs, rules of each kind, versions that cards follow."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest

from tests.fixtures.api import RULES, Answer, Shop, eur

Json = dict[str, Any]


def make(shop: Shop, kind: str = "stamp", rules: Json | None = None, **more: Any) -> Answer:
    currency = {"currency": "EUR"} if kind == "gift" else {}
    body = {"kind": kind, "name": "Kaffee für alle", "rules": RULES[kind] if rules is None else rules}
    return shop.manager.post("/programs", {**body, **currency, **more})


def slug() -> str:
    return f"s-{uuid4().hex}"


@pytest.mark.parametrize("kind", ["stamp", "coupon", "gift", "points"])
def test_the_smallest_rules_of_each_kind_make_a_program(shop: Shop, kind: str) -> None:
    smallest: Json = {
        "stamp": {"stamps_required": 10, "reward": "A free coffee"},
        "coupon": {"offer": {"type": "percent", "percent": 20}},
        "gift": {},
        "points": {"point_per": eur(100)},
    }
    answer = make(shop, kind, smallest[kind])
    assert (answer.status, answer["kind"], answer["version"]) == (201, kind, 1)
    assert answer["id"].startswith("prog_")
    assert shop.reader.get(f"/programs/{answer['id']}").json == answer.json
    assert answer["rules"].items() >= smallest[kind].items()


def test_a_default_slug_is_merchant_and_name_and_gets_a_suffix_when_taken(shop: Shop) -> None:
    names = [make(shop)["slug"] for _ in range(3)]
    base = f"{shop.slug}-kaffee-fuer-alle"
    assert names == [base, f"{base}-2", f"{base}-3"]


def test_a_slug_is_unique_in_the_installation(shop: Shop, other_shop: Shop) -> None:
    wanted = slug()
    assert make(shop, slug=wanted)["slug"] == wanted
    for merchant in (shop, other_shop):
        answer = make(merchant, slug=wanted)
        assert (answer.status, answer.code, answer.fields) == (422, "invalid_request", ["slug"])


@pytest.mark.parametrize("bad", ["", "Kaffee", "a b", "ä", "-a", "a-", "a/b", "a" * 81, "a\n", "a_b"])
def test_a_slug_is_made_of_small_letters_digits_and_hyphens(shop: Shop, bad: str) -> None:
    answer = make(shop, slug=bad)
    assert (answer.status, answer.fields) == (422, ["slug"])


def test_slugs_made_at_the_same_time_differ(shop: Shop) -> None:
    make(shop, name="Warm up")
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: make(shop), range(8)))
    assert [answer.status for answer in answers] == [201] * 8
    assert len({answer["slug"] for answer in answers}) == 8


@pytest.mark.parametrize(
    "kind, rules, field",
    [
        ("stamp", {"reward": "x"}, "rules.stamps_required"),
        ("stamp", {"stamps_required": 0, "reward": "x"}, "rules.stamps_required"),
        ("stamp", {"stamps_required": 10.0, "reward": "x"}, "rules.stamps_required"),
        ("stamp", {"stamps_required": True, "reward": "x"}, "rules.stamps_required"),
        ("stamp", {"stamps_required": 10, "reward": " "}, "rules.reward"),
        ("stamp", {**RULES["stamp"], "stamp_per": {"amount": 5, "asset": "POINT"}}, "rules.stamp_per"),
        ("stamp", {**RULES["stamp"], "bonus": 1}, "rules.bonus"),
        ("coupon", {"offer": {"type": "percent", "percent": 101}}, "rules.offer.percent"),
        ("coupon", {"offer": {"type": "luck"}}, "rules.offer"),
        ("coupon", {"offer": {"type": "amount", "amount": {"asset": "EUR"}}}, "rules.offer.amount.amount"),
        (
            "coupon",
            {"offer": {"type": "amount", "amount": {"amount": 1, "asset": "USE"}}},
            "rules.offer.amount",
        ),
        ("coupon", {"offer": 5}, "rules.offer"),
        ("coupon", {}, "rules.offer"),
        (
            "coupon",
            {**RULES["coupon"], "minimum_order": {"amount": 1, "asset": "USE"}},
            "rules.minimum_order",
        ),
        ("coupon", {**RULES["coupon"], "uses": 0}, "rules.uses"),
        (
            "coupon",
            {
                **RULES["coupon"],
                "valid_from": "2026-05-01T00:00:00Z",
                "valid_until": "2026-05-01T00:00:00Z",
            },
            "rules.valid_until",
        ),
        (
            "coupon",
            {
                **RULES["coupon"],
                "minimum_order": eur(1000),
                "maximum_discount": {"amount": 1, "asset": "USD"},
            },
            "rules.maximum_discount",
        ),
        ("gift", {"minimum_load": {"amount": 5, "asset": "USD"}}, "rules.minimum_load"),
        ("gift", {"reloadable": "yes"}, "rules.reloadable"),
        ("gift", {"expiry": {}}, "rules.expiry"),
        ("gift", {"expiry": {"never": True, "after_days": 5}}, "rules.expiry"),
        ("gift", {"vat": "single_purpose"}, "rules.vat_rate_bp"),
        ("points", {"point_per": {"amount": 0, "asset": "EUR"}}, "rules.point_per.amount"),
        ("points", {**RULES["points"], "rewards": RULES["points"]["rewards"] * 2}, "rules.rewards"),
    ],
)
def test_rules_that_make_no_sense_are_named(shop: Shop, kind: str, rules: Json, field: str) -> None:
    answer = make(shop, kind, rules)
    assert (answer.status, answer.code, answer.fields) == (422, "invalid_request", [field])


def test_a_gift_card_needs_a_currency(shop: Shop) -> None:
    for currency in (None, "XYZ", "eur"):
        answer = make(shop, "gift", {}, currency=currency)
        assert (answer.status, answer.fields) == (422, ["currency"])


@pytest.mark.parametrize("kind", ["vip", "", None, 5])
def test_there_are_four_kinds(shop: Shop, kind: Any) -> None:
    answer = shop.manager.post("/programs", {"kind": kind, "name": "x", "rules": {}})
    assert (answer.status, answer.fields) == (422, ["kind"])


@pytest.mark.parametrize("image", ["", "!", "aGVsbG8=", "iVBORw0KGgo="])
def test_a_picture_is_base64_of_a_png_or_jpeg(shop: Shop, image: str) -> None:
    answer = make(shop, design={"images": {"logo": image}})
    assert (answer.status, answer.fields) == (422, ["design.images.logo"])


def test_a_change_is_the_next_version_and_every_live_card_follows(shop: Shop) -> None:
    card, closed = shop.stamped(3), shop.card()
    shop.manager.post(f"/cards/{closed['id']}/deactivate", {"reason": "closed"}).ok()
    before = [shop.state(c)["version"] for c in (card, closed)]
    path = f"/programs/{card['program_id']}"
    answer = shop.manager.patch(path, {"rules": {"stamps_required": 5, "reward": "Tea"}, "name": "Tee"})
    assert (answer.status, answer["version"], answer["name"]) == (200, 2, "Tee")
    assert shop.state(card)["stamps_required"] == 5
    assert [shop.state(c)["version"] for c in (card, closed)] == [before[0] + 1, before[1]]
    shop.till.post("/stamps", {"card_id": card["id"], "count": 2}).ok()
    assert (shop.balance(card), shop.state(card)["rewards"]) == (0, 1)


def test_a_change_leaves_alone_what_it_does_not_name(shop: Shop) -> None:
    made = make(shop, texts={"de": {"title": "Karte", "terms": "Nur hier."}, "en": {"title": "Card"}})
    changed = shop.manager.patch(f"/programs/{made['id']}", {"texts": {"de": {"title": "Neu"}}})
    assert changed["texts"]["de"] == {"title": "Neu", "terms": "Nur hier."}
    for name in ("name", "slug", "rules", "design", "created_at", "links"):
        assert changed[name] == made[name], name


def test_parts_of_a_design_are_replaced_one_by_one_and_null_is_the_default_again(shop: Shop) -> None:
    own = {"key": "hours", "label": {"de": "Geöffnet"}, "value": {"de": "8 bis 18"}}
    made = make(shop, design={"stamp_shape": "star", "fields": [own]})
    assert made["design"]["fields"][0]["value"]["de"] == "8 bis 18"
    path = f"/programs/{made['id']}"
    changed = shop.manager.patch(path, {"design": {"fields": None, "max_distance_m": 200}})
    assert changed["design"] == {**made["design"], "fields": None, "max_distance_m": 200}
    answer = shop.manager.patch(path, {"design": {"fields": [{"key": "tier"}]}})
    assert (answer.status, answer.fields) == (422, ["design.fields.0.key"])
    assert shop.manager.get(path).json == changed.json


def test_a_change_that_makes_no_sense_changes_nothing(shop: Shop) -> None:
    made = make(shop)
    answer = shop.manager.patch(f"/programs/{made['id']}", {"rules": {}, "name": "Neu"})
    assert (answer.status, answer.fields) == (422, ["rules.stamps_required", "rules.reward"])
    assert shop.manager.get(f"/programs/{made['id']}").json == made.json


@pytest.mark.parametrize("field", ["kind", "slug", "currency", "version"])
def test_what_a_program_is_cannot_be_changed(shop: Shop, field: str) -> None:
    answer = shop.manager.patch(f"/programs/{shop.program('stamp')}", {field: "x"})
    assert (answer.status, answer.fields) == (422, [field])


@pytest.mark.parametrize("field", ["name", "rules", "design", "texts"])
def test_null_is_no_change(shop: Shop, field: str) -> None:
    answer = shop.manager.patch(f"/programs/{shop.program('stamp')}", {field: None})
    assert (answer.status, answer.fields) == (422, [field])


def test_changes_made_at_the_same_time_all_happen(shop: Shop) -> None:
    path, client = f"/programs/{shop.program('stamp')}", shop.manager
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(lambda n: client.patch(path, {"texts": {"de": {f"t_{n}": str(n)}}}), "abcdefgh")
        )
    assert [answer.status for answer in answers] == [200] * 8
    now = client.get(path)
    assert (now["version"], len(now["texts"]["de"])) == (9, 8)
