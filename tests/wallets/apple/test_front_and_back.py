"""What a shop may want besides the balance: formats to scan, links, tiles, contactless, and where it goes."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from passes.cards.face import BarcodeFormat, DesignImages, FaceField, Link, Role, Text
from passes.wallets.apple import losses as say
from passes.wallets.apple.nfc import READER_KEY
from passes.wallets.apple.pass_json import document, losses_of
from passes.wallets.signing.identity import SigningIdentity
from tests.factories.faces import make_face
from tests.wallets.apple.pass_rules import validate_pass_json
from tests.wallets.apple.test_pass_json import fields_of

MENU = Link("menu", Text("Speisekarte", "Menu"), "https://groessenwahn.example/menu/")
CALL = Link("call_us", Text("Anrufen", "Call us"), "tel:+49301234567")
BOOK = Link("book_appointment", Text("Tisch buchen", "Book a table"), "https://groessenwahn.example/book")
ORDER = Link("order", Text("Bestellen", "Order"), "https://groessenwahn.example/order")


@pytest.fixture
def written(identity: SigningIdentity) -> Any:
    def write(signer: SigningIdentity = identity, **parts: Any) -> Any:
        shown = document(make_face(**parts), signer, None)
        assert validate_pass_json(shown.content) == []
        return shown

    return write


@pytest.fixture
def contactless(identity: SigningIdentity, tmp_path: Path) -> Iterator[SigningIdentity]:
    """An identity Apple lets speak to readers, and room for a reader's key beside it."""
    paths = replace(identity.paths, certificate=tmp_path / "certificate.pem")
    return replace(identity, nfc=True, paths=paths)


@pytest.mark.parametrize(
    "formats, shown",
    [
        (("qr",), ["QR"]),
        (("aztec", "qr"), ["Aztec", "QR"]),
        (("pdf417",), ["PDF417"]),
        (("code128", "pdf417"), ["Code128", "PDF417"]),
        (("code128",), ["Code128", "QR"]),
        (("code128", "aztec", "pdf417", "qr"), ["Code128", "Aztec", "PDF417", "QR"]),
        ((), ["QR"]),
    ],
)
def test_barcodes_are_tried_in_the_order_of_the_design(
    written: Any, formats: tuple[BarcodeFormat, ...], shown: list[str]
) -> None:
    document = written(barcode_formats=formats)
    found = document.content["barcodes"]
    assert [code["format"].removeprefix("PKBarcodeFormat") for code in found] == shown
    assert document.losses == ((say.QR_ON_WATCH,) if formats == ("code128",) else ())


def test_a_code_too_long_for_bars_is_shown_as_a_square(written: Any) -> None:
    shown = written(barcode="7" * 33, barcode_formats=("code128",))
    assert [code["format"] for code in shown.content["barcodes"]] == ["PKBarcodeFormatQR"]
    assert shown.losses == (say.CODE_TOO_LONG,)


def test_links_can_be_tapped_and_read(written: Any) -> None:
    shown = written(links=(MENU, CALL))
    fields = fields_of(shown.content)
    assert fields["link-menu"] == {
        "key": "link-menu",
        "label": "Menu",
        "value": "https://groessenwahn.example/menu/",
        "attributedValue": '<a href="https://groessenwahn.example/menu/">groessenwahn.example/menu</a>',
        "role": "backFields",
    }
    assert fields["link-call_us"]["attributedValue"] == '<a href="tel:+49301234567">+49301234567</a>'
    assert ("Menu", MENU.label) in shown.texts


def test_two_links_become_tiles_and_all_stay_on_the_back(written: Any) -> None:
    shown = written(links=(MENU, BOOK, CALL, ORDER))
    assert shown.content["featuredActions"] == [
        {"identifier": "book_appointment", "type": "bookAppointment", "url": BOOK.url},
        {"identifier": "call_us", "type": "call", "url": CALL.url},
    ]
    assert {f"link-{link.key}" for link in (MENU, BOOK, CALL, ORDER)} <= fields_of(shown.content).keys()
    assert "featuredActions" not in written(links=(MENU,)).content


def test_an_address_no_phone_opens_is_shown_and_told(written: Any) -> None:
    shown = written(links=(Link("app", Text.same("App"), "shop://card"),), website="groessenwahn example")
    fields = fields_of(shown.content)
    assert "attributedValue" not in fields["link-app"] | fields["website"]
    assert {loss.part for loss in shown.losses} == {"links:app", "website"}


def test_a_row_takes_four_fields_and_the_fifth_is_on_the_back_and_told(written: Any) -> None:
    roles: tuple[Role, ...] = ("secondary", "auxiliary", "secondary", "auxiliary", "auxiliary")
    fields = tuple(FaceField(f"f{n}", role, Text.same("x"), Text.same("y")) for n, role in enumerate(roles))
    shown = written(fields=fields)
    rows = [field for field in fields_of(shown.content).values() if field["role"] != "backFields"]
    assert {field["key"] for field in rows} == {"f0", "f1", "f2", "f3"}
    assert fields_of(shown.content)["f4"]["role"] == "backFields"
    assert shown.losses == (say.moved_to_back(fields[4]),)


