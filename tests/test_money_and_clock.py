"""Amounts read right in every currency, and times are moments or nothing."""

import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from babel.numbers import get_currency_precision
from hypothesis import given
from hypothesis import strategies as st

from passes import clock, money
from passes.clock import FileClock, SystemClock, format_rfc3339, parse_rfc3339
from passes.money import Money
from tests.waiting import PATIENCE_S

# Unicode's data gives what is used in shops; ISO 4217 gives these more decimals than anybody uses.
_UNUSED_DECIMALS = set(
    "AFN ALL IDR IQD IRR KPW LAK LBP MGA MMK MRU PKR RSD SLE SOS SYP TZS UYW COP CRC YER STN HUF CUP COU "
    "AMD GYD MNT MUR NOK SEK TWD UZS CZK DKK CLF BYN".split()
)


def test_decimals_agree_with_an_independent_table() -> None:
    differing = {c for c in money.CURRENCIES if money.decimals(c) != get_currency_precision(c)}
    assert differing <= _UNUSED_DECIMALS
    assert {c: money.decimals(c) for c in ("EUR", "JPY", "KWD", "CLF")} == {
        "EUR": 2,
        "JPY": 0,
        "KWD": 3,
        "CLF": 4,
    }


@pytest.mark.parametrize("asset", sorted(money.COUNTED_ASSETS))
def test_counted_things_are_assets_without_decimals_and_no_money(asset: str) -> None:
    assert (money.is_asset(asset), money.is_currency(asset), money.decimals(asset)) == (True, False, 0)


@pytest.mark.parametrize("asset", ["", "eur", "QQQ", "BTC", "STAMPS", "EURO"])
def test_what_is_no_asset_is_none(asset: str) -> None:
    assert not money.is_asset(asset)


def test_an_amount_is_exact_in_major_units() -> None:
    assert Money(1250, "EUR").as_decimal() == Decimal("12.50")
    assert Money(money.MAX_AMOUNT, "KWD").as_decimal() == Decimal("9007199254740.991")


moments = st.timedeltas(timedelta(days=-300_000), timedelta(days=2_000_000)).map(
    lambda since: datetime(2000, 1, 1, tzinfo=UTC) + since
)


@given(at=moments)
def test_a_moment_comes_back_as_it_was_written(at: datetime) -> None:
    text = format_rfc3339(at)
    assert (parse_rfc3339(text), text[-1]) == (at, "Z")


@pytest.mark.parametrize(
    "text", ["2026-11-22T10:30:00+01:00", "2026-11-22t09:30:00z", "2026-11-22 09:30:00.000Z"]
)
def test_offsets_and_small_letters_are_understood(text: str) -> None:
    assert parse_rfc3339(text) == datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2026-11-22",
        "2026-W47-7T09:30:00Z",
        "20261122T093000Z",
        "2026-11-22T09:30Z",
        "2026-11-22T09:30:00",
        "2026-13-01T00:00:00Z",
        "2026-02-29T00:00:00Z",
        "0001-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59-01:00",
    ],
)
def test_what_is_no_moment_is_refused_by_name(text: str) -> None:
    with pytest.raises(ValueError, match="until"):
        parse_rfc3339(text, "until")


def test_a_clock_in_a_file_says_what_the_file_says(tmp_path: Path) -> None:
    path = tmp_path / "clock"
    path.write_text("1997-01-01T09:00:00Z\n")
    assert FileClock(path).now() == datetime(1997, 1, 1, 9, tzinfo=UTC)
    path.write_text("soon")
    with pytest.raises(ValueError, match=str(path)):
        FileClock(path).now()


def test_a_clock_that_is_being_written_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "_BEING_WRITTEN_S", PATIENCE_S)
    path = tmp_path / "clock"
    path.write_text("")
    writer = threading.Timer(0.1, path.write_text, ["1997-01-01T09:00:00Z"])
    writer.start()
    try:
        assert FileClock(path).now() == datetime(1997, 1, 1, 9, tzinfo=UTC)
    finally:
        writer.join()


def test_the_systems_clock_is_aware() -> None:
    assert SystemClock().now().tzinfo is UTC
