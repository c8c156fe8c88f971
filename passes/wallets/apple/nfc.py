"""What a card says to a reader it is held against.

Apple encrypts it for the reader, whose public key the maker of the terminal gives out; an operator puts it
beside the certificate. Without an NFC certificate a phone refuses the whole pass, hence all this caution.
https://developer.apple.com/documentation/walletpasses/pass/nfc-data.dictionary
"""

import base64
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from passes.cards.face import CardFace
from passes.wallets.apple import losses as say
from passes.wallets.losses import Losses
from passes.wallets.signing import files
from passes.wallets.signing.identity import Signer

READER_KEY = files.NFC_READER


def nfc(face: CardFace, identity: Signer, losses: Losses) -> dict[str, str] | None:
    """`nfc`, or nothing with the reason in `losses`."""
    if face.nfc is None:
        return None
    if not identity.nfc:
        losses.append(say.NFC_WITHOUT_CERTIFICATE)
    elif len(face.nfc.encode()) > say.MAX_NFC_BYTES:
        losses.append(say.NFC_TOO_LONG)
    elif (key := _reader_key(identity.paths.certificate.parent / READER_KEY)) is None:
        losses.append(say.NFC_WITHOUT_READER)
    else:
        return {"message": face.nfc, "encryptionPublicKey": key}
    return None


def _reader_key(path: Path) -> str | None:
    """The reader's key as Apple wants it; None where there is none of the kind Apple takes."""
    try:
        return _as_apple_wants_it(path.read_bytes())
    except OSError:
        return None


@lru_cache(maxsize=64)
def _as_apple_wants_it(pem: bytes) -> str | None:
    try:
        key = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm):
        return None
    if not isinstance(key, EllipticCurvePublicKey) or not isinstance(key.curve, SECP256R1):
        return None
    return base64.b64encode(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()
