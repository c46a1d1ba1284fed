"""What each operation can fail with: the table of `failures.yaml`, and its failures as objects."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import yaml

from injection.peer import TLS

_FILE: Final = Path(__file__).with_name("failures.yaml")
_FOR_GOOD: Final = 1 << 30
OFTEN: Final = 30
"""How often what a call tries again until it succeeds fails at most: enough for it to notice."""
_TRIED_AGAIN: Final = frozenset({"EAGAIN", "EINTR", "EALREADY", "EINPROGRESS"})
_ALLOCATING: Final = frozenset(
    {"BIO_new", "BIO_write", "X509_VERIFY_PARAM_new", "X509_up_ref", "i2d_X509_bio"}
)
"""Functions of OpenSSL that fail for want of memory alone, and do not say so."""
_ALERT: Final = b"\x15\x03\x03\x00\x02\x02\x50"
"""A record of TLS with the alert `internal_error`, in the clear (RFC 8446 section 6)."""
_HEADER: Final = 5
"""Bytes that a record of TLS begins with, its length last."""
_MALLOC_FAILURE: Final = 256 | 3 << 18
"""ERR_R_MALLOC_FAILURE."""
_LIB_SSL: Final = 20
"""ERR_LIB_SSL."""


@dataclass(frozen=True)
class Failure:
    """One way in which an operation fails.

    Attributes:
        name: What the table calls it.
        strike: Is called in place of the operation, with that and its arguments.
        number: The error number that the system gives; None for none.
        most: How often it strikes at most where it lasts.
        then: What strikes after it in any case; None for nothing.
        lacks_memory: Whether it can mean nothing but that there is no memory.
    """

    name: str
    strike: Callable[..., Any]
    number: int | None = None
    most: int = _FOR_GOOD
    then: Failure | None = None
    lacks_memory: bool = False

    @property
    def passes(self) -> bool:
        """Whether it is nothing to who just goes on."""
        return self.name in _TRIED_AGAIN or self.name in ("short", "zero", "nothing")


ELSEWHERE: Final = Failure("elsewhere", lambda call, *args: call(*args))
"""What fails below the seam, or beside it, in a way that it does not know."""


def _errno(
    name: str, *, returned: bool = False, done: bool = False, again: bool = False
) -> Failure:
    """Returns an error number, raised as Python does.

    Args:
        name: The number's.
        returned: Whether it is returned instead, as `connect_ex` does.
        done: Whether the operation is done all the same.
        again: Whether who performs the operation does so again until it does not fail like that.
    """
    number: int = getattr(errno, name)

    def strike(call: Callable[..., Any], *args: Any) -> Any:
        if done:
            call(*args)
        if returned:
            return number
        raise OSError(number, os.strerror(number))

    often = again or name in _TRIED_AGAIN
    return Failure(name, strike, number, OFTEN if often else _FOR_GOOD)


def _unresolved(name: str) -> Failure:
    """Returns an error of the resolver's (getaddrinfo(3))."""
    number: int = getattr(socket, name)
    return raised(name, socket.gaierror, number, f"the resolver says {name}", number=number)


def raised(name: str, kind: type[Exception], *args: object, number: int | None = None) -> Failure:
    """Returns an exception of the interpreter's."""

    def strike(*_args: Any) -> Any:
        raise kind(*args)

    return Failure(name, strike, number)


def _refused(
    name: str, value: Any, give_reason: Callable[[], None] | None, *, lacks_memory: bool
) -> Failure:
    """Returns what a function of OpenSSL's returns for failure, with a reason or without."""

    def strike(*_args: Any) -> Any:
        if give_reason is not None:
            give_reason()
        return value

    return Failure(name, strike, lacks_memory=lacks_memory)


def _short(call: Callable[..., Any], size: int, *flags: int) -> Any:
    return call(min(size, 1), *flags)


def _short_into(call: Callable[..., Any], view: Any, size: int = 0, *flags: int) -> Any:
    return call(view, min(size or len(view), 1), *flags)


def _short_write(call: Callable[..., Any], data: Any, *rest: Any) -> Any:
    return call(data[:1], *rest)


def _corrupt(call: Callable[..., Any], *args: Any) -> Any:
    data = call(*args)
    if len(data) <= _HEADER:  # a wrong length would only be waited for
        return bytes([data[0] ^ 1]) + data[1:] if data else data
    return data[:-1] + bytes([data[-1] ^ 1])


