"""What a signal handler that raises leaves behind, wherever in a call it runs.

Each test goes through all the moments of a call at which the interpreter runs handlers.
"""

import _socket
import contextlib
import errno
import itertools
import os
import socket
import struct
import sys
import time
from collections.abc import Iterator
from functools import partial

import pytest
from harness import tlspair
from harness.authority import Authority
from harness.builds import pure_only
from harness.interruption import at_least, disturbed, interrupted
from harness.loopback import (
    Background,
    listening,
    open_descriptors,
    refused_port,
    silent_server,
    stream_endpoint,
    udp_endpoint,
    until_waiting,
)
from harness.places import overfull
from harness.reading_forms import DELIMITED, FORMS, LINES, SOME, Taken
from harness.resolver import answering_for, known, silent
from harness.tlspair import PATIENCE
from nimnet_gen.testing.background import Started, started
from nimnet_runtime import dialing, intake, readahead
from nimnet_runtime.connecting import connect_to_first, get_primary_ip_addr
from nimnet_runtime.deadline import Deadline
from nimnet_runtime.dialing import dial
from nimnet_runtime.endpoint import Endpoint
from nimnet_runtime.errors import SslError
from nimnet_runtime.peers import has_peer
from nimnet_runtime.system import RLock
from nimnet_runtime.tls.context import Context
from nimnet_runtime.tls.pump import Pump
from nimnet_runtime.tls.stream import TlsStream

BOTH = pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Context:
    identity = Authority(tmp_path_factory.mktemp("authority")).issue()
    return tlspair.context(cert_file=identity.cert_file, key_file=identity.key_file)


@contextlib.contextmanager
def connected(server: Context, *, tls: bool) -> Iterator[tuple[Endpoint, Endpoint]]:
    with tlspair.secured(tlspair.context(), server) if tls else tlspair.ends() as both:
        yield both


def reading(endpoint: Endpoint) -> Background:
    return Background(lambda: endpoint.stream.receive(1, Deadline(-1)))


@BOTH
@pytest.mark.timeout(60)
@pytest.mark.parametrize("inside", [False, True], ids=["idle", "with-a-reader"])
def test_a_close_can_be_finished(server: Context, tls: bool, inside: bool) -> None:
    for moment in itertools.count(1):
        with connected(server, tls=tls) as (a, _):
            readers = [reading(a)] if inside else []
            for reader in readers:
                until_waiting(reader)
            reached = interrupted(a.close, moment)
            Background(a.close).join()  # by another thread: no lock is left held
            assert a.closed
            for reader in readers:
                with pytest.raises(OSError, match="closed"):
                    reader.join()
            with pytest.raises(OSError, match="closed"):
                reading(a).join()
            assert a.descriptor.sock.fileno() == -1, f"the descriptor is open, moment {moment}"
        if not reached:
            break
    assert moment > at_least(10)


def is_free(lock: RLock) -> bool:
    if not lock.acquire(False):
        return False
    lock.release()
    return True


@BOTH
@pytest.mark.timeout(60)
@pytest.mark.parametrize("timeout", [-1, PATIENCE], ids=["unbounded", "bounded"])
def test_a_call_inside_of_another_never_gives_its_turn_away(
    server: Context, tls: bool, timeout: int
) -> None:
    """A handler's call is refused, or interrupted itself: the turn stays the first call's."""
    with connected(server, tls=tls) as (a, _):
        turn = a.descriptor.reading
        with turn.lock:
            turn.busy = True
            for moment in itertools.count(1):
                reached = False
                with contextlib.suppress(OSError):  # EDEADLK, where nothing interrupts it
                    reached = interrupted(partial(a.stream.receive, 1, Deadline(timeout)), moment)
                assert not Background(partial(is_free, turn.lock)).join(), moment
                if not reached:
                    break
            turn.busy = False
        assert moment > at_least(5)


@pytest.mark.timeout(60)
def test_an_interrupted_close_wakes_who_waits() -> None:
    """From the moment on when the socket says that it is closed; nobody closes it again."""
    for moment in itertools.count(1):
        with tlspair.ends() as (a, _):
            reader = reading(a)
            until_waiting(reader)
            reached = interrupted(a.close, moment)
            if a.closed:
                with pytest.raises(OSError, match="closed"):
                    reader.join()
        if not reached:
            break
    assert moment > at_least(10)


@pytest.mark.timeout(60)
def test_an_interrupted_close_wakes_all_who_wait_for_the_resolver() -> None:
    with silent():
        for moment in itertools.count(1):
            endpoint = stream_endpoint()
            connect = partial(endpoint.connect_within, "a.silent", 80, -1)
            calls = [Background(connect) for _ in range(3)]
            while len(endpoint.descriptor._waiting) < 3:
                time.sleep(0.0005)
            reached = interrupted(endpoint.close, moment)
            if endpoint.closed:
                for call in calls:
                    with pytest.raises(OSError, match="closed"):
                        call.join()
            endpoint.close()
            for call in calls:
                with pytest.raises(OSError, match="closed"):
                    call.join()
            if not reached:
                break
    assert moment > at_least(10)


