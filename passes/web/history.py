"""What happened to a card lately, as its holder reads it."""

from dataclasses import dataclass

from passes.cards import wording
from passes.cards.rules import CardView
from passes.db.engine import UnitOfWork
from passes.ledger import queries as books
from passes.ledger.queries import TransactionFilter
from passes.ledger.rules import Entry
from passes.money import REWARD, USE, Money
from passes.web.texts import TEXTS, say

SHOWN = 8
_UNCOUNTED = {REWARD, USE}
"""Things whose number says nothing that the words beside it do not."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One line: what, when, and how the balance moved ("" where a number would say nothing)."""

    what: str
    when: str
    change: str


def recent(uow: UnitOfWork, card: CardView, time_zone: str, language: str) -> list[Happening]:
    """The last few transactions of a card, newest first."""
    wanted = TransactionFilter(card_id=card.id)
    entries = books.transactions(uow, card.merchant_id, wanted, SHOWN, None).items
    return [_happening(entry, time_zone, language) for entry in entries]


def _happening(entry: Entry, time_zone: str, language: str) -> Happening:
    precise = f"did_{entry.type}_{entry.asset}"
    what = say(precise if precise in TEXTS else f"did_{entry.type}", language)
    when = wording.day(entry.created_at, time_zone).in_language(language)
    return Happening(what, when, _change(entry, language))


def _change(entry: Entry, language: str) -> str:
    if entry.asset in _UNCOUNTED:
        return ""
    # Stamps that fill the card turn into a reward at once: what was collected is the amount, not the delta.
    moved = entry.amount if entry.type == "earn" else entry.delta
    size = wording.amount(Money(abs(moved), entry.balance_asset)).in_language(language)
    return f"{'−' if moved < 0 else '+'}{size}"
