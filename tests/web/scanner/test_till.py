"""At the scanner: every kind of card, every form once, and a clear word for everything refused."""

import pytest
from flask import Flask

from passes.cards import service as card_service
from passes.cards.rules import CardView
from passes.ids import format_code
from passes.ledger import queries as books
from passes.ledger.queries import TransactionFilter
from passes.ledger.rules import Entry
from passes.web import keyed
from passes.wiring import Services
from tests.factories.cafe import Cafe
from tests.factories.visitor import Visitor, visit


@pytest.fixture
def till(visitor: Visitor, cafe: Cafe) -> Visitor:
    """A browser signed in with a till key."""
    key = cafe.key("till").key
    visitor.get("/scanner")
    visitor.send(next(form for form in visitor.forms() if form.action == "/scanner/key"), key=key)
    return visitor


def show(till: Visitor, card: CardView) -> None:
    till.get("/scanner")
    till.press("Karte zeigen", code=format_code(card.code).lower())
    assert till.path == f"/scanner/card/{card.id}"


def entries(services: Services, card: CardView) -> list[Entry]:
    with services.database.read() as uow:
        wanted = TransactionFilter(card_id=card.id)
        return list(books.transactions(uow, card.merchant_id, wanted, 50, None).items)


def test_a_card_is_found_by_its_code_and_by_what_a_hand_scanner_reads(till: Visitor, cafe: Cafe) -> None:
    card = cafe.card("stamp")
    show(till, card)
    till.get("/scanner")
    till.press("Karte zeigen", code=card.barcode)
    assert till.path == f"/scanner/card/{card.id}"
    assert "0 / 10" in till.text


@pytest.mark.parametrize("code", ["", "   "])
def test_without_a_code_the_page_asks_for_one(till: Visitor, code: str) -> None:
    till.get("/scanner")
    till.press("Karte zeigen", code=code)
    assert till.page.status_code == 422
    assert "Bitte den Code der Karte scannen oder eintippen." in till.text


@pytest.mark.parametrize("code", ["ABCD", "2222-2222-2222-2223", "x" * 5000, '"><script>', "\U0001f370"])
def test_an_unknown_code_is_said_and_kept_to_be_corrected(till: Visitor, cafe: Cafe, code: str) -> None:
    till.get("/scanner")
    till.press("Karte zeigen", code=code)
    assert till.page.status_code == 404
    assert "Zu diesem Code gibt es hier keine Karte" in till.text
    assert "<script" not in till.text
    assert till.form("Karte zeigen").values["code"] == code[:60]


def test_another_merchants_card_is_unknown_here(till: Visitor, services: Services) -> None:
    card = Cafe(services, "other", "Andere").card("stamp")
    till.get("/scanner")
    till.press("Karte zeigen", code=card.code)
    assert till.page.status_code == 404
    for path in (f"/scanner/card/{card.id}", "/scanner/card/card_0"):
        assert till.get(path).status_code == 404


def test_stamps_are_given_by_the_button(till: Visitor, cafe: Cafe) -> None:
    card = cafe.card("stamp")
    show(till, card)
    till.press("+2")
    assert "Gestempelt: 2." in till.text
    assert "2 / 10" in till.text
    assert cafe.now(card).balance == 2


def test_a_full_card_gives_its_reward(till: Visitor, cafe: Cafe) -> None:
    card = cafe.card("stamp")
    show(till, card)
    assert "Prämie ausgeben" not in till.text
    till.press("Stempeln", count="10")
    till.press("Prämie ausgeben")
    assert "Prämie ausgegeben." in till.text
    assert cafe.now(card).rewards == 0


def test_a_purchase_earns_by_the_programs_rule(till: Visitor, cafe: Cafe) -> None:
    card = cafe.card("stamp", rules={"stamp_per": {"amount": 350, "asset": "EUR"}})
    show(till, card)
    till.press("Einkauf buchen", purchase="10,80")
    assert "Gestempelt: 3." in till.text


def test_points_are_earned_and_buy_from_the_catalogue(till: Visitor, cafe: Cafe) -> None:
    card = cafe.card("points")
    show(till, card)
    till.press("Einkauf buchen", purchase="80")
    assert "Punkte gegeben: 80." in till.text
    till.press("Croissant")
    assert "Punkte eingelöst: 50." in till.text
    till.press("Punkte einlösen", amount="25")
    assert cafe.now(card).balance == 5


def test_a_coupon_says_what_it_takes_off(till: Visitor, cafe: Cafe) -> None:
    card = cafe.card("coupon")
    show(till, card)
    till.press("Gutschein einlösen", order_total="19,95")
    assert "Gutschein eingelöst. Rabatt: 3,99\xa0€." in till.text
    assert cafe.now(card).balance == 0


