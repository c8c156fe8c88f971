"""Designs: out, in, and back to an earlier one."""

import base64
import binascii
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Literal

import orjson
from pydantic import Field

from passes.cards import publishing
from passes.db.engine import UnitOfWork
from passes.errors import FieldError, NotFound
from passes.fields import Strict
from passes.programs import designs, queries, versions
from passes.programs.bundles import (
    FORMAT,
    MAX_ARCHIVE_BYTES,
    MAX_JSON_BYTES,
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
from passes.wallets.lint.findings import Finding
from passes.wallets.lint.judge import judge, stops
from passes.web import judging, keyed, problems
from passes.web.api_v1 import present
from passes.web.api_v1.operation import Api, Call, Later, Nothing
from passes.web.api_v1.programs import see_to_a_key
from passes.web.api_v1.schemas import (
    Answered,
    Base64Image,
    ListQuery,
    ProgramAnswer,
    WordsAnswer,
    page_of,
)
from passes.web.files import as_file

api = Api("Designs")
ZIP = "application/zip"


class WholeDesign(DesignDocument):
    """A whole design with its pictures, base64 of PNG or JPEG; what is left out is as it is by itself."""

    images: dict[ImageName, Base64Image] = Field(default_factory=dict)


class DesignPut(Strict):
    """A whole design, written out or as a zip in base64."""

    design: WholeDesign | None = None
    archive: Annotated[str, Field(min_length=1, max_length=MAX_ARCHIVE_BYTES * 4 // 3 + 4)] | None = None


class DesignPublish(DesignPut):
    """A whole design to be published; with `force` also one that is judged hard to read."""

    force: YesOrNo = False


class FindingAnswer(Answered):
    """Something about a design. An error stops publishing, unless `may_force` and it is forced."""

    severity: Literal["error", "warning"]
    code: str
    part: str
    says: WordsAnswer
    way_out: WordsAnswer
    may_force: bool


class CheckAnswer(Answered):
    """What is to be said about a design, errors first, and whether it can be published as it is."""

    publishable: bool
    findings: list[FindingAnswer]


class PublishedAnswer(ProgramAnswer):
    """The program with its new design, and what is to be said about that."""

    findings: list[FindingAnswer]


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


def bundle_if_sent(body: DesignPut) -> Bundle | None:
    """The same, or None where nothing was sent."""
    return None if body.design is None and body.archive is None else bundle(body)


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
    return as_file(zip_of(designs.export(call.uow, program)), ZIP, f"{program.slug}-design.zip")


@api.operation(
    "PUT",
    "/programs/<id>/design",
    scopes=("manage",),
    takes=DesignPublish,
    answers=PublishedAnswer,
    codes=("not_found",),
    in_parts=True,
    most_bytes=MAX_JSON_BYTES,
)
def put_design(call: Call[DesignPublish]) -> Any:
    """Put a whole design in place of the program's and publish it to every live card.

    It is judged first, as by `POST /programs/{id}/design/check`, and refused for what people could not read
    (unless `force`) or what cannot work. `GET /programs/{id}/publication` says how far the cards are.
    """
    queries.get(call.uow, call.merchant_id, call.path["id"])

    def publish() -> keyed.Answer:
        # Neither pictures nor judgement keep anybody from writing, or from a connection to the database.
        came = bundle(call.body)
        with call.services.database.read() as uow:
            program = queries.get(uow, call.merchant_id, call.path["id"])
            judged = judging.subject(call.services, uow, program, came)
        findings = judge(judged)
        judging.require_fit(findings, force=call.body.force)

        def prepare(uow: UnitOfWork) -> tuple[str, Callable[[], Any]]:
            return call.merchant_id, lambda: _replaced(replace(call, uow=uow), came, findings)

        return keyed.perform(call.services.database, prepare, status=200)

    return Later(publish)


@api.operation(
    "POST",
    "/programs/<id>/design/check",
    scopes=("read", "manage"),
    takes=DesignPut,
    answers=CheckAnswer,
    key="optional",
    may_be_empty=True,
    in_parts=True,
    codes=("not_found",),
    most_bytes=MAX_JSON_BYTES,
)
def check_design(call: Call[DesignPut]) -> Any:
    """Judge a design without publishing it; without one, the program's own."""
    return Later(lambda: _checked(call))


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


def _checked(call: Call[DesignPut]) -> keyed.Answer:
    """The judgement. It keeps nobody from writing; only remembering it under a key is a write of its own."""
    database = call.services.database
    try:
        with database.read() as uow:
            program = queries.get(uow, call.merchant_id, call.path["id"])
        came = bundle_if_sent(call.body)
        with database.read() as uow:
            judged = judging.subject(call.services, uow, program, came)
    except NotFound as error:
        # Returned and not raised: a definite refusal is remembered under the key like any other answer.
        return keyed.of_problem(problems.of_refusal(error))
    findings = judge(judged)
    said = {"publishable": not stops(findings), "findings": [present.finding(f) for f in findings]}
    return keyed.Answer(200, orjson.dumps(said))


def _replaced(call: Call[Any], came: Bundle, findings: tuple[Finding, ...]) -> present.Json:
    before = queries.lock(call.uow, call.merchant_id, call.path["id"])
    after = _published(call, designs.replace(call.uow, before, came, call.caller.actor))
    return {**after, "findings": [present.finding(found) for found in findings]}


def _published(call: Call[Any], after: ProgramView) -> present.Json:
    see_to_a_key(call, after)
    publishing.publish(call.uow, after)
    return present.program(call.services, after)


def _decoded(field: str, encoded: str) -> bytes:
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise FieldError(field, "must be base64") from None
