"""Programs: make, read, change."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from passes.cards import publishing, signed_barcode
from passes.clock import told
from passes.merchants import queries as merchants
from passes.merchants import signing_keys
from passes.programs import queries, service
from passes.programs.design import ImageName
from passes.programs.pictures import Picture, clean_upload
from passes.programs.queries import ProgramView
from passes.programs.service import ProgramDraft
from passes.web.api_v1 import present
from passes.web.api_v1.operation import Api, Call, Nothing
from passes.web.api_v1.schemas import (
    Answered,
    ListQuery,
    ProgramAnswer,
    ProgramChange,
    ProgramRequest,
    page_of,
)

api = Api("Programs")


class PublicationAnswer(Answered):
    """How far the live cards have followed the latest change; `finished_at` is null until all have."""

    version: int
    cards_done: int
    cards_total: int
    created_at: datetime
    finished_at: datetime | None


def uploaded(body: ProgramRequest | ProgramChange) -> dict[ImageName, Picture | None]:
    """The pictures sent along, checked and written anew; None for one that is to be the default again."""
    sent: dict[Any, str | None] = body.design.images.model_dump(exclude_unset=True) if body.design else {}
    return {
        name: None if encoded is None else clean_upload(f"design.images.{name}", encoded)
        for name, encoded in sent.items()
    }


@api.operation(
    "POST",
    "/programs",
    scopes=("manage",),
    takes=ProgramRequest,
    answers=ProgramAnswer,
    status=201,
    key="optional",
    prepare=uploaded,
)
def create_program(call: Call[ProgramRequest]) -> Any:
    """Make a program of one of the four kinds."""
    body = call.body
    draft = ProgramDraft(
        kind=body.kind,
        name=body.name,
        rules=body.rules,
        slug=body.slug,
        currency=body.currency,
        colors=body.design.colors.model_dump(exclude_none=True),
        images={name: picture for name, picture in call.prepared.items() if picture is not None},
        texts=body.texts.model_dump(),
        barcode=body.design.barcode or "plain",
        look=body.design.look_given(),
    )
    slug = merchants.merchant(call.uow, call.merchant_id).slug
    view = service.create_program(call.uow, call.merchant_id, slug, draft, call.caller.actor)
    see_to_a_key(call, view)
    return present.program(call.services, view)


@api.operation("GET", "/programs", scopes=("read", "manage"), takes=ListQuery, answers=page_of(ProgramAnswer))
def list_programs(call: Call[ListQuery]) -> Any:
    """The merchant's programs, newest first."""
    found = queries.listing(call.uow, call.merchant_id, call.body.limit, call.body.cursor)
    return present.page(found, lambda view: present.program(call.services, view))


@api.operation(
    "GET", "/programs/<id>", scopes=("read", "manage"), answers=ProgramAnswer, codes=("not_found",)
)
def get_program(call: Call[Nothing]) -> Any:
    """One program."""
    return present.program(call.services, queries.get(call.uow, call.merchant_id, call.path["id"]))


@api.operation(
    "PATCH",
    "/programs/<id>",
    scopes=("manage",),
    takes=ProgramChange,
    answers=ProgramAnswer,
    codes=("not_found",),
    prepare=uploaded,
)
def change_program(call: Call[ProgramChange]) -> Any:
    """Write the program's next version; every live card follows, most of them in the background.

    `GET /programs/{id}/publication` says how far they are.
    """
    body = call.body
    before = queries.lock(call.uow, call.merchant_id, call.path["id"])
    after = service.change_program(
        call.uow,
        before,
        call.caller.actor,
        name=body.name,
        rules=body.rules,
        colors=body.design.colors.model_dump(exclude_none=True) if body.design else None,
        images=call.prepared,
        texts=body.texts.model_dump() if body.texts else None,
        barcode=body.design.barcode if body.design else None,
        look=body.design.look_given() if body.design else None,
    )
    see_to_a_key(call, after)
    publishing.publish(call.uow, after)
    return present.program(call.services, after)


@api.operation(
    "GET",
    "/programs/<id>/publication",
    scopes=("read", "manage"),
    answers=PublicationAnswer,
    codes=("not_found",),
)
def get_publication(call: Call[Nothing]) -> Any:
    """How far the program's cards have followed its latest change."""
    return told(asdict(publishing.progress(call.uow, call.merchant_id, call.path["id"])))


def see_to_a_key(call: Call[Any], program: ProgramView) -> None:
    """Make the merchant's first barcode key where the program's cards are to be signed with one."""
    if program.barcode == "signed":
        token_key = call.services.token_key
        signing_keys.current_or_first(call.uow, token_key, call.merchant_id, signed_barcode.PURPOSE)
