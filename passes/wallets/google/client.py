"""Putting cards into Google Wallet and keeping them equal to ours.

Every use-case here may be repeated after a lost answer: ids are ours and fixed, what exists is compared
and patched, and a message carries an id that is looked for before it is sent again.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

from passes.cards.face import Kind, Text
from passes.wallets.google.account import ServiceAccount
from passes.wallets.google.bodies import OPTIONAL
from passes.wallets.google.compare import changes, whole, without_kind
from passes.wallets.google.errors import GoogleExists, GoogleMissing, GoogleQuotaSpent, GoogleRefused
from passes.wallets.google.http import open_session
from passes.wallets.google.names import pass_type
from passes.wallets.google.pace import Pace
from passes.wallets.google.parts import Json, bilingual
from passes.wallets.google.rest import Rest

API_URL = "https://walletobjects.googleapis.com"
MESSAGES_PER_OBJECT = 10
PAGE = 200
SHOPS = "merchantLocations"

Action = Literal["inserted", "patched", "unchanged"]
Known = Literal["new", "before", "equal"]
"""What is known of a class or an object: nothing, that it was put before, that Google has it as it is."""
Sent = Literal["notified", "silent", "already_there"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an upsert did.

    `has_users` says whether somebody has the card in an account, None where Google did not say;
    `dropped` names fields Google would not take.
    """

    action: Action
    has_users: bool | None = None
    dropped: tuple[str, ...] = ()


