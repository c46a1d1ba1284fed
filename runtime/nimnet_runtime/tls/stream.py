"""TLS as a `Stream`.

Theory of operation. OpenSSL works between two memory buffers and never touches the descriptor.
Ciphertext that has arrived is put into the one buffer; OpenSSL reads it when asked to decrypt, and
leaves what must be sent in the other. An operation (handshake, read, write) is a loop:

    1. With the lock held, let OpenSSL do what it can. It never blocks: at worst it says that it
       needs more ciphertext.
    2. Without the lock, send what OpenSSL left to be sent.
    3. If it needs more, let ciphertext in, and start again.

*The lock* is held around calls into OpenSSL and the few fields beside them, never while waiting for
the network. One thread may therefore read while another writes, for as long as they like. A call
waits for it a moment even if its deadline has passed: a timeout of 0 is about the network.

*Who pumps ciphertext in*: the first thread that needs some. It alone waits on the descriptor; a
second one that needs some (a reader and a writer that begin the handshake together, say) waits for
what the first brings, each under its own deadline, and takes over if the first gives up.

*Who sends ciphertext out*: whoever has the descriptor's turn to write. Records must leave in the
order in which OpenSSL made them, so there is one queue: the rest of the last piece taken from
OpenSSL, then OpenSSL's buffer. A writer sends it under its deadline; if that passes, the rest stays
queued and the next call goes on with it, so the record stream is never cut. What a *read* makes
OpenSSL say (answers to key updates, alerts) is sent if there is room; otherwise it waits in the
queue for the next call. A peer that asks for answers without end and takes none is cut off.

*Memory.* OpenSSL's buffers grow with what passes through at once, and never become smaller. A read
that has found nothing for a moment gives them back, so that a connection on which a reader waits
holds little; one that is busy keeps them.

*What a peer cannot do*: keep a call busy. Ciphertext that comes without a pause and means nothing
(hello requests, tickets, key updates) never makes a call wait, so each round looks at the deadline;
a call with a timeout of 0 works through a limited amount. A connection that brings very much of it
and no data fails, deadline or not.

*Signals.* A handler runs between bytecodes and may raise. The ciphertext survives that in both
directions: see `pump`. So does plaintext that a read has decrypted, until the read returns; it is
put back for the next one. What remains is what a plain socket has as well: between that return and
the caller's (or the read-ahead buffer's) taking hold of the bytes, they are lost with the call. A
`send` that a handler ends does not say how much was accepted.

*Reentry.* OpenSSL's calls do not nest. A PSK function that uses its own connection, or a handler
that gets in between, is refused with `EDEADLK`. It may close the socket: without close_notify then.

*Forks.* A session that has begun is the parent's: a child's copy says no goodbye. The child may go
on with it if the parent does not (two that do would encrypt different data alike), and if no other
thread was inside OpenSSL when it was forked. A connection that was only accepted belongs to whoever
shakes hands: a server may fork for each, and the parent, when it closes its copy, takes nothing of
what the child is to read.
What OpenSSL locks for itself, it does not renew in a child: a fork waits a moment until no session
of this package is inside (see `forks`). Other users of OpenSSL, and contexts that are being made,
it does not know.

*Ends.* close_notify is the end: `b""` from then on. An end or a reset of the connection without it
is an `SslError`, after all data that came before it, because anybody on the way could have caused
it. Failures of TLS are kept, and raised by every later call. A timeout changes nothing.

*Closing* is one thread's job; a second one that closes waits a moment for the first, because the
descriptor is closed when either comes back. The first queues close_notify, sends what the system
takes (with a moment's patience where earlier data still fills its buffer) and reads away what has
arrived: to close a descriptor with unread data makes TCP reset the connection, and the peer may
lose what it had not read yet. For the same reason a TLS 1.3 server holds back the session tickets
that OpenSSL makes at the end of the handshake until it sends something anyway: a client that only
writes, and leaves, does not expect any input.
"""

import errno
from collections.abc import Callable
from contextlib import suppress
from typing import Final, TypeVar, TypeVarTuple

from nimnet_runtime import errors, platform
from nimnet_runtime.deadline import Deadline
from nimnet_runtime.descriptor import Descriptor, closed_error
from nimnet_runtime.errors import SslError
from nimnet_runtime.forks import Inherited, is_lost
from nimnet_runtime.stream import SecureStream
from nimnet_runtime.system import RLock
from nimnet_runtime.tls import failures, verification
from nimnet_runtime.tls.bindings.datapath import memory_of, release
from nimnet_runtime.tls.bindings.errorqueue import OpenSslError
from nimnet_runtime.tls.machine import WANTS_INPUT, Delivery, Machine
from nimnet_runtime.tls.psk import Exchange
from nimnet_runtime.tls.pump import NOW, PATIENCE, Pump
from nimnet_runtime.tls.settings import Settings

