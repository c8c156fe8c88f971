"""What a phone demands of pass.json; every rule here makes a real one refuse the pass or drop part of it."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from tests.fakes.phone.refusal import insist

STYLES = ("storeCard", "coupon", "generic", "eventTicket", "boardingPass")
FIELD_GROUPS = (
    "headerFields", "primaryFields", "secondaryFields", "auxiliaryFields", "backFields",
    "footerFields", "additionalInfoFields",
)  # fmt: skip
REQUIRED_TEXTS = ("passTypeIdentifier", "teamIdentifier", "serialNumber", "organizationName", "description")
COLORS = ("backgroundColor", "foregroundColor", "labelColor")
LOOPBACK = ("localhost", "127.0.0.1", "::1")

_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)")
_COLOR = re.compile(r"rgb\(\d{1,3}, ?\d{1,3}, ?\d{1,3}\)")


def fields_of(contents: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Every field of every style in the pass, in order."""
    for style in (*STYLES, "posterGeneric"):
        for group in FIELD_GROUPS:
            yield from contents.get(style, {}).get(group, ())


def check_contents(contents: Mapping[str, Any]) -> None:
    """Raise `PhoneRefuses` on the first rule that pass.json breaks."""
    _check_nulls(contents, "pass.json")
    insist(contents.get("formatVersion") == 1, "formatVersion is not the number 1.")
    for name in REQUIRED_TEXTS:
        text = contents.get(name)
        insist(isinstance(text, str) and text != "", f"{name} is missing or no text.")
    styles = [style for style in STYLES if style in contents]
    insist(len(styles) == 1, f"There must be exactly one style, here are {styles}.")
    for name in ("expirationDate", "relevantDate"):
        insist(
            name not in contents or _is_date(contents[name]), f"{name}: {contents.get(name)!r} is no date."
        )
    for name in COLORS:
        good = name not in contents or _COLOR.fullmatch(contents[name]) is not None
        insist(good, f"{name}: {contents.get(name)!r} is not of the form rgb(1, 2, 3).")
    _check_barcodes(contents)
    _check_places(contents)
    _check_web_service(contents)
    _check_fields(contents)


def _check_nulls(value: object, where: str) -> None:
    insist(value is not None, f"{where} is null.")
    if isinstance(value, dict):
        for key, inner in value.items():
            _check_nulls(inner, f"{where}.{key}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            _check_nulls(inner, f"{where}[{index}]")


def _check_barcodes(contents: Mapping[str, Any]) -> None:
    barcodes = contents.get("barcodes", [])
    insist(isinstance(barcodes, list), "barcodes is no list.")
    for barcode in barcodes:
        for name in ("format", "message", "messageEncoding"):
            insist(isinstance(barcode.get(name), str), f"barcodes: {name} is missing.")
        try:
            barcode["message"].encode(barcode["messageEncoding"])
        except (LookupError, UnicodeEncodeError):
            insist(False, f"barcodes: the message cannot be written in {barcode['messageEncoding']}.")


def _check_places(contents: Mapping[str, Any]) -> None:
    insist(_is_number(contents.get("maxDistance", 0)), "maxDistance is not a number.")
    locations = contents.get("locations", [])
    insist(len(locations) <= 10, f"There are {len(locations)} locations; a phone takes ten.")
    for place in locations:
        insist(_is_number(place.get("latitude")), "locations: latitude is not a number.")
        insist(_is_number(place.get("longitude")), "locations: longitude is not a number.")


def _check_web_service(contents: Mapping[str, Any]) -> None:
    address, token = contents.get("webServiceURL"), contents.get("authenticationToken")
    insist((address is None) == (token is None), "webServiceURL and authenticationToken come as a pair.")
    if address is not None and token is not None:
        parts = urlsplit(address)
        secure = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
        insist(secure, f"webServiceURL: {address} is not https.")
        insist(isinstance(token, str) and len(token) >= 16, "authenticationToken is shorter than 16.")


def _check_fields(contents: Mapping[str, Any]) -> None:
    seen = set()
    for field in fields_of(contents):
        key, value = field.get("key"), field.get("value")
        insist(isinstance(key, str) and key != "", "A field has no key.")
        insist(key not in seen, f"Two fields have the key {key}.")
        seen.add(key)
        insist(isinstance(value, str) or _is_number(value), f"Field {key} has no value.")
        formats = [name for name in ("currencyCode", "numberStyle") if name in field]
        insist(len(formats) < 2, f"Field {key} has currencyCode and numberStyle at once.")
        insist(not formats or _is_number(value), f"Field {key} has {formats} on a value that is no number.")
        dated = "dateStyle" in field or "timeStyle" in field
        insist(not dated or _is_date(value), f"Field {key}: {value!r} is no date.")


def _is_number(value: object) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _is_date(value: object) -> bool:
    return isinstance(value, str) and _DATE.fullmatch(value) is not None
