"""Registering a pass on a device, taking it off again, and the list of what has changed."""

from flask import Response, jsonify, request
from sqlalchemy import select

from passes.cards.models import Card
from passes.clock import real_now
from passes.db.engine import UnitOfWork
from passes.installs import listing
from passes.installs import service as installs
from passes.installs.queries import DeviceKey
from passes.outbox import service as outbox
from passes.wallets.fan_out import device_target
from passes.web.apple.answers import invalid, unauthenticated
from passes.web.apple.requests import is_name, json_object
from passes.web.apple.services import AppleServices

_MAX_TOKEN = 300


def register(services: AppleServices, device_id: str, pass_type: str, serial: str) -> Response:
    """201 for a new registration, 200 for a known one; the push token is the newest either way."""
    push_token = (json_object(request) or {}).get("pushToken")
    if not isinstance(push_token, str) or not _is_push_token(push_token):
        return invalid("pushToken", f"must be 1 to {_MAX_TOKEN} printable characters")
    if not is_name(device_id):
        return invalid("deviceLibraryIdentifier", "must be 1 to 140 printable characters")
    with services.database.write() as uow:
        card = _hold_still(uow, serial)
        if card is None:
            return unauthenticated()
        merchant_id, version = card
        is_new = installs.register(uow, merchant_id, device_id, pass_type, serial, push_token)
        if is_new and version > 1:
            # The card may have changed between the download and this moment, when no push could reach it.
            target = device_target(merchant_id, DeviceKey(device_id, pass_type))
            outbox.want(uow, [target], real_now())
    return Response(status=201 if is_new else 200)


def unregister(services: AppleServices, device_id: str, pass_type: str, serial: str) -> Response:
    """200, whether or not the registration was known."""
    if is_name(device_id):
        with services.database.write() as uow:
            installs.unregister(uow, device_id, pass_type, serial)
    return Response(status=200)


def updated(services: AppleServices, device_id: str, pass_type: str) -> Response:
    """The serial numbers that changed since `passesUpdatedSince`; 204 for none and for unknown devices.

    Without authentication, as Apple has it: the device id is the secret.
    """
    if not (is_name(device_id) and is_name(pass_type)):
        return Response(status=204)
    asked = (device_id, pass_type, request.args.get("passesUpdatedSince"))
    with services.database.read() as uow:
        is_settled, found = listing.settled_since(uow, *asked)
    if not is_settled:
        with services.database.write() as uow:
            found = listing.updated_since(uow, *asked)
    if found is None:
        return Response(status=204)
    # A string, although it is a number: a device stops asking when it gets anything else.
    answer = jsonify(serialNumbers=list(found.card_ids), lastUpdated=found.tag)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _hold_still(uow: UnitOfWork, serial: str) -> tuple[str, int] | None:
    """The card's merchant and version, with the card locked against change.

    So a change is either over, and seen here, or finds the registration when it is relayed.
    """
    query = select(Card.merchant_id, Card.version).where(Card.id == serial).with_for_update(read=True)
    row = uow.conn.execute(query).one_or_none()
    return None if row is None else (row.merchant_id, row.version)


def _is_push_token(text: str) -> bool:
    return 1 <= len(text) <= _MAX_TOKEN and text.isascii() and text.isprintable()
