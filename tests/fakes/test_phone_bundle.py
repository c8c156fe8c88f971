"""The phone opens good passes and refuses spoiled ones, one fault at a time."""

import copy
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import pkcs7

from tests.fakes.certs import CertificateFiles, pass_identity
from tests.fakes.phone import PhoneRefuses
from tests.fakes.phone.bundle import open_pass, read_strings
from tests.fakes.toy_service import CONTENTS, members, pack, sign, with_change


@pytest.fixture(scope="module")
def identity(tmp_path_factory: pytest.TempPathFactory) -> CertificateFiles:
    return pass_identity(tmp_path_factory.mktemp("identity"))


def test_a_good_pass_opens_with_its_fields_and_texts(identity: CertificateFiles) -> None:
    card = open_pass(pack(members(CONTENTS), identity))
    assert card.identity == ("pass.test.stempel", "S1", "secret-secret-secret")
    assert card.fields["balance"]["value"] == Decimal("12.5")
    assert card.localized("balance", "de-CH") == "Guthaben"
    assert card.localized("news_0", "de") == '"Grüß Gott"'
    assert card.localized("balance", "fr") == "balance"


def style(**field: Any) -> dict[str, Any]:
    return {"storeCard": {"backFields": [{"key": "a", "value": "b", **field}]}}


CONTENT_FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "text for version": (with_change(formatVersion="1"), "formatVersion"),
    "no serial": (with_change(serialNumber=None), "serialNumber"),
    "empty description": (with_change(description=""), "description"),
    "null": ({**CONTENTS, "logoText": None}, "logoText is null"),
    "null deep inside": (with_change(locations=[{"latitude": None}]), r"locations\[0\].latitude is null"),
    "two styles": (with_change(coupon={}), "exactly one style"),
    "no style": (with_change(storeCard=None), "exactly one style"),
    "fraction of a second": (with_change(expirationDate="2029-12-31T22:59:59.000Z"), "expirationDate"),
    "offset without colon": (with_change(expirationDate="2029-12-31T22:59:59+0100"), "expirationDate"),
    "hex colour": (with_change(labelColor="#ffffff"), "labelColor"),
    "barcodes as object": (with_change(barcodes={"format": "x"}), "barcodes is no list"),
    "barcode without encoding": (with_change(barcodes=[{"format": "x", "message": "y"}]), "messageEncoding"),
    "barcode beyond its encoding": (
        with_change(barcodes=[{"format": "x", "message": "漢", "messageEncoding": "iso-8859-1"}]),
        "cannot be written",
    ),
    "distance as text": (with_change(maxDistance="100"), "maxDistance"),
    "eleven places": (with_change(locations=[{"latitude": 1, "longitude": 1}] * 11), "11 locations"),
    "latitude as text": (with_change(locations=[{"latitude": "1", "longitude": 1}]), "latitude"),
    "address without token": (with_change(authenticationToken=None), "pair"),
    "short token": (with_change(authenticationToken="x" * 15), "shorter"),
    "open address": (with_change(webServiceURL="http://cards.example/apple"), "not https"),
    "field without key": (with_change(**style(key="")), "no key"),
    "same key twice": (
        with_change(
            storeCard={"backFields": [{"key": "a", "value": 1}], "headerFields": [{"key": "a", "value": 1}]}
        ),
        "Two fields",
    ),
    "field without value": (with_change(storeCard={"backFields": [{"key": "a"}]}), "no value"),
    "amount as text": (with_change(**style(value="12.50", currencyCode="EUR")), "no number"),
    "two formats": (
        with_change(**style(value=1, currencyCode="EUR", numberStyle="PKNumberStyleDecimal")),
        "at once",
    ),
    "date that is none": (with_change(**style(value="soon", dateStyle="PKDateStyleShort")), "no date"),
    "another pass type": (with_change(passTypeIdentifier="pass.test.other"), "stands for this pass type"),
    "another team": (with_change(teamIdentifier="OTHER12345"), "another team"),
}


