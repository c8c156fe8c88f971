"""Drafts in the console: made without a zip, seen beside today's look, and on no phone before publishing."""

import io
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import func, select

from passes.outbox.models import OutboxEvent
from passes.programs import queries as programs
from passes.programs import service
from passes.programs.models import DesignDraftImage, ProgramImage
from passes.programs.queries import ProgramView
from passes.web.console import drafts as pages
from passes.web.texts.design import DESIGN
from tests.factories.visitor import visit
from tests.web.console.conftest import Office, sign_in

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def manager(app: Flask, office: Office) -> Office:
    """Somebody who may change cards."""
    office.cafe.person("135790", "marketing", "manage")
    return another(app, office)


def another(app: Flask, office: Office) -> Office:
    """The same login at another desk."""
    visitor = visit(app)
    sign_in(visitor, "135790@example.com")
    return Office(office.cafe, visitor)


def program_of(office: Office, slug: str = "stamp") -> ProgramView:
    with office.services.database.read() as uow:
        return programs.by_slug(uow, slug)


def address(office: Office, end: str = "", slug: str = "stamp") -> str:
    return f"/console/cards/{program_of(office, slug).id}/design{end}"


def picture(color: str, size: tuple[int, int] = (1200, 460)) -> tuple[io.BytesIO, str]:
    out = io.BytesIO()
    Image.new("RGB", size, color).save(out, "PNG")
    return io.BytesIO(out.getvalue()), "picture.png"


def save(office: Office, *, slug: str = "stamp", at_hand: bool = False, **typed: Any) -> str:
    """Fill in the form and send it, from the page that lies `at_hand` or a new one; what comes back."""
    path = address(office, "/edit", slug)
    if not at_hand:
        office.look(path)
    form = next(form for form in office.visitor.forms() if form.action == path)
    sent = {**form.values, **typed}
    office.visitor.page = office.visitor.client.post(
        path, data=sent, content_type="multipart/form-data", follow_redirects=True, **office.visitor._how()
    )
    return office.visitor.text


def count(office: Office, table: Any) -> int:
    with office.services.database.read() as uow:
        return int(uow.conn.execute(select(func.count()).select_from(table)).scalar_one())


LINK = {"links.0.label.de": "Karte", "links.0.label.en": "Menu", "links.0.url": "example.com/menu"}


def test_a_card_is_changed_without_a_zip_and_seen_before_anybody_has_it(manager: Office) -> None:
    manager.member()
    before, events = program_of(manager), count(manager, OutboxEvent)
    sent = {"colors.background": "#7A1F3D", "texts.de.title": "Kaffee & Kuchen", "stamp_shape": "heart"}
    text = save(manager, **sent, **LINK, **{"images.strip": picture("#553322")})
    assert manager.visitor.page.status_code == 200
    for said in (
        "#7a1f3d",
        "Kaffee &amp; Kuchen",
        "Kaffeekarte",
        "example.com/menu",
        "Kartenseite im Browser",
    ):
        assert said in text
    after = program_of(manager)
    assert (after.version, after.design, after.texts) == (before.version, before.design, before.texts)
    assert count(manager, OutboxEvent) == events
    assert (count(manager, ProgramImage), count(manager, DesignDraftImage)) == (0, 1)
    assert "Kaffee &amp; Kuchen" in another_look(manager)
    manager.visitor.press("Veröffentlichen")
    now = program_of(manager)
    assert (now.version, now.colors["background"], now.design.stamp_shape) == (2, "#7a1f3d", "heart")
    assert now.texts["de"]["title"] == "Kaffee & Kuchen"
    assert now.texts["en"] == before.texts["en"]
    assert [(link.url, link.label.en) for link in now.design.links] == [("https://example.com/menu", "Menu")]
    assert (count(manager, ProgramImage), count(manager, DesignDraftImage)) == (1, 0)
    assert count(manager, OutboxEvent) == events + 1


def another_look(office: Office) -> str:
    """The draft as it is after a reload."""
    return office.look(address(office, "/draft"))


def test_a_draft_is_thrown_away_and_leaves_nothing(manager: Office) -> None:
    save(manager, **{"images.logo": picture("#553322", (300, 100))})
    save(manager, **{"images.logo": picture("#335522", (300, 100))})
    assert count(manager, DesignDraftImage) == 1
    another_look(manager)
    manager.visitor.press("Entwurf verwerfen")
    assert DESIGN["draft_discarded"].de in manager.visitor.text
    assert (count(manager, DesignDraftImage), count(manager, ProgramImage)) == (0, 0)
    manager.look(address(manager, "/draft"))
    assert manager.visitor.path == address(manager)
    assert program_of(manager).version == 1


@ON_SQLITE
def test_nobody_publishes_what_they_have_not_seen(manager: Office, app: Flask) -> None:
    colleague = another(app, manager)
    save(manager, **{"texts.de.title": "Eins"})
    colleague.look(address(manager, "/edit"))
    save(manager, **{"texts.de.title": "Zwei"})
    seen = another_look(colleague)
    assert "Zwei" in seen
    save(manager, **{"texts.de.title": "Drei"})
    colleague.visitor.press("Veröffentlichen")
    assert program_of(manager).version == 1
    assert DESIGN["draft_moved"].de in colleague.visitor.text
    assert "Drei" in colleague.visitor.text
    colleague.look(address(manager, "/edit"))
    save(manager, **{"texts.de.title": "Vier"})
    assert DESIGN["draft_moved"].de in save(colleague, at_hand=True, **{"texts.de.title": "Fünf"})
    assert colleague.visitor.page.status_code == 409
    assert "Vier" in another_look(manager)


