"""The face of a card says what the books say, in both languages."""

from datetime import timedelta
from typing import Any

import pytest

from passes.cards import faces
from passes.cards import service as card_service
from passes.cards.face import CardFace, Text
from passes.clock import FixedClock
from passes.db.engine import Database
from passes.errors import CardNotFound
from passes.money import Money
from passes.programs import queries as programs
from passes.programs import service as program_service
from passes.redemption import service as redemption
from tests.fixtures.api import BASE_URL
from tests.ledger.life import Books


@pytest.fixture
def books(database: Database) -> Books:
    return Books(database).open()


def face(books: Books, kind: str, change: Any = None, amount: int | None = None) -> CardFace:
    """The face of a new card, after `change` was done to it."""
    with books.database.write() as uow:
        card = books.issue(uow, kind, kind, amount)
        if change is not None:
            change(uow)
        return faces.face_of(uow, BASE_URL, card.id)


def value(shown: CardFace, key: str) -> Text:
    return next(field.value for field in shown.fields if field.key == key)


def test_a_stamp_card_shows_its_stamps_and_what_waits(books: Books) -> None:
    shown = face(books, "stamp", lambda uow: redemption.stamp(uow, books.call("stamp"), count=23))
    assert shown.stamps is not None
    assert (shown.stamps.filled, shown.stamps.required, shown.stamps.rewards) == (3, 10, 2)
    assert (value(shown, "balance"), value(shown, "rewards")) == (Text.same("3 / 10"), Text.same("2"))


def test_a_gift_card_shows_its_money_as_each_language_writes_it(books: Books) -> None:
    shown = face(books, "gift", amount=123456)
    assert value(shown, "balance") == Text(de="1.234,56\xa0€", en="€1,234.56")
    assert shown.balance == Money(123456, "EUR")
    assert value(shown, "valid_until").en == "31 December 2029"


def test_a_points_card_shows_the_next_thing_to_save_for(books: Books) -> None:
    shown = face(books, "points", lambda uow: redemption.stamp(uow, books.call("points"), count=49))
    assert value(shown, "next_reward") == Text.same("A mug (50)")
    enough = face(books, "points", lambda uow: redemption.stamp(uow, books.call("points"), count=50))
    assert "next_reward" not in {field.key for field in enough.fields}


def test_a_coupon_shows_its_offer_and_the_uses_that_are_left(books: Books) -> None:
    order = Money(1000, "EUR")
    shown = face(books, "coupon", lambda uow: redemption.redeem(uow, books.call("coupon"), order_total=order))
    assert value(shown, "offer") == Text(de="20 % Rabatt", en="20% off")
    assert value(shown, "uses") == Text.same("2 / 3")


def test_a_card_that_does_not_work_says_so(books: Books, clock: FixedClock) -> None:
    waiting = face(books, "gift")
    assert (waiting.state, value(waiting, "state").en) == ("pending", "Not loaded yet")
    gift = face(books, "gift", amount=500)
    assert "state" not in {field.key for field in gift.fields}
    clock.at += timedelta(days=2000)
    with books.database.read() as uow:
        expired = faces.face_of(uow, BASE_URL, gift.card_id)
    assert (expired.state, value(expired, "state").de, expired.spent) == ("expired", "Abgelaufen", True)


def test_what_a_card_owes_stands_on_its_back(books: Books) -> None:
    def spend_and_regret(uow: Any) -> None:
        sale = redemption.stamp(uow, books.call("points"), count=60)
        redemption.redeem(uow, books.call("points"), reward_id="mug")
        redemption.reverse_stamps(uow, books.call(), sale.id)

    assert value(face(books, "points", spend_and_regret), "owed") == Text.same("50")


def test_news_reach_the_face(books: Books) -> None:
    def tell(uow: Any) -> None:
        news = Text("Wir haben umgebaut.", "We have rebuilt.")
        card_service.set_news(uow, books.merchant_id, books.cards["stamp"], news, uow.now)

    assert face(books, "stamp", tell).news == Text("Wir haben umgebaut.", "We have rebuilt.")


def test_cards_of_a_program_share_a_design_until_it_changes(books: Books) -> None:
    one, two = face(books, "stamp"), face(books, "stamp")
    assert (one.design_id == two.design_id, one.barcode == two.barcode) == (True, False)
    assert one.design_id != face(books, "points").design_id


def test_keys_of_fields_are_unique_and_the_codes_open_the_card(books: Books) -> None:
    for kind in books.programs:
        shown = face(books, kind)
        keys = [field.key for field in shown.fields]
        assert len(keys) == len(set(keys))
        assert shown.page_url.startswith(f"{BASE_URL}/c/")
        assert shown.barcode.lower() not in shown.page_url


def test_a_sample_face_needs_no_card_and_unlocks_nothing(books: Books) -> None:
    with books.database.read() as uow:
        program = programs.get(uow, books.merchant_id, books.programs["stamp"])
        shown = faces.sample_face(uow, BASE_URL, program, filled=4)
        assert shown.stamps is not None
        assert (shown.stamps.filled, shown.barcode) == (4, "0" * 26)


@pytest.mark.parametrize(
    "kind, name, own",
    [("stamp", "reward", "A free coffee"), ("coupon", "offer", "20% off")],
)
def test_a_translation_reaches_the_sentence_too_and_the_other_language_keeps_its_own_words(
    books: Books, kind: str, name: str, own: str
) -> None:
    with books.database.write() as uow:
        program = programs.get(uow, books.merchant_id, books.programs[kind])
        texts = {"de": {"title": "Karte", name: "Etwas Gutes"}}
        program_service.change_program(uow, program, "test", texts=texts)
    shown = face(books, kind)
    assert shown.title == Text(de="Karte", en=kind)
    assert value(shown, name) == Text(de="Etwas Gutes", en=own)
    assert "Etwas Gutes" in shown.description.de
    assert own in shown.description.en
    assert value(shown, "how_it_works") == shown.description


def test_an_unknown_card_has_no_face(database: Database) -> None:
    with database.read() as uow, pytest.raises(CardNotFound):
        faces.face_of(uow, BASE_URL, "card_none")
