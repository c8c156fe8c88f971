"""Ways to break a promise on purpose, each a line of code or of a declaration."""

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import pytest
from pydantic import BaseModel, TypeAdapter, create_model

from passes.programs.rules import RULES_BY_KIND, CouponRules, GiftRules, PointsRules, StampRules
from passes.web import problems
from passes.web.api_v1.blueprint import operations
from passes.web.api_v1.operation import Operation
from tests.mutants import damage

Plant = Callable[[pytest.MonkeyPatch], None]
_RULES: dict[str, type[BaseModel]] = {
    "stamp": StampRules,
    "coupon": CouponRules,
    "gift": GiftRules,
    "points": PointsRules,
}


@dataclass(frozen=True)
class Break:
    """How to break one promise, in a word or two."""

    promise: str
    what: str
    plant: Plant

    def __str__(self) -> str:
        return f"{self.promise}-{self.what}"


def edit(promise: str, module: ModuleType, function: str, old: str, new: str) -> Break:
    """`old` becomes `new` in a function."""
    return Break(promise, function, lambda patch: damage(patch, module, function, (old, new)))


def constant(promise: str, module: ModuleType | type, name: str, value: Any) -> Break:
    """A name of a module or a class means something else."""
    return Break(promise, name, lambda patch: patch.setattr(module, name, value))


def status(promise: str, code: str) -> Break:
    """A refusal is answered with a status of its own."""
    title = problems.STATUS[code][1]
    return Break(promise, code, lambda patch: patch.setitem(problems.STATUS, code, (418, title)))


def declared(promise: str, name: str, **fields: Any) -> Break:
    """An operation is declared otherwise: its scopes, its status, its use of keys."""

    def plant(patch: pytest.MonkeyPatch) -> None:
        for field, value in fields.items():
            _set(patch, _operation(name), field, value)

    return Break(promise, f"{name}-{'-'.join(fields)}", plant)


def taking(promise: str, name: str, **fields: Any) -> Break:
    """An operation takes other fields, each `(type, default)`."""

    def plant(patch: pytest.MonkeyPatch) -> None:
        operation = _operation(name)
        _set(patch, operation, "takes", create_model("Taken", __base__=operation.takes, **fields))

    return Break(promise, f"{name}-takes-{'-'.join(fields)}", plant)


def ruled(promise: str, kind: str, **fields: Any) -> Break:
    """The rules of a kind of program have other fields, each `(type, default)`."""

    def plant(patch: pytest.MonkeyPatch) -> None:
        rules = create_model("Ruled", __base__=_RULES[kind], **fields)
        patch.setitem(RULES_BY_KIND, kind, TypeAdapter(rules))

    return Break(promise, f"{kind}-rules-{'-'.join(fields)}", plant)


def _operation(name: str) -> Operation:
    return next(operation for operation in operations() if operation.name == name)


def _set(patch: pytest.MonkeyPatch, operation: Operation, field: str, value: Any) -> None:
    # An operation is frozen; the descriptor behind its slot is not.
    slot = Operation.__dict__[field]
    patch.setitem(_Slot(operation, slot), field, value)


class _Slot(dict[str, Any]):
    """A field of a frozen thing, as something monkeypatch can set and set back."""

    def __init__(self, thing: object, slot: Any) -> None:
        super().__init__()
        self._thing, self._slot = thing, slot

    def get(self, name: str, default: Any = None) -> Any:
        return self._slot.__get__(self._thing)

    def __setitem__(self, name: str, value: Any) -> None:
        self._slot.__set__(self._thing, value)
