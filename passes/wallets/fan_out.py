"""Who has to hear of a change: the devices a card is on, and its object at Google.

The rooms below write what happened and know nobody; this is asked when the change is committed.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import structlog

from passes.campaigns.dispatch import MESSAGE
from passes.cards.service import CHANGED
from passes.db.engine import UnitOfWork
from passes.installs import queries as installs
from passes.outbox.relay import Event
from passes.outbox.service import Target

APNS = "apns"
GOOGLE = "google"

log = structlog.get_logger(__name__)


def fan_out(uow: UnitOfWork, events: Sequence[Event]) -> Iterator[Target]:
    """The deliveries that some events ask for; a topic nobody listens to asks for none."""
    changed = {event.subject for event in events if event.topic == CHANGED}
    messages = [event for event in events if event.topic == MESSAGE]
    if changed:
        for merchant_id, device in installs.devices_with(uow, changed):
            yield device_target(merchant_id, device)
    concerned = changed | {event.subject for event in messages}
    objects = {o.card_id: o for o in installs.google_objects(uow, concerned)} if concerned else {}
    for card_id in changed & objects.keys():
        yield object_target(objects[card_id].merchant_id, card_id)
    for event in messages:
        if event.subject in objects and _is_message(event):
            yield message_target(event)


def device_target(merchant_id: str, device: installs.DeviceKey) -> Target:
    """A push to a device, which then fetches every card of that pass type that has changed."""
    payload = {"device_id": device.device_id, "pass_type": device.pass_type}
    return Target(merchant_id, APNS, f"{device.pass_type}/{device.device_id}", payload)


def object_target(merchant_id: str, card_id: str) -> Target:
    """Making the card's object at Google equal to the card."""
    return Target(merchant_id, GOOGLE, f"object/{card_id}", {"card_id": card_id})


def message_target(event: Event) -> Target:
    """One message to the holder of one card at Google."""
    payload: dict[str, Any] = {"card_id": event.subject, **(event.details or {})}
    return Target(event.merchant_id, GOOGLE, f"message/{event.subject}/{payload['message_id']}", payload)


def _is_message(event: Event) -> bool:
    """Whether the details are `{message_id, header: {de, en}, body: {de, en}}`.

    One bad event must not hold up all that come after it.
    """
    details = event.details or {}
    whole = isinstance(details.get("message_id"), str) and all(
        isinstance(details.get(part), dict) and {"de", "en"} <= details[part].keys()
        for part in ("header", "body")
    )
    if not whole:
        log.error("message_malformed", card_id=event.subject)
    return whole
