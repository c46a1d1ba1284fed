"""Methods of Python's data model whose signature Python dictates, not the specification."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Special:
    """What is fixed about a method of the data model."""

    params: tuple[str, ...] = ()
    """Parameters that Python passes and the specification does not mention."""
    result: str = ""
    """The annotation of the result, where the specification cannot say it."""
    symbols: tuple[str, ...] = ()
    """What they name, as `module.Name`."""
    returns_self: bool = False


SPECIAL: Final[Mapping[str, Special]] = {
    "__enter__": Special(result="Self", symbols=("typing.Self",), returns_self=True),
    "__exit__": Special(
        params=(
            "kind: type[BaseException] | None",
            "error: BaseException | None",
            "trace: TracebackType | None",
        ),
        symbols=("types.TracebackType",),
    ),
    "__iand__": Special(result="Self", symbols=("typing.Self",), returns_self=True),
}