class GoogleWallet:
    """Classes, objects and messages of one issuer; safe to share between threads.

    `pace` says when a request may leave; `ca_file` holds extra trust roots, `timeout_s` bounds each wait on a
    connection.
    """

    def __init__(
        self,
        credentials_file: Path,
        issuer_id: str,
        pace: Pace,
        *,
        api_url: str = API_URL,
        ca_file: Path | None = None,
        timeout_s: float = 10.0,
    ) -> None:
        session = open_session(ca_file)
        self.issuer_id = issuer_id
        self.account = ServiceAccount(credentials_file, session)
        self._rest = Rest(self.account, session, api_url, timeout_s, pace)

    def upsert_card(
        self,
        kind: Kind,
        class_body: Json,
        object_body: Json,
        *,
        class_is: Known = "new",
        object_is: Known = "new",
        notify: bool = False,
        within_s: float | None = None,
    ) -> Outcome:
        """Make class and object at Google equal to these bodies, the class first; returns the object's.

        What `class_is` and `object_is` know saves requests: nothing is sent for what is "equal", one patch
        for what was put "before". With `notify` Google announces the change of an object that was there.
        `within_s` bounds the whole, after which `GoogleBusy` is raised and asking again is safe.
        """
        deadline = None if within_s is None else time.monotonic() + within_s
        dropped: tuple[str, ...] = ()
        if class_is != "equal":
            dropped = self.upsert_class(
                kind, class_body, known=class_is == "before", deadline=deadline
            ).dropped
        if object_is == "equal":
            return Outcome("unchanged", dropped=dropped)
        put = partial(
            self.upsert_object,
            kind,
            {key: value for key, value in object_body.items() if key not in dropped},
            known=object_is == "before",
            notify=notify,
            deadline=deadline,
        )
        try:
            upserted = put()
        except GoogleMissing:
            # Google does not have the class we remember having put there.
            dropped = self.upsert_class(kind, class_body, deadline=deadline).dropped
            upserted = put()
        return replace(upserted, dropped=tuple({*dropped, *upserted.dropped}))

    def upsert_class(
        self, kind: Kind, body: Json, *, known: bool = False, deadline: float | None = None
    ) -> Outcome:
        """Insert the class, or patch it; `known` says that it was inserted before, which saves requests."""
        return self._put_with_shops(f"{pass_type(kind)}Class", body, known, deadline)

    def upsert_object(
        self,
        kind: Kind,
        body: Json,
        *,
        known: bool = False,
        notify: bool = False,
        deadline: float | None = None,
    ) -> Outcome:
        """Insert the object, or patch it; raises `GoogleMissing` when its class is not there.

        `known` says that it was inserted before, which saves requests.
        """
        return self._put_with_shops(f"{pass_type(kind)}Object", body, known, deadline, notify=notify)

    def _put_with_shops(
        self, resource: str, body: Json, known: bool, deadline: float | None, *, notify: bool = False
    ) -> Outcome:
        """Put it, or once more without its shops for an issuer whom Google does not allow any."""
        try:
            return self._put(resource, body, known, deadline, notify=notify)
        except GoogleRefused as refusal:
            if SHOPS not in body or not _wants_no_locations(refusal):
                raise
        rest = {key: value for key, value in body.items() if key != SHOPS}
        return replace(self._put(resource, rest, known, deadline, notify=notify), dropped=(SHOPS,))

    def _put(
        self, resource: str, body: Json, known: bool, deadline: float | None, *, notify: bool = False
    ) -> Outcome:
        if known:
            try:
                answer = self._patch(resource, body["id"], whole(body, OPTIONAL[resource]), deadline, notify)
            except GoogleMissing:
                pass  # Inserted by an issuer or a stand-in that is gone: it has to be inserted here.
            else:
                return Outcome("patched", answer.get("hasUsers"))
        try:
            answer = self._rest.call("POST", resource, body, deadline)
        except GoogleExists:
            return self._compare_and_patch(resource, body, deadline, notify)
        return Outcome("inserted", answer.get("hasUsers"))

    def _compare_and_patch(self, resource: str, body: Json, deadline: float | None, notify: bool) -> Outcome:
        current = self._rest.call("GET", f"{resource}/{body['id']}", deadline=deadline)
        patch = changes(current, body, OPTIONAL[resource])
        if not patch:
            return Outcome("unchanged", current.get("hasUsers"))
        self._patch(resource, body["id"], patch, deadline, notify)
        return Outcome("patched", current.get("hasUsers"))

    def _patch(
        self, resource: str, resource_id: str, patch: Json, deadline: float | None, notify: bool
    ) -> Json:
        """Patch it, with a notice to the holder if `notify` and the pass has one left today."""
        path = f"{resource}/{resource_id}"
        if notify:
            try:
                loud = {**patch, "notifyPreference": "NOTIFY_ON_UPDATE"}
                return self._rest.call("PATCH", path, loud, deadline, notifies=True)
            except GoogleQuotaSpent:
                pass  # The change still belongs on the card; it only makes no sound.
        return self._rest.call("PATCH", path, patch, deadline)

    def get_class(self, kind: Kind, class_id: str) -> Json | None:
        """The class as Google has it; None when it has none."""
        try:
            return self._rest.call("GET", f"{pass_type(kind)}Class/{class_id}")
        except GoogleMissing:
            return None

    def list_objects(self, kind: Kind, class_id: str) -> Iterator[list[Json]]:
        """Every object of a class, page by page; none for a class Google does not have."""
        try:
            yield from self._pages(f"{pass_type(kind)}Object", f"classId={class_id}")
        except GoogleMissing:
            return

    def list_classes(self, kind: Kind) -> Iterator[list[Json]]:
        """Every class of the issuer that is of the type of `kind`, page by page."""
        yield from self._pages(f"{pass_type(kind)}Class", f"issuerId={self.issuer_id}")

    def _pages(self, resource: str, query: str) -> Iterator[list[Json]]:
        token = ""
        while True:
            page = self._rest.call("GET", f"{resource}?{query}&maxResults={PAGE}{token}")
            yield page.get("resources") or []
            following = (page.get("pagination") or {}).get("nextPageToken")
            if not following:
                return
            token = f"&token={quote(following, safe='')}"

    def add_message(
        self, object_id: str, kind: Kind, message_id: str, *, header: Text, body: Text, notify: bool
    ) -> Sent:
        """Show a message on the card, with a notification if `notify` and Google's budget allows.

        `message_id` must be the same for every try of the same message: Google does not refuse a second
        one of the same id, so the card is read first and a message that arrived is not sent again.
        Google notifies three times a day and pass; beyond that the message arrives silently.
        """
        path = f"{pass_type(kind)}Object/{object_id}"
        current = self._rest.call("GET", path)
        messages: list[Json] = current.get("messages") or []
        if any(message.get("id") == message_id for message in messages):
            return "already_there"
        if len(messages) >= MESSAGES_PER_OBJECT:
            kept = [without_kind(message) for message in messages[1 - MESSAGES_PER_OBJECT :]]
            self._rest.call("PATCH", path, {"messages": kept})
        message = {"id": message_id, **bilingual("header", header), **bilingual("body", body)}
        if notify:
            try:
                self._send_message(path, message, "TEXT_AND_NOTIFY")
            except GoogleQuotaSpent:
                pass  # The news still belongs on the card; it only makes no sound.
            else:
                return "notified"
        self._send_message(path, message, "TEXT")
        return "silent"

    def add_class_message(
        self, class_id: str, kind: Kind, message_id: str, *, header: Text, body: Text
    ) -> Sent:
        """Show a message on every card of the class, without a sound, once however often it is sent.

        Of those that are there the latest stay, ten with this one.
        """
        path = f"{pass_type(kind)}Class/{class_id}"
        messages: list[Json] = self._rest.call("GET", path).get("messages") or []
        if any(message.get("id") == message_id for message in messages):
            return "already_there"
        if len(messages) >= MESSAGES_PER_OBJECT:
            kept = [without_kind(message) for message in messages[1 - MESSAGES_PER_OBJECT :]]
            self._rest.call("PATCH", path, {"messages": kept, "reviewStatus": "UNDER_REVIEW"})
        message = {"id": message_id, **bilingual("header", header), **bilingual("body", body)}
        self._send_message(path, message, "TEXT")
        return "silent"

    def _send_message(self, path: str, message: dict[str, Any], message_type: str) -> None:
        body = {"message": {**message, "messageType": message_type}}
        notifies = message_type == "TEXT_AND_NOTIFY"
        self._rest.call("POST", f"{path}/addMessage", body, notifies=notifies)


def _wants_no_locations(refusal: GoogleRefused) -> bool:
    return refusal.status == 400 and "not allowlisted for merchant locations" in refusal.message.lower()
