"""An end for what does not end by itself."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

_HANGS: Final = 20
"""Seconds after which a call, with all that comes after it, is over in any case."""


class HungError(BaseException):
    """A call that does not end."""


@contextmanager
def limited() -> Iterator[None]:
    """Raises a `HungError` in a block of the main thread that does not end."""

    def hung(_number: int, _frame: FrameType | None) -> None:
        raise HungError

    before = signal.signal(signal.SIGALRM, hung)
    signal.setitimer(signal.ITIMER_REAL, _HANGS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
