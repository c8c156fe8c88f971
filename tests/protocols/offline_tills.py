"""Tills that sell without the network and tell what they did as badly as tills do.

They check signed barcodes with the keys they were told, keep the limits they were told (all but one), lose
answers, tell things twice, in pieces and all at once. What they did stands in their own logs, from which
`reckoning` works out what must be in the books.
"""

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from passes.cards import signed_barcode
from passes.clock import FixedClock, format_rfc3339
from tests.fixtures.api import Answer, Client, Json, Shop, counted, eur

BERLIN = ZoneInfo("Europe/Berlin")
LIMITS = {"EUR": (1_500, 3_000), "POINT": (40, 60)}
"""Per card and day, and in all before it is told, of each asset."""

KINDS = {
    "pay": (50, "gift"),
    "points": (12, "points"),
    "load": (4, "gift"),
    "earn": (6, "points"),
    "stamp": (10, "stamp"),
    "reward": (6, "stamp"),
    "coupon": (6, "coupon"),
    "undo": (6, ""),
}
"""What tills do, how often, and with a card of which kind."""

PATIENCE = 50
STAMPS_A_DAY = 6


@dataclass
class Deed:
    """One thing a till did. `wanted` is what it handed out for it, `answer` what it was told in the end."""

    key: str
    call: str
    body: Json
    at: datetime
    card_id: str = ""
    asset: str = ""
    wanted: int = 0
    was_online: bool = False
    undoes: str | None = None
    answer: tuple[int, Json] | None = None
    flags: list[str] = field(default_factory=list)

    @property
    def operation(self) -> Json:
        """The deed as `/sync` takes it."""
        what = {"call": self.call, "idempotency_key": self.key, "body": self.body}
        return {**what, "occurred_at": format_rfc3339(self.at)}


@dataclass
class Street:
    """The shop, its cards by kind as (id, signed barcode), and the time."""

    shop: Shop
    clock: FixedClock
    cards: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    def open(self, dice: random.Random, cards_each: int) -> "Street":
        """Programs with signed barcodes, cards with little on them, and limits for everybody."""
        design = {"design": {"barcode": "signed"}}
        rules: dict[str, Json] = {
            "gift": {"currency": "EUR", "rules": {}},
            "points": {"rules": {"point_per": eur(100)}},
            "stamp": {
                "rules": {
                    "stamps_required": 5,
                    "reward": "A coffee",
                    "max_stamps_per_day": STAMPS_A_DAY,
                }
            },
            "coupon": {"rules": {"offer": {"type": "percent", "percent": 20}}},
        }
        for kind, rest in rules.items():
            named = {"kind": kind, "name": f"{kind} {uuid4().hex[:6]}", **rest, **design}
            program = self.shop.manager.post("/programs", named).ok()["id"]
            self.cards[kind] = [self._card(kind, program, dice) for _ in range(cards_each)]
        limits = [
            {"asset": asset, "per_card_and_day": day, "exposure": total}
            for asset, (day, total) in LIMITS.items()
        ]
        self.shop.manager.request("PUT", "/offline/limits", body={"limits": limits}).ok()
        return self

    def _card(self, kind: str, program: str, dice: random.Random) -> tuple[str, str]:
        amount = {"amount": eur(dice.randint(3_000, 20_000))} if kind == "gift" else {}
        card = self.shop.till.post("/cards", {"program_id": program, **amount}).ok()["id"]
        if kind == "points":
            self.shop.till.post("/stamps", {"card_id": card, "count": dice.randint(10, 60)}).ok()
        with self.shop.services.database.read() as uow:
            return card, self.shop.services.read_face(uow, card).barcode


