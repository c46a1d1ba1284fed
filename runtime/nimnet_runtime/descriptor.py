"""The file descriptor of a socket: who may use it, how a call waits on it, when it is closed.

One reading and one writing thread share a socket, so there is a lock for each direction. Closing
never waits for a lock. It closes the descriptor if no call is inside; otherwise it wakes those
calls with a shutdown, and the last of them closes the descriptor on its way out. That way its
number is never given to another file while a call still waits on it, and a process that shares
the socket after a fork keeps its connection when this one closes an idle copy. The calls that other
threads are inside at a fork stay in the parent: in the child, nobody has their turns.

The descriptor stays blocking. A call with a deadline asks with MSG_DONTWAIT and then polls.
"""

from __future__ import annotations

import _socket as socket
import errno
import os
from collections.abc import Callable
from itertools import starmap

from nimnet_runtime import errors, platform
from nimnet_runtime.deadline import NOW, Deadline
from nimnet_runtime.description import located
from nimnet_runtime.forks import is_lost
from nimnet_runtime.peers import had_a_peer, has_peer
from nimnet_runtime.system import RLock, Socket, get_ident, heed_signals, sleep, three_locks

TYPE_CHECKING = False  # see nimnet_runtime.__init__
if TYPE_CHECKING:
    import _thread
    from typing import Final, TypeVar

    _T = TypeVar("_T")


_SHORTEST_PAUSE: Final = 0.001
_LONGEST_PAUSE: Final = 0.02
"""Seconds between two looks at what poll tells nobody."""


class Direction:
    """The turn to read or the turn to write.

    Attributes:
        lock: Held by the call whose turn it is. Reentrant, so that a signal handler that
            interrupts this call finds `busy` set where a plain lock would stop it for good.
        busy: Whether a call is inside.
    """

    __slots__ = ("busy", "lock")

    def __init__(self, lock: RLock) -> None:
        """A direction that nobody uses."""
        self.lock: RLock = lock
        self.busy: bool = False


