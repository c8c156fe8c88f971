"""The card's own page: how the card stands, the way into a wallet, and an address that never leaks."""

import io
import json
import re
import zipfile
from datetime import timedelta
from types import SimpleNamespace

import pytest
from flask import Flask

from passes.cards import service as card_service
from passes.cards.face import Text
from passes.cards.rules import CardView
from passes.clock import FixedClock
from passes.errors import Refusal
from passes.ids import format_code, new_token
from passes.members import queries as members
from passes.wallets.google.errors import GoogleBusy
from passes.wallets.web.qr import qr_code
from passes.web import assets, previews
from passes.wiring import Services
from tests.factories.cafe import Cafe
from tests.factories.visitor import ANDROID, BASE_URL, DESKTOP, IPHONE, Visitor, visit

INSTAGRAM = IPHONE + " Instagram 400.0.0"


def page_of(card: CardView) -> str:
    return f"/c/{card.page_token.lower()}"


def wallets_in_order(page: str) -> list[str]:
    return re.findall(r"/(card\.pkpass|google)\"", page)


@pytest.fixture
def google(services: Services, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Google, switched on, with an answer of the test's choosing."""
    stand_in = SimpleNamespace(answer="https://pay.google.com/gp/v/save/abc")

    def save_link(card_id: str, within_s: float) -> SimpleNamespace:
        assert 0 < within_s <= 3
        if isinstance(stand_in.answer, Exception):
            raise stand_in.answer
        return SimpleNamespace(save_url=stand_in.answer)

    monkeypatch.setitem(services.__dict__, "google", object())
    monkeypatch.setattr(services, "save_link", save_link)
    return stand_in


@pytest.fixture
def signing(services: Services) -> None:
    """A throwaway identity for the café."""
    services.identities.create_development("groessenwahn")


def test_how_it_looks_in_wallets_is_sent_to_whoever_unfolds_it(visitor: Visitor, cafe: Cafe) -> None:
    path = page_of(cafe.card("stamp"))
    folded = visitor.get(path).text
    link = re.search(r'href="([^"]+#wallets)"', folded)
    assert link
    whole = visitor.get(link[1]).text
    assert whole.count("preview__card") - folded.count("preview__card") == len(previews.SIDES)
    assert len(folded) < len(whole) / 2


def test_the_card_shows_how_it_stands_and_what_a_till_reads(visitor: Visitor, cafe: Cafe) -> None:
    card = cafe.card("stamp")
    cafe.collect(card, 4)
    page = visitor.get(page_of(card)).text
    assert "4 / 10" in page
    assert 'alt="4 von 10 Stempeln"' in page
    assert format_code(card.code) in page
    assert qr_code(card.barcode).path in page
    assert "Stempel gesammelt" in page
    assert "+4" in page
    assert "Keine Barauszahlung." in page


@pytest.mark.parametrize(
    "language, words",
    [("de", ("37,50\xa0€", "Guthaben", "−12,50\xa0€", "Bezahlt", "2. März 2026", "31. Dezember 2029")),
     ("en", ("€37.50", "Balance", "−€12.50", "Paid", "2 March 2026", "31 December 2029"))],
)  # fmt: skip
def test_amounts_and_dates_are_written_as_people_write_them(
    app: Flask, cafe: Cafe, language: str, words: tuple[str, ...]
) -> None:
    card = cafe.card("gift", amount=5000)
    cafe.pay(card, 1250)
    page = visit(app, language=language).get(page_of(card)).text
    assert [word for word in words if word not in page] == []


def test_a_waiting_reward_is_announced(visitor: Visitor, cafe: Cafe) -> None:
    card = cafe.card("stamp")
    cafe.collect(card, 9)
    assert "Prämie verdient" not in visitor.get(page_of(card)).text
    cafe.collect(card, 1)
    assert "Prämie verdient" in visitor.get(page_of(card)).text
    assert "eine Prämie wartet" in visitor.text


@pytest.mark.parametrize(
    "state, words",
    [
        ("pending", "wartet auf ihr erstes Guthaben"),
        ("blocked", "ist gesperrt"),
        ("expired", "ist abgelaufen"),
        ("deactivated", "gilt nicht mehr"),
        ("used", "ist eingelöst"),
    ],
)
def test_a_card_that_does_not_work_says_so(
    visitor: Visitor, cafe: Cafe, services: Services, clock: FixedClock, state: str, words: str
) -> None:
    card = _card_in(state, cafe, services, clock)
    page = visitor.get(page_of(card)).text
    assert visitor.page.status_code == 200
    assert words in page
    assert ("card--spent" in page) == (state in ("expired", "deactivated", "used"))


def _card_in(state: str, cafe: Cafe, services: Services, clock: FixedClock) -> CardView:
    if state == "pending":
        return cafe.card("gift")
    if state == "used":
        return cafe.use(cafe.card("coupon"), 1000)
    card = cafe.card("gift", amount=500)
    if state == "expired":
        clock.at += timedelta(days=5 * 366)
        return card
    with services.database.write() as uow:
        change = card_service.block if state == "blocked" else card_service.deactivate
        return change(uow, card.merchant_id, card.id, "other", "test")


def test_news_is_shown_in_the_language_of_the_reader(app: Flask, cafe: Cafe, services: Services) -> None:
    card = cafe.card("stamp")
    with services.database.write() as uow:
        card_service.set_news(
            uow, card.merchant_id, card.id, Text("Zimtschnecken!", "Cinnamon rolls!"), uow.now
        )
    assert "Zimtschnecken!" in visit(app).get(page_of(card)).text
    assert "Cinnamon rolls!" in visit(app, language="en").get(page_of(card)).text


@pytest.mark.parametrize(
    "agent, order",
    [
        (IPHONE, ["card.pkpass", "google"]),
        (ANDROID, ["google", "card.pkpass"]),
        (DESKTOP, ["card.pkpass", "google"]),
    ],
)
@pytest.mark.usefixtures("google", "signing")
def test_the_phones_own_wallet_comes_first(app: Flask, cafe: Cafe, agent: str, order: list[str]) -> None:
    page = visit(app, user_agent=agent).get(page_of(cafe.card("stamp"))).text
    assert wallets_in_order(page) == order
    assert "button--wallet" in page.split(order[0])[0]


@pytest.mark.usefixtures("signing")
def test_google_being_off_is_said(app: Flask, cafe: Cafe) -> None:
    page = visit(app, user_agent=ANDROID).get(page_of(cafe.card("stamp"))).text
    assert wallets_in_order(page) == ["card.pkpass"]
    assert "Google Wallet ist hier nicht eingerichtet" in page
    assert "als Lesezeichen behalten" in page


@pytest.mark.usefixtures("google")
def test_apple_not_being_set_up_is_said(visitor: Visitor, cafe: Cafe) -> None:
    page = visitor.get(page_of(cafe.card("stamp"))).text
    assert wallets_in_order(page) == ["google"]
    assert "Apple Wallet ist hier zurzeit nicht eingerichtet" in page


@pytest.mark.usefixtures("google", "signing")
def test_nobody_is_asked_to_save_a_card_that_is_spent(
    visitor: Visitor, cafe: Cafe, services: Services
) -> None:
    card = cafe.card("gift", amount=500)
    with services.database.write() as uow:
        card_service.deactivate(uow, card.merchant_id, card.id, "other", "test")
    assert wallets_in_order(visitor.get(page_of(card)).text) == []


@pytest.mark.parametrize(
    "agent, words",
    [(INSTAGRAM, ("Instagram", "In Safari")), (ANDROID + " [FB_IAB/FB4A]", ("Facebook", "Im Browser"))],
)
def test_a_browser_inside_an_app_gets_help_and_the_address(
    app: Flask, cafe: Cafe, agent: str, words: tuple[str, str]
) -> None:
    card = cafe.card("stamp")
    page = visit(app, user_agent=agent).get(page_of(card)).text
    assert all(word in page for word in words)
    assert f'<p class="address">{BASE_URL}{page_of(card)}</p>' in page
    assert 'class="address"' not in visit(app).get(page_of(card)).text


def test_the_page_can_be_carried_over_to_the_phone(app: Flask, cafe: Cafe) -> None:
    card = cafe.card("stamp")
    page = visit(app, user_agent=DESKTOP).get(page_of(card)).text
    assert qr_code(f"{BASE_URL}{page_of(card)}").path in page


@pytest.mark.usefixtures("signing")
def test_the_pass_comes_as_safari_wants_it(visitor: Visitor, cafe: Cafe) -> None:
    card = cafe.card("stamp")
    answer = visitor.get(f"{page_of(card)}/card.pkpass")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/vnd.apple.pkpass"
    assert answer.headers["Content-Disposition"] == "inline; filename=stamp.pkpass"
    assert answer.headers["Content-Length"] == str(len(answer.get_data()))
    assert answer.headers["Cache-Control"] == "no-store"
    with zipfile.ZipFile(io.BytesIO(answer.get_data())) as bundle:
        assert json.loads(bundle.read("pass.json"))["serialNumber"] == card.id


@pytest.mark.usefixtures("signing")
def test_head_says_what_get_would_bring(visitor: Visitor, cafe: Cafe) -> None:
    address = f"{page_of(cafe.card('stamp'))}/card.pkpass"
    head = visitor.client.head(address, base_url=BASE_URL)
    assert head.status_code == 200
    assert head.headers["Content-Type"] == "application/vnd.apple.pkpass"
    assert abs(int(head.headers["Content-Length"]) - len(visitor.get(address).get_data())) < 64
    assert head.get_data() == b""


def test_a_pass_that_cannot_be_signed_is_a_friendly_503(visitor: Visitor, cafe: Cafe) -> None:
    card = cafe.card("stamp")
    answer = visitor.get(f"{page_of(card)}/card.pkpass")
    assert answer.status_code == 503
    assert "Apple Wallet geht gerade nicht" in answer.text
    assert f'href="{page_of(card)}"' in answer.text
    assert "certs import" not in answer.text


def test_google_leads_to_its_save_page(visitor: Visitor, cafe: Cafe, google: SimpleNamespace) -> None:
    answer = visitor.client.get(f"{page_of(cafe.card('stamp'))}/google", base_url=BASE_URL)
    assert answer.status_code == 303
    assert answer.headers["Location"] == google.answer
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_google_being_slow_is_a_friendly_503(visitor: Visitor, cafe: Cafe, google: SimpleNamespace) -> None:
    google.answer = GoogleBusy("timed out")
    answer = visitor.get(f"{page_of(cafe.card('stamp'))}/google")
    assert answer.status_code == 503
    assert "Google antwortet gerade nicht" in answer.text
    assert answer.headers["Retry-After"]


def test_google_being_off_is_a_plain_404(visitor: Visitor, cafe: Cafe) -> None:
    answer = visitor.get(f"{page_of(cafe.card('stamp'))}/google")
    assert answer.status_code == 404
    assert "Google Wallet ist nicht eingerichtet" in answer.text


@pytest.mark.parametrize("below", ["", "/card.pkpass", "/google"])
def test_a_token_that_is_nobodys_leads_nowhere(visitor: Visitor, cafe: Cafe, below: str) -> None:
    card = cafe.card("stamp")
    for token in (new_token().lower(), card.code, card.barcode, card.id, "x", "%20", "ß" * 26):
        assert visitor.get(f"/c/{token}{below}").status_code == 404
        assert "Hier ist nichts" in visitor.text


def test_the_address_stays_between_us_and_the_holder(visitor: Visitor, cafe: Cafe) -> None:
    headers = visitor.get(page_of(cafe.card("stamp"))).headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert 'content="noindex, nofollow"' in visitor.text
    assert not re.search(r"""(src|action)="(https?:)?//""", visitor.text)
    outward = re.findall(r"""<[^>]*href="(?:https?:)?//[^>]*>""", visitor.text)
    assert all(tag.startswith("<a ") and 'rel="noopener noreferrer"' in tag for tag in outward)


def test_the_page_runs_no_script_and_only_its_own_style(visitor: Visitor, cafe: Cafe) -> None:
    page = visitor.get(page_of(cafe.card("stamp")))
    policy = page.headers["Content-Security-Policy"]
    nonce = re.search(r"'nonce-([\w-]+)'", policy)
    assert nonce is not None
    assert "script-src" not in policy
    assert "unsafe" not in policy
    assert policy.startswith("default-src 'none'")
    assert re.findall(r"<style nonce=\"([^\"]+)\"", page.text) == [nonce[1]]
    assert not re.search(r"<script|\son\w+=|style=|javascript:", page.text)
    assert visitor.get(visitor.path).headers["Content-Security-Policy"] != policy


@pytest.mark.usefixtures("google", "signing")
def test_official_artwork_takes_the_place_of_our_button(
    visitor: Visitor, cafe: Cafe, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path_factory.mktemp("artwork")
    (folder / "apple-de.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    monkeypatch.setattr(assets, "ARTWORK", folder)
    page = visitor.get(page_of(cafe.card("stamp"))).text
    assert '<img src="/artwork/apple-de.svg" alt="In Apple Wallet speichern">' in page
    assert "google-de.svg" not in page
    picture = visitor.get("/artwork/apple-de.svg")
    assert picture.content_type.startswith("image/svg+xml")
    assert "default-src 'none'" in picture.headers["Content-Security-Policy"]
    for other in ("google-de.svg", "apple-fr.svg", "..%2fbase.html"):
        assert visitor.get(f"/artwork/{other}").status_code == 404


def _consents(services: Services, cafe: Cafe) -> list[bool]:
    with services.database.read() as uow:
        (member,) = members.listing(uow, cafe.merchant.id).items
        return [consent.granted for consent in members.get(uow, cafe.merchant.id, member.id).consents]


def test_a_consent_is_taken_back_as_easily_as_it_was_given(
    visitor: Visitor, cafe: Cafe, services: Services
) -> None:
    cafe.program("stamp")
    visitor.get("/e/stamp")
    visitor.press("Karte holen", consent="yes")
    assert "Neuigkeiten auf der Karte: an" in visitor.text
    visitor.press("Abstellen")
    assert "Neuigkeiten auf der Karte: aus" in visitor.text
    assert _consents(services, cafe) == [False]
    visitor.press("Anstellen")
    assert _consents(services, cafe) == [True]


def test_a_card_of_nobody_has_nobody_to_ask(visitor: Visitor, cafe: Cafe) -> None:
    card = cafe.card("stamp")
    visitor.get(page_of(card))
    assert visitor.forms() == []
    assert "Neuigkeiten auf der Karte" not in visitor.text


def test_a_consent_cannot_be_given_from_another_site(
    visitor: Visitor, cafe: Cafe, services: Services
) -> None:
    cafe.program("stamp")
    visitor.get("/e/stamp")
    visitor.press("Karte holen", consent="yes")
    form = visitor.form("Abstellen")
    assert visitor.send(form, csrf_token="forged").status_code == 400
    assert _consents(services, cafe) == [True]


@pytest.mark.usefixtures("signing")
def test_signing_that_fails_later_is_noticed_too(
    visitor: Visitor, cafe: Cafe, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(uow: object, card_id: str) -> bytes:
        raise Refusal("wallet_not_configured", "The certificate has expired.")

    monkeypatch.setattr(services, "build_pass", refuse)
    assert visitor.get(f"{page_of(cafe.card('stamp'))}/card.pkpass").status_code == 503
