"""What is written of a function, where what is called is compiled and says nothing of itself."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module


def written(function: Callable[..., object]) -> Callable[..., object]:
    """Return the Python function behind a method that is compiled; any other as it is."""
    compiled_in = getattr(function, "__objclass__", None)
    if compiled_in is None:
        return function
    package = compiled_in.__module__.rpartition(".")[0]
    found: Callable[..., object] = import_module(f"{package}._overloads").written(function)
    return found