@pytest.mark.timeout(60)
def test_an_interrupted_wait_for_the_resolver_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Neither a turn nor a place: the next call on the same socket finds the name."""
    found = [(socket.AF_INET, socket.SOCK_DGRAM, 17, "", ("127.0.0.1", 0))]
    monkeypatch.setattr(_socket, "getaddrinfo", lambda *_: found)
    with contextlib.closing(udp_endpoint()) as sender, socket.socket(type=socket.SOCK_DGRAM) as to:
        to.bind(("127.0.0.1", 0))
        send = partial(sender.send_to, "a.example", to.getsockname()[1], b"x", -1)
        for moment in itertools.count(1):
            reached = interrupted(send, moment)
            assert not sender.descriptor._waiting
            Background(send).join()
            if not reached:
                break
    assert moment > at_least(20)


@pytest.mark.timeout(60)
def test_an_interrupted_look_leaves_the_session_free(server: Context) -> None:
    with connected(server, tls=True) as (a, b):
        for moment in itertools.count(1):
            reached = interrupted(a.reader.has_data_buffered, moment)
            b.send(b"x")
            assert reading(a).join() == b"x"
            if not reached:
                break
        assert moment > at_least(5)


@pure_only("it replaces a method; alarms interrupt reads beside others in test_tls_adversity")
@pytest.mark.timeout(60)
def test_an_interrupted_read_lets_another_one_go_on(
    server: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The interrupted one was waiting for the network, and the other one for it."""
    receive = Pump._receive
    others: list[Started[bytes]] = []
    pumps: list[Pump] = []

    def not_alone(pump: Pump, flags: int, deadline: Deadline) -> None:
        if not others and pump in pumps:
            profiler = sys.getprofile()
            sys.setprofile(None)
            others.append(started(partial(a.stream.receive, 1, Deadline(-1))))
            b.send(b"x")
            sys.setprofile(profiler)
        receive(pump, flags, deadline)

    monkeypatch.setattr(Pump, "_receive", not_alone)
    for moment in itertools.count(1):
        others.clear()
        with connected(server, tls=True) as (a, b):
            assert isinstance(a.stream, TlsStream)
            pumps.append(a.stream._pump)
            reached = interrupted(partial(a.stream.receive, 1, Deadline(PATIENCE)), moment)
            b.send(b"x")
            for other in others:
                assert other.result() == b"x"
        if not reached:
            break
    assert moment > at_least(10)


def greet(server: Endpoint) -> None:
    """Greets everybody who comes, until the server is closed."""
    while True:
        try:
            accepted = server.accept(0, PATIENCE)
        except OSError:
            return
        with contextlib.closing(accepted), contextlib.suppress(OSError, SslError):
            accepted.send(b"x", 0, PATIENCE)


@contextlib.contextmanager
def greeter(transport: str, security: Context | None) -> Iterator[tuple[str, int]]:
    """The address of a server that greets."""
    with listening(transport) as listener:
        where = listener.getsockname()
        server = Endpoint.adopt(os.dup(listener.fileno()), listener.family, 1, 0, True)
        with contextlib.closing(server):
            if security is not None:
                security.wrap_socket(server)
            greeting = Background(partial(greet, server))
            yield (where, 0) if transport == "unix" else where
        greeting.join()


@pytest.mark.timeout(60)
@pytest.mark.parametrize("timeout", [-1, PATIENCE], ids=["unbounded", "bounded"])
@pytest.mark.parametrize(
    ("transport", "tls"),
    [("tcp", False), ("tcp", True), ("unix", False), ("unix", True)],
    ids=["tcp", "tcp-tls", "unix", "unix-tls"],
)
def test_an_interrupted_connect_can_be_finished(
    server: Context, transport: str, tls: bool, timeout: int
) -> None:
    """The socket is not connected, and can be; or it is, and goes on."""
    with greeter(transport, server if tls else None) as (host, port):
        for moment in itertools.count(1):
            with contextlib.closing(stream_endpoint(transport)) as endpoint:
                if tls:
                    tlspair.context().wrap_socket(endpoint)
                connect = (
                    partial(endpoint.connect_unix, host, timeout)
                    if transport == "unix"
                    else partial(endpoint.connect_within, host, port, timeout)
                )
                reached = interrupted(connect, moment)
                assert os.get_blocking(endpoint.fileno())
                assert endpoint.descriptor.connected == has_peer(endpoint.descriptor.sock)
                if endpoint.descriptor.connected:
                    with pytest.raises(OSError, match="connected") as caught:
                        connect()
                    assert caught.value.errno == errno.EISCONN
                else:
                    with pytest.raises(OSError) as caught:  # noqa: PT011 - its number tells
                        endpoint.send(b"in the clear", 0, PATIENCE)
                    assert caught.value.errno == errno.ENOTCONN
                    connect()
                if tls:
                    endpoint.handshake(PATIENCE)
                assert endpoint.stream.receive(1, Deadline(PATIENCE)) == b"x"
            if not reached:
                break
        assert moment > at_least(20)


