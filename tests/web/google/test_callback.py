"""`/google/callback`: a save or a removal that Google reports counts once, and nothing else counts."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from passes.app import create_app
from passes.cards.rules import CardView
from passes.config import load_settings
from passes.db.engine import Database
from passes.installs.models import GoogleCallback, GoogleObject
from passes.wallets.google import waiting
from passes.wallets.google.errors import GoogleBusy
from passes.web.google import views
from passes.wiring import Services
from tests.factories.cafe import Cafe
from tests.fakes.google import GoogleStandIn
from tests.fakes.google.keys import CallbackKeys, callback_message

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture(scope="module")
def google(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GoogleStandIn]:
    with GoogleStandIn(tmp_path_factory.mktemp("google")) as running:
        yield running


@pytest.fixture
def services(database: Database, google: GoogleStandIn, tmp_path: Path) -> Iterator[Services]:
    """Every working part, with Google on."""
    environment = {
        "STEMPEL_DATABASE_URL": database.url,
        "STEMPEL_DATA_DIR": str(tmp_path / "data"),
        "STEMPEL_SECRET_KEY": "s" * 40,
        "STEMPEL_TOKEN_KEY": "t" * 40,
        "STEMPEL_GOOGLE_API_URL": google.url,
        "STEMPEL_GOOGLE_CREDENTIALS_FILE": str(google.credentials_file),
        "STEMPEL_GOOGLE_ISSUER_ID": google.issuer_id,
        "STEMPEL_GOOGLE_CALLBACK_KEYS_URL": google.keys_url,
    }
    made = Services(load_settings(environment))
    yield made
    made.close()


@pytest.fixture
def client(services: Services) -> FlaskClient:
    return create_app(services).test_client()


@pytest.fixture
def card(services: Services, cafe: Cafe) -> CardView:
    """A card that exists at Google."""
    made = cafe.card("stamp")
    services.save_link(made.id, within_s=60)
    return made


def message(services: Services, card: CardView, event: str, **changes: Any) -> dict[str, Any]:
    with services.database.read() as uow:
        query = select(GoogleObject.class_id, GoogleObject.object_id).where(GoogleObject.card_id == card.id)
        class_id, object_id = uow.conn.execute(query).one()
    return {**callback_message(class_id, object_id, event), **changes}


def tell(client: FlaskClient, google: GoogleStandIn, said: dict[str, Any]) -> TestResponse:
    return client.post("/google/callback", data=google.keys.signed(google.issuer_id, said))


def saves(services: Services, card: CardView) -> int:
    with services.database.read() as uow:
        query = select(GoogleObject.saves).where(GoogleObject.card_id == card.id)
        return uow.conn.execute(query).scalar_one()


def heard(services: Services) -> int:
    with services.database.read() as uow:
        return uow.conn.execute(select(func.count()).select_from(GoogleCallback)).scalar_one()


def test_saving_and_removing_are_counted(
    client: FlaskClient, google: GoogleStandIn, services: Services, card: CardView
) -> None:
    for event, left in (("save", 1), ("save", 2), ("del", 1), ("del", 0), ("del", 0)):
        answer = tell(client, google, message(services, card, event))
        assert (answer.status_code, answer.data) == (200, b"")
        assert saves(services, card) == left


def test_what_google_repeats_counts_once(
    client: FlaskClient, google: GoogleStandIn, services: Services, card: CardView
) -> None:
    said = message(services, card, "save")
    for _ in range(3):
        assert tell(client, google, said).status_code == 200
    assert (saves(services, card), heard(services)) == (1, 1)


def test_a_card_we_do_not_know_is_acknowledged_and_changes_nothing(
    client: FlaskClient, google: GoogleStandIn, services: Services, card: CardView
) -> None:
    said = message(services, card, "save", objectId=f"{google.issuer_id}.unknown")
    assert tell(client, google, said).status_code == 200
    assert saves(services, card) == 0


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"nonce": "n" * 201}, id="long nonce"),
        pytest.param({"nonce": "a\0b"}, id="NUL in the nonce"),
        pytest.param({"nonce": ""}, id="no nonce"),
        pytest.param({"nonce": 7}, id="number as nonce"),
        pytest.param({"objectId": "3388000000012345678.a\0b"}, id="NUL in the object"),
        pytest.param({"eventType": "open"}, id="unknown event"),
        pytest.param({"expTimeMillis": 1}, id="expired"),
    ],
)
def test_a_signed_message_that_makes_no_sense_is_refused(
    client: FlaskClient, google: GoogleStandIn, services: Services, card: CardView, changes: dict[str, Any]
) -> None:
    answer = tell(client, google, message(services, card, "save", **changes))
    assert (answer.status_code, answer.get_json()["code"]) == (422, "invalid_request")
    assert answer.get_json()["errors"][0]["field"] == "body"
    assert (saves(services, card), heard(services)) == (0, 0)


@ON_SQLITE
def test_a_bad_signature_and_another_issuer_are_refused(
    client: FlaskClient, google: GoogleStandIn, services: Services, card: CardView
) -> None:
    said = message(services, card, "save")
    forged = CallbackKeys().signed(google.issuer_id, said)
    for body in (forged, google.keys.signed("1", said), json.dumps(said).encode(), b"", b"{", b"\xff"):
        assert client.post("/google/callback", data=body).status_code == 422
    assert (saves(services, card), heard(services)) == (0, 0)


@ON_SQLITE
def test_a_body_that_is_far_too_large_is_not_even_read(
    client: FlaskClient, google: GoogleStandIn, services: Services
) -> None:
    asked = len(google.requests)
    answer = client.post("/google/callback", data=b"x" * (views.MAX_CALLBACK_BYTES + 1))
    assert (answer.status_code, answer.get_json()["code"]) == (413, "too_large")
    assert len(google.requests) == asked


@ON_SQLITE
def test_while_googles_keys_cannot_be_had_it_is_asked_to_call_again(
    client: FlaskClient, google: GoogleStandIn, services: Services, card: CardView
) -> None:
    google.misbehave(path="/gp/m/issuer/keys", status=503)
    said = message(services, card, "save")
    answer = tell(client, google, said)
    assert (answer.status_code, answer.get_json()["code"]) == (503, "busy")
    assert int(answer.headers["Retry-After"]) > 0
    assert (saves(services, card), heard(services)) == (0, 0)


@ON_SQLITE
def test_with_google_off_there_is_nothing_here(app_without_google: FlaskClient) -> None:
    answer = app_without_google.post("/google/callback", data=b"{}")
    assert (answer.status_code, answer.get_json()["code"]) == (404, "not_found")
    assert "off" in answer.get_json()["detail"]


@pytest.fixture
def app_without_google(database: Database, tmp_path: Path) -> Iterator[FlaskClient]:
    environment = {"STEMPEL_DATABASE_URL": database.url, "STEMPEL_DATA_DIR": str(tmp_path)}
    made = Services(load_settings(environment))
    yield create_app(made).test_client()
    made.close()


@ON_SQLITE
def test_only_calls_come_here(client: FlaskClient) -> None:
    assert client.get("/google/callback").status_code == 405


@ON_SQLITE
def test_an_address_is_refused_at_once_while_too_many_wait_for_google(
    services: Services, card: CardView, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "_ROOM", threading.BoundedSemaphore(1))
    services.save_link(card.id, within_s=60)
    with waiting.turn(), pytest.raises(GoogleBusy, match="waiting for Google already"):
        services.save_link(card.id, within_s=60)
    services.save_link(card.id, within_s=60)
