"""Lamps as the runtime knows them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from lamp_runtime.faults import LampError


class Fitting:
    """A lamp."""

    def __init__(self, serial: int, label: str, brightness: int) -> None:
        """Make a lamp of its parts."""
        self.serial = serial
        self._label = label
        self._brightness = brightness
        self._changed: Callable[[str], bytes] | None = None

    @classmethod
    def numbered(cls, serial: int, brightness: int) -> Fitting:
        """Make a lamp with a number."""
        return cls(serial, "", brightness)

    @classmethod
    def labelled(cls, label: str, brightness: int) -> Fitting:
        """Make a lamp with a label."""
        if not label:
            raise LampError("a label must not be empty")
        return cls(0, label, brightness)

    def adjust_brightness_and_color_temperature_of_the_lamp(
        self, brightness: int, warmth: int, effects: int, none: int, timeout: int
    ) -> tuple[bool, int]:
        """Adjust it; the numbers come back in what the tests look at."""
        before, self._brightness = self._brightness, brightness
        return (warmth, effects, none, timeout) == (27, 5, 0, -1), before

    def blend(self, data: bytes | bytearray | memoryview) -> int:
        """Blend in a pattern."""
        return len(data)

    def blend_part(self, data: memoryview, size: int, code: bytes) -> None:
        """Blend in a part of a pattern, by way of the label."""
        self._label = bytes(data[:size]).decode() + code.hex()

    def count_bulbs(self) -> int:
        """Count the bulbs."""
        return 2

    def blink(self, rhythm: str) -> int:
        """Blink once for each letter."""
        return len(rhythm)

    def blink_from(self, rhythm: memoryview) -> int:
        """Blink for each byte, and once more."""
        return len(rhythm) + 1

    def get_label(self) -> str:
        """Return the label."""
        return self._label

    def set_label(self, text: str) -> None:
        """Change the label."""
        if not text:
            raise LampError("a label must not be empty")
        self._label = text
        if self._changed is not None:
            self._label += self._changed(text).decode()

    @property
    def code(self) -> bytes:
        """The code of the color."""
        return b"\1\2\3"

    def on_change(self, function: Callable[[str], bytes]) -> None:
        """Set what is called."""
        self._changed = function

    def lamp_of(self) -> tuple[bytes, int]:
        """Take it apart."""
        return self.code, self.serial

    def all_labels(self, others: Iterable[object]) -> Iterator[str]:
        """Yield the labels."""
        yield self._label
        yield from map(str, others)


def count_lamps(most: int) -> int:
    """Count the lamps."""
    return most


def rated(volts: int) -> int:
    """Return what is left of the rated voltage."""
    return 230 - volts


def numbered(serial: int) -> Fitting:
    """Make a spare lamp with a number."""
    return Fitting.numbered(serial, 0)


def boxed(serial: int, box: bytes) -> Fitting:
    """Make a spare lamp in a box."""
    return Fitting(serial, box.hex(), 0)
