"""What people could not read is found, and what they can is left in peace."""

import io

import pytest
from PIL import Image

from passes.cards.face import Colors, DesignImages, Kind
from passes.programs.service import DEFAULT_COLORS
from passes.wallets.lint.colors import judge_colors
from passes.wallets.lint.findings import Severity
from tests.factories.faces import KINDS, make_face


def png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize("kind", KINDS)
def test_the_colours_every_program_begins_with_read_well(kind: Kind) -> None:
    face = make_face(kind, colors=Colors(**DEFAULT_COLORS[kind]))
    assert not list(judge_colors(face))


@pytest.mark.parametrize(
    "foreground, severity",
    [
        ("#767676", None),
        ("#777777", "warning"),
        ("#949494", "warning"),
        ("#959595", "error"),
        ("#ffffff", "error"),
    ],
)
def test_text_is_judged_by_its_contrast(foreground: str, severity: Severity | None) -> None:
    # On white #767676 is the palest grey with 4.5:1, #949494 the palest with 3:1.
    colors = Colors(background="#ffffff", foreground=foreground, label="#000000")
    found = list(judge_colors(make_face("stamp", colors=colors)))
    assert [(f.severity, f.part) for f in found] == (
        [] if severity is None else [(severity, "colors.foreground")]
    )
    assert all(f.may_force for f in found if f.severity == "error")


def test_large_text_is_judged_on_the_picture_it_is_written_over() -> None:
    dark = Colors(background="#101010", foreground="#ffffff", label="#ffffff")
    snow = DesignImages(strip=png(Image.new("RGB", (1125, 432), "#ffffff")))
    night = DesignImages(strip=png(Image.new("RGB", (1125, 432), "#203040")))
    split = Image.new("RGB", (1125, 432), "#203040")
    split.paste((255, 255, 255), (560, 0, 1125, 432))
    assert not list(judge_colors(make_face("gift", colors=dark, images=night, design_id="night")))
    found = list(judge_colors(make_face("gift", colors=dark, images=snow, design_id="snow")))
    assert [f.code for f in found] == ["contrast_on_picture"]
    half = list(
        judge_colors(make_face("gift", colors=dark, images=DesignImages(strip=png(split)), design_id="half"))
    )
    assert [f.severity for f in half] in ([], ["warning"])


def test_stamps_lie_on_a_panel_so_their_picture_needs_no_judgement() -> None:
    snow = DesignImages(strip=png(Image.new("RGB", (1125, 432), "#ffffff")))
    assert not list(judge_colors(make_face("stamp", images=snow, design_id="stamps on snow")))
