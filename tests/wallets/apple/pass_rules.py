"""Would a phone take this pass.json? Checked here, because a phone that refuses one does not say why.

The rules are those of Apple's pass documentation, its Pass Builder, and of passes that real phones have
refused. Every fault is a sentence that begins with where it is. `field_rules` holds those of fields.
"""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from tests.wallets.apple.field_rules import DATE, STYLES, field_faults

MIN_TOKEN_LENGTH = 16
MAX_LOCATIONS = 10
MAX_NFC_MESSAGE_BYTES = 64
MAX_BEACON_UUIDS = 10
MAX_ACTIONS = 2
BARCODE_FORMATS = frozenset(f"PKBarcodeFormat{name}" for name in ("QR", "PDF417", "Aztec", "Code128"))

_COLOR = re.compile(r"rgb\((\d{1,3}), ?(\d{1,3}), ?(\d{1,3})\)")
_UUID = re.compile(r"[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}")
_ACTIONS = frozenset(
    "addToBalance membershipBenefits viewOffersRewards shop order bookAppointment call place bookCar "
    "bookFlight bookStay viewSchedule watchTrailer listenToMusic".split()
)
_URL_SAFE = re.compile(r"[A-Za-z0-9._~-]{1,64}")
_REQUIRED = ("passTypeIdentifier", "teamIdentifier", "serialNumber", "organizationName", "description")


def validate_pass_json(content: Mapping[str, Any], *, development: bool = False) -> list[str]:
    """All faults of a pass.json as sentences, none for a good one; `development` allows http.

    Takes what `pass_json` returns as well as parsed JSON.
    """
    faults = [fault for check in _CHECKS for fault in check(content)]
    return faults + list(_web_service_faults(content, development))


def _required_faults(content: Mapping[str, Any]) -> Iterator[str]:
    if content.get("formatVersion") != 1 or isinstance(content.get("formatVersion"), bool):
        yield "formatVersion: must be the number 1"
    for key in _REQUIRED:
        if not isinstance(content.get(key), str) or not content[key]:
            yield f"{key}: must be a text that is not empty"
    if not str(content.get("passTypeIdentifier", "")).startswith("pass."):
        yield "passTypeIdentifier: must start with pass."
    if not _URL_SAFE.fullmatch(str(content.get("serialNumber", ""))):
        yield "serialNumber: becomes part of addresses; use 1 to 64 letters, digits, '.', '_', '~' or '-'"


def _style_faults(content: Mapping[str, Any]) -> Iterator[str]:
    styles = [style for style in STYLES if style in content]
    if len(styles) != 1:
        yield f"style: must be exactly one of {', '.join(STYLES)}; there are {len(styles)}"
    for style in styles:
        yield from field_faults(style, content[style])
    if "groupingIdentifier" in content and not {"eventTicket", "boardingPass"} & set(styles):
        yield "groupingIdentifier: only event tickets and boarding passes may have one"


def _key_faults(content: Mapping[str, Any]) -> Iterator[str]:
    for key, value in content.items():
        known = _TYPES.get(key)
        if known is None:
            yield f"{key}: is no key of a pass.json"
        elif not _is(known, value):
            yield f"{key}: must be {_NAMES[known]}"
    if "barcode" in content:
        yield "barcode: is the form of 2012; use the list barcodes"
    if "appLaunchURL" in content and "associatedStoreIdentifiers" not in content:
        yield "appLaunchURL: needs associatedStoreIdentifiers"
    yield from _hole_faults(content, "")


def _is(known: type | tuple[type, ...], value: object) -> bool:
    return isinstance(value, known) and (known is bool or not isinstance(value, bool))


def _hole_faults(value: object, where: str) -> Iterator[str]:
    """Nulls and numbers that JSON cannot write, at any depth."""
    if value is None or (isinstance(value, float | Decimal) and not math.isfinite(value)):
        yield f"{where}: must have a value"
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _hole_faults(inner, f"{where}.{key}" if where else str(key))
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from _hole_faults(inner, f"{where}[{index}]")


