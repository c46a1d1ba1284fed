"""Signals during calls: resumed under the same deadline, and consistent when a handler raises."""

import errno
import mmap
import os
import signal
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from types import FrameType

import pytest
from harness.loopback import (
    Background,
    listening,
    pair,
    silent_server,
    stream_endpoint,
    udp_endpoint,
)
from nimnet_runtime.deadline import Deadline
from nimnet_runtime.dialing import dial
from nimnet_runtime.endpoint import Endpoint
from nimnet_runtime.errors import TimeoutError

TIMEOUTS = pytest.mark.parametrize("timeout", [-1, 30_000], ids=["unbounded", "bounded"])


class InterruptError(Exception):
    """What the handlers here raise."""


@contextmanager
def on_signal(action: Callable[[], None], after: float, every: float = 0) -> Iterator[None]:
    """Sends SIGUSR1 to the main thread after some seconds, or again and again."""
    assert threading.current_thread() is threading.main_thread()
    main = threading.get_ident()
    stop = threading.Event()

    def handle(_number: int, frame: FrameType | None) -> None:
        # A tool that measures coverage does not survive an exception inside its own lock.
        measuring = frame is not None and "coverage" in frame.f_code.co_filename
        if not stop.is_set() and not measuring:
            action()

    def send() -> None:
        delay = after
        while not stop.wait(delay):
            signal.pthread_kill(main, signal.SIGUSR1)
            if not every:
                return
            delay = every

    previous = signal.signal(signal.SIGUSR1, handle)
    sender = threading.Thread(target=send)
    sender.start()
    try:
        yield
    finally:
        stop.set()
        sender.join()
        signal.signal(signal.SIGUSR1, previous)


def interrupt() -> None:
    raise InterruptError


def test_waits_are_resumed_under_the_same_deadline() -> None:
    handled: list[float] = []
    with (
        pair() as (endpoint, _),
        listening() as listener,
        silent_server() as (host, port),
        silent_server("unix") as (path, _port),
        closing(udp_endpoint()) as udp,
        closing(stream_endpoint()) as client,
        closing(stream_endpoint("unix")) as unix,
        closing(Endpoint.adopt(os.dup(listener.fileno()), 2, 1, 6, True)) as server,
    ):
        calls: list[Callable[[], object]] = [
            lambda: endpoint.reader.receive(1, 100, 2),
            lambda: endpoint.send(bytes(64 << 20), 2, 100),
            lambda: udp.recv_from(1, 0, 100),
            lambda: server.accept(2, 100),
            lambda: client.connect_within(host, port, 100),
            lambda: unix.connect_unix(path, 100),
            lambda: dial(host, port, 6, True, 100),
        ]
        with on_signal(lambda: handled.append(time.monotonic()), 0.01, every=0.01):
            for call in calls:
                handled.clear()
                began = time.monotonic()
                with pytest.raises(TimeoutError):
                    call()
                assert 0.09 < time.monotonic() - began < 10
                assert handled


@TIMEOUTS
def test_a_receive_is_resumed(timeout: int) -> None:
    with pair() as (endpoint, peer), on_signal(lambda: peer.sendall(b"x"), 0.05):
        assert endpoint.stream.receive(1, Deadline(timeout)) == b"x"


@TIMEOUTS
def test_an_interrupted_send_goes_on_where_it_was(timeout: int) -> None:
    data = os.urandom(1 << 20) * 16
    arrived = bytearray()
    reading = threading.Lock()

    def read_some() -> None:
        if reading.acquire(False):  # a handler may be interrupted itself
            with suppress(BlockingIOError):
                arrived.extend(peer.recv(1 << 20, socket.MSG_DONTWAIT))
            reading.release()

    with pair() as (endpoint, peer):
        with on_signal(read_some, 0.001, every=0.001):
            endpoint.send(data, 0, timeout)
        endpoint.close()
        while part := peer.recv(1 << 20):
            arrived.extend(part)
        assert arrived == data


