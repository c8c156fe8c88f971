"""The stand-in is as strict as Google where the project relies on it, and fires callbacks as Google does."""

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests

from passes.clock import real_now
from passes.wallets.google.callback import CallbackVerifier
from passes.wallets.google.client import GoogleWallet
from passes.wallets.google.ecv2 import CallbackRefused
from passes.wallets.google.save_link import save_url
from tests.fakes.google import GoogleStandIn
from tests.fakes.google.store import merged

Render = Callable[..., tuple[dict[str, Any], dict[str, Any]]]
Api = Callable[..., requests.Response]
ROOT = Path(__file__).parents[3]


@pytest.fixture
def api(stand_in: GoogleStandIn, wallet: GoogleWallet) -> Api:
    def call(method: str, path: str, body: Any = None) -> requests.Response:
        headers = {"Authorization": f"Bearer {wallet.account.token(1.0)}"}
        url = f"{stand_in.url}/walletobjects/v1/{path}"
        return requests.request(method, url, json=body, headers=headers, timeout=120)

    return call


def reason(answer: requests.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["errors"][0]["reason"]


def test_nobody_comes_in_without_a_token(stand_in: GoogleStandIn) -> None:
    url = f"{stand_in.url}/walletobjects/v1/loyaltyClass/1.a"
    for headers in ({}, {"Authorization": "Bearer ya29.guess"}):
        assert reason(requests.get(url, headers=headers, timeout=120)) == (401, "required")


def test_tokens_need_an_assertion_of_this_account_scope_and_address(
    stand_in: GoogleStandIn, wallet: GoogleWallet
) -> None:
    now = int(real_now().timestamp())
    good = {
        "iss": wallet.account.email,
        "aud": f"{stand_in.url}/token",
        "scope": "https://www.googleapis.com/auth/wallet_object.issuer",
        "iat": now,
        "exp": now + 3600,
    }

    def status(grant: str = "urn:ietf:params:oauth:grant-type:jwt-bearer", **changes: Any) -> int:
        form = {"grant_type": grant, "assertion": wallet.account.sign({**good, **changes})}
        return requests.post(f"{stand_in.url}/token", data=form, timeout=120).status_code

    assert status() == 200
    assert status(grant="password") == 400
    bad = {"iss": "x", "aud": "https://x", "scope": "", "exp": now - 1, "iat": now - 9000}
    assert [status(**{name: value}) for name, value in bad.items()] == [400] * len(bad)


def test_a_draft_class_accepts_no_objects_and_no_class_becomes_one_again(api: Api, render: Render) -> None:
    cls, obj = render()
    assert api("POST", "loyaltyClass", {**cls, "reviewStatus": "DRAFT"}).ok
    assert reason(api("POST", "loyaltyObject", obj)) == (400, "invalidResource")
    path = f"loyaltyClass/{cls['id']}"
    assert api("PATCH", path, {"reviewStatus": "UNDER_REVIEW"}).json()["reviewStatus"] == "approved"
    assert api("POST", "loyaltyObject", obj).ok
    for status in ("DRAFT", "APPROVED", "approved", "REJECTED"):
        assert api("PATCH", path, {"reviewStatus": status}).status_code == 400


def test_an_object_needs_its_class_of_the_same_type(api: Api, render: Render) -> None:
    cls, obj = render("coupon")
    assert api("POST", "offerObject", obj).status_code == 404
    api("POST", "offerClass", cls)
    assert api("POST", "loyaltyObject", obj).status_code == 400
    assert api("POST", "offerObject", obj).ok
    assert api("POST", "offerObject", obj).status_code == 409


def test_reads_carry_what_google_adds_in_its_own_spelling(api: Api, render: Render) -> None:
    cls, obj = render()
    api("POST", "loyaltyClass", cls)
    shown = api("POST", "loyaltyObject", obj).json()
    assert (shown["kind"], shown["state"]) == ("walletobjects#loyaltyObject", "active")
    assert (shown["hasUsers"], shown["classReference"]["reviewStatus"]) == (False, "approved")


def test_put_clears_and_patch_merges(api: Api, render: Render) -> None:
    cls, obj = render(member_name="Käthe")
    api("POST", "loyaltyClass", cls)
    api("POST", "loyaltyObject", obj)
    path = f"loyaltyObject/{obj['id']}"
    patched = api("PATCH", path, {"loyaltyPoints": {"label": "Marken"}, "textModulesData": []}).json()
    assert patched["loyaltyPoints"]["balance"] == {"string": "3 / 10"}
    assert (patched["accountName"], patched["textModulesData"]) == ("Käthe", [])
    assert "accountName" not in api("PATCH", path, {"accountName": None}).json()
    least = {key: obj[key] for key in ("id", "classId", "state")}
    assert "barcode" not in api("PUT", path, least).json()
    assert api("PATCH", path, {"state": None}).status_code == 400
    assert api("PATCH", path, {"id": f"{obj['id']}x"}).status_code == 400


def test_a_balance_merged_into_another_form_is_refused(api: Api, render: Render) -> None:
    cls, obj = render()
    api("POST", "loyaltyClass", cls)
    api("POST", "loyaltyObject", obj)
    patch = {"loyaltyPoints": {"balance": {"int": 3}}}
    assert reason(api("PATCH", f"loyaltyObject/{obj['id']}", patch)) == (400, "invalidResource")


def test_merging_goes_to_every_depth() -> None:
    current = {"a": {"b": 1, "c": [1, 2]}, "d": 1}
    assert merged(current, {"a": {"c": [3], "e": {"f": 1}}, "d": None}) == {
        "a": {"b": 1, "c": [3], "e": {"f": 1}}
    }


def test_nothing_can_be_deleted_and_unknown_places_are_404(api: Api, render: Render) -> None:
    cls, _ = render()
    api("POST", "loyaltyClass", cls)
    assert api("DELETE", f"loyaltyClass/{cls['id']}").status_code == 405
    assert api("GET", "loyaltyClass/1.nothing").status_code == 404
    assert api("GET", "tramClass/1.nothing").status_code == 404


def test_json_faults_have_the_other_shape(api: Api, stand_in: GoogleStandIn) -> None:
    answer = api("POST", "loyaltyClass", {"id": 7})
    assert reason(answer) == (400, "invalid")
    assert answer.json()["error"]["status"] == "INVALID_ARGUMENT"


def test_updates_that_notify_share_the_budget_of_messages(api: Api, render: Render) -> None:
    cls, obj = render()
    api("POST", "loyaltyClass", cls)
    api("POST", "loyaltyObject", obj)
    path = f"loyaltyObject/{obj['id']}"
    loud = {"notifyPreference": "NOTIFY_ON_UPDATE"}
    message = {"id": "m", "header": "h", "body": "b", "messageType": "TEXT_AND_NOTIFY"}
    assert [api("PATCH", path, loud).status_code for _ in range(3)] == [200] * 3
    assert reason(api("POST", f"{path}/addMessage", {"message": message})) == (403, "quotaExceeded")
    silent = {"message": {**message, "messageType": "TEXT"}}
    assert api("POST", f"{path}/addMessage", silent).json()["resource"]["messages"][0]["id"] == "m"
    other = {"message": {**message, "messageType": "EXPIRATION_NOTIFICATION"}}
    assert api("POST", f"{path}/addMessage", other).status_code == 400


@pytest.fixture
def receiver() -> Iterator[tuple[str, list[bytes]]]:
    """An address that takes callbacks, and what arrived there."""
    arrived: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            arrived.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/google/callback", arrived
        server.shutdown()
        thread.join()


def test_saving_and_removing_fire_callbacks_that_verify(
    stand_in: GoogleStandIn, wallet: GoogleWallet, render: Render, receiver: tuple[str, list[bytes]]
) -> None:
    stand_in.switches.callback_url, arrived = receiver
    stand_in.switches.duplicates = 1
    cls, obj = render()
    wallet.upsert_card("stamp", cls, obj)
    url = save_url(obj["id"], cls["id"], "stamp", wallet.account, real_now(), base=stand_in.save_base)
    requests.get(url, timeout=120)
    stand_in.remove(obj["id"])
    verifier = CallbackVerifier(stand_in.keys_url, stand_in.issuer_id)
    heard = [verifier.verify(body, real_now()) for body in arrived]
    assert [(h.event, h.object_id, h.class_id) for h in heard] == [
        (event, obj["id"], cls["id"]) for event in ("save", "save", "del", "del")
    ]
    assert len({h.nonce for h in heard}) == 2
    assert stand_in.deliveries == [200] * 4


def test_it_can_sign_badly(
    stand_in: GoogleStandIn, wallet: GoogleWallet, render: Render, receiver: tuple[str, list[bytes]]
) -> None:
    stand_in.switches.callback_url, arrived = receiver
    stand_in.switches.bad_signatures = True
    cls, obj = render()
    wallet.upsert_card("stamp", cls, obj)
    stand_in.remove(obj["id"])
    with pytest.raises(CallbackRefused):
        CallbackVerifier(stand_in.keys_url, stand_in.issuer_id).verify(arrived[0], real_now())


def test_as_a_program_it_writes_credentials_and_keeps_its_key(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.fakes.google", "--dir", str(tmp_path)]
    keys = []
    for _ in range(2):
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as run:
            assert run.stdout is not None
            lines = dict(line.strip().partition("=")[::2] for line in iter(run.stdout.readline, "ready\n"))
            run.send_signal(signal.SIGTERM)
            assert run.wait(120) == 0
        account = json.loads(Path(lines["STEMPEL_GOOGLE_CREDENTIALS_FILE"]).read_text())
        assert account["token_uri"] == lines["STEMPEL_GOOGLE_API_URL"] + "/token"
        keys.append(account["private_key"])
    assert keys[0] == keys[1]


def test_lists_come_in_pages_and_only_of_the_own_issuer(
    api: Api, wallet: GoogleWallet, render: Render
) -> None:
    for number in range(5):
        wallet.upsert_card("stamp", *render(card_id=f"card_{number}"))
    cls, _ = render()
    first = api("GET", f"loyaltyObject?classId={cls['id']}&maxResults=3").json()
    token = first["pagination"]["nextPageToken"]
    second = api("GET", f"loyaltyObject?classId={cls['id']}&maxResults=3&token={token}").json()
    assert (len(first["resources"]), len(second["resources"])) == (3, 2)
    assert "nextPageToken" not in second["pagination"]
    assert reason(api("GET", "loyaltyObject?classId=1.foreign")) == (403, "permissionDenied")
    assert reason(api("GET", "loyaltyClass")) == (400, "invalidResource")


def test_linked_objects_have_to_be_there_and_stay(api: Api, wallet: GoogleWallet, render: Render) -> None:
    _, one = render(card_id="card_1")
    _, other = render(card_id="card_2")
    wallet.upsert_card("stamp", render()[0], one)
    path = f"loyaltyObject/{one['id']}"
    assert api("PATCH", path, {"linkedObjectIds": [other["id"]]}).status_code == 404
    wallet.upsert_card("stamp", render()[0], other)
    assert api("PATCH", path, {"linkedObjectIds": [one["id"]]}).status_code == 400
    assert api("PATCH", path, {"linkedObjectIds": [other["id"]]}).status_code == 200
    assert api("PATCH", path, {"linkedObjectIds": []}).status_code == 400


def test_a_picture_that_cannot_be_fetched_fails_the_class(
    api: Api, stand_in: GoogleStandIn, render: Render
) -> None:
    stand_in.switches.fetch_images = True
    cls, _ = render("points")
    cls["programLogo"]["sourceUri"]["uri"] = f"{stand_in.url}/nowhere.png"
    refused = api("POST", "loyaltyClass", cls)
    assert reason(refused) == (400, "invalidResource")
    assert "Image cannot be loaded" in refused.json()["error"]["message"]


@pytest.mark.parametrize(
    "path, value, fault",
    [
        ("type", "AZTEC", "only a QR code or a PDF417"),
        ("valuePattern", "ST2", "names no value"),
        ("valuePattern", "{totp_value_1}", "names no value"),
        ("totpDetails", {"algorithm": "TOTP_SHA1", "periodMillis": "0", "parameters": []}, "a period"),
    ],
)
def test_a_rotating_barcode_google_cannot_compute_is_refused(
    api: Api, render: Render, path: str, value: Any, fault: str
) -> None:
    cls, obj = render(rotates=True)
    assert api("POST", "loyaltyClass", cls).status_code == 200
    obj["rotatingBarcode"][path] = value
    assert fault in api("POST", "loyaltyObject", obj).text
