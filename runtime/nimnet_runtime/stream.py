"""Streams: bytes in and out under a deadline. A plain one is here; a TLS one has the same face."""

from __future__ import annotations

import errno
from abc import ABCMeta, abstractmethod
from collections.abc import Callable
from functools import partial

from nimnet_runtime import errors, platform
from nimnet_runtime.compiling import mypyc_attr
from nimnet_runtime.deadline import Deadline
from nimnet_runtime.description import located
from nimnet_runtime.descriptor import Descriptor, interrupted_error
from nimnet_runtime.platform import MSG_DONTWAIT, MSG_NOSIGNAL, MSG_PEEK
from nimnet_runtime.protection import NO_PROTECTION, Protection
from nimnet_runtime.system import heed_signals

TYPE_CHECKING = False  # see nimnet_runtime.__init__
if TYPE_CHECKING:
    from typing import Final, NoReturn, TypeVar

    from nimnet_runtime.sessions import TlsSession
    from nimnet_runtime.system import RLock

    _R = TypeVar("_R", bytes, int)


@mypyc_attr(allow_interpreted_subclasses=True)  # those of tests, which stand for a peer
class Stream(metaclass=ABCMeta):
    """The smallest interface that plain and TLS streams share.

    A terminal state is latched: after the end every read is `b""` (or 0), after a reset every read
    raises it again. A timeout is no terminal state and loses nothing.

    Attributes:
        protection: What is known of what protects it.
    """

    __slots__ = ("protection",)

    protection: Protection

    @abstractmethod
    def receive_to(self, arrived: list[bytes], size: int, deadline: Deadline) -> None:
        """Appends 1 to `size` bytes to `arrived` as soon as some are there; `b""` at the end.

        They are there even if a signal handler raises as soon as the system has given them away.

        Raises:
            TimeoutError: The deadline passed and nothing had come.
            OSError: The connection failed, or the socket is closed.
            SslError: TLS failed.
            MemoryError: There is no room for so many. Nothing was taken.
        """

    @abstractmethod
    def receive_into(self, view: memoryview, counts: list[int], deadline: Deadline) -> None:
        """Writes 1 to `len(view)` bytes to `view`; appends how many to `counts`, 0 at the end.

        Raises:
            TimeoutError, OSError, SslError: As `receive_to`.
        """

    def receive(self, size: int, deadline: Deadline) -> bytes:
        """Returns what `receive_to` appends, for those who have no place to keep it.

        Raises:
            TimeoutError, OSError, SslError: As `receive_to`.
        """
        arrived: list[bytes] = []
        self.receive_to(arrived, size, deadline)
        return arrived[0]

    @abstractmethod
    def peek(self, size: int, deadline: Deadline) -> bytes:
        """Returns what `receive_to` would, and leaves the bytes where they are.

        Raises:
            TimeoutError, OSError, SslError: As `receive_to`.
        """

    @abstractmethod
    def send(self, data: bytes | memoryview, deadline: Deadline) -> None:
        """Sends all of `data`, once and in order; it is contiguous.

        Raises:
            TimeoutError, OSError: As `receive_to`; the message and `characters_written` say how
                many bytes had been accepted.
            SslError: TLS failed; `characters_written` says the same.
        """

    @abstractmethod
    def send_eof(self, deadline: Deadline) -> None:
        """Ends what this side sends, after all that was sent before; again: does nothing.

        Raises:
            TimeoutError: The deadline passed; a later call goes on from there.
            OSError: There is no connection, or the peer is gone.
            SslError: TLS failed.
        """

    @property
    def ended(self) -> bool:
        """Whether `send_eof` has ended this side, so that every later `send` fails."""
        return False

    @abstractmethod
    def told(self, call: str) -> str:
        """Returns a call with its peer, for a message; see `description.located`."""

    @abstractmethod
    def pending(self) -> int:
        """Returns how many bytes can be delivered without asking the system."""

    def look_ahead(self, far: bool) -> None:  # noqa: B027 - a plain one takes what it is asked for
        """Sets whether more may be taken from the system than calls ask for; before the first.

        If not, no more than what has to be decrypted at once.
        """

    def retire(self) -> None:  # noqa: B027 - only a plain stream can be left for another one
        """Moves nothing from now on, also for a call that has begun: another stream does."""

    @abstractmethod
    def waiting(self, deadline: Deadline) -> int:
        """Returns how many bytes, at most, can be delivered without waiting for the peer.

        Raises:
            TimeoutError: Another call was reading until the deadline passed.
            OSError: The socket is closed.
        """

    @abstractmethod
    def close(self) -> None:
        """Says goodbye on the level of the stream; the descriptor stays open.

        Waits for no answer of the peer's, half a second at most for a key function, and for room
        until there was none for half a second, or for five seconds in all. As long for another
        thread's close.

        Raises:
            OSError: The peer is gone, so that there was nobody to say it to; data that was accepted
                could not be sent (`ECONNABORTED`); or a callback raised an exception.
        """


