"""What is wrong with a request is said in sentences, not in the words of the library that found it."""

from typing import Annotated, Any

import pytest
from pydantic import Field

from passes.errors import FieldError
from passes.fields import Amount, Line, Strict, checked


class Order(Strict):
    note: Annotated[Line, Field(min_length=1, max_length=3)] = "x"
    amount: Amount | None = None
    texts: dict[str, int] | None = None
    lines: Annotated[list[int], Field(min_length=1, max_length=2)] | None = None


@pytest.mark.parametrize(
    "value, said",
    [
        ({"note": ""}, "note: String should have at least 1 character"),
        ({"note": "four"}, "note: String should have at most 3 characters"),
        ({"amount": 5}, "amount: Input should be an object"),
        ({"texts": []}, "texts: Input should be an object"),
        ([], "body: Input should be an object"),
        ({"lines": []}, "lines: List should have at least 1 item"),
        ({"lines": [1, 2, 3]}, "lines: List should have at most 2 items"),
        ({"colour": 1}, "colour: is not something that can be set here"),
    ],
)
def test_a_wrong_field_is_told_without_the_library_s_inner_life(value: Any, said: str) -> None:
    with pytest.raises(FieldError) as refused:
        checked(Order, value)
    assert str(refused.value) == said
