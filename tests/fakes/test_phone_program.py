"""The phone as a process of its own: installs over HTTP, hears of a push, and prints what its user sees."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.serving import make_server

from passes.wallets.apple.apns import ApnsClient, ClientIdentity, Verdict
from tests.fakes.apns import ApnsStandIn
from tests.fakes.apns.control import control
from tests.fakes.certs import CertificateFiles, pass_identity
from tests.fakes.toy_service import PASS_TYPE, ToyService

ROOT = Path(__file__).parents[2]


@pytest.fixture
def identity(tmp_path: Path) -> CertificateFiles:
    return pass_identity(tmp_path / "identity")


@pytest.fixture
def service(identity: CertificateFiles) -> Iterator[ToyService]:
    service = ToyService(identity)
    server = make_server("127.0.0.1", 0, service, threaded=True)
    service.change(webServiceURL=f"http://127.0.0.1:{server.server_port}/apple")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield service
    server.shutdown()
    thread.join()
    server.server_close()


def read_until(process: subprocess.Popen[str], text: str) -> str:
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if text in line:
            return said
    raise AssertionError(f"The phone never said {text!r}, but: {said}")


def test_the_program_shows_the_new_pass_and_its_news_after_a_push(
    tmp_path: Path, service: ToyService, identity: CertificateFiles
) -> None:
    address = str(service.contents["webServiceURL"]).replace("/apple", "/card.pkpass")
    with ApnsStandIn(tmp_path / "apns", identity.root) as apns, control(apns.journal) as side_door:
        command = [sys.executable, "-m", "tests.fakes.phone", "--install", address]
        command += ["--apns-control", side_door, "--language", "de", "--for-s", "60"]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            assert "balance '12.5'" in read_until(process, "news")
            service.news("news_1")
            (token,) = service.tokens.values()
            client = ApnsClient(apns.url, apns.ca_file)
            pusher = ClientIdentity(PASS_TYPE, identity.certificate, identity.key)
            assert client.push(pusher, [token])[0].verdict is Verdict.ACCEPTED
            client.close()
            said = read_until(process, "[Café Zimt]")
            process.terminate()
    assert "news 'Neu\\nda'" in said
    assert service.logs == []


def test_an_address_that_gives_no_pass_ends_the_program_with_a_sentence(
    tmp_path: Path, service: ToyService, identity: CertificateFiles
) -> None:
    with ApnsStandIn(tmp_path / "apns", identity.root) as apns, control(apns.journal) as side_door:
        command = [sys.executable, "-m", "tests.fakes.phone", "--apns-control", side_door]
        command += ["--install", str(service.contents["webServiceURL"]) + "/v1/nothing"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode != 0
    assert done.stderr.startswith("The phone refuses: http")
    assert "was answered with 401" in done.stderr
