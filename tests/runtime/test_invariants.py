"""What holds for every descriptor: blocking, not inherited, not leaked, no signals, any number."""

import contextlib
import errno
import fcntl
import os
import resource
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from harness.authority import Authority
from harness.loopback import (
    TRANSPORTS,
    listening,
    open_descriptors,
    pair,
    refused_port,
    silent_server,
    stream_endpoint,
    udp_endpoint,
)
from nimnet_runtime.connecting import get_primary_ip_addr
from nimnet_runtime.deadline import Deadline
from nimnet_runtime.dialing import dial
from nimnet_runtime.endpoint import Endpoint
from nimnet_runtime.errors import TimeoutError

LOOPBACK = bytes([127, 0, 0, 1])


def assert_proper(endpoint: Endpoint) -> None:
    assert os.get_blocking(endpoint.fileno())
    assert not os.get_inheritable(endpoint.fileno())


def adopt(sock: socket.socket) -> Endpoint:
    return Endpoint.adopt(sock.detach(), sock.family, socket.SOCK_STREAM, 0, True)


@pytest.fixture(params=[None, 3.0], ids=["", "with-default-timeout"])
def _default_timeout(request: pytest.FixtureRequest) -> Iterator[None]:
    """`socket.setdefaulttimeout` makes Python create non-blocking sockets."""
    socket.setdefaulttimeout(request.param)
    try:
        yield
    finally:
        socket.setdefaulttimeout(None)


@pytest.mark.usefixtures("_default_timeout")
@pytest.mark.parametrize("transport", TRANSPORTS)
def test_every_way_to_a_socket_gives_a_proper_one(transport: str) -> None:
    with listening(transport) as listener:
        where = listener.getsockname()
        copy = listener.dup()
        os.set_inheritable(copy.fileno(), True)
        os.set_blocking(copy.fileno(), True)
        server = adopt(copy)
        assert_proper(server)
        for timeout in (-1, 5000):
            client = stream_endpoint(transport)
            assert_proper(client)
            if transport == "unix":
                client.connect_unix(where, timeout)
            else:
                client.connect_within(where[0], where[1], timeout)
            assert_proper(client)
            accepted, _ = server.accept_addr(2, timeout)
            assert_proper(accepted)
            assert_proper(server)
            accepted.close()
            client.close()
        server.close()


@pytest.mark.usefixtures("_default_timeout")
def test_a_dialed_socket_is_proper() -> None:
    with listening() as listener:
        for protocol in (socket.IPPROTO_TCP, socket.IPPROTO_UDP):
            endpoint = dial("127.0.0.1", listener.getsockname()[1], protocol, True, 5000)
            assert_proper(endpoint)
            endpoint.close()


@pytest.mark.usefixtures("_default_timeout")
def test_waiting_works() -> None:
    with pair() as (endpoint, peer):
        with pytest.raises(TimeoutError):
            endpoint.stream.receive(1, Deadline(10))
        assert_proper(endpoint)
        peer.sendall(b"x")
        assert endpoint.stream.receive(1, Deadline(-1)) == b"x"


def test_failures_leave_it_blocking() -> None:
    with silent_server() as (host, port), listening() as listener:
        endpoint = stream_endpoint()
        with pytest.raises(TimeoutError):
            endpoint.connect_within(host, port, 20)
        assert_proper(endpoint)
        with pytest.raises(ConnectionRefusedError):
            endpoint.connect("127.0.0.1", refused_port())
        assert_proper(endpoint)
        endpoint.close()
        server = adopt(listener.dup())
        with pytest.raises(TimeoutError):
            server.accept(2, 10)
        assert_proper(server)
        server.close()


def test_an_adopted_descriptor_keeps_its_mode() -> None:
    left, right = socket.socketpair()
    with right:
        left.setblocking(False)
        endpoint = adopt(left)
        assert not os.get_blocking(endpoint.fileno())
        with pytest.raises(TimeoutError):
            endpoint.reader.receive(1, 10, 2)
        right.send(b"x")
        assert endpoint.reader.receive(1, -1, 2) == b"x"
        endpoint.close()


