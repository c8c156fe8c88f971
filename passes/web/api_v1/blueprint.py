"""The API as a blueprint: every operation, the document, and answers for addresses that do not exist."""

from functools import cache

import orjson
from flask import Blueprint, Response
from werkzeug.routing import BaseConverter

from passes.web.api_v1 import (
    adjustments,
    baskets,
    campaigns,
    cards,
    holds,
    limits,
    locations,
    members,
    offline,
    openapi,
    programs,
    reversals,
    sync,
    till,
    webhooks,
)
from passes.web.api_v1.operation import JSON, Operation, mount
from passes.wiring import Services

APIS = (
    programs.api,
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
    locations.api,
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
    blueprint = Blueprint("api_v1", __name__, url_prefix="/api/v1")
    blueprint.record_once(lambda state: state.app.url_map.converters.update(thing=_Thing))
    for operation in operations():
        mount(blueprint, services, operation)

    @cache
    def body() -> bytes:
        return orjson.dumps(openapi.document(operations(), services.base_url), option=orjson.OPT_INDENT_2)

    @blueprint.get("/openapi.json")
    def openapi_document() -> Response:
        return Response(body(), content_type=JSON)

    return blueprint
