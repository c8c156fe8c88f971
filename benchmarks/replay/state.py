"""What one run leaves for the next: the till's key, how far it came, and what stood there."""

import json
import os
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(slots=True)
class State:
    """`days` is how much of the story was played and found right; `left` is the database at that moment.

    The two secrets are only used with PostgreSQL, where they must be set; see `passes.config`.
    """

    till_key: str = ""
    secret_key: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    token_key: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    inactive_days: int = 0
    days: int = 0
    left: dict[str, Any] = field(default_factory=dict)


def load(path: Path) -> State:
    """The state in `path`, a fresh one where there is none."""
    return State(**json.loads(path.read_text(encoding="ascii"))) if path.exists() else State()


def save(path: Path, state: State) -> None:
    """Put `state` in `path`, whole or not at all, for nobody else to read."""
    draft = path.with_suffix(".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        json.dump(asdict(state), file, indent=2)
    draft.replace(path)
