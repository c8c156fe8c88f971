"""`webhooks`: an endpoint's whole life on the command line, and what came through to it."""

import pytest

from tests.cli.conftest import Shell
from tests.factories.hooks import URL, Hooks

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def made(shell: Shell, *more: str) -> dict[str, object]:
    return dict(shell.json("webhooks", "create", "--merchant", "cafe", "--url", URL, *more))


def test_an_endpoint_is_made_listed_and_closed(shell: Shell) -> None:
    shell.merchant("cafe")
    first = made(shell)
    chosen = made(shell, "--events", "card.issued, card.changed")
    assert str(first["secret"]).startswith("whsec_")
    assert chosen["events"] == ["card.issued", "card.changed"]
    listed = shell.json("webhooks", "list", "--merchant", "cafe")
    assert {one["id"] for one in listed} == {first["id"], chosen["id"]}
    assert "whsec_" not in str(listed)
    assert "whsec_" not in shell.run("webhooks", "list", "--merchant", "cafe").stdout
    shell.run("webhooks", "delete", "--merchant", "cafe", str(first["id"]))
    assert [one["id"] for one in shell.json("webhooks", "list", "--merchant", "cafe")] == [chosen["id"]]


@on_sqlite
def test_a_secret_stands_alone_on_standard_output_and_is_rotated(shell: Shell) -> None:
    shell.merchant("cafe")
    told = shell.run("webhooks", "create", "--merchant", "cafe", "--url", URL)
    assert told.stdout.startswith("whsec_")
    assert told.stdout.count("\n") == 1
    assert "not shown again" in told.stderr
    (webhook,) = shell.json("webhooks", "list", "--merchant", "cafe")
    rotate = ("webhooks", "rotate-secret", "--merchant", "cafe", webhook["id"])
    secrets = {told.stdout.strip(), shell.json(*rotate)["secret"], shell.json(*rotate, "--at-once")["secret"]}
    assert len(secrets) == 3


@on_sqlite
@pytest.mark.parametrize(
    "wrong, named",
    [
        (("--url", "http://shop.example/"), "--url"),
        (("--url", "https://10.0.0.1/"), "--url"),
        (("--url", URL, "--events", "card.exploded"), "--events"),
        (("--url", URL, "--events", "card.issued,card.issued"), "--events"),
    ],
)
def test_an_address_or_event_that_cannot_be_is_refused_by_its_option(
    shell: Shell, wrong: tuple[str, ...], named: str
) -> None:
    shell.merchant("cafe")
    assert f"Error: {named}: " in shell.refused("webhooks", "create", "--merchant", "cafe", *wrong)
    assert shell.json("webhooks", "list", "--merchant", "cafe") == []


def test_what_was_sent_is_listed_and_sent_again(shell: Shell) -> None:
    merchant_id = shell.merchant("cafe")
    webhook = str(made(shell)["id"])
    hooks = Hooks(shell.database, merchant_id, [webhook])
    events = [hooks.send("delivered"), hooks.send("given_up"), hooks.send("given_up")]
    show = ("webhooks", "deliveries", "--merchant", "cafe")
    assert [one["id"] for one in shell.json(*show)] == events[::-1]
    assert [one["id"] for one in shell.json(*show, "--state", "delivered")] == events[:1]
    assert [one["id"] for one in shell.json(*show, "--limit", "1")] == events[2:]
    assert events[1] in shell.run(*show, "--webhook", webhook).stdout
    again = ("webhooks", "replay", "--merchant", "cafe", webhook)
    assert shell.json(*again, "--event", events[0]) == {"replayed": 1}
    assert shell.json(*again) == {"replayed": 2}
    assert [one["state"] for one in shell.json(*show)] == ["waiting"] * 3


@on_sqlite
def test_a_disabled_endpoint_hears_again(shell: Shell) -> None:
    hooks = Hooks(shell.database, shell.merchant("cafe"))
    webhook = hooks.disabled()
    hooks.send("given_up")
    assert "nobody listens" in shell.run("webhooks", "list", "--merchant", "cafe").stdout
    again = ("webhooks", "replay", "--merchant", "cafe", webhook)
    assert f"enable --merchant cafe {webhook}" in shell.refused(*again, exit_code=1)
    shell.run("webhooks", "enable", "--merchant", "cafe", webhook)
    assert shell.json("webhooks", "list", "--merchant", "cafe")[0]["disabled_at"] is None
    assert shell.json(*again) == {"replayed": 1}


def test_anothers_webhook_is_not_there(shell: Shell) -> None:
    shell.merchant("cafe")
    theirs = Hooks(shell.database, shell.merchant("other"))
    webhook = theirs.endpoint()
    event = theirs.send("given_up")
    for command in ("replay", "rotate-secret", "enable", "delete"):
        said = shell.refused("webhooks", command, "--merchant", "cafe", webhook, exit_code=1)
        assert "There is no such webhook." in said, command
    own = str(made(shell)["id"])
    assert "--event" in shell.refused("webhooks", "replay", "--merchant", "cafe", own, "--event", event)
    assert "--webhook" in shell.refused("webhooks", "deliveries", "--merchant", "cafe", "--webhook", webhook)
    assert shell.json("webhooks", "deliveries", "--merchant", "cafe") == []
    assert theirs.sent()[0].delivery.state == "given_up"
