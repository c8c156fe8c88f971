"""No two who ask for a port get the same, and nobody gets one that is in use."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests import ports

ROOT = Path(__file__).parents[1]
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="ports are claimed on Linux alone")


@on_linux
def test_a_port_lies_where_the_system_gives_none_away() -> None:
    first = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert ports.free_port() < max(first, ports.LOWEST + 1000)


@on_linux
def test_nobody_gets_the_same_port_before_or_in_another_process(monkeypatch: pytest.MonkeyPatch) -> None:
    mine = ports.free_port()
    monkeypatch.setattr(ports, "LOWEST", mine)
    monkeypatch.setattr(ports, "_first_given_away", lambda: mine)
    assert mine not in {ports.free_port() for _ in range(20)}
    ask = f"from tests import ports; print(ports._claim({mine}), ports._claim(ports.free_port()))"
    other = subprocess.run([sys.executable, "-c", ask], cwd=ROOT, capture_output=True, text=True, check=True)
    assert other.stdout == "False False\n"


def test_a_port_that_somebody_listens_at_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", ports.free_port())) as taken:
        port = taken.getsockname()[1]
        assert not ports.is_free(port)
        monkeypatch.setattr(ports, "_claim", lambda _: True)
        monkeypatch.setattr(ports, "LOWEST", port)
        monkeypatch.setattr(ports, "_first_given_away", lambda: port)
        assert port not in {ports.free_port() for _ in range(20)}
    assert ports.is_free(port)
