"""Taking a program's design out, putting another in, and going back to an earlier one."""

from passes.db.engine import UnitOfWork
from passes.errors import FieldError
from passes.programs import queries, service, versions
from passes.programs.bundles import Bundle, document_of, files_of
from passes.programs.design import Design, ImageName, check_for_kind
from passes.programs.placeholders import in_text, sentence, unknown_in
from passes.programs.queries import ProgramView


def pictures_of(uow: UnitOfWork, design: Design) -> dict[ImageName, bytes]:
    """The pictures of a design as PNG."""
    found = {name: queries.image(uow, sha256) for name, sha256 in design.images.items()}
    return {name: content for name, content in found.items() if content is not None}


def export(uow: UnitOfWork, program: ProgramView) -> dict[str, bytes]:
    """The program's design as files."""
    document = document_of(program.kind, program.design, program.texts)
    return files_of(document, pictures_of(uow, program.design))


def check(program: ProgramView, bundle: Bundle) -> None:
    """Raise `FieldError` naming everything in the design that no card of the program can have."""
    document = bundle.document
    if document.kind not in (None, program.kind):
        raise FieldError("kind", f"is {document.kind}, and this is a {program.kind} program")
    check_for_kind(document, program.kind)
    wrong = [
        {"field": f"texts.{language}.{name}", "message": sentence(found, known)}
        for language, texts in document.texts.model_dump().items()
        for name, text in texts.items()
        for known in [in_text(program.kind, name)]
        for found in unknown_in(text, known)
    ]
    if wrong:
        raise FieldError.of(wrong)


def draft_of(program: ProgramView, bundle: Bundle) -> ProgramView:
    """The program as it would read with the design, for looking at before anything is stored."""
    images = {name: picture.sha256 for name, picture in bundle.pictures.items()}
    return queries.with_design(program, bundle.document.design(images), bundle.document.texts.model_dump())


def replace(uow: UnitOfWork, program: ProgramView, bundle: Bundle, actor: str) -> ProgramView:
    """Write the program's next version with the whole design in place of its own; raises `FieldError`."""
    check(program, bundle)
    images = service.store_images(uow, program.merchant_id, bundle.pictures, bundle.came_as)
    design, texts = bundle.document.design(images), bundle.document.texts.model_dump()
    return service.write_next(
        uow, program, actor, rules=program.rules, design=design, texts=texts, action="programs.design"
    )


def restore(
    uow: UnitOfWork, program: ProgramView, version: int, actor: str, *, with_rules: bool = False
) -> ProgramView:
    """Write an earlier version's design and texts as the next one, its rules only when asked to.

    Raises `NotFound` for a version there never was.
    """
    earlier = versions.at(uow, program, version)
    rules = earlier.rules if with_rules else program.rules
    return service.write_next(
        uow,
        program,
        actor,
        rules=rules,
        design=earlier.design,
        texts=earlier.texts,
        action="programs.restore",
        restored=version,
    )
