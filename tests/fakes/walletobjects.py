"""Judges JSON by Google's published description of the wallet API, and by what it says only in words.

Stricter than Google in one thing: fields and spellings it marks deprecated are faults too, unless asked.
"""

import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

DISCOVERY = Path(__file__).parent.parent / "data" / "walletobjects.v1.json"

REQUIRED = {
    "LoyaltyClass": ["id", "issuerName", "programName", "programLogo", "reviewStatus"],
    "OfferClass": ["id", "issuerName", "title", "provider", "redemptionChannel", "reviewStatus"],
    "GiftCardClass": ["id", "issuerName", "reviewStatus"],
    "LoyaltyObject": ["id", "classId", "state"],
    "OfferObject": ["id", "classId", "state"],
    "GiftCardObject": ["id", "classId", "state", "cardNumber"],
    "AddMessageRequest": ["message"],
    "Barcode": ["type"],
    "RotatingBarcode": ["type", "valuePattern", "totpDetails"],
    "Money": ["micros", "currencyCode"],
    "LoyaltyPoints": ["balance"],
    "LocalizedString": ["defaultValue"],
    "TranslatedString": ["language", "value"],
    "ImageUri": ["uri"],
    "Uri": ["uri"],
    "DateTime": ["date"],
    "MerchantLocation": ["latitude", "longitude"],
    "CallbackOptions": ["url"],
    "TemplateItem": ["firstValue"],
}
EXACTLY_ONE = {
    "LoyaltyPointsBalance": ["string", "int", "double", "money"],
    "Image": ["sourceUri", "privateImageId"],
    "CardRowTemplateInfo": ["oneItem", "twoItems", "threeItems"],
}
OUTPUT_ONLY = {"hasUsers", "hasLinkedDevice", "classReference", "review"}
MOST = {
    "textModulesData": 10,
    "merchantLocations": 10,
    "messages": 10,
    "imageModulesData": 1,
    "valueAddedModuleData": 15,
    "cardRowTemplateInfos": 3,
}
LONGEST = {("TextModuleData", "header"): 35, ("TextModuleData", "body"): 500}
RESOURCE_ID = re.compile(r"\d+\.[A-Za-z0-9._-]+")


@cache
def _discovery() -> dict[str, Any]:
    return dict(json.loads(DISCOVERY.read_text(encoding="utf-8")))


def schema(name: str) -> dict[str, Any]:
    """The properties of one of Google's schemas; `KeyError` for a name Google does not know."""
    return dict(_discovery()["schemas"][name]["properties"])


def faults(name: str, body: Any, *, patch: bool = False, deprecated_ok: bool = False) -> list[str]:
    """What is wrong with `body` as Google's schema `name`, each with the path to it; empty when nothing is.

    A patch may leave out what is required of the whole, and clear a field by null; since arrays are
    replaced whole, what stands in them has to be complete even then.
    """
    return list(_faults(name, body, name, patch, deprecated_ok))


def canonical(name: str, body: dict[str, Any]) -> dict[str, Any]:
    """A valid `body` with every enumeration in its upper-case spelling and without the `kind` Google adds."""
    return {key: _canonical_value(schema(name)[key], value) for key, value in body.items() if key != "kind"}


def aliased(name: str, body: dict[str, Any]) -> dict[str, Any]:
    """A canonical `body` as Google answers it: enumerations in the older spelling where there is one."""
    return {key: _aliased_value(schema(name)[key], value) for key, value in body.items()}


def _canonical_value(rule: dict[str, Any], value: Any) -> Any:
    if isinstance(value, list):
        return [_canonical_value(rule["items"], item) for item in value]
    if "$ref" in rule and isinstance(value, dict):
        return canonical(rule["$ref"], value)
    return _spelling(rule, value, deprecated=False)


def _aliased_value(rule: dict[str, Any], value: Any) -> Any:
    if isinstance(value, list):
        return [_aliased_value(rule["items"], item) for item in value]
    if "$ref" in rule and isinstance(value, dict):
        return aliased(rule["$ref"], value)
    return _spelling(rule, value, deprecated=True)


