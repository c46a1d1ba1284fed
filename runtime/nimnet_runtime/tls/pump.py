"""Ciphertext between a descriptor and OpenSSL's memory: in for whoever needs some, out in order.

`stream` tells the whole story; this room knows the network and the two queues, and nothing of TLS.

Nothing is lost where a signal handler raises, nor moved twice: C stores what the system or OpenSSL
has returned (see nimnet_runtime.__init__), and what is left half done the next call finds there.
"""

from contextlib import suppress
from typing import Final

from nimnet_runtime import errors
from nimnet_runtime.deadline import NOW, Deadline, patience
from nimnet_runtime.descriptor import Descriptor, interrupted_error, reentrant_error
from nimnet_runtime.platform import MSG_DONTWAIT, MSG_NOSIGNAL
from nimnet_runtime.system import Lock, RLock, get_ident, heed_signals, sleep
from nimnet_runtime.tls.machine import Machine, Piece
from nimnet_runtime.tls.records import Records

TYPE_CHECKING = False  # see nimnet_runtime.__init__
if TYPE_CHECKING:
    import _thread

_NOTHING: Final = Piece(memoryview(b""))
"""The piece of a connection that has nothing to send: an idle one keeps no other."""
_FIRST_TAKE: Final = 1 << 14
_LARGEST_TAKE: Final = 1 << 18
"""Bytes asked of the system at once: doubled while all that was asked for comes."""
_MOST_DISCARDED = 1 << 25
"""Bytes of input that the end of a connection reads away."""
_LAST = 500
"""Milliseconds that the last bytes of a connection may wait for the next room."""
LONGEST_LAST = 5000
"""Milliseconds that they may wait in all: a peer may make room a byte at a time."""
_DISCARDING: Final = 200
"""Milliseconds that reading away what has arrived may take: a peer may go on sending for ever."""
_PAUSE: Final = 0.005
"""Seconds between two looks for room: a poll would want much more of it than these few bytes."""
_MOMENT: Final = 0.05
"""Seconds without input after which a connection is idle, and worth little memory."""
_CALM: Final = 8
"""Pieces of input after which a connection that was busy has become one of short messages."""
_SECOND_LOOK = 1.0
"""Seconds after which a thread that waits for another looks whether it was forgotten."""
PATIENCE = 0.1
"""Seconds to wait for the session in any case, timeout or not. Somebody is inside OpenSSL for a
moment, which is no reason to fail; only where it asks for a key it can be long."""


class _Turn:
    """A call's turn to let input in.

    Attributes:
        thread: Whose it is.
        over: Taken until the turn has ended: whoever waits for that takes it and gives it back. The
            first who does has made it.
    """

    __slots__ = ("over", "thread")

    def __init__(self) -> None:
        """A turn of this thread's."""
        self.thread = get_ident()
        self.over: _thread.LockType | None = None


