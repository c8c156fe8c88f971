"""`make run` from outside: it prints what works, stops well, starts again the same, and takes all with it."""

import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import requests

from passes.wallets.signing.importing import import_pem
from passes.wallets.signing.store import IdentityStore
from tests.cli.conftest import KEYS
from tests.cli.processes import ROOT, Program, lives
from tests.ports import free_port
from tests.waiting import eventually
from tests.wallets.signing import chains

LAST_LINE = "keeps everything for the next time."


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


def demo(home: Path, **environment: str) -> Program:
    where = {"STEMPEL_DATA_DIR": str(home / "var"), "STEMPEL_CERTS_DIR": str(home / "certs")}
    return Program(("-m", "passes", "demo"), {**where, **environment}, home / "log")


def links(said: str) -> list[str]:
    return re.findall(r"http://\S+", said)


def api_keys(said: str) -> dict[str, str]:
    return dict(re.findall(r"API key: (\w+)\s+(sk_\S+)", said))


@pytest.mark.slow
def test_a_demo_lives(home: Path) -> None:
    port = str(free_port())
    base = f"http://127.0.0.1:{port}"

    with demo(home, PORT=port, FAKES="1") as first:
        said = first.until_it_says(LAST_LINE)
        assert "Apple push: a stand-in" in said
        assert "Google Wallet: a stand-in" in said
        _every_link_works(said, base)
        assert requests.get(f"{base}/readyz", timeout=120).json()["google"] == "on"
        _every_key_is_let_in(said, base)
        _cards_go_into_both_wallets(said, base, home)
        _other_commands_work_beside_it(home, port)
        family = first.family()
        assert len(family) >= 3, "a worker and two stand-ins"
        assert first.stop(signal.SIGTERM) == 0
        eventually(lambda: not any(map(lives, family)))
        assert "Traceback" not in first.said()
        assert not (home / "var" / "demo.env").exists()

    with demo(home, PORT=port, FAKES="") as second:
        again = second.until_it_says(LAST_LINE)
        assert "Google Wallet: off; FAKES=1 starts a stand-in" in again
        assert links(again) == links(said)
        assert api_keys(again) == api_keys(said)
        family = second.family()
        second.stop(signal.SIGKILL)
        eventually(lambda: not any(map(lives, family)))
        with pytest.raises(requests.ConnectionError):
            requests.get(f"{base}/healthz", timeout=120)


def _every_link_works(said: str, base: str) -> None:
    found = links(said)
    assert {f"{base}/e/demo-{kind}" for kind in ("stamp", "coupon", "gift", "points")} <= set(found)
    assert {f"{base}/scanner?merchant=demo", f"{base}/console", f"{base}/api/docs"} <= set(found)
    for link in found:
        answer = requests.get(link, timeout=120)
        assert answer.status_code == 200, link
        expected = "application/pdf" if link.endswith(".pdf") else "text/html"
        assert answer.headers["Content-Type"].startswith(expected), link


def _every_key_is_let_in(said: str, base: str) -> None:
    found = api_keys(said)
    paths = {"till": "cards/card_none", "manage": "locations", "marketing": "campaigns", "read": "programs"}
    statuses = {
        scope: requests.get(
            f"{base}/api/v1/{path}", headers={"Authorization": f"Bearer {found[scope]}"}, timeout=120
        ).status_code
        for scope, path in paths.items()
    }
    assert statuses == {"till": 404, "manage": 200, "marketing": 200, "read": 200}


def _cards_go_into_both_wallets(said: str, base: str, home: Path) -> None:
    with zipfile.ZipFile(home / "var" / "demo.pkpass") as archive:
        card_id = json.loads(archive.read("pass.json"))["serialNumber"]
        assert {"manifest.json", "signature"} <= set(archive.namelist())
    read = {"Authorization": f"Bearer {api_keys(said)['read']}"}
    address = f"{base}/api/v1/cards/{card_id}/google"
    # It is told to come again where Google takes longer than a customer waits.
    eventually(lambda: requests.get(address, headers=read, timeout=120).status_code != 503)
    link = requests.get(address, headers=read, timeout=120)
    assert link.status_code == 200, link.text
    assert requests.get(link.json()["save_url"], timeout=120).status_code == 200


