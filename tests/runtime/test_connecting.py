"""Connecting and accepting: every address, one deadline, and a socket that stays usable."""

import builtins
import errno
import itertools
import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

import pytest
from harness.builds import pure_only
from harness.loopback import (
    Background,
    listening,
    refused_port,
    silent_server,
    stream_endpoint,
    udp_endpoint,
    until_waiting,
)
from harness.network import Network, in_own_network
from nimnet_runtime import connecting, deadline, disconnecting, system
from nimnet_runtime.connecting import connect_to_first, get_primary_ip_addr
from nimnet_runtime.deadline import Deadline
from nimnet_runtime.endpoint import Endpoint
from nimnet_runtime.errors import PEEK, SAFE_DISCONN, TimeoutError
from nimnet_runtime.peers import has_peer
from nimnet_runtime.platform import SOMAXCONN
from nimnet_runtime.resolution import Resolved, SocketAddress
from nimnet_runtime.system import Socket


def v4(host: str, port: int) -> Resolved:
    return socket.AF_INET, (host, port)


def connect(endpoint: Endpoint, host: str, port: int, timeout: int) -> None:
    if endpoint.domain == socket.AF_UNIX:
        endpoint.connect_unix(host, timeout)
    else:
        endpoint.connect_within(host, port, timeout)


@contextmanager
def server_on(listener: socket.socket, buffered: bool = True) -> Iterator[Endpoint]:
    copy = listener.dup()
    server = Endpoint.adopt(copy.detach(), None, None, None, buffered)
    with closing(server):
        yield server


@pytest.mark.parametrize("timeout", [-1, 5000])
def test_the_next_address_is_tried(timeout: int) -> None:
    with listening() as listener, closing(stream_endpoint()) as endpoint:
        host, port = listener.getsockname()
        refused = v4("127.0.0.1", refused_port())
        connect_to_first(endpoint.descriptor, [refused, v4(host, port)], Deadline(timeout))
        assert endpoint.get_peer_addr() == (host, port)


def test_a_silent_address_leaves_time_for_the_next() -> None:
    with (
        silent_server() as silent,
        listening() as listener,
        closing(stream_endpoint()) as endpoint,
    ):
        host, port = listener.getsockname()
        began = time.monotonic()
        connect_to_first(endpoint.descriptor, [v4(*silent), v4(host, port)], Deadline(10_000))
        assert 4.9 < time.monotonic() - began < 9.5
        assert endpoint.get_peer_addr() == (host, port)
        peer, _ = listener.accept()
        with peer:
            endpoint.send(b"x", 0, 1000)
            assert peer.recv(1) == b"x"


def hosts(count: int) -> list[Resolved]:
    """Addresses of the test's own network."""
    return [v4(f"10.9.9.{number}", 80) for number in range(2, 2 + count)]


def test_the_first_address_has_time_to_answer_however_many_there_are() -> None:
    """Eight live addresses, two seconds away, within ten."""

    def connect_to_eight(network: Network) -> None:
        with closing(stream_endpoint()) as endpoint:
            connect_to_first(endpoint.descriptor, hosts(8), Deadline(10_000))
            assert endpoint.get_peer_addr() == ("10.9.9.2", 80)
            assert list(network.asked) == ["10.9.9.2"]

    in_own_network(connect_to_eight, {f"10.9.9.{number}": 2 for number in range(2, 10)})


def test_each_address_has_half_of_the_time_and_the_last_one_all() -> None:
    def connect_to_the_fourth(network: Network) -> None:
        with closing(stream_endpoint()) as endpoint:
            connect_to_first(endpoint.descriptor, hosts(4), Deadline(10_000))
            assert endpoint.get_peer_addr() == ("10.9.9.5", 80)
            for delay, half in zip(network.delays(), (5, 2.5, 1.25), strict=True):
                assert half - 0.1 < delay < half * 1.6

    in_own_network(connect_to_the_fourth, {"10.9.9.5": 0.01})


