"""A signed barcode says one thing in one way, and nothing but what was signed is ever taken for it."""

import itertools
import os
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from qrcode.util import MODE_ALPHA_NUM, QRData

from passes.cards import signed_barcode
from passes.cards.signed_barcode import GRACE, LENGTH, parse
from passes.ids import crockford
from passes.merchants import signing_keys
from passes.wallets.web.qr import qr_code
from tests.cards.barcodes import NOW, Forger, Till, make_key, signed
from tests.mutants import damage

MUTATIONS = 1_000_000 if os.environ.get("STEMPEL_TEST_SIZE") == "release" else 20_000


def accepted(forger: Forger, count: int) -> list[str]:
    return [text for text in itertools.islice(forger.mutations(), count) if forger.till.accepts(text)]


def test_what_was_signed_is_read_back() -> None:
    key = make_key()
    for kind, asset in (("gift", "EUR"), ("gift", "JPY"), ("stamp", None), ("points", None)):
        for balance in (0, 1, 123_456, 2**53 - 1):
            text = signed(key, kind=kind, asset=asset, balance=balance)
            read = Till([key]).accepts(text)
            assert read is not None
            assert len(text) == LENGTH
            assert (read.kind, read.asset, read.balance, read.text) == (kind, asset, balance, text)
            assert (read.signed_on, read.valid_until) == (NOW.date(), NOW.date() + timedelta(days=90))


def test_case_spaces_and_hyphens_do_not_count() -> None:
    key = make_key()
    text = signed(key)
    hyphenated = "-".join(text[n : n + 4] for n in range(0, LENGTH, 4))
    for written in (text.lower(), hyphenated, f" {text[:50]} {text[50:]}\n"):
        read = Till([key]).accepts(written)
        assert read is not None
        assert read.text == text


def test_a_phone_shows_it_in_the_dense_mode_of_a_small_code() -> None:
    text = signed(make_key())
    assert QRData(text).mode == MODE_ALPHA_NUM
    assert qr_code(text).side <= 45


def test_no_mutation_is_ever_accepted() -> None:
    forger = Forger(seed=20260302)
    assert all(forger.till.accepts(text) for text in forger.good)
    assert accepted(forger, MUTATIONS) == []


def test_a_barcode_counts_until_its_last_day() -> None:
    key = make_key()
    text = signed(key)
    assert Till([key], NOW + timedelta(days=90)).accepts(text)
    assert not Till([key], NOW + timedelta(days=91)).accepts(text)


def test_a_retired_key_counts_for_its_grace_and_no_longer() -> None:
    key = replace(make_key(), retired_at=NOW)
    text = signed(key, valid_until=NOW.date() + timedelta(days=1000))
    assert Till([key], NOW + GRACE - timedelta(seconds=1)).accepts(text)
    assert not Till([key], NOW + GRACE).accepts(text)


def test_one_statement_has_one_barcode() -> None:
    text = signed(make_key())
    barcode = parse(text)
    assert barcode is not None
    higher = int.from_bytes(barcode.signature) + 2**512
    assert parse(barcode.statement + crockford(higher, 103)) is None


BUGS: list[tuple[Any, str, str, str]] = [
    (signing_keys, "is_signed", "verify(signature, message)", "public_bytes_raw()"),
    (signed_barcode, "is_good", "until is None or now < until", "True"),
]


@pytest.mark.parametrize("module, function, old, new", BUGS)
def test_the_forger_gets_through_where_a_check_is_missing(
    monkeypatch: pytest.MonkeyPatch, module: Any, function: str, old: str, new: str
) -> None:
    damage(monkeypatch, module, function, (old, new))
    assert accepted(Forger(seed=1), 5_000)