class Descriptor:
    """A socket of the system, shared by a reading and a writing thread.

    Attributes:
        sock: The socket; to be used inside `exclusively`, `read` or `write`.
        reading: The turn to receive, to accept.
        writing: The turn to send, to connect.
        blocking: Whether the descriptor came to us blocking, and so is to stay.
        bound: Whether its local port was chosen before anybody connected it.
        connected: Whether it is, was or might have been connected. Only where this is False has
            the socket surely never had a peer.
        ended: Whether this side has said that it sends no more.
        closed: Whether somebody has begun to close it, which is the first that anybody sees of
            that; the descriptor itself outlives it for a moment.
        refusal: Where a number that was to be taken over is not, the error that every call raises
            (its number and its words); such a one is closed from the start.
    """

    __slots__ = (
        "_guard",
        "_leaving",
        "_waiting",
        "blocking",
        "bound",
        "closed",
        "connected",
        "ended",
        "reading",
        "refusal",
        "sock",
        "writing",
    )

    def __init__(
        self,
        sock: Socket,
        *,
        blocking: bool = True,
        connected: bool = True,
        refusal: tuple[int, str] | None = None,
    ) -> None:
        """Owns `sock` from now on."""
        self.sock: Socket = sock
        self.refusal: tuple[int, str] | None = refusal
        self.blocking: bool = blocking
        self.bound: bool = False
        self.connected: bool = connected
        self.ended: bool = False
        reading, writing, guard = three_locks()
        self.reading: Direction = Direction(reading)
        self.writing: Direction = Direction(writing)
        self.closed: bool = sock.fileno() < 0
        self._guard = guard
        self._waiting: list[_thread.LockType] = []
        self._leaving: int | None = None

    def fileno(self) -> int:
        """Returns the number, -1 once closed."""
        return -1 if self.closed else self.sock.fileno()

    def was_never_connected(self) -> bool:
        """Tells whether there surely never was a peer; the system knows of other owners' doings."""
        return not (self.connected or has_peer(self.sock))

    def explained(self, error: OSError) -> OSError:
        """Returns what to raise for a system call's `error`: a close explains any."""
        if not self.shut():
            return error
        if self.refusal is not None:
            return OSError(*self.refusal)
        if error.errno != errno.EBADF:
            return interrupted_error()
        return closed_error() if error.strerror == os.strerror(errno.EBADF) else error

    def named(self, error: OSError, doing: str) -> OSError:
        """Returns an error that also says what was done, and with which peer; see `errors.named`.

        Args:
            error: What ended it.
            doing: What was done, and how that stands to the peer: `receive from`.
        """
        return errors.named(error, lambda: located(doing, self.sock))

    def use(self) -> Socket:
        """Returns the socket for a call that cannot wait.

        Raises:
            OSError: `EBADF`, because the socket is closed; or the descriptor was refused.
        """
        if self.closed and self.shut():
            raise closed_error() if self.refusal is None else OSError(*self.refusal)
        return self.sock

    def shut(self) -> bool:
        """Tells whether it is closed for the calling thread: one may still take leave."""
        return self.closed and self._leaving != get_ident()

    def exclusively(self, direction: Direction, action: Callable[[], _T], deadline: Deadline) -> _T:
        """Runs `action` when it is its turn.

        A signal handler may raise at any point; the turn is passed on all the same.

        Raises:
            TimeoutError: The deadline passed before or inside `action`; see
                `Deadline.require_time`.
            OSError: `EBADF`, because the socket is closed or was closed meanwhile; `EDEADLK`,
                because a signal handler interrupted a call that has this turn; or what `action`
                raised.
        """
        lock = direction.lock
        try:
            if not lock.acquire(False):
                deadline.acquire(lock)
            self.use()
            if direction.busy:
                raise reentrant_error()
            if deadline.bounded:
                deadline.require_time()
            try:
                direction.busy = True
                return action()
            except OSError as error:
                raise self.explained(error) from None
            finally:
                direction.busy = False
        finally:
            try:  # noqa: SIM105 - nothing but C here: see nimnet_runtime.__init__
                lock.release()
            except RuntimeError:
                pass  # not taken: the deadline passed, or the socket was closed before
            if self.closed:
                self.finish()

    def read(
        self, attempt: Callable[[int], _T], deadline: Deadline, *, refused: bool = False
    ) -> _T:
        """Calls `attempt(flags)` until it no longer says that there is nothing to read.

        Args:
            attempt: One system call, with the `MSG_*` bits it is given.
            deadline: Ends the waiting, for the turn to read as well.
            refused: Whether an attempt has just said so.

        Raises:
            TimeoutError, OSError: See `exclusively`.
        """
        return self._in_turn(
            self.reading, attempt, deadline.wait_readable, deadline, "receive from", refused
        )

    def write(
        self, attempt: Callable[[int], _T], deadline: Deadline, *, refused: bool = False
    ) -> _T:
        """Calls `attempt(flags)` until it no longer says that there is no room to write.

        Args:
            attempt: One system call, with the `MSG_*` bits it is given.
            deadline: Ends the waiting, for the turn to write as well.
            refused: Whether an attempt has just said so.

        Raises:
            TimeoutError, OSError: See `exclusively`.
        """
        return self._in_turn(
            self.writing, attempt, deadline.wait_writable, deadline, "send to", refused
        )

    def _in_turn(
        self,
        direction: Direction,
        attempt: Callable[[int], _T],
        wait: Callable[[int], None],
        deadline: Deadline,
        doing: str,
        refused: bool,
    ) -> _T:
        """Calls `attempt(flags)` when it is its turn, until it need not wait any more.

        Args:
            direction: Which turn.
            attempt: As for `read`.
            wait: Waits until it is worth another attempt.
            deadline: Ends the waiting.
            doing: What is done, and how that stands to the peer, for the message.
            refused: Whether an attempt has just said that it must wait.
        """
        try:
            # The quick path, as in `exclusively`: it is this call's turn, and need not wait.
            flags = platform.MSG_DONTWAIT if deadline.bounded else 0
            if not refused and (flags or not deadline.bounded):
                lock = direction.lock
                try:
                    if lock.acquire(False) and not (direction.busy or self.closed):
                        if deadline.bounded:
                            deadline.require_time()
                        try:
                            direction.busy = True
                            return attempt(flags)
                        except BlockingIOError:
                            refused = True
                        except OSError as error:
                            raise self.explained(error) from None
                        finally:
                            direction.busy = False
                finally:
                    try:  # noqa: SIM105 - nothing but C here: see nimnet_runtime.__init__
                        lock.release()
                    except RuntimeError:
                        pass
                    if self.closed:
                        self.finish()
            return self.exclusively(
                direction,
                lambda: self._attempt(attempt, wait, deadline, refused=refused),
                deadline,
            )
        except OSError as error:
            raise self.named(error, doing) from error.__cause__

    def wait_for(self, deadline: Deadline, lock: _thread.LockType) -> None:
        """Takes `lock`, which nobody else waits for, as soon as somebody has released it.

        For what a call needs besides the socket. There are no turns for that.

        Raises:
            TimeoutError: The deadline passed first.
            OSError: `EBADF`, because the socket was closed meanwhile.
        """
        waiting = self._waiting
        try:
            # In this order: a close says so first, and then releases one that it finds here.
            waiting.append(lock)
            if not self.closed:
                deadline.acquire(lock)
        finally:
            try:
                try:  # noqa: SIM105 - nothing but C here: see nimnet_runtime.__init__
                    waiting.remove(lock)
                except ValueError:
                    pass  # a handler raised at the very beginning
            finally:
                if self.closed:  # who leaves lets the next one go
                    try:  # noqa: SIM105 - nothing but C here: see nimnet_runtime.__init__
                        waiting[0].release()
                    except (IndexError, RuntimeError):
                        pass  # there is none, or it is on its way out
        if self.closed:
            raise interrupted_error()

    def ask_again(self, attempt: Callable[[], bool], deadline: Deadline, waiting: str) -> None:
        """Calls `attempt` until it is true, with pauses: for what poll tells nobody.

        For the one whose turn it is.

        Args:
            attempt: One system call, which does not wait.
            deadline: Ends the waiting.
            waiting: For what it is, for the message.

        Raises:
            TimeoutError: The deadline passed first; what is there when the time ends counts.
            OSError: `EBADF`, because the socket was closed meanwhile.
        """
        pause = _SHORTEST_PAUSE
        while True:
            remaining = deadline.remaining()  # before the look
            if attempt():
                return
            if remaining is not None and remaining <= 0:
                raise deadline.expired(waiting)
            sleep(pause if remaining is None else min(pause, remaining))
            heed_signals()
            if self.closed:
                raise interrupted_error()
            pause = min(2 * pause, _LONGEST_PAUSE)

    def alone(self, action: Callable[[], _T], what: str) -> _T:
        """Runs `action` while no other call is inside, nor can begin.

        Args:
            action: What is to be done.
            what: That in two words, `wrap it`, for the message.

        Raises:
            OSError: `EBUSY`, because another thread is in a call; otherwise as `exclusively`.
        """
        try:
            return self.exclusively(
                self.reading, lambda: self.exclusively(self.writing, action, NOW), NOW
            )
        except errors.TimeoutError:
            message = f"another thread is in a call on the socket: {what} before or after that"
            raise OSError(errno.EBUSY, message) from None

    def end_sending(self) -> None:
        """Lets the peer read an end after what was sent; for the one whose turn to write it is.

        Again: does nothing, but for what a signal handler that raised has left.

        Raises:
            OSError: `ENOTCONN`, because there is no connection; `EPIPE`, because the peer is gone.
        """
        # Asked first: of a socket without a peer, some systems keep that it was shut down.
        again, there = self.ended, has_peer(self.sock)
        if not (again or there or self.had_a_peer()):
            raise unconnected_error()
        self.ended = True
        try:
            if there:
                self.sock.shutdown(socket.SHUT_WR)
        except OSError as error:
            if error.errno != errno.ENOTCONN:
                raise
            there = False  # in this moment
        if not (again or there):
            raise OSError(errno.EPIPE, os.strerror(errno.EPIPE))

    def give_away(self, given: list[int]) -> None:
        """Closes this, but not the descriptor: its number goes to `given`; for who is `alone`.

        Raises:
            OSError: `EBADF`, because the socket is closed. A close waits for no turn, and shuts
                down what a call is inside of: what it has begun with is nobody's to take over.
        """
        guard = self._guard
        # C stores what C returns: see nimnet_runtime.__init__. No call stands between the look at
        # `closed` and the end of that, so neither a thread nor a signal handler closes in between.
        taken = starmap(self.sock.detach, ((),))
        try:
            guard.acquire()
            if self.closed:
                raise closed_error()
            given += taken
        finally:
            if given:
                self.closed = True
            try:  # noqa: SIM105 - nothing but C here: see nimnet_runtime.__init__
                guard.release()
            except RuntimeError:
                pass

    def had_a_peer(self) -> bool:
        """Tells whether it is, was or might have been connected, here or by who shares it."""
        return self.connected or had_a_peer(self.use())

    def non_blocking(self, call: Callable[[], _T]) -> _T:
        """Runs `call` with the descriptor non-blocking; for the one whose turn it is.

        Afterwards it is again what it was when it came to us. Not what it was just before: that may
        be the doing of another process that shares the socket and is in here as well, and to
        restore it would leave the descriptor non-blocking for good.
        """
        sock, fd, blocking = self.sock, self.sock.fileno(), self.blocking
        try:
            set_blocking(sock, False)
            return call()
        finally:
            # One call into C and no other before it: see nimnet_runtime.__init__.
            if platform.HAS_DESCRIPTOR_FLAGS:
                os.set_blocking(fd, blocking)
            else:  # pragma: no cover - Windows
                sock.setblocking(blocking)

    def _attempt(
        self,
        attempt: Callable[[int], _T],
        wait: Callable[[int], None],
        deadline: Deadline,
        *,
        refused: bool,
    ) -> _T:
        flags = platform.MSG_DONTWAIT if deadline.bounded else 0
        if refused or (deadline.bounded and not flags):
            wait(self.sock.fileno())
        while True:
            try:
                return attempt(flags)
            except BlockingIOError:
                # Also without a deadline: somebody else may have made the descriptor non-blocking.
                wait(self.sock.fileno())
            if self.closed and self.shut():
                raise interrupted_error()

    def close(self, farewell: Callable[[], None] | None = None) -> None:
        """Closes the socket; calls that are waiting on it fail.

        Again: finishes what a signal handler that raised has left, if there is anything.

        Args:
            farewell: Called first, when the socket is closed for all other threads. Where one of
                them has begun to close it, that one's is the only one that may still use it.

        Raises:
            OSError: The system could not finish an earlier write; the socket is closed.
        """
        idle = False
        try:
            if farewell is None:
                idle = self._close_silently()
            else:
                try:
                    self._begin_to_close()
                    try:
                        if self.sock.fileno() >= 0:
                            farewell()
                    finally:
                        self._leaving = None
                        idle = self.finish()
                finally:
                    self._leaving = None
        finally:
            # Also where a handler has raised: calls that wait must not do so for ever.
            try:
                if self.closed and not idle:
                    try:  # noqa: SIM105 - nothing but C here: see nimnet_runtime.__init__
                        self.sock.shutdown(socket.SHUT_RDWR)
                    except OSError:
                        pass  # not connected; Linux wakes waiting calls even so
            finally:
                if self.closed and self._waiting:
                    # One of those in `wait_for`: in a loop, a handler could end it half-way.
                    try:  # noqa: SIM105 - nothing but C here: see nimnet_runtime.__init__
                        self._waiting[0].release()
                    except (IndexError, RuntimeError):
                        pass  # there is none, or it is on its way out

    def _close_silently(self) -> bool:
        """Closes the socket where nobody takes leave; see `finish`."""
        guard = self._guard
        try:
            guard.acquire()
            self.closed = True
            return self._close_when_idle()
        finally:
            try:  # noqa: SIM105 - nothing but C here: see nimnet_runtime.__init__
                guard.release()
            except RuntimeError:
                pass

    def _begin_to_close(self) -> None:
        guard = self._guard
        try:
            guard.acquire()
            if not self.closed:
                self._leaving = get_ident()
                self.closed = True
        finally:
            try:  # noqa: SIM105 - nothing but C here: see nimnet_runtime.__init__
                guard.release()
            except RuntimeError:
                pass

    def finish(self) -> bool:
        """Closes the descriptor of a closed socket unless a call is inside; tells whether it is."""
        guard = self._guard
        try:
            guard.acquire()
            return self._close_when_idle()
        finally:
            try:  # noqa: SIM105 - nothing but C here: see nimnet_runtime.__init__
                guard.release()
            except RuntimeError:
                pass

    def _close_when_idle(self) -> bool:
        if self._leaving is not None:
            return False
        reading, writing = self.reading, self.writing
        try:
            if not reading.lock.acquire(False) or reading.busy:
                return False
            try:
                if not writing.lock.acquire(False) or writing.busy:
                    return False
                if self.sock.fileno() >= 0:
                    self.sock.close()
                return True
            finally:
                try:  # noqa: SIM105 - nothing but C here: see nimnet_runtime.__init__
                    writing.lock.release()
                except RuntimeError:
                    pass
        finally:
            try:  # noqa: SIM105 - nothing but C here: see nimnet_runtime.__init__
                reading.lock.release()
            except RuntimeError:
                pass

    @property
    def inside(self) -> RLock | None:
        """See `Inherited`: the kernel has no lock that a fork would copy."""
        return None

    def forget_other_threads(self) -> None:
        """See `Inherited`: the turns, and who closes."""
        if is_lost(self.reading.lock):
            self.reading = Direction(RLock())
        if is_lost(self.writing.lock):
            self.writing = Direction(RLock())
        if is_lost(self._guard):
            self._guard = RLock()
        self._waiting.clear()
        if self._leaving != get_ident():
            self._leaving = None
        if self.closed:
            self.finish()


