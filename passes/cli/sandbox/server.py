"""The sandbox as a server on this machine."""

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from passes.app import create_app
from passes.cli.sandbox.faults import Network
from passes.cli.sandbox.network import FaultyNetwork
from passes.cli.sandbox.shop import SandboxShop, sandbox_shop
from passes.errors import ConfigurationError

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

HOST = "127.0.0.1"


class _Quiet(WSGIRequestHandler):
    """Says nothing of every request; what matters stands in the journal."""

    def log(self, type: str, message: str, *args: Any) -> None:
        """Nothing."""


@dataclass(frozen=True)
class Sandbox:
    """A sandbox that listens."""

    shop: SandboxShop
    wire: FaultyNetwork
    server: BaseWSGIServer

    @property
    def network(self) -> Network:
        """What is planned, and what came."""
        return self.wire.network

    @property
    def url(self) -> str:
        """Where it is."""
        return self.shop.services.base_url


@contextmanager
def open_sandbox(port: int = 0) -> Iterator[Sandbox]:
    """A sandbox at `port` of this machine, or at a free one, serving in a thread of its own."""
    behind: list[FaultyNetwork] = []

    def door(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        return behind[0](environ, start_response)

    try:
        server = make_server(HOST, port, door, threaded=True, request_handler=_Quiet)
    except (OSError, SystemExit):
        raise ConfigurationError(f"--port: {HOST}:{port} cannot be used; name another one") from None
    with sandbox_shop(f"http://{HOST}:{server.port}") as shop:
        behind.append(FaultyNetwork(create_app(shop.services)))
        thread = threading.Thread(target=server.serve_forever, name="sandbox", daemon=True)
        thread.start()
        try:
            yield Sandbox(shop, behind[0], server)
        finally:
            server.shutdown()
            thread.join()
            server.server_close()
