"""A stream whose arrivals are written down beforehand: segments, pauses and an end."""

import enum
import errno
from collections import deque
from collections.abc import Iterable

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

    def receive(self, size: int, deadline: Deadline) -> bytes:
        chunk = self.peek(size, deadline)
        if chunk:
            segment = self._arrivals.popleft()
            assert isinstance(segment, bytes)
            if len(segment) > len(chunk):
                self._arrivals.appendleft(segment[len(chunk) :])
        self.taken += len(chunk)
        return chunk

    def receive_into(self, view: memoryview, deadline: Deadline) -> int:
        chunk = self.receive(len(view), deadline)
        view[: len(chunk)] = chunk
        return len(chunk)

    def peek(self, size: int, deadline: Deadline) -> bytes:
        assert size > 0
        while self._arrivals:
            arrival = self._arrivals[0]
            if isinstance(arrival, bytes):
                return arrival[:size]
            self._arrivals.popleft()
            if deadline.bounded:
                raise deadline.expired()
        if self._end is End.RESET:
            raise ConnectionResetError(errno.ECONNRESET, "the peer reset the connection")
        return b""

    def send(self, data: memoryview, deadline: Deadline) -> None:
        raise AssertionError(f"a reader sends nothing, not {data!r} ({deadline!r})")

    def pending(self) -> int:
        return 0

    def close(self) -> None:
        pass
