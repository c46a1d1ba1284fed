"""`typing.overload` for the generated package, which is not to pay for importing `typing`."""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # see nimnet_runtime.__init__
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import ParamSpec, TypeVar

    _P = ParamSpec("_P")
    _R = TypeVar("_R")


def overload(form: Callable[_P, _R]) -> Callable[_P, _R]:
    """Marks one form of an overloaded function, whose body follows the last of them.

    `typing.get_overloads` finds it where the program had imported `typing` before.
    """
    if "typing" in sys.modules:  # pragma: no branch - coverage itself has imported it
        import typing

        typing.overload(form)
    return form
