"""Who is let in at the scanner, for how long, and how often a PIN may be guessed."""

from datetime import timedelta

import pytest
from flask import Flask

from passes.clock import FixedClock
from passes.limits import debts, sign_ins
from passes.merchants import keys, staff
from passes.wiring import Services
from tests.factories.cafe import Cafe
from tests.factories.visitor import BASE_URL, Visitor, visit
from tests.limits.guessers import Watch

PIN = "246810"


def sign_in_by_key(visitor: Visitor, key: str) -> None:
    visitor.get("/scanner")
    form = next(form for form in visitor.forms() if form.action == "/scanner/key")
    visitor.send(form, key=key)


def sign_in_by_pin(visitor: Visitor, pin: str, slug: str = "groessenwahn") -> None:
    visitor.get(f"/scanner?merchant={slug}")
    form = next(form for form in visitor.forms() if form.action == "/scanner/pin")
    visitor.send(form, pin=pin)


def is_in(visitor: Visitor) -> bool:
    visitor.get("/scanner")
    return "Code der Karte" in visitor.text


@pytest.fixture(autouse=True)
def ada(cafe: Cafe) -> str:
    """Somebody of the café who may use the till."""
    assert cafe.shop.name == "Mitte"
    return cafe.person(PIN, "till")


def test_a_till_key_opens_it(visitor: Visitor, cafe: Cafe) -> None:
    sign_in_by_key(visitor, cafe.key("till").key)
    assert is_in(visitor)
    assert "Café Größenwahn" in visitor.text


def test_a_pin_opens_it_at_its_shop(visitor: Visitor) -> None:
    sign_in_by_pin(visitor, PIN)
    assert is_in(visitor)
    assert "Café Größenwahn · Mitte" in visitor.text


def test_without_either_there_is_nothing_to_see(visitor: Visitor, cafe: Cafe) -> None:
    card = cafe.card("stamp")
    for path in ("/scanner", f"/scanner/card/{card.id}"):
        visitor.get(path)
        assert "Mit PIN" in visitor.text
        assert card.code not in visitor.text.replace("-", "")


@pytest.mark.parametrize("key", ["", "sk_stempel_nonsense", "a\x00b", "ß" * 300])
def test_a_wrong_key_is_said_to_be_wrong(visitor: Visitor, key: str) -> None:
    sign_in_by_key(visitor, key)
    assert visitor.page.status_code in (400, 403)
    assert not is_in(visitor)


def test_a_key_for_something_else_is_told_what_it_lacks(visitor: Visitor, cafe: Cafe) -> None:
    sign_in_by_key(visitor, cafe.key("read", "marketing").key)
    assert visitor.page.status_code == 403
    assert "braucht die Berechtigung „till“" in visitor.text
    assert not is_in(visitor)


def test_somebody_who_may_not_use_the_till_is_told_so(visitor: Visitor, cafe: Cafe) -> None:
    cafe.person("975310", "marketing")
    sign_in_by_pin(visitor, "975310")
    assert visitor.page.status_code == 403
    assert "darf nicht kassieren" in visitor.text
    assert not is_in(visitor)


def test_an_unknown_business_is_said_to_be_unknown(visitor: Visitor) -> None:
    visitor.get("/scanner?merchant=nobody")
    assert "Geschäft mit diesem Kurznamen gibt es hier nicht" in visitor.text


def test_a_business_without_shops_is_pointed_to_the_key(visitor: Visitor, services: Services) -> None:
    assert Cafe(services, "neu", "Neu").merchant.slug == "neu"
    visitor.get("/scanner?merchant=neu")
    assert "noch keine Filiale" in visitor.text


@pytest.fixture
def real(monkeypatch: pytest.MonkeyPatch) -> Watch:
    """Real time, which stands still unless moved."""
    watch = Watch()
    monkeypatch.setattr(debts, "now_ms", watch)
    return watch


def guess_pins(app: Flask, real: Watch) -> None:
    """As many wrong PINs as are heard, none faster than allowed."""
    for _ in range(sign_ins.PINS_PER_HOUR + 1):
        visitor = visit(app)
        sign_in_by_pin(visitor, "111111")
        assert "Diese PIN passt nicht" in visitor.text
        real.ms += debts.SLOW_MS


