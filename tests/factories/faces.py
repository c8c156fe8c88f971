"""Card faces for tests of everything that renders one, without a database behind them.

The fields are laid out as a real card's: what the phone shows first stands in header and primary, what
it shows small in secondary and auxiliary. A stamp card leaves the primary role empty, since its stamps
are a picture on the strip.
"""

import hashlib
from datetime import UTC, datetime
from typing import Any

from babel.numbers import format_currency

from passes.cards.face import CardFace, Colors, DesignImages, FaceField, Kind, Place, Stamps, Text
from passes.money import POINT, STAMP, USE, Money, is_currency

KINDS: tuple[Kind, ...] = ("stamp", "coupon", "gift", "points")
UPDATED_AT = datetime(2026, 11, 22, 9, 30, 15, 250_000, tzinfo=UTC)
CODE = "7K3WQ9XMA4PTHC2E"
BARCODE = "5J8RZ0C3W9KQ4XH7T2MVB6NDYA"
BASE_URL = "https://karten.example"
NOW = Text(de="Neuer Stand: %@", en="Now: %@")

BROWN = Colors(background="#4a2c1d", foreground="#fff8ef", label="#e3c9ab")
LIGHT = Colors(background="#f6f1e7", foreground="#2b2118", label="#8a6f52")
BLUE = Colors(background="#0b3d91", foreground="#ffffff", label="#bcd3ff")

_TITLES = {
    "stamp": Text(de="Kaffeekarte", en="Coffee card"),
    "coupon": Text(de="Herbstgutschein", en="Autumn coupon"),
    "gift": Text(de="Geschenkkarte", en="Gift card"),
    "points": Text(de="Stammgastpunkte", en="Regulars' points"),
}
_BALANCES = {
    "stamp": Money(3, STAMP),
    "coupon": Money(1, USE),
    "gift": Money(1250, "EUR"),
    "points": Money(1280, POINT),
}
_COLORS = {"stamp": BROWN, "coupon": LIGHT, "gift": BLUE, "points": BROWN}


def money_text(money: Money) -> Text:
    """An amount as people read it: `12,50 €` and `€12.50`; counted things are the bare number."""
    if not is_currency(money.asset):
        return Text.same(str(money.amount))
    value = money.as_decimal()
    return Text(
        de=format_currency(value, money.asset, locale="de_DE"),
        en=format_currency(value, money.asset, locale="en_GB"),
    )


def _stamp_fields(stamps: Stamps) -> tuple[FaceField, ...]:
    count = Text.same(f"{stamps.filled} / {stamps.required}")
    return (
        FaceField("balance", "header", Text(de="Stempel", en="Stamps"), count, change_message=NOW),
        FaceField(
            "reward",
            "secondary",
            Text(de="Prämie", en="Reward"),
            Text(de="Ein Kaffee aufs Haus", en="A free coffee"),
        ),
        FaceField(
            "rewards",
            "auxiliary",
            Text(de="Offene Prämien", en="Rewards waiting"),
            Text.same(str(stamps.rewards)),
            change_message=Text(de="Prämien: %@", en="Rewards: %@"),
        ),
    )


def _coupon_fields() -> tuple[FaceField, ...]:
    at = datetime(2026, 12, 31, 22, 59, tzinfo=UTC)
    return (
        FaceField(
            "offer",
            "primary",
            Text(de="auf alles", en="off everything"),
            Text(de="20 % Rabatt", en="20% off"),
        ),
        FaceField(
            "valid_until",
            "secondary",
            Text(de="Gültig bis", en="Valid until"),
            Text(de="31. Dezember 2026", en="31 December 2026"),
            at=at,
        ),
    )


def _gift_fields(balance: Money) -> tuple[FaceField, ...]:
    label = Text(de="Guthaben", en="Balance")
    return (
        FaceField("balance", "primary", label, money_text(balance), money=balance, change_message=NOW),
        FaceField(
            "note",
            "back",
            Text(de="Aufladen", en="Top up"),
            Text(de="An jeder Kasse, ab 5 Euro.", en="At any till, from 5 euros."),
        ),
    )


def _points_fields(balance: Money) -> tuple[FaceField, ...]:
    label = Text(de="Punkte", en="Points")
    return (
        FaceField("balance", "primary", label, money_text(balance), change_message=NOW),
        FaceField(
            "next_reward", "secondary", Text(de="Nächste Prämie", en="Next reward"), Text.same("Croissant")
        ),
        FaceField("tier", "auxiliary", Text(de="Stufe", en="Tier"), Text.same("Gold")),
    )


def _fields(kind: Kind, balance: Money, stamps: Stamps | None) -> tuple[FaceField, ...]:
    if stamps is not None:
        return _stamp_fields(stamps)
    if kind == "gift":
        return _gift_fields(balance)
    return _points_fields(balance) if kind == "points" else _coupon_fields()


def _design_id(kind: Kind, values: dict[str, Any]) -> str:
    shared = [values[name] for name in ("colors", "images", "title", "description", "terms", "organization")]
    return "design_" + hashlib.sha256(repr((kind, shared)).encode()).hexdigest()[:26]


def make_face(kind: Kind = "stamp", **overrides: Any) -> CardFace:
    """A complete, active face of `kind`; any attribute of `CardFace` can be given instead.

    Fields and balance of a stamp card follow `stamps`, those of the others `balance`, unless given; the
    design id follows whatever makes up the design.
    """
    stamps = overrides.get("stamps", Stamps(filled=3, required=10, rewards=0) if kind == "stamp" else None)
    counted = Money(stamps.filled, STAMP) if stamps else _BALANCES[kind]
    balance = overrides.get("balance", counted)
    values: dict[str, Any] = {
        "card_id": "card_01jdexample0000000000000000",
        "kind": kind,
        "state": "active",
        "version": 3,
        "merchant_id": "mer_01jdexample0000000000000000",
        "merchant_slug": "roesterei",
        "program_id": f"prog_01jdexample{kind:0<15}",
        "program_slug": f"roesterei-{kind}",
        "organization": "Café Größenwahn",
        "title": _TITLES[kind],
        "description": _TITLES[kind],
        "colors": _COLORS[kind],
        "images": DesignImages(),
        "barcode": BARCODE,
        "code": CODE,
        "balance": balance,
        "available": balance,
        "updated_at": UPDATED_AT,
        "page_url": f"{BASE_URL}/c/{BARCODE}",
        "enrol_url": f"{BASE_URL}/e/roesterei-{kind}",
        "fields": _fields(kind, balance, stamps),
        "stamps": stamps,
        "places": (Place(52.520008, 13.404954, "Mitte", Text(de="Kaffee ist fertig", en="Coffee is ready")),),
        "terms": Text(de="Keine Barauszahlung.", en="No cash value."),
        "website": "https://groessenwahn.example",
    }
    values |= overrides
    values.setdefault("design_id", _design_id(kind, values))
    return CardFace(**values)
