"""The session of one connection: OpenSSL under its lock, how it failed, and what it waits for.

`stream` tells the whole story. Here is what a handshake, a read and a write have in common: each
lets OpenSSL do what it can, with the lock held, and lets ciphertext in where that was not enough. A
failure of TLS is kept here, and is every later call's as well.
"""

import errno
from collections.abc import Callable
from typing import Final, NamedTuple, TypeVar, TypeVarTuple

from nimnet_runtime.deadline import Deadline
from nimnet_runtime.descriptor import Descriptor, closed_error
from nimnet_runtime.errors import SslError, SslTruncationError, renewed
from nimnet_runtime.forks import is_lost
from nimnet_runtime.system import RLock, heed_signals
from nimnet_runtime.tls import failures, verification
from nimnet_runtime.tls.bindings.errorqueue import OpenSslError
from nimnet_runtime.tls.live import LiveContext
from nimnet_runtime.tls.machine import Machine
from nimnet_runtime.tls.psk import Exchange
from nimnet_runtime.tls.pump import PATIENCE, Pump

_T = TypeVar("_T")
_Ts = TypeVarTuple("_Ts")

HANDSHAKE_FAILED: Final = "TLS handshake failed"

MOST_BARREN = 1 << 24
"""Bytes of ciphertext without data in it; a handshake has some thousands, a key update 27."""
_MOST_AT_ONCE = 1 << 20
"""Bytes of ciphertext that a call with a timeout of 0 works through."""


class Failure(NamedTuple):
    """How a session has failed.

    Attributes:
        error: What a copy of is raised each time.
        cause: What a function of the program's raised, if that is why.
    """

    error: SslError
    cause: BaseException | None = None


class Session:
    """OpenSSL's half of a connection, for one thread at a time.

    Attributes:
        machine: What OpenSSL does; to be used with the lock held, except where it says otherwise.
        pump: Moves the ciphertext.
        exchange: What OpenSSL asked of the program, and what that answered.
        lock: Held around calls into OpenSSL, never while waiting for the network.
        inside: Whether OpenSSL is at work, so that a call from inside of it can be refused.
        established: Whether the handshake is complete, and nobody had a doubt about it.
        verified: Whether a certificate was checked in it, without which it would have failed: on a
            client against the name as well.
        failure: How the session has failed; None while it has not.
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
        "inside",
        "lock",
        "machine",
        "pump",
        "verified",
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
        self.verified = False
        self.failure: Failure | None = None
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
            failure = self.failure  # by itself: below, it may have become another one
            if failure is None:
                try:
                    self.inside = True
                    result = operation(*args)
                except OpenSslError as error:
                    self._heed_callbacks()
                    if self.failure is None:
                        self.failure = Failure(self._explained(error))
                else:
                    if self.exchange.error is not None:
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
            _, ended = self.step(deadline, self._take_end)
            if ended:
                return
            raise self._lost()
        if pump.received != begin:  # what this call has got was not enough
            if pump.received - self.barren_from > MOST_BARREN:
                message = "the peer sends without end, and no data (tickets, updates)"
                self.failure = Failure(SslError(message))
                raise self.failed()
            heed_signals()
            deadline.check()
            if pump.received - begin > _MOST_AT_ONCE and deadline.passed():
                raise deadline.expired("waiting for data")
        pump.let_in(seen, deadline)

    def failed(self) -> BaseException:
        """Returns what to raise because the session has failed."""
        failure = self.failure
        if failure is None:
            failure = Failure(SslError(HANDSHAKE_FAILED))
        latched, cause = failure
        if cause is not None and self._descriptor.closed:
            self.forget_causes()
        if cause is not None and (
            isinstance(cause, MemoryError) or not isinstance(cause, Exception)
        ):
            self.failure = Failure(latched)
            return cause  # MemoryError and KeyboardInterrupt are not TLS's to hide
        error = renewed(latched)
        error.__cause__ = cause
        return error

    def forget_causes(self) -> None:
        """Lets go of what functions of the program's have raised; at the end.

        Their tracebacks know the calls that they were raised in, and with them this session.
        """
        self.exchange.error = None
        if self.failure is not None:
            self.failure = Failure(self.failure.error)

    def forget_other_threads(self) -> None:
        """As `Inherited`. Half of an operation of another thread's is no state to go on from."""
        if is_lost(self.lock):
            self.lock = RLock()
            if self.inside:
                self.inside = False
                message = "the session is the parent process's, which was using it"
                self.failure = Failure(SslError(message))
        self.pump.forget_other_threads(self.lock)

    def refused(self, cause: BaseException | None) -> Failure:
        """Returns the failure that an exchange's refusal is, before or after the handshake."""
        refusal = self.exchange.refusal or ""
        return Failure(SslError(f"{self._failed_doing()}: {refusal}", reason=refusal), cause)

    def _heed_callbacks(self) -> None:
        """Lets the session fail if a function of the program's has raised."""
        if self.exchange.error is not None and self.failure is None:
            self.failure = self.refused(self.exchange.error)

    def _explained(self, failure: OpenSslError) -> SslError:
        reasons, doing = failure.reasons, self._failed_doing()
        if not self.established:
            if self.exchange.refusal is not None:
                return self.refused(None).error
            if not self.machine.hears_tls():
                return failures.not_tls(doing, reasons)
        if failures.is_refused_certificate(reasons):
            code, reason = self.machine.verification()
            return verification.refused(doing, code, reason, self._name, self._live.empty_store)
        return failures.error_for(doing, reasons)

    def _failed_doing(self) -> str:
        return "TLS failed" if self.established else HANDSHAKE_FAILED

    def _take_end(self) -> bool:
        """Tells OpenSSL of the end that has come, if that is one without close_notify as well.

        To OpenSSL it would be one in the middle of a record, too, of which a part is lost then.
        """
        return self._is_any_end() and not self.pump.in_record() and self.machine.end_input()

    def _is_any_end(self) -> bool:
        return self.established and self.pump.end == "closed" and self.machine.takes_any_end()

    def _lost(self) -> SslError:
        done, reason = (
            ("was reset", "connection reset")
            if self.pump.end == "reset"
            else ("ended", "unexpected eof")
        )
        if self.established:
            if self._is_any_end() and self.pump.in_record():
                done = "ended in the middle of a record,"
            message = f"the connection {done} without close_notify: data may be missing at the end"
            return SslTruncationError(message, reason=reason)
        message = f"the connection {done} during the TLS handshake"
        if not self.machine.hears_tls():
            return failures.not_tls_at_all(message, reason)
        return SslError(message, reason=reason)


def _nested_error() -> OSError:
    """Returns the error for a call from inside OpenSSL, or from a handler that interrupts it."""
    return OSError(
        errno.EDEADLK,
        "a PSK function or another callback cannot use the connection it is called for, nor can a"
        " signal handler that interrupts its calls into OpenSSL",
    )