class Pump:
    """The two ways of ciphertext.

    Attributes:
        ahead: Whether as much may be taken from the system as has arrived. Otherwise it is a record
            at a time, so that what no read has seen makes the descriptor readable.
        end: How the input ended ("closed", "reset"); None while it has not.
        held: How many bytes of output are held back until something else is sent; 0 once taken.
        fed: How often input has come; changes by it tell a thread that another one brought some.
        line_feed_pending: Whether an LF that comes first is left out: the end of the last line in
            the clear. No record of TLS begins with one.
        piece: What was taken from OpenSSL last, and how far it has come.
        received: How many bytes have come.
    """

    __slots__ = (
        "_arrived",
        "_descriptor",
        "_lock",
        "_machine",
        "_owner",
        "_records",
        "_sent_any",
        "_take",
        "ahead",
        "end",
        "fed",
        "held",
        "line_feed_pending",
        "piece",
        "received",
    )

    def __init__(self, descriptor: Descriptor, machine: Machine, lock: RLock) -> None:
        """Moves between `descriptor` and `machine`, which is used with `lock` held."""
        self._descriptor = descriptor
        self._machine = machine
        self._lock = lock
        self._owner: _Turn | None = None
        self._take = _FIRST_TAKE
        self._arrived: list[bytes] = []
        self._records = Records()
        self._sent_any = False
        self.ahead = True
        self.line_feed_pending = False
        self.piece = _NOTHING
        self.end: str | None = None
        self.fed = 0
        self.held = 0
        self.received = 0

    def begun(self) -> bool:
        """Tells whether anything has been sent or received, or was about to be."""
        return bool(self.received or self._arrived or self._sent_any)

    def forget_other_threads(self, lock: RLock) -> None:
        """As `Inherited`; the session's lock may be a new one."""
        self._lock = lock
        if self._owner is not None and self._owner.thread != get_ident():
            self._owner = None

    def feed(self, ciphertext: bytes) -> None:
        """Takes what somebody has read from the descriptor before; before the first call."""
        self._machine.feed(ciphertext)
        self._records.passing = ciphertext
        self._records.settle()

    def let_in(self, seen: int, deadline: Deadline) -> None:
        """Waits for input: for its own, or for what another thread brings.

        Args:
            seen: What `fed` was when OpenSSL wanted more; returns at once if it has grown.
            deadline: Ends the waiting.

        Raises:
            TimeoutError: The deadline passed.
            OSError: The socket is closed, or the system failed.
        """
        turn = _Turn()
        try:
            if not self._take_turn(turn, seen, deadline):
                return
            if not self._arrived:
                self._receive_at_once(deadline)
            if not self._arrived:
                self._descriptor.read(lambda flags: self._receive(flags, deadline), deadline)
            self._hand_in(deadline)
        except OSError as error:
            if error.errno not in errors.DISCONNECTIONS:
                raise
            self.end = "reset"
        finally:
            # No call into C before this: a handler that raised there would keep the turn for good.
            if self._owner is turn:
                # In this order: who waits makes the lock first, and then looks for the owner.
                self._owner = None
                if turn.over is not None:
                    turn.over.release()

    def _take_turn(self, turn: _Turn, seen: int, deadline: Deadline) -> bool:
        """Makes `turn` the owner; False when what it would wait for is there."""
        lock = self._lock
        while True:
            try:
                if not lock.acquire(False):
                    deadline.acquire(lock, PATIENCE)
                if self.fed != seen or self.end is not None:
                    return False
                owner = self._owner
                if owner is None:
                    self._owner = turn
                    return True
                if owner.over is None:
                    over = Lock()
                    over.acquire()
                    owner.over = over
            finally:
                try:  # noqa: SIM105 - nothing but C here: see nimnet_runtime.__init__
                    lock.release()
                except RuntimeError:
                    pass
            if owner.thread == turn.thread:
                raise reentrant_error()  # another turn, but the same thread
            if self._owner is not owner:
                continue  # it may not have seen the lock
            remaining = deadline.remaining()
            if owner.over.acquire(
                True, _SECOND_LOOK if remaining is None else min(remaining, _SECOND_LOOK)
            ):
                owner.over.release()
            if self.fed == seen and deadline.passed():
                raise deadline.expired("waiting for what another thread's call brings")
            heed_signals()

    def _receive_at_once(self, deadline: Deadline) -> None:
        """Does what `_receive` does in the plain case, without a detour.

        Where there is something to be sent, it is another's turn, or nothing has come yet, it does
        nothing, unless a system call can wait as long as it likes.
        """
        descriptor, arrived = self._descriptor, self._arrived
        if not self.ahead or self.owes() or descriptor.writing.busy or descriptor.closed:
            return
        machine, flags = self._machine, 0
        if machine.grown and machine.calm > _CALM:
            self._shrink()  # and then a call can wait in the system call itself
        if deadline.bounded or machine.grown:
            if not MSG_DONTWAIT:  # pragma: no cover - Windows
                return
            flags = MSG_DONTWAIT
            deadline.require_time()
        direction = descriptor.reading
        lock = direction.lock
        try:
            if lock.acquire(False) and not direction.busy:
                direction.busy = True
                try:
                    arrived += map(descriptor.sock.recv, (self._take,), (flags,))
                finally:
                    direction.busy = False
        except BlockingIOError:
            pass
        except OSError as error:
            raise descriptor.named(descriptor.explained(error), "receive from") from None
        finally:
            try:  # noqa: SIM105 - nothing but C here: see nimnet_runtime.__init__
                lock.release()
            except RuntimeError:
                pass
            if self._descriptor.closed:
                descriptor.finish()
        if arrived and not arrived[-1] and descriptor.shut():
            raise interrupted_error()

    def _receive(self, flags: int, deadline: Deadline) -> None:
        arrived, recv = self._arrived, self._descriptor.sock.recv
        size = self._take if self.ahead else self._settled().wanted
        waits = self.owes() or self._descriptor.writing.busy
        if waits or self._machine.grown:
            if MSG_DONTWAIT:
                try:  # noqa: SIM105 - a busy connection comes through here for each record
                    arrived += map(recv, (size,), (flags | MSG_DONTWAIT,))
                except BlockingIOError:
                    pass
            if waits and not arrived:
                self._send_until_input(deadline)
            fd = self._descriptor.sock.fileno()
            if self._machine.grown and not (arrived or deadline.finds_readable(fd, _MOMENT)):
                self._shrink()
        if not arrived:
            arrived += map(recv, (size,), (flags,))
        if MSG_DONTWAIT and not self.ahead:
            # The body as well, if it is here: with the header alone, OpenSSL would only ask for it.
            size = self._records.length(arrived[0])
            if size:
                try:  # noqa: SIM105 - as above
                    arrived += map(recv, (size,), (flags | MSG_DONTWAIT,))
                except BlockingIOError:
                    pass
        if not arrived[-1] and self._descriptor.shut():
            raise interrupted_error()

    def _send_until_input(self, deadline: Deadline) -> None:
        """Sends what is queued as soon as there is room, until that is all or there is input.

        A peer that has not seen the end of what was sent has no reason to send anything. So is it
        with what another thread's call is about to queue, and may leave here.
        """
        descriptor, fd = self._descriptor, self._descriptor.sock.fileno()
        while (descriptor.writing.busy or self._owes_still()) and not deadline.passed():
            if descriptor.writing.busy:
                if deadline.finds_readable(fd, _SECOND_LOOK):
                    return
            elif deadline.finds_input(fd):
                return
            else:
                try:
                    self.flush(NOW)
                except errors.TimeoutError:
                    pass  # that was the room, or it is another thread's turn after all
                except OSError:
                    return  # nothing can be sent any more; there may be something to read

    def in_record(self) -> bool:
        """Tells whether what has come ends in the middle of a record."""
        return self._settled().begun

    def _settled(self) -> Records:
        """Returns the position behind all that was handed on."""
        records, arrived = self._records, self._arrived
        if records.passing is not None:
            # An interrupted call has handed it on or, if it is here still, has not.
            if arrived and arrived[0] is records.passing:
                records.passing = None
            else:
                records.settle()
        return records

    def _shrink(self) -> None:
        lock = self._lock
        try:
            if lock.acquire(timeout=PATIENCE):
                self._machine.shrink()
        finally:
            try:  # noqa: SIM105 - nothing but C here: see nimnet_runtime.__init__
                lock.release()
            except RuntimeError:
                pass

    def _hand_in(self, deadline: Deadline) -> None:
        """Gives OpenSSL what has arrived."""
        arrived, lock = self._arrived, self._lock
        try:
            if not lock.acquire(False):
                deadline.acquire(lock, PATIENCE)
            if self.line_feed_pending and arrived:
                self._drop_line_feed()
            records = self._records if self._records.passing is None else self._settled()
            while arrived:
                size = len(arrived[0])
                # In this order: a reader looks at `fed` and then at `drained`, without the lock.
                self._machine.drained = False
                self.fed += 1
                self.received += size
                if size:
                    records.passing = arrived[0]
                    self._machine.feed_first(arrived)
                    records.settle()
                else:
                    self.end = "closed"
                    arrived.clear()
                if size == self._take < _LARGEST_TAKE:
                    self._take *= 2
        finally:
            try:  # noqa: SIM105 - nothing but C here: see nimnet_runtime.__init__
                lock.release()
            except RuntimeError:
                pass

    def _drop_line_feed(self) -> None:
        arrived = self._arrived
        rest = arrived[0].removeprefix(b"\n")
        left = (rest,) if rest or not arrived[0] else ()
        arrived[:1] = left
        self.line_feed_pending = False

    def flush(self, deadline: Deadline) -> None:
        """Sends everything that is queued.

        Raises:
            TimeoutError: The deadline passed; the rest stays queued.
            OSError: The connection failed, or the socket is closed.
        """
        if self.piece.rest() or self.queued(deadline):
            descriptor = self._descriptor
            try:
                descriptor.exclusively(
                    descriptor.writing, lambda: self.send_queued(deadline), deadline
                )
            except OSError as error:
                raise descriptor.named(error, "send to") from error.__cause__

    def queued(self, deadline: Deadline) -> int:
        """Returns how many bytes OpenSSL has left to be sent.

        Raises:
            TimeoutError: The deadline passed while another thread was inside OpenSSL.
        """
        unsent, lock = self._machine.unsent, self._lock
        if unsent is not None:
            return unsent
        try:
            if not lock.acquire(False):
                deadline.acquire(lock, PATIENCE)
            return self._machine.output()
        finally:
            try:  # noqa: SIM105 - nothing but C here: see nimnet_runtime.__init__
                lock.release()
            except RuntimeError:
                pass

    def owes(self) -> bool:
        """Tells whether something is, or may be, queued that the peer is to get now."""
        unsent, piece = self._machine.unsent, self.piece
        return (
            unsent is None or unsent > self.held or (piece is not _NOTHING and bool(piece.rest()))
        ) and not self._descriptor.ended

    def _owes_still(self) -> bool:
        """As `owes`, and certain: what is only held back gives a waiting call nothing to do.

        Another thread's call into OpenSSL leaves it unknown how much is queued.
        """
        if not self.owes():
            return False
        with suppress(errors.TimeoutError):  # that thread is inside for long: better look again
            return self.queued(NOW) > self.held or bool(self.piece.rest())
        return True

    def left(self) -> int:
        """Returns how many bytes are known to wait to be sent, without waiting for anybody."""
        return len(self.piece.rest()) + (self._machine.unsent or 0)

    def flush_now(self) -> None:
        """Sends of what is queued what the system takes at once."""
        # No room, another thread's turn, or no connection: a later call finds out.
        with suppress(OSError):
            self.flush(NOW)

    def flush_last(self) -> OSError | None:
        """As `flush_now`, with patience where data sent before leaves no room.

        Without its close_notify, the peer would have to take all of that for cut off. Nobody waits
        for a peer that makes none for a moment.

        Returns:
            Why nothing can be sent any more, if that is so.
        """
        longest, pause, left = patience(LONGEST_LAST), patience(_LAST), -1
        while True:
            try:
                self.flush(NOW)
                return None
            except errors.TimeoutError:
                # No room, or another thread's turn to write: that of a reader, which sends what
                # was accepted before, or of a `send`. Each leaves as soon as it gets on.
                if longest.passed():
                    return None
                if self.left() != left:
                    pause, left = patience(_LAST), self.left()
                elif pause.passed():
                    return None
                sleep(_PAUSE)
                heed_signals()
            except OSError as error:
                return errors.again(error)

    def send_queued(self, deadline: Deadline) -> None:
        """As `flush`, for the call whose turn to write it is."""
        sock, machine = self._descriptor.sock, self._machine
        while True:
            piece = self.piece
            if piece.is_over():
                if machine.unsent != 0:
                    piece = self._next_piece(deadline)
                else:
                    self.piece = piece = _NOTHING
                if not piece.view:
                    machine.holds_data = False  # whose turn to write it is encrypts it
                    return
            rest = piece.rest() if piece.sent else piece.view
            try:
                if not MSG_DONTWAIT:  # pragma: no cover - Windows
                    deadline.wait_writable(sock.fileno())
                # Never a blocking send: where a signal interrupts one that has sent a part, only
                # its handler would run before anybody hears of the part.
                piece.sent += map(sock.send, (rest,), (MSG_NOSIGNAL | MSG_DONTWAIT,))
            except BlockingIOError:
                deadline.wait_writable(sock.fileno())
            except OSError:
                if self._descriptor.shut():
                    raise interrupted_error() from None
                raise
            if self._descriptor.closed and self._descriptor.shut():
                raise interrupted_error()

    def _next_piece(self, deadline: Deadline) -> Piece:
        lock = self._lock
        try:
            if not lock.acquire(False):
                deadline.acquire(lock, PATIENCE)
            return self.take_output(alone=False)
        finally:
            try:  # noqa: SIM105 - nothing but C here: see nimnet_runtime.__init__
                lock.release()
            except RuntimeError:
                pass

    def take_output(self, *, alone: bool) -> Piece:
        """Takes what OpenSSL has left to be sent, where nothing else is; with the lock held.

        Args:
            alone: See `Machine.take_output`.
        """
        piece = self._machine.output_piece()
        if piece.view:
            self._sent_any = True
        self.piece = piece
        self.held = 0  # which was some of it
        self._machine.take_output(piece, alone=alone)
        return piece

    def drop_output(self) -> None:
        """Forgets what OpenSSL has left to be sent; with the lock held."""
        self.held = 0  # which is some of it
        self._machine.take_output(self._machine.output_piece(), alone=False)

    def replace_output(self, ciphertext: bytes) -> None:
        """Forgets what is queued and not partly sent, and queues `ciphertext` instead."""
        self.drop_output()
        if not self.piece.rest():
            piece = Piece(memoryview(ciphertext))
            piece.filled.append(len(ciphertext))
            self.piece = piece

    def discard_input(self) -> None:
        """Reads away what has arrived, so that closing the descriptor resets nothing."""
        sock, discarded, end = self._descriptor.sock, 0, patience(_DISCARDING)
        # At last nothing is there, or a reader in another thread, or no connection any more.
        with suppress(OSError):
            while discarded < _MOST_DISCARDED:
                data = self._descriptor.read(lambda flags: sock.recv(_LARGEST_TAKE, flags), NOW)
                discarded += len(data)
                if not data or end.passed():
                    return
