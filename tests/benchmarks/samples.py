"""What is measured: the cost of one operation, by the clock, in CPU time, or in memory."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

Metric: TypeAlias = Literal["cpu", "wall", "memory"]
"""CPU time of the process that is measured, its threads and the system's work for it included; time
by the clock; memory that it holds."""

Sample: TypeAlias = Mapping[Metric, float]
"""What one operation cost, on the average of a block: seconds, or bytes."""


class Contender(Protocol):
    """One of the two sides, ready to be measured."""

    def sample(self) -> Sample:
        """Measures one block."""


@dataclass(frozen=True)
class Pair:
    """One round: a block of each side, one right after the other.

    Attributes:
        sitting: In which pair of processes; from 0.
        theirs: The peer's. Where there is nothing to compare with, ours again.
        ours: nimnet's.
    """

    sitting: int
    theirs: Sample
    ours: Sample


_UNITS: dict[Metric, tuple[tuple[float, str], ...]] = {
    "cpu": ((1e-9, "ns"), (1e-6, "us"), (1e-3, "ms"), (1.0, "s")),
    "wall": ((1e-9, "ns"), (1e-6, "us"), (1e-3, "ms"), (1.0, "s")),
    "memory": ((1.0, "B"), (1024.0, "KiB"), (1024.0**2, "MiB")),
}


def shown(metric: Metric, value: float) -> str:
    """Returns a cost as people read it, in three digits: `253 ns`, `1.25 ms`, `2.41 KiB`."""
    scale, unit = next(
        (pair for pair in reversed(_UNITS[metric]) if value >= pair[0]), _UNITS[metric][0]
    )
    number = value / scale
    digits = 2 if number < 10 else 1 if number < 100 else 0
    return f"{number:.{digits}f} {unit}"
