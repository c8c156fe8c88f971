"""Pictures keep their address while nothing they show changes, and never when something does."""

from dataclasses import replace
from typing import Any

import pytest

from passes.cards.face import Colors, DesignImages, Focus, Stamps, Text
from passes.wallets.art.picture_id import picture_id, wide_logo_id
from tests.factories.faces import make_face


@pytest.mark.parametrize(
    "change",
    [
        {"title": Text.same("New")},
        {"terms": Text.same("New")},
        {"stamps": Stamps(9, 10, 1)},
        {"card_id": "card_2"},
        {"images": DesignImages(wide_logo=b"x")},
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


def test_the_wide_logo_keeps_its_address_while_it_shows_the_same() -> None:
    def id_of(**change: Any) -> str:
        return wide_logo_id(make_face(design_id=f"wide {change}", **change))

    for same in ({"stamps": Stamps(9, 11, 1)}, {"images": DesignImages(strip=b"x")}, {"stamp_shape": "cup"}):
        assert id_of(**same) == id_of()
    pictures = (DesignImages(logo=b"x"), DesignImages(wide_logo=b"x"))
    others = [id_of(organization="Another"), *(id_of(images=images) for images in pictures)]
    assert len({id_of(), *others}) == 4
