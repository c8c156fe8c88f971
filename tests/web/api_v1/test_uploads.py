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
from passes.web.api_v1 import programs
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
