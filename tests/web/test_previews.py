"""What a preview shows is rendered once, for all sides and languages."""

from typing import Any

import pytest

from passes.cards.face import LANGUAGES
from passes.wallets.preview import google
from passes.web import previews
from tests.factories.faces import make_face


def test_pass_class_and_object_are_made_once_for_all_sides(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    for module, name in ((previews, "document"), (google, "class_body"), (google, "object_body")):
        original = getattr(module, name)

        def counted(*arguments: Any, name: str = name, original: Any = original) -> Any:
            made.append(name)
            return original(*arguments)

        monkeypatch.setattr(module, name, counted)
    shown = previews.in_both_languages(make_face("stamp"), "Europe/Berlin")
    assert sorted(made) == ["class_body", "document", "object_body"]
    assert [scene.name for scene in shown["de"]] == list(previews.SIDES)
    assert {scene.language for language in LANGUAGES for scene in shown[language]} == set(LANGUAGES)


def test_a_single_side_makes_only_what_it_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(google, "class_body", None)
    assert previews.side(make_face("gift"), "apple-front", "en", "UTC")
    monkeypatch.setattr(previews, "document", None)
    assert previews.side(make_face("gift"), "inside", "en", "UTC") is None
