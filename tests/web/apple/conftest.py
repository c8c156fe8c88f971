"""Apple's web service on a database with a few cards, and a client that speaks like a phone."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from passes.cards.apple_token import key_id_of, token_for
from passes.db.engine import Database, UnitOfWork
from passes.web.apple import AppleServices, create_blueprint
from tests.outbox.world import add_cards

KEY = b"the key every token is derived from"
TYPE = "pass.dev.stempel.acme"


def token(serial: str, pass_type: str = TYPE) -> str:
    """The token of a pass."""
    return token_for(KEY, key_id_of(KEY), pass_type, serial)


@dataclass
class Phone:
    """Speaks for one device."""

    client: FlaskClient
    device: str = "device-0123456789abcdef"
    base: str = "/apple/v1"

    def register(self, serial: str, push_token: object = "a1b2", auth: str | None = None) -> TestResponse:
        """POST a registration."""
        return self.client.post(
            self._registration(serial), json={"pushToken": push_token}, headers=auth_of(serial, auth)
        )

    def unregister(self, serial: str, auth: str | None = None) -> TestResponse:
        """DELETE a registration."""
        return self.client.delete(self._registration(serial), headers=auth_of(serial, auth))

    def changed(self, tag: str | None = None) -> TestResponse:
        """GET the list."""
        query = {} if tag is None else {"passesUpdatedSince": tag}
        return self.client.get(f"{self.base}/devices/{self.device}/registrations/{TYPE}", query_string=query)

    def fetch(
        self, serial: str, since: str | None = None, auth: str | None = None, method: str = "GET"
    ) -> TestResponse:
        """GET a pass."""
        headers = auth_of(serial, auth) | ({} if since is None else {"If-Modified-Since": since})
        return self.client.open(f"{self.base}/passes/{TYPE}/{serial}", method=method, headers=headers)

    def _registration(self, serial: str) -> str:
        return f"{self.base}/devices/{self.device}/registrations/{TYPE}/{serial}"


def auth_of(serial: str, header: str | None = None) -> dict[str, str]:
    """The header a phone with the pass sends, or another one."""
    return {"Authorization": f"ApplePass {token(serial)}" if header is None else header}


@pytest.fixture
def cards(database: Database) -> Database:
    """Three cards of merchant `acme`."""
    with database.write() as uow:
        add_cards(uow, 3)
    return database


def fake_pass(uow: UnitOfWork, card_id: str, pass_type: str) -> bytes:
    """Stands for the bytes of a pass."""
    return f"pass of {card_id}".encode()


def serve(database: Database, build_pass: Callable[[UnitOfWork, str, str], bytes] = fake_pass) -> FlaskClient:
    """A client of an application that has nothing but Apple's web service."""
    app = Flask("test")
    app.testing = True
    app.register_blueprint(create_blueprint(AppleServices(database, KEY, build_pass)))
    return app.test_client()


@pytest.fixture
def phone(cards: Database) -> Phone:
    """A phone."""
    return Phone(serve(cards))
