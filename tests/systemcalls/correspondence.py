"""Which system calls stand behind an operation of the seam: the table of `correspondence.yaml`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from systemcalls.tracer import Call

_FILE: Final = Path(__file__).with_name("correspondence.yaml")


@dataclass(frozen=True)
class Difference:
    """Where the kernel's failure may come to something else than the seam's.

    Attributes:
        operation: The operations that it is about.
        call: The system calls.
        failure: The failures.
        why: The reason.
    """

    operation: re.Pattern[str]
    call: re.Pattern[str]
    failure: re.Pattern[str]
    why: str

    def covers(self, operation: str, call: str, failure: str) -> bool:
        """Tells whether it is about a failure of an operation."""
        return bool(
            self.operation.fullmatch(operation)
            and self.call.fullmatch(call)
            and self.failure.fullmatch(failure)
        )


@dataclass(frozen=True)
class Tolerated:
    """What is found when a system call fails alone, and is no fault.

    Attributes:
        call: The system calls.
        finding: What is found.
        why: The reason.
    """

    call: re.Pattern[str]
    finding: re.Pattern[str]
    why: str


class MismatchError(Exception):
    """The operations of a call, and its system calls, do not correspond."""


@dataclass(frozen=True)
class Correspondence:
    """The table.

    Attributes:
        operations: The system calls of each operation, in each way that it can have them.
        fails: The beginning of the name of the one that fails in the operation's place.
        words: What is injected for a failure that is no error number.
        beside: What else each operation may call, and what may be called `anywhere`.
        unseen: What system calls fail with that no operation stands for.
        differences: Where both may differ.
        tolerated: What else may be found.
    """

    operations: Mapping[str, tuple[re.Pattern[str], ...]]
    fails: Mapping[str, str]
    words: Mapping[str, str]
    beside: Mapping[str, frozenset[str]]
    unseen: Mapping[str, tuple[str, ...]]
    differences: tuple[Difference, ...]
    tolerated: tuple[Tolerated, ...]

    def aligned(
        self, performed: Sequence[str], calls: Sequence[Call]
    ) -> tuple[list[tuple[int, str, Call]], list[Call]]:
        """Finds the system call of each operation.

        Args:
            performed: The operations of a call, in order.
            calls: The system calls of its thread, in order.

        Returns:
            The number and name of each operation that has any, with the one that fails in its
            place; and the system calls that no operation stands for.

        Raises:
            MismatchError: An operation does not have its system calls.
        """
        found: list[tuple[int, str, Call]] = []
        others: list[Call] = []
        begin = 0
        for number, name in enumerate(performed):
            if name not in self.operations:
                continue
            while True:
                if begin == len(calls):
                    raise MismatchError(f"no system call is left for {name} ({number + 1})")
                rest = "".join(f"{call.kind} " for call in calls[begin:])
                match = next(filter(None, (one.match(rest) for one in self.operations[name])), None)
                if match is not None:
                    break
                others.append(calls[begin])
                begin += 1
            own = calls[begin : begin + match[0].count(" ")]
            chosen = next(one for one in own if one.name.startswith(self.fails.get(name, "")))
            found.append((number, name, chosen))
            begin += len(own)
        return found, others + list(calls[begin:])

    def unheard(self, performed: Sequence[str], others: Sequence[Call]) -> list[str]:
        """Returns the names of system calls that the seam should have heard of.

        Args:
            performed: The operations of a call.
            others: The system calls that none of them stands for.
        """
        allowed = {call for name in ("anywhere", *performed) for call in self.beside.get(name, ())}
        return sorted({call.name for call in others} - allowed)

    def injected(self, failure: str) -> str | None:
        """Returns what strace injects for a failure; None where it cannot."""
        if failure.startswith("E") and not failure.startswith("EAI_"):
            return failure
        return self.words.get(failure)


def load() -> Correspondence:
    """Returns the table."""
    loaded: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return Correspondence(
        {
            name: tuple(re.compile(one) for one in row["calls"])
            for name, row in loaded["operations"].items()
        },
        {name: row["fails"] for name, row in loaded["operations"].items() if "fails" in row},
        loaded["words"],
        {name: frozenset(calls) for name, calls in loaded["beside"].items()},
        {name: tuple(numbers) for name, numbers in loaded["unseen"].items()},
        tuple(
            Difference(
                re.compile(one["operation"]),
                re.compile(one["call"]),
                re.compile(one["failure"]),
                " ".join(one["why"].split()),
            )
            for one in loaded["differences"]
        ),
        tuple(
            Tolerated(re.compile(one["call"]), re.compile(one["finding"]), one["why"])
            for one in loaded["tolerated"]
        ),
    )
