"""What tests write to standard output and error: pytest keeps it in files that end with a worker.

Nobody else has their names. The controller opens them while the worker lives, and reads there what
the worker could report no more: the last words of C libraries, and of the interpreter itself, which
tells of its own fatal errors nowhere else.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Sequence
from typing import Final

import pytest

_STREAMS: Final = ("stdout", "stderr")
_MOST: Final = 1 << 20
"""Bytes of a stream that are told, the last ones."""


def captured(config: pytest.Config) -> Sequence[int]:
    """Return this process's descriptors of both files; none where there are none."""
    manager = config.pluginmanager.get_plugin("capturemanager")
    if manager is None or config.option.capture != "fd":
        return ()
    manager.resume_global_capture()
    try:
        return [os.dup(number) for number in (1, 2)]
    finally:
        manager.suspend_global_capture()


class Captured:
    """Both files of a worker."""

    def __init__(self, pid: int, descriptors: Sequence[int]) -> None:
        """Opens them, as far as they are there."""
        self._files: dict[str, int] = {}
        for name, number in zip(_STREAMS, descriptors, strict=False):
            with contextlib.suppress(OSError):  # it has ended
                self._files[name] = os.open(f"/proc/{pid}/fd/{number}", os.O_RDONLY)

    def read(self) -> dict[str, str]:
        """Returns what is in them since the test last passed on what it had written."""
        return {name: text for name, file in self._files.items() if (text := _text(file))}

    def close(self) -> None:
        while self._files:
            os.close(self._files.popitem()[1])


def _text(file: int) -> str:
    told = os.fstat(file)
    if not stat.S_ISREG(told.st_mode):
        return ""
    return os.pread(file, _MOST, max(0, told.st_size - _MOST)).decode(errors="replace")
