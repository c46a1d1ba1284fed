"""What reading must give, written to be obviously right instead of fast: the readers' oracle.

It knows the whole script beforehand, and answers each call by looking at it.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from harness.scripted_stream import End, Pause

LF: Final = b"\n"
CR: Final = b"\r"


@dataclass(frozen=True)
class Failed:
    """A call that raised."""

    kind: str


TIMED_OUT: Final = Failed("timeout")
RESET: Final = Failed("reset")
TOO_LONG: Final = Failed("too long")


class ReadingModel:
    """The position in a script, and what each call at that position gives.

    Attributes:
        position: How many bytes were delivered (line ends included).
        asked: Up to where an unbuffered socket may have taken bytes.
    """

    def __init__(self, arrivals: Sequence[bytes | Pause], end: End) -> None:
        self._data = b"".join(arrival for arrival in arrivals if isinstance(arrival, bytes))
        self._pauses = deque[int]()
        offset = 0
        for arrival in arrivals:
            if isinstance(arrival, bytes):
                offset += len(arrival)
            else:
                self._pauses.append(offset)
        self._end = end
        self._after_cr = False
        self.position = 0
        self.asked = 0

    def take(self, size: int, timeout: int, safe: bool) -> bytes | Failed:
        """An exact `recv`."""
        while True:
            here = self._here()
            self.asked = max(self.asked, self.position + size)
            if len(here) >= size:
                return self._advance(here[:size])
            stop = self._barrier(timeout, safe)
            if (stop == RESET and here) or stop is None:
                return self._advance(here)
            if isinstance(stop, Failed):
                return stop

    def take_some(self, taken: bytes | Failed, size: int, safe: bool, timeout: int = -1) -> bool:
        """Whether a `recv_some`, or an unbuffered `recv` without a timeout, may give `taken`."""
        while True:
            here = self._here()
            self.asked = max(self.asked, self.position + size)
            if here:
                correct = (
                    isinstance(taken, bytes)
                    and 0 < len(taken) <= size
                    and self._data.startswith(taken, self.position)
                )
                if isinstance(taken, bytes):
                    self._advance(taken)
                return correct
            stop = self._barrier(timeout, safe)
            if isinstance(stop, Failed):
                return taken == stop
            if stop is None:
                return taken == b""

    def line(self, timeout: int, safe: bool, max_length: int) -> bytes | Failed:
        """A `recv_line`."""
        while True:
            here = self._here()
            ends = [at for at in (here.find(CR), here.find(LF)) if 0 <= at <= max_length]
            if ends:
                line = here[: min(ends)]
                self._advance(line)
                if here.startswith(CR, len(line)):
                    self._after_cr = True
                self.position += 1
                self._here()
                self.asked = max(self.asked, self.position)
                return line or b"\r\n"
            self.asked = max(self.asked, self.position + min(len(here), max_length))
            if len(here) > max_length:
                return self._advance(here[:max_length])
            stop = self._barrier(timeout, safe)
            if isinstance(stop, Failed):
                return stop
            if stop is None:
                return b""

    def until(self, delimiter: bytes, timeout: int, safe: bool, max_length: int) -> bytes | Failed:
        """A `recv_until`."""
        while True:
            here = self._here()
            end = here[:max_length].find(delimiter) + len(delimiter)
            if end >= len(delimiter):
                self.asked = max(self.asked, self.position + end)
                return self._advance(here[:end])
            self.asked = max(self.asked, self.position + min(len(here), max_length))
            if len(here) >= max_length:
                begun = [
                    n for n in range(len(delimiter)) if here[:max_length].endswith(delimiter[:n])
                ]
                return self._advance(here[: max_length - max(begun)])
            stop = self._barrier(timeout, safe)
            if isinstance(stop, Failed):
                return stop
            if stop is None:
                return b""

    def expect(
        self, patterns: Sequence[bytes], timeout: int, safe: bool, max_length: int
    ) -> tuple[int, bytes, bytes] | Failed | None:
        """An `expect` of bytes."""
        while True:
            here = self._here()
            within = here[:max_length]
            matches = [
                (within.find(pattern) + len(pattern), within.find(pattern), index)
                for index, pattern in enumerate(patterns)
                if pattern in within
            ]
            if matches:
                end, start, index = min(matches)
                self.asked = max(self.asked, self.position + end)
                self._advance(here[:end])
                return index, here[:start], here[start:end]
            self.asked = max(self.asked, self.position + len(within))
            if len(here) >= max_length:
                return TOO_LONG
            stop = self._barrier(timeout, safe)
            if isinstance(stop, Failed):
                return stop
            if stop is None:
                return None

    def rest(self) -> bytes:
        """All that was not delivered yet, whatever it takes to arrive."""
        self._pauses.clear()
        self._here()
        return self._data[self.position :]

    def _here(self) -> bytes:
        """What has arrived, after the LF of a CR LF that was already delivered."""
        horizon = self._pauses[0] if self._pauses else len(self._data)
        if self._after_cr and self.position < horizon:
            self._after_cr = False
            if self._data.startswith(LF, self.position):
                self.position += 1
        return self._data[self.position : horizon]

    def _advance(self, taken: bytes) -> bytes:
        self.position += len(taken)
        return taken

    def _barrier(self, timeout: int, safe: bool) -> Failed | bool | None:
        """What a call meets that needs more than has arrived: True is more, None the end."""
        if self._pauses:
            self._pauses.popleft()
            return TIMED_OUT if timeout == 0 else True
        return RESET if self._end is End.RESET and not safe else None
