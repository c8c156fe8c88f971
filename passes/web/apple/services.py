"""What Apple's web service is built on; `wiring` fills it in once."""

from collections.abc import Callable
from dataclasses import dataclass, field

from passes.db.engine import Database, UnitOfWork


@dataclass(frozen=True, slots=True)
class AppleServices:
    """The database, the key behind every pass's token, and what makes the bytes of a pass.

    `build_pass` takes a card's id and the pass type it is installed as, in an open unit of work, and returns
    a signed pass; it raises `Refusal` or `ConfigurationError` while the merchant cannot sign.
    """

    database: Database
    token_key: bytes = field(repr=False)
    build_pass: Callable[[UnitOfWork, str, str], bytes]
