"""`ledger export`: an outsider's script follows every line of it, and no planted edit gets past."""

import builtins
import hashlib
import io
import json
import random
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import orjson
import pytest

from passes.clock import FixedClock
from passes.db.engine import Database
from passes.ledger import export as exporting
from passes.ledger import roots
from passes.ledger.export import export
from passes.members import service as members
from passes.members.rules import MemberDraft
from passes.merchants import signing_keys
from passes.money import Money
from passes.privacy.service import erase_member
from passes.redemption import service as redemption
from tests.ledger.life import Books, RandomLife

KEY = b"what lies in the backup"
SCRIPT = Path(__file__).parents[2] / "docs" / "audit" / "verify_export.py"
EDITS = 1_000

Check = Callable[[list[str], list[str]], dict[str, Any]]


@pytest.fixture(scope="module")
def check() -> Check:
    """The script, run as an interpreter of its own would; SystemExit is what it has against the lines."""
    code = compile(SCRIPT.read_text(encoding="utf-8"), str(SCRIPT), "exec")

    def run(lines: list[str], keys: list[str]) -> dict[str, Any]:
        given, said = io.BytesIO("".join(f"{line.strip()}\n" for line in lines).encode()), io.StringIO()
        its_sys = SimpleNamespace(
            argv=["", *keys], stdin=SimpleNamespace(buffer=given), stdout=said, exit=stop, excepthook=None
        )
        own = {"__name__": "__main__", "__builtins__": vars(builtins) | {"__import__": importer(its_sys)}}
        try:
            exec(code, own)
        except Exception as wrong:
            its_sys.excepthook(type(wrong), wrong, None)
            raise
        found: dict[str, Any] = json.loads(said.getvalue())
        return found

    return run


def stop(message: str) -> None:
    raise SystemExit(message)


def importer(its_sys: SimpleNamespace) -> Callable[..., Any]:
    """Imports as ever, but for `sys`."""
    return lambda name, *more: its_sys if name == "sys" else __import__(name, *more)


def lines_of(books: Books) -> list[str]:
    with books.database.read() as uow:
        return [line.decode() for line in export(uow, books.merchant_id)]


def public(books: Books) -> list[str]:
    with books.database.read() as uow:
        return [key.public.hex() for key in signing_keys.public_keys(uow, books.merchant_id, "root")]


@pytest.fixture
def books(database: Database, clock: FixedClock) -> Books:
    """A random life under two roots by two keys, and one payment under none."""
    life = RandomLife(database, seed=99, cards_per_kind=3)
    life.live(250)
    roots.make_due(database, KEY, lambda: True)
    with database.write() as uow:
        signing_keys.rotate(uow, KEY, life.books.merchant_id, "root", "boss")
        life.books.issue(uow, "gift", "bought", 700)
        life.books.issue(uow, "gift", "never used")
    clock.at += timedelta(days=1)
    roots.make_due(database, KEY, lambda: True)
    with database.write() as uow:
        redemption.redeem(uow, life.books.call("bought"), amount=Money(5, "EUR"))
    return life.books


