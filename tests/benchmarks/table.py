"""Contenders that take turns, and the table of what they took."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter, process_time
from typing import Final, NamedTuple, TypeAlias


@dataclass(frozen=True)
class Taken:
    """What one measurement took, in seconds.

    Attributes:
        wall: By the clock.
        cpu: Of the process that does what is measured.
    """

    wall: float
    cpu: float


@dataclass(frozen=True)
class Unit:
    """How a time is shown."""

    name: str
    per_second: float


Contenders: TypeAlias = Mapping[str, Callable[[], Taken]]

MILLISECONDS: Final = Unit("ms", 1e3)


def per(what: str, count: int) -> Unit:
    """Returns the unit for a measurement that does `count` times the same, in nanoseconds."""
    return Unit(f"ns/{what}", 1e9 / count)


def each(what: str, count: int) -> Unit:
    """As `per`, in microseconds."""
    return Unit(f"us/{what}", 1e6 / count)


def duration(action: Callable[[], None]) -> Taken:
    """Measures one call."""
    started, worked = perf_counter(), process_time()
    action()
    return Taken(perf_counter() - started, process_time() - worked)


def discard(_: object) -> None:
    """Ends a contender's result, which is not the measurement's."""


class Speed(NamedTuple):
    """How many times as fast as the first contender another one is, by its medians."""

    clock: float
    cpu: float


def compare(title: str, unit: Unit, rounds: int, contenders: Contenders) -> dict[str, Speed]:
    """Prints medians, quartiles and the ratio of each contender to the first.

    The first round warms up, and is not counted.

    Returns:
        The speeds, by name.
    """
    for measure in contenders.values():
        measure()
    taken: dict[str, list[Taken]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, measure in contenders.items():
            taken[name].append(measure())
    print(f"\n{title} ({unit.name}; {rounds} rounds)")
    first = next(iter(taken.values()))
    speeds = {}
    for name, times in taken.items():
        low, median, high = (
            quartile * unit.per_second
            for quartile in statistics.quantiles([each.wall for each in times], n=4)
        )
        speeds[name] = speed = Speed(_wall(first) / _wall(times), _cpu(first) / _cpu(times))
        shown = f"  {name:<44}{median:>10.1f}  [{low:>8.1f} ..{high:>8.1f}]  x{1 / speed.clock:.2f}"
        print(f"{shown}  cpu{_cpu(times) * unit.per_second:>10.1f}  x{1 / speed.cpu:.2f}")
    return speeds


def _wall(taken: Sequence[Taken]) -> float:
    return statistics.median(each.wall for each in taken)


def _cpu(taken: Sequence[Taken]) -> float:
    return statistics.median(each.cpu for each in taken)
