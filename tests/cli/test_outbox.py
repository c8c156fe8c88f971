"""`outbox`: says what waits, and sends it."""

from collections.abc import Sequence

import pytest

from passes.cli import outbox as command
from passes.clock import real_now
from passes.outbox import leases, service
from passes.outbox.channel import ClaimedDelivery, Outcome
from passes.outbox.sender import Sender
from passes.outbox.service import Target
from passes.wallets.fan_out import fan_out
from passes.wiring import Services
from tests.cli.conftest import Shell
from tests.cli.offers import a_program


class Post:
    """A channel that delivers, unless told not to."""

    batch_size = 10

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome

    def send(self, deliveries: Sequence[ClaimedDelivery]) -> Sequence[Outcome]:
        return [self.outcome for _ in deliveries]


@pytest.fixture
def waiting(shell: Shell) -> Shell:
    """One card that has just been issued, and one device that has to hear of something."""
    merchant_id = shell.merchant()
    program_id = a_program(shell, merchant_id, "stamp")
    shell.json("cards", "issue", "--merchant", "cafe", "--program", program_id, "--count", "1")
    with shell.database.write() as uow:
        service.want(uow, [Target(merchant_id, "apns", "pass.x device", {})], real_now())
    return shell


def deliver(monkeypatch: pytest.MonkeyPatch, outcome: Outcome) -> None:
    def sender(self: Services) -> Sender:
        return Sender(self.database, fan_out, {"apns": Post(outcome)})

    monkeypatch.setattr(Services, "sender", sender)


def test_what_waits_is_told_and_sent(waiting: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    deliver(monkeypatch, Outcome.done())
    before = waiting.json("outbox", "status")
    assert (before["empty"], before["events"]) == (False, 1)
    assert before["channels"][0]["waiting"] == 1
    assert "apns" in waiting.run("outbox", "status").stdout
    sent = waiting.json("outbox", "drain")
    assert (sent["relayed"], sent["ended"], sent["left"]["empty"]) == (1, {"done": 1}, True)
    assert waiting.json("outbox", "status") == {"empty": True, "events": 0, "channels": []}
    assert waiting.run("outbox", "status").stdout == "The outbox is empty.\n"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_fails_again_goes_on_waiting_and_says_why(
    waiting: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(monkeypatch, Outcome.retry("503 from the other side"))
    for _ in range(2):
        left = waiting.json("outbox", "drain")["left"]
        assert (left["empty"], left["channels"][0]["waiting"]) == (False, 1)
    assert "503 from the other side" in waiting.run("outbox", "drain").stdout


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_another_sender_has_in_hand_is_waited_for(
    waiting: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(monkeypatch, Outcome.done())
    monkeypatch.setattr(command, "PATIENCE_S", 120.0)
    with waiting.database.write() as uow:
        leases.claim(uow, "apns", 10, 4.0, "another", real_now())
    result = waiting.run("outbox", "drain")
    assert "Waiting for another sender" in result.stderr
    assert "1 done" in result.stdout


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_was_given_up_is_sent_after_it_was_revived(
    waiting: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(monkeypatch, Outcome.dead("400 BadTopic"))
    assert waiting.json("outbox", "drain")["left"]["channels"][0]["dead"] == 1
    deliver(monkeypatch, Outcome.done())
    assert waiting.json("outbox", "drain")["ended"] == {}
    assert waiting.json("outbox", "revive", "--channel", "webhook") == {"revived": 0}
    assert waiting.json("outbox", "revive", "--channel", "apns") == {"revived": 1}
    assert waiting.json("outbox", "revive") == {"revived": 0}
    assert waiting.json("outbox", "drain")["ended"] == {"done": 1}
