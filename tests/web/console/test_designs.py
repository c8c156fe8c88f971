"""The design of a card in the console: taken along, looked at as a draft, published, and taken back."""

import io
import json
import zipfile

import pytest
from flask import Flask

from passes.cards import publishing
from passes.programs import queries as programs
from passes.programs.queries import ProgramView
from tests.factories.visitor import visit
from tests.web.console.conftest import Office, sign_in

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def manager(app: Flask, office: Office) -> Office:
    """Somebody who may change cards too."""
    office.cafe.person("135790", "marketing", "manage")
    visitor = visit(app)
    sign_in(visitor, "135790@example.com")
    return Office(office.cafe, visitor)


def program_of(office: Office) -> ProgramView:
    with office.services.database.read() as uow:
        return programs.by_slug(uow, "stamp")


def page_of(office: Office) -> str:
    return f"/console/cards/{program_of(office).id}/design"


def changed(office: Office, **parts: object) -> bytes:
    """The design as it can be downloaded, with some parts changed."""
    file = office.visitor.get(f"{page_of(office)}.zip")
    assert file.mimetype == "application/zip"
    with zipfile.ZipFile(io.BytesIO(file.data)) as archive:
        document = json.loads(archive.read("design.json"))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("design.json", json.dumps({**document, **parts}))
    return out.getvalue()


def send(office: Office, data: bytes) -> str:
    """Upload a zip as the form does; what comes back."""
    path = page_of(office)
    office.look(path)
    form = next(form for form in office.visitor.forms() if form.action == path)
    sent = {**form.values, "design": (io.BytesIO(data), "design.zip")}
    office.visitor.page = office.visitor.client.post(
        path, data=sent, content_type="multipart/form-data", follow_redirects=True, **office.visitor._how()
    )
    return office.visitor.text


PALE = {"background": "#ffffff", "foreground": "#eeeeee", "label": "#000000"}


def test_a_design_is_looked_at_published_and_taken_back(manager: Office) -> None:
    assert "Prüfung des Entwurfs" in send(manager, changed(manager, stamp_shape="heart"))
    assert program_of(manager).version == 1
    assert "Es gibt einen Entwurf" in manager.look(page_of(manager))
    manager.look(f"{page_of(manager)}/draft")
    manager.visitor.press("Veröffentlichen")
    assert "Veröffentlicht" in manager.visitor.text
    assert "Es gibt einen Entwurf" not in manager.visitor.text
    assert program_of(manager).design.stamp_shape == "heart"
    manager.visitor.press("Zurück zu dieser")
    now = program_of(manager)
    assert (now.version, now.design.stamp_shape) == (3, None)
    assert "Jetzt gültig" in manager.visitor.text


@ON_SQLITE
def test_what_nobody_could_read_is_said_and_stops_unless_ticked(manager: Office) -> None:
    assert "hebt sich mit" in send(manager, changed(manager, colors=PALE))
    manager.visitor.press("Veröffentlichen")
    assert manager.visitor.page.status_code == 422
    assert program_of(manager).version == 1
    manager.visitor.press("Veröffentlichen", force="yes")
    assert program_of(manager).version == 2


@ON_SQLITE
def test_what_cannot_work_is_not_even_offered(manager: Office) -> None:
    send(manager, changed(manager, barcode="signed", barcode_formats=["code128"]))
    assert "lässt sich der Entwurf nicht veröffentlichen" in manager.visitor.text
    manager.visitor.press("Entwurf verwerfen", do="publish", force="yes")
    assert manager.visitor.page.status_code == 422
    assert program_of(manager).version == 1


@ON_SQLITE
@pytest.mark.parametrize("data", [b"", b"no zip", b"PK\5\6" + b"\0" * 18])
def test_a_file_that_is_no_design_is_named(manager: Office, data: bytes) -> None:
    assert "So lässt sich die Datei nicht verwenden" in send(manager, data)
    assert manager.visitor.page.status_code == 422


@ON_SQLITE
def test_what_is_wrong_with_a_file_is_said_in_the_language_of_the_page(manager: Office) -> None:
    data = changed(manager, stamp_shape="moon", links=[{}], sound=1)
    text = send(manager, data)
    assert "oder &#39;cup&#39; sein" in text
    assert "lässt sich hier nicht festlegen" in text
    assert "Input should" not in text
    assert "Die Datei muss ein ZIP sein" in send(manager, b"no zip")
    manager.visitor.language = "en"
    assert "Input should be" in send(manager, data)
    assert "The file must be a zip" in send(manager, b"no zip")


@ON_SQLITE
def test_how_far_the_cards_are_is_shown(manager: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publishing, "BATCH", 1)
    manager.member()
    manager.member()
    send(manager, changed(manager, stamp_shape="cup"))
    manager.visitor.press("Veröffentlichen")
    assert "1 von 2 Karten" in manager.visitor.text
    publishing.publish_due(manager.services.database, lambda: True)
    assert "von 2 Karten" not in manager.look(page_of(manager))


@ON_SQLITE
def test_whoever_may_only_speak_to_customers_changes_no_card(office: Office) -> None:
    text = office.look(page_of(office))
    assert "aber nicht ändern" in text
    token = next(form.values["csrf_token"] for form in office.visitor.forms() if "csrf_token" in form.values)
    page = page_of(office)
    restoring = f"/console/cards/{program_of(office).id}/versions/1/restore"
    for path in (page, f"{page}/edit", f"{page}/draft", restoring):
        answer = office.visitor.client.post(path, data={"csrf_token": token}, **office.visitor._how())
        assert answer.status_code == 403


@ON_SQLITE
def test_a_large_form_is_read_only_from_somebody_signed_in(manager: Office, app: Flask) -> None:
    large = b"x" * 400_000  # above what a form may have, below what is kept in a file meanwhile
    stranger = visit(app)
    stranger.get("/console/sign-in")
    sent = {"design": (io.BytesIO(large), "design.zip")}
    answer = stranger.client.post(page_of(manager), data=sent, content_type="multipart/form-data")
    assert answer.status_code == 413
    send(manager, large)
    assert manager.visitor.page.status_code == 422
