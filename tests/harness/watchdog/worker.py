"""A worker's side: it says what it is at, and writes its stacks when it is told to."""

from __future__ import annotations

import faulthandler
from collections.abc import Generator, Mapping
from pathlib import Path

import pytest

from harness.watchdog.limit import limit_of
from harness.watchdog.note import Doing, Writer
from harness.watchdog.processes import STACKS


class Worker:
    """Keeps the note up to date."""

    def __init__(self, file: Path, seconds: float) -> None:
        """Begins the note.

        Args:
            file: Where it stands.
            seconds: What each thing may take that is no test.
        """
        self._writer = Writer(file)
        self._seconds = seconds
        # Written by the signal's handler itself: that needs no interpreter lock, and works in
        # whichever thread takes the signal. The previous handler, which follows, is the system's:
        # it ends the process. A forked child inherits all of this.
        faulthandler.register(STACKS, self._writer.descriptor, all_threads=True, chain=True)
        self._writer.write(Doing.STARTING, seconds=seconds)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        self._writer.write(Doing.COLLECTING, collector.nodeid, seconds=self._seconds)
        try:
            return (yield)
        finally:
            self._writer.write(Doing.STARTING, seconds=self._seconds)

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtestloop(self) -> Generator[None, object, object]:
        self._writer.write(Doing.WAITING, seconds=None)
        try:
            return (yield)
        finally:  # what is left are plugins: coverage is one that has much to write
            self._writer.write(Doing.FINISHING, seconds=self._seconds)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        self._writer.write(
            Doing.RUNNING, item.nodeid, seconds=limit_of(item), properties=item.user_properties
        )
        try:
            return (yield)
        finally:
            self._writer.write(Doing.WAITING, seconds=None)

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self) -> None:
        self._writer.write(Doing.LEAVING, seconds=None)  # the controller says when


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
