"""One published pass builder at work, run by another Python with that builder installed and nothing of ours.

    python builders.py NAME FOLDER

Each is imported where it is measured, so that one that cannot be stops no other. Reads how many seconds of
processor time to work from each line of its input and answers with a line: passes per second of processor
time. Every pass has another serial number.
"""

import importlib
import io
import itertools
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Build = Callable[[], object]


def py_pkpass(case: Path, card: dict[str, Any], pictures: dict[str, bytes]) -> Build:
    """As its page says, with files for certificate and key."""
    models = importlib.import_module("py_pkpass.models")

    serials = itertools.count()
    certificate = next(case.glob("certificate-*.pem"))
    fields, barcode = card["storeCard"], card["barcodes"][0]

    def build() -> object:
        front = models.StoreCard()
        for field in itertools.chain(*fields.values()):
            front.addSecondaryField(field["key"], field["value"], field.get("label", ""))
        names = ("passTypeIdentifier", "organizationName", "teamIdentifier")
        made = models.Pass(front, **{name: card[name] for name in names})
        made.serialNumber = f"card_{next(serials):026d}"
        made.description = card["description"]
        made.barcode = models.Barcode(barcode["message"], models.BarcodeFormat.QR, barcode["altText"])
        for name, picture in pictures.items():
            made.addFile(name, io.BytesIO(picture))
        finished = made.create(
            str(certificate), str(case / "private.key"), str(case / "wwdr_certificate.pem"), None
        )
        return finished.getvalue()

    return build


def edutap(case: Path, card: dict[str, Any], pictures: dict[str, bytes]) -> Build:
    """Its documented way: a model from data, files added, signed under its settings."""
    api = importlib.import_module("edutap.wallet_apple.api")

    serials = itertools.count()

    def build() -> object:
        made = api.new(data={**card, "serialNumber": f"card_{next(serials):026d}"})
        for name, picture in pictures.items():
            made._add_file(name, io.BytesIO(picture))
        api.sign(made)
        return api.pkpass(made).getvalue()

    return build


def edutap_cached(case: Path, card: dict[str, Any], pictures: dict[str, bytes]) -> Build:
    """The same with a private method of it that takes a key already loaded."""
    api = importlib.import_module("edutap.wallet_apple.api")
    crypto = importlib.import_module("edutap.wallet_apple.crypto")

    serials = itertools.count()
    certificate = next(case.glob("certificate-*.pem"))
    keys = crypto.load_key_files(case / "private.key", certificate, case / "wwdr_certificate.pem")

    def build() -> object:
        made = api.new(data={**card, "serialNumber": f"card_{next(serials):026d}"})
        for name, picture in pictures.items():
            made._add_file(name, io.BytesIO(picture))
        made._sign(*keys)
        return made.as_zip_bytesio().getvalue()

    return build


def main() -> None:
    """Measure on request until the input ends."""
    builder = {"py_pkpass": py_pkpass, "edutap": edutap, "edutap_cached": edutap_cached}[sys.argv[1]]
    case = Path(sys.argv[2])
    pictures = {path.name: path.read_bytes() for path in sorted((case / "pictures").iterdir())}
    build = builder(case, json.loads((case / "pass.json").read_bytes()), pictures)
    build()
    for line in sys.stdin:
        count, start = 0, time.process_time()
        while (used := time.process_time() - start) < float(line):
            build()
            count += 1
        print(json.dumps(count / used), flush=True)


if __name__ == "__main__":
    main()
