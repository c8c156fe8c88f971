"""A cursor belongs to the list that gave it: another list would take the place it names for one of its own.

A place (`passes.db.paging`) is a moment and an id, so it means something in every list; what goes out bears
the mark of its list. Filters are no part of the mark: under other filters a walk goes on from the same place,
still without a row twice, which is what a till wants that asks until "now" with every page.
"""

import hashlib
from collections.abc import Mapping

from passes.errors import FieldError

_BETWEEN = "."


def bound(place: str | None, of_list: str, path: Mapping[str, str]) -> str | None:
    """The cursor that goes out for a `place` in the list that an operation gives of what `path` names."""
    return None if place is None else f"{_mark(of_list, path)}{_BETWEEN}{place}"


def place(cursor: str | None, of_list: str, path: Mapping[str, str]) -> str | None:
    """Where in this list the cursor stands; raises `FieldError` for one of another list.

    Cursors without a mark are taken as they are: they went out before there were marks.
    """
    if cursor is None or _BETWEEN not in cursor:
        return cursor
    mark, _, found = cursor.partition(_BETWEEN)
    if mark != _mark(of_list, path):
        raise FieldError("cursor", "is not a cursor of this list; start again without one")
    return found


def _mark(of_list: str, path: Mapping[str, str]) -> str:
    return hashlib.sha256("/".join([of_list, *path.values()]).encode()).hexdigest()[:8]
