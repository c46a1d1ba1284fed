"""The thread of the controller that ends workers which are overdue."""

from __future__ import annotations

import math
import threading
import time
from pathlib import Path
from typing import Final

from harness.watchdog.note import mark_overdue, read
from harness.watchdog.processes import end, is_running

_INTERVAL: Final = 0.1
"""Seconds between two looks."""


class Watch:
    """Watches the workers whose files it is given."""

    def __init__(self) -> None:
        """Starts the thread."""
        self._files: set[Path] = set()
        self._close = math.inf
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watchdog", daemon=True)
        self._thread.start()

    def begin(self, file: Path) -> None:
        """Watches the worker that writes this file."""
        self._files.add(file)

    def cease(self, file: Path) -> None:
        """Watches it no more: it has ended."""
        self._files.discard(file)

    def watched(self) -> tuple[Path, ...]:
        """The files of the workers that have not ended."""
        return tuple(self._files)

    def close(self, seconds: float) -> None:
        """Gives all workers some seconds more to end, whatever they are at."""
        self._close = time.monotonic() + seconds

    def stop(self) -> None:
        """Ends the thread."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.wait(_INTERVAL):
            for file in self.watched():
                self._look(file)

    def _look(self, file: Path) -> None:
        left = read(file)
        if left is None:
            return
        if not is_running(left.note.pid):
            self.cease(file)
            return
        until = left.note.until
        if time.monotonic() > min(self._close, math.inf if until is None else until):
            self.cease(file)
            mark_overdue(file)
            end(left.note.pid)
