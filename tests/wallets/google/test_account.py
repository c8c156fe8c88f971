"""Access tokens are fetched once, renewed when refused, and never shown."""

import json
import logging
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
import time_machine

from passes.clock import real_now
from passes.errors import ConfigurationError
from passes.wallets.google.account import ServiceAccount
from passes.wallets.google.client import GoogleWallet
from passes.wallets.google.errors import GoogleBusy, GoogleDenied
from tests.fakes.google import GoogleStandIn
from tests.wallets.google.conftest import FreePace

KEYLESS = '{"client_email": "a@b.example", "token_uri": "https://t.example", "private_key": 7}'
Render = Callable[..., tuple[dict[str, Any], dict[str, Any]]]


def grants(stand_in: GoogleStandIn) -> int:
    return sum(seen.path == "/token" for seen in stand_in.requests)


def account(stand_in: GoogleStandIn) -> ServiceAccount:
    return ServiceAccount(stand_in.credentials_file, requests.Session())


def test_one_token_serves_many_calls(wallet: GoogleWallet, stand_in: GoogleStandIn, render: Render) -> None:
    wallet.upsert_card("stamp", *render())
    wallet.upsert_card("gift", *render("gift"))
    assert grants(stand_in) == 1


def test_a_revoked_token_is_replaced_once(
    wallet: GoogleWallet, stand_in: GoogleStandIn, render: Render
) -> None:
    cls, obj = render()
    wallet.upsert_class("stamp", cls)
    stand_in.tokens.revoke_all()
    assert wallet.upsert_object("stamp", obj).action == "inserted"
    assert grants(stand_in) == 2


def test_an_account_that_is_refused_with_a_new_token_too_is_denied(
    wallet: GoogleWallet, stand_in: GoogleStandIn, render: Render
) -> None:
    stand_in.misbehave(path="loyaltyClass", status=401, reason="required", times=5)
    with pytest.raises(GoogleDenied):
        wallet.upsert_class("stamp", render()[0])
    assert len(stand_in.calls()) == 2


def test_a_token_is_renewed_before_it_ends(stand_in: GoogleStandIn) -> None:
    service = account(stand_in)
    first = service.token(60.0)
    assert service.token(60.0) == first
    with time_machine.travel(real_now() + timedelta(minutes=59)):
        assert service.token(60.0) != first


def test_threads_share_one_fetch(stand_in: GoogleStandIn) -> None:
    service = account(stand_in)
    stand_in.misbehave(path="/token", delay_s=0.1)
    threads = [threading.Thread(target=service.token, args=(60.0,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert grants(stand_in) == 1


@pytest.mark.parametrize("how", [{"status": 503}, {"status": 429}, {"lose_answer": True}, {"delay_s": 20.0}])
def test_a_token_address_in_trouble_is_busy_at_once(how: dict[str, Any], stand_in: GoogleStandIn) -> None:
    stand_in.misbehave(path="/token", **how)
    with pytest.raises(GoogleBusy):
        account(stand_in).token(0.2)
    assert len([1 for seen in stand_in.requests if seen.path == "/token"]) <= 1


def test_another_accounts_key_is_denied(stand_in: GoogleStandIn, tmp_path: Path) -> None:
    with GoogleStandIn(tmp_path) as other:
        stolen = json.loads(other.credentials_file.read_text())
    stolen["token_uri"] = f"{stand_in.url}/token"
    file = tmp_path / "stolen.json"
    file.write_text(json.dumps(stolen))
    with pytest.raises(GoogleDenied, match="STEMPEL_GOOGLE_CREDENTIALS_FILE"):
        ServiceAccount(file, requests.Session()).token(60.0)


@pytest.mark.parametrize("text", [None, "", "no json", "{}", '{"type": "service_account"}', "[]", KEYLESS])
def test_a_file_that_is_no_key_is_named(text: str | None, tmp_path: Path) -> None:
    file = tmp_path / "credentials.json"
    if text is not None:
        file.write_text(text)
    with pytest.raises(ConfigurationError, match=r"STEMPEL_GOOGLE_CREDENTIALS_FILE: .*credentials\.json"):
        ServiceAccount(file, requests.Session())


def test_a_file_without_roots_is_named(stand_in: GoogleStandIn, tmp_path: Path) -> None:
    (tmp_path / "roots.pem").write_text("no certificate")
    with pytest.raises(ConfigurationError, match="STEMPEL_PROVIDER_CA_FILE"):
        GoogleWallet(stand_in.credentials_file, "1", FreePace(), ca_file=tmp_path / "roots.pem")


def test_neither_tokens_nor_assertions_are_logged(
    wallet: GoogleWallet, render: Render, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    wallet.upsert_card("stamp", *render())
    assert caplog.text
    assert "ya29." not in caplog.text
    assert "eyJ" not in caplog.text
