"""Google in the console: a comparison at the press of a button, how far it is, and what it found."""

from types import SimpleNamespace

import pytest
from flask import Flask

from passes.installs import google_checks as checks
from passes.web.texts.google import GOOGLE
from tests.factories.visitor import visit
from tests.web.console.conftest import Office, sign_in

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PATH = "/console/google"


@pytest.fixture
def manager(app: Flask, office: Office, monkeypatch: pytest.MonkeyPatch) -> Office:
    """Somebody who may manage the shop, whose cards are at Google too."""
    monkeypatch.setitem(office.services.__dict__, "google", SimpleNamespace())
    office.cafe.person("135790", "marketing", "manage")
    visitor = visit(app)
    sign_in(visitor, "135790@example.com")
    return Office(office.cafe, visitor)


def compared(office: Office, **found: object) -> None:
    """What is wanted is done, and found this."""
    with office.services.database.write() as uow:
        check = checks.claim(uow)
        assert check
        checks.finish(uow, check, **found)


def test_a_comparison_is_started_followed_and_read(manager: Office) -> None:
    assert "Noch nie abgeglichen" in manager.look(PATH)
    manager.visitor.press("Abgleich starten", repair="yes")
    assert GOOGLE["google_wanted"].de in manager.visitor.text
    assert "Abgleich starten" not in manager.visitor.text
    with manager.services.database.write() as uow:
        check = checks.claim(uow)
        assert check
        assert check.repair
        assert checks.tell(uow, check, 40, 200, {"same": 39})
    assert "40 von 200 Karten" in manager.look(PATH)
    finding = {"fault": "missing", "id": "3388.cafe-card_1", "card_id": "card_1", "fields": []}
    with manager.services.database.write() as uow:
        checks.finish(uow, check, same=197, missing=2, different=1, findings=[finding])
    text = manager.look(PATH)
    for said in ("3 sind bei Google nicht so", "gestartet von: Ada", "197", "3388.cafe-card_1"):
        assert said in text
    assert "3 are not at Google" in manager.look(f"{PATH}?lang=en")


@ON_SQLITE
def test_pressing_twice_asks_once(manager: Office) -> None:
    manager.look(PATH)
    form = next(form for form in manager.visitor.forms() if form.action == PATH)
    for _ in range(2):
        manager.visitor.send(form)
        assert manager.visitor.page.status_code == 200
    compared(manager, same=3)
    with manager.services.database.write() as uow:
        assert checks.claim(uow) is None
    assert "so, wie es sein soll" in manager.look(PATH)


@ON_SQLITE
def test_one_that_failed_says_so(manager: Office) -> None:
    manager.look(PATH)
    manager.visitor.press("Abgleich starten")
    compared(manager, failure="Google did not answer.")
    assert "kam nicht zu Ende" in manager.look(PATH)
    assert "so, wie es sein soll" not in manager.visitor.text


@ON_SQLITE
def test_whoever_may_not_manage_starts_nothing(manager: Office, office: Office) -> None:
    assert "Starten darf" in office.look(PATH)
    token = office.visitor.forms()[0].values["csrf_token"]
    answer = office.visitor.client.post(PATH, data={"csrf_token": token}, **office.visitor._how())
    assert answer.status_code == 403


@ON_SQLITE
def test_where_google_is_off_it_says_so(office: Office) -> None:
    assert "nicht eingerichtet" in office.look(PATH)
    assert "Abgleich starten" not in office.visitor.text
