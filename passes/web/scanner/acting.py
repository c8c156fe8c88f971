"""Carrying out what a form on the scanner asks for: once, as the till API would, and telling what came of it.

A form carries an idempotency key of its own, so a double tap, a reload and a slow network come down to one
effect; what happened is read back under that key, so a reload still says so.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson
from flask import Response, url_for

from passes.db.engine import UnitOfWork
from passes.errors import Refusal
from passes.ledger import queries as books
from passes.limits import approvals
from passes.redemption.service import TillCall
from passes.web import keyed, pages
from passes.web.api_v1 import present
from passes.web.keyed import Answer
from passes.web.problems import NOT_REMEMBERED
from passes.web.scanner.desk import KEY_PREFIX, Desk, open_desk, signed_in
from passes.web.scanner.outcome import refusal_in_words, success_in_words
from passes.web.scanner.wishes import FIELDS, Wish
from passes.wiring import Services

_LONGEST_KEY = 64
_KEPT_LENGTHS = range(1, 81)
_NOT_OF_THE_ACT = ("csrf_token", "key", "pin", "location")
NEEDS_APPROVAL = "needs_approval"


@dataclass(frozen=True, slots=True)
class Sent:
    """A form as it was sent: the card, the action, its fields, its key, and what somebody else approved."""

    card_id: str
    action: str
    fields: dict[str, str]
    key: str
    approval_id: str | None = None

    @classmethod
    def of(cls, card_id: str, action: str, form: dict[str, str]) -> "Sent":
        """The form of an action on a card."""
        fields = {name: value for name, value in form.items() if name not in _NOT_OF_THE_ACT}
        approval_id = fields.pop("approval_id", None) or None
        return cls(card_id, action, fields, form.get("key", ""), approval_id)

    @property
    def has_our_key(self) -> bool:
        """Whether its key is one of those this page gives its forms."""
        return is_our_key(self.key)

    def to_keep(self) -> dict[str, str]:
        """What of it is worth keeping until somebody has approved it."""
        return {name: text for name in FIELDS if len(text := self.fields.get(name, "")) in _KEPT_LENGTHS}

    def to_fill_in(self) -> dict[str, str]:
        """What stands in the form when it is shown again."""
        return {**self.fields, "action": self.action, "key": self.key}


def is_our_key(key: str) -> bool:
    """Whether `key` is one of those this page gives its forms."""
    return key.startswith(KEY_PREFIX) and len(key) <= _LONGEST_KEY and key.isascii() and key.isprintable()


def carry_out(services: Services, sent: Sent, wanted: Wish) -> Response:
    """Do it, and lead to what came of it: the card, or what a second person has to say to it."""
    answer = _perform(services, sent, wanted)
    if not answer.is_problem:
        return pages.see_other("scanner.card", card_id=sent.card_id, did=sent.key)
    problem = orjson.loads(answer.body)
    if problem.get("limit") == NEEDS_APPROVAL:
        return pages.see_other("scanner.approval", approval_id=problem["approval_id"])
    with services.database.read() as uow:
        return _refused(open_desk(uow, services, sent.card_id), sent, problem, answer.status)


def _perform(services: Services, sent: Sent, wanted: Wish) -> Answer:
    def prepare(uow: UnitOfWork) -> tuple[str, Callable[[], Any]]:
        caller = signed_in(uow)
        call = TillCall(
            caller.merchant_id,
            caller.actor,
            card_id=sent.card_id,
            location_id=caller.location_id,
            approval_id=sent.approval_id,
        )
        return caller.merchant_id, lambda: _carried_out(uow, call, sent, wanted)

    path = url_for("scanner.act", card_id=sent.card_id, action=sent.action)
    asked = {**sent.fields, **({"approval_id": sent.approval_id} if sent.approval_id else {})}
    request_hash = keyed.fingerprint("POST", path, asked)
    return keyed.perform(services.database, prepare, status=201, key=sent.key, request_hash=request_hash)


def _carried_out(uow: UnitOfWork, call: TillCall, sent: Sent, wanted: Wish) -> Any:
    try:
        return present.transaction(wanted(uow, call))
    except Refusal as refusal:
        if refusal.extra.get("limit") == NEEDS_APPROVAL:
            asked, form = refusal.extra["approval_id"], {**sent.to_keep(), "action": sent.action}
            uow.afterwards.append(
                lambda later: approvals.keep_form(later, call.merchant_id, str(asked), form)
            )
        raise


def _refused(desk: Desk, sent: Sent, problem: dict[str, Any], status: int) -> Response:
    again = sent.to_fill_in()
    if problem["code"] not in NOT_REMEMBERED:
        # A definite no is kept under the key, so another try needs another key.
        del again["key"]
    return desk.page(refused=refusal_in_words(problem, pages.language()), sent=again, status=status)


def what_was_done(desk: Desk, key: str) -> str | None:
    """In words what the form with that key did to the card on the desk; None where it did nothing."""
    if not is_our_key(key):
        return None
    answered = books.answered(desk.uow, desk.caller.merchant_id, key)
    if answered is None or answered.body is None or answered.status >= 400:
        return None
    done = orjson.loads(answered.body)
    return success_in_words(done, pages.language()) if done["card_id"] == desk.card.id else None
