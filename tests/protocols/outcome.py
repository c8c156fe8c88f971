"""What a protocol found, printed for whoever runs it and kept for `docs/reliability.md`.

STEMPEL_TEST_RESULTS names the folder where outcomes are kept, one file of JSON each; STEMPEL_TEST_EARLIER
the file of what earlier runs found, where a run that was cut short is to go on.
"""

import json
import os
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from tests.protocols.size import NAME, RELEASE, SEED

FOLDER = os.environ.get("STEMPEL_TEST_RESULTS")
EARLIER = os.environ.get("STEMPEL_TEST_EARLIER")
ADDED_UP = ("operations", "kills", "declines", "faults", "violations", "parts")


@dataclass
class Outcome:
    """One protocol on one database. `outages_ms` is how long calls went unanswered around a fault.

    Where a run may be made in parts, `of` is how much the whole of it is and `done` how much of that was
    done; `scale` then says of what. The seed is that of the first part: the next draws what comes after.
    """

    protocol: str
    database: str
    scale: str
    operations: int = 0
    kills: int = 0
    declines: int = 0
    faults: int = 0
    violations: list[str] = field(default_factory=list)
    outages_ms: list[float] = field(default_factory=list)
    notes: str = ""
    seed: int = SEED
    done: int = 0
    of: int = 0
    parts: int = 1
    earlier: dict[str, Any] = field(default_factory=dict)

    def carried_on(self) -> Self:
        """Itself, after what earlier parts of the same run came to."""
        kept = json.loads(Path(EARLIER).read_text(encoding="utf-8")) if EARLIER else []
        mine = {"protocol": self.protocol, "database": self.database, "scale": self.scale, "of": self.of}
        for known in kept:
            if {**mine, "size": NAME}.items() <= known.items() and known["done"] < self.of:
                self.earlier, self.done, self.seed = known, known["done"], known["seed"]
        return self

    def publish(self) -> None:
        """Print it, and keep it where that was asked for."""
        outages = sorted(self.outages_ms)
        known = {
            **asdict(self),
            "outages_ms": len(outages),
            "violations": len(self.violations),
            "size": NAME,
            "date": datetime.now(UTC).date().isoformat(),
            "worst_ms": round(outages[-1]) if outages else None,
            "p99_ms": round(outages[int(0.99 * (len(outages) - 1))]) if outages else None,
        }
        del known["earlier"]
        for name in ADDED_UP if self.earlier else ():
            known[name] += self.earlier[name]
        print(json.dumps(known), flush=True)
        for violation in self.violations[:20]:
            print("VIOLATION", violation, flush=True)
        if FOLDER:
            name = f"{self.protocol}-{self.database}".lower().replace(" ", "-")
            Path(FOLDER).mkdir(parents=True, exist_ok=True)
            Path(FOLDER, f"{name}.json").write_text(json.dumps(known) + "\n")

    def progress(self, done: int, of: int) -> None:
        """Say how far a long run has come, twenty times in all; short runs say nothing."""
        if RELEASE and of >= 20 and done % (of // 20) == 0:
            print(f"{self.protocol} on {self.database}: {done:,} of {of:,}", flush=True)
