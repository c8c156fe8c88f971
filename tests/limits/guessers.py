"""Who guesses codes in the tests, and a real clock that stands still unless moved."""

import pytest
from flask import Flask
from sqlalchemy import select

from passes import ids
from passes.app import create_app
from passes.ids import new_code
from passes.limits import debts, guesses
from passes.limits.doors import Bucket, Stake
from passes.limits.models import GuessDebt
from passes.merchants import keys
from passes.wiring import Services
from tests.fixtures.api import Answer, Client, Shop

LIMIT = guesses.PER_HOUR["key"]


class Watch:
    """Real time as a test sets it, in milliseconds."""

    def __init__(self) -> None:
        self.ms = 1_800_000_000_000

    def __call__(self) -> int:
        return self.ms


def unpace(monkeypatch: pytest.MonkeyPatch, shop: Shop) -> None:
    """Let wrong codes come as fast as they like in this process."""
    stake = Stake(Bucket(1, 1), "", 0)
    monkeypatch.setattr(shop.services.pace, "enter", lambda *_: stake)


def look_up(client: Client, code: str) -> Answer:
    return client.post("/cards/lookup", {"code": code}, key=None)


def guess(client: Client, count: int, real: Watch) -> list[int]:
    """The statuses of `count` wrong codes, patiently typed: each after any slowing down is over."""
    statuses = []
    for _ in range(count):
        statuses.append(look_up(client, new_code()).status)
        real.ms += debts.SLOW_MS
    return statuses


def fresh_process(shop: Shop) -> Flask:
    """The same installation in a process that remembers nothing."""
    services = shop.services
    again = Services(services.settings)
    again.close()
    again.database = services.database
    return create_app(again)


def with_prefix(prefix: str, code: str) -> str:
    """A well-formed code with that beginning."""
    body = prefix + code[len(prefix) : -1]
    return body + ids._check_symbol(body)


def actor_of(shop: Shop) -> str:
    with shop.services.database.read() as uow:
        caller = keys.authenticate(uow, shop.till.key or "")
    assert caller is not None
    return caller.actor


def debts_now(shop: Shop) -> dict[str, int]:
    with shop.services.database.read() as uow:
        rows = uow.conn.execute(select(GuessDebt.name, GuessDebt.debt_until_ms)).all()
    return {row.name: row.debt_until_ms for row in rows}