_T = TypeVar("_T")
_Ts = TypeVarTuple("_Ts")

_LARGEST_PEEK: Final = 1 << 14
"""What a record holds (RFC 8446 section 5.1)."""
_LARGEST_WRITE: Final = 1 << 18
"""Bytes encrypted at once, with the lock held."""
_MOST_ANSWERS: Final = 1 << 20
"""Bytes of answers that a peer may leave untaken; no honest one comes near it."""
_MOST_AT_ONCE: Final = 1 << 20
"""Bytes of ciphertext that a call with a timeout of 0 works through."""
_MOST_BARREN: Final = 1 << 24
"""Bytes of ciphertext without data in it; a handshake has some thousands, a key update 27."""
_FAREWELL: Final = 0.5
"""Seconds that `close` waits for another thread's, at whose end the descriptor is closed."""
_FAILED: Final = "TLS handshake failed"
_INTERNAL_ERROR: Final = b"\x15\x03\x03\x00\x02\x02\x50"
"""The fatal alert internal_error as a plaintext record (RFC 8446 section 6.2)."""


class TlsStream(SecureStream, Inherited):
    """A TLS connection over the stream socket of a descriptor."""

    __slots__ = (
        "_barren_from",
        "_closing",
        "_context",
        "_descriptor",
        "_established",
        "_exchange",
        "_failure",
        "_held",
        "_inherited",
        "_inside",
        "_left",
        "_live",
        "_lock",
        "_machine",
        "_name",
        "_pump",
        "_server",
        "_shaken",
        "_shaking",
    )

    def __init__(
        self, descriptor: Descriptor, context: Settings, *, server: bool, hostname: str = ""
    ) -> None:
        """Prepares a connection; nothing is sent or received before the first call that waits.

        Args:
            descriptor: A stream socket, which stays the caller's to connect and to close.
            context: The settings.
            server: Whether this side accepts.
            hostname: For clients: the host name or IP address that the certificate must be for.

        Raises:
            OSError: `EINVAL`, because `hostname` is no host name.
            SslError: The context was destroyed; or it verifies, and there is no `hostname`.
        """
        self._descriptor = descriptor
        self._context = context
        self._server = server
        self._name = verification.server_name("hostname", "" if server else hostname)
        if not (server or self._name.text or context.functions.client) and context.verifies:
            raise SslError("C_VERIFY_PEER needs to know whose certificate to expect: pass hostname")
        self._live = live = context.context
        self._exchange = Exchange(context.functions)
        with failures.reported("begin a session"):
            self._machine = Machine(live.new_connection(server=server), self._exchange)
            if server and not live.judges_clients:
                self._machine.demand_no_certificate()
            verification.require(self._machine, self._name, verify=context.verifies)
        self._lock = RLock()
        self._pump = Pump(descriptor, self._machine, self._lock)
        self._established = False  # for OpenSSL; and once this side's last flight is sent:
        self._shaken = False
        self._shaking = RLock()
        self._failure: tuple[str, BaseException | None] | None = None
        self._held = 0
        self._barren_from = 0
        self._inside = False
        self._left = False
        self._closing = RLock()
        self._inherited = False
        super().__init__()

    def handshake(self, deadline: Deadline) -> None:
        """Completes the handshake, if that has not been done.

        Raises:
            TimeoutError: The deadline passed; a later call goes on from there.
            OSError: The connection failed, it was not made yet, or the socket is closed.
            SslError: The handshake failed, now or before.
        """
        begin = self._pump.received
        if not self._shaken and self._descriptor.was_never_connected():
            self._descriptor.use()
            raise not_begun_error()
        while not self._shaken:
            seen, result, unsent = self._fly(deadline)
            if result == WANTS_INPUT:
                try:
                    # A flight that cannot be sent has no answer: what has come is all there is.
                    self._let_in(seen, begin, NOW if unsent else deadline)
                except errors.TimeoutError:
                    if unsent is None:
                        raise
                    raise unsent from None

    def _fly(self, deadline: Deadline) -> tuple[int, int, OSError | None]:
        """Makes and sends the next flight of the handshake.

        One thread at a time: a second one would find the data behind the flight that the first
        goes on to send, and wait for the peer to take that before it reads.

        Returns:
            What `_step` does, and why the flight could not be sent; None where it was.
        """
        lock, unsent = self._shaking, None
        try:
            if not lock.acquire(False):
                deadline.acquire(lock)
            seen, result = self._step(deadline, self._shake)
            if not (self._held or self._shaken):
                try:
                    self._pump.flush(deadline)
                except OSError as error:
                    # The peer has left. What it sent before (an alert; all of its data, where only
                    # session tickets were left to send) has arrived and is to be read.
                    if error.errno not in errors.DISCONNECTIONS:
                        raise
                    unsent = errors.again(error)
            if result != WANTS_INPUT:
                self._shaken = True
            return seen, result, unsent
        finally:
            # As in `Descriptor.exclusively`.
            try:  # noqa: SIM105 - contextlib.suppress is a Python call
                lock.release()
            except RuntimeError:
                pass

    def feed(self, ciphertext: bytes) -> None:
        """Takes what somebody has read from the descriptor before; before the first call."""
        self._machine.feed(ciphertext)

    def drop_line_feed(self) -> None:
        """Leaves out an LF that comes before the first record; before the first call."""
        self._machine.line_feed_pending = True

    def psk_identity(self) -> str:
        """Returns the PSK identity that authenticates the client; "" for none."""
        return self._exchange.identity if self._established else ""

    def receive_to(self, arrived: list[bytes], size: int, deadline: Deadline) -> None:
        """See `Stream.receive_to`."""
        if size <= 0:
            arrived.append(b"")
            return
        delivery = Delivery()
        try:
            result = self._read(deadline, self._machine.read, size, delivery)
            arrived += (result if isinstance(result, bytes) else b"",)
        except BaseException:
            self._machine.put_back(delivery)
            raise

    def receive_into(self, view: memoryview, counts: list[int], deadline: Deadline) -> None:
        """See `Stream.receive_into`."""
        if not view:
            counts.append(0)
            return
        delivery = Delivery()
        target = memory_of(view)
        try:
            counts += (self._read(deadline, self._machine.read_into, target, len(view), delivery),)
        except BaseException:
            delivery.put(delivery.data())  # and not what is the caller's
            self._machine.put_back(delivery)
            raise
        finally:
            release(target)

    def peek(self, size: int, deadline: Deadline) -> bytes:
        """See `Stream.peek`; shows bytes of one record."""
        if size <= 0:
            return b""
        buffer = bytearray(min(size, _LARGEST_PEEK))
        count = self._read(deadline, self._machine.peek_into, memoryview(buffer))
        return bytes(buffer[:count])

    def send(self, data: memoryview, deadline: Deadline) -> None:
        """See `Stream.send`. What has been encrypted counts as accepted: later calls send it."""
        sent, total = 0, len(data)
        begin = self._pump.received

        def send_all() -> None:
            nonlocal sent
            self._pump.send_queued(deadline)
            while sent < total:
                with data[sent : sent + _LARGEST_WRITE] as piece:
                    seen, count = self._step(deadline, self._machine.write, piece)
                if count > 0:
                    sent += count
                self._pump.send_queued(deadline)
                if count == WANTS_INPUT:  # in the middle of a message after the handshake
                    self._let_in(seen, begin, deadline)

        try:
            if not self._shaken:
                self.handshake(deadline)
            self._held = 0
            self._descriptor.exclusively(self._descriptor.writing, send_all, deadline)
        except OSError as error:
            progress = f"(after {sent} of {total} bytes were accepted)"
            if error.errno in errors.DISCONNECTIONS:
                self._look_for_alert()
            raise type(error)(error.errno, f"{error.strerror} {progress}") from None
        if self._machine.unsent != 0:
            self._pump.flush_now()  # an answer that a reader left while it was this call's turn

    def pending(self) -> int:
        """See `Stream.pending`: what is decrypted, or can be with what has arrived."""
        if self._descriptor.closed or not self._established:
            return 0
        lock = self._lock
        try:
            if not lock.acquire(timeout=PATIENCE):
                return 0
            machine = self._machine
            if not (self._inside or machine.decrypted()) and machine.unread():
                try:
                    machine.peek_into(memoryview(bytearray(1)))
                except OpenSslError:
                    return 0  # the next read reports it
            return machine.decrypted()
        finally:
            # As in `Descriptor.exclusively`.
            try:  # noqa: SIM105 - contextlib.suppress is a Python call
                lock.release()
            except RuntimeError:
                pass

    def waiting(self, deadline: Deadline) -> int:
        """See `Stream.waiting`: ciphertext is never shorter than what it hides."""
        _, here = self._step(deadline, self._machine.waiting)
        descriptor = self._descriptor
        there = descriptor.read(lambda _: platform.unread(descriptor.sock.fileno()), deadline)
        return here + there

    def close(self) -> None:
        """See `Stream.close`. A second thread waits for the first, which may be sending still."""
        if self._inherited:
            return  # a child's copy: the session, and what arrives, is its parent's
        closing = self._closing
        try:
            if closing.acquire(timeout=_FAREWELL) and not self._left:
                self._left = True
                self._take_leave()
        finally:
            # As in `Descriptor.exclusively`.
            try:  # noqa: SIM105 - contextlib.suppress is a Python call
                closing.release()
            except RuntimeError:
                pass

    def _take_leave(self) -> None:
        """Says goodbye, sends what there is room for and reads away what has arrived."""
        lock, undisturbed = self._lock, False
        try:
            if lock.acquire(timeout=PATIENCE):
                undisturbed = not self._inside
                if undisturbed and self._established and self._failure is None:
                    self._machine.say_goodbye()
        finally:
            # As in `Descriptor.exclusively`.
            try:  # noqa: SIM105 - contextlib.suppress is a Python call
                lock.release()
            except RuntimeError:
                pass
        if undisturbed:
            self._pump.flush_last()
        if self._pump.begun():
            self._pump.discard_input()
        error, self._exchange.error = self._exchange.error, None
        if error is not None and self._failure is None:
            if not isinstance(error, Exception):
                raise error
            raise OSError(errno.EIO, f"while TLS said goodbye, {self._exchange.refusal}") from error

    @property
    def inside(self) -> RLock:
        """See `Inherited`."""
        return self._lock

    def forget_other_threads(self) -> None:
        """See `Inherited`: the session's lock, and those of its handshake and its end."""
        self._inherited = self._inherited or self._pump.begun()
        if is_lost(self._shaking):
            self._shaking = RLock()
        if is_lost(self._closing):
            self._closing = RLock()
        if is_lost(self._lock):
            self._lock = RLock()
            if self._inside:
                self._inside = False
                self._failure = "the session is the parent process's, which was using it", None
        self._pump.forget_other_threads(self._lock)

    # One operation of OpenSSL, with the lock held.

    def _step(
        self, deadline: Deadline, operation: Callable[[*_Ts], _T], *args: *_Ts
    ) -> tuple[int, _T]:
        """Runs `operation(*args)`.

        Returns:
            How often ciphertext had come in by then, and the result.
        """
        lock = self._lock
        try:
            if not lock.acquire(False):
                deadline.acquire(lock, PATIENCE)
            if self._descriptor.closed:
                raise closed_error()
            if self._inside:
                raise _nested_error()
            if self._failure is None:
                try:
                    self._inside = True
                    result = operation(*args)
                except OpenSslError as failure:
                    self._heed_callbacks()
                    if self._failure is None:
                        self._failure = self._described(failure), None
                else:
                    self._heed_callbacks()
                    if self._failure is None:
                        return self._pump.fed, result
                finally:
                    self._inside = False
        finally:
            # As in `Descriptor.exclusively`.
            try:  # noqa: SIM105 - contextlib.suppress is a Python call
                lock.release()
            except RuntimeError:
                pass
        self._pump.flush_now()  # the alert that tells the peer
        raise self._failed()

    def _shake(self) -> int:
        """Goes on with the handshake; when it is complete, checks who is there."""
        if self._established:
            return 1  # another thread has completed it
        exchange, machine = self._exchange, self._machine
        result = machine.handshake()
        if exchange.error is not None or (exchange.refusal is not None and not self._server):
            # OpenSSL would go on, say without a pre-shared key. The peer has seen none of this
            # flight.
            self._pump.replace_output(_INTERNAL_ERROR)
            self._failure = f"{_FAILED}: {exchange.refusal}", exchange.error
        elif result == 1:
            used = machine.used_psk()
            doubt = None if used or self._server else self._doubt()
            if doubt is not None:
                machine.say_goodbye()
                self._failure = f"{_FAILED}: {doubt}", None
            elif not used:
                exchange.identity = ""
            if self._server and self._failure is None and machine.speaks_tls13():
                self._held = machine.output()
            self._established = True
        return result

    def _doubt(self) -> str | None:
        """Tells why nobody has checked who the server is, although somebody should have."""
        unused = "the server did not use the pre-shared key"
        if self._context.verifies:
            if self._name.text:
                return None
            return f"{unused}, and its certificate cannot be checked without hostname"
        if self._exchange.identity:
            return f"{unused}, and C_VERIFY_NONE checks no certificate instead"
        return None

    def _read(self, deadline: Deadline, operation: Callable[[*_Ts], _T], *args: *_Ts) -> _T:
        if not self._shaken:
            try:
                self.handshake(deadline)
            except OSError as error:
                # Not as it is: where a disconnection may pass for an end, this must not.
                if error.errno in errors.DISCONNECTIONS:
                    raise SslError(f"{_FAILED}: nothing can be sent: {error.strerror}") from error
                raise
        machine, pump = self._machine, self._pump
        begin = pump.received
        while True:
            # Nothing has come since the last read: OpenSSL would only say that it wants some.
            # `fed` is read first, so that what comes in between is not waited for.
            seen = pump.fed
            if self._failure is not None or self._inside or not machine.drained:
                seen, result = self._step(deadline, operation, *args)
                self._send_answers(deadline)
                if result != WANTS_INPUT:
                    self._barren_from = pump.received
                    return result
            else:
                self._send_answers(deadline)
            self._let_in(seen, begin, deadline)

    def _send_answers(self, deadline: Deadline) -> None:
        """Sends what reading has made OpenSSL say and the rest of a piece, if there is room."""
        piece = self._pump.piece
        if self._pump.queued(deadline) > self._held:
            self._held = 0
            self._pump.flush_now()
            if self._pump.queued(deadline) > _MOST_ANSWERS:
                self._failure = "the peer wants answers (key updates) and takes none", None
        elif sum(piece.sent) < len(piece.view) and not (
            self._held or self._descriptor.writing.busy  # a writer sends it by itself
        ):
            self._pump.flush_now()

    def _let_in(self, seen: int, begin: int, deadline: Deadline) -> None:
        """Waits for ciphertext.

        Args:
            seen: How often some had come when OpenSSL wanted more.
            begin: How much had come when the call began.
            deadline: Ends the waiting.
        """
        pump = self._pump
        if pump.end is not None and pump.fed == seen:
            raise SslError(self._lost())
        if pump.received != begin:  # what this call has got was not enough
            if pump.received - self._barren_from > _MOST_BARREN:
                self._failure = "the peer sends without end, and no data (tickets, updates)", None
                raise self._failed()
            deadline.check()
            if pump.received - begin > _MOST_AT_ONCE and deadline.passed():
                raise deadline.expired()
        pump.let_in(seen, deadline)

    # Failures.

    def _heed_callbacks(self) -> None:
        """Lets the connection fail if a function of the program's has raised."""
        if self._exchange.error is not None and self._failure is None:
            done = "TLS failed" if self._established else _FAILED
            self._failure = f"{done}: {self._exchange.refusal}", self._exchange.error

    def _described(self, failure: OpenSslError) -> str:
        if self._established:
            return f"TLS failed: {failures.describe(failure.reasons)}"
        if self._exchange.refusal is not None:
            return f"{_FAILED}: {self._exchange.refusal}"
        if failures.is_refused_certificate(failure.reasons):
            code, reason = self._machine.verification()
            told = verification.refusal(code, reason, self._name, self._live.empty_store)
            return f"{_FAILED}: {told}"
        return f"{_FAILED}: {failures.describe(failure.reasons)}"

    def _failed(self) -> BaseException:
        message, cause = self._failure or (_FAILED, None)
        if cause is not None and not isinstance(cause, Exception):
            self._failure = message, None
            return cause  # KeyboardInterrupt in a program's function is not TLS's to hide
        error = SslError(message)
        error.__cause__ = cause
        return error

    def _lost(self) -> str:
        done = "was reset" if self._pump.end == "reset" else "ended"
        if self._established:
            return f"the connection {done} without close_notify: data may be missing at the end"
        return f"the connection {done} during the TLS handshake"

    def _look_for_alert(self) -> None:
        """Raises what the peer said before it left, if it did: that is why a send has failed."""
        begin = self._pump.received
        with suppress(OSError):  # until that was all
            while self._pump.end is None and self._pump.received - begin < _MOST_BARREN:
                self._pump.let_in(self._pump.fed, NOW)
        with suppress(OSError):  # the reason is not to be had; the send's own error is
            self._step(NOW, self._machine.peek_into, memoryview(bytearray(1)))


def not_begun_error() -> OSError:
    """Returns the error for a call on a TLS socket that is not connected."""
    return OSError(errno.ENOTCONN, "the TLS session starts with connect; it has not begun")


def _nested_error() -> OSError:
    """Returns the error for a call from inside OpenSSL, or from a handler that interrupts it."""
    return OSError(
        errno.EDEADLK,
        "a PSK function or another callback cannot use the connection it is called for, nor can a"
        " signal handler that interrupts its calls into OpenSSL",
    )
