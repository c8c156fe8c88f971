"""The stand-in itself: listens, finds the right part of Google, and misbehaves where told to."""

import json
import ssl
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

import requests

from tests.fakes.certs import server_certificate
from tests.fakes.google.answers import Answer, error, malformed, missing, unauthenticated
from tests.fakes.google.keys import CallbackKeys, ServiceKey, callback_message
from tests.fakes.google.save_page import UnsavableError, refused, save
from tests.fakes.google.store import Store
from tests.fakes.google.switches import Misbehaviour, RateBucket, Script, Seen, Switches, busiest_second
from tests.fakes.google.tokens import Tokens

ISSUER_ID = "3388000000012345678"
CALLBACK_TIMEOUT_S = 60.0

Response = tuple[int, dict[str, Any], dict[str, str]] | None


class GoogleStandIn:
    """Google Wallet on 127.0.0.1, to be used with `with`.

    `credentials_file`, a service account's key whose token address is this server, lies in `directory`;
    with `tls` the certificate and the root to trust (`ca_file`) do too.
    """

    def __init__(
        self, directory: Path, port: int = 0, *, issuer_id: str = ISSUER_ID, tls: bool = False
    ) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._http = _Server(("127.0.0.1", port), _Handler)
        self._http.stand_in = self
        self.ca_file: Path | None = None
        if tls:
            self.ca_file = self._serve_tls(directory)
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self._http.server_port}"
        self.issuer_id = issuer_id
        self.credentials_file = directory / "google-credentials.json"
        self.keys_url = f"{self.url}/gp/m/issuer/keys"
        self.save_base = f"{self.url}/gp/v/save/"
        self.switches = Switches()
        self.store = Store(issuer_id, self.switches)
        self.keys = CallbackKeys()
        self._service_key = ServiceKey(self.credentials_file, f"{self.url}/token")
        self.tokens = Tokens(self._service_key, f"{self.url}/token")
        self.requests: list[Seen] = []
        self.deliveries: list[int] = []
        self._script = Script()
        self._bucket = RateBucket()
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True)

    def _serve_tls(self, directory: Path) -> Path:
        files = server_certificate(directory)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(files.certificate, files.key)
        self._http.socket = context.wrap_socket(
            self._http.socket, server_side=True, do_handshake_on_connect=False
        )
        return files.root

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    def misbehave(self, **how: Any) -> None:
        """Plan a `Misbehaviour`; its fields are the arguments."""
        self._script.add(Misbehaviour(**how))

    def calls(self, *, api_only: bool = True) -> list[str]:
        """Every request so far as `METHOD resource status`, without the tokens asked for."""
        return [
            f"{seen.method} {seen.path.removeprefix('/walletobjects/v1/').partition('/')[0]} {seen.status}"
            for seen in self.requests
            if seen.path.startswith("/walletobjects/") or not api_only
        ]

    def busiest_second(self) -> int:
        """The most calls of the API within any second."""
        return busiest_second([seen.at for seen in self.requests if seen.path.startswith("/walletobjects/")])

    def remove(self, object_id: str) -> None:
        """The customer takes the card out of the wallet."""
        found = self.store.find_object(object_id)
        assert found is not None, f"{object_id} was never inserted"
        self.store.users.discard(object_id)
        self._fire(found[1]["classId"], object_id, "del")

    def _fire(self, class_id: str, object_id: str, event: str) -> None:
        """Tell the class's callback address, as often and as badly as the switches say."""
        found = self.store.find_object(object_id)
        stored = self.store.item(f"{found[0]}Class", class_id) if found else None
        url = self.switches.callback_url or ((stored or {}).get("callbackOptions") or {}).get("url")
        if not url:
            return
        addressed_to = "1" if self.switches.bad_signatures else self.issuer_id
        body = self.keys.signed(addressed_to, callback_message(class_id, object_id, event))
        for _ in range(1 + self.switches.duplicates):
            self.deliveries.append(_post(url, body))

    def answer(self, method: str, path: str, body: bytes, authorization: str) -> Answer:
        """The right answer to a request."""
        if path == "/token":
            return self.tokens.grant(dict(parse_qsl(body.decode("ascii"))))
        if path == "/gp/m/issuer/keys":
            return 200, self.keys.published()
        if path.startswith("/gp/v/save/"):
            return self._save(path.removeprefix("/gp/v/save/"))
        if path.startswith("/walletobjects/v1/"):
            return self._call(method, path.removeprefix("/walletobjects/v1/"), body, authorization)
        return missing(path)

    def _call(self, method: str, address: str, body: bytes, authorization: str) -> Answer:
        if not self.tokens.accepts(authorization):
            return unauthenticated()
        if self.switches.rate_limit and not self._bucket.admits():
            return error(429, "rateLimitExceeded", "Rate limit exceeded.")
        try:
            sent = json.loads(body) if body else None
        except ValueError:
            return malformed(["The body is no JSON."])
        asked = urlsplit(address)
        return self.store.handle(method, asked.path.split("/"), sent, dict(parse_qsl(asked.query)))

    def _save(self, token: str) -> Answer:
        try:
            saved = save(token, self._service_key, self.store)
        except UnsavableError as unsavable:
            return refused(unsavable)
        for class_id, object_id in saved:
            self._fire(class_id, object_id, "save")
        return 200, {"saved": [object_id for _, object_id in saved]}

    def respond(self, method: str, path: str, body: bytes, authorization: str) -> Response:
        """What goes over the wire, misbehaviour included, and a note of it in `requests`."""
        came_at = time.monotonic()
        planned = self._script.take(method, path)
        if planned is not None:
            time.sleep(planned.delay_s)
        if planned is not None and planned.status is not None:
            status, answer = error(planned.status, planned.reason, "As planned.")
        else:
            status, answer = self.answer(method, path, body, authorization)
        lost = planned is not None and planned.lose_answer
        sent = json.loads(body) if body[:1] == b"{" else None
        self.requests.append(Seen(method, urlsplit(path).path, sent, 0 if lost else status, came_at))
        return None if lost else (status, answer, planned.headers if planned else {})


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    stand_in: GoogleStandIn

    def handle_error(self, request: Any, client_address: Any) -> None:
        # A client that gave up waiting is no fault of ours.
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Otherwise every answer waits for the acknowledgement of its headers.
    disable_nagle_algorithm = True
    server: _Server

    def _any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        authorization = self.headers.get("Authorization", "")
        response = self.server.stand_in.respond(self.command, self.path, body, authorization)
        if response is None:
            self.close_connection = True
            return
        status, answer, headers = response
        encoded = json.dumps(answer).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json; charset=UTF-8", **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(encoded)))
        self.end_headers()
        self.wfile.write(encoded)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _any

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet: `requests` remembers everything, and addresses here hold tokens."""


def _post(url: str, body: bytes) -> int:
    """Google's call; 0 when nobody answers."""
    try:
        headers = {"Content-Type": "application/json"}
        return requests.post(url, data=body, headers=headers, timeout=CALLBACK_TIMEOUT_S).status_code
    except requests.RequestException:
        return 0
