"""A parameter whose default raises as well is no reason to declare for calls that give it."""

from collections.abc import Callable
from typing import Final

import nimnet
from nimnet import Socket, SslError, raises

WAIT: Final = 30_000


@raises(OSError, SslError, timeout=nimnet.TimeoutError)
def literal(s: Socket, timeout: int = 30_000) -> bytes:
    return s.recv_until(b"\n", timeout=timeout)  # E: "Socket.recv_until" may raise "TimeoutError" by the default of "timeout" as well: declare it in @raises without "timeout", or handle it


@raises(OSError, SslError, timeout=nimnet.TimeoutError)
def constant(s: Socket, timeout: int = WAIT) -> bytes:
    return s.recv_until(b"\n", timeout=timeout)  # E: "Socket.recv_until" may raise "TimeoutError" by the default of "timeout" as well: declare it in @raises without "timeout", or handle it


@raises(OSError, SslError, timeout=nimnet.TimeoutError)
def unknown(s: Socket, timeout: int = len("abc")) -> bytes:
    return s.recv_until(b"\n", timeout=timeout)  # E: "Socket.recv_until" may raise "TimeoutError" by the default of "timeout" as well: declare it in @raises without "timeout", or handle it


@raises(OSError, SslError, timeout=nimnet.TimeoutError)
def none(s: Socket, timeout: int = -1) -> bytes:
    return s.recv_until(b"\n", timeout=timeout)


@raises(OSError, SslError, nimnet.TimeoutError)
def always(s: Socket, timeout: int = 30_000) -> bytes:
    return s.recv_until(b"\n", timeout=timeout)


@raises(OSError, SslError, timeout=nimnet.TimeoutError)
def chosen(s: Socket, timeout: int | None = None) -> bytes:
    s.recv_until(b"\n", timeout=timeout or 500)  # E: "Socket.recv_until" may raise "TimeoutError": declare it in @raises, or handle it
    s.recv_until(b"\n", timeout=500 if timeout is None else timeout)  # E: "Socket.recv_until" may raise "TimeoutError": declare it in @raises, or handle it
    s.recv_until(b"\n", timeout=timeout if timeout is not None else -1)
    return s.recv_until(b"\n", timeout=-1 if timeout is None else timeout * 1000)


@raises(OSError, SslError, timeout=nimnet.TimeoutError)
def replaced(s: Socket, timeout: int | None = None) -> bytes:
    if timeout is None:
        timeout = 500
    return s.recv_until(b"\n", timeout=timeout)  # E: "Socket.recv_until" may raise "TimeoutError": declare it in @raises, or handle it


@raises(OSError, SslError, timeout=nimnet.TimeoutError)
def converted(s: Socket, timeout: int | None = None) -> bytes:
    if timeout is None:
        timeout = -1
    return s.recv_until(b"\n", timeout=timeout)


@raises(OSError, SslError, timeout=nimnet.TimeoutError)
def tested(s: Socket, timeout: int = 0) -> bytes:
    if timeout:
        return s.recv_until(b"\n", timeout=timeout)
    return s.recv_until(b"\n")


def helper(s: Socket, timeout: int = 30_000) -> bytes:
    return s.recv_until(b"\n", timeout=timeout)


@raises(OSError, SslError)
def calling(s: Socket) -> None:
    helper(s)  # E: "helper" may raise "TimeoutError" (cases.arguments.defaults:67 calls "Socket.recv_until"): declare it in @raises, or handle it
    helper(s, 500)  # E: "helper" may raise "TimeoutError" (cases.arguments.defaults:67 calls "Socket.recv_until"): declare it in @raises, or handle it
    helper(s, -1)


@raises(timeout=nimnet.TimeoutError)
def counted(read: Callable[[], bytes], *, timeout: int = 3) -> None:
    if timeout < 5:
        raise nimnet.TimeoutError("too soon")


class Reader:
    @raises(OSError, SslError, timeout=nimnet.TimeoutError)
    def read(self, s: Socket, timeout: int = -1) -> bytes:
        return s.recv_until(b"\n", timeout=timeout)


class Patient(Reader):
    @raises(OSError, SslError, nimnet.TimeoutError)
    def read(self, s: Socket, timeout: int = -1) -> bytes:  # E: "Patient.read" may raise "TimeoutError", which "Reader.read" does not declare
        return s.recv_until(b"\n", timeout=500)


class Other:
    @raises(timeout=ValueError)
    def read(self, timeout: int = -1) -> int:
        if timeout > 3:
            raise ValueError(timeout)
        return timeout


class Worse(Other):
    @raises(ValueError)
    def read(self, timeout: int = -1) -> int:  # E: "Worse.read" may raise "ValueError", which "Other.read" does not declare
        return int("1")


class Same(Other):
    @raises(timeout=ValueError)
    def read(self, timeout: int = -1) -> int:
        if timeout > 3:
            raise ValueError(timeout)
        return timeout


class Computing(Reader):
    def read(self, s: Socket, timeout: int = -1) -> bytes:
        return s.recv_until(b"\n", timeout=timeout * 2)
