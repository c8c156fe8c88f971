"""What a caller may do, and where."""

import pytest

from passes.errors import Refusal
from passes.merchants.access import Caller, location_for, require_scope

FREE = Caller("mer_1", "key_1", frozenset({"till", "read"}))
BOUND = Caller("mer_1", "key_2", frozenset({"till"}), "loc_1")


def test_one_of_the_scopes_asked_for_is_enough() -> None:
    require_scope(FREE, "manage", "read")


def test_a_scope_that_is_missing_is_named() -> None:
    with pytest.raises(Refusal, match="manage or marketing") as refused:
        require_scope(FREE, "manage", "marketing")
    assert refused.value.code == "scope_missing"


def test_no_scope_contains_another() -> None:
    for scope in ("till", "manage", "marketing"):
        with pytest.raises(Refusal):
            require_scope(Caller("mer_1", "key_1", frozenset({scope})), "read")


@pytest.mark.parametrize(
    "caller, named, location",
    [(FREE, None, None), (FREE, "loc_2", "loc_2"), (BOUND, None, "loc_1"), (BOUND, "loc_1", "loc_1")],
)
def test_a_call_happens_where_it_says_or_where_its_key_is_bound(
    caller: Caller, named: str | None, location: str | None
) -> None:
    assert location_for(caller, named) == location


def test_a_bound_key_may_not_name_another_location() -> None:
    with pytest.raises(Refusal) as refused:
        location_for(BOUND, "loc_2")
    assert refused.value.code == "location_not_allowed"
