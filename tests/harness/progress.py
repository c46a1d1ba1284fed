"""A bar that tells how far a long run is: on a terminal alone, and where messages go."""

from __future__ import annotations

import sys

WIDTH = 40
"""Characters of the bar."""


class Progress:
    """A bar for so many things to do."""

    def __init__(self, whole: int, what: str) -> None:
        """Draws nothing yet.

        Args:
            whole: How many things there are to do.
            what: What they are called, in the plural.
        """
        self._whole = whole
        self._what = what
        self._shown = sys.stderr.isatty()

    def draw(self, count: int, now: str = "") -> None:
        """Shows how many are done; after the last one the line is left as it is.

        Args:
            count: The number.
            now: What is being done, in few words.
        """
        if not self._shown:
            return
        filled = count * WIDTH // max(self._whole, 1)
        bar = "#" * filled + "-" * (WIDTH - filled)
        text = f"\r[{bar}] {count}/{self._whole} {self._what} {now}".rstrip()
        print(f"{text}\x1b[K", end="", file=sys.stderr, flush=True)
        if count == self._whole:
            print(file=sys.stderr)

    def clear(self) -> None:
        """Takes the bar away, so that something can be printed in its place."""
        if self._shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
