"""What a JSON body may be: how deep, and with numbers how great."""

import json
from typing import Any

import orjson

MAX_DEPTH = 50
_TOO_MANY_DIGITS = 19


def may_be_too_deep(raw: bytes) -> bool:
    """Whether there is a closer look to take: nothing is nested more often than it opens anything."""
    return raw.count(b"{") + raw.count(b"[") > MAX_DEPTH


def is_too_deep(value: Any, allowed: int = MAX_DEPTH) -> bool:
    """Whether lists and objects are nested in each other more often than `allowed`."""
    if not isinstance(value, dict | list):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return allowed == 0 or any(is_too_deep(item, allowed - 1) for item in inner)


def with_great_numbers(raw: bytes) -> Any:
    """A body that was refused for a number no machine type holds, with that number as infinity; else None.

    Such a body is JSON; what is wrong is the number, and validation will name its field.
    """

    def refuse(constant: str) -> None:
        raise ValueError(constant)

    def integer(digits: str) -> int | float:
        return int(digits) if len(digits) < _TOO_MANY_DIGITS else float(digits)

    try:
        value = json.loads(raw.decode(), parse_int=integer, parse_constant=refuse)
        orjson.dumps(value)  # lone surrogates and bottomless nesting get past this parser alone
    except (ValueError, RecursionError, TypeError):
        return None
    return value
