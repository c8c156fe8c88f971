"""The classes and objects of one issuer, with the rules Google applies to every write."""

import threading
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import requests

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
MOST_LINKED = 50
IMAGE_TIMEOUT_S = 60.0


class Store:
    """What Google knows; every public method is one request and answers like it."""

    def __init__(self, issuer_id: str, switches: Switches) -> None:
        self._issuer_id = issuer_id
        self._switches = switches
        self._lock = threading.RLock()
        self._items: dict[str, dict[str, Json]] = {resource: {} for resource in RESOURCES}
        self._notices: dict[str, list[float]] = defaultdict(list)
        self.users: set[str] = set()

    def handle(self, method: str, parts: list[str], body: Any, query: dict[str, str] | None = None) -> Answer:
        """Answer `method` on `walletobjects/v1/` + `parts`, such as `["loyaltyClass", "123.abc"]`."""
        resource, *rest = parts
        if resource not in RESOURCES:
            return missing("/".join(parts))
        answer = error(405, "httpMethodNotAllowed", f"{method} is not offered here.", "global")
        with self._lock:
            match method, rest:
                case "POST", []:
                    answer = self._insert(resource, body)
                case "GET", []:
                    answer = self._list(resource, query or {})
                case "GET", [key]:
                    answer = self._get(resource, key)
                case "PATCH" | "PUT", [key]:
                    answer = self._change(resource, key, body, whole=method == "PUT")
                case "POST", [key, "addMessage"]:
                    answer = self._add_message(resource, key, body)
        return answer

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

    def keys(self, resource: str) -> list[str]:
        """The ids of everything of one sort."""
        with self._lock:
            return sorted(self._items[resource])

    def forget(self, key: str) -> None:
        """Lose an object, or a class with all its objects, as a stand-in begun anew does."""
        with self._lock:
            for items in self._items.values():
                for lost in [k for k, item in items.items() if key in (k, item.get("classId"))]:
                    del items[lost]

    def _list(self, resource: str, query: dict[str, str]) -> Answer:
        """Everything of a class or of the issuer, `maxResults` at a time; `token` is where to go on."""
        level = "classId" if resource.endswith("Object") else "issuerId"
        if level not in query:
            return invalid(f"{level} is required.")
        if level == "classId" and not query[level].startswith(f"{self._issuer_id}."):
            return denied(f"The service account has no access to the issuer of {query[level]}.")
        found = sorted(
            key
            for key, item in self._items[resource].items()
            if level == "issuerId" or item["classId"] == query[level]
        )
        start = int(query.get("token", "0"))
        size = int(query.get("maxResults", len(found) or 1))
        page = found[start : start + size]
        pagination: Json = {"kind": "walletobjects#pagination", "resultsPerPage": len(page)}
        if start + size < len(found):
            pagination["nextPageToken"] = str(start + size)
        resources = [self._shown(resource, self._items[resource][key]) for key in page]
        return 200, {"resources": resources, "pagination": pagination}

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
        if (wrong := self._fault(wanted, stored or {})) is not None:
            return invalid(wrong)
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
        return self._link_refusal(wanted, stored or {})

    def _fault(self, wanted: Json, stored: Json) -> str | None:
        """What is wrong with a resource of either level that no schema tells."""
        if wanted.get("merchantLocations") and not self._switches.locations_allowed:
            return "Issuer not allowlisted for Merchant Locations"
        if self._switches.fetch_images and (broken := unfetched(wanted, stored)):
            return f"Image cannot be loaded: {broken}"
        return None

    def _link_refusal(self, wanted: Json, stored: Json) -> Answer | None:
        """Linked objects have to be there, are no more than fifty, and are linked for ever."""
        linked, before = wanted.get("linkedObjectIds", []), stored.get("linkedObjectIds", [])
        if not set(before) <= set(linked):
            return invalid("A linked object cannot be taken off again.")
        if len(linked) > MOST_LINKED or wanted["id"] in linked:
            return invalid(f"At most {MOST_LINKED} other objects can be linked.")
        unknown = [key for key in linked if self.find_object(key) is None]
        return missing(unknown[0]) if unknown else None

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


def unfetched(wanted: Json, stored: Json) -> str:
    """The first picture of a resource that is new and cannot be had from its address; "" for none."""
    known = set(_image_addresses(stored))
    for address in set(_image_addresses(wanted)) - known:
        try:
            answer = requests.get(address, timeout=IMAGE_TIMEOUT_S)
        except requests.RequestException:
            return address
        if not answer.ok or not answer.headers.get("Content-Type", "").startswith("image/"):
            return address
    return ""


def _image_addresses(resource: Json) -> Iterator[str]:
    for value in resource.values():
        if isinstance(value, dict) and "sourceUri" in value:
            yield value["sourceUri"]["uri"]


def _review_refusal(sent: Json, stored: Json | None) -> Answer | None:
    status = canonical("LoyaltyClass", {"reviewStatus": sent.get("reviewStatus")})["reviewStatus"]
    if status not in (None, "DRAFT", "UNDER_REVIEW"):
        return invalid(f"Invalid review status: {status}")
    if status == "DRAFT" and stored is not None and stored["reviewStatus"] != "DRAFT":
        return invalid("A class cannot become a draft again.")
    return None


def _quota_exceeded() -> Answer:
    return error(403, "quotaExceeded", "Quota exceeded for notifying messages of this pass.")