class OfflineTill:
    """One till, its log, and how far it has gone since it last told anybody."""

    def __init__(self, street: Street, dice: random.Random, *, careless: bool = False) -> None:
        key = street.shop.new_key("till")
        self.client, self.id = Client(street.shop.app, key.key), key.id
        self.street, self.dice, self.careless = street, dice, careless
        terms = self.client.get("/offline/terms").ok()
        assert {lim["asset"]: (lim["per_card_and_day"], lim["exposure"]) for lim in terms["limits"]} == LIMITS
        self.log: list[Deed] = []
        self.untold: list[Deed] = []
        self._on_card: Counter[tuple[str, str]] = Counter()
        self._exposed: Counter[str] = Counter()
        self._used: set[str] = set()
        self.contradictions: list[str] = []

    def work(self, start: datetime, deeds: int) -> None:
        """So many deeds in an hour without the network, one after the other."""
        for number in range(deeds):
            deed = self._deed(start + timedelta(seconds=60 + 3_500 * number // deeds))
            if deed is not None:
                self.log.append(deed)
                self.untold.append(deed)

    def lose_an_answer(self) -> None:
        """A sale that goes through while there is a network, whose answer never arrives."""
        card_id, code = self.dice.choice(self.street.cards["gift"])
        deed = self._about(
            "/redemptions", card_id, code, self.street.clock.at, amount=eur(self.dice.randint(1, 300))
        )
        deed.was_online = True
        self.client.post(deed.call, deed.body, key=deed.key)
        self.log.append(deed)
        self.untold.append(deed)

    def tell(self) -> None:
        """Everything untold, in pieces; some more than once, as if the answer had not arrived."""
        waiting, self.untold = self.untold, []
        while waiting:
            size = self.dice.randint(1, 40)
            piece, waiting = waiting[:size], waiting[size:]
            for _ in range(self.dice.choice((1, 1, 2, 3))):
                self._send(piece)
            if self.dice.random() < 0.2 and len(self.log) > 5:
                old = [d for d in self.dice.sample(self.log, 5) if d.answer is not None]
                self._send(sorted(old, key=lambda d: d.at))
        self._exposed.clear()

    def _send(self, deeds: list[Deed]) -> None:
        for _ in range(PATIENCE):
            answer: Answer = self.client.post("/sync", {"operations": [d.operation for d in deeds]}, key=None)
            if answer.status == 503:
                continue
            results = answer.ok()["results"]
            for deed, result in zip(deeds, results, strict=True):
                self._heard(deed, result)
            if all(result["status"] != 503 for result in results):
                return
        raise AssertionError("busy for ever")

    def _heard(self, deed: Deed, result: Json) -> None:
        told = (result["status"], result["body"])
        if told[0] == 503:
            return
        if deed.answer is not None and deed.answer != told and told[1].get("code") != "reversed":
            self.contradictions.append(f"{deed.key} was told {deed.answer}, then {told}")
        deed.answer = deed.answer or told

    def _about(self, call: str, card_id: str, code: str, at: datetime, **body: Any) -> Deed:
        key = str(uuid4())
        spends = call == "/redemptions" and "amount" in body
        amount = body["amount"] if spends else {"amount": 0, "asset": ""}
        read = signed_barcode.parse(code)
        assert read is not None
        assert read.valid_until >= at.date()
        body = {"code": code.lower(), "reference": key, **body}
        return Deed(key, call, body, at, card_id, amount["asset"], amount["amount"])

    def _deed(self, at: datetime) -> Deed | None:
        kind = self.dice.choices(list(KINDS), [weight for weight, _ in KINDS.values()])[0]
        if kind == "undo":
            return self._undo(at)
        card_id, code = self.dice.choice(self.street.cards[KINDS[kind][1]])
        if kind == "coupon" and card_id in self._used:
            return None  # a till knows its own coupons
        self._used.add(card_id)
        body: Json = {
            "pay": {"amount": eur(self.dice.randint(1, self.dice.choice((900, 1_500))))},
            "points": {"amount": counted(self.dice.randint(1, 30), "POINT")},
            "load": {"amount": eur(self.dice.randint(100, 900))},
            "earn": {"count": self.dice.randint(1, 3)},
            "stamp": {"count": self.dice.randint(1, 3)},
            "reward": {"reward": True},
            "coupon": {"order_total": eur(1_000)},
        }[kind]
        call = {"load": "/loads", "earn": "/stamps", "stamp": "/stamps"}.get(kind, "/redemptions")
        deed = self._about(call, card_id, code, at, **body)
        return self._spend(deed) if kind in ("pay", "points") else deed

    def _spend(self, deed: Deed) -> Deed | None:
        day = (deed.card_id, deed.at.astimezone(BERLIN).date().isoformat())
        per_card, total = LIMITS[deed.asset]
        if self._on_card[day] + deed.wanted > per_card:
            deed.flags.append("per_card_and_day")
        if self._exposed[deed.asset] + deed.wanted > total:
            deed.flags.append("exposure")
        if deed.flags and not self.careless:
            return None
        self._on_card[day] += deed.wanted
        self._exposed[deed.asset] += deed.wanted
        return deed

    def _undo(self, at: datetime) -> Deed | None:
        """A sale of this hour that the customer brought back before anybody was told of it."""
        sales = [d for d in self.untold if d.call == "/redemptions" and d.asset and not d.was_online]
        undone = {d.undoes for d in self.log}
        sales = [d for d in sales if d.key not in undone]
        if not sales:
            return None
        sale = self.dice.choice(sales)
        deed = Deed(str(uuid4()), "/reversals", {"idempotency_key": sale.key}, at, sale.card_id)
        deed.undoes = sale.key
        return deed