_MOST: Final = 1 << 20
"""Bytes asked of the system at once, so that a caller's huge size allocates nothing huge."""

TERMINAL: Final = frozenset(
    getattr(errno, name)
    for name in (
        *("ECONNRESET", "ECONNABORTED", "ENETRESET", "ETIMEDOUT"),
        *("EHOSTUNREACH", "ENETUNREACH", "EHOSTDOWN", "ENETDOWN"),
    )
    if hasattr(errno, name)
)
"""Errors that end a connection. The system reports each once, and then an end of the stream."""


class SecureStream(Stream):
    """A stream that is protected after a handshake; its reads and writes begin with it."""

    __slots__ = ()

    @abstractmethod
    def handshake(self, deadline: Deadline) -> None:
        """Completes the handshake, if that has not been done.

        Raises:
            TimeoutError: The deadline passed; a later call goes on from there.
            OSError: The connection failed, or the socket is closed.
            SslError: The handshake failed, now or before.
        """

    @property
    @abstractmethod
    def inside(self) -> RLock:
        """See `Inherited`."""

    @abstractmethod
    def forget_other_threads(self) -> None:
        """See `Inherited`."""


class Security(metaclass=ABCMeta):
    """What makes the streams of a protected socket's connections.

    It keeps the rooms of TLS, and with them OpenSSL, out of programs that do without.
    """

    __slots__ = ()

    @abstractmethod
    def check_unnamed(self) -> None:
        """Refuses connections to what has no host name.

        Raises:
            SslError: These settings want to verify one, or are not there any more.
        """

    @abstractmethod
    def check_named(self, host: str, argument: str = "address") -> None:
        """Refuses connections to a host that the peer could not prove to be.

        Args:
            host: The host's name or address.
            argument: What the caller calls it.

        Raises:
            OSError: `EINVAL`, because `host` is neither a host name nor an IP address, or a name
                that no certificate can be checked for.
            SslError: These settings are not there any more.
        """

    @abstractmethod
    def client_stream(self, descriptor: Descriptor, hostname: str) -> SecureStream:
        """Returns the stream of a connection that is going to be made to `hostname`.

        Raises:
            OSError: `hostname` is neither a host name nor an IP address.
            SslError: It cannot be protected with these settings.
        """

    @abstractmethod
    def server_stream(self, descriptor: Descriptor) -> SecureStream:
        """Returns the stream of a connection that was just accepted.

        Raises:
            SslError: It cannot be protected with these settings.
        """

    @abstractmethod
    def resuming(self, session: TlsSession) -> Security:
        """Returns the same, whose connections offer a session.

        Raises:
            SslError: It is not one that these settings made, or they have one already.
        """


