"""Empty and full stamps must be told apart, whatever colours somebody sees."""

import io
from typing import Any

import pytest
from PIL import Image, ImageDraw

from passes.cards.face import DesignImages
from passes.wallets.lint import stamps
from passes.wallets.lint.findings import Finding
from passes.wallets.lint.stamps import judge_stamps
from tests.factories.faces import make_face
from tests.mutants import damage


def disc(color: str, *, ring: bool = False) -> bytes:
    image = Image.new("RGBA", (96, 96))
    pen = ImageDraw.Draw(image)
    pen.ellipse((4, 4, 92, 92), None if ring else color, color, 8)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def judged(empty: bytes | None, full: bytes | None) -> list[Finding]:
    return list(judge_stamps(make_face("stamp", images=DesignImages(stamp_empty=empty, stamp_full=full))))


@pytest.mark.parametrize(
    "empty, full, whom",
    [
        (disc("#d0a0a0"), disc("#d0a0a0"), "look nearly alike"),
        (disc("#b5651d"), disc("#b5661e"), "look nearly alike"),
        # Of one lightness to those who lack an eye for the one colour that differs.
        (disc("#c85050"), disc("#7d7d4b"), "deuteranopia"),
        (disc("#6aa0d0"), disc("#66b070"), "tritanopia"),
    ],
)
def test_pictures_that_somebody_cannot_tell_apart_are_named(empty: bytes, full: bytes, whom: str) -> None:
    (found,) = judged(empty, full)
    assert (found.severity, found.may_force) == ("error", True)
    assert whom in found.says.en


@pytest.mark.parametrize(
    "empty, full",
    [
        (disc("#ffffff", ring=True), disc("#ffffff")),
        (disc("#f0f0f0"), disc("#303030")),
        (disc("#ffd700"), disc("#00008b")),
        (None, disc("#ffffff")),
        (None, None),
    ],
)
def test_pictures_that_differ_in_shape_or_lightness_are_left_in_peace(empty: bytes | None, full: Any) -> None:
    assert not judged(empty, full)


def test_forgetting_those_who_see_fewer_colours_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    damage(monkeypatch, stamps, "judge_stamps", ("for name in _EYES if", "for name in ['all'] if"))
    with pytest.raises(ValueError, match="not enough values"):
        (_,) = list(
            stamps.judge_stamps(
                make_face(
                    "stamp", images=DesignImages(stamp_empty=disc("#c85050"), stamp_full=disc("#7d7d4b"))
                )
            )
        )
