"""Pictures keep their address while nothing they show changes, and never when something does."""

from dataclasses import replace
from typing import Any

import pytest

from passes.cards.face import Colors, DesignImages, Focus, Stamps, Text
from passes.wallets.art.picture_id import picture_id
from tests.factories.faces import make_face


@pytest.mark.parametrize(
    "change",
    [
        {"title": Text.same("New")},
        {"terms": Text.same("New")},
        {"stamps": Stamps(9, 10, 1)},
        {"card_id": "card_2"},
    ],
)
def test_what_no_picture_shows_leaves_their_address_alone(change: dict[str, Any]) -> None:
    assert picture_id(make_face()) == picture_id(make_face(design_id=str(change), **change))


@pytest.mark.parametrize(
    "change",
    [
        {"colors": Colors("#000000", "#ffffff", "#ffffff")},
        {"organization": "Another"},
        {"stamp_shape": "heart"},
        {"stamps": Stamps(3, 11, 0)},
        {"images": DesignImages(strip=b"x")},
        {"images": DesignImages(strip=b"y")},
        {"images": replace(DesignImages(strip=b"y"), focus=(("strip", Focus(0, 0)),))},
        {"program_id": "prog_other"},
    ],
)
def test_what_a_picture_shows_changes_it(change: dict[str, Any]) -> None:
    assert picture_id(make_face()) != picture_id(make_face(design_id=str(change), **change))