class Impatient(Deadline):
    """A deadline that leaves a silent address almost nothing."""

    def half(self, least: float) -> Deadline:  # noqa: ARG002 - it has its own
        return Deadline(2)


def empty(listener: socket.socket) -> None:
    """Closes the connections that wait to be accepted."""
    listener.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        while True:
            listener.accept()[0].close()


@pure_only("it is a deadline of its own; dial has several addresses on both")
@pytest.mark.timeout(60)
def test_an_interrupted_connect_to_several_addresses() -> None:
    """One refuses, one is silent until its time is over, and one accepts."""
    with silent_server() as silent, listening() as listener:
        addresses = [
            (socket.AF_INET, ("127.0.0.1", refused_port())),
            (socket.AF_INET, silent),
            (socket.AF_INET, listener.getsockname()),
        ]
        for moment in itertools.count(1):
            with contextlib.closing(stream_endpoint()) as endpoint:
                descriptor = endpoint.descriptor
                call = partial(connect_to_first, descriptor, addresses, Impatient(PATIENCE))
                reached = interrupted(call, moment)
                assert descriptor.connected == has_peer(descriptor.sock)
                if not descriptor.connected:
                    connect_to_first(descriptor, addresses[2:], Deadline(PATIENCE))
                assert endpoint.get_peer_addr() == listener.getsockname()
                empty(listener)
            if not reached:
                break
        assert moment > at_least(30)


@pytest.mark.timeout(60)
def test_an_interrupted_second_connect_harms_nothing(server: Context) -> None:
    with greeter("tcp", server) as (host, port), contextlib.closing(stream_endpoint()) as endpoint:
        tlspair.context().wrap_socket(endpoint)
        endpoint.connect(host, port)
        stream = endpoint.stream
        for moment in itertools.count(1):
            with contextlib.suppress(OSError):
                interrupted(partial(endpoint.connect_within, host, port, PATIENCE), moment)
                continue
            break  # nothing interrupted it: EISCONN
        assert moment > at_least(10)
        assert endpoint.stream is stream
        assert endpoint.descriptor.connected
        assert stream.receive(1, Deadline(PATIENCE)) == b"x"


@pytest.mark.timeout(60)
def test_an_interrupted_dial_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dialing, "_LONGEST_DELAY", 0.001)
    with (
        listening() as listener,
        contextlib.ExitStack() as stack,
        answering_for({"several.example": known("127.0.0.3", "127.0.0.2", "127.0.0.1")}),
    ):
        port = listener.getsockname()[1]
        overfull(stack, "127.0.0.2", port)
        before = open_descriptors()
        made: list[Endpoint] = []
        for moment in itertools.count(1):
            reached = interrupted(
                lambda: made.append(dial("several.example", port, 6, True, -1)), moment
            )
            while made:
                made.pop().close()
            empty(listener)
            assert open_descriptors() == before, f"moment {moment}"
            if not reached:
                break
        assert moment > at_least(30)


@pytest.mark.timeout(60)
def test_an_interrupted_look_for_a_route_leaves_nothing() -> None:
    before = open_descriptors()
    for moment in itertools.count(1):
        reached = interrupted(partial(get_primary_ip_addr, bytes([127, 0, 0, 1])), moment)
        assert open_descriptors() == before, f"moment {moment}"
        if not reached:
            break
    assert moment > at_least(5)


# Reads: what the system has given away is there for the next call.

LINE = b"a line\r\n"
MESSAGES = ["receive", "receive_into", "receive_buffer", *SOME]
READS = [
    pytest.param(
        name, size, timeout, id=f"{name}-{size}-{'bounded' if timeout > 0 else 'unbounded'}"
    )
    for name in FORMS
    for size in (5, 100_000)
    for timeout in (-1, PATIENCE)
    if (name, size, timeout) != ("skip", 100_000, -1)  # what has passed stays skipped
]


