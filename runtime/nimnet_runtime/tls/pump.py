"""Ciphertext between a descriptor and OpenSSL's memory: in for whoever needs some, out in order.

`stream` tells the whole story; this room knows the network and the two queues, and nothing of TLS.
"""

import threading
import time
from contextlib import suppress
from typing import Final

from nimnet_runtime import errors
from nimnet_runtime.deadline import Deadline
from nimnet_runtime.descriptor import Descriptor, interrupted_error, reentrant_error
from nimnet_runtime.platform import MSG_DONTWAIT, MSG_NOSIGNAL
from nimnet_runtime.tls.bindings import Machine

NOW: Final = Deadline(0)
"""For what must not wait at all."""

_FIRST_TAKE: Final = 1 << 14
_LARGEST_TAKE: Final = 1 << 18
"""Bytes asked of the system at once: doubled while all that was asked for comes."""
_PATIENCE: Final = 200
"""Milliseconds that the last bytes of a connection may wait for room."""
_PAUSE: Final = 0.005
"""Seconds between two looks for room: a poll would want much more of it than these few bytes."""


class Pump:
    """The two ways of ciphertext.

    Attributes:
        end: How the input ended ("closed", "reset"); None while it has not.
        fed: How often input has come; changes by it tell a thread that another one brought some.
    """

    __slots__ = (
        "_descriptor",
        "_lock",
        "_machine",
        "_owner",
        "_progress",
        "_take",
        "_unsent",
        "_waiting",
        "end",
        "fed",
    )

    def __init__(self, descriptor: Descriptor, machine: Machine, lock: threading.RLock) -> None:
        """Moves between `descriptor` and `machine`, which is used with `lock` held."""
        self._descriptor = descriptor
        self._machine = machine
        self._lock = lock
        self._progress = threading.Condition(lock)
        self._owner = 0
        self._waiting = 0
        self._take = _FIRST_TAKE
        self._unsent = memoryview(b"")
        self.end: str | None = None
        self.fed = 0

    def let_in(self, seen: int, deadline: Deadline) -> None:
        """Waits for input: for its own, or for what another thread brings.

        Args:
            seen: What `fed` was when OpenSSL wanted more; returns at once if it has grown.
            deadline: Ends the waiting.

        Raises:
            TimeoutError: The deadline passed.
            OSError: The socket is closed, or the system failed.
        """
        if not self._my_turn(seen, deadline):
            return
        try:
            self._descriptor.read(self._receive, deadline)
        except OSError as error:
            if error.errno not in errors.DISCONNECTIONS:
                raise
            self.end = "reset"
        finally:
            with self._lock:
                self._owner = 0
                if self._waiting:
                    self._progress.notify_all()

    def _my_turn(self, seen: int, deadline: Deadline) -> bool:
        thread = threading.get_ident()
        with self._lock:
            while self.fed == seen and self.end is None:
                if not self._owner:
                    self._owner = thread
                    return True
                if self._owner == thread:
                    raise reentrant_error()
                self._waiting += 1
                try:
                    remaining = deadline.remaining()
                    if remaining is not None:
                        remaining = min(remaining, threading.TIMEOUT_MAX)
                    self._progress.wait(remaining)
                finally:
                    self._waiting -= 1
                if self.fed == seen and deadline.passed():
                    raise deadline.expired()
        return False

    def _receive(self, flags: int) -> None:
        data = self._descriptor.sock.recv(self._take, flags)
        if not data and self._descriptor.closed:
            raise interrupted_error()
        with self._lock:
            self.fed += 1
            if data:
                self._machine.feed(data)
            else:
                self.end = "closed"
        if len(data) == self._take < _LARGEST_TAKE:
            self._take *= 2

    def flush(self, deadline: Deadline) -> None:
        """Sends everything that is queued.

        Raises:
            TimeoutError: The deadline passed; the rest stays queued.
            OSError: The connection failed, or the socket is closed.
        """
        if self._unsent or self._machine.output():
            direction = self._descriptor.writing
            self._descriptor.exclusively(direction, lambda: self.send_queued(deadline), deadline)

    def flush_now(self) -> None:
        """Sends of what is queued what the system takes at once."""
        # No room, another thread's turn, or no connection: a later call finds out.
        with suppress(OSError):
            self.flush(NOW)

    def flush_last(self) -> None:
        """As `flush_now`, with a moment's patience where data sent before leaves no room.

        Without its close_notify, the peer would have to take all of that for cut off.
        """
        patience = Deadline(_PATIENCE)
        while True:
            try:
                self.flush(NOW)
                return
            except errors.TimeoutError:
                if self._descriptor.writing.busy or patience.passed():
                    return  # a writer that does not get on would not let this pass either
                time.sleep(_PAUSE)
            except OSError:
                return

    def send_queued(self, deadline: Deadline) -> None:
        """As `flush`, for the call whose turn to write it is."""
        sock = self._descriptor.sock
        flags = MSG_NOSIGNAL | MSG_DONTWAIT if deadline.bounded else MSG_NOSIGNAL
        while True:
            if not self._unsent:
                if not self._machine.output():
                    return
                with self._lock:
                    self._unsent = self._machine.take_output()
            try:
                sent = sock.send(self._unsent, flags)
            except BlockingIOError:
                deadline.wait_writable(sock.fileno())
            except OSError:
                if self._descriptor.closed:
                    raise interrupted_error() from None
                raise
            else:
                self._unsent = self._unsent[sent:]
            if self._descriptor.closed:
                raise interrupted_error()

    def replace_output(self, ciphertext: bytes) -> None:
        """Forgets what is queued and not partly sent, and queues `ciphertext` instead."""
        self._machine.take_output()
        if not self._unsent:
            self._unsent = memoryview(ciphertext)

    def discard_input(self) -> None:
        """Reads away what has arrived, so that closing the descriptor resets nothing."""
        sock = self._descriptor.sock
        # Nothing may be there, or a reader in another thread, or no connection any more.
        with suppress(OSError):
            self._descriptor.read(lambda flags: sock.recv(_LARGEST_TAKE, flags), NOW)
