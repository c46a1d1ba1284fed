"""Many cells at a time: workers, what they have found, and the totals for each callable."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Final

from injection.allocations import can_fail
from injection.contracts import Contract

SAMPLE: Final = 2
"""Failures of each scenario that `make test` tries."""
_TESTS: Final = Path(__file__).parents[1]


@dataclass
class Total:
    """What was tried of one callable.

    Attributes:
        cells: In how many scenarios, on their transports.
        operations: How many operations its calls have performed.
        injections: How many of them were made to fail, in all ways.
        shortages: How often an allocation was to fail, if the call made so many.
        missed: How often an operation was to fail that was not performed this time.
        raised: How many of these calls raised.
        findings: What is wrong.
    """

    cells: int = 0
    operations: int = 0
    injections: int = 0
    shortages: int = 0
    missed: int = 0
    raised: int = 0
    findings: list[str] = field(default_factory=list)

    @property
    def tried(self) -> bool:
        """Whether something has failed; below what does nothing, allocations alone can."""
        if self.operations or can_fail():
            return self.injections + self.shortages > 0
        return self.cells > 0

    def add(self, tried: dict[str, object]) -> None:
        """Adds what a worker has said of a cell."""
        self.cells += 1
        for name in ("operations", "injections", "shortages", "missed", "raised"):
            setattr(self, name, getattr(self, name) + tried.get(name, 0))
        found = tried["findings"]
        assert isinstance(found, list)
        self.findings += [f"{tried['cell']}: {one}" for one in found]


@dataclass(frozen=True)
class Task:
    """A cell to try, and the contract of its callable."""

    cell: str
    contract: Contract


def tasks(declared: dict[str, Contract], known: Iterable[tuple[str, str]]) -> list[Task]:
    """Returns what there is to do.

    Args:
        declared: The contracts of all callables.
        known: The cells by their names, each with its callable.
    """
    return [Task(cell, declared[callable_]) for cell, callable_ in known]


def run(
    todo: Iterable[Task],
    workers: int,
    sample: int | None,
    results: Path,
    done: Callable[[int], None],
) -> dict[str, Total]:
    """Tries cells in several processes; returns the totals by callable.

    Args:
        todo: The cells.
        workers: How many processes.
        sample: How many failures of each cell; None for all.
        results: A file for what each cell has shown: a line of JSON for each, as they come.
        done: Is told after each cell how many are done.
    """
    waiting: queue.SimpleQueue[Task] = queue.SimpleQueue()
    for task in todo:
        waiting.put(task)
    totals: dict[str, Total] = {}
    lock = threading.Lock()
    count = 0

    def take(task: Task, tried: dict[str, object]) -> None:
        nonlocal count
        with lock:
            totals.setdefault(task.contract.callable, Total()).add(tried)
            count += 1
            lines.write(json.dumps(tried) + "\n")
            lines.flush()
            done(count)

    with results.open("w", encoding="utf-8") as lines:
        threads = [
            threading.Thread(target=_feed, args=(waiting, sample, take)) for _ in range(workers)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return totals


def _feed(
    waiting: queue.SimpleQueue[Task],
    sample: int | None,
    take: Callable[[Task, dict[str, object]], None],
) -> None:
    """Gives one worker a cell after the other; another takes its place where it ends."""
    while not waiting.empty():
        with _worker(sample) as worker:
            assert worker.stdin is not None
            assert worker.stdout is not None
            for task in _each(waiting):
                answer = _ask(worker.stdin, worker.stdout, task)
                if answer is None:
                    ended = ["the process that tried it has ended"]
                    take(task, {"cell": task.cell, "findings": ended})
                    break
                take(task, answer)


def _each(waiting: queue.SimpleQueue[Task]) -> Iterator[Task]:
    while True:
        try:
            yield waiting.get_nowait()
        except queue.Empty:
            return


def _worker(sample: int | None) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "injection.worker"]
    return subprocess.Popen(
        command if sample is None else [*command, str(sample)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=_TESTS,
    )


def _ask(stdin: IO[str], stdout: IO[str], task: Task) -> dict[str, object] | None:
    try:
        stdin.write(json.dumps(asdict(task)) + "\n")
        stdin.flush()
    except BrokenPipeError:
        return None
    line = stdout.readline()
    return json.loads(line) if line else None