def failing_calls() -> list[Callable[[], object]]:
    port = refused_port()

    def connect_refused() -> None:
        with contextlib.closing(stream_endpoint()) as endpoint:
            endpoint.connect("127.0.0.1", port)

    def accept_timeout() -> None:
        with listening() as listener, contextlib.closing(adopt(listener.dup())) as server:
            server.accept(2, 0)

    return [
        connect_refused,
        accept_timeout,
        lambda: dial("127.0.0.1", port, socket.IPPROTO_TCP, True, -1),
        lambda: dial("127.0.0.1", port, socket.IPPROTO_TCP, True, 1000),
        lambda: dial("localhost", port, socket.IPPROTO_TCP, True, -1),
        lambda: get_primary_ip_addr(bytes([255, 255, 255, 255])),
        lambda: Endpoint.create(socket.AF_UNIX, socket.SOCK_STREAM, socket.IPPROTO_TCP, True),
    ]


@pytest.mark.parametrize("index", range(7))
def test_failures_leak_nothing(index: int) -> None:
    call = failing_calls()[index]
    with pytest.raises(OSError, match=r"."):
        call()
    before = open_descriptors()
    for _ in range(20):
        with pytest.raises(OSError, match=r"."):
            call()
    assert open_descriptors() == before


def test_a_dial_that_times_out_leaks_nothing() -> None:
    with silent_server() as (host, port):
        before = open_descriptors()
        for timeout in (0, 1, 20):
            with pytest.raises(TimeoutError):
                dial(host, port, socket.IPPROTO_TCP, True, timeout)
        assert open_descriptors() == before


@contextlib.contextmanager
def no_descriptors_left() -> Iterator[None]:
    """Lowers the limit to what is open. New files fail; open ones are not touched."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    holes = []
    try:
        highest = os.open("/dev/null", os.O_RDONLY)
        holes.append(highest)
        resource.setrlimit(resource.RLIMIT_NOFILE, (highest + 1, limits[1]))
        with contextlib.suppress(OSError):
            while True:
                holes.append(os.open("/dev/null", os.O_RDONLY))
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
        for fd in holes:
            os.close(fd)


def test_no_descriptors_left() -> None:
    with listening() as listener:
        server = adopt(listener.dup())
        host, port = listener.getsockname()
        waiting = [socket.create_connection((host, port)) for _ in range(2)]
        calls: list[Callable[[], object]] = [
            stream_endpoint,
            lambda: dial(host, port, socket.IPPROTO_TCP, True, -1),
            lambda: server.accept(2, -1),
            lambda: server.accept(2, 1000),
            lambda: get_primary_ip_addr(LOOPBACK),
        ]
        failures = []
        with no_descriptors_left():
            for call in calls:
                try:
                    failures.append(call())
                except OSError as error:
                    failures.append(error.errno)
        assert failures == [errno.EMFILE] * len(calls)
        for peer in waiting:
            server.accept(2, 1000).close()
            peer.close()
        server.close()


def test_no_signal_state_is_touched() -> None:
    def state() -> list[object]:
        handlers = [signal.getsignal(number) for number in sorted(signal.valid_signals())]
        return [handlers, signal.pthread_sigmask(signal.SIG_BLOCK, [])]

    before = state()
    with pair() as (endpoint, peer):
        endpoint.send(b"x", 2, 1000)
        peer.recv(1)
        peer.close()
        endpoint.stream.receive(1, Deadline(1000))
        endpoint.try_send(b"x")
        with pytest.raises(TimeoutError), silent_server() as (host, port):
            dial(host, port, socket.IPPROTO_TCP, True, 10)
    assert state() == before


def test_a_gone_peer_does_not_kill_a_process_that_kept_sigpipe() -> None:
    script = """
