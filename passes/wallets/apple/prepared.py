"""What cards that say the same share: a pass.json with holes, the texts, the pictures.

Of a thousand cards with four stamps of ten each pass.json differs in five places: serial number, code,
barcode, the card's page and the token. So the second of them has its document made with marks in those
places, and from then on only the places are written. Whatever else a face holds belongs to the key, whether
a pass shows it or not: a face with something of its own is never mistaken for another, only not made faster.
"""

import re
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from operator import attrgetter

import orjson

from passes.cards.face import CardFace
from passes.ids import format_code
from passes.remembered import Held, Remembered
from passes.wallets.apple.archive import Member
from passes.wallets.apple.losses import MAX_LOCATIONS
from passes.wallets.apple.pass_json import WebService, document, to_bytes
from passes.wallets.art.pictures import Art, art_of, bare
from passes.wallets.signing.identity import SigningIdentity

_OWN = {"card_id", "version", "barcode", "code", "page_url", "updated_at"}
# Bytes are no JSON; images are equal where `design_id` is.
_BY_DESIGN = {"images"}
_shared = attrgetter(*(f.name for f in fields(CardFace) if f.name not in _OWN | _BY_DESIGN))

_MOST_BYTES = 8 * 1024 * 1024
"""A thousand usual sheets, or some twenty of the largest designs."""
_SEEN = 4096
_OBJECTS_BYTES = 2048
_MARK_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"
_SHORTEST_MARK = 12
_PAGE = re.compile(r"(https?://\S+/)([0-9A-Za-z]{12,})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Own:
    """What a card says that no other does; `page` is the end of its page's address, the token may be none."""

    card_id: str
    code: str
    barcode: str
    page: str
    token: str

    def written(self) -> tuple[bytes, ...]:
        """All of it as it stands inside the quotation marks of pass.json."""
        values = (self.card_id, format_code(self.code), self.barcode, self.page, self.token)
        return tuple(orjson.dumps(value)[1:-1] for value in values)


@dataclass(frozen=True, slots=True)
class Sheet:
    """pass.json with a `%b` in each place of its own, and whose place it is; and what goes with it.

    Of pictures it has only what they are drawn from, without uploads: many sheets share them, and whoever
    keeps them keeps them once and within bounds.
    """

    template: bytes
    places: tuple[int, ...]
    texts: tuple[Member, ...]
    art: Art

    def filled(self, own: Own) -> bytes:
        """pass.json of one card."""
        values = own.written()
        return self.template % tuple([values[place] for place in self.places])


@dataclass(frozen=True, slots=True)
class Case:
    """A face that may share a sheet: the key that is equal where all but its own is, and its own."""

    key: bytes
    own: Own


def case_of(face: CardFace, identity: SigningIdentity, web_service: WebService | None) -> Case | None:
    """The face as a case of many; None where one cannot say what is its own."""
    page = _PAGE.fullmatch(face.page_url)
    if page is None or face.nfc is not None or min(len(face.barcode), len(face.code)) < _SHORTEST_MARK:
        return None
    url, token = (web_service.url, web_service.token) if web_service else (None, "")
    # Only among many places does a new version have others written.
    version = face.version if len(face.places) > MAX_LOCATIONS else 0
    lengths = len(face.barcode), len(face.code), len(page[2]), len(token)
    signer = identity.pass_type_identifier, identity.team_identifier
    try:
        key = orjson.dumps((_shared(face), signer, url, page[1], version, lengths))
    except TypeError:  # half a character somewhere, which only the long way leaves out
        return None
    return Case(key, Own(face.card_id, face.code, face.barcode, page[2], token))


def sheet_of(
    face: CardFace,
    identity: SigningIdentity,
    web_service: WebService | None,
    own: Own,
    texts: Callable[..., tuple[Member, ...]],
) -> Sheet | None:
    """The sheet made from `face` with marks in the places of its `own`; None where a mark ends up elsewhere.

    `texts` makes the files of texts.
    """
    marks = Own(*(_mark(len(value)) for value in (own.card_id, own.code, own.barcode, own.page, own.token)))
    marked = replace(
        face,
        card_id=marks.card_id,
        code=marks.code,
        barcode=marks.barcode,
        page_url=face.page_url.removesuffix(own.page) + marks.page,
    )
    service = WebService(web_service.url, marks.token) if web_service else None
    written = document(marked, identity, service)
    files = texts(written.texts)
    found = [mark for mark in marks.written() if mark]
    if any(mark.decode() in f"{key}{text.de}{text.en}" for key, text in written.texts for mark in found):
        return None
    anywhere = re.compile(b"|".join(map(re.escape, found)))
    content = to_bytes(written.content)
    places = tuple(found.index(match[0]) for match in anywhere.finditer(content))
    template = anywhere.sub(b"%b", content.replace(b"%", b"%%"))
    return Sheet(template, places, files, bare(art_of(face)))


def _mark(length: int) -> str:
    return "".join(secrets.choice(_MARK_LETTERS) for _ in range(length))


class Shelf:
    """Remembers sheets by key, the last used, up to so many bytes; safe to share between threads."""

    def __init__(self, most_bytes: int = _MOST_BYTES) -> None:
        self._lock = threading.Lock()
        self._sheets: Remembered[tuple[bytes, Sheet | None]] = Remembered(most_bytes, _weight)
        self._seen: OrderedDict[int, None] = OrderedDict()

    def get(self, key: bytes, make: Callable[[], Sheet | None]) -> Sheet | None:
        """The sheet under `key`; None at first sight, since most likely no other card says the same."""
        if self._is_new(hash(key)):
            return None
        return self._sheets.get(key, lambda: (key, make()))[1]

    def _is_new(self, sight: int) -> bool:
        with self._lock:
            if sight in self._seen:
                self._seen.move_to_end(sight)
                return False
            self._seen[sight] = None
            if len(self._seen) > _SEEN:
                self._seen.popitem(last=False)
            return True

    def held(self) -> Held:
        """How many sheets it holds, and how many bytes they take."""
        return self._sheets.held()

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._sheets.clear()
            self._seen.clear()


def _weight(kept: tuple[bytes, Sheet | None]) -> int:
    """Bytes of a sheet with its key; those of the objects around them are counted roughly."""
    key, sheet = kept
    own = 0 if sheet is None else len(sheet.template) + sum(len(file.local) for file in sheet.texts)
    return len(key) + own + _OBJECTS_BYTES
