"""The end of a scenario that hangs: by a plugin that honours the mark `timeout`, or by this one.

A project may have such a plugin: pytest-timeout, or one of its own. Where there is none, a scenario
that takes too long ends its process, after the stacks of all threads were shown: with pytest-xdist
that is one failed test, and another worker goes on; without it, the run.
"""

from __future__ import annotations

import faulthandler
import os
import sys
from collections.abc import Generator
from typing import Final

import pytest

_MARK: Final = "timeout"
_LIMIT: Final = pytest.StashKey[float]()


def limit(config: pytest.Config, item: pytest.Item, seconds: float) -> None:
    """Let a test take no more than so many seconds, with its fixtures."""
    if any(line.startswith(f"{_MARK}(") for line in config.getini("markers")):
        item.add_marker(getattr(pytest.mark, _MARK)(seconds))
    else:
        item.stash[_LIMIT] = seconds


class Watchdog:
    """Ends the process in which a test hangs that `limit` has limited, if nothing else does."""

    def __init__(self) -> None:
        """Keep the output for errors, which pytest takes away while a test runs."""
        self._output = os.dup(sys.__stderr__.fileno() if sys.__stderr__ is not None else 2)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Watch a test."""
        self._watch(item)
        try:
            return (yield)
        finally:
            faulthandler.cancel_dump_traceback_later()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> None:
        """Watch the end of a test anew: pytest stops every watch when a test has failed."""
        self._watch(item)

    def pytest_unconfigure(self) -> None:
        """Give the output back."""
        os.close(self._output)

    def _watch(self, item: pytest.Item) -> None:
        seconds = item.stash.get(_LIMIT, None)
        if seconds is not None:
            faulthandler.dump_traceback_later(seconds, exit=True, file=self._output)
