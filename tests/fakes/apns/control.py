"""The push stand-in's side door for other processes: what was pushed, and how to behave.

Plain HTTP on 127.0.0.1: `GET /pushes?since=N&wait_s=S` and `POST /script`. Real Apple has nothing like it.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from tests.fakes.apns.journal import Behaviour, Journal

MAX_WAIT_S = 30.0
MAX_BODY_BYTES = 1_000_000


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port: int, journal: Journal) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.journal = journal


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = MAX_WAIT_S * 2

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        if address.path != "/pushes":
            self._reply(404, {"error": "There is GET /pushes and POST /script here."})
            return
        asked = dict(parse_qsl(address.query))
        try:
            since, wait_s = int(asked.get("since", 0)), float(asked.get("wait_s", 0))
        except ValueError:
            self._reply(400, {"error": "since and wait_s: must be numbers."})
            return
        pushes = self.server.journal.wait(max(0, since), min(wait_s, MAX_WAIT_S))
        self._reply(
            200,
            {
                "pushes": [asdict(push) for push in pushes],
                "next": pushes[-1].number if pushes else since,
                "connections": self.server.journal.connections,
            },
        )

    def do_POST(self) -> None:
        if self.path != "/script":
            self._reply(404, {"error": "There is GET /pushes and POST /script here."})
            return
        length = min(int(self.headers.get("Content-Length") or 0), MAX_BODY_BYTES)
        try:
            wanted = json.loads(self.rfile.read(length))
            behaviours = [Behaviour(**b) for b in wanted["behaviours"]]
            token = wanted.get("token")
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            self._reply(400, {"error": f"behaviours: a list of objects such as {{'status': 503}} ({error})."})
            return
        self.server.journal.script(behaviours, token)
        self._reply(200, {"scripted": len(behaviours)})

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: whoever asks, sees the answer."""

    def _reply(self, status: int, body: dict[str, object]) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@contextmanager
def control(journal: Journal, port: int = 0) -> Iterator[str]:
    """Serve the side door while the block runs; gives its address."""
    server = _Server(port, journal)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
