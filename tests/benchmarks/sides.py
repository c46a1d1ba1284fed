"""The two sides of a measurement that workers do: how a worker is started and asked."""

from __future__ import annotations

import contextlib
import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from harness.authority import Authority

from benchmarks.processes import Ended, Spoken, processors, spoken_with
from benchmarks.rounds import Side
from benchmarks.rows import InWorkers
from benchmarks.samples import Contender, Metric, Sample
from benchmarks.tasks import Task

_WORTH_SCALING: Final = 8
"""A part of a block, at which its time says how many more make a whole one."""
_TRIALS: Final = 3
"""How often a time is tried that decides on the size of blocks, because others use the machine."""


@dataclass(frozen=True)
class Peer:
    """The other end of all connections.

    Attributes:
        control: The port where it takes orders.
        ca_file: The authority that vouches for it.
    """

    control: int
    ca_file: str


@contextmanager
def peer() -> Iterator[Peer]:
    """Runs the peer for as long as the context lasts."""
    with tempfile.TemporaryDirectory() as folder:
        authority = Authority(Path(folder))
        identity = authority.issue()
        command = [sys.executable, "-m", "benchmarks.peers.server"]
        command += [identity.cert_file, identity.key_file]
        with spoken_with("the peer", command, processor=processors()[1]) as server:
            yield Peer(int(server.hear()), authority.ca_file)


@dataclass(frozen=True)
class Blocks:
    """A process that does a work so many times as it is told, and says what that cost.

    Attributes:
        process: The process.
        count: How many times make a block.
    """

    process: Spoken
    count: int = 1

    def sample(self) -> Sample:
        """Measures one block."""
        taken: dict[Metric, float] = json.loads(self.process.ask(str(self.count)))
        return {metric: total / self.count for metric, total in taken.items()}

    def scaled(self, block: float) -> Blocks:
        """Returns the same with a count that takes so many seconds; finding that warms it up."""
        trial = self
        while (took := trial._quickest()) * trial.count < block / _WORTH_SCALING:
            trial = replace(trial, count=2 * trial.count)
        return replace(trial, count=max(1, round(block / took)))

    def _quickest(self) -> float:
        return min(self.sample()["wall"] for _ in range(_TRIALS))


@dataclass(frozen=True)
class Workers:
    """The sides of works, in workers of one interpreter.

    Attributes:
        python: The interpreter, of an environment that has nimnet.
        peer: The other end.
        block: Seconds that a block is about to take.
        facts: What the first worker of each work has said of its connection; the others must say
            the same, or something else than nimnet would be compared.
    """

    python: Path
    peer: Peer
    block: float
    facts: dict[str, str] = field(default_factory=dict)

    def side(self, task: Task) -> Side:
        """Returns what starts a worker for one sitting."""

        @contextmanager
        def start() -> Iterator[Contender]:
            with self._worker(task) as process:
                said = process.hear()
                known = self.facts.setdefault(f"{task.work}, {task.tls}", said)
                if said != known:
                    raise Ended(f"{process.name} uses {said}, and not {known}")
                yield Blocks(process).scaled(self.block)

        return start

    def memory(self, task: Task) -> Side:
        """Returns what asks for memory; each time a new process, which nothing was done in yet."""

        @dataclass(frozen=True)
        class Fresh:
            workers: Workers

            def sample(self) -> Sample:
                with self.workers._worker(task) as process:
                    process.hear()
                    return Blocks(process).sample()

        return lambda: contextlib.nullcontext(Fresh(self))

    def tasks(self, what: InWorkers) -> tuple[Task, Task]:
        """Returns the tasks of both sides."""
        theirs = Task(
            what.work,
            "theirs",
            what.size,
            what.tls,
            what.flowing,
            self.peer.control,
            self.peer.ca_file,
        )
        return theirs, replace(theirs, by="ours")

    def _worker(self, task: Task) -> contextlib.AbstractContextManager[Spoken]:
        command = [str(self.python), "-m", "benchmarks.worker", task.text()]
        name = f"the worker for {task.work!r}, {task.by}"
        return spoken_with(name, command, processor=processors()[0])
