"""TLS under adversity: peers that never stop, PSK functions that call back, forks, signals."""

import contextlib
import errno
import os
import signal
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import FrameType

import pytest
from harness import keyupdates, tlspair
from harness.authority import Authority, Identity
from harness.builds import pure_only
from harness.tlspair import CLIENT, PATIENCE, SERVER
from nimnet_runtime.deadline import Deadline
from nimnet_runtime.endpoint import Endpoint
from nimnet_runtime.errors import SslError, TimeoutError
from nimnet_runtime.linebuffer import LineBuffer
from nimnet_runtime.tls import live, machine
from nimnet_runtime.tls import pump as tls_pump
from nimnet_runtime.tls import session as tls_session
from nimnet_runtime.tls.context import Context
from nimnet_runtime.tls.stream import TlsStream
from OpenSSL import SSL

BOTH = pytest.mark.parametrize("version", tlspair.VERSIONS, ids=["tls12", "tls13"])
TIMEOUTS = pytest.mark.parametrize("timeout", [-1, 30_000], ids=["unbounded", "bounded"])
HELLO_REQUEST = b"\x16\x03\x03\x40\x00" + bytes(1 << 14)
"""A record full of hello requests, which a client in a handshake ignores (RFC 5246, 7.4.1.1)."""
KEY = bytes(range(32))
SHORT = 200
"""Milliseconds that a call is given; it must end in far less than `SOON`."""
SOON = 5
"""Seconds."""


class InterruptError(Exception):
    """What the signal handlers here raise."""


@pytest.fixture(scope="module")
def identity(tmp_path_factory: pytest.TempPathFactory) -> Identity:
    return Authority(tmp_path_factory.mktemp("authority")).issue()


@pytest.fixture(scope="module")
def server(identity: Identity) -> Context:
    return tlspair.context(cert_file=identity.cert_file, key_file=identity.key_file)


@contextlib.contextmanager
def connected(
    server: Context, version: int | None = None, family: int = socket.AF_INET
) -> Iterator[tuple[Endpoint, Endpoint]]:
    """A client and a server after the handshake."""
    client = tlspair.context(version=version)
    with tlspair.secured(client, server, family=family) as both:
        yield both


@contextlib.contextmanager
def flooded(endpoint: Endpoint | socket.socket, ciphertext: Callable[[], bytes]) -> Iterator[None]:
    """Sends without end past the TLS of `endpoint`, and takes what comes back."""
    raw = socket.socket(fileno=os.dup(endpoint.fileno()))

    def flood() -> None:
        with contextlib.suppress(OSError):
            while True:
                raw.sendall(ciphertext())

    def drain() -> None:
        with contextlib.suppress(OSError):
            while raw.recv(1 << 16):
                pass

    threads = tlspair.in_thread(flood), tlspair.in_thread(drain)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            raw.shutdown(socket.SHUT_RDWR)
        for thread in threads:
            thread.result(SOON)
        raw.close()


@contextlib.contextmanager
def soon() -> Iterator[None]:
    began = time.monotonic()
    yield
    assert time.monotonic() - began < SOON


# Peers that never stop


@pytest.mark.timeout(20)
@pytest.mark.parametrize("timeout", [0, SHORT])
def test_a_flood_in_the_handshake_meets_the_deadline(
    timeout: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tls_session, "MOST_BARREN", 1 << 60)
    with tlspair.ends(family=socket.AF_INET) as (a, b), flooded(b, lambda: HELLO_REQUEST * 16):
        with pytest.raises(TimeoutError):  # and a plain one is no use: it must be in time
            tlspair.context().wrap_connected_socket(a, CLIENT, "", 0)
        with soon(), pytest.raises(TimeoutError):
            a.handshake(timeout)


