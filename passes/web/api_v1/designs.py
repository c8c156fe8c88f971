"""Designs: out, in, and back to an earlier one."""

import base64
import binascii
from datetime import datetime
from typing import Annotated, Any, Literal

from flask import Response
from pydantic import Field

from passes.cards import publishing
from passes.errors import FieldError, NotFound
from passes.fields import Strict
from passes.programs import designs, queries, versions
from passes.programs.bundles import (
    FORMAT,
    MAX_ARCHIVE_BYTES,
    Bundle,
    DesignDocument,
    bundle_from,
    bundle_of,
    files_in_zip,
    zip_of,
)
from passes.programs.design import ImageName, YesOrNo
from passes.programs.pictures import MAX_UPLOAD_BYTES
from passes.programs.queries import ProgramView
from passes.web.api_v1 import present
from passes.web.api_v1.operation import Api, Call, Nothing
from passes.web.api_v1.programs import see_to_a_key
from passes.web.api_v1.schemas import Answered, Base64Image, ListQuery, ProgramAnswer, page_of

api = Api("Designs")
ZIP = "application/zip"


class WholeDesign(DesignDocument):
    """A whole design with its pictures, base64 of PNG or JPEG; what is left out is as it is by itself."""

    images: dict[ImageName, Base64Image] = Field(default_factory=dict)


class DesignPut(Strict):
    """A whole design, written out or as a zip in base64."""

    design: WholeDesign | None = None
    archive: Annotated[str, Field(min_length=1, max_length=MAX_ARCHIVE_BYTES * 4 // 3 + 4)] | None = None


class VersionAnswer(Answered):
    """A version of a program; `changed` says which parts differ from the version before."""

    version: int
    is_current: bool
    changed: list[Literal["rules", "design", "texts"]]
    created_at: datetime


class RestoreRequest(Strict):
    """What to bring back besides design and texts."""

    rules: YesOrNo = False


def bundle(body: DesignPut) -> Bundle:
    """The design that was sent, its pictures cleaned."""
    if body.design is None and body.archive is None:
        raise FieldError("design", "is missing; give it, or a zip as archive")
    if body.design is not None and body.archive is not None:
        raise FieldError("archive", "is given beside a design; leave one of them out")
    if body.design is None:
        return bundle_of(files_in_zip(_decoded("archive", body.archive or "")))
    parts = body.design.model_dump(exclude={"images"})
    uploads = {name: _decoded(f"design.images.{name}", data) for name, data in body.design.images.items()}
    for name, data in uploads.items():
        if len(data) > MAX_UPLOAD_BYTES:
            raise FieldError(
                f"design.images.{name}", f"must be at most {MAX_UPLOAD_BYTES // 1024 // 1024} MB"
            )
    return bundle_from(DesignDocument.model_validate(parts), uploads)


@api.operation(
    "GET", "/programs/<id>/design", scopes=("read", "manage"), answers=WholeDesign, codes=("not_found",)
)
def get_design(call: Call[Nothing]) -> Any:
    """The program's whole design, as `PUT` takes it."""
    program = queries.get(call.uow, call.merchant_id, call.path["id"])
    pictures = designs.pictures_of(call.uow, program.design)
    return {
        "format": FORMAT,
        "kind": program.kind,
        "colors": program.colors,
        "barcode": program.barcode,
        "texts": program.texts,
        "images": {name: base64.b64encode(content).decode() for name, content in pictures.items()},
        **program.design.look(),
    }


@api.operation(
    "GET", "/programs/<id>/design.zip", scopes=("read", "manage"), media_type=ZIP, codes=("not_found",)
)
def get_design_zip(call: Call[Nothing]) -> Any:
    """The program's whole design as a zip: `design.json` and its pictures, the same bytes each time."""
    program = queries.get(call.uow, call.merchant_id, call.path["id"])
    response = Response(zip_of(designs.export(call.uow, program)), content_type=ZIP)
    response.headers["Content-Disposition"] = f"attachment; filename={program.slug}-design.zip"
    response.headers["Cache-Control"] = "private, no-store"
    return response


@api.operation(
    "PUT",
    "/programs/<id>/design",
    scopes=("manage",),
    takes=DesignPut,
    answers=ProgramAnswer,
    codes=("not_found",),
    prepare=bundle,
)
def put_design(call: Call[DesignPut]) -> Any:
    """Put a whole design in place of the program's and publish it to every live card.

    `GET /programs/{id}/publication` says how far the cards are.
    """
    before = queries.lock(call.uow, call.merchant_id, call.path["id"])
    return _published(call, designs.replace(call.uow, before, call.prepared, call.caller.actor))


@api.operation(
    "GET",
    "/programs/<id>/versions",
    scopes=("read", "manage"),
    takes=ListQuery,
    answers=page_of(VersionAnswer),
    codes=("not_found",),
)
def list_versions(call: Call[ListQuery]) -> Any:
    """The versions the program has had, newest first."""
    program = queries.get(call.uow, call.merchant_id, call.path["id"])
    found = versions.listing(call.uow, program, call.body.limit, call.body.cursor)
    return present.page(found, present.version)


@api.operation(
    "POST",
    "/programs/<id>/versions/<version>/restore",
    scopes=("manage",),
    takes=RestoreRequest,
    answers=ProgramAnswer,
    key="optional",
    may_be_empty=True,
    codes=("not_found",),
)
def restore_version(call: Call[RestoreRequest]) -> Any:
    """Publish an earlier version's design and texts again, as a new version; its rules only if asked to."""
    before = queries.lock(call.uow, call.merchant_id, call.path["id"])
    version = call.path["version"]
    if not (version.isascii() and version.isdecimal() and len(version) < 10):
        raise NotFound("The program has no such version.")
    after = designs.restore(call.uow, before, int(version), call.caller.actor, with_rules=call.body.rules)
    return _published(call, after)


def _published(call: Call[Any], after: ProgramView) -> present.Json:
    see_to_a_key(call, after)
    publishing.publish(call.uow, after)
    return present.program(call.services, after)


def _decoded(field: str, encoded: str) -> bytes:
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise FieldError(field, "must be base64") from None
