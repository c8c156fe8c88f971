"""Programs for tests of commands, as small as they come."""

from typing import Any

from passes.programs.service import ProgramDraft, create_program
from tests.cli.conftest import Shell

RULES: dict[str, dict[str, Any]] = {
    "stamp": {"stamps_required": 10, "reward": "A free coffee"},
    "gift": {"maximum_balance": 5000},
}


def a_program(shell: Shell, merchant_id: str, kind: str) -> str:
    """The id of a new program of the merchant `cafe`."""
    draft = ProgramDraft(kind, f"A {kind} card", RULES[kind], currency="EUR" if kind == "gift" else None)
    with shell.database.write() as uow:
        return create_program(uow, merchant_id, "cafe", draft, "test").id
