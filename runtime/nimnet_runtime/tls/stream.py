"""TLS as a `Stream`.

Theory of operation. OpenSSL works between two memory buffers and never touches the descriptor.
Ciphertext that has arrived is put into the one buffer; OpenSSL reads it when asked to decrypt, and
leaves what must be sent in the other. An operation (handshake, read, write) is a loop:

    1. With the lock held, let OpenSSL do what it can. It never blocks: at worst it says that it
       needs more ciphertext.
    2. Without the lock, send what OpenSSL left to be sent.
    3. If it needs more, let ciphertext in, and start again.

*The lock*, that of the `session`, is held around calls into OpenSSL and the few fields beside them,
never while waiting for the network. One thread may therefore read while another writes, for as long
as they like. A call waits for it a moment even if its deadline has passed: a timeout of 0 is about
the network.

*Who pumps ciphertext in*: the first thread that needs some. It alone waits on the descriptor; a
second one that needs some (a reader and a writer that begin the handshake together, say) waits for
what the first brings, each under its own deadline, and takes over if the first gives up.

*Who sends ciphertext out*: whoever has the descriptor's turn to write. Records must leave in the
order in which OpenSSL made them, so there is one queue: the rest of the last piece taken from
OpenSSL, then OpenSSL's buffer. A writer sends it under its deadline; if that passes, the rest stays
queued and the next call goes on with it, so the record stream is never cut. What a *read* makes
OpenSSL say (answers to key updates, alerts) is queued as well. A call that waits for input sends
what is queued before it waits, and then whenever there is room, because the peer may wait for just
that: it waits for input or room, until nothing is queued any more. Not where another thread has the
turn to write, which sends by itself: a look now and then tells whether it gave up. Only a thread
that waits already when another one begins to write hears nothing of what that leaves behind, which
is for the next call: nothing but a descriptor more for each connection could wake it. A peer that
asks for answers without end and takes none is cut off.

*Memory.* OpenSSL's buffers grow with what passes through at once, and never become smaller. A read
that has found nothing for a moment gives them back, so that a connection on which a reader waits
holds little; one that is busy keeps them, unless what comes has been short for a while.

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
This side's end is its own close_notify and then the end of the connection's bytes; reading goes on.
What reading makes OpenSSL say after that has no way to the peer and is dropped.

*Sessions.* A server gives tickets, and takes them, if the program says so; a client offers the
session that it is given. What a resumed handshake relies on is told in `resumption`.

*Closing* is one thread's job; a second one that closes waits a moment for the first, because the
descriptor is closed when either comes back. The first queues close_notify, sends what the system
takes (with patience where earlier data still fills its buffer, as long as the peer gets on with it)
and reads away what has arrived: to close a descriptor with unread data makes TCP reset the
connection, and the peer may lose what it had not read yet. For the same reason a TLS 1.3 server
holds back the session tickets that OpenSSL makes at the end of the handshake until it sends
something anyway: a client that only writes, and leaves, does not expect any input. Data that was
accepted and could not be sent is lost then, and that is told like a peer that is gone.
"""

import errno
import os
from collections.abc import Callable
from contextlib import suppress
from typing import Final, TypeVar, TypeVarTuple

from nimnet_runtime import errors, platform
from nimnet_runtime.deadline import NOW, Deadline
from nimnet_runtime.description import located
from nimnet_runtime.descriptor import Descriptor
from nimnet_runtime.errors import SslError
from nimnet_runtime.forks import is_lost
from nimnet_runtime.sessions import TlsSession
from nimnet_runtime.stream import SecureStream, ended_error, unsent
from nimnet_runtime.system import RLock, heed_signals
from nimnet_runtime.tls import failures, resumption, verification
from nimnet_runtime.tls.bindings.datapath import memory_of, release
from nimnet_runtime.tls.bindings.errorqueue import OpenSslError
from nimnet_runtime.tls.handshake import Handshake
from nimnet_runtime.tls.machine import WANTS_INPUT, Delivery, Machine
from nimnet_runtime.tls.protection import TlsProtection
from nimnet_runtime.tls.psk import Exchange, Functions
from nimnet_runtime.tls.pump import LONGEST_LAST, PATIENCE
from nimnet_runtime.tls.resumption import Record
from nimnet_runtime.tls.session import HANDSHAKE_FAILED, MOST_BARREN, Failure, Session
from nimnet_runtime.tls.settings import Settings

_T = TypeVar("_T")
_Ts = TypeVarTuple("_Ts")

