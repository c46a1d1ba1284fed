"""What is under the glass."""

from __future__ import annotations


class BlownError(Exception):
    """There is no light."""


class Bulb:
    """A bulb."""

    def __init__(self, kind: str) -> None:
        """Make a dark bulb."""
        self._kind = kind
        self._brightness = 0
        self._flickers = 0
        self._volts = 0

    @classmethod
    def of_kind(cls, kind: str) -> Bulb:
        """Make a dark bulb of a kind."""
        return cls(kind)

    def kind(self) -> str:
        """Return its kind."""
        return self._kind

    def brightness(self) -> int:
        """Return how bright it is."""
        return self._brightness

    def flickers(self) -> int:
        """Return how often it has flickered."""
        return self._flickers

    def glow(self, volts: int) -> None:
        """Glow at so many volts."""
        if not self._volts:
            raise BlownError("no supply")
        self._brightness = min(100, 100 * volts // self._volts)

    def supply(self, volts: int, brightness: int) -> None:
        """Get other volts; the bench does this."""
        self._volts, self._brightness = volts, brightness

    def interrupt(self) -> None:
        """Miss the supply for a moment."""
        self._flickers += 1
