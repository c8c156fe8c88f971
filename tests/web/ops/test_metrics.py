"""Metrics answer everybody without a name, and whoever has the token with all of them."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pydantic import SecretStr

from passes.web.ops import metrics
from passes.wiring import Services
from tests.mutants import damage

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
TOKEN = "0123456789abcdef"
SLUGS = ("backwerk", "gasthaus")


@pytest.fixture
def client(app: Flask, services: Services) -> FlaskClient:
    """An installation of two merchants."""
    for slug in SLUGS:
        services.identities.create_development(slug)
    return app.test_client()


def with_token(services: Services) -> None:
    services.settings = services.settings.model_copy(update={"metrics_token": SecretStr(TOKEN)})


def test_without_a_token_set_everybody_reads_them_and_no_name_is_in_them(
    client: FlaskClient, services: Services
) -> None:
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert "stempel_identity_signs 1.0" in answer.text
    assert "stempel_identity_days_left " in answer.text
    assert "stempel_identity_damaged 0.0" in answer.text
    assert not any(slug in answer.text for slug in (*SLUGS, "pass."))
    (services.settings.certs_dir / "gasthaus" / "identity.json").unlink()
    assert "stempel_identity_damaged 1.0" in client.get("/metrics").text


def test_the_token_shows_each_merchant(client: FlaskClient, services: Services) -> None:
    with_token(services)
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    for slug in SLUGS:
        assert f'stempel_identity_damaged{{merchant="{slug}"}} 0.0' in answer.text
        assert f'stempel_identity_signs{{merchant="{slug}",pass_type="pass.' in answer.text


@pytest.mark.parametrize("shown", [None, "", "Bearer ", f"Bearer {TOKEN}x", f"Basic {TOKEN}", "ß\xff"])
def test_where_a_token_is_set_nobody_else_reads_anything(
    client: FlaskClient, services: Services, shown: str | None
) -> None:
    with_token(services)
    answer = client.get("/metrics", headers={} if shown is None else {"Authorization": shown})
    assert (answer.status_code, answer.headers.get("WWW-Authenticate")) == (401, "Bearer")
    assert not any(name in answer.text for name in ("stempel_", *SLUGS))
    assert client.get("/readyz").status_code == 200


def test_where_a_token_is_set_readiness_names_merchants_to_whoever_shows_it(
    client: FlaskClient, services: Services
) -> None:
    for slug in SLUGS:
        (services.settings.certs_dir / slug / "identity.json").unlink()
    assert [warning.split(":")[0] for warning in client.get("/readyz").json["warnings"]] == sorted(SLUGS)
    with_token(services)
    answer = client.get("/readyz")
    assert (answer.status_code, len(answer.json["warnings"])) == (200, 1)
    assert f"{len(SLUGS)}. STEMPEL_METRICS_TOKEN" in answer.json["warnings"][0]
    assert not any(slug in answer.text for slug in SLUGS)
    shown = client.get("/readyz", headers={"Authorization": f"Bearer {TOKEN}"})
    assert [warning.split(":")[0] for warning in shown.json["warnings"]] == sorted(SLUGS)


def _nobody_else(client: FlaskClient, services: Services) -> None:
    test_where_a_token_is_set_nobody_else_reads_anything(client, services, "Bearer x")


BUGS: list[tuple[str, tuple[str, str], Callable[..., None]]] = [
    ("is_allowed", ("not token or", "True or"), _nobody_else),
    (
        "metrics",
        ("if services.settings.metrics_token.get_secret_value():", "if True:"),
        test_without_a_token_set_everybody_reads_them_and_no_name_is_in_them,
    ),
]


@pytest.mark.parametrize("name, edit, rule", BUGS)
def test_planted_bugs_are_caught(
    client: FlaskClient,
    services: Services,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    edit: tuple[str, str],
    rule: Callable[..., None],
) -> None:
    damage(monkeypatch, metrics, name, edit)
    with pytest.raises(AssertionError):
        rule(client, services)