def _spelling(rule: dict[str, Any], value: Any, *, deprecated: bool) -> Any:
    old = dict(zip(rule.get("enum", []), rule.get("enumDeprecated", []), strict=False))
    same = [s for s in old if isinstance(value, str) and _plain(s) == _plain(value)]
    return next((s for s in same if old[s] is deprecated), value)


def _plain(spelling: str) -> str:
    return spelling.replace("_", "").lower()


def _faults(name: str, body: Any, path: str, patch: bool, deprecated_ok: bool) -> Iterator[str]:
    if not isinstance(body, dict):
        yield f"{path}: is no object"
        return
    for key in [] if patch else REQUIRED.get(name, []):
        localized = f"localized{key[0].upper()}{key[1:]}"
        if body.get(key) in (None, "") and body.get(localized) is None:
            yield f"{path}.{key}: is required"
    alternatives = EXACTLY_ONE.get(name)
    given = sum(key in body for key in alternatives or [])
    if alternatives and given != 1 and not (patch and given == 0):
        yield f"{path}: needs exactly one of {', '.join(alternatives)}"
    for key, value in body.items():
        here = f"{path}.{key}"
        rule = schema(name).get(key)
        if rule is None:
            yield f"{here}: unknown field"
        elif key in OUTPUT_ONLY:
            yield f"{here}: is output only"
        elif rule.get("deprecated") and not deprecated_ok:
            yield f"{here}: is deprecated"
        elif not (value is None and patch):
            yield from _value_faults(rule, value, here, patch, deprecated_ok)
    yield from _words(name, body, path)


def _value_faults(
    rule: dict[str, Any], value: Any, path: str, patch: bool, deprecated_ok: bool
) -> Iterator[str]:
    if "$ref" in rule:
        yield from _faults(rule["$ref"], value, path, patch, deprecated_ok)
    elif rule["type"] == "array":
        if not isinstance(value, list):
            yield f"{path}: is no array"
            return
        most = MOST.get(path.rpartition(".")[2])
        if most is not None and len(value) > most:
            yield f"{path}: has {len(value)} items, {most} are allowed"
        for place, item in enumerate(value):
            yield from _value_faults(rule["items"], item, f"{path}[{place}]", False, deprecated_ok)
    elif not _TYPES[rule["type"]](rule, value):
        yield f"{path}: {value!r} is no {rule.get('format', rule['type'])}"
    elif "enum" in rule:
        allowed = dict(zip(rule["enum"], rule.get("enumDeprecated", []), strict=False))
        if value not in rule["enum"] or (allowed.get(value) and not deprecated_ok):
            yield f"{path}: {value!r} is not one of the values"


def _is_string(rule: dict[str, Any], value: Any) -> bool:
    if not isinstance(value, str):
        return False
    if rule.get("format") in ("int64", "uint64"):
        return re.fullmatch(r"-?\d{1,19}", value) is not None and -(2**63) <= int(value) < 2**63
    return True


