"""Keeping what exists at Google equal to our cards.

An object is made only when somebody asks for the link that saves it (`make_object`). What goes over the
network goes outside any transaction; what Google accepted is noted afterwards. Nothing is written down, here
or there, for a card that Google shows as it is.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Protocol

from sqlalchemy import select

from passes.cards.face import CardFace, Kind, Text
from passes.cards.models import Card
from passes.clock import real_now
from passes.db.engine import Database, UnitOfWork
from passes.installs import google as installs
from passes.installs import google_pace, queries
from passes.installs.models import GoogleObject
from passes.installs.queries import GoogleObjectView
from passes.outbox import service as outbox
from passes.wallets.fan_out import object_target
from passes.wallets.google import client
from passes.wallets.google.bodies import Allowed, PublicUrls, class_body, object_body
from passes.wallets.google.client import SHOPS, Known
from passes.wallets.google.compare import digest
from passes.wallets.google.errors import GoogleBusy, GoogleMissing
from passes.wallets.google.names import class_id, object_id
from passes.wallets.google.parts import Json

CLASS_WAIT_S = 30.0
SHOPS_REFUSED_FOR = timedelta(days=7)
"""For how long Google's no to shops is believed; an issuer may be allowed them any day."""


class Wallet(Protocol):
    """What keeping cards needs of the Google client."""

    issuer_id: str

    def upsert_card(
        self,
        kind: Kind,
        class_body: Json,
        object_body: Json,
        *,
        class_is: client.Known = "new",
        object_is: client.Known = "new",
        notify: bool = False,
        within_s: float | None = None,
    ) -> client.Outcome:
        """Make class and object at Google equal to these bodies."""
        ...

    def add_message(
        self, object_id: str, kind: Kind, message_id: str, *, header: Text, body: Text, notify: bool
    ) -> client.Sent:
        """Show a message on the card, once however often it is sent."""
        ...

    def add_class_message(
        self, class_id: str, kind: Kind, message_id: str, *, header: Text, body: Text
    ) -> client.Sent:
        """Show a message on every card of the class, once however often it is sent."""
        ...


@dataclass(frozen=True, slots=True)
class Shown:
    """A card as Google is to show it."""

    face: CardFace
    class_body: Json
    object_body: Json

    @property
    def balance(self) -> str | None:
        """The balance whose changes Google announces, None where it announces none."""
        announced = any(f.key == "balance" and f.change_message for f in self.face.fields)
        points = self.object_body.get("loyaltyPoints")
        return points["balance"]["string"] if points and announced else None


@dataclass(frozen=True, slots=True)
class _Doubt:
    """What is known of a card's class and object at Google, and whether its balance is news."""

    class_is: Known
    object_is: Known
    notify: bool = False


