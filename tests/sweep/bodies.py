"""Everything that can be wrong with a body, worked out from the schema it must have."""

import copy
from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]
Path = tuple[str, ...]
Wrong = tuple[str, Path, Any]
"""What is wrong, in which field, and the body that is wrong in it."""

ABSENT = object()
HUGE = "x" * 100_000
_OTHERS: dict[str, tuple[Any, ...]] = {
    "string": (7, True, [], {}, "a\0b"),
    "integer": ("5", 1.5, True, [], {}, 2**53, 2**63, 2**64, -(2**70), 10**400),
    "number": ("5", True, [], {}, 10**400),
    "boolean": ("yes", 2, [], {}),
    "array": ("x", 7, {}),
    "object": ("x", 7, []),
}


def wrong_bodies(schema: Json, base: Json) -> Iterator[Wrong]:
    """`base`, which is right, with one thing wrong at a time."""
    definitions = schema.get("$defs", {})
    for path, field, required in _fields(schema, definitions):
        options = _options(field, definitions)
        if required:
            yield "missing", path, _with(base, path, ABSENT)
        if required and not any(o.get("type") == "null" for o in options):
            yield "null", path, _with(base, path, None)
        for what, value in _wrong_values(options):
            yield what, path, _with(base, path, value)
    yield "unknown field", ("surprise",), {**base, "surprise": 1}
    yield "unknown field with a NUL", (), {**base, "a\0b": 1}


def _fields(schema: Json, definitions: Json, above: Path = ()) -> Iterator[tuple[Path, Json, bool]]:
    """Every field with its schema, and whether it must be there; those of optional objects included."""
    for name, field in schema.get("properties", {}).items():
        path = (*above, name)
        yield path, field, name in schema.get("required", ()) and not above
        for option in _options(field, definitions):
            yield from _fields(option, definitions, path)


def _options(field: Json, definitions: Json) -> list[Json]:
    """What a field may be: one schema for each alternative."""
    if "$ref" in field:
        return _options(definitions[field["$ref"].rsplit("/", 1)[1]], definitions)
    nested = [_options(option, definitions) for option in (*field.get("anyOf", ()), *field.get("oneOf", ()))]
    return [option for options in nested for option in options] or [field]


def _wrong_values(options: list[Json]) -> Iterator[tuple[str, Any]]:
    types = {option.get("type") for option in options}
    if None in types - {"null"}:
        return
    for option in options:
        for value in _OTHERS.get(str(option["type"]), ()):
            if _type_of(value) not in types or value in (10**400, "a\0b") or _is_beyond(value, options):
                yield f"{str(value)[:12]!r}", value
        yield from _out_of_bounds(option)


def _is_beyond(value: Any, options: list[Json]) -> bool:
    whole = isinstance(value, int) and not isinstance(value, bool)
    return whole and all(value > o.get("maximum", value) or value < o.get("minimum", value) for o in options)


def _type_of(value: Any) -> str:
    kinds = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}
    return kinds[type(value)]


def _out_of_bounds(option: Json) -> Iterator[tuple[str, Any]]:
    if option["type"] == "string":
        yield "huge", HUGE
        if "maxLength" in option:
            yield "too long", "x" * (option["maxLength"] + 1)
        if option.get("minLength"):
            yield "empty", ""
        if {"enum", "pattern", "format", "const"} & option.keys():
            yield "nonsense", "😀 nonsense"
    if option["type"] in ("integer", "number"):
        if "minimum" in option:
            yield "too small", option["minimum"] - 1
        if "maximum" in option:
            yield "too large", option["maximum"] + 1
    if option["type"] == "array":
        items: tuple[Any, ...] = (None, 7, "", "a\0b", HUGE, [], {}, {"surprise": 1})
        for item in items:
            yield f"[{str(item)[:12]!r}]", [item]
    if option["type"] == "array" and "maxItems" in option:
        yield "too many", ["x"] * (option["maxItems"] + 1)
    if option["type"] == "object" and option.get("additionalProperties") is False:
        yield "unknown part", {"surprise": 1}


def _with(base: Json, path: Path, value: Any) -> Json:
    body = copy.deepcopy(base)
    inner: Any = body
    for name in path[:-1]:
        if not isinstance(inner.get(name), dict):
            inner[name] = {}
        inner = inner[name]
    if value is ABSENT:
        inner.pop(path[-1], None)
    else:
        inner[path[-1]] = value
    return body
