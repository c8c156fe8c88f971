"""Whatever is done, undone and reversed, in any order: a card is worth what a small model says."""

from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from passes.cards import queries as cards
from passes.db.engine import Database
from passes.errors import StempelError
from passes.ledger import tombstones
from passes.ledger.verify import verify
from passes.redemption import rules, undoing
from tests.mutants import damage
from tests.redemption.undoing_walk import walk


def test_whatever_is_done_and_regretted_a_card_is_worth_what_still_counts(database: Database) -> None:
    met = walk(database)
    outcomes = {"reversed", "already_reversed", "nothing_to_reverse", "tombstoned", "insufficient_balance"}
    assert met.keys() == outcomes
    assert min(met.values()) >= 3, met
    assert_books_are_sound(database)


def assert_books_are_sound(database: Database) -> None:
    """All of them but the answers to keys, which here only name what was made."""
    with database.read() as uow:
        assert [fault for fault in verify(uow).faults if not fault.startswith("Key ")] == []


BUGS = [
    pytest.param(undoing, "_undo_undoing", "tombstones.is_buried", "bool and False and ", id="order matters"),
    pytest.param(
        undoing, "_undo_undoing", "losses.count_no_more(", "(lambda *_: None)(", id="refunded for ever"
    ),
    pytest.param(
        undoing,
        "_undo_undoing",
        "rules.retake(",
        "(lambda card, refunded, *_: rules.refund(card, refunded))(",
        id="given back twice",
    ),
    pytest.param(undoing, "_undo_entry", "if undone:", "if False:", id="undone twice"),
    pytest.param(
        undoing, "_undo_entry", "losses.is_given_back(entry, undone)", "undone > 0", id="a part is enough"
    ),
    pytest.param(undoing, "_unadjusted", "books.was_a_decrease(uow, entry)", "False", id="doubled decrease"),
    pytest.param(undoing, "_undo_hold", 'held.status == "open"', "False", id="held for ever"),
    pytest.param(undoing, "_undo_hold", "held.transaction_id is None", "True", id="captured for ever"),
    pytest.param(undoing, "undo", "if not fresh:", "if False:", id="reversed again and again"),
    pytest.param(undoing, "_parts", "line.entry is not None", "False", id="baskets stay"),
    pytest.param(rules, "retake", "wanted > there.amount", "False", id="less taken than given"),
    pytest.param(cards, "_stands_for", "card_id = following", "break", id="lost with the card"),
    pytest.param(tombstones, "_bury", "return insert_once", "return True or insert_once", id="not buried"),
]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("module, function, old, new", BUGS)
def test_the_model_notices_a_bug(
    database: Database, monkeypatch: pytest.MonkeyPatch, module: Any, function: str, old: str, new: str
) -> None:
    damage(monkeypatch, module, function, (old, new))
    with pytest.raises((AssertionError, StempelError, IntegrityError)):
        walk(database)
