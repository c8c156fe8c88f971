"""Designs over the API: out as JSON or zip, in again whole, listed by version, and back to an earlier one."""

import base64
import io
import zipfile
from types import SimpleNamespace
from typing import Any

import orjson
import pytest
from PIL import Image

from passes.programs import bundles
from passes.programs.design import IMAGE_NAMES
from passes.programs.pictures import KEPT_BYTES, Picture
from passes.web.api_v1 import designs
from tests.fixtures.api import Answer, Shop

Json = dict[str, Any]


def png() -> str:
    out = io.BytesIO()
    Image.new("RGB", (300, 100), "#884422").save(out, "PNG")
    return base64.b64encode(out.getvalue()).decode()


def put(shop: Shop, program: str, **body: Any) -> Answer:
    return shop.manager.request("PUT", f"/programs/{program}/design", body=body)


@pytest.fixture
def program(shop: Shop) -> str:
    """A program with a picture, a shape and texts."""
    made = shop.program("stamp")
    design = {"images": {"logo": png()}, "stamp_shape": "star"}
    texts = {"de": {"title": "Karte"}, "en": {"title": "Card"}}
    shop.manager.patch(f"/programs/{made}", {"design": design, "texts": texts}).ok()
    return made


def test_a_design_goes_out_and_comes_back_the_same(shop: Shop, program: str) -> None:
    before = shop.reader.get(f"/programs/{program}")
    design = shop.reader.get(f"/programs/{program}/design").json
    assert design["images"]["logo"].startswith("iVBOR")
    after = put(shop, program, design=design)
    assert (after.status, after["version"]) == (200, before["version"] + 1)
    for part in ("design", "texts", "rules", "name"):
        assert after[part] == before[part], part
    assert shop.reader.get(f"/programs/{program}/design").json == design


