"""What watches over an installation is told: alive, ready and why not, how much waits."""

import re
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from passes import migrate
from passes.app import create_app
from passes.cards import service as card_service
from passes.clock import FileClock, FixedClock, real_now
from passes.db.engine import Database
from passes.installs import google_pace
from passes.outbox import service as outbox
from passes.outbox.service import Target
from passes.web.ops import views
from passes.wiring import Services
from tests.factories.cafe import Cafe
from tests.fixtures.api import make_services

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def ready(client: FlaskClient) -> tuple[int, dict[str, Any]]:
    answer = client.get("/readyz")
    assert answer.content_type == "application/json"
    return answer.status_code, answer.get_json()


def metrics(client: FlaskClient) -> dict[str, float]:
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain")
    lines = re.findall(r"^(stempel_\S+) (\S+)$", answer.get_data(as_text=True), re.MULTILINE)
    return {name: float(value) for name, value in lines}


def test_an_installation_in_order_is_ready(client: FlaskClient) -> None:
    status, body = ready(client)
    assert (status, body["status"], body["failures"], body["warnings"]) == (200, "ready", [], [])
    assert client.get("/healthz").get_json() == {"status": "ok"}


@ON_SQLITE
def test_it_says_that_google_is_off(client: FlaskClient) -> None:
    assert ready(client)[1]["google"] == "off"


def test_a_database_behind_the_code_is_not_ready_and_told_the_way_out(
    empty_database_url: str, tmp_path: Path
) -> None:
    with closing(Database(empty_database_url, FixedClock(real_now()))) as database:
        client = create_app(make_services(database, tmp_path)).test_client()
        status, body = ready(client)
        assert (status, body["status"]) == (503, "not ready")
        assert "db upgrade" in body["failures"][0]
        assert metrics(client) == {"stempel_ready": 0}
        assert client.get("/healthz").status_code == 200
        migrate.upgrade(database)
        assert ready(client)[0] == 200


@ON_SQLITE
@pytest.mark.parametrize(
    "url",
    [
        "sqlite:////nowhere/at/all.db",
        "postgresql+psycopg://ada:hush@127.0.0.1:1/x",
    ],
)
def test_a_database_that_is_not_there_is_told_without_its_password(
    database: Database, url: str, tmp_path: Path
) -> None:
    services = make_services(database, tmp_path)
    services.database = Database(url, FixedClock(real_now()))
    client = create_app(services).test_client()
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.get_json()["failures"]
    assert b"hush" not in answer.data
    assert metrics(client) == {"stempel_ready": 0}


@ON_SQLITE
def test_a_clock_that_says_no_time_is_told(database: Database, services: Services, tmp_path: Path) -> None:
    file = tmp_path / "clock"
    file.write_text("soon")
    services.database.clock = FileClock(file)
    status, body = ready(create_app(services).test_client())
    assert (status, body["failures"]) == (503, ["The file that STEMPEL_CLOCK_FILE names holds no time."])


def test_what_waits_and_what_was_given_up_is_counted(
    client: FlaskClient, services: Services, cafe: Cafe
) -> None:
    card = cafe.card("stamp")
    with services.database.write() as uow:
        outbox.want(uow, [Target(card.merchant_id, "apns", f"type/{n}", {}) for n in range(3)], real_now())
        card_service.touch_by_id(uow, card.merchant_id, card.id)
    found = metrics(client)
    assert found["stempel_ready"] == 1
    assert found['stempel_outbox_waiting{channel="apns"}'] == 3
    assert found['stempel_outbox_dead{channel="apns"}'] == 0


@ON_SQLITE
def test_identities_that_cannot_sign_warn_and_tills_go_on(client: FlaskClient, services: Services) -> None:
    services.identities.create_development("groessenwahn")
    assert ready(client)[1]["warnings"] == []
    folder = services.settings.certs_dir / "groessenwahn"
    for path in folder.glob("*.pem"):
        path.write_text("broken")
    status, body = ready(client)
    assert status == 200
    assert body["warnings"][0].startswith("groessenwahn: ")


@ON_SQLITE
def test_an_identity_about_to_expire_warns(
    client: FlaskClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends = services.identities.create_development("groessenwahn").not_after
    monkeypatch.setattr(views, "real_now", lambda: ends - timedelta(days=3))
    (warning,) = ready(client)[1]["warnings"]
    assert warning.startswith("groessenwahn: ")
    assert f"{ends:%Y-%m-%d}" in warning


@ON_SQLITE
@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_nothing_can_be_posted_here(client: FlaskClient, path: str) -> None:
    answer = client.post(path, data=b"x")
    assert (answer.status_code, answer.get_json()["code"]) == (405, "method_not_allowed")
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


def test_a_token_key_that_is_not_the_cards_own_is_told_of(
    client: FlaskClient, services: Services, cafe: Cafe
) -> None:
    cafe.card()
    assert ready(client)[1]["warnings"] == []
    services.database.token_key_id = "another"
    (warning,) = ready(client)[1]["warnings"]
    assert warning.startswith("TOKEN_KEY is not the one")


def test_a_broken_identity_is_told_of_without_the_files_of_the_machine(
    client: FlaskClient, services: Services, cafe: Cafe
) -> None:
    services.identities.create_development(cafe.merchant.slug)
    folder = services.settings.certs_dir / cafe.merchant.slug
    (folder / "identity.json").unlink()
    (warning,) = ready(client)[1]["warnings"]
    assert cafe.merchant.slug in warning
    assert "certs show" in warning
    assert str(services.settings.certs_dir) not in warning


def test_google_that_is_left_alone_is_told_of(client: FlaskClient, services: Services) -> None:
    services.settings = services.settings.model_copy(update={"google_issuer_id": "1"})
    assert ready(client)[1]["warnings"] == []
    with services.database.write() as uow:
        google_pace.pause(uow, "1", 60_000_000, 60_000_000, "it answered 403 quotaExceeded")
    (warning,) = ready(client)[1]["warnings"]
    assert re.fullmatch(r"Google is left alone for another [56]\d s, .* quotaExceeded", warning)
