"""A design reaches the face: fields in its order, filled texts, and everything else it may say."""

from datetime import UTC, datetime
from typing import Any

import pytest

from passes.cards import faces, service
from passes.cards.face import Beacon, CardFace, Focus, Link, Period, Text
from passes.db.engine import Database
from passes.members import service as members
from passes.members.rules import MemberDraft
from passes.merchants import service as merchants
from passes.merchants.rules import LocationDraft
from passes.programs import queries as programs
from passes.programs.service import change_program
from tests.fixtures.api import BASE_URL
from tests.ledger.life import Books
from tests.programs.test_design import FULL

Json = dict[str, Any]


@pytest.fixture
def books(database: Database) -> Books:
    return Books(database).open()


def design(books: Books, kind: str, texts: Json | None = None, **look: Any) -> None:
    with books.database.write() as uow:
        program = programs.get(uow, books.merchant_id, books.programs[kind])
        change_program(uow, program, "test", look=look, texts=texts)


def face(books: Books, kind: str = "stamp", member: str | None = None, **issued: Any) -> CardFace:
    with books.database.write() as uow:
        program = programs.get(uow, books.merchant_id, books.programs[kind])
        if member is not None:
            made = members.create_member(uow, books.merchant_id, MemberDraft(name=member), "test")
            issued["member_id"] = made.id
        card = service.issue(uow, program, actor="test", **issued)
        return faces.face_of(uow, BASE_URL, card.id)


def shown(found: CardFace) -> list[tuple[str, str, str, str]]:
    return [(f.key, f.role, f.label.de, f.value.de) for f in found.fields]


def own(key: str, de: str, **more: Any) -> Json:
    return {"key": key, "label": {"de": "Etikett", "en": "Label"}, "value": {"de": de, "en": de}, **more}


def test_fields_come_in_the_order_role_and_words_of_the_design(books: Books) -> None:
    listed = [
        own("hello", "Hallo {first_name}!", role="secondary"),
        {"key": "balance", "role": "primary", "label": {"de": "Bisher"}},
        {"key": "member"},
        own("left", "Noch {stamps_left} bis zur Prämie"),
    ]
    design(books, "stamp", fields=listed)
    assert shown(face(books, member="Ada Lovelace")) == [
        ("hello", "secondary", "Etikett", "Hallo Ada!"),
        ("balance", "primary", "Bisher", "0 / 10"),
        ("member", "secondary", "Name", "Ada Lovelace"),
        ("left", "back", "Etikett", "Noch 10 bis zur Prämie"),
    ]
    assert [key for key, *_ in shown(face(books))] == ["hello", "balance", "left"]


def test_a_card_that_does_not_work_says_so_whatever_its_design(books: Books) -> None:
    design(books, "gift", fields=[{"key": "balance"}])
    assert [key for key, *_ in shown(face(books, "gift"))] == ["balance", "state"]
    design(books, "gift", fields=[{"key": "state", "role": "back"}, {"key": "balance"}])
    assert [key for key, *_ in shown(face(books, "gift"))] == ["state", "balance"]


def test_an_end_is_the_last_day_in_the_merchants_zone(books: Books) -> None:
    design(books, "stamp", fields=[{"key": "valid_until"}, own("until", "Bis {expires}")])
    ends = datetime(2026, 12, 31, 23, 0, tzinfo=UTC)  # midnight in Berlin
    assert [value for *_, value in shown(face(books, expires_at=ends))] == [
        "31. Dezember 2026",
        "Bis 31. Dezember 2026",
    ]
    assert shown(face(books)) == []


def test_texts_on_every_card_alike_never_hold_a_name(books: Books) -> None:
    personal = "{first_name} bei {merchant}"
    names = ("title", "description", "terms", "reward", "how_it_works")
    design(books, "stamp", texts={"de": dict.fromkeys(names, personal)})
    found = face(books, member="Ada")
    merchant = found.organization
    assert found.terms is not None
    for text in (found.title, found.description, found.terms, found.fields[1].value):
        assert text.de == f"{{first_name}} bei {merchant}"
    assert found.fields[-1].value.de == f"Ada bei {merchant}"


def test_everything_else_a_design_says_reaches_the_face(books: Books) -> None:
    with books.database.write() as uow:
        for n in range(12):
            shop = LocationDraft(name=f"Shop {n}", latitude=52.0 + n / 100, longitude=13.0)
            merchants.create_location(uow, books.merchant_id, shop, "test")
    before = face(books)
    design(books, "stamp", **FULL)
    found = face(books)
    assert found.links == (
        Link("menu", Text.same("Karte"), "https://cafe.example/menu"),
        Link("contact_phone", Text("Anrufen", "Call us"), "tel:+4930123456"),
    )
    assert found.fields[-1].value.de == "Mokka\nTorstr. 1\n10119 Berlin"
    assert found.beacons == (Beacon("E2C56DB5-DFFB-48D2-B060-D0F5A71096E0", 1),)
    assert found.periods == (
        Period(datetime(2026, 12, 1, 7, tzinfo=UTC), datetime(2026, 12, 1, 9, tzinfo=UTC)),
    )
    assert (found.barcode_formats, found.stamp_shape) == (("aztec", "qr"), "heart")
    assert (found.max_distance_m, found.shareable, found.rotates) == (250, False, True)
    assert found.nfc == found.barcode
    assert found.images.focus_of("strip") == Focus(0.2, 1)
    assert found.images.focus_of("logo") == Focus(0.5, 0.5)
    assert len(found.places) == 12
    assert found.places[0].text == Text("Kaffee ist fertig", "Coffee is ready")
    assert before.design_id != found.design_id


def test_a_design_that_is_not_stored_yet_has_a_sample_face_too(books: Books) -> None:
    with books.database.write() as uow:
        program = programs.get(uow, books.merchant_id, books.programs["stamp"])
        other = change_program(uow, program, "test", look={"stamp_shape": "cup"})
        found = faces.sample_face(uow, BASE_URL, other, 3, pictures={"logo": b"a picture"})
        assert (found.stamp_shape, found.images.logo) == ("cup", b"a picture")
        assert faces.sample_face(uow, BASE_URL, program, 3).stamp_shape is None
