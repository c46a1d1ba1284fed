"""Meters, which have every operator, and the marks on them, as bytes."""

from __future__ import annotations

from collections.abc import Iterator


class Meter:
    """A meter, which shows a number."""

    def __init__(self, count: int) -> None:
        """Make a meter that shows a number."""
        self._count = count

    @classmethod
    def showing(cls, count: int) -> Meter:
        """Make a meter that shows a number."""
        return cls(count)

    def read(self) -> int:
        """Return what it shows."""
        return self._count

    def __eq__(self, other: object) -> bool:
        """Tell whether both show the same."""
        return isinstance(other, Meter) and self._count == other._count

    def __hash__(self) -> int:
        """Return what equal meters share."""
        return hash(self._count)

    def is_less(self, other: Meter) -> bool:
        """Tell whether it shows less."""
        return self._count < other._count

    def is_at_most(self, other: Meter) -> bool:
        """Tell whether it does not show more."""
        return self._count <= other._count

    def plus(self, other: Meter) -> Meter:
        """Add what both show."""
        return Meter(self._count + other._count)

    def plus_number(self, other: int) -> Meter:
        """Add a number."""
        return Meter(self._count + other)

    def __neg__(self) -> Meter:
        """Count backwards."""
        return Meter(-self._count)

    def minus(self, other: Meter) -> int:
        """Return how far apart they are."""
        return self._count - other._count

    def multiplied(self, times: int) -> Meter:
        """Multiply it."""
        return Meter(self._count * times)

    def divided(self, parts: int) -> Meter:
        """Divide it into parts."""
        if not parts:
            raise ValueError("there is no part")
        return Meter(self._count // parts)

    def ratio(self, other: Meter) -> int:
        """Return how often the other is in it."""
        return self._count // other._count

    def quotient(self, other: int) -> int:
        """Divide what it shows."""
        return self._count // other

    def rest(self, other: int) -> int:
        """Return what a division leaves."""
        return self._count % other

    def count_on(self, other: int) -> None:
        """Count on."""
        self._count += other

    def count_mark(self, other: bytes) -> None:
        """Count the bytes of a mark."""
        self._count += len(other)

    def multiply(self, times: int) -> None:
        """Multiply what it shows."""
        self._count *= times

    def __getitem__(self, digit: int) -> int:
        """Return a digit."""
        return int(str(self._count)[digit])

    def __setitem__(self, digit: int, value: int) -> None:
        """Turn a digit."""
        digits = list(str(self._count))
        digits[digit] = str(value)
        self._count = int("".join(digits))

    def __contains__(self, value: int) -> bool:
        """Tell whether it shows a digit."""
        return str(value) in str(self._count)

    def __len__(self) -> int:
        """Count the digits."""
        return len(str(self._count))

    def __iter__(self) -> Iterator[int]:
        """Yield the digits."""
        return map(int, str(self._count))

    def __str__(self) -> str:
        """Return the digits."""
        return str(self._count)


def mark(text: str) -> bytes:
    """Make a mark."""
    return text.encode()


def lt(one: bytes, other: bytes) -> bool:
    """Tell whether a mark is shorter."""
    return len(one) < len(other)


def and_(one: bytes, other: bytes) -> str:
    """Write two marks."""
    return (one + other).decode()


def is_same(one: bytes, other: bytes) -> bool:
    """Tell whether two marks are equally long."""
    return len(one) == len(other)


def plug(address: object, decoder: object, encoder: object) -> None:
    """Take what only Python has."""