def closed_error() -> OSError:
    """Returns the error for a call on a socket that was closed before."""
    return OSError(errno.EBADF, "the socket is closed")


def unconnected_error() -> OSError:
    """Returns the error for the end of a connection where there is none."""
    message = "there is no connection to end: call connect first, or accept on a server"
    return OSError(errno.ENOTCONN, message)


def interrupted_error() -> OSError:
    """Returns the error for a call during which the socket was closed."""
    return OSError(
        errno.EBADF,
        "the socket was closed while this call was using it, by another thread or a signal handler",
    )


def reentrant_error() -> OSError:
    """Returns the error for a signal handler that gets into the call it interrupted."""
    return OSError(
        errno.EDEADLK,
        "a signal handler cannot use the socket in the direction of the call it interrupts",
    )


def is_blocking(fd: int) -> bool:
    """Tells whether calls on `fd` wait; yes where the platform cannot tell."""
    return os.get_blocking(fd) if platform.HAS_DESCRIPTOR_FLAGS else True


def set_blocking(sock: Socket, blocking: bool) -> None:
    """Sets whether calls on the descriptor of `sock` wait, behind the back of Python's socket."""
    if platform.HAS_DESCRIPTOR_FLAGS:
        os.set_blocking(sock.fileno(), blocking)
    else:  # pragma: no cover - Windows
        sock.setblocking(blocking)