@pytest.mark.parametrize("name", CONTENT_FAULTS)
def test_each_fault_in_the_contents_is_refused(identity: CertificateFiles, name: str) -> None:
    contents, sentence = CONTENT_FAULTS[name]
    with pytest.raises(PhoneRefuses, match=sentence):
        open_pass(pack(members(contents), identity))


Files = dict[str, bytes]
FILE_FAULTS: dict[str, tuple[Callable[[Files], Files], str]] = {
    "no icon": (lambda f: {k: v for k, v in f.items() if k != "icon.png"}, "no icon"),
    "icon that is no picture": (lambda f: {**f, "icon.png": b"GIF89a"}, "not a PNG"),
    "no pass.json": (lambda f: {k: v for k, v in f.items() if k != "pass.json"}, "no pass.json"),
    "byte order mark": (lambda f: {**f, "pass.json": b"\xef\xbb\xbf" + f["pass.json"]}, "byte order mark"),
    "broken json": (lambda f: {**f, "pass.json": f["pass.json"][:-1]}, "pass.json cannot be read"),
    "list for pass": (lambda f: {**f, "pass.json": b"[]"}, "not an object"),
    "wrapping folder": (lambda f: {**f, "card.pass/extra.png": b""}, "does not belong"),
    "finder's file": (lambda f: {**f, ".DS_Store": b""}, "does not belong"),
    "missing translation": (lambda f: {**f, "de.lproj/pass.strings": b'"a" = "b";'}, "same texts"),
    "unreadable strings": (lambda f: {**f, "de.lproj/pass.strings": b'"a" = b;'}, "cannot be read from"),
    "latin strings": (lambda f: {**f, "de.lproj/pass.strings": b'"a" = "\xfc";'}, "cannot be read"),
}


@pytest.mark.parametrize("name", FILE_FAULTS)
def test_each_fault_in_the_files_is_refused(identity: CertificateFiles, name: str) -> None:
    change, sentence = FILE_FAULTS[name]
    with pytest.raises(PhoneRefuses, match=sentence):
        open_pass(pack(change(members(copy.deepcopy(CONTENTS))), identity))


def test_a_manifest_that_does_not_fit_is_refused(identity: CertificateFiles) -> None:
    with pytest.raises(PhoneRefuses, match=r"manifest.json does not fit"):
        open_pass(pack(members(CONTENTS), identity, manifest=b"{}"))
    with pytest.raises(PhoneRefuses, match=r"manifest.json cannot be read"):
        open_pass(pack(members(CONTENTS), identity, manifest=b"{"))


def test_a_signature_over_something_else_attached_or_missing_is_refused(
    identity: CertificateFiles, tmp_path: Path
) -> None:
    files = members(CONTENTS)
    for signature in (b"nonsense", sign(b"another manifest", identity)):
        with pytest.raises(PhoneRefuses, match="signature"):
            open_pass(pack(files, identity, signature=signature))
    with pytest.raises(PhoneRefuses, match="not detached"):
        open_pass(pack(files, identity, options=[pkcs7.PKCS7Options.Binary]))
    stranger = pass_identity(tmp_path, "pass.test.other")
    with pytest.raises(PhoneRefuses, match="stands for this pass type"):
        open_pass(pack(files, stranger))


def test_what_is_no_archive_is_refused() -> None:
    with pytest.raises(PhoneRefuses, match="no archive"):
        open_pass(b"<html>Not found</html>")


def test_strings_are_read_in_both_encodings_a_phone_knows() -> None:
    text = '"a b" = "Grüße; \\\\ \\"x\\"";'
    expected = {"a b": 'Grüße; \\ "x"'}
    assert read_strings("de", text.encode()) == expected
    assert read_strings("de", b"\xfe\xff" + text.encode("utf-16-be")) == expected
    for wrong in (b"\xef\xbb\xbf" + text.encode(), b"\xff\xfe" + text.encode("utf-16-le")):
        with pytest.raises(PhoneRefuses):
            read_strings("de", wrong)