def _other_commands_work_beside_it(home: Path, port: str) -> None:
    beside = {
        **os.environ,
        "STEMPEL_DATA_DIR": str(home / "var"),
        "STEMPEL_CERTS_DIR": str(home / "certs"),
        "PYTHON": sys.executable,
    }
    command = """
        . "$STEMPEL_DATA_DIR/demo.env"; env
        "$PYTHON" -m passes merchant create --slug adler --name Adler >&2
        "$PYTHON" -m passes certs dev --merchant adler >&2
        "$PYTHON" -m passes outbox drain --json
    """
    drained = subprocess.run(
        ["sh", "-c", command], cwd=ROOT, env=beside, capture_output=True, text=True, check=True
    )
    *settings, result = drained.stdout.splitlines()
    assert f"STEMPEL_PORT={port}" in settings
    assert any(line.startswith("STEMPEL_APNS_URL=https://127.0.0.1:") for line in settings)
    assert json.loads(result)["left"]["empty"]
    known = dict(line.partition("=")[::2] for line in settings)
    _push_service_knows(home / "certs" / "adler", known)


def _push_service_knows(identity: Path, settings: dict[str, str]) -> None:
    """Whoever it does not know is let in by TLS 1.3 first, and thrown out before the first byte."""
    chain = identity / "chain.pem"
    chain.write_text((identity / "certificate.pem").read_text() + (identity / "intermediate.pem").read_text())
    context = ssl.create_default_context(cafile=settings["STEMPEL_PROVIDER_CA_FILE"])
    context.load_cert_chain(chain, identity / "key.pem")
    context.set_alpn_protocols(["h2"])
    port = int(settings["STEMPEL_APNS_URL"].rpartition(":")[2])
    with (
        socket.create_connection(("127.0.0.1", port), timeout=120) as plain,
        context.wrap_socket(plain, server_hostname="127.0.0.1") as secured,
    ):
        assert secured.recv(1)


def test_the_settings_given_decide(home: Path, tmp_path: Path) -> None:
    clock, port = tmp_path / "clock", str(free_port())
    clock.write_text("1997-01-01T09:00:00Z")
    given = {
        "PORT": str(free_port()),
        "STEMPEL_PORT": port,
        "STEMPEL_CLOCK_FILE": str(clock),
        "STEMPEL_APNS_URL": "https://127.0.0.1:9",
        "STEMPEL_GOOGLE_API_URL": "https://127.0.0.1:9",
        "FAKES": "1",
    }
    with demo(tmp_path, **given) as program:
        said = program.until_it_says(LAST_LINE)
        assert "Apple push: https://127.0.0.1:9, as set" in said
        assert "Google Wallet: https://127.0.0.1:9, as set" in said
        assert f"http://127.0.0.1:{port}/e/demo-stamp" in said
        headers = {"Authorization": f"Bearer {api_keys(said)['read']}"}
        programs = requests.get(f"http://127.0.0.1:{port}/api/v1/programs", headers=headers, timeout=120)
        assert programs.json()["items"][0]["created_at"] == "1997-01-01T09:00:00Z"
        assert program.stop(signal.SIGINT, everybody=True) == 0


@pytest.mark.parametrize(
    "empty_database_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)
def test_it_runs_on_postgresql_with_keys_of_its_own(tmp_path: Path, empty_database_url: str) -> None:
    where = {"PORT": str(free_port()), "STEMPEL_DATABASE_URL": empty_database_url}
    with demo(tmp_path, **where) as program:
        assert program.process.wait(120) == 2
    assert "STEMPEL_SECRET_KEY and STEMPEL_TOKEN_KEY must both be set" in program.said()
    with demo(tmp_path, **where, **KEYS, STEMPEL_EMBEDDED_SCHEDULER="true") as program:
        _every_link_works(program.until_it_says(LAST_LINE), f"http://127.0.0.1:{where['PORT']}")
        assert program.stop() == 0


def test_a_real_identity_is_never_played_with(tmp_path: Path) -> None:
    leaf = import_pem(chains.pem(chains.leaf()), chains.key_pem(), None, intermediates=(chains.apple_like(),))
    IdentityStore(tmp_path / "certs").save("demo", leaf)
    with demo(tmp_path, PORT=str(free_port())) as program:
        said = program.until_it_says(LAST_LINE)
        assert program.stop() == 0
    assert "Apple push: https://api.push.apple.com, as a signing identity is a real one" in said
    assert re.search(r"Signed Apple pass +none: .*https", said)
    assert not (tmp_path / "var" / "demo.pkpass").exists()


def test_a_port_that_is_taken_is_said_before_anything_is_made(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with demo(tmp_path, PORT=str(port)) as program:
            assert program.process.wait(120) == 2
    assert f"127.0.0.1:{port} cannot be used" in program.said()
    assert "PORT for make run" in program.said()
    assert not (tmp_path / "var").exists()


def test_a_port_that_is_none_is_named(tmp_path: Path) -> None:
    with demo(tmp_path, PORT="many") as program:
        assert program.process.wait(120) == 2
    assert "Invalid value for '--port': 'many'" in program.said()
