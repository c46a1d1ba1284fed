"""A call in a thread of its own, for scenarios in which one call waits while another is made."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, Generic, TypeVar

_T = TypeVar("_T")

_PATIENCE: Final = 20.0
"""Seconds after which `result` gives up: far above what any scenario needs."""
_LOOKS: Final = 8
"""How often in a row a thread must be seen asleep, without having run in between."""
_INTERVAL: Final = 0.001
_BUSY: Final = 2.0
"""Seconds after which a call that never rests counts as started all the same."""


class Started(Generic[_T]):
    """A call that has been started."""

    def __init__(self, call: Callable[[], _T]) -> None:
        """Starts it."""
        self._call = call
        self._outcome: list[_T] = []
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="started call", daemon=True)
        self._thread.start()

    def result(self) -> _T:
        """Return what the call returned, or raise what it raised, once it has ended."""
        self._thread.join(_PATIENCE)
        assert not self._thread.is_alive(), f"the call still waits after {_PATIENCE:.0f} s"
        if self._error is not None:
            raise self._error
        return self._outcome[0]

    def until_waiting(self) -> None:
        """Wait until the call is blocked, or has ended."""
        task = Path(f"/proc/self/task/{self._thread.native_id}")
        give_up = time.monotonic() + _BUSY
        before, looks = "", 0
        while self._thread.is_alive() and looks < _LOOKS and time.monotonic() < give_up:
            now = _rest(task)
            looks = looks + 1 if now and now == before else 0
            before = now
            time.sleep(_INTERVAL)

    def _run(self) -> None:
        try:
            self._outcome.append(self._call())
        except BaseException as error:  # `result` raises it
            self._error = error


def _rest(task: Path) -> str:
    """Return how long a sleeping thread has run and how often; nothing if it runs, or is gone."""
    try:
        status = (task / "status").read_text(encoding="ascii")
    except OSError:  # ended, or no Linux
        return ""
    lines = status.splitlines()
    if not any(line.startswith("State:\tS") for line in lines):
        return ""
    return " ".join(line for line in lines if "ctxt_switches" in line)


def started(call: Callable[[], _T]) -> Started[_T]:
    """Start a call in another thread, and return when it waits for something or has ended."""
    begun = Started(call)
    begun.until_waiting()
    return begun
