"""Processes that have everything loaded and nothing open: one is kept, and forks a child for every order.

Starting Python anew for every moment at which a server can die would take minutes; a fork takes a few
milliseconds. The process that forks lives apart from pytest, whose threads would not survive it.
"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.fixtures.databases import START

ROOT = Path(__file__).parents[2]
Json = dict[str, Any]


@dataclass(frozen=True)
class Edit:
    """A bug to plant: `old` becomes `new` in a function of a module."""

    module: str
    function: str
    old: str
    new: str


class Forge:
    """The process that is kept, on one database at the time the tests begin."""

    def __init__(self, database_url: str, folder: Path, plants: Sequence[Edit] = ()) -> None:
        self.log = folder / "forge.log"
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.protocols.forge_main"],
                cwd=ROOT,
                env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
            )
        self.order(
            url=database_url,
            folder=str(folder / "forge"),
            at=START.isoformat(),
            plants=[asdict(plant) for plant in plants],
        )

    def order(self, **order: Any) -> Json:
        """Have it done; returns what came of it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        self._process.stdin.flush()
        told = self._process.stdout.readline()
        assert told, self.log.read_text()[-4000:]
        done: Json = json.loads(told)
        return done

    def post(self, path: str, body: Json, *, auth: str, key: str, **how: Any) -> Json:
        """One request to the API in a process of its own; `die_at` says where it dies."""
        return self.order(do="post", path=path, body=body, auth=auth, key=key, **how)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(120)
        self._process.stdout.close()
