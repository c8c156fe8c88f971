"""What the till scans: `barcodes` in the order a phone tries them.

The first format the device can show is the one it shows. All phones show all four, watches no Code 128, so
a square code always ends the list. The single `barcode` of 2012 is not written: no phone in use needs it.
https://developer.apple.com/documentation/walletpasses/pass/barcodes-data.dictionary
"""

from passes.cards.face import BarcodeFormat, CardFace
from passes.ids import format_code
from passes.wallets.apple import losses as say
from passes.wallets.losses import Losses

FORMATS: dict[BarcodeFormat, str] = {
    "qr": "PKBarcodeFormatQR",
    "aztec": "PKBarcodeFormatAztec",
    "pdf417": "PKBarcodeFormatPDF417",
    "code128": "PKBarcodeFormatCode128",
}
LONGEST_CODE_128 = 32
"""With more characters a bar is thinner than two pixels of a phone 375 points wide."""


def barcodes(face: CardFace, losses: Losses) -> list[dict[str, str]]:
    """`barcodes`, at least one and each with the typed code below it."""
    return [_barcode(face, FORMATS[shown]) for shown in _formats(face, losses)]


def _formats(face: CardFace, losses: Losses) -> list[BarcodeFormat]:
    formats = list(dict.fromkeys(face.barcode_formats))
    if "code128" in formats and len(face.barcode) > LONGEST_CODE_128:
        losses.append(say.CODE_TOO_LONG)
        formats.remove("code128")
    if set(formats) <= {"code128"}:
        if formats:
            losses.append(say.QR_ON_WATCH)
        formats.append("qr")
    return formats


def _barcode(face: CardFace, shown: str) -> dict[str, str]:
    return {
        "format": shown,
        "message": face.barcode,
        "messageEncoding": "iso-8859-1",
        "altText": format_code(face.code),
    }
