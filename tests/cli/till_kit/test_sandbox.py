"""The sandbox: the real API behind a network that does as it is told, apart from every real installation."""

import threading
import time
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
import requests

from passes.app import create_app
from passes.cards import queries as cards
from passes.cards import signed_barcode
from passes.cli.sandbox.command import told_of
from passes.cli.sandbox.server import Sandbox, open_sandbox
from passes.ids import format_code
from tests.cli.processes import Program
from tests.ports import free_port

PAY = "/api/v1/redemptions"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with open_sandbox() as running:
        yield running


def plan(sandbox: Sandbox, *faults: Any) -> requests.Response:
    return requests.put(f"{sandbox.url}/sandbox/faults", json={"faults": list(faults)}, timeout=120)


def pay(sandbox: Sandbox, code: str, *, key: str | None = None, **headers: str) -> requests.Response:
    body = {"code": code, "amount": {"amount": 300, "asset": "EUR"}}
    sent = {
        "Authorization": f"Bearer {sandbox.shop.till_key}",
        "Idempotency-Key": key or str(uuid4()),
        **headers,
    }
    return requests.post(sandbox.url + PAY, json=body, headers=sent, timeout=120)


def balance(sandbox: Sandbox, card: Any) -> int:
    with sandbox.shop.services.database.read() as uow:
        return cards.get(uow, card.merchant_id, card.id).balance


@pytest.mark.parametrize(
    "fault, heard, taken",
    [
        ("lose_request", False, 0),
        ("lose_answer", False, 300),
        ("half_answer", False, 300),
        ("stall", False, 300),
        ("slow", True, 300),
        ("duplicate", True, 300),
        ("busy", True, 0),
    ],
)
def test_each_fault_does_what_it_says(sandbox: Sandbox, fault: str, heard: bool, taken: int) -> None:
    card, key = sandbox.shop.card("gift", 1000), str(uuid4())
    plan(sandbox, {"fault": fault, "path": "/redemptions"}).raise_for_status()
    code = format_code(card.code)
    if heard:
        assert pay(sandbox, code, key=key).status_code == (503 if fault == "busy" else 201)
    else:
        with pytest.raises(requests.RequestException):
            pay(sandbox, code, key=key)
    assert balance(sandbox, card) == 1000 - taken
    assert pay(sandbox, code, key=key).status_code == 201
    assert balance(sandbox, card) == 700


def test_a_late_request_arrives_after_the_next_one(sandbox: Sandbox) -> None:
    card, other = sandbox.shop.card("gift", 1000), sandbox.shop.card("gift", 1000)
    plan(sandbox, {"fault": "late"}).raise_for_status()
    with pytest.raises(requests.RequestException):
        pay(sandbox, format_code(card.code))
    assert balance(sandbox, card) == 1000
    assert pay(sandbox, format_code(other.code)).status_code == 201
    assert balance(sandbox, card) == 700


def test_a_request_may_bring_its_own_fault(sandbox: Sandbox) -> None:
    answer = pay(sandbox, "x", **{"X-Stempel-Fault": "busy"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert pay(sandbox, "x", **{"X-Stempel-Fault": "earthquake"}).status_code == 422


def test_the_plan_and_the_journal_can_be_read(sandbox: Sandbox) -> None:
    plan(sandbox, {"fault": "busy", "path": "/holds", "times": 3}).raise_for_status()
    pay(sandbox, "x", key="the key")
    told = requests.get(f"{sandbox.url}/sandbox/faults", timeout=120).json()
    assert told["faults"] == [{"fault": "busy", "path": "/holds", "times": 3, "seconds": 1}]
    last = told["journal"][-1]
    assert (last["path"], last["key"], last["fault"], last["status"]) == (PAY, "the key", None, 404)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'{"faults": [{"fault": "earthquake"}]}', b'{"faults": 1}']
)
def test_a_plan_that_is_none_is_refused_in_words(sandbox: Sandbox, body: bytes) -> None:
    answer = requests.put(f"{sandbox.url}/sandbox/faults", data=body, timeout=120)
    assert answer.status_code in (400, 422)
    assert answer.json()["detail"]


def test_the_real_application_knows_no_faults(sandbox: Sandbox) -> None:
    browser = create_app(sandbox.shop.services).test_client()
    assert browser.put("/sandbox/faults", json={"faults": []}).status_code == 404
    assert browser.post(PAY, headers={"X-Stempel-Fault": "busy"}).status_code == 400


def test_two_requests_do_not_wait_for_each_other(sandbox: Sandbox) -> None:
    plan(sandbox, {"fault": "slow", "seconds": 3}).raise_for_status()
    card = sandbox.shop.card("gift", 1000)
    threading.Thread(target=lambda: _ignoring(lambda: pay(sandbox, "x")), daemon=True).start()
    deadline = time.monotonic() + 120
    while sandbox.network.planned() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert pay(sandbox, format_code(card.code)).status_code == 201


def _ignoring(call: Any) -> None:
    try:
        call()
    except requests.RequestException:
        return


def test_the_command_serves_until_it_is_told_to_stop_and_leaves_nothing(tmp_path: Any) -> None:
    port, folder = str(free_port()), tmp_path / "tmp"
    folder.mkdir()
    # An installation that does not work must not matter.
    environment = {"TMPDIR": str(folder), "STEMPEL_DATABASE_URL": "nonsense"}
    with Program(("-m", "passes", "sandbox", "--port", port), environment, tmp_path / "log") as running:
        text = running.until_it_says("Ctrl-C ends it")
        assert list(folder.iterdir())
        assert f"http://127.0.0.1:{port}/api/v1" in text
        key = text.split("Till key")[1].split()[0]
        code = text.split("Gift")[1].split()[0]
        headers = {"Authorization": f"Bearer {key}"}
        url = f"http://127.0.0.1:{port}/api/v1/cards/lookup"
        card = requests.post(url, json={"code": code}, headers=headers, timeout=120).json()
        assert card["balance"] == {"amount": 5000, "asset": "EUR"}
        assert running.stop() == 0
    assert not list(folder.iterdir())


def test_it_hands_out_a_signed_barcode_that_its_keys_verify_and_its_tills_take(sandbox: Sandbox) -> None:
    barcode = told_of(sandbox)["signed_barcode"]
    api, headers = f"{sandbox.url}/api/v1", {"Authorization": f"Bearer {sandbox.shop.till_key}"}
    (key,) = requests.get(f"{api}/offline/terms", headers=headers, timeout=120).json()["keys"]
    parsed = signed_barcode.parse(barcode)
    assert parsed is not None
    assert parsed.is_signed(urlsafe_b64decode(key["x"] + "="))
    assert (parsed.kind, parsed.balance) == ("gift", 5000)
    asked = {"code": barcode}
    found = requests.post(f"{api}/cards/lookup", json=asked, headers=headers, timeout=120).json()
    assert found["balance"] == {"amount": 5000, "asset": "EUR"}
