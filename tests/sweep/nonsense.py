"""What no schema can say: values of the right form that make no sense, where they stand or at all."""

from base64 import b64encode
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from passes.programs.rules import CouponRules, GiftRules, PointsRules, StampRules
from passes.web.api_v1.operation import Operation
from tests.fixtures.api import RULES, eur
from tests.sweep.bodies import wrong_bodies
from tests.sweep.world import World

Nonsense = tuple[str, Any, dict[str, Any]]
"""The field (dotted) an answer has to name, the value of its first part, and other parts of the body."""

RULE_MODELS: dict[str, type[BaseModel]] = {
    "stamp": StampRules,
    "coupon": CouponRules,
    "gift": GiftRules,
    "points": PointsRules,
}
NO_PICTURES = (
    "no base64!",
    b64encode(b"<svg xmlns='http://www.w3.org/2000/svg'/>").decode(),
    b64encode(b"GIF89a\1\0\1\0").decode(),
    b64encode(b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR\0\1\0\0\0\1\0\0\x08\6\0\0\0").decode(),
    b64encode(b"\xff\xd8\xff" + b"x" * 100).decode(),
)
NO_BIRTHDAYS = ("2023-02-29", "1992-13-01", "--02-30", "2999-01-01", "29.2.1992", "", "1992", "0000-00-00")
DE_EN = {"de": "Hallo", "en": "Hello"}


def nonsense(world: World, operation: Operation) -> Iterator[Nonsense]:
    """What is wrong about a body of `operation` beyond its form."""
    makers = {
        "create_program": _programs,
        "change_program": _changed_programs,
        "create_member": _members,
        "change_member": _members,
        "create_location": _locations,
        "issue_card": _cards,
        "add_stamps": _stamps,
        "load": _money,
        "redeem": _money,
        "pay_basket": _baskets,
        "refund_basket": _basket_lines,
        "create_campaign": _campaigns,
        "change_campaign": _campaigns,
        "preview_segment": _audiences,
    }
    if operation.name in makers:
        yield from makers[operation.name](world)


def _programs(world: World) -> Iterator[Nonsense]:
    for kind, model in RULE_MODELS.items():
        named = {"kind": kind, "name": "x", "currency": "EUR" if kind == "gift" else None}
        for _, path, rules in wrong_bodies(model.model_json_schema(), RULES[kind]):
            # A bare number is short for that much of the program's currency.
            if rules not in ({"minimum_load": 7}, {"maximum_balance": 7}):
                yield ".".join(("rules", *path)), rules, named
        yield "rules", RULES["stamp" if kind == "points" else "points"], named
    for currency in (None, "XYZ", "STAMP", "eur"):
        yield "currency", currency, {"kind": "gift", "rules": {}}
    for slug in (world.mine.slug(), world.theirs.slug(), "-x", "x-", "Ä", "a/b", "..", "x" * 81):
        yield "slug", slug, {}
    yield from _looks()


def _changed_programs(world: World) -> Iterator[Nonsense]:
    yield "rules", RULES["points"], {}
    yield "rules.stamps_required", {"stamps_required": 0, "reward": "x"}, {}
    yield from _looks()


def _looks() -> Iterator[Nonsense]:
    for picture in NO_PICTURES:
        yield "design.images.logo", {"images": {"logo": picture}}, {}
    for color in ("red", "#12345", "#1234567", "#ggg000"):
        yield "design.colors.background", {"colors": {"background": color}}, {}
    yield "texts.de", {"de": {"title": "a\0b"}}, {}
    yield "texts.en", {"en": {"Not a key!": "x"}}, {}
    yield "texts.en", {"en": {f"k{'x' * n}": "x" for n in range(41)}}, {}


def _members(world: World) -> Iterator[Nonsense]:
    for birthday in NO_BIRTHDAYS:
        yield "birthday", birthday, {}
    for email in ("ada@", "@example.com", "ada", "a b@example.com", "ada@example..com"):
        yield "email", email, {}
    for zone in ("Mars/Phobos", "../etc/passwd", "Europe", "posixrules/x"):
        yield "time_zone", zone, {}
    for locale in ("german", "DE", "de_DE!"):
        yield "locale", locale, {}
    consent = {"purpose": "marketing", "channel": "wallet", "granted": True, "wording": "x", "source": "x"}
    for name, value in (
        ("purpose", "spam"),
        ("channel", "sms"),
        ("granted", "yes"),
        ("wording", ""),
        ("source", 7),
    ):
        yield "consents", [{**consent, name: value}], {}
    yield "tags", ["x"] * 1000, {}


def _locations(world: World) -> Iterator[Nonsense]:
    for latitude in (91, -91, "52.5"):
        yield "latitude", latitude, {"longitude": 13.4}
    yield "longitude", 181, {"latitude": 52.5}


def _cards(world: World) -> Iterator[Nonsense]:
    for moment in ("2020-01-01T00:00:00Z", "tomorrow", "2030-01-01", "9999-12-31T23:59:59-23:59"):
        yield "expires_at", moment, {}
    yield "body", {"name": "x"}, {"member_id": world.mine.member, "member": {"name": "x"}}
    for birthday in NO_BIRTHDAYS:
        yield "member.birthday", {"birthday": birthday}, {}


def _stamps(world: World) -> Iterator[Nonsense]:
    yield "body", None, {"count": 1, "purchase": eur(780)}
    yield "body", None, {"code": None, "card_id": None}
    yield from ((f"purchase.{name}", value, {}) for name, value in _no_amounts())


def _money(world: World) -> Iterator[Nonsense]:
    yield from ((f"amount.{name}", value, {}) for name, value in _no_amounts())


def _baskets(world: World) -> Iterator[Nonsense]:
    card = world.mine.cards["gift"]
    named = {"card_id": card["id"]}
    for count in (0, 31):
        yield "instruments", [named] * count, {}
    for again in (named, {"code": card["code"]}, {"code": card["code"].lower().replace("-", " ")}):
        yield "instruments.1", [named, again], {}
    for nameless in ({}, {**named, "code": card["code"]}):
        yield "instruments.0", [nameless], {}
    for name, value in (("reward", False), ("reward_id", ""), ("amount", 5), ("surprise", 1)):
        yield f"instruments.0.{name}", [{**named, name: value}], {}
    for kind, name in (("stamp", "reward"), ("points", "amount")):
        bare = {"card_id": world.mine.cards[kind]["id"]}
        yield f"instruments.1.{name}", [named, bare], {"mode": "all"}
    yield from ((f"order_total.{name}", value, {}) for name, value in _no_amounts())
    yield "order_total.asset", {"amount": 5, "asset": "POINT"}, {}


def _basket_lines(world: World) -> Iterator[Nonsense]:
    yield "lines", [], {}
    for lines, place in (([0, 0], 1), ([1], 0), ([29], 0), ([30], 0), ([-1], 0), (["0"], 0), ([True], 0)):
        yield f"lines.{place}", lines, {}


def _no_amounts() -> Iterator[tuple[str, Any]]:
    for asset in ("EURO", "eur", "XYZ", "€", "", "HOLD"):
        yield "asset", {"amount": 1, "asset": asset}
    for amount in (0, -1, 2**53, 10**30):
        yield "amount", {"amount": amount, "asset": "EUR"}
    yield "amount", {"asset": "EUR"}
    yield "asset", {"amount": 1}


def _campaigns(world: World) -> Iterator[Nonsense]:
    yield "trigger.days", {"type": "inactivity"}, {}
    yield "trigger.days", {"type": "expiry"}, {}
    yield "trigger.days", {"type": "birthday", "days": 3}, {}
    yield "trigger.type", {"type": "full moon"}, {}
    for words in (" ", "{nickname}", "{", "}", "x" * 501):
        yield "message.de", {**DE_EN, "de": words}, {}
    yield "message.en", {"de": "Hallo"}, {}
    yield "grant", {"stamps": 1, "program_id": world.mine.shop.program("coupon")}, {}
    yield "grant", {}, {}
    yield "grant.program_id", {"program_id": world.mine.shop.program("gift")}, {}
    yield "quiet_hours.to", {"from": "08:00", "to": "08:00"}, {}
    yield "quiet_hours.from", {"from": "24:00", "to": "08:00"}, {}
    yield from _audiences(world)


def _audiences(world: World) -> Iterator[Nonsense]:
    wrong = {"inactive_days": 0, "birthday_month": 13, "balance_min": 0, "tags": [""], "program_id": "x"}
    for name, value in wrong.items():
        yield f"audience.{name}", {name: value}, {}