import signal, socket
signal.signal(signal.SIGPIPE, signal.SIG_DFL)
from nimnet_runtime.endpoint import Endpoint
for timeout in (-1, 1000):
    ours, theirs = socket.socketpair()
    endpoint = Endpoint.adopt(ours.detach(), socket.AF_UNIX, socket.SOCK_STREAM, 0, True)
    theirs.close()
    endpoint.send(b"x", 2, timeout)
    assert not endpoint.try_send(b"x")
    assert endpoint.send_or_error(memoryview(b"x"), 1) == -1
    try:
        endpoint.send(b"x", 0, timeout)
    except BrokenPipeError:
        print("heard of it")
    endpoint.close()
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        timeout=60,
        env=environment(),
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n") == ["heard of it", "heard of it", ""]


def environment() -> dict[str, str]:
    import nimnet_runtime

    return {**os.environ, "PYTHONPATH": str(Path(nimnet_runtime.__file__).parent.parent)}


def high(sock: socket.socket) -> Endpoint:
    number = fcntl.fcntl(sock.fileno(), fcntl.F_DUPFD_CLOEXEC, 1100)
    sock.close()
    return Endpoint.adopt(number, sock.family, sock.type, 0, True)


@pytest.mark.skipif(
    resource.getrlimit(resource.RLIMIT_NOFILE)[0] < 1200, reason="the limit is below 1200"
)
def test_descriptors_above_1024() -> None:
    with listening() as listener:
        where = listener.getsockname()
        server = high(listener.dup())
        client = high(socket.socket())
        assert client.fileno() > 1024
        with pytest.raises(TimeoutError):
            server.accept(2, 10)
        client.connect_within(where[0], where[1], 5000)
        accepted = server.accept(2, 5000)
        with pytest.raises(TimeoutError):
            client.reader.receive(1, 10, 2)
        accepted.send(b"x", 2, 5000)
        assert client.reader.receive(1, 5000, 2) == b"x"
        with pytest.raises(TimeoutError):
            client.send(bytes(64 << 20), 2, 50)
        for endpoint in (server, client, accepted):
            endpoint.close()
    udp = high(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    with pytest.raises(TimeoutError):
        udp.recv_from(1, 0, 10)
    udp.close()


def test_udp_is_proper() -> None:
    endpoint = udp_endpoint()
    assert_proper(endpoint)
    with pytest.raises(TimeoutError):
        endpoint.recv_from(1, 0, 0)
    assert_proper(endpoint)
    endpoint.close()


def test_tls_does_not_kill_a_process_that_kept_sigpipe(tmp_path: Path) -> None:
    script = """
import signal, sys
signal.signal(signal.SIGPIPE, signal.SIG_DFL)
from harness import tlspair
server = tlspair.context(cert_file=sys.argv[1], key_file=sys.argv[2])
for timeout in (-1, 1000):
    for end in (0, 1):
        with tlspair.secured(tlspair.context(), server) as both:
            endpoint = both[end]
            both[not end].descriptor.close()  # without close_notify
            assert not endpoint.try_send(b"x")
            print(tlspair.outcome(lambda: endpoint.send(b"x", 0, timeout)).partition(":")[0])
            endpoint.close()
    with tlspair.ends() as (a, b):
        b.close()
        print(tlspair.outcome(lambda: tlspair.context().wrap_connected_socket(a, 0, "", timeout)))
"""
    identity = Authority(tmp_path).issue()
    done = subprocess.run(
        [sys.executable, "-c", script, identity.cert_file, identity.key_file],
        capture_output=True,
        text=True,
        timeout=60,
        env={"PYTHONPATH": ":".join(sys.path)},
    )
    assert done.returncode == 0, done.stderr
    heard = ["BrokenPipeError", "BrokenPipeError", "SslError"]
    assert [line.partition(":")[0] for line in done.stdout.splitlines()] == 2 * heard