_SHORT: Final[dict[str, Callable[..., Any]]] = {
    "recv": _short,
    "recv_into": _short_into,
    "send": _short_write,
}
_BENT: Final[dict[str, Callable[[str], Failure]]] = {
    "short": lambda operation: Failure("short", _SHORT[operation]),
    "zero": lambda _: Failure("zero", lambda *_args: 0, most=OFTEN),
    "end": lambda operation: Failure("end", lambda *_args: 0 if operation == "recv_into" else b""),
    "reset half-way": lambda operation: Failure(
        "reset half-way", _SHORT[operation], then=_errno("ECONNRESET")
    ),
    "alert": lambda _: Failure("alert", lambda *_args: _ALERT, most=1),
    "corrupt": lambda _: Failure("corrupt", _corrupt, most=1),
    "nothing": lambda _: Failure("nothing", lambda *_args: [], most=OFTEN),
    "MemoryError": lambda _: raised("MemoryError", MemoryError),
    "no thread": lambda _: raised("no thread", RuntimeError, "can't start new thread"),
    "no lock": lambda _: raised("no lock", RuntimeError, "can't allocate lock"),
    "-1": lambda _: Failure("-1", lambda *_args: -1),
}
"""The words of the table that are no numbers."""


@dataclass(frozen=True)
class Operation:
    """A row of the table.

    Attributes:
        source: Who documents the failures.
        failures: How it fails anywhere.
        streams: How it fails besides on a stream.
        secured: How it fails besides where TLS is spoken.
    """

    source: str
    failures: tuple[Failure, ...]
    streams: tuple[Failure, ...] = ()
    secured: tuple[Failure, ...] = ()

    @property
    def all(self) -> tuple[Failure, ...]:
        """All ways in which it fails somewhere."""
        return self.failures + self.streams + self.secured


@dataclass
class Table:
    """What each operation can fail with.

    Attributes:
        system: What fails of the system's and the interpreter's.
        openssl: What stands for failure, of OpenSSL's functions that can fail.
        harmless: Those that cannot, or have nobody to tell.
    """

    system: Mapping[str, Operation]
    openssl: Mapping[str, str]
    harmless: frozenset[str]
    _library: Any = field(default=None, repr=False)
    _ffi: Any = field(default=None, repr=False)

    def bind(self, library: Any, ffi: Any) -> None:
        """Tells it of the bindings, which know what NULL is."""
        self._library, self._ffi = library, ffi

    def never_fails(self, name: str) -> bool:
        """Tells whether a function of OpenSSL's has no way to fail, or nobody to tell."""
        return name in self.harmless or name.endswith(("_free", "_free_all"))

    def failures(self, operation: str, transport: str) -> tuple[Failure, ...]:
        """Returns the ways in which an operation fails on a transport."""
        if operation in self.openssl:
            return self._refusals[operation]
        row = self.system[operation]
        if transport == "udp":
            return row.failures
        return row.all if transport in TLS else row.failures + row.streams

    @cached_property
    def _refusals(self) -> dict[str, tuple[Failure, ...]]:
        values: dict[str, Any] = {"NULL": self._ffi.NULL, "0": 0, "1": 1, "-1": -1}
        library = self._library

        def no_memory() -> None:
            library.ERR_put_error(_LIB_SSL, 0, _MALLOC_FAILURE, b"", 0)

        return {
            name: (
                _refused("no memory", values[fails], no_memory, lacks_memory=True),
                _refused("no reason", values[fails], None, lacks_memory=name in _ALLOCATING),
            )
            for name, fails in self.openssl.items()
        }


def load() -> Table:
    """Returns the table."""
    loaded = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return Table(
        {name: _operation(name, row) for name, row in loaded["system"].items()},
        loaded["openssl"],
        frozenset(name for names in loaded["harmless"].values() for name in names),
    )


def _operation(name: str, row: Mapping[str, Any]) -> Operation:
    returned, done = bool(row.get("returned")), bool(row.get("done"))

    def failure(word: str) -> Failure:
        if word in _BENT:
            return _BENT[word](name)
        if word.startswith("EAI_"):
            return _unresolved(word)
        return _errno(word, returned=returned, done=done, again=word in row.get("again", ()))

    fails, streams, secured = (
        tuple(map(failure, row.get(key, ()))) for key in ("fails", "streams", "secured")
    )
    return Operation(row["source"], fails, streams, secured)
