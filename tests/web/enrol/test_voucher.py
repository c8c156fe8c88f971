"""A gift card on paper: whoever may see the card may print it, and nobody else; the wish is kept nowhere."""

import pytest
from flask import Flask

from passes.wallets.print.voucher import Wish
from passes.web.enrol import voucher
from tests.factories.cafe import Cafe
from tests.factories.visitor import visit

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def gift(cafe: Cafe) -> str:
    """The address of a gift card's page."""
    return f"/c/{cafe.card('gift', amount=2500).page_token.lower()}"


@ON_SQLITE
def test_a_holder_prints_a_card_with_words(app: Flask, cafe: Cafe, monkeypatch: pytest.MonkeyPatch) -> None:
    wishes: list[Wish] = []
    draw = voucher.voucher_pdf
    monkeypatch.setattr(
        voucher, "voucher_pdf", lambda face, wish, *how: wishes.append(wish) or draw(face, wish, *how)
    )
    visitor = visit(app)
    visitor.get(gift(cafe))
    form = next(form for form in visitor.forms() if form.action.endswith("/voucher.pdf"))
    answer = visitor.send(form, recipient=" Oma\tKäthe ", message="Alles\r\nLiebe\x07!", paper="folded")
    assert answer.mimetype == "application/pdf"
    assert answer.data.startswith(b"%PDF-")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert wishes == [Wish("Oma Käthe", "", "Alles\nLiebe !")]


@ON_SQLITE
def test_it_can_be_fetched_without_words(app: Flask, cafe: Cafe) -> None:
    answer = visit(app).get(f"{gift(cafe)}/voucher.pdf?paper=folded")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")


@ON_SQLITE
def test_only_a_gift_card_that_can_be_used_is_printed(app: Flask, cafe: Cafe) -> None:
    visitor = visit(app)
    stamp = f"/c/{cafe.card('stamp').page_token.lower()}"
    assert visitor.get(f"{stamp}/voucher.pdf").status_code == 404
    visitor.get(stamp)
    assert "voucher" not in visitor.text
    assert visitor.get("/c/unknown/voucher.pdf").status_code == 404
    assert visitor.get(f"{gift(cafe)}/voucher.pdf?paper=a0").status_code == 400
