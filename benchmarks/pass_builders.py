"""What the signing benchmark compares: the bare RSA operation, ours, and what one would write or install.

All of them work on the same cards, the same pictures and the same key, each pass of another card.
"""

import hashlib
import io
import itertools
import json
import time
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from unittest.mock import patch

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from wallet.models import Barcode, BarcodeFormat, Pass, StoreCard

from benchmarks.redemption import address, settings_for
from passes import migrate
from passes.cards import service as cards_service
from passes.cards.face import CardFace, Stamps
from passes.config import load_settings
from passes.merchants.rules import MerchantDraft
from passes.merchants.service import create_merchant
from passes.programs.service import ProgramDraft, create_program
from passes.wallets.apple import bundle
from passes.wallets.apple.bundle import build_pass
from passes.wallets.apple.images import images_for
from passes.wallets.apple.pass_json import WebService, pass_json, to_bytes
from passes.wallets.signing import cms
from passes.wallets.signing.certificates import to_pem
from passes.wallets.signing.identity import SigningIdentity
from passes.wiring import Services
from tests.factories.faces import make_face

CARDS = 2000
STAMPS_REQUIRED = 10
SERVICE = WebService("https://karten.example/apple", hashlib.sha256(b"token").hexdigest())

Operation = Callable[[], object]
Sample = Callable[[float], float]
"""Operations per second of processor time, measured over at least so many seconds of it."""


def cpu_s() -> float:
    """Processor time of this process and of the children it has waited for, user and system."""
    used = (getrusage(RUSAGE_SELF), getrusage(RUSAGE_CHILDREN))
    return sum(part.ru_utime + part.ru_stime for part in used)


def sampled(operation: Operation) -> Sample:
    """How often `operation` can be done per second of processor time; what else runs here counts little."""

    def sample(seconds: float) -> float:
        count, start = 0, cpu_s()
        while (used := cpu_s() - start) < seconds:
            for _ in range(10):
                operation()
            count += 10
        return count / used

    return sample


def faces() -> Iterator[CardFace]:
    """Different cards of one design without end, in all states of its stamps; made beforehand."""
    designs = [make_face("stamp", stamps=Stamps(n, STAMPS_REQUIRED, 0)) for n in range(STAMPS_REQUIRED)]
    cards = (replace(designs[n % STAMPS_REQUIRED], card_id=f"card_{n:026d}") for n in range(CARDS))
    return itertools.cycle(list(cards))


def raw_rsa(identity: SigningIdentity) -> Operation:
    """Nothing but the RSA-2048 operation every pass needs."""
    manifest, padding, digest = b"x" * 800, PKCS1v15(), SHA256()
    return lambda: identity.key.sign(manifest, padding, digest)


def stempel(identity: SigningIdentity) -> Operation:
    """Our own builder, from card face to finished file."""
    cards = faces()
    for _ in range(STAMPS_REQUIRED):  # draw the pictures: a design's first pass pays for all others
        build_pass(next(cards), identity, SERVICE)
    return lambda: build_pass(next(cards), identity, SERVICE)


def stempel_by_the_library(identity: SigningIdentity) -> Sample:
    """The same with every signature encoded anew by the library."""
    sample = sampled(stempel(identity))

    def patched(seconds: float) -> float:
        with patch.object(bundle, "sign_manifest", cms.build):
            return sample(seconds)

    return patched


def plain(identity: SigningIdentity) -> Operation:
    """What one would write first, with the key kept loaded: hash everything, zipfile, the library."""
    pictures = images_for(make_face("stamp"))
    cards = faces()

    def build() -> bytes:
        files = {"pass.json": to_bytes(pass_json(next(cards), identity, SERVICE)), **pictures}
        hashes = {name: hashlib.sha1(data).hexdigest() for name, data in files.items()}
        files["manifest.json"] = json.dumps(hashes).encode()
        files["signature"] = cms.build(files["manifest.json"], identity)
        finished = io.BytesIO()
        with zipfile.ZipFile(finished, "w", zipfile.ZIP_STORED) as archive:
            for name, data in files.items():
                archive.writestr(name, data)
        return finished.getvalue()

    return build


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


@contextmanager
def from_database(database: str, folder: Path) -> Iterator[Operation]:
    """From a card's id to the finished file, everything about it read from a database of its own."""
    with address(database, folder) as (url, _):
        services = Services(load_settings(settings_for(folder, url)))
        try:
            card_ids = itertools.cycle(_issued(services))

            def build() -> bytes:
                with services.database.read() as uow:
                    return services.build_pass(uow, next(card_ids))

            build()
            yield build
        finally:
            services.close()


def _issued(services: Services) -> list[str]:
    migrate.upgrade(services.database)
    services.identities.create_development("bench")
    with services.database.write() as uow:
        merchant = create_merchant(uow, MerchantDraft(slug="bench", name="Café Größenwahn"), "benchmark")
        rules = {"stamps_required": STAMPS_REQUIRED, "reward": "Ein Kaffee aufs Haus"}
        draft = ProgramDraft("stamp", "Kaffeekarte", rules)
        program = create_program(uow, merchant.id, merchant.slug, draft, "benchmark")
        return [cards_service.issue(uow, program, actor="benchmark").id for _ in range(CARDS // 10)]


def in_threads(operation: Operation, threads: int, seconds: float) -> float:
    """Operations per second of wall time by so many threads at once."""
    deadline = time.perf_counter() + seconds

    def work() -> int:
        count = 0
        while time.perf_counter() < deadline:
            operation()
            count += 1
        return count

    start = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        done = sum(pool.map(lambda _: work(), range(threads)))
    return done / (time.perf_counter() - start)
