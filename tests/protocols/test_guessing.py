"""T16: a thief with stolen keys and a thousand addresses guesses at a hundred thousand live codes.

The thief knows the check symbol and types only codes that could be somebody's. None is right, hardly any is
even looked up, and the shop next door goes on typing.
"""

import io
import itertools
import random
import time
from collections import Counter

import orjson
import pytest
from flask import Flask
from werkzeug.test import run_wsgi_app

from passes import ids
from passes.ids import CODE_ALPHABET, new_code
from passes.limits import debts, guesses
from tests.fixtures.api import Shop
from tests.limits.guessers import unpace
from tests.mutants import damage
from tests.protocols import size
from tests.protocols.live_codes import issue_many
from tests.protocols.outcome import Outcome

GUESSES = size.pick(ci=20_000, release=1_000_000)
LIVE = 100_000
ADDRESSES = 1_000
STOLEN = 40
HONEST_EVERY = 200
"""After so many guesses somebody honest types a right code, and now and then a wrong one."""


class Thief:
    """Sends guesses to the application as a server would, at the speed of the machine."""

    def __init__(self, app: Flask, keys: list[str], seed: int) -> None:
        self.app, self.keys, self.dice = app, keys, random.Random(seed)
        self.addresses = [f"198.51.{i // 250}.{i % 250}" for i in range(ADDRESSES)]
        self.answers: Counter[int] = Counter()

    def guess(self, code: str) -> int:
        """The status of one guess, from some address under some stolen key."""
        status = look_up(self.app, self.dice.choice(self.keys), code, self.dice.choice(self.addresses))
        self.answers[status] += 1
        return status


def look_up(app: Flask, key: str, code: str, address: str) -> int:
    """The status of a look-up."""
    body = orjson.dumps({"code": code})
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/api/v1/cards/lookup",
        "SERVER_NAME": "karten.example",
        "SERVER_PORT": "443",
        "wsgi.url_scheme": "https",
        "wsgi.input": io.BytesIO(body),
        "CONTENT_LENGTH": str(len(body)),
        "CONTENT_TYPE": "application/json",
        "REMOTE_ADDR": address,
        "HTTP_AUTHORIZATION": f"Bearer {key}",
    }
    _, status, _ = run_wsgi_app(app, environ, buffered=True)
    return int(status[:3])


def attack(shop: Shop, guesses_made: int, live: int) -> tuple[Outcome, Thief]:
    """The whole of it: the thief at work, and somebody honest in between."""
    database = shop.services.database
    outcome = Outcome(
        "T16 guessing", database.engine.dialect.name, f"{guesses_made:,} guesses at {live:,} codes"
    )
    codes = issue_many(database, shop.id, shop.program("gift"), live)
    assert len(set(codes)) == live
    dice = random.Random(outcome.seed)
    honest = shop.new_key("till").key
    # A shop of its own, so that nothing the thief does wrong is counted against it.
    thief = Thief(shop.app, [shop.new_key("till").key for _ in range(STOLEN)], outcome.seed)
    start = time.monotonic()
    for number in range(guesses_made):
        outcome.progress(number, guesses_made)
        if thief.guess(new_code()) == 200:
            outcome.violations.append("a guess was right")
        if number % HONEST_EVERY == 0 and look_up(shop.app, honest, dice.choice(codes), "192.0.2.1") != 200:
            outcome.violations.append(f"an honest till was turned away at guess {number}")
    most = may_be_looked_up(time.monotonic() - start)
    outcome.operations = sum(thief.answers.values())
    outcome.declines = thief.answers[404]
    outcome.notes = f"{thief.answers[404]} of at most {most} looked up"
    if not 0 < thief.answers[404] <= most:
        outcome.violations.append(f"{thief.answers[404]} guesses were looked up, not {most}")
    if set(thief.answers) - {200, 404, 429}:
        outcome.violations.append(f"other answers: {thief.answers}")
    return outcome, thief


def may_be_looked_up(seconds: float) -> int:
    """How many guesses the limits let through: those of everybody, then each key's clean few.

    Debts run off meanwhile, so a long attack gets a few more, by the clock.
    """
    runs_off = seconds * 1000 / debts.HOUR_MS
    by_everybody = guesses.PER_HOUR["everybody"] * (1 + runs_off) + 1
    by_clean_keys = STOLEN * (guesses.CLEAN + 1 + guesses.PER_HOUR["key"] * runs_off)
    return int(by_everybody + by_clean_keys)


@pytest.mark.slow
@pytest.mark.timeout(4 * 3600)
def test_of_many_guesses_none_is_right_and_hardly_any_is_looked_up(shop: Shop) -> None:
    outcome, thief = attack(shop, GUESSES, LIVE)
    outcome.publish()
    assert outcome.violations == []
    assert thief.answers[429] > 0.9 * GUESSES


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "module, name, edit",
    [
        (guesses, "require_open", ("typed is None", "True")),
        (guesses, "note_miss", ("typed is None", "True")),
        (debts, "_adding", ("debt + added - now", "added")),
    ],
    ids=["nobody is stopped", "nothing is counted", "one guess is as good as twenty"],
)
def test_planted_bugs_are_caught(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, module: object, name: str, edit: tuple[str, str]
) -> None:
    # What one process remembers would hide that the database lets everything through.
    unpace(monkeypatch, shop)
    damage(monkeypatch, module, name, edit)  # type: ignore[arg-type]  # one of the modules above
    outcome, _ = attack(shop, 1_500, 100)
    assert outcome.violations


def test_the_check_symbol_catches_every_slip_of_one_character_and_every_swap_of_neighbours() -> None:
    for _ in range(size.pick(ci=100, release=2_000)):
        code = new_code()
        for place, other in itertools.product(range(len(code)), CODE_ALPHABET):
            slip = code[:place] + other + code[place + 1 :]
            assert (ids.normalise_code(slip) is None) == (slip != code)
        for place in range(len(code) - 1):
            swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
            assert (ids.normalise_code(swapped) is None) == (swapped != code)


def test_a_great_many_codes_are_all_different() -> None:
    count = size.pick(ci=100_000, release=1_000_000)
    assert len({new_code() for _ in range(count)}) == count
