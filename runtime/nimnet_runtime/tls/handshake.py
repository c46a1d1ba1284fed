"""The handshake: its flights, one thread's at a time, and who it shows is there."""

import errno
from typing import Final

from nimnet_runtime import errors
from nimnet_runtime.deadline import NOW, Deadline
from nimnet_runtime.descriptor import Descriptor
from nimnet_runtime.errors import SslError
from nimnet_runtime.forks import is_lost
from nimnet_runtime.system import RLock
from nimnet_runtime.tls.machine import WANTS_INPUT
from nimnet_runtime.tls.session import HANDSHAKE_FAILED, Failure, Session

_INTERNAL_ERROR: Final = b"\x15\x03\x03\x00\x02\x02\x50"
"""The fatal alert internal_error as a plaintext record (RFC 8446 section 6.2)."""


class Handshake:
    """What a session begins with.

    Attributes:
        done: Whether it is complete, and this side's last flight is sent.
        turn: Held by the thread that makes and sends a flight.
    """

    __slots__ = (
        "_descriptor",
        "_keyed",
        "_named",
        "_server",
        "_session",
        "done",
        "turn",
    )

    def __init__(
        self,
        descriptor: Descriptor,
        session: Session,
        *,
        server: bool,
        keyed: bool,
        named: bool,
    ) -> None:
        """Prepares it; nothing is sent.

        Args:
            descriptor: The socket, which may not be connected yet.
            session: The session.
            server: Whether this side accepts.
            keyed: Whether this side has pre-shared keys, and then resumes no session.
            named: Whether a server's certificate is checked against a name.
        """
        self._descriptor = descriptor
        self._session = session
        self._server = server
        self._keyed = keyed
        self._named = named
        self.done = False
        self.turn = RLock()

    def complete(self, deadline: Deadline) -> None:
        """Completes the handshake, if that has not been done.

        Raises:
            TimeoutError: The deadline passed; a later call goes on from there.
            OSError: The connection failed, it was not made yet, or the socket is closed.
            SslError: The handshake failed, now or before.
        """
        session = self._session
        begin = session.pump.received
        if not self.done and self._descriptor.was_never_connected():
            self._descriptor.use()
            raise not_begun_error()
        deadline.enter(self._told)
        while not self.done:
            seen, result, unsent = self._fly(deadline)
            if result == WANTS_INPUT:
                try:
                    # A flight that cannot be sent has no answer: what has come is all there is.
                    session.let_in(seen, begin, NOW if unsent else deadline)
                except errors.TimeoutError:
                    if unsent is None:
                        raise
                    # A copy: the error itself would keep this frame, which keeps the error.
                    raise errors.again(unsent) from None
        deadline.enter(None)

    def _told(self) -> str:
        """Tells a call whose time is up that it was here, and how far it had come."""
        return f"in the TLS handshake, of which {self._session.pump.received} bytes had come"

    def _fly(self, deadline: Deadline) -> tuple[int, int, OSError | None]:
        """Makes and sends the next flight of the handshake.

        One thread at a time: a second one would find the data behind the flight that the first
        goes on to send, and wait for the peer to take that before it reads.

        Returns:
            What `Session.step` does, and why the flight could not be sent; None where it was.
        """
        session, lock, unsent = self._session, self.turn, None
        try:
            if not lock.acquire(False):
                deadline.acquire(lock)
            seen, result = session.step(deadline, self._shake)
            if not (session.pump.held or self.done):
                try:
                    session.pump.flush(deadline)
                except OSError as error:
                    # The peer has left. What it sent before (an alert; all of its data, where only
                    # session tickets were left to send) has arrived and is to be read.
                    if error.errno not in errors.DISCONNECTIONS:
                        raise
                    unsent = errors.again(error)
            if result != WANTS_INPUT:
                self.done = True
            return seen, result, unsent
        finally:
            try:  # noqa: SIM105 - nothing but C here: see nimnet_runtime.__init__
                lock.release()
            except RuntimeError:
                pass

    def _shake(self) -> int:
        """Goes on with the handshake; when it is complete, checks who is there."""
        session = self._session
        if session.established:
            return 1  # another thread has completed it
        exchange, machine = session.exchange, session.machine
        result = machine.handshake()
        if exchange.error is not None or (exchange.refusal is not None and not self._server):
            # OpenSSL would go on, say without a pre-shared key. The peer has seen none of this
            # flight.
            session.pump.replace_output(_INTERNAL_ERROR)
            session.failure = session.refused(exchange.error)
        elif result == 1:
            used = self._keyed and machine.used_psk()
            # As it was in the handshake: the program may change it later.
            verifies = machine.verifies()
            doubt = None if used else self._doubt(verifies)
            if doubt is not None:
                machine.say_goodbye()
                error = SslError(f"{HANDSHAKE_FAILED}: {doubt}", reason=doubt)
                session.failure = Failure(error)
                return result
            if not used:
                exchange.identity = ""
            if self._server and machine.speaks_tls13():
                session.pump.held = machine.output()
            code, _ = machine.verification()
            session.verified = verifies and code == 0 and (self._server or self._named)
            session.established = True
        return result

    def _doubt(self, verifies: bool) -> str | None:
        """Tells why nobody has checked who the peer is, although somebody should have."""
        if not self._keyed:
            if not self._session.machine.reused():
                return None
            if self._session.exchange.asks_program:
                return "a session was resumed, and nobody has asked the verify callback"
            code, reason = self._session.machine.verification()
            if verifies and code:
                # It was made while another mode let that pass.
                return f"a session was resumed whose certificate was not verified: {reason}"
            return None
        if self._server:
            return None
        unused = "the server did not use the pre-shared key"
        if verifies:
            if self._named:
                return None
            return f"{unused}, and its certificate cannot be checked without hostname"
        if self._session.exchange.identity:
            return f"{unused}, and C_VERIFY_NONE checks no certificate instead"
        return None

    def forget_other_threads(self) -> None:
        """As `Inherited`: the turn."""
        if is_lost(self.turn):
            self.turn = RLock()


def not_begun_error() -> OSError:
    """Returns the error for a call on a TLS socket that is not connected."""
    return OSError(errno.ENOTCONN, "the TLS session starts with connect; it has not begun")
