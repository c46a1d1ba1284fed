"""Which build it is, asked before anything of it may be loaded."""

from __future__ import annotations

from importlib.machinery import PathFinder
from importlib.util import find_spec


def is_compiled() -> bool:
    """Tells whether the runtime is compiled, and loads nothing of it."""
    package = find_spec("nimnet_runtime")
    assert package is not None
    module = PathFinder.find_spec("nimnet_runtime.platform", package.submodule_search_locations)
    assert module is not None
    return not str(module.origin).endswith(".py")