@BOTH
@pytest.mark.timeout(120)
@pytest.mark.parametrize("buffered", [True, False], ids=["buffered", "unbuffered"])
@pytest.mark.parametrize(("name", "size", "timeout"), READS)
def test_an_interrupted_read_loses_nothing(
    server: Context,
    name: str,
    size: int,
    timeout: int,
    buffered: bool,
    tls: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for room in (intake, readahead):  # so that a large read has several parts
        monkeypatch.setattr(room, "MOST_AT_ONCE", 30_000)
    text = b"start" + LINE * (size // 4)
    form, whole = FORMS[name], size
    if name in LINES or name in DELIMITED:
        whole = 2 * len(text)
    if tls:
        ends = tlspair.secured(tlspair.context(), server, buffered=buffered)
    else:
        ends = tlspair.ends(buffered=buffered)
    with ends as (a, b):
        b.descriptor.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        for moment in itertools.count(1):
            taken = Taken()
            b.send(text)
            reached = interrupted(partial(form, a.reader, whole, timeout, taken), moment)
            result = taken.result()
            got = text[:result] if isinstance(result, int) else result or b""
            if name in LINES and got:
                assert got == b"starta line"
                got += b"\r\n"
            rest = b""
            while len(got) + len(rest) < len(text):
                rest += a.reader.receive(len(text) - len(got) - len(rest), 2000, 0)
            assert got + rest == text, f"moment {moment}"
            if not reached:
                break
        assert moment > at_least(5)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", [*MESSAGES, "recv_from"])
@pytest.mark.parametrize("timeout", [-1, PATIENCE], ids=["unbounded", "bounded"])
def test_an_interrupted_read_loses_no_message(name: str, timeout: int) -> None:
    with contextlib.closing(udp_endpoint()) as receiver, contextlib.closing(udp_endpoint()) as peer:
        receiver.bind_addr(0, "127.0.0.1")
        peer.bind_addr(0, "127.0.0.1")
        for moment in itertools.count(1):
            taken: list[object] = []
            for message in (b"first", b"second"):
                peer.send_to(*receiver.get_local_addr(), message, -1)

            def read(taken: list[object] = taken) -> None:
                if name == "recv_from":
                    taken.append(receiver.recv_from(100, 0, timeout)[0])
                else:
                    one = Taken()
                    FORMS[name](receiver.reader, 100, timeout, one)
                    taken.append(one.result())

            reached = interrupted(read, moment)
            while len(taken) < 2:
                data, host, port = receiver.recv_from(100, 0, 2000)
                assert (host, port) == peer.get_local_addr()
                taken.append(data)
            assert taken == [b"first", b"second"], f"moment {moment}"
            if not reached:
                break
        assert moment > at_least(5)


@pytest.mark.timeout(60)
def test_an_interrupted_read_still_hears_of_a_reset() -> None:
    for moment in itertools.count(1):
        with tlspair.ends(family=socket.AF_INET) as (a, b):
            b.descriptor.sock.setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
            )
            b.close()
            try:
                reached = interrupted(partial(a.reader.receive, 1, PATIENCE, 0), moment)
            except ConnectionResetError:
                break
            assert reached
            with pytest.raises(ConnectionResetError):
                a.reader.receive(1, PATIENCE, 0)
    assert moment > at_least(5)


# Closing: a reader that another thread's close gets in between.


@BOTH
@pytest.mark.timeout(120)
@pytest.mark.parametrize("ahead", [False, True], ids=["line-by-line", "split-ahead"])
@pytest.mark.parametrize("name", FORMS)
def test_a_close_at_any_moment_of_a_read(
    server: Context, name: str, ahead: bool, tls: bool
) -> None:
    lines = [b"%04d" % number for number in range(400)]
    text = b"".join(line + b"\n" for line in lines)
    form, size = FORMS[name], 100 if name in LINES or name in DELIMITED else 7
    for moment in itertools.count(1):
        with connected(server, tls=tls) as (a, b):
            b.send(text)
            begun = 300 if ahead else 1
            for line in lines[:begun]:
                assert a.reader.recv_line(PATIENCE, 0, 100) == line
            taken = Taken()

            def read(taken: Taken = taken, a: Endpoint = a) -> None:
                try:
                    form(a.reader, size, PATIENCE, taken)
                except OSError as error:
                    if error.errno != errno.EBADF:
                        raise

            def close(a: Endpoint = a) -> None:
                Background(a.close).join()

            reached = disturbed(read, moment, close)
            if name == "skip":
                assert taken.result() in (None, 7)
            elif name in LINES:
                assert taken.result() in (None, lines[begun])
            elif name in DELIMITED:
                assert taken.result() in (None, lines[begun] + b"\n")
            else:
                assert taken.result() in (None, text[5 * begun :][:7])
            if reached:
                with pytest.raises(OSError, match="closed"):
                    a.reader.receive(1, 0, 0)
        if not reached:
            break
    assert moment > at_least(1)
