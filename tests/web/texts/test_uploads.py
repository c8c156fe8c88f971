"""Whatever can be wrong with a design that is sent as a file is said in German too."""

import ast
import inspect
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

from passes.errors import FieldError
from passes.fields import checked
from passes.programs import bundles, design, designs, pictures, source, source_jpeg, source_png
from passes.programs.bundles import DesignDocument
from passes.programs.design import check_for_kind
from passes.programs.placeholders import sentence
from passes.programs.source import Unfit, refuse_other_kinds
from passes.web.texts.uploads import in_german, refused

ROOMS = (bundles, design, designs, pictures, source, source_jpeg, source_png)
REFUSALS = {"FieldError", "Unfit", "ValueError", "WrongTogether"}
NOT_OF_AN_UPLOAD = {"must be base64 of a PNG or JPEG", "7 is no file"}
ONLY_FOLDERS = {"holds more than 7 files; a design has 7 and pictures"}
COLORS = {"background": "#ffffff", "foreground": "#000000", "label": "#000000"}


def texts_of(room: ModuleType, argument: ast.expr) -> Iterator[str]:
    """What an expression may say, with a 7 in place of what it fills in."""
    if isinstance(argument, ast.Constant):
        yield str(argument.value)
    elif isinstance(argument, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "7" for part in argument.values)
    elif isinstance(argument, ast.IfExp):
        yield from texts_of(room, argument.body)
        yield from texts_of(room, argument.orelse)
    elif isinstance(argument, ast.Name):
        yield getattr(room, argument.id)


def said_by(room: ModuleType) -> Iterator[str]:
    """Every refusal that is written in a room's code."""
    for node in ast.walk(ast.parse(inspect.getsource(room))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in REFUSALS:
            yield from texts_of(room, node.args[-1])


def test_every_refusal_in_the_code_has_its_german() -> None:
    said = {text for room in ROOMS for text in said_by(room)}
    assert len(said) > 35
    kinds = "is 7; save it as PNG or JPEG"
    asked = said - NOT_OF_AN_UPLOAD - ONLY_FOLDERS - {kinds, "is no JSON: 7", "must be an IANA time zone"}
    assert {text for text in asked if in_german(text) is None} == set()
    assert in_german("is no JSON: unexpected character: line 1 column 6 (char 5)")


@pytest.mark.parametrize(
    "begins", [b"GIF8", b"RIFF1234WEBP", b"8BPS", b"%!PS", b"PK\3", b"<svg", b"BM1234\0\0\0\0"]
)
def test_every_other_kind_of_file_has_its_german(begins: bytes) -> None:
    with pytest.raises(Unfit) as unfit:
        refuse_other_kinds(begins)
    assert in_german(str(unfit.value))


def test_the_kinds_of_files_are_all_known() -> None:
    assert all(in_german(f"is {kind}; save it as PNG or JPEG") for _, kind in source._OTHER_KINDS)


@pytest.mark.parametrize(
    "part",
    [
        {"colors": 5},
        {"colors": {**COLORS, "label": "red"}},
        {"sound": 1},
        {"format": "stempel-design/2"},
        {"kind": "moon"},
        {"fields": 5},
        {"fields": [5]},
        {"fields": [{"key": "a"}, {"key": "a"}]},
        {"barcode_formats": []},
        {"barcode_formats": ["qr"] * 5},
        {"texts": {"de": 5}},
        {"texts": {"de": {"A": 5}}},
        {"texts": {"de": {"title": "x" * 3000, "terms": "a\0b"}}},
        {"texts": {"de": {"a" * n: "x" for n in range(1, 43)}}},
        {"max_distance_m": 0},
        {"max_distance_m": 10**9},
        {"max_distance_m": 1.5},
        {"focus": {"logo": {"x": 2, "y": "a"}, "moon": {}}},
        {"shareable": 1},
        {"nearby": {}},
        {"nearby": {"de": "", "en": " "}},
        {"beacons": [{"uuid": "x", "major": "x"}]},
        {"periods": [{"starts": 5, "ends": "x"}]},
        {"periods": [{"starts": "2026-01-02T00:00:00Z", "ends": "2026-01-01T00:00:00Z"}]},
        {"links": [{"key": "a", "label": {"de": "x"}, "url": "ftp://x"}]},
        {"contact": {"phone": "x", "email": "x"}},
    ],
)  # fmt: skip
def test_every_fault_of_form_has_its_german(part: dict[str, Any]) -> None:
    with pytest.raises(FieldError) as wrong:
        checked(DesignDocument, {"colors": COLORS, **part})
    said = [error["message"] for error in wrong.value.errors]
    assert [text for text in said if in_german(text) is None] == []


@pytest.mark.parametrize(
    "field",
    [
        {"key": "offer", "value": {"de": "x"}},
        {"key": "news"},
        {"key": "own"},
        {"key": "own", "role": "primary", "value": {"de": "{balance}"}},
        {"key": "own", "value": {"de": "{nobody}"}},
    ],
)
def test_every_fault_of_a_field_has_its_german(field: dict[str, Any]) -> None:
    document = checked(DesignDocument, {"colors": COLORS, "fields": [field]})
    with pytest.raises(FieldError) as wrong:
        check_for_kind(document, "coupon")
    said = [error["message"] for error in wrong.value.errors]
    assert [text for text in said if in_german(text) is None] == []


def test_what_nobody_wrote_in_german_is_said_in_english() -> None:
    assert refused("is a surprise", "de") == "is a surprise"
    assert refused("is missing", "en") == "is missing"
    assert refused(sentence("{x}", ["a", "b"]), "de").startswith("enthält '{x}'")
