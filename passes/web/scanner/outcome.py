"""What the till says after a form was sent: what was done, or why not."""

from typing import Any

from passes.cards import wording
from passes.money import Money
from passes.web.texts import TEXTS, say

_BY_DETAIL = {"program_limit": "limit", "offer_not_applicable": "reason", "card_not_active": "state"}
"""Codes that mean several things, and the detail that tells which."""


def success_in_words(done: dict[str, Any], language: str) -> str:
    """A transaction, as the API answers it, in one or two sentences."""
    precise = f"done_{done['type']}_{done['amount']['asset']}"
    key = precise if precise in TEXTS else f"done_{done['type']}"
    sentences = [say(key, language, amount=_amount(done["amount"], language))]
    if done["discount"]:
        sentences.append(say("done_discount", language, amount=_amount(done["discount"], language)))
    due = done["remaining_due"]
    if due and due["amount"] > 0:
        sentences.append(say("done_remaining", language, amount=_amount(due, language)))
    return " ".join(sentences)


def refusal_in_words(problem: dict[str, Any], language: str) -> str:
    """A problem, as the API answers it, in a sentence for the person at the till."""
    code = problem["code"]
    precise = f"refused_{code}_{problem.get(_BY_DETAIL.get(code, ''), '')}"
    if precise in TEXTS:
        return say(precise, language)
    if code == "insufficient_balance":
        return say("refused_insufficient_balance", language, amount=_amount(problem["available"], language))
    plain = f"refused_{code}"
    return say(plain, language) if plain in TEXTS else str(problem["detail"])


def _amount(value: dict[str, Any], language: str) -> str:
    return wording.amount(Money(value["amount"], value["asset"])).in_language(language)
