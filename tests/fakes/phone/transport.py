"""How the phone's requests get to the service: over HTTP, or straight into a WSGI application."""

from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import format_datetime
from typing import Protocol
from wsgiref.types import WSGIApplication

import requests
from werkzeug.test import Client

from passes.clock import real_now

TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True)
class Answer:
    """A response; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def media_type(self) -> str:
        """The content type without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip()


class Transport(Protocol):
    """Sends one request and gives the answer."""

    def __call__(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Answer: ...


def over_http(method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
    """Over the network; follows no redirect and asks no proxy."""
    with requests.Session() as session:
        session.trust_env = False
        response = session.request(
            method, url, headers=dict(headers), data=body, timeout=TIMEOUT_S, allow_redirects=False
        )
        return Answer(
            response.status_code, {k.lower(): v for k, v in response.headers.items()}, response.content
        )


def through_wsgi(app: WSGIApplication) -> Transport:
    """Into `app` without a socket; adds the `Date` that a server would have."""

    def send(method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        with Client(app).open(url, method=method, headers=dict(headers), data=body) as response:
            answered = {k.lower(): v for k, v in response.headers.items()}
            answered.setdefault("date", format_datetime(real_now(), usegmt=True))
            return Answer(response.status_code, answered, response.get_data())

    return send
