"""Five hundred passes for everybody who checks passes: made once, laid out as files."""

import hashlib
import io
import zipfile
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from passes.cards.face import CardFace, Stamps, Text
from passes.wallets.apple.bundle import build_pass
from passes.wallets.apple.pass_json import WebService
from passes.wallets.signing.identity import SigningIdentity
from tests.factories.any_face import any_face
from tests.factories.faces import KINDS, make_face

FACES = 500
SERVICE = WebService("https://karten.example/apple", "0123456789abcdef0123456789abcdef")
UNSIGNED = {"manifest.json", "signature"}


@dataclass(frozen=True)
class Made:
    """A pass, what it was made from, and what is in it by name."""

    face: CardFace
    archive: bytes

    @cached_property
    def files(self) -> dict[str, bytes]:
        with zipfile.ZipFile(io.BytesIO(self.archive)) as zipped:
            assert zipped.testzip() is None
            return {name: zipped.read(name) for name in zipped.namelist()}


def faces() -> list[CardFace]:
    """One per generated number, of each kind one with nothing optional, and each count of stamps again.

    Names, colours and pressed stamps are few: drawing is what takes long, and no reader looks at pixels.
    """
    generated = [_plainly_drawn(any_face(seed), f"card_{seed:026d}") for seed in range(FACES)]
    bare = [
        make_face(kind, fields=(), terms=None, website=None, places=(), news=Text("Neu", "New"))
        for kind in KINDS
    ]
    counts = [
        make_face("stamp", stamps=Stamps(required // 2, required, required % 2)) for required in range(1, 31)
    ]
    return generated + bare + counts


def _half(required: int) -> Stamps:
    return Stamps(required // 2, required, required % 2)


def _plainly_drawn(face: CardFace, card_id: str) -> CardFace:
    base = make_face(face.kind)
    stamps = _half(face.stamps.required) if face.stamps else None
    return replace(face, card_id=card_id, organization=base.organization, colors=base.colors, stamps=stamps)


def made(identity: SigningIdentity) -> list[Made]:
    return [Made(face, build_pass(face, identity, SERVICE)) for face in faces()]


def written_once(passes: list[Made], folder: Path) -> dict[str, Path]:
    """Each different content of all passes as one file, by its SHA-1 as Python has it."""
    contents = {hashlib.sha1(data).hexdigest(): data for one in passes for data in one.files.values()}
    paths = {}
    for digest, data in contents.items():
        paths[digest] = folder / digest[::-1]  # a name that does not give the answer away
        paths[digest].write_bytes(data)
    return paths
