"""What has to be patched: the difference between what Google shows and what we want it to show.

Google adds fields of its own to what it returns, spells some enumerations differently from how it wants
them written, and keeps by itself the review status it will not accept back.
"""

import hashlib
import json
from typing import Any

from passes.wallets.google.parts import Json

_KEPT_BY_GOOGLE = frozenset({"id", "reviewStatus"})
_ENUMERATIONS = frozenset({"state", "type", "redemptionChannel", "multipleDevicesAndHoldersAllowedStatus"})


def changes(current: Json, wanted: Json, optional: frozenset[str]) -> Json:
    """The patch that turns `current` into `wanted`, empty when they say the same.

    Patches merge maps and replace lists whole, so a field goes out complete or not at all; those of
    `optional` that are gone are cleared by null. A class is sent back to review with every change.
    """
    patch: Json = {
        key: value
        for key, value in wanted.items()
        if key not in _KEPT_BY_GOOGLE and not _same(current.get(key), value, key)
    }
    patch |= {key: None for key in sorted(optional) if key not in wanted and current.get(key) is not None}
    if patch and "reviewStatus" in wanted:
        patch["reviewStatus"] = wanted["reviewStatus"]
    return patch


def digest(body: Json) -> bytes:
    """What tells whether Google was given this already. When a balance was counted does not count."""
    told = {key: value for key, value in body.items() if key != "balanceUpdateTime"}
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).digest()


def whole(wanted: Json, optional: frozenset[str]) -> Json:
    """The patch that turns whatever Google has into `wanted`, without asking what that is."""
    patch: Json = {key: value for key, value in wanted.items() if key != "id"}
    return patch | {key: None for key in sorted(optional) if key not in wanted}


def _same(current: Any, wanted: Any, key: str = "") -> bool:
    """Whether `current` says all of `wanted`; what Google adds on its own does not count."""
    if isinstance(wanted, dict):
        shown = current if isinstance(current, dict) else {}
        return all(_same(shown.get(name), value, name) for name, value in wanted.items())
    if isinstance(wanted, list):
        items = current if isinstance(current, list) else []
        return len(items) == len(wanted) and all(map(_same, items, wanted))
    if key in _ENUMERATIONS and isinstance(current, str):
        return _enumeration(current) == _enumeration(wanted)
    return bool(current == wanted)


def _enumeration(value: str) -> str:
    # Read as `oneUserAllDevices`, written as `ONE_USER_ALL_DEVICES`.
    return value.replace("_", "").upper()


def without_kind(value: Any) -> Any:
    """What Google returned as it can be written back: without the `kind` it adds at every level."""
    if isinstance(value, dict):
        return {key: without_kind(item) for key, item in value.items() if key != "kind"}
    if isinstance(value, list):
        return [without_kind(item) for item in value]
    return value
