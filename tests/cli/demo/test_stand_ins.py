"""Stand-ins for the demo: they start with what they need, or say in a sentence why not."""

from pathlib import Path

import pytest

from passes.cli.demo import stand_ins
from passes.errors import ConfigurationError
from tests.cli.processes import lives


def test_the_push_stand_in_is_trusted_beside_what_was_trusted_before(tmp_path: Path) -> None:
    own = tmp_path / "own.pem"
    own.write_text("the operator's own roots\n")
    stand_in = stand_ins.start_apns(tmp_path / "stand-ins", tmp_path, own)
    try:
        trusted = Path(stand_in.settings["STEMPEL_PROVIDER_CA_FILE"]).read_text()
        assert trusted.startswith("the operator's own roots\n-----BEGIN CERTIFICATE-----")
        assert stand_in.settings["STEMPEL_APNS_URL"].startswith("https://127.0.0.1:")
        assert lives(stand_in.process.pid)
    finally:
        stand_in.stop()
    assert not lives(stand_in.process.pid)


def test_one_that_does_not_start_is_named_with_its_last_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stand_ins, "CHECKOUT", tmp_path)
    assert not stand_ins.are_here()
    with pytest.raises(ConfigurationError, match=r"The google stand-in did not start: .*No module named"):
        stand_ins.start_google(tmp_path, "http://127.0.0.1:9/google/callback")


def test_one_that_never_gets_ready_is_given_up_and_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stand_ins, "START_TIMEOUT_S", 0.0)
    started = []
    popen = stand_ins.subprocess.Popen
    monkeypatch.setattr(
        stand_ins.subprocess,
        "Popen",
        lambda *args, **more: started.append(popen(*args, **more)) or started[0],
    )
    with pytest.raises(ConfigurationError, match="The google stand-in did not start"):
        stand_ins.start_google(tmp_path, "http://127.0.0.1:9/google/callback")
    assert not lives(started[0].pid)
