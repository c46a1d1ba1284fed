"""Interruptions (Ctrl-C, SIGTERM, SIGHUP) as one exception, and stretches in which they wait.

A run that changes files must not be torn apart between two of them: inside `Held`, a signal is only
noted, and the code asks for it at the points where it can go back.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Final, Self

Handler = Callable[[int, FrameType | None], object] | int | None
"""What `signal.signal` takes and returns."""

_SIGNALS: Final = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)


class InterruptedRunError(BaseException):
    """The user or the system asked the run to end; no `Exception`, like `KeyboardInterrupt`."""


@contextmanager
def raising_on_signals() -> Iterator[None]:
    """Let the signals that end a program raise `InterruptedRunError` inside the context."""
    before: list[tuple[int, Handler]] = []
    if threading.current_thread() is threading.main_thread():
        before = [(number, signal.signal(number, _raise)) for number in _SIGNALS]
    try:
        yield
    finally:
        _restore(before)


def _restore(handlers: Iterable[tuple[int, Handler]]) -> None:
    """Give signals back to whoever had them before, as far as that was Python."""
    for number, handler in handlers:
        if handler is not None:
            signal.signal(number, handler)


def _raise(number: int, _frame: FrameType | None) -> None:
    raise InterruptedRunError(signal.Signals(number).name)


class Held:
    """A stretch in which signals wait. `check` raises if one came; else it is dropped at the end.

    The last `check` must stand where everything can still be undone: what comes after it is done.
    Outside the main thread no signal can arrive, and there is nothing to hold.
    """

    def __init__(self) -> None:
        """Prepare; nothing is held until the context is entered."""
        self._came = ""
        self._before: list[tuple[int, Handler]] = []

    def __enter__(self) -> Self:
        """Start to hold."""
        if threading.current_thread() is threading.main_thread():
            for number in _SIGNALS:
                self._before.append((number, signal.signal(number, self._note)))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give the signals back to whoever had them."""
        _restore(self._before)
        self._before.clear()

    def check(self) -> None:
        """Raise `InterruptedRunError` if a signal came since the context was entered."""
        if self._came:
            raise InterruptedRunError(self._came)

    def _note(self, number: int, _frame: FrameType | None) -> None:
        self._came = signal.Signals(number).name
