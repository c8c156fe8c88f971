"""Webhooks: where the merchant's other systems hear of what happens."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal

import orjson
from pydantic import AfterValidator, Field

from passes.clock import told
from passes.fields import Line, Strict
from passes.messaging.webhooks import queries, service, signature
from passes.messaging.webhooks.events import EventType
from passes.messaging.webhooks.queries import DeliveryView, EndpointView
from passes.web.api_v1 import present
from passes.web.api_v1.operation import Api, Call, Nothing
from passes.web.api_v1.schemas import Answered, AnyId, ListQuery, page_of
from passes.web.keyed import Concealed
from passes.wiring import Services

api = Api("Webhooks")
_SEED = "seed "
"""What stands before the seed of a secret in a remembered answer."""


def _each_once(value: list[str]) -> list[str]:
    if len(set(value)) < len(value):
        raise ValueError("must name each type once")
    return value


class WebhookRequest(Strict):
    """An address, and the types of events to send there; by default all of them."""

    url: Annotated[Line, Field(min_length=1, max_length=2000)]
    events: (
        Annotated[list[EventType], Field(min_length=1, max_length=20), AfterValidator(_each_once)] | None
    ) = None


class ReplayRequest(Strict):
    """One event, or, without one, all that was given up."""

    event_id: AnyId | None = None


class RotateRequest(Strict):
    """A new secret; `at_once` for one that has leaked."""

    at_once: Annotated[bool, Field(strict=True)] = False


class WebhookAnswer(Answered):
    """An endpoint and how it is doing."""

    id: str
    url: str
    events: list[EventType]
    created_at: datetime
    disabled_at: datetime | None
    disabled_reason: str | None
    failing_since: datetime | None
    last_attempt_at: datetime | None
    last_outcome: str | None


class NewWebhookAnswer(WebhookAnswer):
    """A new endpoint with the secret its requests are signed with; it is not shown again."""

    secret: str


class WebhookDeliveryAnswer(Answered):
    """One event on its way to one endpoint; `id` is the event's, which is the `webhook-id` header too.

    `attempts` counts those that failed; once it got through, `last_outcome` says at which attempt.
    """

    id: str
    type: EventType
    data: dict[str, Any]
    state: Literal["waiting", "delivered", "given_up"]
    attempts: int
    last_outcome: str | None
    next_attempt_at: datetime | None
    sent_at: datetime | None
    created_at: datetime


class ReplayAnswer(Answered):
    """How many deliveries start again."""

    replayed: int


def _with_secret(services: Services, made: EndpointView, seed: bytes) -> Concealed:
    """The endpoint with its secret, which is not remembered itself."""
    seen = _present(made)
    shown = signature.shown(signature.secret_of(services.token_key, seed))
    return Concealed({**seen, "secret": shown}, {**seen, "secret": f"{_SEED}{seed.hex()}"})


def _again(services: Services, remembered: bytes) -> bytes:
    """The answer as it was given first, byte for byte."""
    told_then = orjson.loads(remembered)
    seed = str(told_then["secret"])
    if not seed.startswith(_SEED):
        # Remembered by a version that kept the secret itself.
        return remembered
    secret = signature.secret_of(services.token_key, bytes.fromhex(seed.removeprefix(_SEED)))
    return orjson.dumps({**told_then, "secret": signature.shown(secret)})


@api.operation(
    "POST",
    "/webhooks",
    scopes=("manage",),
    takes=WebhookRequest,
    answers=NewWebhookAnswer,
    status=201,
    key="optional",
    again=_again,
)
def create_webhook(call: Call[WebhookRequest]) -> Any:
    """Have events sent to an address, signed by the Standard Webhooks specification with the secret answered.

    The secret is in this answer alone. The address must be https and public.
    """
    made, seed = service.create(
        call.uow,
        call.merchant_id,
        call.body.url,
        call.body.events,
        call.caller.actor,
        loopback=call.services.settings.is_loopback,
    )
    return _with_secret(call.services, made, seed)


@api.operation("GET", "/webhooks", scopes=("manage",), takes=ListQuery, answers=page_of(WebhookAnswer))
def list_webhooks(call: Call[ListQuery]) -> Any:
    """The merchant's endpoints and how they are doing, newest first."""
    found = queries.listing(call.uow, call.merchant_id, call.body.limit, call.body.cursor)
    return present.page(found, _present)


@api.operation("GET", "/webhooks/<id>", scopes=("manage",), answers=WebhookAnswer, codes=("not_found",))
def get_webhook(call: Call[Nothing]) -> Any:
    """One endpoint."""
    return _present(queries.get(call.uow, call.merchant_id, call.path["id"]))


@api.operation("DELETE", "/webhooks/<id>", scopes=("manage",), status=204, codes=("not_found",))
def delete_webhook(call: Call[Nothing]) -> Any:
    """Close an endpoint for good; what waits for it is forgotten."""
    service.delete(call.uow, call.merchant_id, call.path["id"], call.caller.actor)
    return None


@api.operation(
    "POST",
    "/webhooks/<id>/enable",
    scopes=("manage",),
    answers=WebhookAnswer,
    key="optional",
    codes=("not_found",),
)
def enable_webhook(call: Call[Nothing]) -> Any:
    """Let an endpoint that was disabled hear of what happens from now on."""
    return _present(service.enable(call.uow, call.merchant_id, call.path["id"], call.caller.actor))


@api.operation(
    "POST",
    "/webhooks/<id>/rotate-secret",
    scopes=("manage",),
    takes=RotateRequest,
    answers=NewWebhookAnswer,
    key="optional",
    codes=("not_found",),
    may_be_empty=True,
    again=_again,
)
def rotate_webhook_secret(call: Call[RotateRequest]) -> Any:
    """Give an endpoint a new secret. The old one signs beside it for a day, or ends now with `at_once`."""
    made, seed = service.rotate_secret(
        call.uow, call.merchant_id, call.path["id"], call.caller.actor, at_once=call.body.at_once
    )
    return _with_secret(call.services, made, seed)


@api.operation(
    "GET",
    "/webhooks/<id>/deliveries",
    scopes=("manage",),
    takes=ListQuery,
    answers=page_of(WebhookDeliveryAnswer),
    codes=("not_found",),
)
def list_webhook_deliveries(call: Call[ListQuery]) -> Any:
    """What was sent to an endpoint in the last thirty days, waits or was given up, newest first."""
    query = call.body
    found = queries.deliveries(call.uow, call.merchant_id, call.path["id"], query.limit, query.cursor)
    return present.page(found, _present)


@api.operation(
    "POST",
    "/webhooks/<id>/replay",
    scopes=("manage",),
    takes=ReplayRequest,
    answers=ReplayAnswer,
    key="optional",
    codes=("not_found",),
    may_be_empty=True,
)
def replay_webhook(call: Call[ReplayRequest]) -> Any:
    """Send one event again, or all that was given up; the ids stay the same."""
    replayed = service.replay(
        call.uow, call.merchant_id, call.path["id"], call.body.event_id, call.caller.actor
    )
    return {"replayed": replayed}


def _present(view: EndpointView | DeliveryView) -> present.Json:
    return told(asdict(view))
