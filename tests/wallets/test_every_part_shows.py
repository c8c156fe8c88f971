"""Every part of a face shows in a rendering, or stands in its report of what it lost.

Faces are generated. Of each, one part after the other is changed, at its end where it is a text, once in
each language: either the rendering is another one then, or the report names the part.

That needs to know nothing of what a rendering is made of, so it holds for drawings and typed values, and it
finds what looking for the words does not (`google/test_nothing_is_silent`): a colour or a number that is not
used, an end that is cut, a text that is dropped but stands elsewhere too. Google's bodies hold texts as they
are, and there the words are looked for: a garbled one would change here like any other.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from textwrap import shorten
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from passes.cards.face import CardFace, DesignImages, Loss, Place, Text
from passes.wallets.apple import pass_json
from passes.wallets.apple import relevance as apple_relevance
from passes.wallets.art.lettering import printable
from passes.wallets.art.pictures import art_of
from passes.wallets.print import losses as print_losses
from passes.wallets.print import poster, voucher
from passes.wallets.signing.identity import SigningIdentity
from passes.wallets.signing.store import IdentityStore
from passes.wallets.web import losses as web_losses
from passes.wallets.web import picture
from tests.factories.any_face import any_face
from tests.factories.faces import make_face
from tests.mutants import damage

FACES = 60
NOT_SAID = {
    "merchant_id": "names the merchant to us alone",
    "merchant_slug": "chooses the signing identity",
    "program_id": "names the program to us alone",
    "program_slug": "is part of the pictures' addresses",
    "design_id": "is part of the pictures' addresses",
    "card_id": "is the serial of the pass and of no use to people",
    "version": "tells phones of a change",
    "updated_at": "tells phones of a change",
    "balance": "stands in the fields as people read it",
    "images": "are pixels: see the tests of the pictures",
    "stamp_shape": "is drawn: see the tests of the pictures",
    "places_used": "only orders the places",
    "kind": "is what all the rest follows from",
}
Change = tuple[str, CardFace]


@dataclass(frozen=True)
class Renderer:
    """What a wallet shows of a face, in a form that can be compared, and what it says it lost."""

    shown: Callable[[CardFace], Any]
    lost: Callable[[CardFace], tuple[Loss, ...]]


@pytest.fixture(scope="module")
def identity(tmp_path_factory: pytest.TempPathFactory) -> SigningIdentity:
    return IdentityStore(tmp_path_factory.mktemp("certs")).create_development("roesterei")


@pytest.fixture(params=["apple", "web", "poster", "voucher"])
def renderer(request: pytest.FixtureRequest, identity: SigningIdentity) -> Renderer:
    if request.param == "apple":
        return apple(identity)
    return {"web": web, "poster": paper, "voucher": gift_paper}[request.param]()


def apple(identity: SigningIdentity) -> Renderer:
    def shown(face: CardFace) -> Any:
        written = pass_json.document(face, identity, None)
        return written.content, dict(written.texts), art_of(face).stamps

    return Renderer(shown, lambda face: pass_json.document(face, identity, None).losses)


def web() -> Renderer:
    def shown(face: CardFace) -> Any:
        return [replace(picture.render_card(face, language), losses=()) for language in ("de", "en")]

    return Renderer(shown, lambda face: picture.render_card(face, "de").losses)


def paper() -> Renderer:
    return Renderer(drawn_on_paper, print_losses.losses_of)


def gift_paper() -> Renderer:
    return Renderer(drawn_on_a_voucher, print_losses.voucher_losses)


def drawn_on_paper(face: CardFace) -> Any:
    """All that is drawn on the poster; of pictures, what they are drawn from."""
    drawn: list[Any] = [art_of(face).stamps]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(poster, "hero_png", lambda face: b"")
        poster._draw(a_sheet(drawn), poster._subject_of(face))
    return drawn


def drawn_on_a_voucher(face: CardFace) -> Any:
    """The same of the voucher, in both languages."""
    drawn: list[Any] = [art_of(face).stamps]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(voucher, "hero_png", lambda face: b"")
        for language in ("de", "en"):
            ink = voucher._Ink.of(face)
            voucher._draw_sheet(a_sheet(drawn), face, voucher.Wish(), ink, language)
    return drawn


def a_sheet(drawn: list[Any]) -> Any:
    """A place to draw on that only notes in `drawn` what is drawn."""

    def text(y: float, said: str, *look: Any, **more: Any) -> float:
        drawn.append((shorten(printable(said), print_losses.LONGEST_TEXT, placeholder=" …"), look[2]))
        return y

    return SimpleNamespace(
        text=text,
        box=lambda *place, **look: drawn.append(place),
        picture=lambda content, x, y, *size: y,
        qr=lambda url, *place: drawn.append(url),
    )


def longer(text: Text | None) -> Iterator[Text]:
    """The text with something more at its end, in one language and in the other."""
    if text is not None:
        yield replace(text, de=text.de + "Q")
        yield replace(text, en=text.en + "Q")


def swapped(items: tuple[Any, ...], index: int, item: Any) -> tuple[Any, ...]:
    return (*items[:index], item, *items[index + 1 :])


def changes(face: CardFace) -> Iterator[Change]:
    """The face with one part changed, and the name of that part."""
    yield from text_changes(face)
    yield from field_changes(face)
    yield from list_changes(face)
    for name in ("background", "foreground", "label"):
        yield f"colors.{name}", replace(face, colors=replace(face.colors, **{name: "#123456"}))
    if face.stamps:
        other = replace(face.stamps, filled=face.stamps.filled + 1, required=face.stamps.required + 1)
        yield "stamps", replace(face, stamps=other)
    if face.expires_at and "valid_until" not in {field.key for field in face.fields}:
        yield "expires_at", replace(face, expires_at=face.expires_at + timedelta(days=1))
    if face.news and face.news_at:
        yield "news_at", replace(face, news_at=face.news_at + timedelta(days=1))
    if face.state == "active" and "state" not in {field.key for field in face.fields}:
        yield "state", replace(face, state="blocked")
        yield "state", replace(face, state="deactivated")
    yield "available", replace(face, available=replace(face.balance, amount=face.balance.amount + 1))
    yield "rotates", replace(face, rotates=not face.rotates)
    yield "shareable", replace(face, shareable=not face.shareable)
    if face.max_distance_m:
        yield "max_distance_m", replace(face, max_distance_m=face.max_distance_m + 1)


def text_changes(face: CardFace) -> Iterator[Change]:
    for name in ("title", "description", "terms", "news"):
        for text in longer(getattr(face, name)):
            yield name, replace(face, **{name: text})
    for name in ("organization", "barcode", "code", "page_url", "website", "member_name", "nfc"):
        if getattr(face, name):
            yield name, replace(face, **{name: getattr(face, name) + "Q"})
    if face.kind != "gift":  # gift cards are bought, not given away by a link
        yield "enrol_url", replace(face, enrol_url=face.enrol_url + "Q")


def field_changes(face: CardFace) -> Iterator[Change]:
    for index, field in enumerate(face.fields):
        part = f"field:{field.key}"
        others = [(f"{part}.label", replace(field, label=text)) for text in longer(field.label)]
        if field.money or field.at:  # the same value typed, for a wallet that formats it itself
            money = replace(field.money, amount=field.money.amount + 1) if field.money else None
            at = field.at + timedelta(days=1) if field.at else None
            value = Text(field.value.de + "Q", field.value.en + "Q")
            others.append((part, replace(field, value=value, money=money, at=at)))
        else:
            others += [(part, replace(field, value=text)) for text in longer(field.value)]
        others += [
            (f"{part}.change_message", replace(field, change_message=text))
            for text in longer(field.change_message)
        ]
        if field.link:
            others.append((f"{part}.link", replace(field, link=field.link + "Q")))
        for name, other in others:
            yield name, replace(face, fields=swapped(face.fields, index, other))


def list_changes(face: CardFace) -> Iterator[Change]:
    for index, link in enumerate(face.links):
        part = f"links:{link.key}"
        for text in longer(link.label):
            yield part, replace(face, links=swapped(face.links, index, replace(link, label=text)))
        other = replace(link, url=link.url + "Q")
        yield part, replace(face, links=swapped(face.links, index, other))
    for index, place in enumerate(face.places):
        moved: list[Place] = [replace(place, latitude=place.latitude + 0.01)]
        moved += [replace(place, text=text) for text in longer(place.text)]
        moved += [] if place.text else [replace(place, name=place.name + "Q")]
        for other in moved:
            yield "places", replace(face, places=swapped(face.places, index, other), places_used=())
    for index, beacon in enumerate(face.beacons):
        heard = [replace(beacon, major=1 if beacon.major is None else None)]
        heard += [replace(beacon, text=text) for text in longer(beacon.text)]
        for other in heard:
            yield "beacons", replace(face, beacons=swapped(face.beacons, index, other))
    for index, period in enumerate(face.periods):
        other = replace(period, ends=period.ends + timedelta(hours=1))
        yield "periods", replace(face, periods=swapped(face.periods, index, other))
    yield "barcode_formats", replace(face, barcode_formats=face.barcode_formats[::-1])
    yield "barcode_formats", replace(face, barcode_formats=("pdf417",))


def silent(renderer: Renderer, face: CardFace) -> list[str]:
    """The parts that neither show nor are named."""
    face = replace(face, places_used=())
    before, lost = renderer.shown(face), renderer.lost(face)
    return [
        part
        for part, other in changes(face)
        if other != face and renderer.shown(other) == before and not named(part, renderer.lost(other) + lost)
    ]


def named(part: str, losses: tuple[Loss, ...]) -> bool:
    """Whether the report accounts for `part`; a field or link that only moved must still be seen."""
    accounts = {loss.part for loss in losses if loss.how == "left_out" or ":" not in loss.part}
    field, _, detail = part.partition(".")
    return part in accounts or (bool(detail) and field in accounts and ":" in field)


def test_every_attribute_of_a_face_is_thought_of_here() -> None:
    changed = {
        part.partition(".")[0].partition(":")[0] for n in range(40) for part, _ in changes(any_face(n))
    }
    thought_of = {("fields" if name == "field" else name) for name in changed}
    assert {field.name for field in fields(CardFace)} == thought_of | NOT_SAID.keys()


@pytest.mark.parametrize("first", range(0, FACES, 20))
def test_nothing_of_a_face_is_lost_in_silence(renderer: Renderer, first: int) -> None:
    for seed in range(first, first + 20):
        face = any_face(seed)
        if renderer.shown is drawn_on_a_voucher and face.kind != "gift":
            continue
        assert silent(renderer, face) == [], seed


def test_every_loss_is_told_in_both_languages_and_once(renderer: Renderer) -> None:
    for seed in range(FACES):
        losses = renderer.lost(any_face(seed))
        assert len(set(losses)) == len(losses)
        for loss in losses:
            assert loss.says.de.endswith(".")
            assert loss.says.en.endswith(".")
            assert loss.says.de != loss.says.en


def test_stamp_art_is_told_where_there_are_no_stamps(renderer: Renderer) -> None:
    art = {"images": DesignImages(stamp_full=b"png", stamp_reward=b"png"), "stamp_shape": "heart"}
    expected = {"images.stamp_full", "images.stamp_reward", "stamp_shape"}
    assert {loss.part for loss in renderer.lost(make_face("gift", **art))} >= expected
    assert not {loss.part for loss in renderer.lost(make_face("stamp", **art))} & expected


APPLE_DROPS: list[tuple[ModuleType, str, tuple[str, str]]] = [
    (pass_json, "_back", ("(*overflow, *face", "(*overflow[:0], *face")),
    (pass_json, "_back", ("for field in linked:", "for field in ():")),
    (pass_json, "_back", ("for link in face.links:", "for link in face.links[:3]:")),
    (pass_json, "_back", ("if face.member_name", "if False")),
    (pass_json, "_back", ("if not face.images.logo", "if False")),
    (pass_json, "_closing", ("if face.terms:", "if False:")),
    (pass_json, "_closing", ('if face.kind != "gift":', "if False:")),
    (pass_json, "_field", ("losses.append(say.message_without_value(field))", "pass")),
    (pass_json, "_back_field", ("losses.append(say.field_link_not_opened(field))", "pass")),
    (pass_json, "_said", ("if face.rotates:", "if False:")),
    (pass_json, "_said", ("if not face.shareable:", "if False:")),
    (pass_json, "_validity", ("losses.append(say.STATE_NOT_SHOWN)", "pass")),
    (pass_json, "_balance", ("losses.append(say.HELD_NOT_SHOWN)", "pass")),
    (pass_json, "relevance", ("losses.append(say.LOCATIONS_TAKE_TURNS)", "pass")),
    (pass_json, "relevance", ("losses.append(say.NO_PERIODS)", "pass")),
    (apple_relevance, "_known_beacons", ("losses.append(say.TOO_MANY_BEACONS)", "pass")),
    (apple_relevance, "_location", ("place.text or", "")),
    (apple_relevance, "_distance", ("losses.append(say.DISTANCE_FROM_NOWHERE)", "pass")),
    (pass_json, "nfc", ("losses.append(say.NFC_WITHOUT_CERTIFICATE)", "pass")),
    (pass_json, "barcodes", ("_formats(face, losses)", '["qr"]')),
]
WEB_DROPS: list[tuple[ModuleType, str, tuple[str, str]]] = [
    (picture, "_more", ("for link in face.links:", "for link in ():")),
    (picture, "_more", ("if face.website:", "if False:")),
    (picture, "_more", ("if face.description not in", "if 0 not in [0] and face.description not in")),
    (picture, "_shown", ("field.link", "None")),
    (picture, "losses_of", ("if field.change_message", "if False")),
    (web_losses, "_parts", ("bool(face.places)", "False")),
    (web_losses, "_parts", ("not face.shareable", "False")),
    (web_losses, "_parts", ("face.nfc is not None", "False")),
    (web_losses, "_parts", ('face.member_name is not None and "member" not in keys', "False")),
    (web_losses, "_parts", ('face.expires_at is not None and "valid_until" not in keys', "False")),
]
PRINT_DROPS: list[tuple[ModuleType, str, tuple[str, str]]] = [
    (print_losses, "losses_of", ("for field in face.fields", "for field in ()")),
    (print_losses, "losses_of", ('"barcode", ', "")),
    (print_losses, "_text_losses", ("len(said) > LONGEST_TEXT", "False")),
    (print_losses, "losses_of", ('losses.append(changed("title", *_TITLE))', "pass")),
    (poster, "_draw", ('subject.sentence.en, "regular"', 'subject.sentence.de, "regular"')),
    (print_losses, "_of_a_phone", ("bool(face.beacons)", "False")),
]


@pytest.mark.parametrize("module, name, edit", APPLE_DROPS)
def test_a_silent_drop_at_apple_is_found(
    identity: SigningIdentity,
    module: ModuleType,
    name: str,
    edit: tuple[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    damage(monkeypatch, module, name, edit)
    assert any(silent(apple(identity), any_face(seed)) for seed in range(FACES))


@pytest.mark.parametrize("module, name, edit", WEB_DROPS)
def test_a_silent_drop_on_the_web_is_found(
    module: ModuleType, name: str, edit: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    damage(monkeypatch, module, name, edit)
    assert any(silent(web(), any_face(seed)) for seed in range(FACES))


@pytest.mark.parametrize("module, name, edit", PRINT_DROPS)
def test_a_silent_drop_on_paper_is_found(
    module: ModuleType, name: str, edit: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    damage(monkeypatch, module, name, edit)
    assert any(silent(paper(), any_face(seed)) for seed in range(FACES))


@pytest.mark.parametrize(
    "module, name, edit",
    [
        (voucher, "_draw_small_print", ("if face.terms is not None:", "if False:")),
        (voucher, "_draw_codes", ("sheet.qr(face.barcode,", "sheet.qr('',")),
        (print_losses, "voucher_losses", ('losses.append(left_out("description", *_ONE_PURPOSE))', "pass")),
        (print_losses, "voucher_losses", ("if field.key not in _ON_THE_VOUCHER:", "if False:")),
    ],
)
def test_a_silent_drop_on_a_voucher_is_found(
    module: ModuleType, name: str, edit: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    damage(monkeypatch, module, name, edit)
    gifts = [face for face in map(any_face, range(FACES)) if face.kind == "gift"]
    assert any(silent(gift_paper(), face) for face in gifts)
