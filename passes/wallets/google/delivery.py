"""The channel `google`: keeping the objects that exist at Google equal to their cards, and messages.

An object is made only when somebody asks for the link that saves it (`make_object`). What goes over the
network goes outside any transaction; what Google accepted is noted afterwards.
"""

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

import structlog

from passes.cards.face import CardFace, Kind, Text
from passes.clock import real_now
from passes.db.engine import Database, UnitOfWork
from passes.installs import google as installs
from passes.installs import queries
from passes.outbox import service as outbox
from passes.outbox.channel import ClaimedDelivery, Ending, Outcome
from passes.wallets.fan_out import object_target
from passes.wallets.google import client
from passes.wallets.google.bodies import PublicUrls, class_body, object_body
from passes.wallets.google.client import Known
from passes.wallets.google.compare import digest
from passes.wallets.google.errors import GoogleBusy, GoogleDenied, GoogleMissing, GoogleRefused
from passes.wallets.google.names import class_id, object_id
from passes.wallets.google.parts import Json

# Twenty requests a second are allowed, and a card takes two.
BATCH = 20
# No further card is begun after this; one takes a few time-outs at most.
BUDGET_S = 45.0
DENIED_PAUSE_S = 900.0

log = structlog.get_logger(__name__)


class Wallet(Protocol):
    """What the channel needs of the Google client."""

    issuer_id: str

    def upsert_card(
        self,
        kind: Kind,
        class_body: Json,
        object_body: Json,
        *,
        class_is: client.Known = "new",
        object_is: client.Known = "new",
        within_s: float | None = None,
    ) -> client.Outcome:
        """Make class and object at Google equal to these bodies."""
        ...

    def add_message(
        self, object_id: str, kind: Kind, message_id: str, *, header: Text, body: Text, notify: bool
    ) -> client.Sent:
        """Show a message on the card, once however often it is sent."""
        ...


class GoogleCards:
    """Our cards at Google.

    `read_face` reads a card's face in an open unit of work; `urls_of` says where its pictures lie.
    """

    def __init__(
        self,
        database: Database,
        wallet: Wallet,
        read_face: Callable[[UnitOfWork, str], CardFace],
        urls_of: Callable[[CardFace], PublicUrls],
    ) -> None:
        self._database = database
        self._wallet = wallet
        self._read_face = read_face
        self._urls_of = urls_of

    def make_object(self, card_id: str, within_s: float | None = None) -> CardFace:
        """See to it that the card has an object at Google; returns the face it shows.

        Raises `GoogleError` when Google cannot be had `within_s`; asking again is then safe.
        """
        with self._database.write() as uow:
            face = self._read_face(uow, card_id)
            installs.expect_object(uow, face.merchant_id, card_id, *self._names(face))
        self._put(face, sure=False, within_s=within_s)
        return face

    def sync(self, card_id: str) -> bool:
        """Make the object equal to the card; False when nobody ever asked for one."""
        with self._database.read() as uow:
            present = queries.google_object(uow, card_id)
            if present is None:
                return False
            face = self._read_face(uow, card_id)
        self._put(face)
        return True

    def tell(self, card_id: str, message_id: str, header: Text, body: Text) -> bool:
        """Send one message to the card's holder; False when nobody ever asked for an object."""
        with self._database.read() as uow:
            if queries.google_object(uow, card_id) is None:
                return False
            face = self._read_face(uow, card_id)
        send = partial(
            self._wallet.add_message,
            self._names(face)[0],
            face.kind,
            message_id,
            header=header,
            body=body,
            notify=True,
        )
        try:
            send()
        except GoogleMissing:
            self._put(face, sure=False)
            send()
        return True

    def _names(self, face: CardFace) -> tuple[str, str]:
        return object_id(face, self._wallet.issuer_id), class_id(face, self._wallet.issuer_id)

    def _put(self, face: CardFace, *, sure: bool = True, within_s: float | None = None) -> None:
        issuer, urls = self._wallet.issuer_id, self._urls_of(face)
        shared, own = class_body(face, issuer, urls).body, object_body(face, issuer, urls).body
        with self._database.write() as uow:
            class_is, object_is = self._doubt(uow, face, shared, own)
        if not sure and object_is == "equal":
            object_is = "before"  # which Google denies if it has lost it, and then it is made again
        self._wallet.upsert_card(
            face.kind, shared, own, class_is=class_is, object_is=object_is, within_s=within_s
        )
        with self._database.write() as uow:
            if class_is != "equal":
                installs.note_class(uow, shared["id"], digest(shared), real_now())
            installs.synced(uow, face.card_id, own["id"], shared["id"], face.version, digest(own))
            if self._read_face(uow, face.card_id).version != face.version:
                # It changed while we sent. Its event may have been relayed before the object was noted,
                # and a newer state that somebody else sent meanwhile may now lie under ours.
                installs.doubt_object(uow, face.card_id)
                outbox.want(uow, [object_target(face.merchant_id, face.card_id)], real_now())

    def _doubt(self, uow: UnitOfWork, face: CardFace, shared: Json, own: Json) -> tuple[Known, Known]:
        """What is known of the card's class and object; what is about to be sent is in doubt from here on.

        So a sender that dies between Google's yes and the note of it makes the next one send again.
        """
        class_is: Known = "equal"
        if queries.google_class_digest(uow, shared["id"]) != digest(shared):
            was_put = installs.doubt_class(uow, face.merchant_id, shared["id"])
            class_is = "before" if was_put else "new"
        present = queries.google_object(uow, face.card_id)
        if present is None or not present.synced_version:
            return class_is, "new"
        if present.digest == digest(own):
            return class_is, "equal"
        installs.doubt_object(uow, face.card_id)
        return class_is, "before"


class GoogleChannel:
    """Deliveries of both sorts: a card to be shown as it stands, and a message."""

    batch_size = BATCH

    def __init__(self, cards: GoogleCards, budget_s: float = BUDGET_S) -> None:
        self._cards = cards
        self._budget_s = budget_s

    def send(self, deliveries: Sequence[ClaimedDelivery]) -> list[Outcome]:
        """Send one after the other; when Google cannot be had the rest is not even tried."""
        started = time.monotonic()
        outcomes: list[Outcome] = []
        blocked: Outcome | None = None
        for delivery in deliveries:
            if time.monotonic() - started > self._budget_s:
                blocked = blocked or Outcome.wait("not reached in time")
            outcome = blocked or self._send_one(delivery)
            if outcome.ending is Ending.WAIT:
                blocked = outcome
            outcomes.append(outcome)
        return outcomes

    def _send_one(self, delivery: ClaimedDelivery) -> Outcome:
        try:
            sent = self._deliver(delivery.payload)
        except GoogleBusy as error:
            return Outcome.wait(str(error), error.retry_after_s or 0.0)
        except GoogleDenied as error:
            log.error("google_denied", reason=str(error))
            return Outcome.wait(str(error), DENIED_PAUSE_S)
        except GoogleRefused as error:
            log.error("google_refused", merchant_id=delivery.merchant_id, reason=str(error))
            return Outcome.dead(str(error))
        return Outcome.done() if sent else Outcome.drop("the card has no object at Google")

    def _deliver(self, payload: Json) -> bool:
        if "message_id" not in payload:
            return self._cards.sync(payload["card_id"])
        header, body = (Text(payload[part]["de"], payload[part]["en"]) for part in ("header", "body"))
        return self._cards.tell(payload["card_id"], payload["message_id"], header, body)
