"""The signed `.pkpass`: pass.json, texts and pictures, a manifest of their hashes, and its signature.

Signing takes a quarter of a millisecond and nothing else may take as long: pictures and texts are hashed
and framed once per design, and only pass.json, manifest and signature are made anew for each card.
"""

from operator import itemgetter

from passes.cards.face import CardFace, Text
from passes.errors import ConfigurationError
from passes.remembered import Remembered
from passes.wallets.apple.archive import Front, Member, archive, front, member
from passes.wallets.apple.drawn import DrawnPictures
from passes.wallets.apple.images import images_for
from passes.wallets.apple.pass_json import WebService, document, to_bytes
from passes.wallets.apple.prepared import Shelf, case_of, sheet_of
from passes.wallets.apple.strings import strings_files
from passes.wallets.art.pictures import Art, art_of, bare
from passes.wallets.signing.identity import SigningIdentity
from passes.wallets.signing.sign import sign_manifest

PKPASS_TYPE = "application/vnd.apple.pkpass"

# Deflating a small pass.json takes a tenth of a signature's time and makes the pass a hundredth smaller.
_DEFLATED_FROM_BYTES = 4096

_shelf = Shelf()
_TEXTS: Remembered[tuple[int, tuple[Member, ...]]] = Remembered(8 * 1024 * 1024, itemgetter(0))
_FRONTS: Remembered[Front] = Remembered(32 * 1024 * 1024, lambda joined: len(joined.local))


def build_pass(
    face: CardFace,
    identity: SigningIdentity,
    web_service: WebService | None,
    drawn: DrawnPictures | None = None,
) -> bytes:
    """A pass that a phone can add; the same face gives the same bytes apart from the signing time.

    Pictures that somebody has `drawn` before are not drawn again.

    Raises `ConfigurationError` when a real identity is to promise updates from an address that is not
    https, or when its certificate is not valid now.
    """
    _require_https(identity, web_service)
    content, texts, pictures = _unsigned(face, identity, web_service, drawn)
    deflate = len(content) >= _DEFLATED_FROM_BYTES
    members = [member("pass.json", content, deflate=deflate), *texts]
    manifest = b"{%b}" % b",".join((pictures.listing, *(file.listing for file in members)))
    members.append(member("manifest.json", manifest, deflate=False))
    members.append(member("signature", sign_manifest(manifest, identity), deflate=False))
    return archive(members, pictures)


def draw_pictures(face: CardFace, drawn: DrawnPictures) -> None:
    """See to it that the pictures of `face` are drawn and kept, before anybody asks for its pass."""
    _pictures(face, bare(art_of(face)), drawn)


def _unsigned(
    face: CardFace,
    identity: SigningIdentity,
    web_service: WebService | None,
    drawn: DrawnPictures | None = None,
) -> tuple[bytes, tuple[Member, ...], Front]:
    """pass.json, texts and pictures, by a sheet that other cards have left behind where there is one."""
    case = case_of(face, identity, web_service)
    if case is not None:
        own = case.own
        sheet = _shelf.get(case.key, lambda: sheet_of(face, identity, web_service, own, _texts))
        if sheet is not None:
            return sheet.filled(own), sheet.texts, _pictures(face, sheet.art, drawn)
    written = document(face, identity, web_service)
    return to_bytes(written.content), _texts(written.texts), _pictures(face, bare(art_of(face)), drawn)


def _texts(texts: tuple[tuple[str, Text], ...]) -> tuple[Member, ...]:
    return _TEXTS.get(texts, lambda: _written(texts))[1]


def _written(texts: tuple[tuple[str, Text], ...]) -> tuple[int, tuple[Member, ...]]:
    """The files of texts, and before them how many bytes they had, which the texts themselves take too."""
    files = strings_files(texts)
    members = tuple(member(name, content, deflate=True) for name, content in files.items())
    return 2 * sum(len(content) for content in files.values()), members


def _pictures(face: CardFace, key: Art, drawn: DrawnPictures | None) -> Front:
    """The pictures of `face`, remembered under what they are drawn from."""

    def made() -> Front:
        art = art_of(face)
        return drawn.get(art, lambda: _front(art)) if drawn else _front(art)

    return _FRONTS.get(key, made)


def _front(art: Art) -> Front:
    return front([member(name, content, deflate=False) for name, content in images_for(art).items()])


def _require_https(identity: SigningIdentity, web_service: WebService | None) -> None:
    if web_service and not identity.development and not web_service.url.startswith("https://"):
        raise ConfigurationError(
            f"STEMPEL_BASE_URL: no phone takes a pass whose updates come from {web_service.url}; "
            f"give an https address, or sign with a development identity."
        )