_LARGEST_PEEK: Final = 1 << 14
"""What a record holds (RFC 8446 section 5.1)."""
_LARGEST_WRITE: Final = 1 << 18
"""Bytes encrypted at once, with the lock held."""
_MOST_ANSWERS: Final = 1 << 20
"""Bytes of answers that a peer may leave untaken; no honest one comes near it."""
_FAREWELL: Final = LONGEST_LAST / 1000 + 0.5
"""Seconds that `close` waits for another thread's, at whose end the descriptor is closed."""


class TlsStream(SecureStream):
    """A TLS connection over the stream socket of a descriptor."""

    __slots__ = (
        "_closing",
        "_descriptor",
        "_handshake",
        "_inherited",
        "_left",
        "_machine",
        "_pump",
        "_sending",
        "_session",
    )

    def __init__(
        self,
        descriptor: Descriptor,
        context: Settings,
        *,
        server: bool,
        hostname: str = "",
        offered: TlsSession | None = None,
    ) -> None:
        """Prepares a connection; nothing is sent or received before the first call that waits.

        Args:
            descriptor: A stream socket, which stays the caller's to connect and to close.
            context: The settings.
            server: Whether this side accepts.
            hostname: For clients: the host name or IP address that the certificate must be for.
            offered: For clients: the session to resume, if the server agrees.

        Raises:
            OSError: `EINVAL`, because `hostname` is no host name.
            SslError: The context was destroyed; it verifies, and there is no `hostname`; or
                `offered` is of another context or name, or something else is to judge the server.
        """
        name = verification.server_name("hostname", "" if server else hostname)
        # A pre-shared key proves in every handshake who is there: no session takes its place.
        keyed = context.functions.are_for(server=server)
        if not (server or name.text or keyed) and context.verifies:
            raise SslError("C_VERIFY_PEER needs to know whose certificate to expect: pass hostname")
        live = context.context
        resumable = not keyed and context.resumes(server=server)
        exchange = Exchange(context.functions if keyed else Functions(), context.protocols)
        if offered is not None:
            resumption.check_context(offered, live, keyed=keyed)
            resumption.check_name(offered, name)
        with failures.reported("begin a session"):
            connection = live.new_connection(
                server=server,
                resumable=resumable,
                session_context=context.session_id_context,
            )
            machine = Machine(connection, exchange)
            named = verification.require(machine, name)
            if offered is not None:
                resumption.offer(offered, connection)
        self._descriptor = descriptor
        self._session = session = Session(descriptor, machine, exchange, live, name)
        self._machine = machine
        self._pump = session.pump
        record = Record(live, name, offered) if resumable and not server else None
        self.protection = TlsProtection(session, record)
        self._handshake = Handshake(
            descriptor,
            session,
            server=server,
            keyed=keyed,
            named=named,
        )
        self._left = False
        self._sending = False
        self._closing = RLock()
        self._inherited = False

    def handshake(self, deadline: Deadline) -> None:
        """See `SecureStream.handshake`."""
        self._handshake.complete(deadline)

    def feed(self, ciphertext: bytes) -> None:
        """Takes what somebody has read from the descriptor before; before the first call."""
        self._pump.feed(ciphertext)

    def drop_line_feed(self) -> None:
        """Leaves out an LF that comes before the first record; before the first call."""
        self._pump.line_feed_pending = True

    def look_ahead(self, far: bool) -> None:
        """See `Stream.look_ahead`."""
        self._pump.ahead = far

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

    def send(self, data: bytes | memoryview, deadline: Deadline) -> None:
        """See `Stream.send`. What has been encrypted counts as accepted: later calls send it."""
        taken: list[int] = []
        descriptor = self._descriptor
        try:
            try:
                if not self._handshake.done:
                    self.handshake(deadline)
                self._pump.held = 0
                direction = descriptor.writing
                lock = direction.lock
                # As in `Descriptor.exclusively`, to which all else is left.
                ours = False
                try:
                    if lock.acquire(False) and not (direction.busy or descriptor.closed):
                        ours = direction.busy = True
                        try:
                            self._send_all(data, taken, deadline)
                        except OSError as error:
                            raise descriptor.explained(error) from None
                        finally:
                            direction.busy = False
                finally:
                    try:  # noqa: SIM105 - nothing but C here: see nimnet_runtime.__init__
                        lock.release()
                    except RuntimeError:
                        pass
                    if descriptor.closed:
                        descriptor.finish()
                if not ours:
                    descriptor.exclusively(
                        direction, lambda: self._send_all(data, taken, deadline), deadline
                    )
            except OSError as error:
                if error.errno in errors.DISCONNECTIONS and not self.ended:
                    self._look_for_alert()
                error = descriptor.named(error, "send to")
                raise unsent(error, sum(taken), len(data), self._pump.left()) from None
        except SslError as error:
            errors.after_writing(error, sum(taken))
            raise
        if self._machine.unsent != 0:
            self._pump.flush_now()  # an answer that a reader left while it was this call's turn

    def _send_all(self, data: bytes | memoryview, taken: list[int], deadline: Deadline) -> None:
        """Sends `data`, for the call whose turn to write it is.

        Args:
            data: The bytes.
            taken: Gets how many of them were encrypted, each time that some are.
            deadline: Ends the waiting.
        """
        session, machine, pump = self._session, self._machine, self._pump
        begin, sent, total = pump.received, 0, len(data)
        try:
            self._sending = True
            if machine.said_goodbye():
                raise ended_error()
            if deadline.bounded:
                deadline.require_time()
            if machine.unsent != 0 or pump.piece.filled:
                pump.send_queued(deadline)
            while sent < total:
                if deadline.bounded:
                    deadline.require_time(moved=sent > 0)
                if total <= _LARGEST_WRITE:
                    seen, count = session.step(deadline, self._encrypt, data, taken)
                else:
                    with memoryview(data)[sent : sent + _LARGEST_WRITE] as piece:
                        seen, count = session.step(deadline, self._encrypt, piece, taken)
                if count > 0:
                    sent += count
                pump.send_queued(deadline)
                if sent < total:
                    heed_signals()
                if count == WANTS_INPUT:  # in the middle of a message after the handshake
                    session.let_in(seen, begin, deadline)
        finally:
            self._sending = False

    def _encrypt(self, piece: bytes | memoryview, taken: list[int]) -> int:
        """Encrypts `piece`, and takes the ciphertext; with the lock held."""
        count = self._machine.write(piece)
        if count > 0:
            taken.append(count)
            if not self._pump.piece.filled:  # all that was there before has been sent
                self._pump.take_output(alone=True)
        return count

    def send_eof(self, deadline: Deadline) -> None:
        """See `Stream.send_eof`: close_notify, and then the end of the connection's bytes."""
        if not self._handshake.done:
            self.handshake(deadline)
        self._pump.held = 0
        try:
            self._descriptor.exclusively(
                self._descriptor.writing, lambda: self._finish(deadline), deadline
            )
        except OSError as error:
            if error.errno in errors.DISCONNECTIONS:
                self._look_for_alert()
            raise

    def _finish(self, deadline: Deadline) -> None:
        pump = self._pump
        pump.send_queued(deadline)
        if not self.ended:
            self._session.step(deadline, self._machine.say_goodbye)
            pump.send_queued(deadline)
        self._descriptor.end_sending()

    @property
    def ended(self) -> bool:
        """See `Stream.ended`."""
        return self._machine.said_goodbye()

    def told(self, call: str) -> str:
        """See `Stream.told`."""
        return located(call, self._descriptor.sock)

    def pending(self) -> int:
        """See `Stream.pending`: what is decrypted, or can be with what has arrived."""
        session = self._session
        if self._descriptor.closed or not session.established:
            return 0
        lock = session.lock
        try:
            if not lock.acquire(timeout=PATIENCE):
                return 0
            machine = self._machine
            if not (session.inside or machine.decrypted()) and machine.unread():
                try:
                    machine.peek_into(memoryview(bytearray(1)))
                except OpenSslError:
                    return 0  # the next read reports it
            return machine.decrypted()
        finally:
            try:  # noqa: SIM105 - nothing but C here: see nimnet_runtime.__init__
                lock.release()
            except RuntimeError:
                pass

    def waiting(self, deadline: Deadline) -> int:
        """See `Stream.waiting`: ciphertext is never shorter than what it hides."""
        _, here = self._session.step(deadline, self._machine.waiting)
        descriptor = self._descriptor
        there = descriptor.read(lambda _: platform.unread(descriptor.sock.fileno()), deadline)
        return here + there

    def close(self) -> None:
        """See `Stream.close`. A second thread waits for the first, which may be sending still."""
        if self._inherited:
            self._session.forget_causes()
            return  # a child's copy: the session, and what arrives, is its parent's
        closing = self._closing
        try:
            if closing.acquire(timeout=_FAREWELL) and not self._left:
                self._left = True
                self._take_leave()
        finally:
            try:  # noqa: SIM105 - nothing but C here: see nimnet_runtime.__init__
                closing.release()
            except RuntimeError:
                pass

    def _take_leave(self) -> None:
        """Says goodbye, sends what there is room for and reads away what has arrived."""
        session, undisturbed, lost = self._session, False, None
        lock, left = session.lock, self.ended
        try:
            if lock.acquire(timeout=PATIENCE):
                undisturbed = not session.inside
                if undisturbed and session.established and session.failure is None:
                    self._machine.say_goodbye()
        finally:
            try:  # noqa: SIM105 - nothing but C here: see nimnet_runtime.__init__
                lock.release()
            except RuntimeError:
                pass
        if undisturbed:
            lost = self._pump.flush_last()
        if self._pump.begun():
            self._pump.discard_input()
        error, failure = session.exchange.error, session.failure
        session.forget_causes()
        if error is not None and failure is None:
            try:
                if not isinstance(error, Exception):
                    raise error
                doing = f"while TLS said goodbye, {session.exchange.refusal}"
                raise OSError(errno.EIO, doing) from error
            finally:
                del error  # whose traceback knows this call
        gone = lost is not None and lost.errno in errors.DISCONNECTIONS
        unsent_data = self._unsent_data()
        if unsent_data and (gone or lost is None):
            message = (
                f"{unsent_data} bytes of ciphertext, of data that was accepted, were never sent"
            )
            if lost is not None:
                raise errors.in_context(lost, f"{message}, for the peer is gone")
            why = "the peer made no room in time" if undisturbed else "OpenSSL was at work"
            raise OSError(errno.ECONNABORTED, f"{message}, for {why}")
        if lost is not None and gone and self.ended and not left:
            raise errors.in_context(lost, "the peer is gone, and TLS could not say goodbye")

    def _unsent_data(self) -> int:
        """Returns how many bytes of ciphertext are queued, of data beside the goodbye; at the end.

        Of the handshake and of answers to the peer, nobody was told that they were accepted.
        """
        if not self._machine.holds_data or self._session.failure is not None:
            return 0
        if self._sending:
            return 0  # that `send` itself tells what became of its data
        return max(0, self._pump.left() - self._machine.goodbye_size)

    @property
    def inside(self) -> RLock:
        """See `Inherited`."""
        return self._session.lock

    def forget_other_threads(self) -> None:
        """See `Inherited`: the session's lock, and those of its handshake and its end."""
        self._inherited = self._inherited or self._pump.begun()
        if is_lost(self._closing):
            self._closing = RLock()
        self._handshake.forget_other_threads()
        self._session.forget_other_threads()

    def _read(self, deadline: Deadline, operation: Callable[[*_Ts], _T], *args: *_Ts) -> _T:
        if not self._handshake.done:
            try:
                self.handshake(deadline)
            except OSError as error:
                # Not as it is: where a disconnection may pass for an end, this must not.
                if error.errno in errors.DISCONNECTIONS:
                    reason = f"nothing can be sent: {os.strerror(error.errno or 0)}"
                    raise SslError(f"{HANDSHAKE_FAILED}: {reason}", reason=reason) from error
                raise
        session, machine, pump = self._session, self._machine, self._pump
        begin = pump.received
        while True:
            # Nothing has come since the last read: OpenSSL would only say that it wants some.
            # `fed` is read first, so that what comes in between is not waited for.
            seen = pump.fed
            if session.failure is not None or session.inside or not machine.drained:
                seen, result = session.step(deadline, operation, *args)
                if machine.unsent != 0 or pump.piece.filled:
                    self._send_answers(deadline)
                if result != WANTS_INPUT:
                    session.barren_from = pump.received
                    return result
            elif machine.unsent != 0 or pump.piece.filled:
                self._send_answers(deadline)
            if pump.end is None and pump.received == begin:
                pump.let_in(seen, deadline)  # all that there is to it for the first that comes
            else:
                session.let_in(seen, begin, deadline)

    def _send_answers(self, deadline: Deadline) -> None:
        """Sends what reading has made OpenSSL say and the rest of a piece, if there is room."""
        session, pump = self._session, self._pump
        if self._descriptor.ended:
            if pump.queued(deadline):
                session.step(deadline, pump.drop_output)
            return
        piece = pump.piece
        if pump.queued(deadline) > pump.held:
            pump.held = 0
            pump.flush_now()
            if pump.queued(deadline) > _MOST_ANSWERS:
                message = "the peer wants answers (key updates) and takes none"
                session.failure = Failure(SslError(message))
        elif sum(piece.sent) < len(piece.view) and not (
            pump.held or self._descriptor.writing.busy  # a writer sends it by itself
        ):
            pump.flush_now()

    def _look_for_alert(self) -> None:
        """Raises what the peer said before it left, if it did: that is why a send has failed."""
        begin = self._pump.received
        with suppress(OSError):  # until that was all
            while self._pump.end is None and self._pump.received - begin < MOST_BARREN:
                self._pump.let_in(self._pump.fed, NOW)
        with suppress(OSError):  # the reason is not to be had; the send's own error is
            self._session.step(NOW, self._machine.peek_into, memoryview(bytearray(1)))
