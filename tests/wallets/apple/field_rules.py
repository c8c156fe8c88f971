"""The rules for the fields of a pass.json: how many, of which types, with which styles."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

STYLES = ("storeCard", "coupon", "generic", "eventTicket", "boardingPass")
ROLES = ("headerFields", "primaryFields", "secondaryFields", "auxiliaryFields", "backFields")
DATE = re.compile(
    r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?(Z|[+-]\d\d:\d\d)"
)
"""What Wallet takes for a date; a fraction or `+0100` makes it refuse the whole pass."""

_ALIGNMENTS = tuple(f"PKTextAlignment{name}" for name in ("Left", "Center", "Right", "Natural"))
_DATE_STYLES = tuple(f"PKDateStyle{name}" for name in ("None", "Short", "Medium", "Long", "Full"))
_NUMBER_STYLES = tuple(f"PKNumberStyle{name}" for name in ("Decimal", "Percent", "Scientific", "SpellOut"))
_DETECTORS = tuple(
    f"PKDataDetectorType{name}" for name in ("PhoneNumber", "Link", "Address", "CalendarEvent")
)
_CHOICES = {
    "textAlignment": _ALIGNMENTS,
    "dateStyle": _DATE_STYLES,
    "timeStyle": _DATE_STYLES,
    "numberStyle": _NUMBER_STYLES,
}
_TEXTS = ("label", "changeMessage", "attributedValue", "currencyCode")
_FLAGS = ("isRelative", "ignoresTimeZone")
_KNOWN = {"key", "value", "row", "semantics", "dataDetectorTypes", *_CHOICES, *_TEXTS, *_FLAGS}
_LIMITS = {"headerFields": 3, "primaryFields": 1, "secondaryFields": 4, "auxiliaryFields": 4}
_ROW_LIMIT = 4

# Opening and closing anchors are all the HTML that Wallet reads.
_OTHER_HTML = re.compile(r"<(?!a href=(\"[^\"<>]*\"|'[^'<>]*')>|/a>)")


def field_faults(style: str, fields: object) -> Iterator[str]:
    """All faults of the fields of one style, as sentences that begin with where they are."""
    lists: dict[str, list[Mapping[str, Any]]] = {}
    for role, entries in fields.items() if isinstance(fields, Mapping) else ():
        if role not in ROLES:
            if (style, role) != ("boardingPass", "transitType"):
                yield f"{style}.{role}: is no list of fields"
        elif not isinstance(entries, list) or not all(isinstance(entry, Mapping) for entry in entries):
            yield f"{style}.{role}: must be a list of objects"
        else:
            lists[role] = entries
    yield from _count_faults(style, lists)
    for role, entries in lists.items():
        for index, entry in enumerate(entries):
            for fault in _one_fields_faults(role, entry):
                yield f"{style}.{role}[{index}].{fault}"


def _count_faults(style: str, lists: Mapping[str, list[Mapping[str, Any]]]) -> Iterator[str]:
    limits = _LIMITS | ({"primaryFields": 2, "auxiliaryFields": 5} if style == "boardingPass" else {})
    for role, limit in limits.items():
        if len(lists.get(role, ())) > limit:
            yield f"{style}.{role}: at most {limit}, there are {len(lists[role])}"
    row = len(lists.get("secondaryFields", ())) + len(lists.get("auxiliaryFields", ()))
    if style in ("storeCard", "coupon") and row > _ROW_LIMIT:
        yield f"{style}: at most {_ROW_LIMIT} secondary and auxiliary fields together, there are {row}"
    keys = Counter(entry.get("key") for entries in lists.values() for entry in entries)
    for key, count in keys.items():
        if count > 1:
            yield f"{style}: the key {key!r} stands on {count} fields; it must be unique in the pass"


def _one_fields_faults(role: str, field: Mapping[str, Any]) -> Iterator[str]:
    if not isinstance(field.get("key"), str) or not field["key"]:
        yield "key: must be a text that is not empty"
    for name in sorted(field.keys() - _KNOWN):
        yield f"{name}: is no attribute of a field"
    for name in _TEXTS:
        if not isinstance(field.get(name, ""), str):
            yield f"{name}: must be a text"
    for name in _FLAGS:
        if not isinstance(field.get(name, False), bool):
            yield f"{name}: must be true or false"
    for name, choices in _CHOICES.items():
        if field.get(name, choices[0]) not in choices:
            yield f"{name}: must be one of {', '.join(choices)}"
    if "%@" not in str(field.get("changeMessage", "%@")):
        yield "changeMessage: must contain %@, or the phone shows a sentence of its own"
    yield from _value_faults(field)
    yield from _role_faults(role, field)


def _value_faults(field: Mapping[str, Any]) -> Iterator[str]:
    value = field.get("value")
    is_number = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
    if not is_number and not isinstance(value, str):
        yield "value: must be a text, a number or a date"
    if ("currencyCode" in field or "numberStyle" in field) and not is_number:
        yield "value: must be a number, without quotes, where currencyCode or numberStyle stands"
    if "currencyCode" in field and "numberStyle" in field:
        yield "currencyCode: excludes numberStyle"
    if not re.fullmatch("[A-Z]{3}", str(field.get("currencyCode", "EUR"))):
        yield "currencyCode: must be an ISO 4217 code"
    if ("dateStyle" in field or "timeStyle" in field) and not DATE.fullmatch(str(value)):
        yield "value: must be a date such as 2026-11-22T09:30:00Z where dateStyle or timeStyle stands"


def _role_faults(role: str, field: Mapping[str, Any]) -> Iterator[str]:
    if "textAlignment" in field and role in ("primaryFields", "backFields"):
        yield "textAlignment: must not stand on primary and back fields"
    for name in ("attributedValue", "dataDetectorTypes"):
        if name in field and role != "backFields":
            yield f"{name}: works on back fields only"
    if _OTHER_HTML.search(str(field.get("attributedValue", ""))):
        yield 'attributedValue: may contain <a href="..."> and </a>, no other HTML'
    detectors = field.get("dataDetectorTypes", [])
    if not isinstance(detectors, list) or not set(map(str, detectors)) <= set(_DETECTORS):
        yield f"dataDetectorTypes: must be a list of {', '.join(_DETECTORS)}"