class PlainStream(Stream):
    """The bytes of a stream socket (TCP, Unix) as they are on the wire.

    Where nothing has to be waited for, a call is one system call. The paths for that are written
    out in `_at_once` and `send`; everything else goes through the descriptor's `exclusively`.
    """

    __slots__ = (
        "_descriptor",
        "_end_sending",
        "_ended",
        "_failure",
        "_recv",
        "_recv_into",
        "_send",
        "_sock",
    )

    def __init__(self, descriptor: Descriptor) -> None:
        """Reads from and writes to `descriptor`, which stays the caller's to close."""
        self.protection = NO_PROTECTION
        self._descriptor = descriptor
        self._sock = descriptor.sock
        self._recv = descriptor.sock.recv
        self._recv_into = descriptor.sock.recv_into
        self._send = descriptor.sock.send
        self._end_sending = descriptor.end_sending
        self._ended = False
        self._failure: OSError | None = None

    def receive_to(self, arrived: list[bytes], size: int, deadline: Deadline) -> None:
        """See `Stream.receive_to`."""
        if size > _MOST:
            size = _MOST
        if not self._at_once(deadline, arrived, size):
            self._receive(arrived, lambda: partial(self._recv, size), b"", deadline)

    def receive_into(self, view: memoryview, counts: list[int], deadline: Deadline) -> None:
        """See `Stream.receive_into`."""
        if not self._at_once(deadline, [], 0, counts, view):
            self._receive(counts, lambda: partial(self._recv_into, view, 0), 0, deadline)

    def _at_once(
        self,
        deadline: Deadline,
        arrived: list[bytes],
        size: int,
        counts: list[int] | None = None,
        view: memoryview | None = None,
    ) -> bool:
        """Receives what is there, or waits for it if that takes no more than the same system call.

        Args:
            deadline: Ends the waiting.
            arrived: Gets what has come, unless that is written to `view`.
            size: How much to receive then.
            counts: Gets how much was written to `view`.
            view: Where to receive to.

        Returns:
            False if nothing has come: it is another's turn, or there is nothing yet.
        """
        bounded = deadline.bounded
        # Without MSG_DONTWAIT (Windows) a call with a deadline has to wait first.
        if self._ended or self._descriptor.closed or (bounded and not MSG_DONTWAIT):
            return False
        flags = 0
        if bounded:
            deadline.require_time()
            flags = MSG_DONTWAIT
        descriptor = self._descriptor
        direction = descriptor.reading
        lock = direction.lock
        try:
            if lock.acquire(False) and not direction.busy:
                direction.busy = True
                try:
                    # C stores what C returns: see nimnet_runtime.__init__.
                    if counts is None or view is None:
                        arrived += map(self._recv, (size,), (flags,))
                    else:
                        counts += map(self._recv_into, (view,), (0,), (flags,))
                finally:
                    direction.busy = False
        except BlockingIOError:
            pass
        except OSError as error:
            if error.errno in TERMINAL:
                self._failure = error  # before a signal handler gets in between
            raise self._failed(error) from None
        finally:
            try:  # noqa: SIM105 - nothing but C here: see nimnet_runtime.__init__
                lock.release()
            except RuntimeError:
                pass
            if descriptor.closed:
                descriptor.finish()
        came = arrived if counts is None else counts
        if not came:
            return False
        if not came[0]:
            self._at_end()
        return True

    def peek(self, size: int, deadline: Deadline) -> bytes:
        """See `Stream.peek`."""
        size = min(size, _MOST)
        seen: list[bytes] = []
        self._receive(seen, lambda: lambda flags: self._recv(size, flags | MSG_PEEK), b"", deadline)
        return seen[0]

    def send(self, data: bytes | memoryview, deadline: Deadline) -> None:
        """See `Stream.send`."""
        descriptor = self._descriptor
        if not data:
            descriptor.use()
            if descriptor.ended:
                raise ended_error()
            return
        direction = descriptor.writing
        lock = direction.lock
        try:
            if lock.acquire(False) and not (direction.busy or descriptor.closed):
                direction.busy = True
                try:
                    self._send_all(data, deadline)
                    return
                finally:
                    direction.busy = False
        finally:
            try:  # noqa: SIM105 - nothing but C here: see nimnet_runtime.__init__
                lock.release()
            except RuntimeError:
                pass
            if descriptor.closed:
                descriptor.finish()
        # It is another's turn.
        begun: list[bool] = []
        try:
            descriptor.exclusively(
                direction, lambda: self._send_in_turn(data, deadline, begun), deadline
            )
        except OSError as error:
            if begun:
                raise
            raise unsent(error, 0, len(data)) from None

    def _send_in_turn(
        self, data: bytes | memoryview, deadline: Deadline, begun: list[bool]
    ) -> None:
        begun.append(True)
        self._send_all(data, deadline)

    def send_eof(self, deadline: Deadline) -> None:
        """See `Stream.send_eof`."""
        descriptor = self._descriptor
        # It is bound in this call's turn: by then the stream may be retired.
        descriptor.exclusively(descriptor.writing, lambda: self._end_sending(), deadline)

    @property
    def ended(self) -> bool:
        """See `Stream.ended`."""
        return self._descriptor.ended

    def told(self, call: str) -> str:
        """See `Stream.told`."""
        return located(call, self._sock)

    def pending(self) -> int:
        """Returns 0: a plain stream keeps nothing."""
        return 0

    def retire(self) -> None:
        """See `Stream.retire`; for whoever has both turns."""
        self._recv = self._recv_into = self._send = self._end_sending = _retired
        self._ended, self._failure = False, None

    def close(self) -> None:
        """Has no goodbye to say: closing the descriptor ends the stream."""

    def waiting(self, deadline: Deadline) -> int:
        """See `Stream.waiting`: what the system holds."""
        return self._descriptor.read(lambda _: platform.unread(self._sock.fileno()), deadline)

    def _receive(
        self,
        results: list[_R],
        bound: Callable[[], Callable[[int], _R]],
        end: _R,
        deadline: Deadline,
    ) -> None:
        """Has C append what `bound()(flags)` returns to `results`.

        It is bound in this call's turn: by then the stream may be retired.
        """
        if self._ended and not self._descriptor.closed:
            results.append(end)
        else:
            try:
                self._descriptor.read(partial(self._attempt, results, bound), deadline)
            except OSError as error:
                raise self._failed(error) from None
        if results and not results[-1]:  # a signal handler, or another thread, may have taken it
            self._at_end()

    def _attempt(
        self, results: list[_R], bound: Callable[[], Callable[[int], _R]], flags: int
    ) -> None:
        try:
            results += map(bound(), (flags,))
        except OSError as error:
            if error.errno in TERMINAL:
                self._failure = error  # before a signal handler gets in between
            raise

    def _at_end(self) -> None:
        if self._descriptor.closed:
            raise interrupted_error()
        self._ended = True
        if self._failure is not None:
            raise errors.again(self._failure)

    def _failed(self, error: OSError) -> OSError:
        descriptor = self._descriptor
        error = descriptor.named(descriptor.explained(error), "receive from")
        if is_terminal(error):
            # A copy: the error itself would keep the frames of this call alive.
            self._ended, self._failure = True, errors.again(error)
        return error

    def _send_all(self, data: bytes | memoryview, deadline: Deadline) -> None:
        """Sends `data`; called by the one whose turn it is to write."""
        sent, total = 0, len(data)
        bounded = deadline.bounded
        flags = MSG_NOSIGNAL | MSG_DONTWAIT if bounded else MSG_NOSIGNAL
        wait = wait_first = bounded and not MSG_DONTWAIT
        while sent < total:
            try:
                if bounded:
                    deadline.require_time(moved=sent > 0)
                if wait:
                    deadline.wait_writable(self._sock.fileno())
                sent += self._send(memoryview(data)[sent:] if sent else data, flags)
                wait = wait_first
            except BlockingIOError:
                wait = True
            except OSError as error:
                error = self._descriptor.explained(error)
                error = self._descriptor.named(error, "send to")
                if error.errno == errno.EPIPE and self._descriptor.was_never_connected():
                    # Linux says EPIPE here as well, which would be taken for a peer that has left.
                    message = "the socket is not connected: call connect first"
                    raise OSError(errno.ENOTCONN, message) from None
                # A send that takes the report of a failed connection from the system leaves an
                # end of the stream to the reader. The reader must still hear of the failure.
                if is_terminal(error):
                    self._failure = errors.again(error)
                if self._descriptor.ended:
                    error = ended_error()
                raise unsent(error, sent, total) from None
            if sent < total:
                heed_signals()  # the system says how much it took, and not that a signal came
                if self._descriptor.closed:
                    raise unsent(interrupted_error(), sent, total)


