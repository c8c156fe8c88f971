"""Whatever a finding is about has a name that people use."""

import re

import pytest

from passes.cards.face import CardFace
from passes.wallets.apple import pass_json
from passes.wallets.google import bodies
from passes.wallets.google.bodies import PublicUrls
from passes.wallets.print import losses as paper
from passes.wallets.web import losses as web
from passes.wallets.web.brand import brand_of
from passes.web.console.part_names import name_of
from tests.factories.any_face import any_face

URLS = PublicUrls("https://k.example/logo.png", "https://k.example/hero.png")


def parts_of(face: CardFace) -> set[str]:
    """Every part that some rendering loses."""
    losses = (
        *pass_json.losses_of(face),
        *bodies.losses_of(face, "3388000000012345678", URLS),
        *web.losses_of(face, brand_of(face.colors)),
        *paper.losses_of(face),
        *paper.voucher_losses(face),
    )
    return {loss.part for loss in losses}


def test_what_renderings_lose_is_named_in_both_languages() -> None:
    for seed in range(60):
        face = any_face(seed)
        for part in parts_of(face):
            name = name_of(part, face)
            assert name.de
            assert not re.fullmatch(r"[a-z_]+([.:][a-z_0-9]+)*", name.en), part


@pytest.mark.parametrize(
    "part, german, english",
    [
        ("texts.de.title", "Name der Karte (Deutsch)", "Name of the card (German)"),
        ("texts.title", "Name der Karte", "Name of the card"),
        ("fields.2.value.en", "Feld 3 (Wert, Englisch)", "Field 3 (value, English)"),
        ("links.7.label.de", "Link 8 (Beschriftung, Deutsch)", "Link 8 (label, German)"),
        ("nearby.en", "Text in der Nähe einer Filiale (Englisch)", "Text near a shop (English)"),
        ("field:gone.link", "„gone“ (Link)", "“gone” (link)"),
        ("something.new", "something.new", "something.new"),
    ],
)
def test_what_the_rules_find_is_named_after_the_document(part: str, german: str, english: str) -> None:
    name = name_of(part, any_face(1))
    assert (name.de, name.en) == (german, english)
