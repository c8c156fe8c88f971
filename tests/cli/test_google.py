"""`google reconcile` from the command line."""

from pathlib import Path

from sqlalchemy import select

from passes.cards.models import Card
from passes.config import load_settings
from passes.wiring import Services
from tests.cli.conftest import Shell
from tests.cli.offers import a_program
from tests.fakes.google import GoogleStandIn


def put_at_google(shell: Shell) -> None:
    """As if the holder of every card had asked for the link."""
    services = Services(load_settings(shell.environment))
    try:
        with services.database.read() as uow:
            ids = list(uow.conn.execute(select(Card.id)).scalars())
        assert services.google_cards is not None
        for card_id in ids:
            services.google_cards.make_object(card_id)
    finally:
        services.close()


def test_while_google_is_off_it_says_so(shell: Shell) -> None:
    assert "STEMPEL_GOOGLE_CREDENTIALS_FILE" in shell.refused("google", "reconcile")


def test_what_google_lost_is_said_and_put_in_line(shell: Shell, tmp_path: Path) -> None:
    program = a_program(shell, shell.merchant(), "stamp")
    shell.run("cards", "issue", "--merchant", "cafe", "--program", program, "--count", "1")
    with GoogleStandIn(tmp_path / "google") as google:
        google.switches.locations_allowed = True
        shell.environment |= {
            "STEMPEL_GOOGLE_API_URL": google.url,
            "STEMPEL_GOOGLE_CREDENTIALS_FILE": str(google.credentials_file),
            "STEMPEL_GOOGLE_ISSUER_ID": google.issuer_id,
        }
        clean = shell.json("google", "reconcile", "--merchant", "cafe")
        assert (clean["ok"], clean["objects"]) == (True, 0)
        put_at_google(shell)
        google.store.forget(google.store.keys("loyaltyObject")[0])
        found = shell.json("google", "reconcile", exit_code=1)
        assert (found["missing"], found["findings"][0]["fault"]) == (1, "missing")
        assert shell.json("google", "reconcile", "--repair")["put_in_line"] == 1
        assert shell.json("outbox", "drain")["ended"] == {"done": 1}
        assert "as it was meant" in shell.run("google", "reconcile").stdout
        objects = google.store._items["loyaltyObject"]
        (ours,) = objects.values()
        objects[f"{ours['id']}_stranger"] = {**ours, "id": f"{ours['id']}_stranger"}
        left = shell.json("google", "reconcile", "--repair", exit_code=1)
        assert (left["unknown"], left["put_in_line"]) == (1, 0)
