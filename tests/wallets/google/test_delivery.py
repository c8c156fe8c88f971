"""The channel to Google: objects follow their cards, messages arrive once, trouble loses nothing."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from passes.cards.face import CardFace, Text
from passes.cards.models import Card
from passes.clock import real_now
from passes.db.engine import Database, UnitOfWork
from passes.installs import google as installs
from passes.installs import google_pace
from passes.installs.queries import GoogleObjectView, google_object
from passes.money import POINT, Money
from passes.outbox.channel import ClaimedDelivery, Ending, Outcome
from passes.wallets.google import client
from passes.wallets.google.client import GoogleWallet
from passes.wallets.google.delivery import BATCH, DENIED_PAUSE_S, GoogleChannel
from passes.wallets.google.errors import GoogleBusy, GoogleDenied, GoogleMissing, GoogleRefused
from passes.wallets.google.kept import GoogleCards
from tests.factories.faces import make_face
from tests.fakes.google import GoogleStandIn
from tests.installs.world import bump
from tests.outbox.world import add_cards, rows
from tests.wallets.google.conftest import URLS, FreePace
from tests.wallets.google.season import read_face

HEADER, BODY = Text.same("Röster"), Text("Da!", "There!")
MESSAGE = {
    "message_id": "disp_1",
    "header": {"de": "Röster", "en": "Röster"},
    "body": {"de": "Da!", "en": "There!"},
}
_ids = count(1)


@dataclass
class FakeWallet:
    """Remembers what it was told, raises `troubles` in turn, and lets things happen `meanwhile`."""

    issuer_id: str = "3388000000012345678"
    troubles: list[Exception | None] = field(default_factory=list)
    meanwhile: Callable[[], object] = lambda: None
    upserts: list[tuple[str, str]] = field(default_factory=list)
    classes: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    notices: list[bool] = field(default_factory=list)
    dropped: tuple[str, ...] = ()

    def upsert_card(
        self,
        kind: Any,
        class_body: Any,
        object_body: Any,
        *,
        class_is: client.Known = "new",
        object_is: client.Known = "new",
        notify: bool = False,
        within_s: float | None = None,
    ) -> client.Outcome:
        self._trouble()
        self.upserts.append((object_body["loyaltyPoints"]["balance"]["string"], object_is))
        self.classes += [class_is]
        self.notices.append(notify)
        self.meanwhile()
        return client.Outcome("patched", dropped=self.dropped)

    def add_message(self, object_id: str, kind: Any, message_id: str, **_: Any) -> client.Sent:
        self._trouble()
        self.messages.append(message_id)
        return "notified"

    def add_class_message(self, class_id: str, kind: Any, message_id: str, **_: Any) -> client.Sent:
        self.messages.append(f"class {message_id}")
        return "silent"

    def _trouble(self) -> None:
        if self.troubles and (trouble := self.troubles.pop(0)):
            raise trouble


def die() -> None:
    """What a process does that is killed."""
    raise KeyboardInterrupt


def cards_at(database: Database, wallet: FakeWallet | GoogleWallet) -> GoogleCards:
    return GoogleCards(database, wallet, read_face, lambda _: URLS)


@pytest.fixture
def shop(database: Database) -> Database:
    """A database with three cards."""
    with database.write() as uow:
        add_cards(uow, 3)
    return database


@pytest.fixture
def wallet() -> FakeWallet:
    return FakeWallet()


def view(database: Database, card_id: str = "card_1") -> GoogleObjectView | None:
    with database.read() as uow:
        return google_object(uow, card_id)


def delivery(card_id: str = "card_1", message: dict[str, Any] | None = None) -> ClaimedDelivery:
    payload = {"card_id": card_id, **(message or {})}
    return ClaimedDelivery(next(_ids), "mer_acme", "google", card_id, payload, 1, 0)


def send(
    database: Database, wallet: FakeWallet | GoogleWallet, *deliveries: ClaimedDelivery
) -> list[Outcome]:
    return GoogleChannel(cards_at(database, wallet), workers=1).send(deliveries)


def test_a_card_nobody_asked_google_for_is_not_sent(shop: Database, wallet: FakeWallet) -> None:
    outcomes = send(shop, wallet, delivery(), delivery(message=MESSAGE))
    assert [o.ending for o in outcomes] == [Ending.DROP] * 2
    assert (wallet.upserts, wallet.messages) == ([], [])


def test_asking_for_the_link_makes_the_object_and_changes_follow(shop: Database, wallet: FakeWallet) -> None:
    cards_at(shop, wallet).make_object("card_1")
    present = view(shop)
    assert present is not None
    assert present.synced_version == 1
    bump(shop, "card_1")
    assert send(shop, wallet, delivery()) == [Outcome.done()]
    assert wallet.upserts == [("1", "new"), ("2", "before")]


def test_an_object_is_noted_before_google_is_asked_so_that_no_change_falls_between(
    shop: Database, wallet: FakeWallet
) -> None:
    noted: list[GoogleObjectView | None] = []
    wallet.meanwhile = lambda: noted.append(view(shop))
    cards_at(shop, wallet).make_object("card_1")
    assert noted[0] is not None
    assert noted[0].synced_version == 0


def test_a_change_while_google_answers_is_sent_afterwards(shop: Database, wallet: FakeWallet) -> None:
    wallet.meanwhile = lambda: bump(shop, "card_1")
    cards_at(shop, wallet).make_object("card_1")
    assert rows(shop).keys() == {"object/card_1"}


def test_an_old_state_that_arrives_late_is_put_right(shop: Database, wallet: FakeWallet) -> None:
    """A sender is stopped with version 1 in its hands; another sends version 2; the first goes on."""
    cards = cards_at(shop, wallet)

    def overtake() -> None:
        wallet.meanwhile = lambda: None
        bump(shop, "card_1")
        cards_at(shop, wallet).sync("card_1")

    wallet.meanwhile = overtake
    cards.make_object("card_1")
    present = view(shop)
    assert present is not None
    assert present.synced_version == 2
    assert rows(shop).keys() == {"object/card_1"}
    assert send(shop, wallet, delivery()) == [Outcome.done()]
    assert wallet.upserts[-1][0] == "2"


def test_what_google_has_is_not_sent_again(shop: Database, wallet: FakeWallet) -> None:
    cards_at(shop, wallet).make_object("card_1")
    assert send(shop, wallet, delivery()) == [Outcome.done()]
    assert wallet.upserts == [("1", "new")]


def test_a_sender_that_dies_before_it_notes_the_answer_makes_the_next_one_send(
    shop: Database, wallet: FakeWallet
) -> None:
    cards_at(shop, wallet).make_object("card_1")

    bump(shop, "card_1")
    wallet.meanwhile = die
    with pytest.raises(KeyboardInterrupt):
        cards_at(shop, wallet).sync("card_1")
    wallet.meanwhile = lambda: None
    send(shop, wallet, delivery())
    assert [known for _, known in wallet.upserts] == ["new", "before", "before"]


@pytest.mark.parametrize("doubted, sent", [(True, ["1", "2", "1"]), (False, ["1", "2"])])
def test_what_a_dead_sender_may_have_sent_is_put_right_though_the_card_is_as_before(
    shop: Database, wallet: FakeWallet, monkeypatch: pytest.MonkeyPatch, doubted: bool, sent: list[str]
) -> None:
    """The card has two points while its sender dies, and one again; without the doubt Google keeps two."""
    if not doubted:
        monkeypatch.setattr(installs, "doubt_object", lambda *_: None)

    def read(uow: UnitOfWork, card_id: str) -> CardFace:
        face = read_face(uow, card_id)
        if face.version != 3:
            return face
        return make_face(
            "points", card_id=card_id, merchant_id="mer_acme", version=3, balance=Money(1, POINT)
        )

    cards = GoogleCards(shop, wallet, read, lambda _: URLS)
    cards.make_object("card_1")
    bump(shop, "card_1")
    wallet.meanwhile = die
    with pytest.raises(KeyboardInterrupt):
        cards.sync("card_1")
    wallet.meanwhile = lambda: None
    bump(shop, "card_1")
    cards.sync("card_1")
    assert [balance for balance, _ in wallet.upserts] == sent


def test_without_a_change_nothing_waits(shop: Database, wallet: FakeWallet) -> None:
    cards_at(shop, wallet).make_object("card_1")
    assert rows(shop) == {}


def test_a_failed_insert_leaves_the_object_noted_and_asking_again_works(
    shop: Database, wallet: FakeWallet
) -> None:
    wallet.troubles = [GoogleBusy("timeout")]
    with pytest.raises(GoogleBusy):
        cards_at(shop, wallet).make_object("card_1")
    cards_at(shop, wallet).make_object("card_1")
    present = view(shop)
    assert present is not None
    assert present.synced_version == 1


def test_a_message_is_sent_and_an_object_google_lost_is_made_again_first(
    shop: Database, wallet: FakeWallet
) -> None:
    cards_at(shop, wallet).make_object("card_1")
    wallet.troubles = [GoogleMissing(404, "notFound", "no such object")]
    assert send(shop, wallet, delivery(message=MESSAGE)) == [Outcome.done()]
    assert wallet.messages == ["disp_1"]
    assert wallet.upserts == [("1", "new"), ("1", "before")]


@pytest.mark.parametrize(
    "trouble, expected",
    [
        (GoogleBusy("429", 17.0), Outcome.wait("429", 17.0)),
        (GoogleBusy("timeout"), Outcome.wait("timeout")),
        (GoogleDenied("no access"), Outcome.wait("no access", DENIED_PAUSE_S)),
    ],
)
def test_when_google_cannot_be_had_the_rest_is_not_even_tried(
    shop: Database, wallet: FakeWallet, trouble: Exception, expected: Outcome
) -> None:
    for number in (1, 2, 3):
        cards_at(shop, wallet).make_object(f"card_{number}")
        bump(shop, f"card_{number}")
    wallet.troubles = [None, trouble]
    outcomes = send(shop, wallet, *(delivery(f"card_{n}") for n in (1, 2, 3)))
    assert outcomes == [Outcome.done(), expected, expected]
    assert len(wallet.upserts) == 4


def test_a_refused_card_is_given_up_visibly_and_the_others_go_on(shop: Database, wallet: FakeWallet) -> None:
    for number in (1, 2):
        cards_at(shop, wallet).make_object(f"card_{number}")
        bump(shop, f"card_{number}")
    wallet.troubles = [GoogleRefused(400, "invalid", "Invalid hero image")]
    outcomes = send(shop, wallet, delivery("card_1"), delivery("card_2"))
    assert [o.ending for o in outcomes] == [Ending.DEAD, Ending.DONE]
    assert "Invalid hero image" in outcomes[0].note


def test_what_does_not_fit_into_the_time_is_left_for_the_next_batch(
    shop: Database, wallet: FakeWallet
) -> None:
    cards_at(shop, wallet).make_object("card_1")
    channel = GoogleChannel(cards_at(shop, wallet), budget_s=-1)
    assert channel.send([delivery()]) == [Outcome.wait("not reached in time")]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_at_a_google_on_this_machine_the_object_follows_and_the_message_arrives_once(
    shop: Database, stand_in: GoogleStandIn, credentials_directory: Any
) -> None:
    wallet = GoogleWallet(
        stand_in.credentials_file,
        stand_in.issuer_id,
        FreePace(),
        api_url=stand_in.url,
        timeout_s=60.0,
    )
    cards_at(shop, wallet).make_object("card_1")
    bump(shop, "card_1")
    outcomes = send(shop, wallet, delivery(), delivery(message=MESSAGE), delivery(message=MESSAGE))
    present = view(shop)
    assert present is not None
    found = stand_in.store.find_object(present.object_id)
    assert found is not None
    assert outcomes == [Outcome.done()] * 3
    assert found[1]["loyaltyPoints"]["balance"]["string"] == "2"
    assert [message["id"] for message in found[1]["messages"]] == ["disp_1"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_nothing_is_written_down_for_a_card_that_google_shows_as_it_is(
    shop: Database, wallet: FakeWallet, monkeypatch: pytest.MonkeyPatch
) -> None:
    cards = cards_at(shop, wallet)
    cards.make_object("card_1")

    def no_write(_: Database) -> None:
        raise AssertionError("a unit of work to write in was opened")

    monkeypatch.setattr(Database, "write", no_write)
    assert cards.sync("card_1")


def test_of_many_cards_that_find_their_class_changed_one_changes_it(
    shop: Database, wallet: FakeWallet
) -> None:
    cards = cards_at(shop, wallet)
    for number in (1, 2, 3):
        cards.make_object(f"card_{number}")
    renamed = GoogleCards(
        shop,
        wallet,
        lambda uow, card_id: replace(read_face(uow, card_id), organization="New"),
        lambda _: URLS,
    )
    wallet.classes.clear()
    with ThreadPoolExecutor(3) as pool:
        assert all(pool.map(renamed.sync, ("card_1", "card_2", "card_3")))
    assert [known for known in wallet.classes if known != "equal"] == ["before"]


def test_while_google_is_to_be_left_alone_nothing_is_taken_in_hand(
    shop: Database, wallet: FakeWallet
) -> None:
    channel = GoogleChannel(cards_at(shop, wallet))
    assert channel.batch_size == BATCH
    with shop.write() as uow:
        google_pace.pause(uow, wallet.issuer_id, 60_000_000, 60_000_000, "403")
    assert channel.batch_size == 0


def test_an_announcement_reaches_a_program_that_is_at_google(shop: Database, wallet: FakeWallet) -> None:
    cards = cards_at(shop, wallet)
    with shop.read() as uow:
        program_id = uow.conn.execute(select(Card.program_id)).scalars().first()
    assert program_id is not None
    assert cards.announce("mer_acme", program_id, "summer", BODY) is None
    cards.make_object("card_1")
    assert cards.announce("mer_acme", program_id, "summer", BODY) == "silent"
    assert cards.announce("mer_other", program_id, "summer", BODY) is None
    assert wallet.messages == ["class summer"]


def test_a_balance_is_news_when_the_holder_has_seen_another(shop: Database, wallet: FakeWallet) -> None:
    cards = cards_at(shop, wallet)
    cards.make_object("card_1")
    bump(shop, "card_1")
    cards.sync("card_1")
    with shop.write() as uow:
        installs.doubt_object(uow, "card_1")
    cards.sync("card_1")
    assert wallet.notices == [False, True, False]


def test_shops_google_refused_are_not_sent_again_for_a_week(shop: Database, wallet: FakeWallet) -> None:
    wallet.dropped = ("merchantLocations",)
    cards = cards_at(shop, wallet)
    shown = cards.make_object("card_1")
    assert "merchantLocations" not in shown.class_body
    bump(shop, "card_1")
    wallet.dropped = ()
    wallet.classes.clear()
    cards.sync("card_1")
    assert wallet.classes == ["equal"]
    with time_machine.travel(real_now() + timedelta(days=8)):
        assert "merchantLocations" in cards.make_object("card_1").class_body
