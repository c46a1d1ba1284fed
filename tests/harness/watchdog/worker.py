"""A worker's side: it says what it is at, and writes its stacks when it is told to, or crashes."""

from __future__ import annotations

import faulthandler
import os
import sys
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path

import pytest

from harness.watchdog.captured import captured
from harness.watchdog.limit import limit_of
from harness.watchdog.note import Doing, Writer
from harness.watchdog.processes import STACKS


class Worker:
    """Keeps the note up to date."""

    def __init__(self, config: pytest.Config, file: Path, seconds: float) -> None:
        """Begins the note.

        Args:
            config: Knows what is captured.
            file: Where the note stands.
            seconds: What each thing may take that is no test.
        """
        self._writer = Writer(file, captured(config))
        self._seconds = seconds
        # Written by the signal's handler itself: that needs no interpreter lock, and works in
        # whichever thread takes the signal. The previous handler, which follows, is the system's:
        # it ends the process. A forked child inherits all of this.
        faulthandler.register(STACKS, self._writer.descriptor, all_threads=True, chain=True)
        _tell_crashes_of_children()
        self._begin(Doing.STARTING, seconds=seconds)

    def _begin(
        self,
        doing: Doing,
        nodeid: str = "",
        *,
        seconds: float | None,
        properties: Sequence[tuple[str, object]] = (),
    ) -> None:
        self._writer.write(doing, nodeid, seconds=seconds, properties=properties)
        # Every run of pytest inside a test has left this as it was before the first.
        faulthandler.enable(self._writer.descriptor)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        self._begin(Doing.COLLECTING, collector.nodeid, seconds=self._seconds)
        try:
            return (yield)
        finally:
            self._begin(Doing.STARTING, seconds=self._seconds)

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtestloop(self) -> Generator[None, object, object]:
        self._begin(Doing.WAITING, seconds=None)
        try:
            return (yield)
        finally:  # what is left are plugins: coverage is one that has much to write
            self._begin(Doing.FINISHING, seconds=self._seconds)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        self._begin(
            Doing.RUNNING, item.nodeid, seconds=limit_of(item), properties=item.user_properties
        )
        try:
            return (yield)
        finally:
            self._begin(Doing.WAITING, seconds=None)

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self) -> None:
        self._begin(Doing.LEAVING, seconds=None)  # the controller says when


def _tell_crashes_of_children() -> None:
    """Have forked children write to the terminal: the note is about the worker."""
    stream = sys.__stderr__
    assert stream is not None
    terminal = os.dup(stream.fileno())
    os.register_at_fork(after_in_child=lambda: faulthandler.enable(terminal))


class GivenUp:
    """Does not collect again what no worker could collect."""

    def __init__(self, told: Mapping[str, str]) -> None:
        """Takes what is told of each collector instead."""
        self._told = told

    @pytest.hookimpl(tryfirst=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> pytest.CollectReport | None:
        told = self._told.get(collector.nodeid)
        if told is None:
            return None
        return pytest.CollectReport(collector.nodeid, "failed", told, [])