def _is_integer(_rule: dict[str, Any], value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and -(2**31) <= value < 2**31


def _is_number(_rule: dict[str, Any], value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_boolean(_rule: dict[str, Any], value: Any) -> bool:
    return isinstance(value, bool)


_TYPES: dict[str, Callable[[dict[str, Any], Any], bool]] = {
    "string": _is_string,
    "integer": _is_integer,
    "number": _is_number,
    "boolean": _is_boolean,
}


def _words(name: str, body: dict[str, Any], path: str) -> Iterator[str]:
    """What Google says in descriptions and guides rather than in types."""
    for (owner, key), most in LONGEST.items():
        if owner == name and isinstance(body.get(key), str) and len(body[key]) > most:
            yield f"{path}.{key}: is longer than {most}"
    for key in ("id", "classId"):
        if path == name and isinstance(body.get(key), str) and not RESOURCE_ID.fullmatch(body[key]):
            yield f"{path}.{key}: is not issuer.identifier of letters, digits, '.', '_' and '-'"
    if name in _RULES:
        yield from _RULES[name](body, path)
    modules = [m.get("id") for m in body.get("textModulesData") or [] if isinstance(m, dict)]
    if len(modules) != len(set(map(str, modules))):
        yield f"{path}.textModulesData: two modules share an id"
    colour = body.get("hexBackgroundColor")
    if isinstance(colour, str) and not re.fullmatch(r"#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})", colour):
        yield f"{path}.hexBackgroundColor: is no #rrggbb"


def _module_words(body: dict[str, Any], path: str) -> Iterator[str]:
    if not re.fullmatch(r"[A-Za-z0-9_-]+", str(body.get("id", "_"))):
        yield f"{path}.id: only letters, digits, '_' and '-'"


def _image_words(body: dict[str, Any], path: str) -> Iterator[str]:
    if urlsplit(str(body.get("uri"))).scheme not in ("http", "https"):
        yield f"{path}.uri: is no absolute address"


def _link_words(body: dict[str, Any], path: str) -> Iterator[str]:
    if urlsplit(str(body.get("uri"))).scheme not in ("http", "https", "tel", "mailto", "geo"):
        yield f"{path}.uri: has a scheme Google does not open"


def _callback_words(body: dict[str, Any], path: str) -> Iterator[str]:
    if not str(body.get("url")).startswith("https://"):
        yield f"{path}.url: is not https"


def _date_words(body: dict[str, Any], path: str) -> Iterator[str]:
    try:
        datetime.fromisoformat(str(body.get("date")))
    except ValueError:
        yield f"{path}.date: is no ISO 8601 time"


def _interval_words(body: dict[str, Any], path: str) -> Iterator[str]:
    dates = [str(body[end].get("date")) for end in ("start", "end") if isinstance(body.get(end), dict)]
    if len({bool(re.search(r"(Z|[+-]\d\d:\d\d)$", date)) for date in dates}) == 2:
        yield f"{path}: both ends need an offset, or neither"


def _balance_time_words(body: dict[str, Any], path: str) -> Iterator[str]:
    date = (body.get("balanceUpdateTime") or {}).get("date")
    if isinstance(date, str) and not re.search(r"(Z|[+-]\d\d:\d\d)$", date):
        yield f"{path}.balanceUpdateTime: needs an offset"


def _barcode_words(body: dict[str, Any], path: str) -> Iterator[str]:
    if body.get("type") == "TEXT_ONLY" and "alternateText" in body:
        yield f"{path}: TEXT_ONLY has no alternateText"


def _rotating_words(body: dict[str, Any], path: str) -> Iterator[str]:
    if body.get("type") not in ("QR_CODE", "PDF_417"):
        yield f"{path}.type: only a QR code or a PDF417 can rotate"
    details = body.get("totpDetails") or {}
    parameters = details.get("parameters") or []
    named = re.findall(r"\{totp_value_(\d+)\}", str(body.get("valuePattern")))
    if not named or any(int(number) >= len(parameters) for number in named):
        yield f"{path}.valuePattern: names no value that totpDetails describes"
    if details.get("algorithm") != "TOTP_SHA1" or not int(details.get("periodMillis") or 0) > 0:
        yield f"{path}.totpDetails: needs TOTP_SHA1 and a period"
    for parameter in parameters:
        if not re.fullmatch(r"([0-9A-Fa-f]{2})+", str(parameter.get("key"))):
            yield f"{path}.totpDetails.parameters.key: is not Base16"


_RULES: dict[str, Callable[[dict[str, Any], str], Iterator[str]]] = {
    "TextModuleData": _module_words,
    "ImageUri": _image_words,
    "Uri": _link_words,
    "CallbackOptions": _callback_words,
    "DateTime": _date_words,
    "TimeInterval": _interval_words,
    "GiftCardObject": _balance_time_words,
    "Barcode": _barcode_words,
    "RotatingBarcode": _rotating_words,
}
