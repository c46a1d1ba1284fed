"""A program that a library has patched: replaces parts of Python, uses nimnet, says what held.

Run by `tests/runtime/test_patched.py`, with the name of the patch, whether it comes "before" nimnet
is imported or "after", and a certificate with its key. Its own threads, peers and clock are the
system's, so that they do not depend on the patch. A check that hangs ends the program.
"""

from __future__ import annotations

import _socket
import _thread
import contextlib
import faulthandler
import importlib
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Final, Generic, TypeVar, cast

if TYPE_CHECKING:
    import socket

    import nimnet

_T = TypeVar("_T")

_allocate_lock, _start_new_thread = _thread.allocate_lock, _thread.start_new_thread
_Socket = _socket.socket

T: Final = 150
"""Milliseconds of a call that has to time out."""
PATIENCE: Final = 10_000
HANGS: Final = 30
"""Seconds after which a check has failed, and with it the program."""


# Patches.


def nothing() -> None:
    """What holds without a patch."""


def gevent() -> None:
    importlib.import_module("gevent.monkey").patch_all()


def eventlet() -> None:
    importlib.import_module("eventlet").monkey_patch()


def socks() -> None:
    """What PySocks tells its users to do."""
    module = importlib.import_module("socks")
    module.set_default_proxy(module.SOCKS5, "127.0.0.1", 1)
    replace("socket", "socket", module.socksocket)


def default_timeout() -> None:
    _socket.setdefaulttimeout(0.02)


def no_sockets() -> None:
    """As test suites do that forbid the network."""

    class Forbidden:
        def __init__(self, *_: object, **__: object) -> None:
            raise RuntimeError("no sockets here")

    replace("ssl", "SSLContext", Forbidden)
    for name in ("socket", "socketpair", "create_connection", "getaddrinfo"):
        replace("socket", name, Forbidden)


def frozen_clock() -> None:
    """As libraries do that stop the time for tests: wherever they find the function."""
    real, now = time.monotonic, time.monotonic()
    for name, module in list(sys.modules.items()):
        if getattr(module, "monotonic", None) is real:
            replace(name, "monotonic", lambda: now)


def replace(module: str, name: str, value: object) -> None:
    setattr(importlib.import_module(module), name, value)


PATCHES: Final = {
    patch.__name__: patch
    for patch in (nothing, gevent, eventlet, socks, default_timeout, no_sockets, frozen_clock)
}


# What the checks are made of.


class Thread(Generic[_T]):
    """A thread of the system's, whatever the patch has made of Python's."""

    def __init__(self, call: Callable[[], _T]) -> None:
        """Starts it."""
        self._ended = _allocate_lock()
        self._ended.acquire()
        self._outcome: list[_T] = []
        self._error: list[BaseException] = []
        self._call = call
        _start_new_thread(self._run, ())

    def _run(self) -> None:
        try:
            self._outcome.append(self._call())
        except BaseException as error:  # `join` raises it
            self._error.append(error)
        finally:
            self._ended.release()

    def join(self) -> _T:
        """Returns what the call returned, or raises what it raised."""
        assert self._ended.acquire(True, PATIENCE / 1000), "the thread still waits"
        for error in self._error:
            raise error
        return self._outcome[0]


def pause(milliseconds: float) -> None:
    lock = _allocate_lock()
    lock.acquire()
    lock.acquire(True, milliseconds / 1000)


def held(call: Callable[[], object]) -> None:
    """Checks that a call with the timeout `T` ends by it; once of three, in less than double."""
    took = 0.0
    for _ in range(3):
        began = perf_counter()
        try:
            result = call()
        except nimnet.TimeoutError:
            took = (perf_counter() - began) * 1000
            assert took > 0.95 * T, f"a timeout of {T} ms after {took:.0f} ms"
            if took < 2 * T:
                return
        else:
            raise AssertionError(f"no TimeoutError but {result!r}")
    raise AssertionError(f"a timeout of {T} ms after {took:.0f} ms")


@contextlib.contextmanager
def closed_after(*sockets: _Socket) -> Iterator[None]:
    try:
        yield
    finally:
        for each in sockets:
            each.close()


@contextlib.contextmanager
def listener(backlog: int = 8) -> Iterator[tuple[_Socket, nimnet.Port]]:
    listening = _Socket(_socket.AF_INET, _socket.SOCK_STREAM)
    with closed_after(listening):
        listening.settimeout(None)
        listening.bind(("127.0.0.1", 0))
        listening.listen(backlog)
        yield listening, nimnet.Port(listening.getsockname()[1])


@contextlib.contextmanager
def silent() -> Iterator[nimnet.Port]:
    """A port on which connecting waits."""
    fillers = [_Socket(_socket.AF_INET, _socket.SOCK_STREAM) for _ in range(4)]
    with listener(0) as (_, port), closed_after(*fillers):
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", port))
        yield port


