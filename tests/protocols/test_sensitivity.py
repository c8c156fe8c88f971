"""T0: every protocol fails on the bugs it is for. A protocol that passes them all proves nothing.

Each bug is planted at its line and found at once, without waiting for chance: a server whose effect and key
are two commits dies between the two, because the sweep kills it at every point.
"""

import hmac
import importlib
import itertools
import logging
from collections import Counter as Tally
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import bindparam, event, select, text
from sqlalchemy.exc import IntegrityError

from passes.cards import apple_token
from passes.cards import queries as cards
from passes.cards.models import Card
from passes.db.prepared import Prepared
from passes.errors import Refusal
from passes.ledger import queries as books
from passes.ledger.models import AnsweredKey
from passes.web import accidents
from tests.fixtures.api import Shop
from tests.mutants import damage
from tests.protocols import money
from tests.protocols.bank import Bank
from tests.protocols.forge import Edit, Forge
from tests.protocols.outcome import Outcome
from tests.protocols.tellers import Counter, Inside
from tests.protocols.test_crash_points import Sweep
from tests.protocols.test_model import guided, machine
from tests.protocols.test_one_file import crowd
from tests.protocols.test_storm import storm
from tests.redemption.test_hold_orders import walk

BANK_CALLS = 250
CROWD_S = 2.0


@dataclass(frozen=True)
class World:
    """What a protocol needs; `edits` are planted in processes of their own, all else is damaged already."""

    shop: Shop
    other_shop: Shop
    folder: Path
    edits: tuple[Edit, ...] = ()


def bank(world: World) -> list[str]:
    """T1 inside this process, for so many calls and without mischief."""
    shop = world.shop
    counter = Counter([shop.gift(300)["id"] for _ in range(4)], shop.card("stamp")["id"])
    outcome = Outcome("T1 bank", "sqlite", "small", seed=1)
    calls = itertools.count()
    made = Bank(shop.services.database, shop.id, counter, lambda: Inside(shop.till), outcome)
    with pytest.MonkeyPatch.context() as quiet:
        # A fault of ours is logged with all there is to see, which takes longer than the bank.
        quiet.setattr(accidents, "log", logging.getLogger("quiet"))
        quiet.setattr(logging.getLogger("quiet"), "exception", lambda *_, **__: None)
        made.run(lambda: next(calls) < BANK_CALLS, lambda: None, clients=4)
    return outcome.violations


def sweep(world: World) -> list[str]:
    """T2 over one request, at one point in three; between two commits there are more than that."""
    outcome = Outcome("T2 crash points", "sqlite", "one request", seed=1)
    with Forge(world.shop.services.database.url, world.folder, world.edits) as forge:
        Sweep(world.shop.app, world.shop.services, forge, outcome).of(money.pay, every=3)
    return outcome.violations


def storms(world: World) -> list[str]:
    """T4."""
    small = partial(storm, world.shop, world.other_shop, world.folder, keys=8, threads=8)
    return _what_it_says(small)


def crowds(world: World) -> list[str]:
    """T7 for a moment."""
    return crowd(world.shop, world.folder, CROWD_S, world.edits).violations


def model(world: World) -> list[str]:
    """T3: the life that takes every way."""
    return _what_it_says(lambda: guided(machine(world.shop.app, world.shop.services, Tally())()))


def hold_orders(world: World) -> list[str]:
    """T5 up to three operations."""
    return _what_it_says(lambda: walk(world.shop.services.database, 3))


def token(_: World) -> list[str]:
    """Tokens: whether their comparison, which is watched here, takes the same time for all."""
    compared: list[object] = []
    watched = pytest.MonkeyPatch()
    honest = hmac.compare_digest
    watched.setattr(hmac, "compare_digest", lambda one, other: compared.append(one) or honest(one, other))
    with watched.context(), suppress(TypeError):
        apple_token.is_token("wrong", b"t" * 32, "pass.example", "card_1")
    watched.undo()
    return [] if compared else ["a token is compared until the first difference"]


def _what_it_says(protocol: Callable[[], object]) -> list[str]:
    try:
        outcome = protocol()
    except (AssertionError, IntegrityError, Refusal) as found:
        return [str(found)]
    return outcome.violations if isinstance(outcome, Outcome) else []


# -- bugs that are planted by hand, because they are no line of a function


