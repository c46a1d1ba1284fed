"""The seam: between the runtime and all that it stands on, where operations are counted and fail.

It changes nothing in the runtime. It takes the place of what lies below, in a process that has not
loaded the runtime yet: the class of sockets in C, the modules that have system calls, OpenSSL as
its bindings have it. Where the runtime has bound such a function by import already, the binding is
found by its identity and replaced. That nothing gets around it is tested (`test_seam`).

An operation counts in the thread that makes the call under test, and in those that the runtime
starts for it. What the values of OpenSSL's bindings are, nobody has typed: `Any` stands for them.
"""

from __future__ import annotations

import _socket
import contextlib
import sys
import threading
import types
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

from injection.builds import is_compiled
from injection.failures import Failure, Table

_T = TypeVar("_T")

PACKAGE: Final = "nimnet_runtime"


class Plan:
    """Which operation fails, how, and how often.

    Attributes:
        struck: How often it has failed.
    """

    def __init__(self, index: int, name: str, failure: Failure, *, lasting: bool) -> None:
        """Has the operation with this number fail, and with `lasting` those of its name after it.

        What a call does again and again until it succeeds fails so often only that it notices:
        `failure.most` times.
        """
        self.index = index
        self.name = name
        self.failure = failure
        self.lasting = lasting
        self.struck = 0

    def due(self, index: int, name: str) -> Failure | None:
        """Returns how an operation fails; None for not at all."""
        if index < self.index or name != self.name:
            return None
        if not self.struck:  # not always the number: what is polled for may have come before
            self.struck = 1
            return self.failure
        following = self.failure.then or (self.failure if self.lasting else None)
        if following is None or self.struck >= self.failure.most:
            return None
        self.struck += 1
        return following


