"""Locations: the merchant's shops."""

from datetime import datetime
from typing import Any

from passes.clock import format_rfc3339
from passes.merchants import queries, service
from passes.merchants.queries import LocationView
from passes.merchants.rules import LocationDraft
from passes.web.api_v1 import present
from passes.web.api_v1.operation import Api, Call, Nothing
from passes.web.api_v1.schemas import Answered, ListQuery, page_of

api = Api("Locations")


class LocationAnswer(Answered):
    """A shop."""

    id: str
    name: str
    address: str | None
    latitude: float | None
    longitude: float | None
    time_zone: str | None
    created_at: datetime


@api.operation(
    "POST",
    "/locations",
    scopes=("manage",),
    takes=LocationDraft,
    answers=LocationAnswer,
    status=201,
    key="optional",
)
def create_location(call: Call[LocationDraft]) -> Any:
    """Open a shop; its time zone, where it has one, goes before the merchant's."""
    return _present(service.create_location(call.uow, call.merchant_id, call.body, call.caller.actor))


@api.operation(
    "GET", "/locations", scopes=("read", "manage"), takes=ListQuery, answers=page_of(LocationAnswer)
)
def list_locations(call: Call[ListQuery]) -> Any:
    """The merchant's shops, newest first."""
    found = queries.locations(call.uow, call.merchant_id, limit=call.body.limit, cursor=call.body.cursor)
    return present.page(found, _present)


@api.operation(
    "GET", "/locations/<id>", scopes=("read", "manage"), answers=LocationAnswer, codes=("not_found",)
)
def get_location(call: Call[Nothing]) -> Any:
    """One shop."""
    return _present(queries.location(call.uow, call.merchant_id, call.path["id"]))


def _present(view: LocationView) -> present.Json:
    return {
        "id": view.id,
        "name": view.name,
        "address": view.address,
        "latitude": view.latitude,
        "longitude": view.longitude,
        "time_zone": view.time_zone,
        "created_at": format_rfc3339(view.created_at),
    }
