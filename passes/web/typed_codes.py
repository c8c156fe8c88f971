"""Turning away, without a look at the database, whoever was just locked out of typing codes.

The lock itself is counted and kept in the database (`passes/limits/guesses.py`). An attack goes on after it,
hundreds of requests a second; each of those costs this process a glance into its memory and no honest till
anything, above all not the one writer an SQLite database has.
"""

from typing import Any

from passes.errors import RateLimited
from passes.ids import typed_form
from passes.web.keyed import Answer
from passes.wiring import Services


def refuse_if_closed(services: Services, credential: str, body: Any) -> None:
    """Raise `RateLimited` for a request that names a typed code while its sender is locked out."""
    if services.closed.is_empty() or not any(map(typed_form, _codes(body))):
        return
    if wait_s := services.closed.wait_s(credential):
        raise RateLimited("Too many typed codes were wrong; scan the barcode, or wait.", wait_s)


def remember(services: Services, credential: str, body: Any, answer: Answer) -> None:
    """Take note of an answer that locks its receiver out, or that shows the lock is over."""
    if answer.status == 429 and answer.retry_after_s is not None:
        services.closed.shut(credential, answer.retry_after_s)
    elif answer.status == 404 and not answer.replayed and any(map(typed_form, _codes(body))):
        services.closed.missed(credential)
    elif not services.closed.is_empty() and not answer.is_problem and any(map(typed_form, _codes(body))):
        services.closed.open(credential)


def _codes(body: Any) -> list[str]:
    """The codes a request names itself or in its instruments."""
    if not isinstance(body, dict):
        return []
    instruments = body.get("instruments")
    named = [body, *(instruments if isinstance(instruments, list) else [])]
    codes = [part.get("code") for part in named if isinstance(part, dict)]
    return [code for code in codes if isinstance(code, str)]