@contextlib.contextmanager
def pair() -> Iterator[tuple[nimnet.Socket, nimnet.Socket]]:
    """A connection and both its ends."""
    with nimnet.new_socket() as server:
        server.bind_addr(address="127.0.0.1")
        server.listen()
        client = nimnet.dial("127.0.0.1", server.get_local_addr()[1], timeout=PATIENCE)
        with client, server.accept(timeout=PATIENCE) as accepted:
            yield client, accepted


@contextlib.contextmanager
def secured() -> Iterator[tuple[nimnet.Socket, nimnet.Socket]]:
    """A connection with TLS, after its handshake."""
    ours, theirs = contexts()
    with pair() as (client, accepted):
        other = Thread(
            lambda: theirs.wrap_connected_socket(
                accepted, nimnet.HANDSHAKE_AS_SERVER, timeout=PATIENCE
            )
        )
        ours.wrap_connected_socket(client, nimnet.HANDSHAKE_AS_CLIENT, timeout=PATIENCE)
        other.join()
        yield client, accepted


def contexts() -> tuple[nimnet.SslContext, nimnet.SslContext]:
    cert_file, key_file = sys.argv[3:]
    return (
        nimnet.new_context(verify_mode=nimnet.C_VERIFY_NONE),
        nimnet.new_context(
            verify_mode=nimnet.C_VERIFY_NONE, cert_file=cert_file, key_file=key_file
        ),
    )


# Checks.


def connect(host: str, port: nimnet.Port) -> None:
    with nimnet.new_socket() as socket:
        socket.connect(host, port, timeout=T)


def check_connect() -> None:
    with silent() as port:
        held(lambda: connect("127.0.0.1", port))
    with listener() as (_, port):
        for timeout in (-1, PATIENCE):
            with nimnet.new_socket() as socket:
                if timeout < 0:
                    socket.connect("127.0.0.1", port)
                else:
                    socket.connect("127.0.0.1", port, timeout=timeout)
                assert socket.get_peer_addr() == ("127.0.0.1", port)


def check_connect_to_a_name() -> None:
    with silent() as port:
        held(lambda: connect("localhost", port))
    with listener() as (_, port), nimnet.new_socket() as socket:
        socket.connect("localhost", port, timeout=PATIENCE)


def check_connect_unix() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "s")
        kind = nimnet.AF_UNIX, nimnet.SOCK_STREAM, nimnet.IPPROTO_IP
        with nimnet.new_socket(*kind) as server:
            server.bind_unix(path)
            server.listen(0)
            with nimnet.new_socket(*kind) as filler, nimnet.new_socket(*kind) as socket:
                filler.connect_unix(path, timeout=PATIENCE)
                held(lambda: socket.connect_unix(path, timeout=T))
                server.accept(timeout=PATIENCE).close()
                socket.connect_unix(path, timeout=PATIENCE)


def check_dial() -> None:
    with silent() as port:
        held(lambda: nimnet.dial("127.0.0.1", port, timeout=T))
    with listener() as (_, port):
        for timeout in (-1, PATIENCE):
            for host in ("127.0.0.1", "localhost"):
                nimnet.dial(host, port, timeout=timeout).close()


def check_accept() -> None:
    with nimnet.new_socket() as server:
        server.bind_addr(address="127.0.0.1")
        server.listen()
        held(lambda: server.accept(timeout=T))
        for timeout in (-1, PATIENCE):
            with nimnet.dial("127.0.0.1", server.get_local_addr()[1]) as client:
                accepted, _ = server.accept_addr(timeout=timeout)
                with accepted:
                    accepted.send(b"x")
                    assert client.recv(1, PATIENCE) == b"x"


def check_receive() -> None:
    for buffered in (True, False):
        with pair() as (client, accepted):
            held(lambda: client.recv(1, T))
            held(lambda: client.recv_line(T))
            held(lambda: client.skip(1, T))
            accepted.send(b"half")
            held(lambda: client.recv_line(T))
            reader = Thread(lambda: client.recv_line(PATIENCE))
            pause(20)
            accepted.send(b" a line\n" if buffered else b" a line\r\n")
            assert reader.join() == b"half a line"
            without = Thread(lambda: client.recv_line())
            pause(20)
            accepted.send(b"\r\n")
            assert without.join() == b"\r\n"


def check_send() -> None:
    with pair() as (client, _accepted):
        data = bytes(64 << 20)
        held(lambda: client.send(data, timeout=T))


def check_close_by_another_thread() -> None:
    for timeout in (-1, PATIENCE):
        with pair() as (client, _accepted):
            reader = Thread(
                lambda: client.recv(1, timeout)  # noqa: B023 - joined below
            )
            pause(50)
            client.close()
            try:
                result = reader.join()
            except nimnet.TimeoutError:
                raise
            except OSError:
                pass
            else:
                raise AssertionError(f"no OSError but {result!r}")


def check_datagrams() -> None:
    kind = nimnet.AF_INET, nimnet.SOCK_DGRAM, nimnet.IPPROTO_UDP
    with nimnet.new_socket(*kind) as one, nimnet.new_socket(*kind) as two:
        one.bind_addr(address="127.0.0.1")
        held(lambda: one.recv_from(1, timeout=T))
        two.send_to("127.0.0.1", one.get_local_addr()[1], b"x", timeout=PATIENCE)
        assert one.recv_from(1, timeout=PATIENCE)[0] == b"x"


