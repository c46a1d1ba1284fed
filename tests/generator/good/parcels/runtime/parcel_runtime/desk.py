"""The desk: it knows tuples, numbers and texts, and no class of the package."""

from __future__ import annotations

import builtins
import re
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from itertools import pairwise

Size = tuple[float, float, int]
Parcel = tuple[
    str, float, Size, int, int, Sequence[str], Sequence[int], int | None, Size | None, bytes
]


class TimeoutError(builtins.TimeoutError):
    """It took too long."""


class DeskError(Exception):
    """The desk refuses something."""

    desk: int = 1


class TooHeavyError(DeskError):
    """A parcel is too heavy."""

    def __init__(self, excess: int, unit: str) -> None:
        """Say by how much."""
        super().__init__(f"{excess} {unit} too heavy")
        self.excess: int | None = excess
        self.unit: str = unit


class Slip:
    """What one gets for a parcel."""

    def __init__(self, number: int) -> None:
        """Write its number on it."""
        self._number = number

    @property
    def number(self) -> int:
        """Its number."""
        return self._number


class Keeper:
    """Who counts what is weighed."""

    def __init__(self) -> None:
        """Come to work."""
        self.total: int = 0


class Scale:
    """What weighs up to a limit."""

    def __init__(self, limit: int, unit: str) -> None:
        """Set it up, empty."""
        if limit < 0:
            raise ValueError("no scale weighs less than nothing")
        self.limit: int = limit
        self._left = limit
        self._unit = unit

    def put(self, weight: int, keeper: Keeper | None, other: Keeper | None) -> None:
        """Put something on it."""
        for one in (keeper, other):
            if one is not None:
                one.total += weight
        if weight > self._left:
            raise TooHeavyError(weight - self._left, self._unit)
        self._left -= weight

    @property
    def left(self) -> int:
        """What it can still weigh."""
        return self._left

    def lighter(self) -> Scale:
        """Set up a lighter one."""
        return Scale(self.limit - 1, self._unit)


class Shift:
    """The time in which a scale is used."""

    def __init__(self, limit: int) -> None:
        """Begin it."""
        self._scale = Scale(limit, "g")

    def __enter__(self) -> Scale:
        """Lend the scale."""
        return self._scale

    def end(self) -> None:
        """Take it back."""


def new_shift(limit: int) -> Shift:
    """Begin a shift."""
    return Shift(limit)


def total(weights: Iterable[float], tare: float) -> float:
    """Add weights."""
    return sum(weights, tare)


def sorted(labels: Sequence[str], least: int, mask: int) -> list[str]:
    """Put labels in order."""
    assert (least, mask) == (1000, 255)
    ordered = list(labels)
    ordered.sort()
    return ordered


def joined(parts: tuple[str, ...], separator: str, ending: str) -> str:
    """Join texts."""
    return separator.join(parts) + ending


def weigh_all(sizes: Sequence[Size]) -> int | None:
    """Weigh boxes; each weighs what its drawer is called."""
    return sum(size[2] for size in sizes) if sizes else None


def find(parcels: Sequence[Parcel], label: str | None) -> Parcel | None:
    """Look for a parcel."""
    return next((parcel for parcel in parcels if label in (None, parcel[0])), None)


def measured(parcel: Parcel) -> Size:
    """Measure a parcel."""
    return parcel[2]


def new_parcel(label: str) -> Parcel:
    """Make a parcel; lists are what the desk likes."""
    return label, 1.5, (1.0, 2.0, 9), 0, 1, [], [1, 2], None, None, b"ok"


def text(parcel: Parcel) -> str:
    """Write a parcel."""
    return f"parcel {parcel[0]}"


def area(size: Size) -> float:
    """Multiply."""
    return size[0] * size[1]


def register(
    parcel: Parcel,
    witness: Slip | None,
    ask: Callable[[str], bool] | None,
    stripes: bytes | bytearray | memoryview,
    deadline: int,
) -> Slip:
    """Take a parcel in."""
    if deadline == 0:
        raise TimeoutError(f"{parcel[0]} came too late")
    seen = witness.number if witness is not None else 0
    return Slip(len(stripes) + seen + (100 if ask is not None and ask(parcel[0]) else 0))


def receipts(numbers: Sequence[int], pattern: str) -> list[Slip]:
    """Find receipts."""
    return [Slip(number) for number in numbers if pattern == "*"]


def fill(
    counts: list[int], raw: bytes | bytearray | memoryview
) -> tuple[bytes, list[tuple[str, int]]]:
    """Fill a list."""
    counts.append(len(raw))
    return bytes(raw), [("shelf", count) for count in counts]


def queued(parcels: Sequence[Parcel]) -> list[tuple[str, str, int]]:
    """Go through a queue."""
    return [(one[0], other[0], other[2][2]) for one, other in pairwise(parcels)]


def legs(places: Sequence[str]) -> list[tuple[str, str]]:
    """Go from place to place."""
    return list(pairwise(places))


def price(share: Fraction, factor: float, cares: Sequence[int]) -> tuple[float, int]:
    """Tell the price."""
    return float(share) * factor, sum(cares)


def seek(
    stripes: bytes | bytearray | memoryview,
    patterns: Sequence[bytes | re.Pattern[bytes]],
    key: bytes | Callable[[], bytes],
) -> tuple[int, re.Match[bytes], bytes] | None:
    """Look for the first of several things."""
    wanted = key() if callable(key) else key
    for index, pattern in enumerate(patterns):
        found = re.search(pattern, stripes)
        if found is not None and found.string[: found.start()].endswith(wanted):
            return index, found, bytes(stripes[: found.start()])
    return None
