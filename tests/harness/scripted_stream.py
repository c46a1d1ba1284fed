"""A stream whose arrivals are written down beforehand: segments, pauses and an end."""

import enum
import errno
from collections import deque
from collections.abc import Iterable
from itertools import takewhile

from nimnet_runtime.deadline import Deadline
from nimnet_runtime.stream import Stream


class Pause(enum.Enum):
    """A moment at which nothing more has arrived yet."""

    PAUSE = enum.auto()


class End(enum.Enum):
    """How a stream ends."""

    CLOSED = enum.auto()
    RESET = enum.auto()


class ScriptedStream(Stream):
    """Delivers each segment as one arrival.

    A call with a timeout that meets a pause times out, once; a call without one waits it out.

    Attributes:
        taken: How many bytes were taken from the stream.
    """

    def __init__(self, arrivals: Iterable[bytes | Pause], end: End = End.CLOSED) -> None:
        self._arrivals = deque(arrival for arrival in arrivals if arrival != b"")
        self._end = end
        self.taken = 0

    def receive_to(self, arrived: list[bytes], size: int, deadline: Deadline) -> None:
        chunk, rest, taken = self._next(size, deadline)
        arrived.append(chunk)
        self._go_on(rest, taken)

    def receive_into(self, view: memoryview, counts: list[int], deadline: Deadline) -> None:
        chunk, rest, taken = self._next(len(view), deadline)
        count = len(chunk)
        view[:count] = chunk
        counts.append(count)
        self._go_on(rest, taken)

    def _next(self, size: int, deadline: Deadline) -> tuple[bytes, bytes, int]:
        """What comes next, what will be left of its segment, and how much was taken then."""
        chunk = self.peek(size, deadline)
        segment = self._arrivals[0] if self._arrivals else b""
        assert isinstance(segment, bytes)
        return chunk, segment[len(chunk) :], self.taken + len(chunk)

    def _go_on(self, rest: bytes, taken: int) -> None:
        """Takes it, which needs no memory: nothing is given away before there was enough."""
        if self._arrivals:
            self._arrivals[0] = rest
        self.taken = taken

    def peek(self, size: int, deadline: Deadline) -> bytes:
        assert size > 0
        while self._arrivals:
            arrival = self._arrivals[0]
            if isinstance(arrival, bytes) and arrival:
                return arrival[:size]
            self._arrivals.popleft()
            if isinstance(arrival, bytes):
                continue
            if deadline.bounded:
                raise deadline.expired()
        if self._end is End.RESET:
            raise ConnectionResetError(errno.ECONNRESET, "the peer reset the connection")
        return b""

    def send(self, data: bytes | memoryview, deadline: Deadline) -> None:
        raise AssertionError(f"a reader sends nothing, not {data!r} ({deadline!r})")

    def send_eof(self, deadline: Deadline) -> None:
        raise AssertionError(f"a reader ends nothing ({deadline!r})")

    def told(self, call: str) -> str:
        return call

    def pending(self) -> int:
        return 0

    def waiting(self, deadline: Deadline) -> int:
        assert deadline.bounded
        until_pause = takewhile(lambda arrival: isinstance(arrival, bytes), self._arrivals)
        return sum(len(arrival) for arrival in until_pause if isinstance(arrival, bytes))

    def close(self) -> None:
        pass
