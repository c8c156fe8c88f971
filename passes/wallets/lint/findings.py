"""What is found about a design, in words whoever made it understands."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from passes.cards.face import Text

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing about a design: an error stops publishing, a warning explains.

    `part` names it as the design's own document does (`colors.label`, `fields.2.value.de`), `code` is a
    stable name of the rule, and `way_out` is what to do. An error that is a judgement of sight may be
    overruled by a person (`may_force`); one that would break the card may not.
    """

    severity: Severity
    code: str
    part: str
    says: Text
    way_out: Text
    may_force: bool = False


def gathered(findings: Iterable[Finding]) -> list[tuple[Finding, list[str]]]:
    """Findings that say the same of several parts told once: the first of each, and all their parts."""
    alike: dict[tuple[Any, ...], tuple[Finding, list[str]]] = {}
    for found in findings:
        said = (found.severity, found.code, found.says, found.way_out)
        alike.setdefault(said, (found, []))[1].append(found.part)
    return list(alike.values())


def warning(code: str, part: str, says: Text, way_out: Text) -> Finding:
    """Something worth knowing that stops nothing."""
    return Finding("warning", code, part, says, way_out)


def unreadable(code: str, part: str, says: Text, way_out: Text) -> Finding:
    """Something people could not read; whoever knows better may publish it all the same."""
    return Finding("error", code, part, says, way_out, may_force=True)


def broken(code: str, part: str, says: Text, way_out: Text) -> Finding:
    """Something that cannot work."""
    return Finding("error", code, part, says, way_out)
