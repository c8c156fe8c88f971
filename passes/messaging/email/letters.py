"""From a delivery to the letter it asks for, as things stand when it is sent.

A delivery names people by their ids alone: whoever is gone by then is not written to, and no address lies
in the outbox.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from passes.cards import queries as cards
from passes.clock import parse_rfc3339
from passes.db.engine import UnitOfWork
from passes.errors import CardNotFound, NotFound
from passes.members import confirmations
from passes.members.confirmations import ConfirmationView
from passes.merchants import queries as merchants
from passes.merchants import staff
from passes.messaging.email.letter import Button, Colors, Letter
from passes.messaging.email.words import say
from passes.outbox.channel import ClaimedDelivery
from passes.programs import queries as programs
from passes.programs.queries import ProgramView


class NobodyToWriteTo(Exception):
    """Whoever the mail was for is gone, or no longer concerned."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What letters are written with: where our pages are, and what secrets in links are made from."""

    base_url: str
    key: bytes


Writer = Callable[[UnitOfWork, ClaimedDelivery, Desk], Letter]


def letter_for(uow: UnitOfWork, delivery: ClaimedDelivery, desk: Desk) -> Letter:
    """The letter as things stand now; raises `NobodyToWriteTo`."""
    try:
        return _WRITERS[delivery.payload["kind"]](uow, delivery, desk)
    except (NotFound, CardNotFound):
        raise NobodyToWriteTo from None


def _confirm(uow: UnitOfWork, delivery: ClaimedDelivery, desk: Desk) -> Letter:
    """To whoever reads this address: is the card theirs? Nothing in it may advertise anything."""
    asked = _asked(uow, delivery)
    if not asked.is_open():
        raise NobodyToWriteTo
    program, words = _about(uow, asked)
    link = f"{desk.base_url}/e/{program.slug}/confirm/{confirmations.token_of(desk.key, asked.id)}"
    ticked = asked.wording
    more = () if ticked is None else (say("confirm_consent", asked.language, wording=ticked),)
    return Letter(
        to=asked.email,
        sender_name=words["merchant"],
        language=asked.language,
        subject=say("confirm_subject", asked.language, **words),
        heading=say("confirm_heading", asked.language),
        paragraphs=(say("confirm_text", asked.language, **words), *more),
        button=Button(say("confirm_button", asked.language), link),
        small=(say("confirm_once", asked.language), say("confirm_not_me", asked.language)),
        colors=_colors(program),
        was_asked_for=True,
    )


def _card(uow: UnitOfWork, delivery: ClaimedDelivery, desk: Desk) -> Letter:
    """To a confirmed address: where its card is."""
    asked = _asked(uow, delivery)
    if asked.confirmed_at is None:
        raise NobodyToWriteTo
    program, words = _about(uow, asked)
    card = cards.get(uow, asked.merchant_id, asked.card_id)
    small = [say("card_key", asked.language)]
    if asked.wording is not None:
        small.append(say("card_consent", asked.language))
    return Letter(
        to=asked.email,
        sender_name=words["merchant"],
        language=asked.language,
        subject=say("card_subject", asked.language, **words),
        heading=say("card_heading", asked.language),
        paragraphs=(say("card_text", asked.language, **words),),
        button=Button(say("card_button", asked.language), f"{desk.base_url}/c/{card.page_token.lower()}"),
        small=tuple(small),
        colors=_colors(program),
        was_asked_for=True,
    )


def _asked(uow: UnitOfWork, delivery: ClaimedDelivery) -> ConfirmationView:
    asked = confirmations.get(uow, delivery.merchant_id, delivery.payload["confirmation_id"])
    if asked is None:
        raise NobodyToWriteTo
    return asked


def _about(uow: UnitOfWork, asked: ConfirmationView) -> tuple[ProgramView, dict[str, str]]:
    """The program a card is of, and what it and its merchant are called in the language of the letter."""
    card = cards.get(uow, asked.merchant_id, asked.card_id)
    program = programs.get(uow, asked.merchant_id, card.program_id)
    title = program.texts.get(asked.language, {}).get("title") or program.name
    return program, {"title": title, "merchant": merchants.merchant(uow, asked.merchant_id).name}


def _colors(program: ProgramView) -> Colors:
    return Colors(program.colors["background"], program.colors["foreground"])


def _signing(uow: UnitOfWork, delivery: ClaimedDelivery, desk: Desk) -> Letter:
    """To somebody who manages: a certificate ends, or has ended."""
    told = delivery.payload
    merchant = merchants.merchant(uow, delivery.merchant_id)
    person = _manager(uow, delivery.merchant_id, told["staff_id"])
    language = merchant.locale[:2]
    step = "ended" if told["state"] == "ended" else "soon"
    words: dict[str, Any] = {
        "merchant": merchant.name,
        "pass_type": told["pass_type_identifier"],
        "day": f"{parse_rfc3339(told['not_after']):%Y-%m-%d}",
        "left": _left(told["within_days"] or 0, language),
    }
    parts = ("subject", "heading", "text")
    subject, heading, text = (say(f"signing_{step}_{part}", language, **words) for part in parts)
    return Letter(
        to=person.email,
        sender_name=merchant.name,
        language=language,
        subject=subject,
        heading=heading,
        paragraphs=(text, say("signing_what_to_do", language)),
        button=Button(say("signing_button", language), f"{desk.base_url}/console/signing"),
        small=(say("why_manager", language, merchant=merchant.name),),
    )


def _manager(uow: UnitOfWork, merchant_id: str, staff_id: str) -> staff.StaffView:
    person = staff.get_staff(uow, merchant_id, staff_id)
    if person.disabled_at is not None or "manage" not in person.scopes:
        raise NobodyToWriteTo
    return person


def _left(days: int, language: str) -> str:
    return say("within_a_day", language) if days == 1 else say("within_days", language, days=days)


_WRITERS: dict[str, Writer] = {"signing": _signing, "confirm": _confirm, "card": _card}