class GoogleCards:
    """Our cards at Google; safe between threads.

    `read_face` reads a card's face in an open unit of work; `urls_of` says where its pictures lie;
    `redemption_issuers` may read cards over NFC.
    """

    def __init__(
        self,
        database: Database,
        wallet: Wallet,
        read_face: Callable[[UnitOfWork, str], CardFace],
        urls_of: Callable[[CardFace], PublicUrls],
        redemption_issuers: tuple[str, ...] = (),
    ) -> None:
        self._database = database
        self._wallet = wallet
        self._read_face = read_face
        self._urls_of = urls_of
        self._redemption_issuers = redemption_issuers
        # So that of all the cards that find their class changed one changes it at Google.
        self._class_in_hand = threading.Lock()

    def paused_for_s(self) -> float:
        """For how long Google is not to be asked anything, in seconds; 0 when it may be."""
        with self._database.read() as uow:
            state = google_pace.issuer_state(uow, self._wallet.issuer_id)
        return state.paused_for_us / google_pace.SECOND_US

    def show(self, uow: UnitOfWork, card_id: str) -> Shown:
        """The card as Google is to show it, as things stand."""
        return self._render(self._read_face(uow, card_id), self._allowed(uow))

    def make_object(self, card_id: str, within_s: float | None = None) -> Shown:
        """See to it that the card has an object at Google; returns what it shows.

        Raises `GoogleError` when Google cannot be had `within_s`; asking again is then safe.
        """
        with self._database.write() as uow:
            shown = self.show(uow, card_id)
            ids = shown.object_body["id"], shown.class_body["id"]
            installs.expect_object(uow, shown.face.merchant_id, card_id, *ids)
        return self._put(shown, sure=False, within_s=within_s)

    def sync(self, card_id: str, *, sure: bool = True) -> bool:
        """Make the object equal to the card; False when nobody ever asked for one.

        Unless we are `sure` that Google still has what it was given last, it is given that again.
        """
        with self._database.read() as uow:
            if queries.google_object(uow, card_id) is None:
                return False
            shown = self.show(uow, card_id)
        self._put(shown, sure=sure)
        return True

    def tell(self, card_id: str, message_id: str, header: Text, body: Text) -> bool:
        """Send one message to the card's holder; False when nobody ever asked for an object."""
        with self._database.read() as uow:
            if queries.google_object(uow, card_id) is None:
                return False
            shown = self.show(uow, card_id)
        send = partial(
            self._wallet.add_message,
            shown.object_body["id"],
            shown.face.kind,
            message_id,
            header=header,
            body=body,
            notify=True,
        )
        try:
            send()
        except GoogleMissing:
            self._put(shown, sure=False)
            send()
        return True

    def announce(self, merchant_id: str, program_id: str, message_id: str, body: Text) -> client.Sent | None:
        """Show a message on all cards of a program that are at Google; None when none is there.

        It makes no sound: nobody can be asked for consent, a quiet hour or a cap on a whole class.
        """
        any_card = (
            select(GoogleObject.card_id)
            .join(Card, Card.id == GoogleObject.card_id)
            .where(Card.merchant_id == merchant_id, Card.program_id == program_id)
            .limit(1)
        )
        with self._database.read() as uow:
            card_id = uow.conn.execute(any_card).scalar()
            if card_id is None:
                return None
            shown = self.show(uow, card_id)
        self._put(shown)
        header = Text.same(shown.face.organization)
        return self._wallet.add_class_message(
            shown.class_body["id"], shown.face.kind, message_id, header=header, body=body
        )

    def ids(self, face: CardFace) -> tuple[str, str]:
        """What the card's object and its class are called at Google."""
        return object_id(face, self._wallet.issuer_id), class_id(face, self._wallet.issuer_id)

    def _allowed(self, uow: UnitOfWork) -> Allowed:
        refused_at = google_pace.issuer_state(uow, self._wallet.issuer_id).shops_refused_at
        shops = refused_at is None or real_now() - refused_at > SHOPS_REFUSED_FOR
        return Allowed(shops, self._redemption_issuers)

    def _render(self, face: CardFace, allowed: Allowed) -> Shown:
        issuer, urls = self._wallet.issuer_id, self._urls_of(face)
        return Shown(
            face, class_body(face, issuer, urls, allowed).body, object_body(face, issuer, urls, allowed).body
        )

    def _put(self, shown: Shown, *, sure: bool = True, within_s: float | None = None) -> Shown:
        """Send what Google does not have; returns what it has now."""
        with self._database.read() as uow:
            doubt = self._doubt(uow, shown, sure)
        if doubt.class_is == doubt.object_is == "equal":
            return shown
        if doubt.class_is == "equal":
            return self._send(shown, sure, within_s)
        if not self._class_in_hand.acquire(timeout=within_s or CLASS_WAIT_S):
            raise GoogleBusy("Another card's class is taking its time at Google.")
        try:
            with self._database.read() as uow:
                doubt = self._doubt(uow, shown, sure)
            if doubt.class_is != "equal":
                return self._send(shown, sure, within_s)
        finally:
            self._class_in_hand.release()
        return self._send(shown, sure, within_s)

    def _send(self, shown: Shown, sure: bool, within_s: float | None) -> Shown:
        with self._database.write() as uow:
            doubt = self._doubt(uow, shown, sure)
            if doubt.class_is != "equal":
                installs.doubt_class(uow, shown.face.merchant_id, shown.class_body["id"])
            if doubt.object_is != "equal":
                installs.doubt_object(uow, shown.face.card_id)
        outcome = self._wallet.upsert_card(
            shown.face.kind,
            shown.class_body,
            shown.object_body,
            class_is=doubt.class_is,
            object_is=doubt.object_is,
            notify=doubt.notify,
            within_s=within_s,
        )
        return self._note(shown, doubt, outcome)

    def _note(self, shown: Shown, doubt: _Doubt, outcome: client.Outcome) -> Shown:
        """Write down what Google has accepted, which is what it was given less what it would not take."""
        with self._database.write() as uow:
            if SHOPS in outcome.dropped:
                google_pace.refuse_shops(uow, self._wallet.issuer_id, real_now())
                shown = Shown(shown.face, _without_shops(shown.class_body), _without_shops(shown.object_body))
            face, own, shared = shown.face, shown.object_body, shown.class_body
            if doubt.class_is != "equal":
                installs.note_class(uow, shared["id"], digest(shared), real_now())
            ids = face.card_id, own["id"], shared["id"]
            installs.synced(uow, *ids, face.version, digest(own), balance_shown=shown.balance)
            if self._read_face(uow, face.card_id).version != face.version:
                # It changed while we sent. Its event may have been relayed before the object was noted,
                # and a newer state that somebody else sent meanwhile may now lie under ours.
                installs.doubt_object(uow, face.card_id)
                outbox.want(uow, [object_target(face.merchant_id, face.card_id)], real_now())
        return shown

    def _doubt(self, uow: UnitOfWork, shown: Shown, sure: bool) -> _Doubt:
        """What is known of the card's class and object at Google.

        What is about to be sent is noted to be in doubt before it leaves, so a sender that dies between
        Google's yes and the note of it makes the next one send again.
        """
        known = queries.google_class(uow, shown.class_body["id"])
        class_is: Known = "new" if known is None or known.put_at is None else "before"
        if known is not None and known.digest == digest(shown.class_body):
            class_is = "equal"
        present = queries.google_object(uow, shown.face.card_id)
        if present is None or not present.synced_version:
            return _Doubt(class_is, "new")
        if present.digest == digest(shown.object_body):
            # Should Google have lost it, it denies it, and then it is made again.
            return _Doubt(class_is, "equal" if sure else "before")
        return _Doubt(class_is, "before", _is_news(present, shown))


def _is_news(present: GoogleObjectView, shown: Shown) -> bool:
    """Whether the holder has seen another balance."""
    return None not in (present.balance_shown, shown.balance) and present.balance_shown != shown.balance


def _without_shops(body: Json) -> Json:
    return {key: value for key, value in body.items() if key != SHOPS}