def _look_faults(content: Mapping[str, Any]) -> Iterator[str]:
    for key in ("backgroundColor", "foregroundColor", "labelColor"):
        match = _COLOR.fullmatch(str(content.get(key, "rgb(0, 0, 0)")))
        if not match or any(int(channel) > 255 for channel in match.groups()):
            yield f"{key}: must be written rgb(r, g, b) with numbers from 0 to 255"
    for key in ("expirationDate", "relevantDate"):
        if not DATE.fullmatch(str(content.get(key, "2026-01-01T00:00Z"))):
            yield f"{key}: must be a date such as 2026-11-22T09:30:00Z, without fractions of a second"


def _barcode_faults(content: Mapping[str, Any]) -> Iterator[str]:
    for index, barcode in enumerate(_objects(content.get("barcodes"))):
        where = f"barcodes[{index}]"
        if barcode.get("format") not in BARCODE_FORMATS:
            yield f"{where}.format: must be one of {', '.join(sorted(BARCODE_FORMATS))}"
        if not isinstance(barcode.get("message"), str) or not barcode["message"]:
            yield f"{where}.message: must be a text that is not empty"
        elif not _encodable(barcode["message"], barcode.get("messageEncoding")):
            yield f"{where}.messageEncoding: must name an encoding that can write the message"
        if not isinstance(barcode.get("altText", ""), str):
            yield f"{where}.altText: must be a text"


def _encodable(message: str, encoding: object) -> bool:
    try:
        message.encode(str(encoding))
    except (LookupError, UnicodeError):
        return False
    return True


def _location_faults(content: Mapping[str, Any]) -> Iterator[str]:
    locations = _objects(content.get("locations"))
    if len(locations) > MAX_LOCATIONS:
        yield f"locations: at most {MAX_LOCATIONS}, there are {len(locations)}"
    for index, location in enumerate(locations):
        for key, limit in (("latitude", 90), ("longitude", 180)):
            degrees: Any = location.get(key)
            if not _is(_NUMBER, degrees) or not -limit <= degrees <= limit:
                yield f"locations[{index}].{key}: must be a number from -{limit} to {limit}"
        yield from _text_faults(location, f"locations[{index}]")
    distance: Any = content.get("maxDistance", 1)
    if _is(_NUMBER, distance) and not distance > 0:
        yield "maxDistance: must be more than 0"
    if "maxDistance" in content and not (locations or content.get("beacons")):
        yield "maxDistance: is the distance from locations, and there are none"


def _text_faults(place: Mapping[str, Any], where: str) -> Iterator[str]:
    if not isinstance(place.get("relevantText", "x"), str) or place.get("relevantText") == "":
        yield f"{where}.relevantText: must be a text that is not empty"


def _beacon_faults(content: Mapping[str, Any]) -> Iterator[str]:
    beacons = _objects(content.get("beacons"))
    uuids = {str(beacon.get("proximityUUID")) for beacon in beacons}
    if len(uuids) > MAX_BEACON_UUIDS:
        yield f"beacons: at most {MAX_BEACON_UUIDS} different UUIDs, there are {len(uuids)}"
    for index, beacon in enumerate(beacons):
        if not _UUID.fullmatch(str(beacon.get("proximityUUID"))):
            yield f"beacons[{index}].proximityUUID: must be a UUID in capitals"
        for key in ("major", "minor"):
            number: Any = beacon.get(key, 0)
            if not _is(int, number) or not 0 <= number <= 65_535:
                yield f"beacons[{index}].{key}: must be a whole number from 0 to 65535"
        yield from _text_faults(beacon, f"beacons[{index}]")


