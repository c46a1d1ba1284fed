"""A scripted peer: the other end of a connection, acting out what a scenario of the spec says.

It is a plain `socket.socket` in a thread of its own, so that nothing of nimnet is on both sides of
a test. When the script is over the peer keeps the connection open and silent until it is stopped.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType

PATIENCE = 20.0
"""Seconds after which a peer that waits gives up: far above what any scenario needs."""


@dataclass(frozen=True)
class Send:
    """Send these bytes."""

    data: bytes


@dataclass(frozen=True)
class ByteByByte:
    """Send these bytes, each in a segment of its own."""

    data: bytes


@dataclass(frozen=True)
class Expect:
    """Read as many bytes as these, and demand that they are these."""

    data: bytes


@dataclass(frozen=True)
class WaitFor:
    """Wait until the subject has signalled this name."""

    name: str


@dataclass(frozen=True)
class HalfClose:
    """End the sending side."""


@dataclass(frozen=True)
class Close:
    """Close the connection."""


@dataclass(frozen=True)
class Reset:
    """Abort the connection, so that the subject's system reports a reset."""


Action = Send | ByteByByte | Expect | WaitFor | HalfClose | Close | Reset


class Peer:
    """Plays a script over a connected socket, which it owns from then on."""

    def __init__(self, connection: socket.socket, script: Sequence[Action]) -> None:
        self._connection = connection
        self._script = script
        self._signals: dict[str, threading.Event] = {
            action.name: threading.Event() for action in script if isinstance(action, WaitFor)
        }
        self._stopping = threading.Event()
        self._fault: BaseException | None = None
        self.played: list[Action] = []
        self._thread = threading.Thread(target=self._play, name="scripted peer")

    def __enter__(self) -> Peer:
        self._connection.settimeout(PATIENCE)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop, and demand that the script was played unless the test has failed already."""
        if error is None:
            self._thread.join(PATIENCE)
        self._stopping.set()
        for event in self._signals.values():
            event.set()
        if self._thread.is_alive():
            self._abandon()
        self._connection.close()
        if error is not None:
            error.add_note(f"the peer had played {self.played} of {list(self._script)}")
            if self._fault is not None:
                error.add_note(f"and then failed: {self._fault!r}")
        elif self._fault is not None:
            raise self._fault

    def signal(self, name: str) -> None:
        """Let the script's `WaitFor(name)` go on."""
        self._signals[name].set()

    def _abandon(self) -> None:
        with contextlib.suppress(OSError):  # closed or reset already, which ends the thread as well
            self._connection.shutdown(socket.SHUT_RDWR)
        self._thread.join(PATIENCE)

    def _play(self) -> None:
        try:
            for action in self._script:
                self._act(action)
                self.played.append(action)
        except BaseException as error:  # handed to the test's thread, which raises it
            if not self._stopping.is_set():
                self._fault = error

    def _act(self, action: Action) -> None:
        connection = self._connection
        match action:
            case Send(data):
                connection.sendall(data)
            case ByteByByte(data):
                for byte in data:
                    connection.sendall(bytes([byte]))
            case Expect(data):
                self._expect(data)
            case WaitFor(name):
                assert self._signals[name].wait(PATIENCE), f"no step signalled {name!r}"
            case HalfClose():
                if not self._said_goodbye():
                    connection.shutdown(socket.SHUT_WR)
            case Close():
                self._said_goodbye()
                connection.close()
            case Reset():
                linger = struct.pack("ii", 1, 0)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                connection.close()

    def _said_goodbye(self) -> bool:
        """Send a close_notify where that is due, without waiting for another; tell if it was."""
        connection = self._connection
        if not isinstance(connection, ssl.SSLSocket):
            return False
        connection.setblocking(False)
        with contextlib.suppress(ssl.SSLWantReadError):
            connection.unwrap()
        connection.settimeout(PATIENCE)
        return True

    def _expect(self, data: bytes) -> None:
        got = bytearray()
        while len(got) < len(data):
            part = self._connection.recv(len(data) - len(got))
            if not part:
                break
            got += part
        assert bytes(got) == data, f"the peer expected {data[:200]!r} and got {bytes(got[:200])!r}"