def test_an_outsider_follows_the_whole_of_it(
    books: Books, check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines, keys = lines_of(books), public(books)
    counted = check(lines, keys)
    assert sum(len(json.loads(line).get("entries", [])) for line in lines) > 100
    assert (counted["lines"], counted["entries_after_last_root"]) == (len(lines), 1)
    assert (counted["last_root"]["sequence"], counted["last_root"]["day"]) == (2, "2026-03-03")
    monkeypatch.setattr(exporting, "CARDS_AT_ONCE", 2)
    monkeypatch.setattr(exporting, "ROWS_AT_ONCE", 3)
    assert lines_of(books) == lines
    for known in ([], keys[:1], [bytes(32).hex()]):
        with pytest.raises(SystemExit, match=r"line \d+: none of the keys signed it"):
            check(lines, known)


def test_no_edit_of_the_file_gets_past(books: Books, check: Check) -> None:
    lines, keys, dice = lines_of(books), public(books), random.Random(3)
    overlooked, complaints = [], []
    for _ in range(EDITS):
        number = dice.randrange(len(lines))
        edited = orjson.dumps(bent(json.loads(lines[number]), dice)).decode()
        try:
            check([*lines[:number], edited, *lines[number + 1 :]], keys)
        except SystemExit as refused:
            complaints.append(str(refused))
        else:
            overlooked.append((lines[number], edited))
    assert overlooked == []
    assert all(said.startswith("NOT WHAT WAS BOOKED: line ") and "\n" not in said for said in complaints)


def test_no_missing_doubled_or_misplaced_line_gets_past(books: Books, check: Check) -> None:
    lines, keys = lines_of(books), public(books)
    for number, line in enumerate(lines):
        without = [*lines[:number], *lines[number + 1 :]]
        for wrong in (without, [*lines[: number + 1], *lines[number:]], [*without, line]):
            if wrong != lines:
                with pytest.raises(SystemExit, match="NOT WHAT WAS BOOKED: line "):
                    check(wrong, keys)


def test_another_form_and_strange_lines_are_named(books: Books, check: Check) -> None:
    lines, keys = lines_of(books), public(books)
    older = lines[0].replace("stempel-export-2", "stempel-export-1")
    for wrong, complaint in (
        ([older, *lines[1:]], "line 1: an export of another form"),
        ([lines[0], "no JSON", *lines[1:]], "line 2: JSONDecodeError"),
        ([lines[0], '{"kind":"remark"}', *lines[1:]], "line 2: KeyError"),
        ([lines[0].replace("{", '{"root":"",'), *lines[1:]], "line 1: an export of another form"),
        (lines[:1], "line 1: "),
    ):
        with pytest.raises(SystemExit, match=f"NOT WHAT WAS BOOKED: {complaint}"):
            check(wrong, keys)


def test_whoever_chains_a_forged_entry_anew_is_found_out(books: Books, check: Check) -> None:
    """Nothing signs what lies after the last root: there the sums and the order have to tell."""
    lines, keys = lines_of(books), public(books)
    rows = [json.loads(line) for line in lines]
    number = next(n for n, row in enumerate(rows) if row.get("id") == books.cards["bought"])
    first, last = (entry for entry, _, _ in rows[number]["entries"])
    (posting,) = last["postings"]
    below_zero = posting | {"amount": 705}
    for changed, complaint in (
        ({"note": "a card that a root covers"}, None),
        ({"merchant_id": "mer_other"}, "stray"),
        ({"card_id": "card_other"}, "stray"),
        ({"card_version": first["card_version"]}, "stray"),
        ({"balance_after": 696}, "was changed"),
        ({"postings": [posting | {"amount": 6}]}, "was changed"),
        ({"postings": [below_zero], "balance_after": -5}, "was changed"),
        ({"postings": [posting | {"amount": 6}], "balance_after": 694}, "it has"),
    ):
        forged = [last | changed] if complaint else [first | changed, last]
        card = chained(rows[number], [*([first] if complaint else []), *forged])
        with pytest.raises(SystemExit, match=complaint or "it should follow"):
            check([*lines[:number], card, *lines[number + 1 :]], keys)
    assert check([*lines[:number], chained(rows[number], [first, last]), *lines[number + 1 :]], keys)


def chained(card: dict[str, Any], entries: list[dict[str, Any]]) -> str:
    """The card's line with these entries, each linked to the one before it."""
    head, said = bytes(32), []
    for entry, (_, _, root) in zip(entries, card["entries"], strict=True):
        head = hashlib.sha256(head + orjson.dumps(entry, option=orjson.OPT_SORT_KEYS)).digest()
        said.append([entry, head.hex(), root])
    return orjson.dumps(card | {"entries": said, "chain_head": head.hex()}).decode()


def test_erasing_a_member_breaks_no_chain(books: Books, check: Check) -> None:
    before = lines_of(books)
    with books.database.write() as uow:
        draft = MemberDraft(name="Ada", email="ada@example.com")
        member = members.create_member(uow, books.merchant_id, draft, "test")
        for name in ("bought", "stamp 0"):
            uow.conn.exec_driver_sql(
                f"UPDATE cards SET member_id = '{member.id}' WHERE id = '{books.cards[name]}'"
            )
    with books.database.write() as uow:
        assert len(erase_member(uow, books.merchant_id, member.id, "test")) == 2
    assert lines_of(books) == before
    assert check(before, public(books))["last_root"]["sequence"] == 2


def bent(value: Any, dice: random.Random) -> Any:
    """The same JSON with one value in it changed."""
    if isinstance(value, dict) and value:
        name = dice.choice(sorted(value))
        return value | {name: bent(value[name], dice)}
    if isinstance(value, list) and value:
        place = dice.randrange(len(value))
        return [*value[:place], bent(value[place], dice), *value[place + 1 :]]
    if isinstance(value, int):
        return value + dice.choice([1, -1, 1000])
    if isinstance(value, str) and value:
        place = dice.randrange(len(value))
        return value[:place] + ("0" if value[place] != "0" else "1") + value[place + 1 :]
    return "x"
