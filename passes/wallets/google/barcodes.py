"""What the till scans off a card in Google Wallet: one barcode, or one that changes by itself."""

from typing import Any

from passes.cards import rotating_barcode
from passes.cards.face import BarcodeFormat, CardFace
from passes.ids import format_code
from passes.wallets.google.losses import LossNotes

Json = dict[str, Any]

TYPES: dict[BarcodeFormat, str] = {
    "qr": "QR_CODE",
    "aztec": "AZTEC",
    "pdf417": "PDF_417",
    "code128": "CODE_128",
}
_NAMES: dict[BarcodeFormat, str] = {"qr": "QR", "aztec": "Aztec", "pdf417": "PDF417", "code128": "Code 128"}
_CAN_ROTATE: tuple[BarcodeFormat, ...] = ("qr", "pdf417")


def barcodes(face: CardFace, losses: LossNotes) -> Json:
    """`barcode`, and `rotatingBarcode` where the face asks for one; a phone prefers that to the other.

    The still one stays, for phones that cannot compute the other.
    """
    chosen = _chosen(face, losses)
    body: Json = {
        "barcode": {
            "type": TYPES[chosen],
            "value": face.barcode,
            "alternateText": format_code(face.code),
        }
    }
    if not face.rotates:
        return body
    token = rotating_barcode.token_of(face.barcode)
    if not _rotates(face) or token is None:
        losses.left_out(
            "rotates",
            f"Ein {_NAMES[chosen]}-Code kann sich bei Google nicht von selbst ändern, nur QR und PDF417.",
            f"At Google a code of type {_NAMES[chosen]} cannot change by itself, only QR and PDF417.",
        )
        return body
    losses.changed(
        "code",
        "Neben einem Code, der sich ändert, steht nur das Ende der Nummer: ein Foto soll nichts wert sein.",
        "Beside a code that changes stands only the end of the number: a photo is to be worth nothing.",
    )
    # Whoever sees a picture of it has nothing once it has changed, so keeping the picture is not offered.
    return body | {
        "rotatingBarcode": _rotating(face, TYPES[chosen], token),
        "passConstraints": {"screenshotEligibility": "INELIGIBLE"},
    }


def shown_code(face: CardFace) -> str:
    """The typed code as the card shows it; beside a barcode that changes only its end.

    Otherwise a photo of the card would be as good as the card for whoever types.
    """
    code = format_code(face.code)
    return f"•••• {code[-4:]}" if _rotates(face) else code


def _rotates(face: CardFace) -> bool:
    able = set(face.barcode_formats or ("qr",)).intersection(_CAN_ROTATE)
    return face.rotates and bool(able) and rotating_barcode.token_of(face.barcode) is not None


def _chosen(face: CardFace, losses: LossNotes) -> BarcodeFormat:
    """Google shows one: the first of the face, or the first that can rotate where that is asked for."""
    formats = face.barcode_formats or ("qr",)
    able = [name for name in formats if name in _CAN_ROTATE]
    chosen = able[0] if face.rotates and able else formats[0]
    for name in formats:
        if name != chosen:
            losses.left_out(
                f"barcode_formats:{name}",
                f"Google zeigt nur einen Code, hier {_NAMES[chosen]}; {_NAMES[name]} fehlt.",
                f"Google shows one code only, here {_NAMES[chosen]}; {_NAMES[name]} is missing.",
            )
    return chosen


def _rotating(face: CardFace, barcode_type: str, token: str) -> Json:
    return {
        "type": barcode_type,
        "valuePattern": rotating_barcode.pattern(face.card_id),
        "alternateText": shown_code(face),
        "totpDetails": {
            "algorithm": "TOTP_SHA1",
            "periodMillis": str(rotating_barcode.PERIOD_S * 1000),
            "parameters": [
                {
                    "key": rotating_barcode.secret(token).hex().upper(),
                    "valueLength": rotating_barcode.DIGITS,
                }
            ],
        },
    }
