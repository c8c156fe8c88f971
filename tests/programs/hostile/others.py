"""Files that are no pictures of ours at all."""

import base64
import io
import zipfile
from typing import Any

from PIL import Image

from tests.programs.hostile import PAYLOAD, uploads

SVG = b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'>" + PAYLOAD + b"</svg>"


def saved(form: str, **options: Any) -> bytes:
    """A small picture in another format."""
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(out, form, **options)
    return out.getvalue()


def archive() -> bytes:
    """A zip with a page in it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("../../index.html", PAYLOAD)
    return out.getvalue()


def brand(name: bytes) -> bytes:
    """The beginning of a file of boxes, as HEIC and AVIF are."""
    return b"\0\0\0\x18ftyp" + name + b"\0\0\0\0mif1heic" + PAYLOAD


OTHERS = uploads(
    gif=lambda: saved("GIF"),
    animated_gif=lambda: saved("GIF", save_all=True, append_images=[Image.new("RGB", (40, 30), "blue")]),
    webp=lambda: saved("WEBP"),
    bmp=lambda: saved("BMP"),
    tiff=lambda: saved("TIFF"),
    icon=lambda: saved("ICO"),
    jpeg_2000=lambda: saved("JPEG2000"),
    heic=lambda: brand(b"heic"),
    avif=lambda: brand(b"avif"),
    svg=lambda: SVG,
    svg_behind_a_declaration=lambda: b"\xef\xbb\xbf<?xml version='1.0'?>\n" + SVG,
    entity_bomb=lambda: b"<!DOCTYPE x [<!ENTITY a 'aaa'><!ENTITY b '&a;&a;'>]><svg>&b;</svg>",
    page=lambda: b"<!doctype html>" + PAYLOAD,
    pdf=lambda: b"%PDF-1.7\n1 0 obj" + PAYLOAD,
    postscript=lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n" + PAYLOAD,
    photoshop=lambda: b"8BPS\0\1" + bytes(20) + PAYLOAD,
    zip_archive=archive,
    program=lambda: b"\x7fELF\2\1\1" + PAYLOAD,
    words=lambda: b"This is not a picture.",
    zeros=lambda: bytes(3_000_000),
    base64_of_base64=lambda: base64.b64encode(saved("PNG")),
    more_than_4_mb=lambda: saved("PNG") + bytes(4 * 1024 * 1024),
)
