"""How a use-case says no.

A refusal is an answer, not an accident: it carries the code the contract names and what that code needs.
Rooms raise it; only `web/problems.py` knows what HTTP makes of it.
"""

from typing import Any


class StempelError(Exception):
    """Everything Stempel raises on purpose; its text is a sentence a person can act on."""


class ConfigurationError(StempelError):
    """A setting, file or command line that cannot work; the sentence names it and the way out."""


class FieldError(StempelError):
    """Input that is wrong in itself, whatever the database holds; `errors` names each wrong field."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.errors = [{"field": field, "message": message}]

    @classmethod
    def of(cls, errors: list[dict[str, str]]) -> "FieldError":
        """One or more wrong fields, each `{field, message}`; the text names the first."""
        made = cls(errors[0]["field"], errors[0]["message"])
        made.errors = errors
        return made


class Refusal(StempelError):
    """A definite no from the rules or the books: `code` from the contract, a sentence, and details."""

    def __init__(self, code: str, detail: str, **extra: Any) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.extra = extra


class NotFound(Refusal):
    """Unknown, or another merchant's: the same answer for both."""

    def __init__(self, detail: str = "There is nothing here under that id.") -> None:
        super().__init__("not_found", detail)


class CardNotFound(Refusal):
    """No card of this merchant answers to that code or id."""

    def __init__(self) -> None:
        super().__init__("card_not_found", "No card answers to that code or id.")


class RateLimited(Refusal):
    """Too much was tried too soon; `retry_after_s` says when to come back. It says nothing about a card."""

    def __init__(self, detail: str, retry_after_s: int) -> None:
        super().__init__("rate_limited", detail)
        self.retry_after_s = retry_after_s


class Busy(StempelError):
    """The database did not let us in in time; nothing happened and asking again is safe."""