class Seam:
    """Counts what is done while it is watched, and has one operation fail.

    Attributes:
        table: What each operation can fail with.
        performed: The names of the operations so far.
        arrived: How many bytes the system has given to the runtime.
        decrypted: How many OpenSSL has.
        unlisted: Functions of OpenSSL's that were called and that the table does not know.
        forgotten: Whether a descriptor may be lost, because there was no memory for what stands for
            it: CPython's in accept, or the user's of one that was given away.
    """

    def __init__(self, table: Table) -> None:
        """Watches nobody."""
        self.table = table
        self.performed: list[str] = []
        self.arrived = 0
        self.decrypted = 0
        self.unlisted: set[str] = set()
        self.forgotten = False
        self._plan: Plan | None = None
        self._threads: set[int] = set()

    @contextlib.contextmanager
    def watching(self, plan: Plan | None = None) -> Iterator[None]:
        """Counts what the calling thread does, from 0, and has `plan` carried out."""
        self.performed.clear()
        self.arrived = self.decrypted = 0
        self._plan = plan
        self._threads.add(threading.get_ident())
        try:
            yield
        finally:
            self._threads.clear()
            self._plan = None

    @property
    def watches(self) -> bool:
        """Whether the calling thread is watched."""
        return threading.get_ident() in self._threads

    def perform(self, name: str, call: Callable[..., Any], *args: Any, **named: Any) -> Any:
        """Does what an operation does, unless it is to fail."""
        if not self._threads or threading.get_ident() not in self._threads:
            return call(*args, **named)
        index = len(self.performed)
        self.performed.append(name)
        failure = self._plan.due(index, name) if self._plan is not None else None
        if failure is None:
            return call(*args, **named)
        return failure.strike(call, *args, **named)

    def through(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Returns a function as an operation."""

        def operation(*args: Any, **named: Any) -> Any:
            return self.perform(name, function, *args, **named)

        return operation

    def started(self, start: Callable[..., int]) -> Callable[..., Any]:
        """Returns what starts threads, whose operations count from their beginning to their end."""

        def begin(function: Callable[..., object], args: tuple[object, ...]) -> Any:
            watched = self.watches

            # `function` is an argument: CPython, where it has no memory to call `run`, keeps that.
            def run(function: Callable[..., object], *args: object) -> None:
                if watched:
                    self._threads.add(threading.get_ident())
                try:
                    function(*args)
                finally:
                    self._threads.discard(threading.get_ident())

            return self.perform("start_new_thread", start, run, (function, *args))

        return begin


class _Proxy:
    """A module of which some attributes are others."""

    def __init__(self, original: object, replaced: Mapping[str, object]) -> None:
        self.__dict__.update(replaced)
        self.__original = original

    def __getattr__(self, name: str) -> object:
        return getattr(self.__original, name)


class _Library:
    """OpenSSL's functions as operations, those that can fail."""

    def __init__(self, seam: Seam, original: Any, ffi: Any) -> None:
        self.__seam = seam
        self.__original = original
        self.__ffi = ffi

    def __getattr__(self, name: str) -> Any:
        value = getattr(self.__original, name)
        if callable(value) and not isinstance(value, type):
            table = self.__seam.table
            if name in table.openssl:
                value = self.__seam.through(name, value)
                if name == "SSL_read":
                    value = self.__counted(value)
            elif not table.never_fails(name):
                value = self.__noted(name, value)
        setattr(self, name, value)
        return value

    def __counted(self, read: Callable[..., int]) -> Callable[..., int]:
        def call(*args: Any) -> int:
            count = read(*args)
            if self.__seam.watches:
                self.__seam.decrypted += max(count, 0)
            return count

        return call

    def __noted(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any) -> Any:
            if self.__seam.watches:
                self.__seam.unlisted.add(name)
            return function(*args)

        return call


def install(table: Table) -> Seam:
    """Puts the seam below the runtime, which nobody has loaded yet; loads it."""
    loaded = [name for name in sys.modules if name.split(".")[0] in ("nimnet", PACKAGE, "OpenSSL")]
    if loaded:
        raise RuntimeError(f"too late: {', '.join(loaded)} is loaded")
    seam = Seam(table)
    from cryptography.hazmat.bindings.openssl.binding import Binding

    library: Any = Binding.lib
    table.bind(library, Binding.ffi)
    Binding.lib = _Library(seam, library, Binding.ffi)
    replaced = _system(seam)
    import nimnet_runtime.system as system

    replaced.update(_own_copies(seam, system))
    _replace(system, replaced)
    import nimnet
    import nimnet.tls
    import nimnet_runtime.security  # noqa: F401 - and with it, all the rooms of TLS

    nimnet.new_context(verify_mode=nimnet.C_VERIFY_NONE)
    for module in runtime_modules():
        _replace(module, replaced)
    return seam


def runtime_modules() -> list[types.ModuleType]:
    """Returns the modules of the runtime that are loaded."""
    return [
        module
        for name, module in sorted(sys.modules.items())
        if name.split(".")[0] in (PACKAGE, "nimnet")
    ]


def _replace(module: types.ModuleType, replaced: Mapping[int, tuple[object, object]]) -> None:
    for name, value in list(vars(module).items()):
        if id(value) in replaced and not name.startswith("__"):
            setattr(module, name, replaced[id(value)][1])


def _system(seam: Seam) -> dict[int, tuple[object, object]]:
    """Returns what takes the place of each thing of Python's, by the identity of that."""
    import ctypes
    import fcntl
    import os

    calls = {
        name: seam.through(f"os.{name}", getattr(os, name))
        for name in ("get_blocking", "set_blocking", "set_inheritable", "open", "close")
    }
    lookups = {"getaddrinfo": seam.through("getaddrinfo", _socket.getaddrinfo)}
    sock = _socket_class(seam)
    close = seam.through("close", _socket.close)
    if is_compiled():  # where a module has no name that could stand for another one
        vars(os).update(calls)
        vars(_socket).update(lookups, close=close)
    fcntl.ioctl = seam.through("ioctl", fcntl.ioctl)
    ctypes.CDLL = _libraries(seam, ctypes.CDLL)  # type: ignore[misc, assignment]  # the runtime calls it
    found: list[tuple[object, object]] = [
        (os, _Proxy(os, calls)),
        (_socket, _Proxy(_socket, {**lookups, "socket": sock, "close": close})),
        (_socket.socket, sock),
        (_socket.close, close),
        (Path, _path_class(seam)),
    ]
    return {id(before): (before, after) for before, after in found}


def _own_copies(seam: Seam, system: Any) -> dict[int, tuple[object, object]]:
    """Returns the same for what the runtime has copies of its own of: locks, threads, poll."""
    found: list[tuple[object, object]] = [
        (system.select, _Proxy(system.select, {"poll": _poll_class(seam, system.select.poll)})),
        (system.start_new_thread, seam.started(system.start_new_thread)),
        (
            system._thread,
            _Proxy(
                system._thread,
                {"allocate_lock": seam.through("allocate_lock", system._thread.allocate_lock)},
            ),
        ),
    ]
    return {id(before): (before, after) for before, after in found}


def _socket_class(seam: Seam) -> type[_socket.socket]:
    perform = seam.perform

    class Socket(_socket.socket):
        """The system's socket, whose calls are operations."""

        def __init__(self, *args: Any) -> None:
            name = "adopt" if len(args) > 4 and args[4] is not None else "socket"
            perform(name, super().__init__, *args)

        def recv(self, *args: Any) -> Any:
            return _counted(seam, perform("recv", super().recv, *args), args)

        def recv_into(self, *args: Any) -> Any:
            return _counted(seam, perform("recv_into", super().recv_into, *args), args)

        def recvfrom(self, *args: Any) -> Any:
            return perform("recvfrom", super().recvfrom, *args)

        def send(self, *args: Any) -> Any:
            return perform("send", super().send, *args)

        def sendto(self, *args: Any) -> Any:
            return perform("sendto", super().sendto, *args)

        def connect(self, *args: Any) -> Any:
            return perform("connect", super().connect, *args)

        def connect_ex(self, *args: Any) -> Any:
            return perform("connect_ex", super().connect_ex, *args)

        def bind(self, *args: Any) -> Any:
            return perform("bind", super().bind, *args)

        def listen(self, *args: Any) -> Any:
            return perform("listen", super().listen, *args)

        def _accept(self) -> Any:
            try:
                return perform("accept", super()._accept)  # type: ignore[misc]  # typeshed leaves it out
            except MemoryError:
                seam.forgotten = True
                raise

        def shutdown(self, *args: Any) -> Any:
            return perform("shutdown", super().shutdown, *args)

        def getsockname(self) -> Any:
            return perform("getsockname", super().getsockname)

        def getpeername(self) -> Any:
            return perform("getpeername", super().getpeername)

        def getsockopt(self, *args: Any) -> Any:
            return perform("getsockopt", super().getsockopt, *args)

        def setsockopt(self, *args: Any) -> Any:
            return perform("setsockopt", super().setsockopt, *args)

        def settimeout(self, *args: Any) -> Any:
            return perform("settimeout", super().settimeout, *args)

        def close(self) -> Any:
            return perform("close", super().close)

    return Socket


def _counted(seam: Seam, result: _T, args: tuple[Any, ...]) -> _T:
    if seam.watches and not (len(args) > 1 and args[-1] & _socket.MSG_PEEK):
        seam.arrived += result if isinstance(result, int) else len(result)  # type: ignore[arg-type]  # bytes
    return result


def _poll_class(seam: Seam, poll: Callable[[], Any]) -> type:
    class Poll:
        """poll(2), which is an operation."""

        def __init__(self) -> None:
            self._poll = poll()
            self.register = self._poll.register

        def poll(self, *args: Any) -> Any:
            return seam.perform("poll", self._poll.poll, *args)

    return Poll


def _path_class(seam: Seam) -> type[Path]:
    class SeamPath(type(Path())):  # type: ignore[misc]  # the class depends on the system
        """A path, whose look at the file is an operation."""

        def read_bytes(self) -> Any:
            return self._named("read_bytes", super().read_bytes)

        def iterdir(self) -> Any:
            return self._named("iterdir", lambda: iter(list(super(SeamPath, self).iterdir())))

        def _named(self, name: str, call: Callable[[], object]) -> Any:
            try:
                return seam.perform(name, call)
            except OSError as error:
                error.filename = error.filename or str(self)
                raise

    return SeamPath


def _libraries(seam: Seam, library: Callable[..., Any]) -> Callable[..., Any]:
    """Returns what opens C libraries, whose `connect` is an operation."""

    class Function:
        """A function of the C library's."""

        def __init__(self, function: Any) -> None:
            self.__dict__["function"] = function

        def __setattr__(self, name: str, value: object) -> None:
            setattr(self.__dict__["function"], name, value)

        def __call__(self, *args: Any) -> Any:
            return seam.perform("dissolve", self.__dict__["function"], *args)

    class Opened:
        """A C library."""

        def __init__(self, name: str | None) -> None:
            self._library = library(name)

        def __getattr__(self, name: str) -> Function:
            return Function(getattr(self._library, name))

    return Opened