def test_the_zip_holds_the_same_and_is_taken_too(shop: Shop, program: str) -> None:
    answer = shop.reader.get(f"/programs/{program}/design.zip")
    assert answer.headers["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.raw)) as archive:
        assert set(archive.namelist()) == {"design.json", "logo.png"}
        assert orjson.loads(archive.read("design.json"))["stamp_shape"] == "star"
    design = shop.reader.get(f"/programs/{program}/design").json
    shop.manager.patch(
        f"/programs/{program}", {"design": {"images": {"logo": None}, "stamp_shape": None}}
    ).ok()
    assert put(shop, program, archive=base64.b64encode(answer.raw).decode()).status == 200
    assert shop.reader.get(f"/programs/{program}/design").json == design
    assert shop.reader.get(f"/programs/{program}/design.zip").raw == answer.raw


def test_a_design_with_the_heaviest_pictures_comes_back_as_json_and_as_a_zip(
    shop: Shop, program: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Cleaning and judging so many takes long, and that they are kept as they came is tested elsewhere.
    monkeypatch.setattr(bundles, "clean_picture", lambda _, data: Picture(data, 9, 9))
    monkeypatch.setattr(designs, "judge", lambda _: ())
    picture = base64.b64encode(bytes(KEPT_BYTES)).decode()
    colors = {"background": "#000000", "foreground": "#ffffff", "label": "#ffffff"}
    design = {"colors": colors, "images": dict.fromkeys(IMAGE_NAMES, picture)}
    assert put(shop, program, design=design, force=True).status == 200
    packed = shop.reader.get(f"/programs/{program}/design.zip").raw
    assert len(packed) > 16 * 2**20
    assert put(shop, program, archive=base64.b64encode(packed).decode(), force=True).status == 200
    assert shop.reader.get(f"/programs/{program}/design.zip").raw == packed


def test_a_large_body_is_read_only_from_somebody_who_may_ask(shop: Shop, program: str) -> None:
    def unread(*_: Any) -> bytes:
        raise AssertionError("read")

    stream = SimpleNamespace(read=unread, readline=unread, readinto=unread)
    for credential, status in (("", 401), (f"Bearer {shop.till.key}", 403)):
        answer = shop.app.test_client().put(
            f"/api/v1/programs/{program}/design",
            headers={"Authorization": credential},
            environ_overrides={"wsgi.input": stream, "CONTENT_LENGTH": str(30 * 2**20)},
        )
        assert answer.status_code == status


def test_what_a_whole_design_leaves_out_is_the_default_again(shop: Shop, program: str) -> None:
    colors = {"background": "#000000", "foreground": "#ffffff", "label": "#ffffff"}
    after = put(shop, program, design={"colors": colors})
    assert after["design"]["colors"] == colors
    assert (after["design"]["images"]["logo"], after["design"]["stamp_shape"]) == (None, None)
    assert after["texts"] == {"de": {}, "en": {}}


@pytest.mark.parametrize(
    "body, field",
    [
        ({}, "design"),
        ({"design": None, "archive": None}, "design"),
        ({"archive": "!"}, "archive"),
        ({"archive": base64.b64encode(b"no zip").decode()}, "archive"),
        ({"design": {}}, "design.colors"),
    ],
)
def test_what_is_no_design_is_refused_and_changes_nothing(
    shop: Shop, program: str, body: Json, field: str
) -> None:
    before = shop.reader.get(f"/programs/{program}").json
    answer = put(shop, program, **body)
    assert (answer.status, answer.fields) == (422, [field])
    assert shop.reader.get(f"/programs/{program}").json == before


def test_publishing_a_design_reaches_every_live_card(shop: Shop) -> None:
    card = shop.card()
    version = shop.state(card)["version"]
    design = shop.reader.get(f"/programs/{card['program_id']}/design").json
    put(shop, card["program_id"], design={**design, "stamp_shape": "heart"}).ok()
    assert shop.state(card)["version"] == version + 1
    assert shop.reader.get(f"/programs/{card['program_id']}/publication")["cards_done"] >= 1


def test_versions_say_what_changed_newest_first(shop: Shop, program: str) -> None:
    path = f"/programs/{program}"
    shop.manager.patch(path, {"rules": {"stamps_required": 5, "reward": "Tea"}}).ok()
    shop.manager.patch(path, {"name": "Neu"}).ok()
    listed = shop.reader.get(f"{path}/versions")["items"]
    assert [(v["version"], v["changed"], v["is_current"]) for v in listed] == [
        (4, [], True),
        (3, ["rules"], False),
        (2, ["design", "texts"], False),
        (1, ["rules", "design", "texts"], False),
    ]
    assert [v["version"] for v in shop.reader.walk(f"{path}/versions", limit=1)] == [4, 3, 2, 1]


def test_going_back_is_a_new_version_with_the_old_look_and_todays_rules(shop: Shop, program: str) -> None:
    path = f"/programs/{program}"
    old = shop.reader.get(path).json
    rules = {"stamps_required": 5, "reward": "Tea"}
    texts = {"de": {"title": "Neu"}}
    shop.manager.patch(path, {"rules": rules, "texts": texts, "design": {"stamp_shape": "cup"}}).ok()
    back = shop.manager.post(f"{path}/versions/2/restore", {})
    assert (back.status, back["version"], back["rules"]) == (200, 4, rules)
    assert (back["design"], back["texts"]) == (old["design"], old["texts"])
    whole = shop.manager.post(f"{path}/versions/2/restore", {"rules": True})
    assert (whole["version"], whole["rules"]) == (5, old["rules"])


@pytest.mark.parametrize("version", ["0", "9", "-1", "x", "²", "99999999999999999999"])
def test_there_is_no_going_back_to_what_never_was(shop: Shop, program: str, version: str) -> None:
    answer = shop.manager.post(f"/programs/{program}/versions/{version}/restore", {})
    assert (answer.status, answer.code) == (404, "not_found")


PALE = {"background": "#ffffff", "foreground": "#eeeeee", "label": "#000000"}


def test_a_design_nobody_could_read_is_refused_unless_somebody_insists(shop: Shop, program: str) -> None:
    before = shop.reader.get(f"/programs/{program}").json
    refused = put(shop, program, design={"colors": PALE})
    assert (refused.status, refused.fields) == (422, ["colors.foreground"])
    assert shop.reader.get(f"/programs/{program}").json == before
    forced = put(shop, program, design={"colors": PALE}, force=True)
    assert (forced.status, forced["design"]["colors"]) == (200, PALE)
    assert [f["code"] for f in forced["findings"] if f["severity"] == "error"] == ["contrast"]


def test_what_cannot_work_is_refused_whoever_insists(shop: Shop, program: str) -> None:
    colors = {**PALE, "foreground": "#000000"}
    design = {"colors": colors, "barcode": "signed", "barcode_formats": ["code128"]}
    refused = put(shop, program, design=design, force=True)
    assert (refused.status, refused.fields) == (422, ["barcode_formats"])


def test_a_check_says_all_and_changes_nothing(shop: Shop, program: str) -> None:
    path = f"/programs/{program}/design/check"
    before = shop.reader.get(f"/programs/{program}").json
    mine = shop.reader.post(path, {})
    assert (mine.status, mine["publishable"]) == (200, True)
    other = shop.reader.post(path, {"design": {"colors": PALE, "nearby": {"de": "Hallo"}}})
    assert other["publishable"] is False
    assert {"contrast", "translation"} <= {f["code"] for f in other["findings"]}
    assert other["findings"][0]["severity"] == "error"
    assert shop.reader.get(f"/programs/{program}").json == before


def test_odd_colours_remain_possible_the_old_way_and_going_back_is_never_judged(
    shop: Shop, program: str
) -> None:
    path = f"/programs/{program}"
    assert shop.manager.patch(path, {"design": {"colors": PALE}}).status == 200
    assert put(shop, program, design={"colors": {**PALE, "foreground": "#000000"}}).status == 200
    assert shop.manager.post(f"{path}/versions/3/restore", {})["design"]["colors"] == PALE