@pytest.mark.timeout(20)
def test_a_flood_in_the_handshake_ends_without_a_deadline() -> None:
    with tlspair.ends(family=socket.AF_INET) as (a, b), flooded(b, lambda: HELLO_REQUEST * 16):
        with soon(), pytest.raises(SslError, match="sends without end"):
            tlspair.context().wrap_connected_socket(a, CLIENT, "", -1)
        with pytest.raises(SslError, match="sends without end"):
            a.send(b"x", 0, -1)


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    ("timeout", "barren", "problem"),
    [
        (SHORT, 1 << 60, TimeoutError),
        (0, 1 << 60, TimeoutError),
        (-1, 1 << 18, SslError),
    ],
)
def test_a_flood_of_key_updates(
    timeout: int,
    barren: int,
    problem: type[Exception],
    identity: Identity,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tls_session, "MOST_BARREN", barren)
    monkeypatch.setattr(tls_session, "_MOST_AT_ONCE", 1 << 18)
    made = keyupdates.server(identity, tmp_path / "keys")
    with tlspair.python_peer(made, server=True) as (endpoint, shaken):
        tlspair.context().wrap_connected_socket(endpoint, CLIENT, "", PATIENCE)
        records = keyupdates.Records(peer := shaken.result(SOON), tmp_path / "keys")
        with flooded(peer, lambda: records.updates(300)), soon(), pytest.raises(problem):
            endpoint.reader.receive(1, timeout, 0)


