"""The typed operation layer: what an endpoint takes, answers and refuses, said once.

An endpoint is a function from a `Call` to plain data. Declaring it also writes its entry in the OpenAPI
document, so the two cannot drift. `running` is what runs it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel

from passes.db.engine import UnitOfWork
from passes.merchants.access import Caller
from passes.redemption.arrival import Arrival
from passes.wiring import Services

KeyUse = Literal["required", "optional", "none"]
JSON = "application/json"
PREFIX = "/api/v1"

B = TypeVar("B", bound=BaseModel)


class Nothing(BaseModel):
    """No body, no query: nothing is read."""


@dataclass(frozen=True, slots=True)
class Later:
    """The rest of a call that must not hold a transaction open: one to another house, or many of its own."""

    work: Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Call(Generic[B]):
    """One authenticated, validated request in an open unit of work. `body` is the query for a GET.

    `occurred_at` is set for what a till did without the network and tells us now.
    `arrival` is what was found about the card it names together with the caller, if anything was.
    `prepared` is what the operation's `prepare` made of the body.
    """

    uow: UnitOfWork
    services: Services
    caller: Caller
    body: B
    path: Mapping[str, str]
    after_commit: list[Callable[[], object]] = field(default_factory=list)
    key: str | None = None
    occurred_at: datetime | None = None
    arrival: Arrival | None = None
    prepared: Any = None

    @property
    def merchant_id(self) -> str:
        """Whose request it is."""
        return self.caller.merchant_id


Handler = Callable[[Call[Any]], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One endpoint, as the code runs it and as the document describes it."""

    method: str
    path: str
    handler: Handler
    scopes: tuple[str, ...]
    takes: type[BaseModel]
    answers: type[BaseModel] | None
    status: int
    key: KeyUse
    codes: tuple[str, ...]
    tag: str
    media_type: str
    may_be_empty: bool
    in_parts: bool
    only_reads: bool
    prepare: Callable[[Any], Any] | None
    most_bytes: int | None
    again: Callable[[Any, bytes], bytes] | None

    @property
    def name(self) -> str:
        """The operation id: the handler's name."""
        return self.handler.__name__

    @property
    def reads(self) -> bool:
        """Whether it changes nothing."""
        return self.method == "GET"


class Api:
    """The operations of one resource."""

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.operations: list[Operation] = []

    def operation(
        self,
        method: str,
        path: str,
        *,
        scopes: tuple[str, ...],
        takes: type[BaseModel] = Nothing,
        answers: type[BaseModel] | None = None,
        status: int = 200,
        key: KeyUse = "none",
        codes: tuple[str, ...] = (),
        media_type: str = JSON,
        may_be_empty: bool = False,
        in_parts: bool = False,
        only_reads: bool = False,
        prepare: Callable[[Any], Any] | None = None,
        most_bytes: int | None = None,
        again: Callable[[Any, bytes], bytes] | None = None,
    ) -> Callable[[Handler], Handler]:
        """Declare the decorated function an endpoint. `scopes` are alternatives: any one of them opens it.

        `may_be_empty` is for a body that need not say anything: none at all then means `{}`. What is done
        `only_reads` is for a POST that changes nothing.
        What takes long and needs no database, such as decoding pictures, is done by `prepare`, from the body
        of a caller who may ask and before anybody else is kept from writing.
        `most_bytes` is for a body that may be larger than others; it is read from callers who may ask only.
        `again` makes of the services and what was remembered of an answer (`keyed.Concealed`) that answer.
        `in_parts` is handed a unit of work to read in, and answers a `Later` whose parts commit themselves.
        """

        def declare(handler: Handler) -> Handler:
            self.operations.append(
                Operation(
                    method=method,
                    path=path,
                    handler=handler,
                    scopes=scopes,
                    takes=takes,
                    answers=answers,
                    status=status,
                    key=key,
                    codes=codes,
                    tag=self.tag,
                    media_type=media_type,
                    may_be_empty=may_be_empty or takes is Nothing,
                    in_parts=in_parts,
                    only_reads=only_reads,
                    prepare=prepare,
                    most_bytes=most_bytes,
                    again=again,
                )
            )
            return handler

        return declare