@TIMEOUTS
def test_a_handler_that_raises_leaves_a_usable_stream(timeout: int) -> None:
    with pair() as (endpoint, peer):
        with on_signal(interrupt, 0.05), pytest.raises(InterruptError):
            endpoint.stream.receive(1, Deadline(timeout))
        assert os.get_blocking(endpoint.fileno())
        peer.sendall(b"x")
        assert endpoint.stream.receive(1, Deadline(timeout)) == b"x"
        with on_signal(interrupt, 0.05), pytest.raises(InterruptError):
            endpoint.send(bytes(64 << 20), 2, timeout)
        endpoint.close()
        assert endpoint.closed


@TIMEOUTS
def test_a_handler_that_raises_in_accept(timeout: int) -> None:
    with listening() as listener:
        server = Endpoint.adopt(os.dup(listener.fileno()), 2, 1, 6, True)
        with on_signal(interrupt, 0.05), pytest.raises(InterruptError):
            server.accept(2, timeout)
        assert os.get_blocking(server.fileno())
        with socket.create_connection(listener.getsockname()):
            server.accept(2, timeout).close()
        server.close()


@TIMEOUTS
@pytest.mark.parametrize("transport", ["tcp", "unix"])
def test_a_handler_that_raises_in_connect(transport: str, timeout: int) -> None:
    def connect(host: str, port: int) -> None:
        if transport == "unix":
            endpoint.connect_unix(host, timeout)
        else:
            endpoint.connect_within(host, port, timeout)

    with silent_server(transport) as where, closing(stream_endpoint(transport)) as endpoint:
        with on_signal(interrupt, 0.05), pytest.raises(InterruptError):
            connect(*where)
        assert os.get_blocking(endpoint.fileno())
        with listening(transport) as listener:
            name = listener.getsockname()
            connect(*((name, 0) if transport == "unix" else name))
            assert "->" in endpoint.describe()


@TIMEOUTS
def test_a_handler_that_raises_at_any_moment(timeout: int) -> None:
    """Whatever it interrupts, the next call gets its turn."""
    armed: list[bool] = []

    def interrupt_once() -> None:
        if armed:
            armed.clear()
            raise InterruptError

    def back_and_forth() -> None:
        armed.append(True)
        while True:
            endpoint.stream.send(view, Deadline(timeout))
            peer.recv(100)
            peer.send(b"y")
            endpoint.stream.receive(100, Deadline(timeout))

    def in_another_thread() -> None:
        peer.send(b"y")
        endpoint.stream.receive(100, Deadline(10_000))
        endpoint.stream.send(view, Deadline(10_000))

    view = memoryview(b"x")
    with pair() as (endpoint, peer), on_signal(interrupt_once, 0.0, every=0.0007):
        for _ in range(200):
            with pytest.raises(InterruptError):
                back_and_forth()
            Background(in_another_thread).join()


@TIMEOUTS
def test_a_handler_closes_the_socket_it_interrupts(timeout: int) -> None:
    with pair() as (endpoint, _):
        with on_signal(endpoint.close, 0.05), pytest.raises(OSError, match="closed") as caught:
            endpoint.stream.receive(1, Deadline(timeout))
        assert caught.value.errno == errno.EBADF
        assert endpoint.closed


@pytest.mark.timeout(20)
@pytest.mark.parametrize("call", ["close", "finish"])
def test_a_handler_that_raises_while_another_thread_closes(call: str) -> None:
    """Who waits for that one goes, and gives nothing back that it never had."""
    taken, over = threading.Event(), threading.Event()
    with pair() as (endpoint, _):
        descriptor = endpoint.descriptor
        guard = descriptor._guard

        def hold() -> None:
            with guard:
                taken.set()
                over.wait(10)

        holding = Background(hold)
        assert taken.wait(10)
        with on_signal(interrupt, 0.05), pytest.raises(InterruptError):
            getattr(descriptor, call)()
        assert not guard.acquire(False)
        over.set()
        holding.join()
        endpoint.close()
        assert descriptor.sock.fileno() == -1