@ON_SQLITE
def test_what_is_wrong_is_said_beside_its_field_and_keeps_what_was_typed(manager: Office) -> None:
    wrong = {
        "colors.label": ("rot", "colors.label"),
        "texts.en.title": ("{oops}", "texts.en.title"),
        "links.1.url": ("ftp:x", "links.1.url"),
        "links.1.label.en": ("no address", "links.1.url"),
    }
    for name, (value, named) in wrong.items():
        other = {"links.1.label.de": "x"} if name.startswith("links.1") else {}
        text = save(manager, **LINK, **other, **{name: value})
        assert manager.visitor.page.status_code == 422, name
        assert f'id="wrong-{named}"' in text, name
        assert "https://example.com/menu" in text
    text = save(manager, **{"images.logo": (io.BytesIO(b"no picture"), "x.png")})
    assert 'id="wrong-images.logo"' in text
    assert program_of(manager).version == 1
    assert "Entwurf ansehen" not in manager.look(address(manager))


@ON_SQLITE
def test_what_the_form_does_not_know_stays(manager: Office) -> None:
    with manager.services.database.write() as uow:
        program = programs.lock(uow, manager.cafe.merchant.id, program_of(manager).id)
        look = {"barcode_formats": ["aztec"], "shareable": False, "fields": [{"key": "balance"}]}
        texts = {"de": {"own": "Eigenes"}, "en": {}}
        service.change_program(uow, program, "test", look=look, texts=texts)
    save(manager, **{"texts.de.terms": ""})
    manager.visitor.press("Veröffentlichen")
    now = program_of(manager)
    assert (now.design.barcode_formats, now.design.shareable) == (("aztec",), False)
    assert now.texts["de"]["own"] == "Eigenes"
    assert "terms" not in now.texts["de"]


@ON_SQLITE
def test_a_picture_is_taken_off_again(manager: Office) -> None:
    save(manager, **{"images.logo": picture("#553322", (300, 100))})
    manager.visitor.press("Veröffentlichen")
    assert "logo" in program_of(manager).images
    save(manager, **{"remove.logo": "yes"})
    manager.visitor.press("Veröffentlichen")
    assert program_of(manager).images == {}


@ON_SQLITE
def test_the_draft_is_drawn_in_the_browser_and_on_paper(manager: Office, app: Flask) -> None:
    manager.cafe.program("gift")
    for slug, drawing in (("stamp", "strip-3-0"), ("gift", "strip")):
        missing = manager.visitor.get(address(manager, "/draft/paper-de.pdf", slug))
        assert missing.status_code == 404
        text = save(manager, slug=slug, **{"colors.background": "#224466"})
        assert f"{address(manager, '/draft', slug)}/{drawing}.png" in text
        for file, start in ((f"{drawing}.png", b"\x89PNG"), ("paper-en.pdf", b"%PDF")):
            today, draft = (
                manager.visitor.get(address(manager, f"/{look}/{file}", slug)).data for look in pages.LOOKS
            )
            assert today.startswith(start)
            assert draft.startswith(start)
            assert today != draft
        for name in ("strip-99-0.png", "x.png", "paper-fr.pdf"):
            assert manager.visitor.get(address(manager, f"/draft/{name}", slug)).status_code == 404
    somebody = visit(app)
    somebody.get(address(manager, "/draft/strip-3-0.png"))
    assert somebody.path == "/console/sign-in"


@ON_SQLITE
def test_what_stays_is_shown_once_and_what_each_rendering_lacks_is_said(manager: Office) -> None:
    text = save(manager, **{"texts.de.terms": "Nur hier."})
    stays = DESIGN["draft_stays"].de
    assert (
        f"<summary>{stays}: Apple Wallet, Vorderseite; Google Wallet, Karte; Kartenseite im Browser<" in text
    )
    assert 'id="apple-back"' in text
    assert 'id="apple-front"' not in text
    assert text.count("/design/today/") == 3  # logo, strip and paper: the browser's card is drawn once
    for surface in ("google", "web", "paper"):
        assert DESIGN[f"lost_{surface}"].de in text
    english = manager.look(f"{address(manager, '/draft')}?lang=en")
    for said in ("Stays as it is today", "Check of the draft", "Text colour", "Draft as PDF"):
        assert said in english


@ON_SQLITE
def test_the_card_is_shown_in_one_language_which_the_address_remembers(manager: Office) -> None:
    german = save(manager, **{"texts.de.title": "Kaffee", "texts.en.title": "Brown and warm"})
    shown = ("Kaffee</text>", "Brown and warm</text>")
    assert [words in german for words in shown] == [True, False]
    english = manager.look(f"{address(manager, '/draft')}?spoken=en")
    assert [words in english for words in shown] == [False, True]
    assert 'spoken=en#looks" aria-current="true"' in english
    assert "So sieht die Karte aus" in english
    assert "paper-en.pdf" in english
    assert manager.look(f"{address(manager, '/draft')}?lang=en").count(shown[1]) == english.count(shown[1])
    manager.look(f"{address(manager, '/draft')}?lang=de&spoken=xx")
    assert shown[0] in manager.visitor.text


@ON_SQLITE
def test_a_draft_that_was_overtaken_says_so(manager: Office) -> None:
    save(manager, **{"texts.de.title": "Alt"})
    with manager.services.database.write() as uow:
        program = programs.lock(uow, manager.cafe.merchant.id, program_of(manager).id)
        service.change_program(uow, program, "test", colors={"background": "#111111"})
    assert "Version 2 veröffentlicht" in another_look(manager)
