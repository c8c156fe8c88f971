"""What phones are sent does not change by accident: one document of each kind, as it was last looked at.

After a change that is meant: `STEMPEL_TEST_GOLDEN=write python -m pytest tests/wallets/apple/test_golden.py`,
then read the difference before it is committed.
"""

import json
import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from passes.cards.face import Beacon, CardFace, FaceField, Kind, Link, Text
from passes.wallets.apple.pass_json import WebService, document, to_bytes
from passes.wallets.apple.strings import strings_files
from passes.wallets.signing.identity import SigningIdentity
from tests.factories.faces import KINDS, make_face

GOLDEN = Path(__file__).parent / "golden"
WRITE = os.environ.get("STEMPEL_TEST_GOLDEN") == "write"


def full(kind: Kind) -> CardFace:
    """A card as a chain would have it."""
    offer = FaceField("today", "back", Text("Heute", "Today"), Text("Kuchen", "Cake"), link="tel:+4930123")
    face = make_face(kind)
    return replace(
        face,
        fields=(*face.fields, offer),
        news=Text("Neu: Zimtschnecken", "New: cinnamon buns"),
        member_name="Käthe Groß",
        links=(Link("order", Text("Vorbestellen", "Order ahead"), "https://groessenwahn.example/order"),),
        barcode_formats=("pdf417", "qr"),
        beacons=(Beacon("E2C56DB5-DFFB-48D2-B060-D0F5A71096E0", 1, 2, Text("Hallo", "Hello")),),
        max_distance_m=80,
        shareable=False,
        expires_at=datetime(2029, 12, 31, 22, 59, 59, tzinfo=UTC),
    )


def shown(kind: Kind, identity: SigningIdentity, service: WebService) -> Any:
    written = document(full(kind), identity, service)
    return {
        "pass.json": json.loads(to_bytes(written.content)),
        **{name: data.decode().splitlines() for name, data in strings_files(written.texts).items()},
        "losses": [[loss.part, loss.how, loss.says.de, loss.says.en] for loss in written.losses],
    }


@pytest.mark.parametrize("kind", KINDS)
def test_a_pass_says_what_it_said(kind: Kind, identity: SigningIdentity, web_service: WebService) -> None:
    path = GOLDEN / f"{kind}.json"
    found = shown(kind, identity, web_service)
    if WRITE:
        path.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")
    assert found == json.loads(path.read_text())
