"""Judging a program's design, stored or not yet, for whoever wants to publish it."""

from collections.abc import Mapping

from passes.cards.faces import sample_face
from passes.db.engine import UnitOfWork
from passes.errors import FieldError, Refusal
from passes.merchants import queries as merchants
from passes.programs import designs, drafts
from passes.programs.bundles import Bundle
from passes.programs.drafts import DraftView
from passes.programs.queries import ProgramView
from passes.programs.rules import StampRules
from passes.wallets.lint.findings import Finding
from passes.wallets.lint.judge import Judged, stops
from passes.wiring import Services

MORE_THAN_ENOUGH = 3
"""Rewards that wait on the sample, so that no field is missing from it."""


def subject(services: Services, uow: UnitOfWork, program: ProgramView, bundle: Bundle | None) -> Judged:
    """The program as it would read with the design of `bundle`, or as it does; raises `FieldError`."""
    pictures: Mapping[str, bytes] | None = None
    if bundle is not None:
        designs.check(program, bundle)
        program = designs.draft_of(program, bundle)
        pictures = {name: picture.content for name, picture in bundle.pictures.items()}
    return _judged(services, uow, program, pictures)


def draft_subject(services: Services, uow: UnitOfWork, program: ProgramView, draft: DraftView) -> Judged:
    """The program as it would read with a draft that is kept."""
    pictures = {str(name): content for name, content in drafts.pictures_of(uow, program, draft).items()}
    return _judged(services, uow, drafts.applied(program, draft), pictures)


def _judged(
    services: Services, uow: UnitOfWork, program: ProgramView, pictures: Mapping[str, bytes] | None
) -> Judged:
    filled = program.rules.stamps_required if isinstance(program.rules, StampRules) else 0
    face = sample_face(uow, services.base_url, program, filled, MORE_THAN_ENOUGH, pictures)
    try:
        has_nfc = services.signing_identity(merchants.merchant(uow, program.merchant_id).slug).nfc
    except Refusal:
        has_nfc = None
    return Judged(program, face, has_nfc)


def require_fit(findings: tuple[Finding, ...], *, force: bool) -> None:
    """Raise `FieldError` naming everything that stands in the way of publishing."""
    wrong = stops(findings, force=force)
    if wrong:
        raise FieldError.of(
            [
                {"field": found.part, "message": f"{found.says.en} {found.way_out.en}".strip()}
                for found in wrong
            ]
        )
