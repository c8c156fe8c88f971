"""From a delivery to the letter it asks for, as things stand when it is sent.

A delivery names people by their ids alone: whoever is gone by then is not written to, and no address lies
in the outbox.
"""

from collections.abc import Callable
from typing import Any

from passes.clock import parse_rfc3339
from passes.db.engine import UnitOfWork
from passes.errors import NotFound
from passes.merchants import queries as merchants
from passes.merchants import staff
from passes.messaging.email.letter import Button, Letter
from passes.messaging.email.words import say
from passes.outbox.channel import ClaimedDelivery


class NobodyToWriteTo(Exception):
    """Whoever the mail was for is gone, or no longer concerned."""


Writer = Callable[[UnitOfWork, ClaimedDelivery, str], Letter]


def letter_for(uow: UnitOfWork, delivery: ClaimedDelivery, base_url: str) -> Letter:
    """The letter, with links to `base_url`; raises `NobodyToWriteTo`."""
    return _WRITERS[delivery.payload["kind"]](uow, delivery, base_url)


def _signing(uow: UnitOfWork, delivery: ClaimedDelivery, base_url: str) -> Letter:
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
        button=Button(say("signing_button", language), f"{base_url}/console/signing"),
        small=(say("why_manager", language, merchant=merchant.name),),
    )


def _manager(uow: UnitOfWork, merchant_id: str, staff_id: str) -> staff.StaffView:
    try:
        person = staff.get_staff(uow, merchant_id, staff_id)
    except NotFound:
        raise NobodyToWriteTo from None
    if person.disabled_at is not None or "manage" not in person.scopes:
        raise NobodyToWriteTo
    return person


def _left(days: int, language: str) -> str:
    return say("within_a_day", language) if days == 1 else say("within_days", language, days=days)


_WRITERS: dict[str, Writer] = {"signing": _signing}
