"""JSON in the one form that is hashed and signed, which anybody can make again in any language.

Keys sorted, no spaces, UTF-8 as it is, times in UTC with microseconds, bytes in hexadecimal.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson


def stated(value: Mapping[str, Any]) -> bytes:
    """The canonical bytes of what is plain JSON already."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def instant(at: datetime) -> str:
    """RFC 3339 in UTC, always with microseconds."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Stored values as JSON has them; what is empty (NULL) is left out, so a later column changes nothing."""
    return {name: _plain(value) for name, value in values.items() if value is not None}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return instant(value)
    return value.hex() if isinstance(value, bytes) else value