@TIMEOUTS
def test_a_handler_cannot_get_into_the_call_it_interrupts(timeout: int) -> None:
    problems: list[int | None] = []

    def reenter() -> None:
        for deadline in (Deadline(timeout), Deadline(-1)):
            try:
                endpoint.stream.receive(1, deadline)
            except OSError as error:
                problems.append(error.errno)
        endpoint.send(b"the other direction is free", 2, timeout)
        peer.sendall(b"x")

    with pair() as (endpoint, peer), on_signal(reenter, 0.05):
        assert endpoint.stream.receive(1, Deadline(timeout)) == b"x"
    assert problems == [errno.EDEADLK] * 2


# Peers that keep a call busy: there is never a wait that a signal could end.

FLOOD = 1 << 28
"""Bytes that a peer has at most. A call that heeds no signal gets all of them."""


def flood(peer: socket.socket, block: bytes, moved: list[int]) -> None:
    """Sends as fast as it is taken."""
    with suppress(OSError):
        while moved[0] < FLOOD:
            moved[0] += peer.send(block)
        peer.shutdown(socket.SHUT_RDWR)


def swallow(peer: socket.socket, moved: list[int]) -> None:
    """Takes what comes as fast as it comes."""
    place = bytearray(1 << 20)
    with suppress(OSError):
        while moved[0] < FLOOD and (count := peer.recv_into(place)):
            moved[0] += count
        peer.shutdown(socket.SHUT_RDWR)


def into(endpoint: Endpoint, timeout: int) -> None:
    with mmap.mmap(-1, 2 * FLOOD) as place, memoryview(place) as view:
        endpoint.reader.receive_buffer(view, len(view), timeout)


BUSY: dict[str, Callable[[Endpoint, int], object]] = {
    "receive": lambda a, timeout: a.reader.receive(2 * FLOOD, timeout, 0),
    "receive-gathered": lambda a, timeout: a.reader.receive(1 << 40, timeout, 0),
    "receive-into": lambda a, timeout: a.reader.receive_into(bytearray(), 1 << 40, timeout, 0),
    "receive-buffer": into,
    "skip": lambda a, timeout: a.reader.skip(1 << 40, timeout),
    "lines": lambda a, timeout: deque(a.reader.lines(timeout, 0, 100), maxlen=0),
    "line": lambda a, timeout: a.reader.recv_line(timeout, 0, 1 << 40),
    "until": lambda a, timeout: a.reader.receive_until(b"never", timeout, 0, 1 << 40),
    "expect": lambda a, timeout: a.reader.expect([b"never"], timeout, 0, 1 << 40),
    "send": lambda a, timeout: a.send(bytes(2 * FLOOD), 0, timeout),
}


@pytest.mark.parametrize(
    ("call", "buffered", "timeout"),
    [
        pytest.param(call, buffered, timeout, id=f"{call}-{buffered}-{timeout}")
        for call in BUSY
        for buffered in (True, False)
        for timeout in (-1, 30_000)
        # An unbuffered receive without a timeout returns what there is.
        if buffered or timeout > 0 or not call.startswith("receive")
    ],
)
def test_a_handler_that_raises_in_a_call_that_is_busy(
    call: str, buffered: bool, timeout: int
) -> None:
    """It need not wait until the peer has had enough."""
    moved = [0]
    block = (b"a line that is not long\r\n" if call == "lines" else b"x") * 20_000
    with pair(buffered=buffered) as (endpoint, peer):
        busy = Background(
            lambda: swallow(peer, moved) if call == "send" else flood(peer, block, moved)
        )
        with pytest.raises(InterruptError), on_signal(interrupt, 0.01):
            BUSY[call](endpoint, timeout)
        assert moved[0] < FLOOD
        endpoint.close()
        busy.join()
