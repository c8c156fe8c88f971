"""The API as a blueprint: every operation, the document, and answers for addresses that do not exist."""

from functools import cache

import orjson
from flask import Blueprint, Response, request
from werkzeug.routing import BaseConverter

from passes.web.api_v1 import (
    adjustments,
    audit,
    baskets,
    campaigns,
    cards,
    designs,
    google,
    holds,
    limits,
    locations,
    members,
    offline,
    openapi,
    programs,
    reversals,
    signing,
    sync,
    till,
    webhooks,
)
from passes.web.api_v1.incoming import Incoming
from passes.web.api_v1.operation import JSON, PREFIX, Operation
from passes.web.api_v1.running import headers_of, run
from passes.wiring import Services

APIS = (
    programs.api,
    designs.api,
    members.api,
    cards.api,
    till.api,
    holds.api,
    baskets.api,
    adjustments.api,
    reversals.api,
    sync.api,
    offline.api,
    limits.api,
    audit.api,
    locations.api,
    signing.api,
    google.api,
    campaigns.api,
    webhooks.api,
)


class _Thing(BaseConverter):
    """An id in an address: no word that is a call of its own there, as in /cards/lookup."""

    part_isolating = True
    regex = r"(?!lookup\Z)[^/]+"


def operations() -> list[Operation]:
    """Every operation there is."""
    return [operation for api in APIS for operation in api.operations]


def create_blueprint(services: Services) -> Blueprint:
    """`/api/v1`."""
    blueprint = Blueprint("api_v1", __name__, url_prefix=PREFIX)
    blueprint.record_once(lambda state: state.app.url_map.converters.update(thing=_Thing))
    for operation in operations():
        _mount(blueprint, services, operation)

    @cache
    def body() -> bytes:
        return orjson.dumps(openapi.document(operations(), services.base_url), option=orjson.OPT_INDENT_2)

    @blueprint.get("/openapi.json")
    def openapi_document() -> Response:
        return Response(body(), content_type=JSON)

    return blueprint


def _mount(blueprint: Blueprint, services: Services, operation: Operation) -> None:
    def view(**path: str) -> Response:
        # PostgreSQL knows no NUL and no id has one, so such a name is as unknown as any other.
        path = {name: value.replace("\0", "\ufffd") for name, value in path.items()}
        if operation.most_bytes is not None:
            request.max_content_length = operation.most_bytes
        incoming = Incoming(
            method=request.method,
            path=request.path,
            credential=request.headers.get("Authorization", ""),
            address=request.remote_addr or "",
            key=request.headers.get("Idempotency-Key", ""),
            read=lambda: request.get_data(cache=False),
            query=request.args.lists(),
        )
        answer = run(services, operation, incoming, path)
        if isinstance(answer, Response):
            return answer
        if answer.status == 204:
            return Response(status=204)
        return Response(answer.body, answer.status, headers_of(answer))

    address = operation.path.replace("<id>", "<thing:id>")
    blueprint.add_url_rule(address, operation.name, view, methods=[operation.method])