@pytest.mark.timeout(20)
def test_a_flood_does_not_hold_up_a_close(server: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    class Endless(socket.socket):
        def recv(self, *_: object) -> bytes:
            return b"there is always more"

    with connected(server) as (a, _):
        monkeypatch.setattr(tls_pump, "_MOST_DISCARDED", 1 << 60)
        a.descriptor.sock = Endless(fileno=a.descriptor.sock.detach())
        with soon():
            a.close()
        assert a.closed


# PSK functions that call back


@BOTH
@pytest.mark.parametrize("side", [CLIENT, SERVER])
@pytest.mark.parametrize("call", ["handshake", "receive", "send"])
def test_a_psk_function_cannot_use_its_connection(version: int, side: int, call: str) -> None:
    problems: list[int | None] = []

    def use(endpoint: Endpoint) -> None:
        calls: dict[str, Callable[[], object]] = {
            "handshake": lambda: endpoint.handshake(PATIENCE),
            "receive": lambda: endpoint.reader.receive(1, PATIENCE, 0),
            "send": lambda: endpoint.send(b"x", 0, PATIENCE),
        }
        assert not endpoint.reader.has_data_buffered()
        try:
            calls[call]()
        except OSError as error:
            problems.append(error.errno)

    def client_key(_hint: str) -> tuple[str, bytes]:
        if side == CLIENT:
            use(a)
        return "anna", KEY

    def server_key(_identity: str) -> bytes:
        if side == SERVER:
            use(b)
        return KEY

    client, server = (tlspair.context(version=version) for _ in range(2))
    client.client_get_psk_func = client_key
    server.server_get_psk_func = server_key
    with tlspair.ends() as (a, b):
        shaken = tlspair.in_thread(lambda: server.wrap_connected_socket(b, SERVER, "", PATIENCE))
        client.wrap_connected_socket(a, CLIENT, "", PATIENCE)
        shaken.result(SOON)
        assert set(problems) == {errno.EDEADLK}
        a.send(b"x")
        assert b.reader.receive(1, PATIENCE, 0) == b"x"


def test_a_psk_function_closes_its_connection() -> None:
    def client_key(_hint: str) -> tuple[str, bytes]:
        a.close()
        return "anna", KEY

    client, server = tlspair.context(), tlspair.context()
    client.client_get_psk_func = client_key
    server.server_get_psk_func = lambda _identity: KEY
    with tlspair.ends() as (a, _), pytest.raises(OSError, match="closed"):
        client.wrap_connected_socket(a, CLIENT, "", PATIENCE)


@pytest.mark.timeout(20)
def test_a_slow_psk_function_holds_up_no_other_thread() -> None:
    asked, answer = threading.Event(), threading.Event()

    def client_key(_hint: str) -> tuple[str, bytes]:
        asked.set()
        answer.wait(SOON * 2)
        return "anna", KEY

    client = tlspair.context()
    client.client_get_psk_func = client_key
    with tlspair.ends() as (a, _):
        shaking = tlspair.in_thread(
            lambda: tlspair.outcome(lambda: client.wrap_connected_socket(a, CLIENT, "", SHORT))
        )
        assert asked.wait(SOON)
        with soon():
            assert not a.reader.has_data_buffered()
            with pytest.raises(TimeoutError):
                a.send(b"x", 0, SHORT)
            with pytest.raises(TimeoutError):
                a.reader.receive(1, SHORT, 0)
        answer.set()
        assert "TimeoutError" in shaking.result(SOON)


# Forks


@BOTH
def test_a_child_that_closes_its_copy_leaves_the_session(server: Context, version: int) -> None:
    with connected(server, version) as (a, b):
        b.send(b"for the parent")
        child = os.fork()
        if not child:
            a.close()
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        a.send(b"x")
        assert b.reader.receive(1, PATIENCE, 0) == b"x"
        assert a.reader.receive(14, PATIENCE, 0) == b"for the parent"


# Signals


@contextlib.contextmanager
def alarms(first: float, every: float = 0) -> Iterator[list[bool]]:
    """Makes SIGALRM come, whose handler empties the list and raises, unless it is empty."""
    armed = [True]

    def handle(_number: int, frame: FrameType | None) -> None:
        # A tool that measures coverage does not survive an exception inside its own lock.
        measuring = frame is not None and "coverage" in frame.f_code.co_filename
        if armed and not measuring:
            armed.clear()
            raise InterruptError

    previous = signal.signal(signal.SIGALRM, handle)
    signal.setitimer(signal.ITIMER_REAL, first, every)
    try:
        yield armed
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


def read_to_the_end(endpoint: Endpoint) -> bytearray:
    arrived = bytearray()
    while part := endpoint.reader.receive(1 << 16, PATIENCE, 0):
        arrived += part
    return arrived


@TIMEOUTS
@pytest.mark.timeout(60)
def test_a_handler_that_raises_in_a_blocked_send(server: Context, timeout: int) -> None:
    with connected(server) as (a, b):
        with alarms(0.1), pytest.raises(InterruptError):
            a.send(bytes(64 << 20), 0, timeout)
        reading = tlspair.in_thread(lambda: read_to_the_end(b))
        a.send(b"more", 0, PATIENCE)
        a.close()
        assert reading.result(SOON).endswith(b"\0more")


BUSY: dict[str, Callable[[Endpoint, int], object]] = {
    "receive": lambda a, timeout: a.reader.receive(1 << 40, timeout, 0),
    "skip": lambda a, timeout: a.reader.skip(1 << 40, timeout),
    "lines": lambda a, timeout: deque(a.reader.lines(timeout, 0, 100), maxlen=0),
    "send": lambda a, timeout: a.send(bytes(1 << 29), 0, timeout),
}


@TIMEOUTS
@pytest.mark.timeout(60)
@pytest.mark.parametrize("call", BUSY)
def test_a_handler_that_raises_in_a_call_that_is_busy(
    server: Context, call: str, timeout: int
) -> None:
    """It need not wait until the peer has had enough, who never keeps the call waiting."""
    most, moved = 1 << 28, 0
    with connected(server) as (a, b):

        def keep_busy() -> None:
            nonlocal moved
            block = b"a line\r\n" * 2000
            with contextlib.suppress(OSError, SslError):
                while moved < most:
                    if call == "send":
                        moved += len(b.reader.receive_some(1 << 16, PATIENCE, 0)) or most
                    else:
                        b.send(block, 0, PATIENCE)
                        moved += len(block)
            b.close()

        busy = tlspair.in_thread(keep_busy)
        with alarms(0.02), pytest.raises(InterruptError):
            BUSY[call](a, timeout)
        assert moved < most
        with contextlib.suppress(OSError):
            a.close()
        busy.result(SOON)


@TIMEOUTS
@pytest.mark.timeout(60)
def test_a_handler_that_raises_at_any_moment_of_a_send(server: Context, timeout: int) -> None:
    """The records stay whole and in order, whatever they carry."""
    interrupted = 0
    with connected(server) as (a, b):
        reading = tlspair.in_thread(lambda: read_to_the_end(b))
        with alarms(0.002, 0.002) as armed:
            while interrupted < 200:
                try:
                    armed[:] = [True]
                    while True:
                        a.send(bytes(100_000), 0, timeout)
                except InterruptError:
                    interrupted += 1
        a.send(b"more", 0, PATIENCE)
        a.close()
        assert reading.result(SOON).endswith(b"\0more")


@TIMEOUTS
@pytest.mark.timeout(60)
def test_a_handler_that_raises_at_any_moment_of_a_read(server: Context, timeout: int) -> None:
    """The session goes on, and another thread gets its turn."""
    interrupted, stop = 0, threading.Event()

    def write() -> None:
        while not stop.is_set():
            b.send(bytes(3000), 0, PATIENCE)
        b.close()

    with connected(server) as (a, b):
        writing = tlspair.in_thread(write)
        with alarms(0.002, 0.002) as armed:
            while interrupted < 200:
                try:
                    armed[:] = [True]
                    while True:
                        a.stream.receive(2000, Deadline(timeout))
                except InterruptError:
                    interrupted += 1
                tlspair.in_thread(lambda: a.stream.receive(1, Deadline(PATIENCE))).result(SOON)
        stop.set()
        assert tlspair.in_thread(lambda: read_to_the_end(a)).result(SOON) is not None
        writing.result(SOON)


@pure_only("it replaces a method; alarms interrupt reads before this, on both")
def test_a_handler_that_raises_after_bytes_were_decrypted(
    server: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    with connected(server) as (a, b):
        b.send(b"not lost")
        stream = a.stream
        assert isinstance(stream, TlsStream)
        assert stream.peek(1, Deadline(PATIENCE)) == b"n"

        def interrupt(*_: object) -> None:
            raise InterruptError

        for read in (
            lambda: stream.receive(3, Deadline(PATIENCE)),
            lambda: stream.receive_into(memoryview(bytearray(3)), [], Deadline(PATIENCE)),
        ):
            with monkeypatch.context() as patch:
                patch.setattr(machine, "bio_get_mem_data", interrupt)
                with pytest.raises(InterruptError):
                    read()
            assert stream.pending() >= 3
        assert stream.peek(3, Deadline(0)) == b"not"
        assert a.reader.receive(8, PATIENCE, 0) == b"not lost"


@pure_only("it replaces a method; alarms interrupt reads before this, on both")
def test_a_handler_that_raises_before_bytes_are_buffered(
    server: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_in = LineBuffer.take_in

    def interrupted(buffer: LineBuffer) -> bytes:
        if buffer.arrived:
            raise InterruptError
        return take_in(buffer)

    with connected(server) as (a, b):
        b.send(b"not lost")
        with monkeypatch.context() as patch:
            patch.setattr(LineBuffer, "take_in", interrupted)
            with pytest.raises(InterruptError):
                a.reader.recv_line(PATIENCE, 0, 8)
        assert a.reader.receive(8, PATIENCE, 0) == b"not lost"


# Handlers and finalizers that use TLS themselves.


class Finalized:
    """Calls a function when it goes, wherever that is."""

    def __init__(self, call: Callable[[], None]) -> None:
        self._call = call

    def __del__(self) -> None:
        self._call()


@pytest.mark.timeout(20)
@pytest.mark.parametrize("side", [CLIENT, SERVER])
@pytest.mark.parametrize("way", ["handler", "finalizer"])
def test_a_session_that_is_made_while_this_thread_makes_one(
    way: str, side: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It waits for nothing, and neither of the two takes the other's settings for its own."""
    both = tlspair.context(version=tlspair.TLS_1_3)
    both.context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT)
    both.client_get_psk_func = lambda _: ("anna", KEY)
    both.server_get_psk_func = lambda _: KEY
    make, made = live.LiveConnection, list[TlsStream]()

    def stream(endpoint: Endpoint, role: int) -> TlsStream:
        return TlsStream(endpoint.descriptor, both, server=role == SERVER)

    with tlspair.ends() as (a, b), tlspair.ends() as (c, d):

        def inner() -> None:
            made.append(stream(c if side == SERVER else d, 1 - side))

        def interrupted(context: SSL.Context) -> live.LiveConnection:
            monkeypatch.setattr(live, "LiveConnection", make)
            if made:
                return make(context)  # once more, because of the other
            if way == "handler":
                signal.raise_signal(signal.SIGUSR1)
            else:
                Finalized(inner)
            assert made
            return make(context)

        previous = signal.signal(signal.SIGUSR1, lambda *_: inner())
        try:
            monkeypatch.setattr(live, "LiveConnection", interrupted)
            outer = stream(a if side == CLIENT else b, side)
        finally:
            signal.signal(signal.SIGUSR1, previous)
        other = stream(b if side == CLIENT else a, 1 - side)
        inner_other = stream(d if side == SERVER else c, side)
        for one, another in ((outer, other), (made[0], inner_other)):
            shaking = tlspair.in_thread(partial(one.handshake, Deadline(PATIENCE)))
            another.handshake(Deadline(PATIENCE))
            shaking.result(SOON)
