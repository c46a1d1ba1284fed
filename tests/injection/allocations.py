"""Allocations of the interpreter that fail: one at a time.

CPython's own test module has what makes them fail, where it is installed. That all fail from one on
is more than CPython itself can take: it loops for ever on the one exception that it has left.
"""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import Callable, Iterator
from typing import Any, Final

from injection.builds import is_compiled
from injection.failures import raised

LACK: Final = raised("allocation", MemoryError)
"""What is reported as the failure."""
_ALL: Final = 16
"""Of so many allocations at the beginning, each fails."""
_STEP: Final = 7
"""Of the others, one in so many."""
_SILENT: Final = 8
"""Failures in a row that no call noticed: it makes no more allocations, or none that matter."""
_MOST: Final = 300

_hooks: Any = None  # in a build without it
with contextlib.suppress(ImportError):
    _hooks = importlib.import_module("_testcapi")


def can_fail() -> bool:
    """Tells whether this interpreter can have allocations fail, and the build outlives it.

    Where mypyc has no memory for an int, it ends the process; README says so.
    """
    return _hooks is not None and not is_compiled()


class Shortage:
    """Has one allocation fail while a call is made."""

    def __init__(self, number: int) -> None:
        """Lets `number` of them succeed before."""
        self._number = number

    def __call__(self, call: Callable[[], object]) -> object:
        """Makes the call. Nothing traces it: what measures coverage allocates as well."""
        tracing = sys.gettrace()
        sys.settrace(None)
        _hooks.set_nomemory(self._number, self._number + 1)
        try:
            return call()
        finally:
            _hooks.remove_mem_hooks()
            sys.settrace(tracing)


def shortages(noticed: Callable[[], bool]) -> Iterator[tuple[int, Shortage]]:
    """Yields what to try, with the number of the allocation: the first ones, and then some.

    Args:
        noticed: Tells whether the call that was tried last has noticed it.
    """
    number = silent = 0
    while silent < _SILENT and number < _MOST:
        yield number, Shortage(number)
        silent = 0 if noticed() else silent + 1
        number += 1 if number < _ALL else _STEP
