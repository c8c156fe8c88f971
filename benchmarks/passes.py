"""Passes signed per second on one core, against what RSA alone allows and against wallet-py3k.

    python -m benchmarks.passes [--json] [--rounds N] [--seconds S]

All three run on the same core with the same key, in turn and several times over, so that whatever else
the machine does hits them alike; what counts is the ratio. Every pass is of another card: what is
remembered is the design, as when a campaign changes thousands of cards of one program.
"""

import argparse
import hashlib
import io
import itertools
import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from wallet.models import Barcode, BarcodeFormat, Pass, StoreCard

from passes.cards.face import CardFace, Stamps
from passes.wallets.apple.bundle import build_pass
from passes.wallets.apple.images import images_for
from passes.wallets.apple.pass_json import WebService
from passes.wallets.signing.certificates import to_pem
from passes.wallets.signing.identity import SigningIdentity
from passes.wallets.signing.store import IdentityStore
from tests.factories.faces import make_face

CARDS = 2000
STAMPS_REQUIRED = 10
AIM = 0.6

Operation = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Result:
    """Median operations per second over all rounds, and the same as a share of the raw RSA rate."""

    name: str
    per_second: float
    ratio_to_raw: float


def faces() -> Iterator[CardFace]:
    """Different cards of one design without end, in all states of its stamps; made beforehand."""
    designs = [make_face("stamp", stamps=Stamps(n, STAMPS_REQUIRED, 0)) for n in range(STAMPS_REQUIRED)]
    cards = (replace(designs[n % STAMPS_REQUIRED], card_id=f"card_{n:026d}") for n in range(CARDS))
    return itertools.cycle(list(cards))


def raw_rsa(identity: SigningIdentity) -> Operation:
    """Nothing but the RSA-2048 operation every pass needs."""
    manifest = b"x" * 800
    return lambda: identity.key.sign(manifest, PKCS1v15(), SHA256())


def stempel(identity: SigningIdentity) -> Operation:
    """Our own builder, from card face to finished file."""
    service = WebService("https://karten.example/apple", hashlib.sha256(b"token").hexdigest())
    cards = faces()
    for _ in range(STAMPS_REQUIRED):  # draw the pictures: a design's first pass pays for all others
        build_pass(next(cards), identity, service)
    return lambda: build_pass(next(cards), identity, service)


def wallet_py3k(identity: SigningIdentity, folder: Path) -> Operation:
    """The same card and the same pictures through wallet-py3k, which runs openssl for every pass."""
    intermediates = folder / "intermediates.pem"
    intermediates.write_bytes(to_pem(identity.intermediates))
    pictures = images_for(make_face("stamp"))
    cards = faces()

    def build() -> bytes:
        face = next(cards)
        card = StoreCard()
        for field in face.fields:
            card.addSecondaryField(field.key, field.value.en, field.label.en)
        wallet_pass = Pass(
            card,
            passTypeIdentifier=identity.pass_type_identifier,
            organizationName=face.organization,
            teamIdentifier=identity.team_identifier,
        )
        wallet_pass.serialNumber = face.card_id
        wallet_pass.barcode = Barcode(face.barcode, BarcodeFormat.QR, face.code)
        for name, picture in pictures.items():
            wallet_pass.addFile(name, io.BytesIO(picture))
        paths = (str(identity.paths.certificate), str(identity.paths.key), str(intermediates))
        finished: io.BytesIO = wallet_pass.create(*paths, "")
        return finished.getvalue()

    return build


def rate(operation: Operation, seconds: float) -> float:
    """Operations per second of wall time, over at least `seconds`."""
    count, start = 0, time.perf_counter()
    while (elapsed := time.perf_counter() - start) < seconds:
        operation()
        count += 1
    return count / elapsed


def measure(operations: dict[str, Operation], rounds: int, seconds: float) -> list[Result]:
    """The operations in turn, `rounds` times; ratios are medians of the ratios within each round."""
    rates: dict[str, list[float]] = {name: [] for name in operations}
    for _ in range(rounds):
        for name, operation in operations.items():
            rates[name].append(rate(operation, seconds))
    raw = next(iter(rates.values()))
    return [
        Result(
            name,
            statistics.median(found),
            statistics.median(one / limit for one, limit in zip(found, raw, strict=True)),
        )
        for name, found in rates.items()
    ]


def run(rounds: int, seconds: float) -> list[Result]:
    """Measure everything that can run here, with a throwaway identity, pinned to one core."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory() as folder:
        identity = IdentityStore(Path(folder)).create_development("bench")
        operations = {"raw RSA-2048": raw_rsa(identity), "Stempel": stempel(identity)}
        if shutil.which("openssl"):
            operations["wallet-py3k"] = wallet_py3k(identity, Path(folder))
        return measure(operations, rounds, seconds)


def table(results: list[Result]) -> str:
    """The results as a Markdown table."""
    rows = [f"| {r.name} | {r.per_second:,.0f} | {r.ratio_to_raw:.2f} |" for r in results]
    return "\n".join(["| passes, one core | per second | share of raw |", "|---|---|---|", *rows])


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.passes", description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=0.7, help="per builder and round")
    options = parser.parse_args(arguments)
    results = run(options.rounds, options.seconds)
    if options.json:
        print(
            json.dumps(
                {r.name: {"per_second": r.per_second, "ratio_to_raw": r.ratio_to_raw} for r in results}
            )
        )
    else:
        print(table(results))
        print(f"\nAim: {AIM} of raw. Rounds: {options.rounds} of {options.seconds} s each.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
