"""A pass filled into a prepared sheet is the pass made the long way, byte for byte, whatever the face."""

import dataclasses
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import pytest

from passes.cards.face import CardFace, DesignImages, FaceField, Link, Place, Stamps, Text
from passes.ids import new_code, new_id, new_token
from passes.money import Money
from passes.wallets.apple import bundle, prepared
from passes.wallets.apple.archive import front
from passes.wallets.apple.pass_json import WebService, document, to_bytes
from passes.wallets.art.pictures import art_of
from passes.wallets.signing.identity import SigningIdentity
from tests.factories.faces import KINDS, UPDATED_AT, make_face

AWKWARD = Text(de='100 % "Rabatt" \\ <b> %b %s ü–', en="100 % “off” %% \U0001f389 {0}")
MANY = tuple(Place(48 + n / 100, 11.5, f"Filiale {n}") for n in range(14))
OPTIONS: tuple[dict[str, object], ...] = (
    {},
    {"news": AWKWARD},
    {"terms": AWKWARD, "member_name": 'Zoë "Ada" %b'},
    {"places": MANY[:3]},
    {"places": MANY},
    {"links": (Link("menu", AWKWARD, "https://karten.example/speisen"),)},
    {"expires_at": UPDATED_AT, "state": "expired"},
    {"barcode_formats": ("code128", "aztec")},
    {"shareable": False, "rotates": True},
    {"title": Text.same("halb \ud800 zerbrochen")},
    {"nfc": "card"},
    {"page_url": "https://karten.example/c/kurz"},
    {"page_url": "javascript:alert(1)"},
)


def of_another_card(face: CardFace, seed: int) -> CardFace:
    """The same face of another card, which differs in all that is a card's own and nothing else."""
    chance = random.Random(seed)
    own_address = face.page_url.startswith("https://karten.example/c/5")
    token = new_token()
    return dataclasses.replace(
        face,
        card_id=new_id("card"),
        version=chance.randrange(1, 1000),
        barcode="s" * 12 + token if len(face.barcode) > 26 else token,
        code=new_code(),
        page_url=f"https://karten.example/c/{new_token().lower()}" if own_address else face.page_url,
        updated_at=UPDATED_AT + timedelta(seconds=chance.randrange(1, 10**6)),
    )


def token(seed: int) -> WebService:
    return WebService("https://karten.example/apple", f"{seed:064x}")


def cases() -> Iterator[CardFace]:
    for kind in KINDS:
        for option in OPTIONS:
            yield make_face(kind, **option)
    for stamps in range(11):
        yield make_face(stamps=Stamps(stamps, 10, stamps % 2))
    yield make_face(barcode="s" * 12 + new_token())
    yield make_face("gift", balance=Money(1, "EUR"))


@pytest.fixture(autouse=True)
def empty_shelf(monkeypatch: pytest.MonkeyPatch) -> prepared.Shelf:
    shelf = prepared.Shelf()
    monkeypatch.setattr(bundle, "_shelf", shelf)
    monkeypatch.setattr(bundle, "_pictures", lambda *_: front(()))  # drawing them would take long
    return shelf


@pytest.mark.parametrize("face", list(cases()))
def test_every_card_of_a_face_gets_what_it_would_get_alone(identity: SigningIdentity, face: CardFace) -> None:
    for seed in range(5):
        card, service = of_another_card(face, seed), token(seed)
        content, texts, _ = bundle._unsigned(card, identity, service)
        alone = document(card, identity, service)
        assert content == to_bytes(alone.content)
        assert texts == bundle._texts(alone.texts)


def test_without_a_web_service_there_is_no_token(identity: SigningIdentity) -> None:
    for seed in range(3):
        card = of_another_card(make_face(), seed)
        assert bundle._unsigned(card, identity, None)[0] == to_bytes(document(card, identity, None).content)


def test_plain_cards_do_share_a_sheet(identity: SigningIdentity, monkeypatch: pytest.MonkeyPatch) -> None:
    face = make_face()
    for seed in range(2):
        bundle._unsigned(of_another_card(face, seed), identity, token(seed))
    monkeypatch.setattr(bundle, "document", None)
    monkeypatch.setattr(prepared, "document", None)
    for seed in range(2, 20):
        assert bundle._unsigned(of_another_card(face, seed), identity, token(seed))


@pytest.mark.parametrize(
    "change",
    [
        {"news": Text("Neu", "New")},
        {"fields": (FaceField("a", "back", AWKWARD, AWKWARD),)},
        {"member_name": "Ada"},
        {"state": "blocked"},
        {"design_id": "another"},
    ],
)
def test_a_card_with_something_of_its_own_is_not_mistaken_for_another(
    identity: SigningIdentity, change: dict[str, object]
) -> None:
    common = make_face()
    for seed in range(3):
        bundle._unsigned(of_another_card(common, seed), identity, token(seed))
    special = dataclasses.replace(common, **change)  # type: ignore[arg-type]  # the fields of a face
    content = bundle._unsigned(special, identity, token(9))[0]
    assert content == to_bytes(document(special, identity, token(9)).content)
    case, other = prepared.case_of(special, identity, None), prepared.case_of(common, identity, None)
    assert case
    assert other
    assert case.key != other.key


def test_nothing_a_face_has_is_left_out_of_the_key_but_what_is_its_own() -> None:
    left_out = {"card_id", "version", "barcode", "code", "page_url", "updated_at", "images"}
    assert left_out == prepared._OWN | prepared._BY_DESIGN


def test_the_shelf_forgets_the_oldest_and_threads_may_share_it(
    identity: SigningIdentity, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = prepared.Shelf(most_bytes=24_000)
    monkeypatch.setattr(bundle, "_shelf", small)
    monkeypatch.setattr(prepared, "_SEEN", 5)
    designs = [make_face(description=Text.same(f"Karte {n}")) for n in range(8)]

    def wrong(seed: int) -> bool:
        card = of_another_card(designs[seed % 8], seed)
        alone = to_bytes(document(card, identity, token(seed)).content)
        return bundle._unsigned(card, identity, token(seed))[0] != alone

    with ThreadPoolExecutor(4) as pool:
        assert not any(pool.map(wrong, range(400)))
    assert 0 < small.held().held_bytes <= 24_000
    assert len(small._seen) <= 5


def test_designs_with_much_text_take_no_more_memory_than_others(identity: SigningIdentity) -> None:
    shelf, service = prepared.Shelf(most_bytes=300_000), token(0)
    for number in range(60):
        back = FaceField("more", "back", Text.same("mehr"), Text.same(f"{number} " * 5_000))
        face = make_face(fields=(back,))
        case = prepared.case_of(face, identity, service)
        assert case
        for _ in range(2):
            shelf.get(case.key, partial(prepared.sheet_of, face, identity, service, case.own, bundle._texts))
    assert 0 < shelf.held().entries < 60
    assert shelf.held().held_bytes <= 300_000


def test_sheets_hold_no_pictures(identity: SigningIdentity) -> None:
    images = DesignImages(strip=b"x" * 1_000_000)
    face = make_face(images=images)
    case = prepared.case_of(face, identity, None)
    assert case
    sheet = prepared.sheet_of(face, identity, None, case.own, bundle._texts)
    assert sheet
    assert sheet.art.images == DesignImages()
    assert sheet.art == art_of(face)