def test_a_late_answer_of_the_first_of_many() -> None:
    """Its queue is full until it has been asked; the system asks again after a second."""
    with (
        listening(backlog=0) as slow,
        silent_server() as silent,
        closing(stream_endpoint()) as endpoint,
        ExitStack() as stack,
    ):
        for _ in range(4):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(slow.getsockname())
        addresses = [v4(*slow.getsockname()), *[v4(*silent)] * 7]
        running = Background(
            lambda: connect_to_first(endpoint.descriptor, addresses, Deadline(6000))
        )
        until_waiting(running)
        slow.settimeout(0.1)
        while not running.ended():
            with suppress(builtins.TimeoutError):
                slow.accept()[0].close()
        running.join()
        assert endpoint.get_peer_addr() == slow.getsockname()


def test_a_timeout_says_how_many_addresses_were_left_out() -> None:
    with silent_server() as silent, closing(stream_endpoint()) as endpoint:
        addresses = [v4(*silent)] * 8
        with pytest.raises(
            TimeoutError,
            match=r"450 ms has passed connecting to \S+ \([12] of 8 addresses tried; dial ",
        ):
            connect_to_first(endpoint.descriptor, addresses, Deadline(450))
        with pytest.raises(TimeoutError, match=r"300 ms has passed connecting to \S+$"):
            connect_to_first(endpoint.descriptor, addresses[:1], Deadline(300))


def test_all_refuse() -> None:
    with closing(stream_endpoint()) as endpoint:
        addresses = [v4("127.0.0.1", refused_port()), v4("127.0.0.2", refused_port())]
        with pytest.raises(ConnectionRefusedError, match=r"127\.0\.0\.2:\d+ \(2 addresses tried\)"):
            connect_to_first(endpoint.descriptor, addresses, Deadline(5000))


@pytest.mark.parametrize("transport", ["tcp", "unix"])
@pytest.mark.parametrize("timeout", [0, 50])
def test_a_connect_that_times_out_can_be_repeated(transport: str, timeout: int) -> None:
    with silent_server(transport) as (host, port), closing(stream_endpoint(transport)) as endpoint:
        began = time.monotonic()
        for _ in range(2):
            with pytest.raises(TimeoutError, match=f"{timeout} ms"):
                connect(endpoint, host, port, timeout)
        assert time.monotonic() - began < 5
        assert "->" not in endpoint.describe()
        with listening(transport) as listener:
            where = listener.getsockname()
            host, port = (where, 0) if transport == "unix" else where
            connect(endpoint, host, port, 5000)
            endpoint.send(b"x", 0, 5000)
            peer, _ = listener.accept()
            with peer:
                assert peer.recv(1) == b"x"


@pytest.fixture
def late(monkeypatch: pytest.MonkeyPatch) -> Deadline:
    """A deadline that passes just when what is waited for has come."""

    def ready(fds: Iterable[int], reading: bool, _: float | None) -> list[int]:
        assert system.ready(fds, reading, 20)
        return []

    monkeypatch.setattr(deadline, "ready", ready)
    return Deadline(0)


def test_a_connection_that_is_there_when_the_time_ends_counts(late: Deadline) -> None:
    with listening() as listener, closing(stream_endpoint()) as endpoint:
        host, port = listener.getsockname()
        connect_to_first(endpoint.descriptor, [v4(host, port)], late)
        assert endpoint.descriptor.connected
        peer, _ = listener.accept()
        with peer:
            endpoint.send(b"x", 0, 5000)
            assert peer.recv(1) == b"x"


def under_way(_sock: socket.socket, _sockaddr: SocketAddress) -> int:
    return errno.EALREADY


