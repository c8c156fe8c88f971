"""Planting a bug: a module again, with one piece of its source replaced.

A rule is only proven when its test fails without it. Tests hand the damaged module to the same scenario
that the sound one passes.
"""

import importlib.util
import inspect
from types import ModuleType


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
