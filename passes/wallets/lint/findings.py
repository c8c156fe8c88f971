"""What is found about a design, in words whoever made it understands."""

from dataclasses import dataclass
from typing import Literal

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


def warning(code: str, part: str, says: Text, way_out: Text) -> Finding:
    """Something worth knowing that stops nothing."""
    return Finding("warning", code, part, says, way_out)


def unreadable(code: str, part: str, says: Text, way_out: Text) -> Finding:
    """Something people could not read; whoever knows better may publish it all the same."""
    return Finding("error", code, part, says, way_out, may_force=True)


def broken(code: str, part: str, says: Text, way_out: Text) -> Finding:
    """Something that cannot work."""
    return Finding("error", code, part, says, way_out)
