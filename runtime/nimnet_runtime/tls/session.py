"""The session of one connection: OpenSSL under its lock, how it failed, and what it waits for.

`stream` tells the whole story. Here is what a handshake, a read and a write have in common: each
lets OpenSSL do what it can, with the lock held, and lets ciphertext in where that was not enough. A
failure of TLS is kept here, and is every later call's as well.
"""

import errno
from collections.abc import Callable
from typing import Final, TypeVar, TypeVarTuple

from nimnet_runtime.deadline import Deadline
from nimnet_runtime.descriptor import Descriptor, closed_error
from nimnet_runtime.errors import SslError
from nimnet_runtime.forks import is_lost
from nimnet_runtime.system import RLock
from nimnet_runtime.tls import failures, verification
from nimnet_runtime.tls.bindings.errorqueue import OpenSslError
from nimnet_runtime.tls.live import LiveContext
from nimnet_runtime.tls.machine import Machine
from nimnet_runtime.tls.psk import Exchange
from nimnet_runtime.tls.pump import PATIENCE, Pump

_T = TypeVar("_T")
_Ts = TypeVarTuple("_Ts")

HANDSHAKE_FAILED: Final = "TLS handshake failed"

MOST_BARREN: Final = 1 << 24
"""Bytes of ciphertext without data in it; a handshake has some thousands, a key update 27."""
_MOST_AT_ONCE: Final = 1 << 20
"""Bytes of ciphertext that a call with a timeout of 0 works through."""


class Session:
    """OpenSSL's half of a connection, for one thread at a time.

    Attributes:
        machine: What OpenSSL does; to be used with the lock held, except where it says otherwise.
        pump: Moves the ciphertext.
        exchange: What OpenSSL asked of the program, and what that answered.
        lock: Held around calls into OpenSSL, never while waiting for the network.
        inside: Whether OpenSSL is at work, so that a call from inside of it can be refused.
        established: Whether the handshake is complete for OpenSSL.
        failure: Why the session has failed, in words, and the cause; None while it has not.
        held: How many bytes of output are held back until something else is sent.
        barren_from: How many bytes of ciphertext had come when a read last returned something.
    """

    __slots__ = (
        "_descriptor",
        "_live",
        "_name",
        "barren_from",
        "established",
        "exchange",
        "failure",
        "held",
        "inside",
        "lock",
        "machine",
        "pump",
    )

    def __init__(
        self,
        descriptor: Descriptor,
        machine: Machine,
        exchange: Exchange,
        live: LiveContext,
        name: verification.ServerName,
    ) -> None:
        """Prepares a session.

        Args:
            descriptor: Where the ciphertext goes and comes from.
            machine: A new one.
            exchange: What `machine` was given.
            live: The context, which knows of certificates.
            name: Whom the certificate must be for.
        """
        self._descriptor = descriptor
        self._live = live
        self._name = name
        self.machine = machine
        self.exchange = exchange
        self.lock = RLock()
        self.pump = Pump(descriptor, machine, self.lock)
        self.inside = False
        self.established = False
        self.failure: tuple[str, BaseException | None] | None = None
        self.held = 0
        self.barren_from = 0

    def step(
        self, deadline: Deadline, operation: Callable[[*_Ts], _T], *args: *_Ts
    ) -> tuple[int, _T]:
        """Runs `operation(*args)`, one operation of OpenSSL's, with the lock held.

        Returns:
            How often ciphertext had come in by then, and the result.

        Raises:
            TimeoutError: The deadline passed while another thread was inside OpenSSL.
            OSError: The socket is closed, or this is a call from inside OpenSSL.
            SslError: The session has failed, now or before.
        """
        lock = self.lock
        try:
            if not lock.acquire(False):
                deadline.acquire(lock, PATIENCE)
            if self._descriptor.closed:
                raise closed_error()
            if self.inside:
                raise _nested_error()
            if self.failure is None:
                try:
                    self.inside = True
                    result = operation(*args)
                except OpenSslError as failure:
                    self._heed_callbacks()
                    if self.failure is None:
                        self.failure = self._described(failure), None
                else:
                    self._heed_callbacks()
                    if self.failure is None:
                        return self.pump.fed, result
                finally:
                    self.inside = False
        finally:
            try:  # noqa: SIM105 - nothing but C here: see nimnet_runtime.__init__
                lock.release()
            except RuntimeError:
                pass
        self.pump.flush_now()  # the alert that tells the peer
        raise self.failed()

    def let_in(self, seen: int, begin: int, deadline: Deadline) -> None:
        """Waits for ciphertext.

        Args:
            seen: How often some had come when OpenSSL wanted more.
            begin: How much had come when the call began.
            deadline: Ends the waiting.
        """
        pump = self.pump
        if pump.end is not None and pump.fed == seen:
            raise SslError(self._lost())
        if pump.received != begin:  # what this call has got was not enough
            if pump.received - self.barren_from > MOST_BARREN:
                self.failure = "the peer sends without end, and no data (tickets, updates)", None
                raise self.failed()
            deadline.check()
            if pump.received - begin > _MOST_AT_ONCE and deadline.passed():
                raise deadline.expired()
        pump.let_in(seen, deadline)

    def failed(self) -> BaseException:
        """Returns what to raise because the session has failed."""
        message, cause = self.failure or (HANDSHAKE_FAILED, None)
        if cause is not None and not isinstance(cause, Exception):
            self.failure = message, None
            return cause  # KeyboardInterrupt in a program's function is not TLS's to hide
        error = SslError(message)
        error.__cause__ = cause
        return error

    def forget_other_threads(self) -> None:
        """As `Inherited`. Half of an operation of another thread's is no state to go on from."""
        if is_lost(self.lock):
            self.lock = RLock()
            if self.inside:
                self.inside = False
                self.failure = "the session is the parent process's, which was using it", None
        self.pump.forget_other_threads(self.lock)

    def _heed_callbacks(self) -> None:
        """Lets the session fail if a function of the program's has raised."""
        if self.exchange.error is not None and self.failure is None:
            done = "TLS failed" if self.established else HANDSHAKE_FAILED
            self.failure = f"{done}: {self.exchange.refusal}", self.exchange.error

    def _described(self, failure: OpenSslError) -> str:
        if self.established:
            return f"TLS failed: {failures.describe(failure.reasons)}"
        if self.exchange.refusal is not None:
            return f"{HANDSHAKE_FAILED}: {self.exchange.refusal}"
        if failures.is_refused_certificate(failure.reasons):
            code, reason = self.machine.verification()
            told = verification.refusal(code, reason, self._name, self._live.empty_store)
            return f"{HANDSHAKE_FAILED}: {told}"
        return f"{HANDSHAKE_FAILED}: {failures.describe(failure.reasons)}"

    def _lost(self) -> str:
        done = "was reset" if self.pump.end == "reset" else "ended"
        if self.established:
            return f"the connection {done} without close_notify: data may be missing at the end"
        return f"the connection {done} during the TLS handshake"


def _nested_error() -> OSError:
    """Returns the error for a call from inside OpenSSL, or from a handler that interrupts it."""
    return OSError(
        errno.EDEADLK,
        "a PSK function or another callback cannot use the connection it is called for, nor can a"
        " signal handler that interrupts its calls into OpenSSL",
    )
