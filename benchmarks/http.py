"""One kept connection to the service, as a till has it, and a count of what went over it."""

import http.client
import time
from collections.abc import Mapping
from urllib.parse import urlsplit

TIMEOUT_S = 30.0


class Connection:
    """Sends one request after the other to the server at `base_url`."""

    def __init__(self, base_url: str) -> None:
        parts = urlsplit(base_url)
        self._http = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=TIMEOUT_S)
        self.requests = 0
        self.seconds = 0.0

    def request(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> tuple[int, dict[str, str], bytes]:
        """Status, headers (names in lower case) and body of the answer."""
        start = time.perf_counter()
        self._http.request(method, path, body, dict(headers))
        response = self._http.getresponse()
        content = response.read()
        self.seconds += time.perf_counter() - start
        self.requests += 1
        return response.status, {name.lower(): value for name, value in response.getheaders()}, content

    def close(self) -> None:
        """Hang up."""
        self._http.close()