def test_ten_wrong_pins_close_the_shops_door_for_a_quarter_of_an_hour(
    app: Flask, visitor: Visitor, real: Watch
) -> None:
    guess_pins(app, real)
    sign_in_by_pin(visitor, PIN)
    assert visitor.page.status_code == 429
    assert "Zu viele falsche PINs" in visitor.text
    assert not is_in(visitor)
    real.ms += debts.LOCKED_MS
    sign_in_by_pin(visitor, PIN)
    assert is_in(visitor)


def test_after_five_wrong_pins_every_further_one_takes_a_moment(visitor: Visitor, real: Watch) -> None:
    for _ in range(sign_ins.PINS_PER_HOUR // 2 + 1):
        sign_in_by_pin(visitor, "111111")
        assert visitor.page.status_code == 403
    sign_in_by_pin(visitor, PIN)
    assert visitor.page.status_code == 429
    assert "zu schnell" in visitor.text
    real.ms += debts.SLOW_MS
    sign_in_by_pin(visitor, PIN)
    assert is_in(visitor)


def test_a_business_clock_set_forward_opens_no_door(
    app: Flask, visitor: Visitor, real: Watch, clock: FixedClock
) -> None:
    guess_pins(app, real)
    clock.at += timedelta(days=1)
    sign_in_by_pin(visitor, PIN)
    assert visitor.page.status_code == 429


def test_the_closed_door_is_the_only_thing_in_the_way(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sign_ins, "PINS_PER_HOUR", 1_000)
    for _ in range(11):
        sign_in_by_pin(visitor, "111111")
    sign_in_by_pin(visitor, PIN)
    assert is_in(visitor)


def test_another_shop_and_the_key_still_open(app: Flask, visitor: Visitor, cafe: Cafe, real: Watch) -> None:
    guess_pins(app, real)
    sign_in_by_key(visitor, cafe.key("till").key)
    assert is_in(visitor)


def test_a_revoked_key_is_out_at_once(visitor: Visitor, cafe: Cafe, services: Services) -> None:
    key = cafe.key("till")
    sign_in_by_key(visitor, key.key)
    with services.database.write() as uow:
        keys.revoke_key(uow, cafe.merchant.id, key.id, "test")
    assert not is_in(visitor)


def test_a_disabled_person_is_out_at_once(visitor: Visitor, cafe: Cafe, services: Services, ada: str) -> None:
    sign_in_by_pin(visitor, PIN)
    with services.database.write() as uow:
        staff.disable_staff(uow, cafe.merchant.id, ada, "test")
    assert not is_in(visitor)


def test_signing_out_ends_it(visitor: Visitor) -> None:
    sign_in_by_pin(visitor, PIN)
    visitor.get("/scanner")
    visitor.press("Abmelden")
    assert not is_in(visitor)


def test_the_cookie_goes_nowhere_else(visitor: Visitor) -> None:
    visitor.get("/scanner?merchant=groessenwahn")
    form = next(form for form in visitor.forms() if form.action == "/scanner/pin")
    answer = visitor.client.post(form.action, data={**form.values, "pin": PIN}, base_url=BASE_URL)
    (cookie,) = [c for c in answer.headers.getlist("Set-Cookie") if c.startswith("scanner=")]
    assert {"Secure", "HttpOnly", "SameSite=Strict", "Path=/scanner"} <= set(cookie.split("; "))


def test_a_cookie_somebody_made_up_lets_nobody_in(visitor: Visitor) -> None:
    visitor.client.set_cookie("scanner", "eyJrZXkiOiJrZXlfMSJ9.x.y", domain="karten.example", path="/scanner")
    assert not is_in(visitor)


def test_a_stale_form_leads_back_with_a_word_about_it(visitor: Visitor) -> None:
    visitor.get("/scanner?merchant=groessenwahn")
    form = next(form for form in visitor.forms() if form.action == "/scanner/pin")
    visitor.send(form, csrf_token="old", pin=PIN)
    assert "zu lange offen" in visitor.text
    assert not is_in(visitor)