def test_an_item_coupon_asks_for_no_total(till: Visitor, cafe: Cafe) -> None:
    card = cafe.card("coupon", rules={"offer": {"type": "item", "item": "Croissant"}})
    show(till, card)
    assert "order_total" not in till.form("Gutschein einlösen").values
    till.press("Gutschein einlösen")
    assert cafe.now(card).balance == 0


def test_a_gift_card_is_loaded_and_pays_even_in_part(till: Visitor, cafe: Cafe) -> None:
    card = cafe.card("gift")
    show(till, card)
    assert "Bezahlen" not in till.text
    till.press("Aufladen", load="20")
    assert "Aufgeladen: 20,00\xa0€." in till.text
    till.press("Bezahlen", amount="12,50")
    assert "Bezahlt: 12,50\xa0€." in till.text
    till.press("Bezahlen", amount="10", partly="yes")
    assert "Bezahlt: 7,50\xa0€. Noch zu zahlen: 2,50\xa0€." in till.text
    assert cafe.now(card).balance == 0


def test_too_little_is_refused_and_what_was_typed_stays(till: Visitor, cafe: Cafe) -> None:
    card = cafe.card("gift", amount=500)
    show(till, card)
    key = till.form("Bezahlen").values["key"]
    till.press("Bezahlen", amount="5,01")
    assert till.page.status_code == 402
    assert "nicht auf der Karte, sondern 5,00\xa0€" in till.text
    form = till.form("Bezahlen")
    assert form.values["amount"] == "5,01"
    assert form.values["key"] != key
    till.send(form, amount="5")
    assert cafe.now(card).balance == 0


@pytest.mark.parametrize(
    "kind, button, typed",
    [
        ("stamp", "Stempeln", {"count": "0"}),
        ("stamp", "Stempeln", {"count": "1,5"}),
        ("points", "Einkauf buchen", {"purchase": "1.250"}),
        ("points", "Punkte einlösen", {"amount": "2,5"}),
        ("coupon", "Gutschein einlösen", {"order_total": ""}),
        ("gift", "Bezahlen", {"amount": "-1"}),
        ("gift", "Aufladen", {"load": "viel"}),
    ],
)
def test_a_wrong_number_is_named_beside_its_field(
    till: Visitor, cafe: Cafe, services: Services, kind: str, button: str, typed: dict[str, str]
) -> None:
    card = cafe.card(kind, **({"amount": 500} if kind == "gift" else {}))
    before = entries(services, card)
    show(till, card)
    till.press(button, **typed)
    (field,) = typed
    assert till.page.status_code == 422
    assert f'id="{field}-error"' in till.text
    assert till.form(button).values[field] == typed[field]
    assert entries(services, card) == before


def test_a_double_tap_and_a_reload_are_one_stamp(till: Visitor, cafe: Cafe, services: Services) -> None:
    card = cafe.card("stamp")
    show(till, card)
    form = till.form("+1")
    for _ in range(3):
        till.send(form, count="1")
        assert "Gestempelt: 1." in till.text
    till.get(till.page.request.path + "?" + till.page.request.query_string.decode())
    assert "Gestempelt: 1." in till.text
    assert len(entries(services, card)) == 1