def no_check(world: World, planter: pytest.MonkeyPatch) -> None:
    """Payments are made whatever is there, and the database lets them."""
    database = world.shop.services.database

    @event.listens_for(database.engine, "connect")
    def _(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA ignore_check_constraints=ON")

    database.engine.dispose()


def no_trigger(world: World, planter: pytest.MonkeyPatch) -> None:
    """Postings do not move balances."""
    with world.shop.services.database.write() as uow:
        uow.conn.execute(text("DROP TRIGGER postings_move_balances"))


def cards_of_all(world: World, planter: pytest.MonkeyPatch) -> None:
    """Cards are found whoever's they are."""
    planter.setattr(cards, "_LOCK_BY_ID", Prepared(cards.WITH_BALANCES.where(Card.id == bindparam("name"))))


def keys_of_all(world: World, planter: pytest.MonkeyPatch) -> None:
    """Keys are found whoever's they are."""
    query = select(AnsweredKey.fingerprint, AnsweredKey.status, AnsweredKey.body)
    planter.setattr(books, "_ANSWERED", Prepared(query.where(AnsweredKey.key == bindparam("key"))))


COMMIT = 'uow.conn.connection.commit(); uow.conn.exec_driver_sql("BEGIN IMMEDIATE")'
"""A second transaction where there should be one."""


@dataclass(frozen=True)
class Bug:
    """What is wrong, and the protocol that must say so; `elsewhere` plants it in processes of its own."""

    name: str
    protocol: Callable[[World], list[str]]
    edits: tuple[Edit, ...] = ()
    by_hand: Callable[[World, pytest.MonkeyPatch], None] | None = None
    elsewhere: bool = False


def edit(module: str, function: str, old: str, new: str) -> tuple[Edit, ...]:
    return (Edit(f"passes.{module}", function, old, new),)


BUGS = [
    Bug(
        "no guard on the balance",
        bank,
        edit("redemption.rules", "redeem_value", "taken > there or taken == 0", "False"),
        no_check,
    ),
    Bug("balances that do not follow", bank, by_hand=no_trigger),
    Bug(
        "what is held not set aside",
        bank,
        edit("ledger.holds", "place", "_set_aside(uow, hold.card_id, hold.asset, hold.amount)", "pass"),
    ),
    Bug(
        "effect and key in two commits",
        sweep,
        edit("web.keyed", "_attempt", "about = result", f"{COMMIT}; about = result"),
        elsewhere=True,
    ),
    Bug(
        "effect and event in two commits",
        sweep,
        edit("cards.service", "touch", "outbox.enqueue(", f"{COMMIT}; outbox.enqueue("),
        elsewhere=True,
    ),
    Bug(
        "answered before it is committed",
        sweep,
        edit(
            "web.keyed",
            "_attempt",
            "return Answer(status, body)",
            "uow.conn.connection.rollback(); return Answer(status, body)",
        ),
        elsewhere=True,
    ),
    Bug(
        "no key",
        storms,
        edit(
            "web.keyed",
            "_store",
            "ledger.answer_key(uow, merchant_id, key, request_hash, status, body, taken=_KeyTaken())",
            "pass",
        ),
    ),
    Bug("answers not replayed", storms, edit("web.keyed", "_earlier", "if answered is None:", "if True:")),
    Bug(
        "another body answered",
        storms,
        edit("web.keyed", "_earlier", "answered.fingerprint != request_hash", "False"),
    ),
    Bug("cards without a merchant", storms, by_hand=cards_of_all),
    Bug("keys without a merchant", storms, by_hand=keys_of_all),
    Bug(
        "refunds that are not counted",
        model,
        edit("redemption.service", "refund", "not losses.count(uow, taken, wanted)", "False"),
    ),
    Bug(
        "tombstones ignored",
        model,
        edit("web.keyed", "_earlier", "answered.fingerprint == tombstones.ANY_REQUEST", "False"),
    ),
    Bug(
        "what is held shown as available",
        model,
        edit("web.api_v1.present", "card", '"available": view.available.as_dict()', '"available": amount'),
    ),
    Bug("debts forgotten", model, edit("redemption.rules", "earn", "booking.settle(count)", "count")),
    Bug(
        "holds not counted",
        hold_orders,
        edit("redemption.holds", "hold", "card.available.amount", "card.balance"),
    ),
    Bug(
        "captured twice",
        hold_orders,
        edit("redemption.holds", "_open_hold", 'held.status != "open"', "False"),
    ),
    Bug(
        "a deferred BEGIN",
        crowds,
        edit("db.engine", "Database.__init__", "BEGIN IMMEDIATE", "BEGIN"),
        elsewhere=True,
    ),
    Bug(
        "no patience with a lock",
        crowds,
        edit("db.engine", "_sqlite_engine", "busy_timeout={BUSY_TIMEOUT_MS}", "busy_timeout=0"),
        elsewhere=True,
    ),
    Bug(
        "tokens compared by !=",
        token,
        edit(
            "cards.apple_token",
            "is_token",
            "return hmac.compare_digest(presented.encode(), expected.encode())",
            "return not presented != expected",
        ),
    ),
]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: f"{bug.protocol.__name__}: {bug.name}")
def test_the_protocol_notices(
    shop: Shop, other_shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bug: Bug
) -> None:
    world = World(shop, other_shop, tmp_path, bug.edits if bug.elsewhere else ())
    if not bug.elsewhere:
        for planted in bug.edits:
            module = importlib.import_module(planted.module)
            damage(monkeypatch, module, planted.function, (planted.old, planted.new))
    if bug.by_hand is not None:
        bug.by_hand(world, monkeypatch)
    violations = bug.protocol(world)
    noticed_by = str(bug.protocol.__doc__).split()[0].strip(":.")
    number = BUGS.index(bug) + 1
    Outcome(
        f"T0 {number:02}",
        "sqlite",
        bug.name,
        violations=violations,
        notes=noticed_by,
    ).publish()
    assert violations, f"{bug.name}: nobody noticed"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("protocol", [bank, sweep, storms, model, hold_orders, crowds, token])
def test_without_a_bug_it_is_quiet(
    shop: Shop, other_shop: Shop, tmp_path: Path, protocol: Callable[[World], list[str]]
) -> None:
    assert protocol(World(shop, other_shop, tmp_path)) == []