def _retired(*_: object, **_named: object) -> NoReturn:
    raise retired_error()


def retired_error() -> OSError:
    """Returns the error for a call during which the socket was wrapped."""
    return OSError(errno.EBUSY, "the socket has become a TLS socket during this call")


def ended_error() -> OSError:
    """Returns the error for a `send` after `send_eof`."""
    return OSError(errno.EPIPE, "send_eof has ended this side: nothing can be sent after it")


def is_terminal(error: BaseException) -> bool:
    """Tells whether a stream reports `error` again, so that bytes may be delivered before it."""
    return isinstance(error, errors.SslError) or (
        isinstance(error, OSError)
        and not isinstance(error, errors.TimeoutError)
        and error.errno in TERMINAL
    )


def unsent(error: OSError, sent: int, total: int, waiting: int = 0) -> OSError:
    """Returns an error of the same class and number that also says how much was accepted.

    Args:
        error: What ended a call that was to send something.
        sent: How many bytes it had taken.
        total: Of how many.
        waiting: How many bytes of ciphertext are in this process still.
    """
    progress = f"after {sent} of {total} bytes were accepted"
    if waiting:
        progress += f"; {waiting} bytes of ciphertext wait in this process, for the next call"
    again = type(error)(error.errno, f"{error.strerror} ({progress})")
    return errors.after_writing(again, sent)
