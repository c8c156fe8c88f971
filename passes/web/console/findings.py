"""What is said about a design, in order for whoever decides: the rules first, then each rendering."""

from collections.abc import Iterable
from dataclasses import dataclass

from passes.cards.face import CardFace, Text
from passes.wallets.lint.findings import Finding, gathered
from passes.wallets.lint.judge import SURFACES
from passes.web.console.part_names import name_of


@dataclass(frozen=True, slots=True)
class Line:
    """One finding and the parts it is about, by the names people know them by."""

    found: Finding
    parts: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """All findings: those of the rules, and what each rendering leaves out or changes."""

    rules: tuple[Line, ...]
    lost: dict[str, tuple[Line, ...]]


def told(findings: Iterable[Finding], face: CardFace) -> Told:
    """The findings about a design with such a face."""
    lines = [
        Line(found, tuple(dict.fromkeys(name_of(part, face) for part in parts)))
        for found, parts in gathered(findings)
    ]
    lost = {
        surface: tuple(line for line in lines if line.found.code.startswith(f"{surface}_"))
        for surface in SURFACES
    }
    named = {line for shown in lost.values() for line in shown}
    return Told(tuple(line for line in lines if line not in named), lost)
