"""The pass's own token: bound to type and serial, compared in constant time, and no oracle."""

import pytest
from werkzeug.test import TestResponse

from passes.cards import apple_token
from passes.cards.apple_token import is_token, key_id_of, token_for
from passes.db.engine import Database
from tests.mutants import plant
from tests.web.apple.conftest import KEY, TYPE, Phone, token

WRONG = [
    "",
    "ApplePass",
    "ApplePass ",
    f"Bearer {token('card_1')}",
    token("card_1"),
    f"ApplePass {token('card_2')}",
    f"ApplePass {token('card_1', 'pass.dev.stempel.other')}",
    f"ApplePass {token('card_1')[:-1]}",
    f"ApplePass {token('card_1')}A",
    f"ApplePass {token('card_1').swapcase()}",
    "ApplePass ÄÖÜ",
]


def seen(answer: TestResponse) -> tuple[int, bytes, list[tuple[str, str]]]:
    return answer.status_code, answer.data, sorted(answer.headers)


@pytest.mark.parametrize("header", WRONG)
def test_a_wrong_token_is_refused_everywhere_and_changes_nothing(phone: Phone, header: str) -> None:
    phone.register("card_1")
    answers = [
        phone.register("card_1", "stolen", auth=header),
        phone.unregister("card_1", auth=header),
        phone.fetch("card_1", auth=header),
    ]
    assert [answer.status_code for answer in answers] == [401] * 3
    assert phone.changed().get_json()["serialNumbers"] == ["card_1"]


def test_the_scheme_may_be_written_in_any_case(phone: Phone) -> None:
    assert phone.fetch("card_1", auth=f"applepass {token('card_1')}").status_code == 200


@pytest.mark.parametrize("call", ["register", "unregister", "fetch"])
def test_a_wrong_token_and_an_unknown_card_are_the_same_bytes(phone: Phone, call: str) -> None:
    wrong = getattr(phone, call)("card_1", auth=f"ApplePass {token('card_2')}")
    unknown_with_wrong = getattr(phone, call)("card_999", auth=f"ApplePass {token('card_2')}")
    missing = getattr(phone, call)("card_1", auth="")
    assert seen(wrong) == seen(unknown_with_wrong) == seen(missing)
    assert wrong.status_code == 401
    assert wrong.headers["WWW-Authenticate"] == "ApplePass"


@pytest.mark.parametrize("call", ["register", "fetch"])
def test_a_card_that_is_gone_looks_like_a_wrong_token_even_to_its_owner(phone: Phone, call: str) -> None:
    assert seen(getattr(phone, call)("card_999")) == seen(getattr(phone, call)("card_1", auth=""))


def test_a_wrong_token_costs_no_look_into_the_database(
    phone: Phone, cards: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(Database, "read")
    monkeypatch.delattr(Database, "write")
    assert phone.fetch("card_1", auth="").status_code == 401
    assert phone.register("card_999", auth="").status_code == 401


@pytest.mark.parametrize("serial", ["%00", "a%20b", "x" * 141, "%F0%9F%92%A9"])
def test_a_serial_that_cannot_be_one_is_unknown(phone: Phone, serial: str) -> None:
    assert phone.fetch(serial, auth="ApplePass x").status_code == 401


def test_a_token_is_long_url_safe_and_always_the_same() -> None:
    assert len(token("card_1")) == 32
    assert token("card_1").replace("-", "").replace("_", "").isalnum()
    assert token("card_1") == token("card_1")


def test_every_part_changes_the_token() -> None:
    key_id = key_id_of(KEY)
    tokens = {
        token_for(KEY, key_id, TYPE, "card_1"),
        token_for(KEY + b"!", key_id, TYPE, "card_1"),
        token_for(KEY, "another", TYPE, "card_1"),
        token_for(KEY, key_id, TYPE + "x", "card_1"),
        token_for(KEY, key_id, TYPE, "xcard_1"),
    }
    assert len(tokens) == 5


def test_a_key_id_names_the_key_without_giving_it_away() -> None:
    assert len(key_id_of(KEY)) == 12
    assert key_id_of(KEY) != key_id_of(KEY + b"!")
    assert KEY.hex() not in key_id_of(KEY)


def test_tokens_of_all_lengths_are_compared_without_an_error() -> None:
    assert is_token(token("card_1"), KEY, TYPE, "card_1")
    assert not any(is_token(text, KEY, TYPE, "card_1") for text in ("", "ä", "x" * 10_000))


@pytest.mark.parametrize(
    "old, new",
    [
        ('"\\0".join((key_id, pass_type, serial))', '"\\0".join((key_id, pass_type))'),
        ("pass_type, serial)).encode", "serial, serial)).encode"),
    ],
)
def test_a_token_that_forgets_what_it_is_bound_to_would_be_noticed(old: str, new: str) -> None:
    loose = plant(apple_token, (old, new)).token_for
    key_id = key_id_of(KEY)
    one = loose(KEY, key_id, TYPE, "card_1")
    assert one in (loose(KEY, key_id, TYPE, "card_2"), loose(KEY, key_id, TYPE + "x", "card_1"))