def test_without_the_key_of_the_form_every_tap_would_count(
    till: Visitor, cafe: Cafe, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    perform = keyed.perform
    monkeypatch.setattr(keyed, "perform", lambda *args, **named: perform(*args, **{**named, "key": None}))
    card = cafe.card("stamp")
    show(till, card)
    form = till.form("+1")
    for _ in range(3):
        till.send(form, count="1")
    assert len(entries(services, card)) == 3


def test_the_key_of_a_form_does_one_thing_only(till: Visitor, cafe: Cafe, services: Services) -> None:
    card = cafe.card("stamp")
    show(till, card)
    form = till.form("+1")
    till.send(form, count="1")
    till.send(form, count="2")
    assert till.page.status_code == 422
    assert "wurde schon abgeschickt" in till.text
    assert len(entries(services, card)) == 1


@pytest.mark.parametrize("key", ["", "mine", "scanner-" + "x" * 300, "scanner-ß"])
def test_a_form_with_a_key_that_is_not_ours_does_nothing(
    till: Visitor, cafe: Cafe, services: Services, key: str
) -> None:
    card = cafe.card("stamp")
    show(till, card)
    assert till.send(till.form("+1"), count="1", key=key).status_code == 404
    assert entries(services, card) == []


def test_the_last_thing_can_be_undone_once(till: Visitor, cafe: Cafe) -> None:
    card = cafe.card("stamp")
    show(till, card)
    till.press("+3")
    undo = till.form("Rückgängig machen")
    till.press("Rückgängig machen")
    assert "Rückgängig gemacht." in till.text
    assert cafe.now(card).balance == 0
    assert "Rückgängig machen" not in "".join(form.words for form in till.forms())
    till.send(undo, key="scanner-another")
    assert till.page.status_code == 409
    assert "schon rückgängig gemacht" in till.text


@pytest.mark.parametrize(
    "kind, button, typed",
    [("gift", "Bezahlen", {"amount": "5"}), ("coupon", "Gutschein einlösen", {"order_total": "5"}),
     ("points", "Punkte einlösen", {"amount": "5"})],
)  # fmt: skip
def test_every_redemption_can_be_undone(
    till: Visitor, cafe: Cafe, kind: str, button: str, typed: dict[str, str]
) -> None:
    card = cafe.card(kind, **({"amount": 500} if kind == "gift" else {}))
    if kind == "points":
        cafe.collect(card, 5)
    before = cafe.now(card).balance
    show(till, card)
    till.press(button, **typed)
    assert cafe.now(card).balance < before
    till.press("Rückgängig machen")
    assert cafe.now(card).balance == before


def test_another_merchants_transaction_cannot_be_undone(
    till: Visitor, cafe: Cafe, services: Services
) -> None:
    other = Cafe(services, "other", "Andere")
    theirs = other.card("points")
    other.collect(theirs, 7)
    mine = cafe.card("stamp")
    cafe.collect(mine, 1)
    show(till, mine)
    till.press("Rückgängig machen", transaction=entries(services, theirs)[0].id)
    assert till.page.status_code == 404
    assert other.now(theirs).balance == 7


@pytest.mark.parametrize("state, words", [("blocked", "ist gesperrt"), ("deactivated", "gilt nicht mehr")])
def test_a_card_that_does_not_work_offers_nothing_and_refuses(
    till: Visitor, cafe: Cafe, services: Services, state: str, words: str
) -> None:
    card = cafe.card("stamp")
    show(till, card)
    form = till.form("+1")
    with services.database.write() as uow:
        change = card_service.block if state == "blocked" else card_service.deactivate
        change(uow, card.merchant_id, card.id, "other", "test")
    till.send(form, count="1")
    assert till.page.status_code == 409
    assert words in till.text
    assert "+1" not in "".join(form.words for form in till.forms())
    assert entries(services, card) == []


def test_a_daily_limit_is_explained(till: Visitor, cafe: Cafe) -> None:
    card = cafe.card("stamp", rules={"max_stamps_per_day": 2})
    show(till, card)
    till.press("+3")
    assert till.page.status_code == 409
    assert "heute nicht" in till.text


def test_nobody_else_can_use_the_form(till: Visitor, app: Flask, cafe: Cafe, services: Services) -> None:
    card = cafe.card("stamp")
    show(till, card)
    form = till.form("+1")
    stranger = visit(app)
    stranger.get("/scanner")
    token = stranger.forms()[0].values.get("csrf_token") or stranger.forms()[-1].values["csrf_token"]
    stranger.send(form, count="1", csrf_token=token)
    assert "Mit PIN" in stranger.text
    assert entries(services, card) == []


def test_a_form_sent_from_another_site_does_nothing(till: Visitor, cafe: Cafe, services: Services) -> None:
    card = cafe.card("stamp")
    show(till, card)
    till.send(till.form("+1"), count="1", csrf_token="forged")
    assert entries(services, card) == []


def test_an_action_there_is_not_is_not_found(till: Visitor, cafe: Cafe) -> None:
    card = cafe.card("stamp")
    show(till, card)
    form = till.form("+1")
    form.action = f"/scanner/card/{card.id}/dance"
    assert till.send(form).status_code == 404


def test_it_speaks_english_too(till: Visitor, cafe: Cafe) -> None:
    card = cafe.card("stamp")
    till.language = "en"
    till.get("/scanner")
    till.press("Show card", code=card.code)
    till.press("+1")
    assert "Stamps given: 1." in till.text


def test_what_was_done_elsewhere_is_not_shown_here(till: Visitor, cafe: Cafe) -> None:
    card = cafe.card("stamp")
    show(till, card)
    till.press("+1")
    did = till.page.request.query_string.decode()
    other = cafe.card("coupon")
    assert "Gestempelt" not in till.get(f"/scanner/card/{other.id}?{did}").text
    assert "Gestempelt" not in till.get(f"/scanner/card/{card.id}?did=scanner-x").text
