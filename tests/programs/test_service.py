"""Making and changing programs: pictures that cannot hurt, versions that a rollback leaves no trace of."""

import base64
import io
import struct
import zlib
from typing import Any

import pytest
from PIL import Image

from passes.db.engine import Database, UnitOfWork
from passes.errors import FieldError
from passes.merchants import service as merchants
from passes.merchants.rules import MerchantDraft
from passes.programs import queries, service
from passes.programs.pictures import clean_upload
from passes.programs.queries import ProgramView
from passes.programs.service import ProgramDraft, slugify

RULES = {"stamps_required": 10, "reward": "A free coffee"}


def encoded(image: Image.Image, form: str = "PNG", **options: Any) -> str:
    out = io.BytesIO()
    image.save(out, form, **options)
    return base64.b64encode(out.getvalue()).decode()


def bomb() -> str:
    """A PNG of a few bytes that says it is 60,000 pixels high and wide."""

    def chunk(name: bytes, data: bytes) -> bytes:
        body = name + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    png = (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0"))
        + chunk(b"IEND", b"")
    )
    return base64.b64encode(png).decode()


def program(uow: UnitOfWork, **draft: Any) -> ProgramView:
    merchant = merchants.create_merchant(uow, MerchantDraft(slug="mokka", name="Mokka"), "test")
    made = ProgramDraft("stamp", "Kaffee", RULES, **draft)
    return service.create_program(uow, merchant.id, "mokka", made, "test")


def test_a_version_that_was_rolled_back_is_forgotten(database: Database) -> None:
    with database.write() as uow:
        made = program(uow)

    def change(reward: str, *, fails: bool) -> None:
        with database.write() as uow:
            before = queries.get(uow, made.merchant_id, made.id)
            service.change_program(uow, before, "test", rules={**RULES, "reward": reward})
            if fails:
                raise LookupError

    with pytest.raises(LookupError):
        change("Tea", fails=True)
    change("Cake", fails=False)
    with database.read() as uow:
        now = queries.get(uow, made.merchant_id, made.id)
    assert (now.version, getattr(now.rules, "reward", None)) == (2, "Cake")


def test_two_changes_of_one_version_are_one_change(database: Database) -> None:
    with database.write() as uow:
        made = program(uow)
        service.change_program(uow, made, "test", name="Tee")
        with pytest.raises(FieldError, match="somebody else"):
            service.change_program(uow, made, "test", name="Saft")


def test_pictures_are_kept_once_and_a_null_goes_back_to_the_default(database: Database) -> None:
    logo = clean_upload("logo", encoded(Image.new("RGB", (200, 100), "red")))
    with database.write() as uow:
        made = program(uow, images={"logo": logo, "icon": logo})
        assert made.images["logo"] == made.images["icon"]
        assert queries.image(uow, made.images["logo"]) is not None
        changed = service.change_program(uow, made, "test", images={"logo": None})
        assert set(changed.images) == {"icon"}


@pytest.mark.parametrize("form", ["PNG", "JPEG"])
def test_a_picture_is_stored_as_our_own_png_and_nothing_rides_along(form: str) -> None:
    options: dict[str, Any] = {"comment": b"secret place"} if form == "JPEG" else {}
    picture = clean_upload("logo", encoded(Image.new("RGB", (40, 30), "red"), form, **options))
    assert picture.content.startswith(b"\x89PNG")
    assert (picture.width, picture.height) == (40, 30)
    assert b"secret place" not in picture.content


def test_a_picture_taken_sideways_is_stored_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # EXIF orientation: rotate by 90 degrees
    picture = clean_upload("logo", encoded(Image.new("RGB", (40, 30)), "JPEG", exif=exif))
    assert (picture.width, picture.height) == (30, 40)


@pytest.mark.parametrize(
    "upload, says",
    [
        ("no base64!", "base64"),
        (base64.b64encode(b"<svg onload='x'/>").decode(), "PNG or JPEG"),
        (encoded(Image.new("P", (9, 9)), "GIF"), "PNG or JPEG"),
        (encoded(Image.new("RGB", (40, 30)))[:60] + "AAAA", "picture"),
        (encoded(Image.new("RGB", (2100, 100))), "too narrow"),
        (encoded(Image.new("1", (6100, 6100))), "pixels"),
        (bomb(), "pi"),
        (base64.b64encode(bytes(5 * 2**20)).decode(), "4 MB"),
    ],
    ids=["text", "svg", "gif", "damaged", "narrow", "large", "bomb", "heavy"],
)
def test_an_upload_that_is_no_fit_picture_is_named(upload: str, says: str) -> None:
    with pytest.raises(FieldError, match=says) as refused:
        clean_upload("design.images.logo", upload)
    assert refused.value.errors[0]["field"] == "design.images.logo"


@pytest.mark.parametrize(
    "text, slug",
    [
        ("Café Größenwahn", "cafe-groessenwahn"),
        ("  Ärger & Öl  ", "aerger-oel"),
        ("寿司", "card"),
        ("x" * 200, "x" * 80),
        ("a" * 79 + " b", "a" * 79),
        ("--", "card"),
    ],
)
def test_a_slug_is_what_a_german_would_type(text: str, slug: str) -> None:
    assert slugify(text) == slug
