"""The way of a till's call past the web framework.

For a small JSON call to a known address the framework costs a quarter of the request: routing, contexts,
sessions, header objects. Such calls are run by the same code from what the server has read; anything about
them that is not plain goes the long way. A test sends everything both ways and compares.
"""

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from flask import Response

from passes.db.baton import BATON
from passes.web import keyed
from passes.web.accidents import accident
from passes.web.api_v1.blueprint import operations
from passes.web.api_v1.incoming import Incoming
from passes.web.api_v1.operation import PREFIX, Operation
from passes.web.api_v1.running import headers_of, run
from passes.web.api_v1.schemas import CardTillRequest
from passes.web.hardening import HEADERS
from passes.wiring import Services

Environ = dict[str, Any]
Wsgi = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

_STATUS = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}


def direct(services: Services, otherwise: Wsgi, max_body_bytes: int) -> Wsgi:
    """`otherwise`, except for POSTs to addresses of the API without a name in them."""
    ways = {
        PREFIX + operation.path: operation
        for operation in operations()
        if operation.method == "POST" and "<" not in operation.path and operation.status != 204
    }

    # On SQLite one writer at a time computes and waits for the disk; the others wait for its lock.
    short = (
        set()
        if services.database.is_sqlite
        else {path for path, operation in ways.items() if issubclass(operation.takes, CardTillRequest)}
    )

    def application(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        operation = ways.get(environ["PATH_INFO"])
        if operation is None or not _is_plain(environ, max_body_bytes):
            return otherwise(environ, start_response)
        if environ["PATH_INFO"] in short:
            body = _body(environ)  # first, since whoever sends it slowly must hold nobody up
            with BATON:
                answer = _answer(services, operation, environ, lambda: body)
        else:
            answer = _answer(services, operation, environ, lambda: _body(environ))
        start_response(_STATUS[answer.status], [*headers_of(answer), *HEADERS])
        return [answer.body]

    return application


def _is_plain(environ: Environ, max_body_bytes: int) -> bool:
    length = environ.get("CONTENT_LENGTH", "")
    return (
        environ["REQUEST_METHOD"] == "POST"
        and length.isdecimal()
        and int(length) <= max_body_bytes
        and not environ.get("SCRIPT_NAME")
        and "HTTP_TRANSFER_ENCODING" not in environ
        and "HTTP_COOKIE" not in environ
    )


def _answer(
    services: Services, operation: Operation, environ: Environ, read: Callable[[], bytes]
) -> keyed.Answer:
    incoming = Incoming(
        method="POST",
        path=environ["PATH_INFO"],
        credential=environ.get("HTTP_AUTHORIZATION", ""),
        address=environ.get("REMOTE_ADDR") or "",
        key=environ.get("HTTP_IDEMPOTENCY_KEY", ""),
        read=read,
    )
    try:
        answer = run(services, operation, incoming, {})
        assert not isinstance(answer, Response)
        return answer
    except Exception:  # noqa: BLE001  # the outermost edge on this way, as the error handler is on the other
        return keyed.of_problem(accident("POST", f"api_v1.{operation.name}"))


def _body(environ: Environ) -> bytes:
    """The body, or what of it has come: a sender who has gone away hears of nothing."""
    try:
        body: bytes = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
    except (OSError, ValueError):
        return b""
    return body
