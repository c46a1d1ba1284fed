"""Where tests run in the process that keeps the books: it tells where a test hangs, and goes on."""

from __future__ import annotations

import faulthandler
import functools
import os
import sys
from collections.abc import Generator

import pytest

from harness.watchdog.limit import limit_of


class Alone:
    """Writes the stacks of a test that is overdue to the terminal."""

    def __init__(self) -> None:
        """Keeps the terminal, before output is captured."""
        stream = sys.__stderr__
        assert stream is not None
        self._terminal = os.dup(stream.fileno())
        _forget_in_children()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        faulthandler.dump_traceback_later(limit_of(item), file=self._terminal)
        try:
            return (yield)
        finally:
            faulthandler.cancel_dump_traceback_later()

    def pytest_unconfigure(self) -> None:
        os.close(self._terminal)


@functools.cache
def _forget_in_children() -> None:
    """Drop the timer at a fork: the child would have no thread of it, and wait for that."""
    os.register_at_fork(before=faulthandler.cancel_dump_traceback_later)
