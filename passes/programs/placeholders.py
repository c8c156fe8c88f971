"""The placeholders a design's texts may hold: which there are, and where each may stand. No I/O.

What stands on every card of a program alike (its title, its terms) is kept once for all of them at Google,
so a name or a balance in it would be everybody's to read. Such texts know only `{merchant}`.
"""

import re
from collections.abc import Collection

SHARED = ("merchant",)
"""Placeholders that read the same on every card."""

_PERSONAL = ("first_name", "name", "balance", "expires")
_STAMPS = ("stamps_left", "rewards")
PERSONAL_TEXTS = ("how_it_works",)
"""The texts of a program that are written on each card by itself."""

BRACED = re.compile(r"\{([^{}]*)\}")


def on_a_card(kind: str) -> tuple[str, ...]:
    """What may stand in the own fields and the personal texts of a program of `kind`."""
    return (*SHARED, *_PERSONAL, *(_STAMPS if kind == "stamp" else ()))


def in_text(kind: str, name: str) -> tuple[str, ...]:
    """What may stand in the program's text `name`."""
    return on_a_card(kind) if name in PERSONAL_TEXTS else SHARED


def unknown_in(text: str, known: Collection[str]) -> list[str]:
    """What stands in braces and is none of the `known`, in the order of the text; `{` for a loose brace."""
    found = [name for name in BRACED.findall(text) if name not in known]
    rest = BRACED.sub("", text)
    return [f"{{{name}}}" for name in found] + [brace for brace in "{}" if brace in rest]


def sentence(unknown: str, known: Collection[str]) -> str:
    """Why an unknown placeholder cannot stand, and what can."""
    names = ", ".join(f"{{{name}}}" for name in known)
    return f"{unknown!r} is no placeholder here; there are {names}"