def check_primary_address() -> None:
    assert nimnet.get_primary_ip_addr(nimnet.ipv4_loopback()) == nimnet.ipv4_loopback()


def check_handshake() -> None:
    context, _ = contexts()

    def connect() -> None:
        with nimnet.new_socket() as socket:
            context.wrap_socket(socket)
            socket.connect("127.0.0.1", port, timeout=T)

    with listener() as (_, port):
        held(connect)


def check_tls() -> None:
    with secured() as (client, accepted):
        held(lambda: client.recv(1, T))
        accepted.send(b"half")
        held(lambda: client.recv_line(T))
        reader = Thread(lambda: client.recv_line(PATIENCE))
        pause(20)
        accepted.send(b" a line\n")
        assert reader.join() == b"half a line"
        held(lambda: client.send(bytes(64 << 20), timeout=T))


def check_threads_that_share_a_handshake() -> None:
    """A reader and two writers begin it together: two wait for what the first brings."""
    ours, theirs = contexts()
    with nimnet.new_socket() as server:
        theirs.wrap_socket(server)
        server.bind_addr(address="127.0.0.1")
        server.listen()
        with (
            nimnet.dial("127.0.0.1", server.get_local_addr()[1], timeout=PATIENCE) as client,
            server.accept(timeout=PATIENCE) as accepted,
        ):
            reader = Thread(lambda: accepted.recv(1, PATIENCE))
            writer = Thread(lambda: accepted.send(b"x", timeout=PATIENCE))
            Thread(lambda: held(lambda: accepted.send(b"y", timeout=T))).join()
            ours.wrap_connected_socket(client, nimnet.HANDSHAKE_AS_CLIENT, timeout=PATIENCE)
            assert client.recv(1, PATIENCE) == b"x"
            client.send(b"z")
            writer.join()
            assert reader.join() == b"z"


def check_writers() -> None:
    """One waits for the other's turn to write to end."""
    with pair() as (client, _accepted):
        first = Thread(lambda: client.send(bytes(64 << 20)))
        pause(50)
        held(lambda: client.send(b"x", timeout=T))
        client.close()
        with contextlib.suppress(OSError):
            first.join()


def check_in_a_thread_of_the_hub() -> None:
    """What the libraries themselves have for calls that block."""
    if sys.argv[1] == "gevent":
        run = importlib.import_module("gevent.threadpool").ThreadPool(1).apply
    elif sys.argv[1] == "eventlet":
        run = importlib.import_module("eventlet.tpool").execute
    else:
        return
    for ends in (pair(), secured()):
        with ends as (client, accepted):
            run(lambda: held(lambda: client.recv(1, T)))

            def answer() -> None:
                pause(50)
                accepted.send(b"a line\n")

            other = Thread(answer)
            assert run(lambda: client.recv_line(PATIENCE)) == b"a line"
            other.join()


def check_that_nothing_else_runs_meanwhile() -> None:
    """No call lets another greenlet run, which could get into the same call."""
    if sys.argv[1] not in ("gevent", "eventlet"):
        return
    spawn = importlib.import_module(sys.argv[1]).spawn
    ran: list[int] = []
    for number, check in enumerate((check_connect_unix, check_receive, check_tls, check_dial)):
        spawn(ran.append, number)
        check()
    assert ran == []


def check_sockets_of_the_program_s_own_change_hands() -> None:
    left, right = _socket.socketpair()
    with closed_after(left, right):
        program = importlib.import_module("socket").socket
        theirs = left if program.__name__ == "Forbidden" else program(fileno=left.detach())
        with nimnet.from_socket(cast("socket.socket", theirs)) as taken:
            assert theirs.fileno() == -1
            held(lambda: taken.recv(1, T))
            right.sendall(b"one\ntwo")
            assert taken.recv_line(PATIENCE) == b"one"
            fd, ahead = taken.detach()
        assert ahead == b"two"
        _Socket(fileno=fd).close()


CHECKS: Final = [value for name, value in list(globals().items()) if name.startswith("check_")]


def main() -> int:
    """Patches, checks, and returns how many checks failed."""
    patch, order = PATCHES[sys.argv[1]], sys.argv[2]
    global nimnet
    if order == "before":
        patch()
    nimnet = importlib.import_module("nimnet")
    if order == "after":
        patch()
    failed = 0
    for check in CHECKS:
        name = check.__name__.removeprefix("check_").replace("_", " ")
        faulthandler.dump_traceback_later(HANGS, exit=True)
        print(f"{name}: ", end="", flush=True)
        try:
            check()
        except Exception:
            failed += 1
            print("FAILED", flush=True)
            traceback.print_exc()
        else:
            print("held", flush=True)
    faulthandler.cancel_dump_traceback_later()
    return failed


if __name__ == "__main__":
    sys.exit(main())
