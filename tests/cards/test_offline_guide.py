"""The verifier that `docs/offline-tills.md` gives to vendors accepts what we sign and nothing else."""

import itertools
import re
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from passes.cards import signed_barcode
from passes.clock import format_rfc3339
from passes.merchants.signing_keys import SigningKey
from tests.cards.barcodes import NOW, Forger, make_key, signed

GUIDE = Path(__file__).parents[2] / "docs" / "offline-tills.md"
Check = Callable[[str, dict[str, Any], datetime], dict[str, Any] | None]


@pytest.fixture(scope="module")
def check() -> Check:
    """The published function, as it stands in the guide."""
    (published,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    made: dict[str, Any] = {}
    exec(compile(published, str(GUIDE), "exec"), made)
    found: Check = made["check"]
    return found


def terms(*keys: SigningKey, stopped: tuple[str, ...] = ()) -> dict[str, Any]:
    told = []
    for key in keys:
        until = signed_barcode.good_until(key)
        x = urlsafe_b64encode(key.public).decode().rstrip("=")
        told.append({"kid": key.id, "x": x, "valid_until": until and format_rfc3339(until)})
    return {"keys": told, "stopped": [signed_barcode.fingerprint(token) for token in stopped]}


def test_the_published_verifier_reads_what_we_sign(check: Check) -> None:
    key = make_key()
    text = signed(key, balance=4200)
    read = {"token": text[12:38], "currency": "EUR", "balance": 4200}
    hyphenated = "-".join(text[n : n + 4] for n in range(0, len(text), 4))
    for written in (text, text.lower(), hyphenated):
        assert check(written, terms(key), NOW) == read
    points = check(signed(key, kind="points", asset=None), terms(key), NOW)
    assert points is not None
    assert points["currency"] is None


def test_it_refuses_what_is_over_or_stopped_or_unknown(check: Check) -> None:
    key = make_key()
    text = signed(key)
    assert check(text, terms(key), NOW + timedelta(days=90))
    assert check(text, terms(key), NOW + timedelta(days=91)) is None
    assert check(text, terms(key, stopped=(text[12:38],)), NOW) is None
    assert check(text, terms(make_key()), NOW) is None
    retired = make_key(retired_at=NOW - signed_barcode.GRACE)
    assert check(signed(retired), terms(retired), NOW) is None


def test_it_refuses_every_mutation(check: Check) -> None:
    forger = Forger(seed=11)
    told = terms(forger.mine, forger.retired)
    assert all(check(text, told, NOW) for text in forger.good)
    accepted = [text for text in itertools.islice(forger.mutations(), 5_000) if check(text, told, NOW)]
    assert accepted == []
