"""Who is written to when something happens, after the commit that says so."""

from collections.abc import Iterator, Sequence
from typing import Any

from passes.clock import format_rfc3339, real_now
from passes.db.engine import UnitOfWork
from passes.merchants import staff
from passes.outbox.relay import Event
from passes.outbox.service import Target

EMAIL = "email"
SIGNING_WARNED = "signing.warned"
"""A certificate has come one of the steps nearer to its end; each is said once (`wallets/signing`)."""
_TO_CUSTOMERS = {"contact.asked": "confirm", "contact.confirmed": "card"}
"""What happened to an address somebody gave for a card, and the mail it asks for (`web/enrol`)."""


def fan_out(uow: UnitOfWork, events: Sequence[Event]) -> Iterator[Target]:
    """The mails that some events ask for."""
    for event in events:
        if event.topic == SIGNING_WARNED:
            yield from _to_managers(uow, event)
        elif kind := _TO_CUSTOMERS.get(event.topic):
            yield _target(event, f"{kind}/{event.subject}", {"kind": kind, "confirmation_id": event.subject})


def _to_managers(uow: UnitOfWork, event: Event) -> Iterator[Target]:
    told = event.details or {}
    what = f"{told['pass_type_identifier']}/{told['not_after']}/{told['within_days']}"
    for person in staff.managers(uow, event.merchant_id):
        yield _target(
            event, f"signing/{person.id}/{what}", {"kind": "signing", "staff_id": person.id, **told}
        )


def _target(event: Event, name: str, payload: dict[str, Any]) -> Target:
    # The date is part of the mail, which has to stay the same however often it is tried.
    return Target(event.merchant_id, EMAIL, name, {**payload, "at": format_rfc3339(real_now())})
