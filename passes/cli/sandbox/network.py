"""The network as a WSGI layer in front of the API: it plays the planned faults and obeys `/sandbox/faults`.

It only ever stands in front of a sandbox; the application behind it does not know it. Connections are ended
through the socket that werkzeug's server hands over.
"""

import io
import socket
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict
from threading import Lock
from typing import TYPE_CHECKING, Annotated, Any

import orjson
from pydantic import Field
from werkzeug.wrappers import Response

from passes.cli.sandbox.faults import HEADER, Fault, Network, Seen
from passes.errors import FieldError
from passes.fields import Strict, checked
from passes.web import problems

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

CONTROL = "/sandbox/faults"
JSON = "application/json"


class FaultPlan(Strict):
    """What a vendor asks the network to do."""

    faults: Annotated[list[Fault], Field(max_length=1000)]


class FaultyNetwork:
    """`app`, reached through a network that loses, delays, doubles and reorders as planned."""

    def __init__(self, app: "WSGIApplication") -> None:
        self._app = app
        self._late: list[tuple[WSGIEnvironment, bytes]] = []
        self._lock = Lock()
        self.network = Network()

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """One request."""
        path, method = str(environ["PATH_INFO"]), environ["REQUEST_METHOD"]
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        if path == CONTROL:
            return self._control(method, body)(environ, start_response)
        if method != "POST":
            return self._deliver(environ, body)(environ, start_response)
        return self._post(environ, path, body)(environ, start_response)

    def _control(self, method: str, body: bytes) -> Response:
        if method == "PUT":
            try:
                self.network.plan(checked(FaultPlan, orjson.loads(body or b"null")).faults)
            except FieldError as error:
                return Response(problems.of_fields(error).body(), 422, content_type=problems.CONTENT_TYPE)
            except orjson.JSONDecodeError as error:
                problem = problems.Problem("malformed_json", f"The body is no JSON: {error}.")
                return Response(problem.body(), problem.status, content_type=problems.CONTENT_TYPE)
        told = {
            "faults": [fault.model_dump() for fault in self.network.planned()],
            "journal": [asdict(seen) for seen in self.network.journal()],
        }
        return Response(orjson.dumps(told), content_type=JSON)

    def _post(self, environ: "WSGIEnvironment", path: str, body: bytes) -> Response:
        try:
            fault = self._fault(environ, path)
        except FieldError as error:
            return Response(problems.of_fields(error).body(), 422, content_type=problems.CONTENT_TYPE)
        kind = fault.fault if fault else None
        seen = Seen(time.monotonic(), path, environ.get("HTTP_IDEMPOTENCY_KEY"), kind)
        number = self.network.write_down(seen)
        if fault is None:
            response = self._through(environ, number, body)
            self.deliver_late()
            return response
        return self._play(fault, environ, number, body)

    def _fault(self, environ: "WSGIEnvironment", path: str) -> Fault | None:
        named = environ.get(f"HTTP_{HEADER.upper().replace('-', '_')}")
        return self.network.meet(path) if named is None else checked(Fault, {"fault": named})

    def _play(self, fault: Fault, environ: "WSGIEnvironment", number: int, body: bytes) -> Response:
        match fault.fault:
            case "busy":
                problem = problems.busy("The sandbox was told to be busy; nothing was done.")
                response = problem.response()
                response.headers["Retry-After"] = str(fault.seconds)
                self.network.answered(number, 503)
                return response
            case "slow":
                time.sleep(fault.seconds)
                return self._through(environ, number, body)
            case "duplicate":
                self._through(environ, number, body)
                return self._through(environ, number, body)
            case "late":
                with self._lock:
                    self._late.append((environ, body))
            case "lose_answer":
                self._through(environ, number, body)
            case "stall":
                self._through(environ, number, body)
                time.sleep(fault.seconds)
            case "half_answer":
                _send_half(environ, self._through(environ, number, body))
        raise _cut(environ)

    def _through(self, environ: "WSGIEnvironment", number: int, body: bytes) -> Response:
        response = self._deliver(environ, body)
        self.network.answered(number, response.status_code)
        return response

    def _deliver(self, environ: "WSGIEnvironment", body: bytes) -> Response:
        again = {**environ, "wsgi.input": io.BytesIO(body)}
        return Response.from_app(self._app, again, buffered=True)

    def deliver_late(self) -> None:
        """What was held back arrives now."""
        with self._lock:
            late, self._late = self._late, []
        for environ, body in late:
            self._deliver(environ, body)


def _send_half(environ: "WSGIEnvironment", response: Response) -> None:
    content = response.get_data()
    head = f"HTTP/1.1 {response.status}\r\nContent-Type: {JSON}\r\nContent-Length: {len(content)}\r\n\r\n"
    connection: Any = environ.get("werkzeug.socket")
    with suppress(OSError):
        connection.sendall(head.encode() + content[: len(content) // 2])


def _cut(environ: "WSGIEnvironment") -> ConnectionError:
    """End the connection; what is returned is to be raised, so that the server writes nothing."""
    connection: Any = environ.get("werkzeug.socket")
    with suppress(OSError, AttributeError):
        connection.shutdown(socket.SHUT_RDWR)
    return ConnectionAbortedError("The sandbox was told to end this connection.")