def test_a_link_on_the_front_can_be_tapped_on_the_back(written: Any) -> None:
    field = FaceField("reward", "secondary", Text("Prämie", "Reward"), Text.same("Kaffee"), link=MENU.url)
    shown = written(fields=(field,))
    fields = fields_of(shown.content)
    assert fields["reward"]["role"] == "secondaryFields"
    assert MENU.url in fields["reward-link"]["attributedValue"]
    assert shown.losses == (say.link_on_back(field),)


def test_a_large_text_does_not_lie_over_the_stamps(written: Any) -> None:
    field = FaceField("offer", "primary", Text.same("Heute"), Text.same("Doppelt"))
    shown = written(fields=(field,))
    assert fields_of(shown.content)["offer"]["role"] == "secondaryFields"
    assert shown.losses == (say.below_the_stamps(field),)
    assert fields_of(written(kind="points", fields=(field,)).content)["offer"]["role"] == "primaryFields"


def test_a_message_without_the_new_value_is_left_to_the_phone(written: Any) -> None:
    message = Text("Neu: %@", "New!")
    field = FaceField("x", "back", Text.same("L"), Text.same("V"), change_message=message)
    shown = written(fields=(field,))
    assert "changeMessage" not in fields_of(shown.content)["x"]
    assert shown.losses == (say.message_without_value(field),)


def test_the_name_of_card_and_holder_are_on_the_back_unless_they_stand_elsewhere(written: Any) -> None:
    fields = fields_of(written(member_name="Käthe Müller").content)
    assert fields["holder-name"]["value"] == "Käthe Müller"
    assert fields["card-title"]["value"] == "Coffee card"
    member = FaceField("member", "auxiliary", Text.same("Name"), Text.same("Käthe Müller"))
    logo = DesignImages(logo=b"not opened here")
    fields = fields_of(written(member_name="Käthe Müller", fields=(member,), images=logo).content)
    assert not {"holder-name", "card-title"} & fields.keys()


def test_a_field_that_stands_in_for_ours_is_told(written: Any) -> None:
    own = FaceField("page", "back", Text("Adresse", "Address"), Text.same("x"))
    shown = written(fields=(own,))
    assert shown.losses == (say.replaced("page_url", own),)


def test_a_card_that_must_not_be_passed_on_says_so(written: Any) -> None:
    assert written(shareable=False).content["sharingProhibited"] is True
    assert "sharingProhibited" not in written().content


def test_contactless_needs_apples_leave(written: Any, contactless: SigningIdentity) -> None:
    (contactless.paths.certificate.parent / READER_KEY).write_bytes(public_pem(ec.SECP256R1()))
    shown = written(contactless, nfc="7K3WQ9XMA4PTHC2E")
    assert shown.content["nfc"]["message"] == "7K3WQ9XMA4PTHC2E"
    assert len(shown.content["nfc"]["encryptionPublicKey"]) == 124
    refused = written(nfc="7K3WQ9XMA4PTHC2E")
    assert "nfc" not in refused.content
    assert refused.losses == (say.NFC_WITHOUT_CERTIFICATE,)


def test_contactless_needs_a_short_text_and_the_readers_key(
    written: Any, contactless: SigningIdentity
) -> None:
    place = contactless.paths.certificate.parent / READER_KEY
    assert written(contactless, nfc="1").losses == (say.NFC_WITHOUT_READER,)
    for wrong in (b"no key", public_pem(ec.SECP384R1())):
        place.write_bytes(wrong)
        assert written(contactless, nfc="1").losses == (say.NFC_WITHOUT_READER,)
    place.write_bytes(public_pem(ec.SECP256R1()))
    assert written(contactless, nfc="ü" * 33).losses == (say.NFC_TOO_LONG,)


def public_pem(curve: ec.EllipticCurve) -> bytes:
    key = ec.generate_private_key(curve).public_key()
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def test_a_state_nobody_can_see_and_money_on_hold_are_told(written: Any) -> None:
    assert written(state="blocked").losses == (say.STATE_NOT_SHOWN,)
    state = FaceField("state", "auxiliary", Text.same("Status"), Text.same("Gesperrt"))
    assert written(state="blocked", fields=(state,)).losses == ()
    gift = make_face("gift")
    held = replace(gift.balance, amount=gift.balance.amount - 1)
    assert written(kind="gift", available=held).losses == (say.HELD_NOT_SHOWN,)


def test_what_is_lost_can_be_told_before_anybody_signs(identity: SigningIdentity) -> None:
    face = make_face(rotates=True, barcode_formats=("code128",), max_distance_m=500)
    assert losses_of(face) == document(face, identity, None).losses
    assert {loss.part for loss in losses_of(face)} == {"rotates", "barcode_formats", "max_distance_m"}
