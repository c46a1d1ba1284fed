"""The controller's side: it has the workers watched, and reports those that were ended."""

from __future__ import annotations

import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Generator
from pathlib import Path
from typing import Final, Protocol

import pytest

from harness.watchdog.captured import Captured
from harness.watchdog.note import Doing, Left, read
from harness.watchdog.processes import ending
from harness.watchdog.watch import Watch

INPUT: Final = "watchdog"
"""The key of what a worker is told."""
MET: Final = "met its watchdog"
"""What the report of each test says that was ended."""

_LEFT_AFTER: Final = 10.0
"""Seconds from the signal to the end of a worker, whatever it is in. Only then may xdist kill it,
as nobody would know why: by itself it waits for ten in all, too few on a busy machine."""

_INTERVAL: Final = 0.02
"""Seconds between two looks at workers that finish."""
_OUTSIDE: Final = {Doing.STARTING, Doing.FINISHING, Doing.LEAVING}
"""What belongs to no test and no collector."""


class _Gateway(Protocol):
    id: str


class _Node(Protocol):
    """What is used of an xdist worker; xdist has no types."""

    gateway: _Gateway
    workerinput: dict[str, object]


class _Scheduling(Protocol):
    has_pending: bool


class _Nodes(Protocol):
    EXIT_TIMEOUT: float

    def teardown_nodes(self) -> None: ...


class Distribution(Protocol):
    """What is used of xdist's session."""

    nodemanager: _Nodes
    sched: _Scheduling | None
    shouldstop: bool | str


class _NoWorkerLeftError(Exception):
    """All workers ended outside of tests, again and again, and there is no test to run."""


class Controller:
    """Makes one failure of each hang, and of each crash."""

    def __init__(self, distribution: Distribution, workers: int, seconds: float) -> None:
        """Begins to watch.

        Args:
            distribution: The session of xdist.
            workers: How many there are at a time.
            seconds: What a worker's process may take to end.
        """
        self._distribution = distribution
        self._workers = workers
        self._seconds = seconds
        self._folder = tempfile.TemporaryDirectory(prefix="watchdog-")
        self._files: dict[str, Path] = {}
        self._captured: dict[str, Captured] = {}
        self._watch = Watch()
        self._uncollected: defaultdict[str, list[str]] = defaultdict(list)
        self._outside: Counter[Doing] = Counter()

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self, session: pytest.Session) -> None:
        self._session = session

    def pytest_configure_node(self, node: _Node) -> None:
        file = self._files[node.gateway.id] = Path(self._folder.name, node.gateway.id)
        # All workers must collect the same tests. What one alone hung at, its successor tries
        # again; what as many hung at as there are is left out by all that come.
        uncollected = self._uncollected.items()
        given_up = {nodeid: told[0] for nodeid, told in uncollected if len(told) >= self._workers}
        node.workerinput[INPUT] = {"file": str(file), "given_up": given_up}
        self._watch.begin(file)

    def pytest_xdist_node_collection_finished(self, node: _Node) -> None:
        """Open what the worker's tests will write to, as long as it lives."""
        left = read(self._files[node.gateway.id])
        if left is not None:
            self._captured[node.gateway.id] = Captured(left.note.pid, left.note.captured)

    def pytest_handlecrashitem(self, crashitem: str, report: pytest.TestReport) -> None:
        """Tell of a test what its worker has left."""
        node: _Node = report.node
        report.when = "call"
        left = read(self._files[node.gateway.id])
        if left is None:
            return
        report.longrepr = _told(left, node.gateway.id)
        captured = self._captured.get(node.gateway.id)
        if captured is not None:
            told = captured.read().items()
            report.sections += [(f"Captured {name} call", text) for name, text in told]
        if left.note.nodeid == crashitem:
            report.user_properties = list(left.note.properties)
            if left.overdue:
                report.duration = left.note.seconds or 0.0

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self) -> None:
        """Stop after as many failures as was said; xdist does not count those of crashes."""
        if self._session.shouldfail and not self._distribution.shouldstop:
            self._distribution.shouldstop = self._session.shouldfail

    @pytest.hookimpl(trylast=True)
    def pytest_testnodedown(self, node: _Node) -> None:
        """Report a worker that ended outside of tests; of those inside, xdist knows the test."""
        if hasattr(node, "workeroutput"):  # it has finished, and lives until all have
            return
        file = self._files[node.gateway.id]
        self._watch.cease(file)
        left = read(file)
        told = _told(left, node.gateway.id)
        doing = Doing.STARTING if left is None else left.note.doing
        if left is not None and doing is Doing.COLLECTING:
            self._uncollected[left.note.nodeid].append(told)
        elif doing in _OUTSIDE:
            self._report_outside(doing, told)
            scheduled = self._distribution.sched
            if self._outside.total() > self._workers and not (scheduled and scheduled.has_pending):
                raise _NoWorkerLeftError

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtestloop(self) -> Generator[None, object, object]:
        """Take leave of the workers as soon as all is done, while reports still count.

        They tell that they have finished a while before they have.
        """
        try:
            result = yield
        except _NoWorkerLeftError:
            result = True
        while any(self._is_finishing(file) for file in self._watch.watched()):
            time.sleep(_INTERVAL)
        nodes = self._distribution.nodemanager
        self._watch.close(self._seconds)
        nodes.EXIT_TIMEOUT = self._seconds + _LEFT_AFTER
        nodes.teardown_nodes()
        for name, file in self._files.items():
            left = read(file)
            if left is not None and left.note.doing in _OUTSIDE and (left.overdue or left.stacks):
                self._report_outside(left.note.doing, _told(left, name))
        return result

    @staticmethod
    def _is_finishing(file: Path) -> bool:
        left = read(file)
        return left is not None and left.note.doing is Doing.FINISHING

    def pytest_unconfigure(self) -> None:
        self._watch.stop()
        for captured in self._captured.values():
            captured.close()
        self._folder.cleanup()

    def _report_outside(self, doing: Doing, told: str) -> None:
        """Report what belongs to no test, once for all workers that met it."""
        if not self._outside[doing]:
            name = f"the {doing} of a worker"
            report = pytest.TestReport(name, (name, None, name), {}, "failed", told, "call")
            self._session.config.hook.pytest_runtest_logreport(report=report)
        self._outside[doing] += 1


def _told(left: Left | None, worker: str) -> str:
    """Return what became of a worker, with its stacks."""
    if left is None:
        return f"ended before it did anything: worker {worker}"
    note = left.note
    what = " ".join(filter(None, (note.doing, note.nodeid)))
    if left.overdue:
        limit = "" if note.seconds is None else f" of {note.seconds:g} s"
        told = f"{MET}{limit} while {what}: worker {worker}"
    else:
        how = ending(note.pid)
        told = f"ended by itself{how and f' ({how})'} while {what}: worker {worker}"
    return f"{told}, whose stacks were\n\n{left.stacks}" if left.stacks else told
