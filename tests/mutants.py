"""Planting a bug: a module again, with one piece of its source replaced.

A rule is only proven when its test fails without it. Tests hand the damaged module to the same scenario
that the sound one passes.
"""

import importlib.util
import inspect
import textwrap
from types import ModuleType

import pytest


def plant(module: ModuleType, *edits: tuple[str, str]) -> ModuleType:
    """A copy of `module` with each (old, new) applied; what others import stays as it is."""
    source = inspect.getsource(module)
    for old, new in edits:
        assert old in source, f"{module.__name__} no longer says {old!r}"
        source = source.replace(old, new)
    spec = importlib.util.spec_from_loader(f"{module.__name__}_damaged", loader=None)
    assert spec is not None
    damaged = importlib.util.module_from_spec(spec)
    damaged.__file__ = module.__file__
    exec(compile(source, str(module.__file__), "exec"), damaged.__dict__)
    return damaged


def damage(monkeypatch: pytest.MonkeyPatch, module: ModuleType, name: str, edit: tuple[str, str]) -> None:
    """Replace one piece of the source of `name` in `module` until the test ends.

    `name` is a function as `module` knows it, or a method as `Class.method`. Unlike `plant` it bends the
    module everybody uses, so that a whole scenario can run over the bug.
    """
    path, _, last = name.rpartition(".")
    owner = getattr(module, path) if path else module
    function = inspect.unwrap(getattr(owner, last))
    old, new = edit
    source = textwrap.dedent(inspect.getsource(function))
    assert old in source, f"{module.__name__}.{name} no longer says {old!r}"
    made: dict[str, object] = {}
    exec(compile(source.replace(old, new), f"<damaged {name}>", "exec"), function.__globals__, made)
    monkeypatch.setattr(owner, last, made[last])
