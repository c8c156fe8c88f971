"""Pictures sent to the API: decoded for those who may send them, while everybody else goes on writing."""

import base64
import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from PIL import Image

from passes.db.engine import Database, UnitOfWork
from passes.programs import bundles
from passes.programs.pictures import Picture, clean_picture, clean_upload
from passes.wallets.lint.findings import Finding
from passes.wallets.lint.judge import Judged
from passes.wallets.lint.judge import judge as findings_of
from passes.web.api_v1 import designs, programs
from tests.fixtures.api import RULES, Shop


@pytest.fixture
def logo() -> str:
    out = io.BytesIO()
    Image.new("RGB", (400, 100), "#336699").save(out, "PNG")
    return base64.b64encode(out.getvalue()).decode()


def program(logo: str) -> dict[str, Any]:
    return {"kind": "stamp", "name": "x", "rules": RULES["stamp"], "design": {"images": {"logo": logo}}}


def test_while_a_picture_is_decoded_others_can_write(
    shop: Shop, logo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = []

    def decode(field: str, encoded: str) -> Picture:
        shop.location()
        written.append(field)
        return clean_upload(field, encoded)

    monkeypatch.setattr(programs, "clean_upload", decode)
    made = shop.manager.post("/programs", program(logo)).ok()
    change = {"design": {"images": {"strip": logo, "logo": None}}}
    changed = shop.manager.patch(f"/programs/{made['id']}", change).ok()
    assert written == ["design.images.logo", "design.images.strip"]
    assert changed["design"]["images"]["logo"] is None
    assert changed["design"]["images"]["strip"] == made["design"]["images"]["logo"]


def test_nobody_has_pictures_decoded_who_may_not_send_any(
    shop: Shop, logo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def decode(field: str, encoded: str) -> Picture:
        raise AssertionError("decoded")

    monkeypatch.setattr(programs, "clean_upload", decode)
    assert shop.till.post("/programs", program(logo)).code == "scope_missing"
    assert shop.reader.patch("/programs/x", {"design": {"images": {"logo": logo}}}).code == "scope_missing"


def test_a_refused_picture_is_asked_for_again_under_the_same_key(shop: Shop, logo: str) -> None:
    refused = shop.manager.post("/programs", program(logo[:80]), key="one")
    assert (refused.status, refused.fields) == (422, ["design.images.logo"])
    made = shop.manager.post("/programs", program(logo), key="one").ok()
    again = shop.manager.post("/programs", program(logo), key="one")
    assert again.is_replay
    assert again["id"] == made["id"]


def test_a_design_is_checked_under_a_key_without_keeping_others_from_writing(
    shop: Shop, logo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = []

    def decode(field: str, data: bytes) -> Picture:
        shop.location()
        written.append(field)
        return clean_picture(field, data)

    monkeypatch.setattr(bundles, "clean_picture", decode)
    made = shop.manager.post("/programs", program(logo)).ok()
    whole = shop.manager.get(f"/programs/{made['id']}/design").ok().json
    checked = shop.manager.post(f"/programs/{made['id']}/design/check", {"design": whole}, key="check").ok()
    assert checked["publishable"]
    assert written == ["design.images.logo"]


def test_a_design_is_judged_under_a_key_while_others_write_and_the_judgement_is_remembered(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged = []

    def judge(subject: Judged) -> tuple[Finding, ...]:
        judged.append(shop.location())
        return findings_of(subject)

    monkeypatch.setattr(designs, "judge", judge)
    address = f"/programs/{shop.program('stamp')}/design/check"
    checked = shop.manager.post(address, {}, key="check").ok()
    again = shop.manager.post(address, {}, key="check")
    assert again.is_replay
    assert again.raw == checked.raw
    assert len(judged) == 1


def test_that_there_is_nothing_to_judge_is_remembered_too(shop: Shop) -> None:
    address = "/programs/prog_00000000000000000000000000/design/check"
    assert shop.manager.post(address, {}, key="check").status == 404
    again = shop.manager.post(address, {}, key="check")
    assert (again.status, again.is_replay) == (404, True)
    assert shop.manager.post(address, {"design": None}, key="check").status == 422


def test_a_whole_design_is_decoded_without_a_connection_to_the_database(
    shop: Shop, logo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = shop.manager.post("/programs", program(logo)).ok()
    whole = shop.manager.get(f"/programs/{made['id']}/design").ok().json
    reading, held, read = [0], [], Database.read

    @contextmanager
    def counted(database: Database) -> Iterator[UnitOfWork]:
        reading[0] += 1
        try:
            with read(database) as uow:
                yield uow
        finally:
            reading[0] -= 1

    def decode(field: str, data: bytes) -> Picture:
        held.append(reading[0])
        shop.location()
        return clean_picture(field, data)

    monkeypatch.setattr(Database, "read", counted)
    monkeypatch.setattr(bundles, "clean_picture", decode)
    address = f"/programs/{made['id']}/design"
    assert shop.manager.request("PUT", address, body={"design": whole}).status == 200
    assert held == [0]
