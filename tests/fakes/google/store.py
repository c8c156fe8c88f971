"""The classes and objects of one issuer, with the rules Google applies to every write."""

import threading
from collections import defaultdict
from typing import Any

from tests.fakes.google.answers import Answer, denied, error, invalid, malformed, missing
from tests.fakes.google.switches import Switches
from tests.fakes.walletobjects import aliased, canonical, faults

Json = dict[str, Any]

PASS_TYPES = ("loyalty", "offer", "giftCard")
RESOURCES = {
    f"{name}{level}": f"{name[0].upper()}{name[1:]}{level}"
    for name in PASS_TYPES
    for level in ("Class", "Object")
}
NOTICES_PER_DAY = 3
DAY_S = 86_400
MESSAGES = 10


class Store:
    """What Google knows; every public method is one request and answers like it."""

    def __init__(self, issuer_id: str, switches: Switches) -> None:
        self._issuer_id = issuer_id
        self._switches = switches
        self._lock = threading.RLock()
        self._items: dict[str, dict[str, Json]] = {resource: {} for resource in RESOURCES}
        self._notices: dict[str, list[float]] = defaultdict(list)
        self.users: set[str] = set()

    def handle(self, method: str, parts: list[str], body: Any) -> Answer:
        """Answer `method` on `walletobjects/v1/` + `parts`, such as `["loyaltyClass", "123.abc"]`."""
        resource, *rest = parts
        if resource not in RESOURCES:
            return missing("/".join(parts))
        with self._lock:
            match method, rest:
                case "POST", []:
                    return self._insert(resource, body)
                case "GET", [key]:
                    return self._get(resource, key)
                case "PATCH" | "PUT", [key]:
                    return self._change(resource, key, body, whole=method == "PUT")
                case "POST", [key, "addMessage"]:
                    return self._add_message(resource, key, body)
        return error(405, "httpMethodNotAllowed", f"{method} is not offered here.", "global")

    def item(self, resource: str, key: str) -> Json | None:
        """What is stored under an id, as it was written; None when nothing is."""
        with self._lock:
            return self._items[resource].get(key)

    def find_object(self, key: str) -> tuple[str, Json] | None:
        """The pass type and the object under an id, of whichever type."""
        with self._lock:
            for name in PASS_TYPES:
                if key in self._items[f"{name}Object"]:
                    return name, self._items[f"{name}Object"][key]
        return None

    def _insert(self, resource: str, body: Any) -> Answer:
        wrong = faults(RESOURCES[resource], body, deprecated_ok=True)
        if wrong:
            return malformed(wrong)
        key = body["id"]
        if not key.startswith(f"{self._issuer_id}."):
            return denied(f"The service account has no access to the issuer of {key}.")
        if key in self._items[resource]:
            return error(409, "existingResource", f"An item with ID {key} already exists.")
        return self._write(resource, canonical(RESOURCES[resource], body), None, body)

    def _get(self, resource: str, key: str) -> Answer:
        stored = self._items[resource].get(key)
        return missing(key) if stored is None else (200, self._shown(resource, stored))

    def _change(self, resource: str, key: str, body: Any, *, whole: bool) -> Answer:
        stored = self._items[resource].get(key)
        if stored is None:
            return missing(key)
        schema = RESOURCES[resource]
        wrong = faults(schema, body, patch=not whole, deprecated_ok=True)
        if wrong:
            return malformed(wrong)
        wanted = canonical(schema, body) if whole else merged(stored, canonical(schema, body))
        wrong = faults(schema, wanted)
        if wrong:
            return invalid(wrong[0])
        if wanted["id"] != key:
            return invalid("An id cannot be changed.")
        return self._write(resource, wanted, stored, body)

    def _write(self, resource: str, wanted: Json, stored: Json | None, sent: Json) -> Answer:
        refusal = self._refusal(resource, wanted, stored, sent)
        if refusal is not None:
            return refusal
        if wanted.pop("notifyPreference", "") == "NOTIFY_ON_UPDATE" and not self._may_notify(wanted["id"]):
            return _quota_exceeded()
        if wanted.get("reviewStatus") == "UNDER_REVIEW":
            wanted["reviewStatus"] = "APPROVED"
        self._items[resource][wanted["id"]] = wanted
        return 200, self._shown(resource, wanted)

    def _refusal(self, resource: str, wanted: Json, stored: Json | None, sent: Json) -> Answer | None:
        if wanted.get("merchantLocations") and not self._switches.locations_allowed:
            return invalid("Issuer not allowlisted for Merchant Locations")
        if resource.endswith("Class"):
            return _review_refusal(sent, stored)
        class_id, class_resource = wanted["classId"], resource.replace("Object", "Class")
        holder = next((r for r in RESOURCES if class_id in self._items[r] and r.endswith("Class")), None)
        if holder is None:
            return missing(class_id)
        if holder != class_resource:
            return invalid(f"Class {class_id} is a {holder}.")
        if self._items[holder][class_id]["reviewStatus"] != "APPROVED":
            return invalid(f"Class {class_id} is a draft.")
        return None

    def _add_message(self, resource: str, key: str, body: Any) -> Answer:
        stored = self._items[resource].get(key)
        if stored is None:
            return missing(key)
        wrong = faults("AddMessageRequest", body, deprecated_ok=True)
        if wrong:
            return malformed(wrong)
        message = canonical("Message", body["message"])
        kind = message.get("messageType", "TEXT")
        if kind not in ("TEXT", "TEXT_AND_NOTIFY"):
            return invalid(f"messageType {kind} is not supported.")
        if len(stored.get("messages", [])) >= MESSAGES:
            return invalid(f"More than {MESSAGES} messages.")
        if kind == "TEXT_AND_NOTIFY" and not self._may_notify(key):
            return _quota_exceeded()
        stored["messages"] = [*stored.get("messages", []), message]
        return 200, {"resource": self._shown(resource, stored)}

    def _may_notify(self, key: str) -> bool:
        now = self._switches.clock()
        recent = [moment for moment in self._notices[key] if now - moment < DAY_S]
        if len(recent) >= NOTICES_PER_DAY:
            return False
        self._notices[key] = [*recent, now]
        return True

    def _shown(self, resource: str, stored: Json) -> Json:
        """A resource as Google answers it, with what Google adds."""
        shown = {"kind": f"walletobjects#{resource}", **aliased(RESOURCES[resource], stored)}
        if resource.endswith("Object"):
            class_resource = resource.replace("Object", "Class")
            shown["hasUsers"] = stored["id"] in self.users
            shown["classReference"] = self._shown(
                class_resource, self._items[class_resource][stored["classId"]]
            )
        return shown


def merged(current: Json, patch: Json) -> Json:
    """`current` after a patch: maps merge at every depth, arrays are replaced, null clears."""
    result = dict(current)
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict) and isinstance(result.get(key), dict):
            result[key] = merged(result[key], value)
        else:
            result[key] = value
    return result


def _review_refusal(sent: Json, stored: Json | None) -> Answer | None:
    status = canonical("LoyaltyClass", {"reviewStatus": sent.get("reviewStatus")})["reviewStatus"]
    if status not in (None, "DRAFT", "UNDER_REVIEW"):
        return invalid(f"Invalid review status: {status}")
    if status == "DRAFT" and stored is not None and stored["reviewStatus"] != "DRAFT":
        return invalid("A class cannot become a draft again.")
    return None


def _quota_exceeded() -> Answer:
    return error(403, "quotaExceeded", "Quota exceeded for notifying messages of this pass.")