def _date_faults(content: Mapping[str, Any]) -> Iterator[str]:
    if {"relevantDate", "relevantDates"} & content.keys() and {"storeCard", "coupon"} & content.keys():
        yield "relevantDates: make Wallet file a store card or coupon as expired the day after"


def _action_faults(content: Mapping[str, Any]) -> Iterator[str]:
    actions = _objects(content.get("featuredActions"))
    if len(actions) > MAX_ACTIONS:
        yield f"featuredActions: at most {MAX_ACTIONS}, there are {len(actions)}"
    for index, action in enumerate(actions):
        if action.get("type") not in _ACTIONS:
            yield f"featuredActions[{index}].type: is no action Wallet knows"
        if not isinstance(action.get("identifier"), str) or not action["identifier"]:
            yield f"featuredActions[{index}].identifier: must be a text that is not empty"
        if urlsplit(str(action.get("url"))).scheme not in ("https", "tel"):
            yield f"featuredActions[{index}].url: must be an https or tel address"


def _extra_faults(content: Mapping[str, Any]) -> Iterator[str]:
    balance = _object(_object(content.get("semantics")).get("balance"))
    if balance and not (
        isinstance(balance.get("amount"), str) and isinstance(balance.get("currencyCode"), str)
    ):
        yield "semantics.balance: amount and currencyCode must be texts"
    nfc = _object(content.get("nfc"))
    if len(str(nfc.get("message", "")).encode()) > MAX_NFC_MESSAGE_BYTES:
        yield f"nfc.message: at most {MAX_NFC_MESSAGE_BYTES} bytes, Wallet cuts off the rest"
    if nfc and not isinstance(nfc.get("encryptionPublicKey"), str):
        yield "nfc.encryptionPublicKey: must be the reader's public key"


def _web_service_faults(content: Mapping[str, Any], development: bool) -> Iterator[str]:
    if ("webServiceURL" in content) != ("authenticationToken" in content):
        yield "webServiceURL: stands together with authenticationToken or not at all"
    if "webServiceURL" not in content:
        return
    url = urlsplit(str(content["webServiceURL"]))
    if url.scheme != "https" and not (development and url.scheme == "http"):
        yield "webServiceURL: must be https"
    if not url.hostname:
        yield "webServiceURL: must name a host"
    if len(str(content.get("authenticationToken", ""))) < MIN_TOKEN_LENGTH:
        yield f"authenticationToken: must have at least {MIN_TOKEN_LENGTH} characters"


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _objects(value: object) -> list[Mapping[str, Any]]:
    return [_object(entry) for entry in value] if isinstance(value, list) else []


_NUMBER = (int, float, Decimal)
_NAMES = {str: "a text", bool: "true or false", list: "a list", dict: "an object", _NUMBER: "a number"}
_TYPES: dict[str, type | tuple[type, ...]] = {
    "formatVersion": _NUMBER,
    "maxDistance": _NUMBER,
    **dict.fromkeys((*_REQUIRED, "logoText", "groupingIdentifier", "appLaunchURL"), str),
    **dict.fromkeys(("backgroundColor", "foregroundColor", "labelColor"), str),
    **dict.fromkeys(("expirationDate", "relevantDate", "webServiceURL", "authenticationToken"), str),
    **dict.fromkeys(("voided", "sharingProhibited", "suppressStripShine"), bool),
    **dict.fromkeys(("barcodes", "locations", "beacons", "relevantDates"), list),
    **dict.fromkeys(("associatedStoreIdentifiers", "featuredActions", "preferredStyleSchemes"), list),
    **dict.fromkeys((*STYLES, "barcode", "userInfo", "nfc", "semantics"), dict),
}
_CHECKS: tuple[Callable[[Mapping[str, Any]], Iterator[str]], ...] = (
    _required_faults,
    _key_faults,
    _style_faults,
    _look_faults,
    _barcode_faults,
    _location_faults,
    _beacon_faults,
    _date_faults,
    _action_faults,
    _extra_faults,
)