@pure_only("it replaces a function; that a connect can be repeated is tested on both")
def test_a_connection_that_comes_after_the_time_is_undone(
    late: Deadline, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last look found none, and it is there a moment later."""
    with listening() as listener, closing(stream_endpoint()) as endpoint:
        host, port = listener.getsockname()
        with monkeypatch.context() as patched:
            patched.setattr(connecting, "outcome", under_way)
            with pytest.raises(TimeoutError):
                connect_to_first(endpoint.descriptor, [v4(host, port)], late)
        assert not endpoint.descriptor.connected
        listener.accept()[0].close()
        endpoint.connect_within(host, port, 5000)
        peer, _ = listener.accept()
        with peer:
            endpoint.send(b"x", 0, 5000)
            assert peer.recv(1) == b"x"


@pure_only("it replaces functions; that a connect can be repeated is tested on both")
def test_a_connection_that_cannot_be_undone_counts(
    late: Deadline, monkeypatch: pytest.MonkeyPatch
) -> None:
    with listening() as listener, closing(stream_endpoint()) as endpoint:
        host, port = listener.getsockname()
        with monkeypatch.context() as patched:
            patched.setattr(connecting, "outcome", under_way)
            patched.setattr(disconnecting, "_dissolve", lambda _sock: False)
            with pytest.raises(TimeoutError):
                connect_to_first(endpoint.descriptor, [v4(host, port)], late)
        assert endpoint.descriptor.connected
        with pytest.raises(OSError, match="already connected"):
            endpoint.connect_within(host, port, 5000)
        peer, _ = listener.accept()
        with peer:
            endpoint.send(b"x", 0, 5000)
            assert peer.recv(1) == b"x"


@pytest.mark.parametrize("dissolves", [True, False], ids=["", "without-ctypes"])
def test_an_attempt_that_was_left_under_way(
    dissolves: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By somebody else, to another address: that is not the one that is asked for now."""
    if not dissolves:
        monkeypatch.setitem(sys.modules, "ctypes", None)
    with (
        silent_server() as silent,
        listening() as listener,
        closing(stream_endpoint()) as endpoint,
    ):
        os.set_blocking(endpoint.fileno(), False)
        assert endpoint.descriptor.sock.connect_ex(silent) == errno.EINPROGRESS
        host, port = listener.getsockname()
        endpoint.connect_within(host, port, 5000)
        assert endpoint.get_peer_addr() == (host, port)


def test_a_unix_connect_waits_for_a_place_in_the_backlog() -> None:
    with listening("unix", backlog=0) as listener, closing(stream_endpoint("unix")) as endpoint:
        path = listener.getsockname()
        with socket.socket(socket.AF_UNIX) as filler:
            filler.connect(path)
            waiting = Background(lambda: endpoint.connect_unix(path, -1))
            until_waiting(waiting)
            listener.accept()[0].close()
            waiting.join()
            listener.accept()[0].close()


def test_refused_says_where() -> None:
    port = refused_port()
    with closing(stream_endpoint()) as tcp, closing(stream_endpoint("unix")) as unix:
        with pytest.raises(ConnectionRefusedError, match=f"connect to 127.0.0.1:{port}: "):
            tcp.connect("127.0.0.1", port)
        with pytest.raises(FileNotFoundError, match="connect to /nonexistent/socket: "):
            unix.connect_unix("/nonexistent/socket", -1)


def test_connecting_twice_keeps_the_connection() -> None:
    with listening() as listener, closing(stream_endpoint()) as endpoint:
        host, port = listener.getsockname()
        endpoint.connect(host, port)
        with pytest.raises(OSError, match="already connected") as caught:
            endpoint.connect(host, port)
        assert caught.value.errno == errno.EISCONN
        peer, _ = listener.accept()
        with peer:
            endpoint.send(b"x", 0, -1)
            assert peer.recv(1) == b"x"


@pytest.mark.parametrize("buffered", [True, False])
@pytest.mark.parametrize("timeout", [-1, 5000])
def test_accept_inherits(buffered: bool, timeout: int) -> None:
    with (
        listening() as listener,
        server_on(listener, buffered) as server,
        socket.create_connection(listener.getsockname()) as client,
    ):
        accepted, address = server.accept_addr(SAFE_DISCONN, timeout)
        with closing(accepted):
            assert address == "127.0.0.1"
            assert accepted.get_peer_addr() == client.getsockname()
            assert accepted.buffered == buffered
            assert (accepted.domain, accepted.sock_type, accepted.protocol) == (
                server.domain,
                server.sock_type,
                server.protocol,
            )


def test_accept_on_a_unix_socket_has_no_address() -> None:
    with (
        listening("unix") as listener,
        server_on(listener) as server,
        closing(stream_endpoint("unix")) as client,
    ):
        client.connect_unix(listener.getsockname(), -1)
        accepted, address = server.accept_addr(SAFE_DISCONN, -1)
        accepted.close()
        assert address == ""


def test_accept_times_out_and_works_afterwards() -> None:
    with listening() as listener, server_on(listener) as server:
        for timeout in (0, 30):
            with pytest.raises(TimeoutError):
                server.accept(SAFE_DISCONN, timeout)
        with socket.create_connection(listener.getsockname()):
            server.accept(SAFE_DISCONN, 5000).close()


def test_two_threads_accept() -> None:
    with listening() as listener, server_on(listener) as server:
        waiting = [Background(lambda: server.accept(2, 20_000)) for _ in range(2)]
        with (
            socket.create_connection(listener.getsockname()),
            socket.create_connection(listener.getsockname()),
        ):
            for thread in waiting:
                accepted = thread.join()
                assert isinstance(accepted, Endpoint)
                accepted.close()


def test_a_somebody_elses_non_blocking_listener() -> None:
    with listening() as listener, server_on(listener) as server:
        os.set_blocking(server.fileno(), False)
        waiting = Background(lambda: server.accept(2, -1))
        until_waiting(waiting)
        with socket.create_connection(listener.getsockname()):
            accepted = waiting.join()
            assert isinstance(accepted, Endpoint)
            accepted.close()
        assert not os.get_blocking(server.fileno())


class Staged(Socket):
    """A socket whose calls do something else just before they are made."""

    before: Callable[[], object]

    def _accept(self) -> tuple[int, object]:
        self.before()
        return super()._accept()  # type: ignore[misc,no-any-return]  # typeshed leaves it out

    def connect_ex(self, address: SocketAddress) -> int:  # type: ignore[override]  # of this family
        self.before()
        return super().connect_ex(address)


def staged(sock: socket.socket, before: Callable[[], object]) -> Endpoint:
    copy = os.dup(sock.fileno())
    endpoint = Endpoint.adopt(copy, sock.family, sock.type, sock.proto, True)
    twin = Staged(sock.family, sock.type, sock.proto, endpoint.descriptor.sock.detach())
    twin.before = before
    endpoint.descriptor.sock = twin
    return endpoint


@pytest.mark.parametrize("call", ["accept", "connect"])
@pytest.mark.parametrize("blocking", [True, False])
def test_calls_of_two_processes_that_overlap_leave_the_mode_as_it_was(
    call: str, blocking: bool
) -> None:
    """The second one begins inside the first and ends after it; here in two threads."""
    second_inside, first_done = threading.Event(), threading.Event()
    waiting: list[Background] = []

    def use(endpoint: Endpoint) -> None:
        if call == "accept":
            endpoint.accept(SAFE_DISCONN, 20_000).close()
        else:
            endpoint.connect_within("127.0.0.1", 9, 20_000)

    def start_second() -> None:
        waiting.append(Background(lambda: use(second)))
        assert second_inside.wait(20)

    def inside_second() -> None:
        second_inside.set()
        assert first_done.wait(20)

    with ExitStack() as stack:
        if call == "accept":
            shared = stack.enter_context(listening())
            for _ in range(2):
                stack.enter_context(socket.create_connection(shared.getsockname()))
        else:
            shared = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        os.set_blocking(shared.fileno(), blocking)
        first = stack.enter_context(closing(staged(shared, start_second)))
        os.set_blocking(shared.fileno(), blocking)
        second = stack.enter_context(closing(staged(shared, inside_second)))
        use(first)
        assert os.get_blocking(shared.fileno()) == blocking
        first_done.set()
        waiting[0].join()
        assert os.get_blocking(shared.fileno()) == blocking


class Failing(Socket):
    """A listener that the system answers with errors first."""

    failures: Iterator[int]
    calls = 0

    def _accept(self) -> tuple[int, object]:
        self.calls += 1
        for number in self.failures:
            raise OSError(number, os.strerror(number))
        return super()._accept()  # type: ignore[misc,no-any-return]  # typeshed leaves it out


@contextmanager
def failing(listener: socket.socket, failures: Iterable[int]) -> Iterator[tuple[Endpoint, Failing]]:
    with server_on(listener) as server:
        fd = server.descriptor.sock.detach()
        sock = Failing(listener.family, listener.type, listener.proto, fd)
        sock.failures = iter(failures)
        server.descriptor.sock = sock
        yield server, sock


LOST = [errno.ECONNABORTED, errno.ECONNRESET, errno.ENETDOWN, errno.EPROTO, errno.ENOPROTOOPT]
LOST += [errno.EHOSTDOWN, errno.EHOSTUNREACH, errno.EOPNOTSUPP, errno.ENETUNREACH]
LOST += [errno.ENONET] if hasattr(errno, "ENONET") else []


@pytest.mark.parametrize("timeout", [-1, 0, 5000])
def test_safe_disconn_accepts_the_next(timeout: int) -> None:
    """What accept(2) says that Linux reports of a connection in the queue."""
    for number in LOST:
        with (
            listening() as listener,
            socket.create_connection(listener.getsockname()),
            failing(listener, [number] * 4) as (server, _),
        ):
            with pytest.raises(OSError, match=os.strerror(number)) as caught:
                server.accept(0, timeout)
            assert caught.value.errno == number
            server.accept(SAFE_DISCONN, timeout).close()


@pytest.mark.parametrize("timeout", [-1, 0, 5000])
def test_accept_has_the_flags_of_the_listener(timeout: int) -> None:
    with (
        listening() as listener,
        socket.create_connection(listener.getsockname()),
        failing(listener, [errno.ECONNABORTED] * 2) as (server, _),
    ):
        server.reader.own_flags = 0
        with pytest.raises(ConnectionAbortedError):
            server.accept(None, timeout)
        server.reader.own_flags = SAFE_DISCONN
        server.accept(None, timeout).close()


@pytest.mark.parametrize(
    "number", [errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.EPERM]
)
def test_what_the_system_lacks_is_no_lost_connection(number: int) -> None:
    with (
        listening() as listener,
        socket.create_connection(listener.getsockname()),
        failing(listener, [number]) as (server, _),
    ):
        with pytest.raises(OSError, match=os.strerror(number)) as caught:
            server.accept(SAFE_DISCONN, 5000)
        assert caught.value.errno == number
        server.accept(SAFE_DISCONN, 5000).close()


def test_connections_that_are_all_lost_hold_no_call_past_its_deadline() -> None:
    with (
        listening() as listener,
        socket.create_connection(listener.getsockname()),
        failing(listener, itertools.repeat(errno.ENETDOWN)) as (server, sock),
    ):
        began = time.monotonic()
        with pytest.raises(TimeoutError):
            server.accept(SAFE_DISCONN, 100)
        assert 0.09 < time.monotonic() - began < 5
        sock.calls = 0
        with pytest.raises(TimeoutError):
            server.accept(SAFE_DISCONN, 0)
        assert sock.calls == SOMAXCONN + 1
        waiting = Background(lambda: server.accept(SAFE_DISCONN, -1))
        while sock.calls < 2 * SOMAXCONN:
            time.sleep(0.001)
        server.close()
        with pytest.raises(OSError, match="closed while this call was using it"):
            waiting.join()


def test_a_lost_connection_is_waited_after() -> None:
    with listening() as listener, failing(listener, [errno.ENETDOWN]) as (server, sock):
        waiting = Background(lambda: server.accept(SAFE_DISCONN, -1))
        until_waiting(waiting)
        assert sock.calls == 1
        with socket.create_connection(listener.getsockname()):
            accepted = waiting.join()
            assert isinstance(accepted, Endpoint)
            accepted.close()


def test_a_socket_of_a_kind_that_cannot_accept() -> None:
    """It gives the answer of a lost connection, and it does so for ever."""
    for timeout in (-1, 100):
        with closing(udp_endpoint()) as endpoint:
            endpoint.sock_type = socket.SOCK_STREAM  # a stream of a kind that is not to be had here
            if timeout > 0:  # it becomes readable, so that accept is tried
                endpoint.bind_addr(0, "127.0.0.1")
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
                    peer.sendto(b"x", endpoint.get_local_addr())
            with pytest.raises(OSError, match="not supported") as caught:
                endpoint.accept(SAFE_DISCONN, timeout)
            assert caught.value.errno == errno.EOPNOTSUPP


def test_accept_needs_a_listener() -> None:
    with closing(stream_endpoint()) as endpoint:
        for timeout in (-1, 100):
            with pytest.raises(OSError, match=r"call listen\(\) first"):
                endpoint.accept(SAFE_DISCONN, timeout)
        with pytest.raises(OSError, match="only the flag SAFE_DISCONN") as caught:
            endpoint.accept(PEEK, -1)
        assert caught.value.errno == errno.EOPNOTSUPP
    with closing(udp_endpoint()) as endpoint:
        with pytest.raises(OSError, match="use recv_from") as caught:
            endpoint.accept(SAFE_DISCONN, -1)
        assert caught.value.errno == errno.EOPNOTSUPP


@pytest.mark.timeout(30)
def test_accept_on_a_connection_does_not_wait_for_data() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, closing(stream_endpoint()) as endpoint:
        connect(endpoint, "127.0.0.1", listener.getsockname()[1], -1)
        with pytest.raises(OSError, match=r"call listen\(\) first") as caught:
            endpoint.accept(SAFE_DISCONN, 60_000)
        assert caught.value.errno == errno.EINVAL


def test_server_made_of_endpoints(tmp_path: Path) -> None:
    for transport in ("tcp", "tcp6", "unix"):
        server, client = stream_endpoint(transport), stream_endpoint(transport)
        with closing(server), closing(client):
            if transport == "unix":
                server.bind_unix(str(tmp_path / "s"))
                server.listen(5)
                client.connect_unix(str(tmp_path / "s"), 5000)
            else:
                server.set_sock_opt(6, True, socket.SOL_SOCKET)
                server.bind_addr(0, "")
                server.listen(5)
                host = "127.0.0.1" if transport == "tcp" else "::1"
                client.connect_within(host, server.get_local_addr()[1], 5000)
            accepted = server.accept(2, 5000)
            client.send(b"line\r\n", 2, -1)
            assert accepted.reader.recv_line(5000, 2, 100) == b"line"
            accepted.close()
    assert (tmp_path / "s").is_socket(), "the path is the caller's to remove"


def test_a_path_in_use_is_refused(tmp_path: Path) -> None:
    with closing(stream_endpoint("unix")) as first, closing(stream_endpoint("unix")) as second:
        first.bind_unix(str(tmp_path / "s"))
        with pytest.raises(OSError, match=r"bind to .*/s: ") as caught:
            second.bind_unix(str(tmp_path / "s"))
        assert caught.value.errno == errno.EADDRINUSE
        second.bind_unix(str(tmp_path / "t"))


def test_a_port_in_use_is_refused() -> None:
    with listening() as listener, closing(stream_endpoint()) as endpoint:
        port = listener.getsockname()[1]
        with pytest.raises(OSError, match=f"bind to 127.0.0.1:{port}: ") as caught:
            endpoint.bind_addr(port, "127.0.0.1")
        assert caught.value.errno == errno.EADDRINUSE
        endpoint.bind_addr(0, "127.0.0.1")


@pytest.mark.parametrize("bound", [False, True], ids=["unbound", "bound-to-any-port"])
@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
def test_a_connection_to_itself_is_refused(kind: int, bound: bool) -> None:
    """The system has one port to choose, which is the one that is connected to."""

    def connect_to_nobody(network: Network) -> None:
        network.ports(40000, 40000)
        with closing(Endpoint.create(socket.AF_INET, kind, 0, True)) as endpoint:
            if bound:
                endpoint.bind_addr(0, "127.0.0.1")
            for _ in range(2):
                with pytest.raises(ConnectionRefusedError, match=r"127\.0\.0\.1:40000"):
                    endpoint.connect_within("127.0.0.1", 40000, 5000)
                assert "->" not in endpoint.describe()
            with socket.socket(socket.AF_INET, kind) as peer:
                peer.bind(("127.0.0.1", 50000))
                if kind == socket.SOCK_STREAM:
                    peer.listen()
                endpoint.connect_within("127.0.0.1", 50000, 5000)
                assert endpoint.get_peer_addr() == ("127.0.0.1", 50000)

    in_own_network(connect_to_nobody)


class Unlucky(socket.socket):
    """A socket for which the system chooses the port that it is connected to.

    Attributes:
        begun: How often.
    """

    begun = 0

    def connect_ex(self, address: object) -> int:
        if not has_peer(self):
            self.begun += 1
            with suppress(OSError):  # it has it already
                self.bind(address)  # type: ignore[arg-type]  # whatever it was given
        return super().connect_ex(address)  # type: ignore[arg-type]  # whatever it was given


@pytest.mark.parametrize(
    "dissolves",
    [
        pytest.param(True, id=""),
        pytest.param(
            False, id="without-ctypes", marks=pure_only("a module is imported once there")
        ),
    ],
)
def test_a_connection_to_itself_is_tried_again(
    dissolves: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not dissolves:
        monkeypatch.setitem(sys.modules, "ctypes", None)
    port = refused_port()
    with closing(stream_endpoint()) as endpoint:
        sock = endpoint.descriptor.sock = Unlucky(fileno=endpoint.descriptor.sock.detach())
        with pytest.raises(ConnectionRefusedError, match=f"connect to 127.0.0.1:{port}: "):
            endpoint.connect_within("127.0.0.1", port, 5000)
        assert sock.begun == (3 if dissolves else 1)
        assert endpoint.descriptor.connected == has_peer(sock) == (not dissolves)


def test_a_connection_to_itself_that_was_meant() -> None:
    """Whoever binds a socket to a port and connects it to that gets what he asks for."""
    with closing(stream_endpoint()) as endpoint:
        endpoint.bind_addr(refused_port(), "127.0.0.1")
        endpoint.connect(*endpoint.get_local_addr())
        assert endpoint.get_peer_addr() == endpoint.get_local_addr()
        endpoint.send(b"x", 0, 5000)
        assert endpoint.stream.receive(1, Deadline(5000)) == b"x"
        copy = socket.socket()
        copy.bind(("127.0.0.1", 0))
        with closing(Endpoint.adopt(copy.detach(), socket.AF_INET, 1, 6, True)) as adopted:
            adopted.connect_within(*adopted.get_local_addr(), 5000)
            assert adopted.get_peer_addr() == adopted.get_local_addr()


def test_primary_address() -> None:
    assert get_primary_ip_addr(bytes([127, 0, 0, 1])) == bytes([127, 0, 0, 1])
    assert get_primary_ip_addr(bytes(15) + b"\1") == bytes(15) + b"\1"
    with pytest.raises(OSError, match=r"find a route to 255\.255\.255\.255: "):
        get_primary_ip_addr(bytes([255, 255, 255, 255]))
