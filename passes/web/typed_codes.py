"""Turning away, without a look at the database, whoever guesses at typed codes.

The lock itself is counted and kept in the database (`passes/limits/guesses.py`). An attack goes on after it,
hundreds of requests a second; each of those costs this process a glance into its memory and no honest till
anything, above all not the one writer an SQLite database has. Before it, while thieves use up what a key may
get wrong, they are paced.
"""

from typing import Any

from passes.db.engine import Asker
from passes.errors import RateLimited
from passes.ids import typed_form
from passes.limits.doors import Stake
from passes.web.keyed import Answer
from passes.wiring import Services


class Typing:
    """A request as far as it names typed codes: most name none, and pass."""

    def __init__(self, services: Services, credential: str, body: Any) -> None:
        self._services = services
        self._credential = credential
        self._codes = sum(typed_form(code) is not None for code in _codes(body))
        self._stake: Stake | None = None
        self.asker: Asker | None = None

    def begin(self) -> None:
        """Before the database is asked; raises `RateLimited` for whoever has to wait.

        Who is not known yet to show a good key is let through to be asked for it, and pays then.
        """
        if not self._codes:
            return
        if wait_s := self._services.closed.wait_s(self._credential):
            raise RateLimited("Too many typed codes were wrong; scan the barcode, or wait.", wait_s)
        if self._services.admission.knows(self._credential):
            self.pay()

    def pay(self) -> None:
        """Put down what wrong codes would cost, once; raises `RateLimited` for one too many."""
        if not self._codes or self._stake is not None:
            return
        try:
            self._stake = self._services.pace.enter(self._credential, self._codes)
        except RateLimited as refused:
            self._services.closed.shut(self._credential, refused.retry_after_s)
            raise

    def end(self, answer: Answer) -> None:
        """Take note of an answer that locks its receiver out, or that shows the lock is over."""
        misses = 0 if self.asker is None else self.asker.misses
        if self._stake is not None:
            self._services.pace.leave(self._stake, misses)
        if self._codes and answer.status == 429 and answer.retry_after_s is not None:
            self._services.closed.shut(self._credential, answer.retry_after_s)
        elif not answer.is_problem and not misses:
            self._services.pace.prove(self._credential)
            if self._codes and not self._services.closed.is_empty():
                self._services.closed.open(self._credential)


def _codes(body: Any) -> list[str]:
    """The codes a request names itself or in its instruments."""
    if not isinstance(body, dict):
        return []
    instruments = body.get("instruments")
    named = [body, *(instruments if isinstance(instruments, list) else [])]
    codes = [part.get("code") for part in named if isinstance(part, dict)]
    return [code for code in codes if isinstance(code, str)]
