"""Descriptors that change hands: to and from Python's own servers, programs and event loops."""

from __future__ import annotations

import asyncio
import errno
import fcntl
import itertools
import os
import resource
import socket
import socketserver
import ssl
import subprocess
import sys
import textwrap
import threading
from contextlib import closing, suppress
from pathlib import Path
from typing import cast

import pytest
from harness import tlspair
from harness.authority import Authority
from harness.builds import pure_only
from harness.interruption import at_least, disturbed, interrupted
from harness.loopback import Background, listening, open_descriptors, pair
from nimnet import (
    AF_INET,
    AF_INET6,
    AF_UNIX,
    IPPROTO_IP,
    IPPROTO_IPV6,
    IPPROTO_TCP,
    IPV6_V6ONLY,
    SOCK_DGRAM,
    SOCK_STREAM,
    Domain,
    Port,
    Protocol,
    SocketHandle,
    SockType,
    from_socket,
    new_socket,
)
from nimnet_runtime import naming
from nimnet_runtime.endpoint import Endpoint
from nimnet_runtime.errors import SAFE_DISCONN, TimeoutError
from nimnet_runtime.readahead import ReadAhead

WAIT = 20_000
"""Milliseconds, or with a point before the last three digits seconds, that nothing takes."""


# Python's own servers, programs and loops.


class _Echo(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        with from_socket(self.request) as sock:
            for line in sock.lines(WAIT):
                sock.send(line + b"\n")


def test_a_server_of_the_standard_library_gives_its_connections() -> None:
    with socketserver.TCPServer(("127.0.0.1", 0), _Echo) as server:
        serving = Background(server.handle_request)
        with new_socket() as client:
            client.connect("127.0.0.1", Port(server.server_address[1]), timeout=WAIT)
            client.send(b"one\ntwo\n")
            assert (client.recv_line(WAIT), client.recv_line(WAIT)) == (b"one", b"two")
        serving.join()


def test_a_server_of_the_standard_library_takes_a_listener() -> None:
    with new_socket() as listener:
        listener.bind_addr(Port(0), "127.0.0.1")
        listener.listen()
        _, port = listener.get_local_addr()
        fd, ahead = listener.detach()
    assert (ahead, listener.closed) == (b"", True)
    server = socketserver.TCPServer(("127.0.0.1", 0), _Echo, bind_and_activate=False)
    server.socket.close()
    server.socket = socket.socket(fileno=fd)
    with server:
        serving = Background(server.handle_request)
        with socket.create_connection(("127.0.0.1", int(port)), WAIT / 1000) as client:
            client.sendall(b"ping\n")
            client.shutdown(socket.SHUT_WR)
            assert client.makefile("rb").read() == b"ping\n"
        serving.join()


def program(text: str) -> list[str]:
    return [sys.executable, "-c", textwrap.dedent(text)]


def test_a_child_process_takes_a_connection() -> None:
    """What was read ahead goes with it by other means: here as the child's argument."""
    child = program("""
        import sys
        from nimnet import SocketHandle, new_socket
        with new_socket(SocketHandle(int(sys.argv[1]))) as sock:
            sock.send(sys.argv[2].encode() + sock.recv(4, 20000))
    """)
    with listening() as listener, socket.create_connection(listener.getsockname()) as client:
        sock = from_socket(listener.accept()[0])
        client.sendall(b"first\nsecond")
        assert sock.recv_line(WAIT) == b"first"
        fd, ahead = sock.detach()
        try:
            process = subprocess.Popen([*child, str(fd), ahead.decode()], pass_fds=[fd])
        finally:
            os.close(fd)
        client.sendall(b"more")
        client.shutdown(socket.SHUT_WR)
        answer = client.makefile("rb").read()
        assert (answer, process.wait(WAIT / 1000)) == (ahead + b"more", 0)


def test_a_child_process_inherits_a_listener_as_services_do() -> None:
    """At descriptor 3, and for both families: sd_listen_fds(3) gives no more than the number."""
    child = program("""
        from nimnet import SocketHandle, new_socket
        with new_socket(SocketHandle(3)) as server:
            client, address = server.accept_addr(timeout=20000)
            with client:
                peer, _ = client.get_peer_addr()
                client.send(f"{address} {server.get_domain().name} {peer}".encode())
    """)
    with new_socket(AF_INET6) as server:
        server.set_sock_opt_int(IPPROTO_IPV6, IPV6_V6ONLY, 0)
        server.bind_addr(Port(0))
        server.listen()
        _, port = server.get_local_addr()
        process = os.posix_spawn(
            child[0],
            child,
            os.environ,
            file_actions=[(os.POSIX_SPAWN_DUP2, server.fileno(), 3)],
        )
        with socket.create_connection(("127.0.0.1", int(port)), WAIT / 1000) as client:
            answer = client.makefile("rb").read()
        assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 0
    assert answer == b"::ffff:127.0.0.1 AF_INET6 ::ffff:127.0.0.1"


def test_an_event_loop_takes_a_connection() -> None:
    async def go_on(fd: int, ahead: bytes) -> bytes:
        reader, writer = await asyncio.open_connection(sock=socket.socket(fileno=fd))
        writer.write(b"ready\n")
        rest = await reader.read()
        writer.close()
        await writer.wait_closed()
        return ahead + rest

    ours, peer = socket.socketpair()
    with peer, from_socket(ours) as sock:
        peer.sendall(b"hello\nwor")
        assert sock.recv_line(WAIT) == b"hello"
        fd, ahead = sock.detach()
        going = Background(lambda: asyncio.run(go_on(fd, ahead)))
        assert peer.recv(6) == b"ready\n"
        peer.sendall(b"ld")
        peer.shutdown(socket.SHUT_WR)
        assert going.join() == b"world"


def test_an_event_loop_gives_a_connection() -> None:
    """Its sockets are non-blocking, and stay so; calls wait all the same."""

    def talk(connection: socket.socket) -> bool:
        with from_socket(connection) as sock:
            sock.send(sock.recv(4, WAIT))
            sock.send(sock.recv(4))
            return os.get_blocking(sock.fileno())

    async def serve(listener: socket.socket) -> bool:
        connection, _ = await asyncio.get_running_loop().sock_accept(listener)
        return await asyncio.to_thread(talk, connection)

    with listening() as listener:
        listener.setblocking(False)
        serving = Background(lambda: asyncio.run(serve(listener)))
        with socket.create_connection(listener.getsockname(), WAIT / 1000) as client:
            for message in (b"ping", b"pong"):
                client.sendall(message)
                assert client.recv(4) == message
        assert serving.join() is False


# What can be taken over, and what cannot.


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET])
def test_a_pair_is_taken_over(kind: socket.SocketKind) -> None:
    one, other = (from_socket(sock) for sock in socket.socketpair(type=kind))
    with one, other:
        assert (one.get_domain(), one.get_protocol()) == (AF_UNIX, IPPROTO_IP)
        assert int(one.get_type()) == kind
        one.send(b"whole")
        one.send(b" and cut")
        if kind == socket.SOCK_STREAM:
            assert other.recv(13, WAIT) == b"whole and cut"
        else:
            assert (other.recv(9, WAIT), other.recv(2, WAIT)) == (b"whole", b" a")


def test_a_datagram_socket_is_not_read_as_a_stream() -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as sender:
        receiver = socket.socket(type=socket.SOCK_DGRAM)
        receiver.bind(("127.0.0.1", 0))
        sender.connect(receiver.getsockname())
        with new_socket(SocketHandle(receiver.detach())) as sock:
            sender.send(b"one")
            sender.send(b"two")
            assert sock.recv(100, WAIT) == b"one"
            assert sock.recv_from(100, timeout=WAIT) == (b"two", *sender.getsockname())
            with pytest.raises(OSError, match="needs a stream socket"):
                sock.recv_line(WAIT)


def test_what_is_no_socket_stays_open(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    with (tmp_path / "file").open("wb") as file:
        for fd in (reading, writing, file.fileno()):
            with new_socket(SocketHandle(fd)) as sock:
                assert (sock.closed, sock.fileno()) == (True, -1)
                for call in (lambda: sock.recv(1, 0), lambda: sock.send(b"x"), sock.detach):
                    with pytest.raises(OSError, match=f"descriptor {fd} was not taken over") as got:
                        call()
                    assert got.value.errno == errno.ENOTSOCK
            os.fstat(fd)
    os.close(reading)
    os.close(writing)


def test_a_number_beyond_select() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))
    try:
        ours, peer = socket.socketpair()
        with peer, ours:
            fd = fcntl.fcntl(ours, fcntl.F_DUPFD, 2000)
            with new_socket(SocketHandle(fd)) as sock:
                peer.sendall(b"over there")
                assert sock.recv(4, WAIT) == b"over"
                given, ahead = sock.detach()
                assert (given, ahead) == (fd, b" there")
            with from_socket(socket.socket(fileno=fd)) as again, pytest.raises(TimeoutError):
                again.recv(1, 20)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_socket_with_tls_stays_whole(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    identity = authority.issue()
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(identity.cert_file, identity.key_file)
    client = ssl.create_default_context(cafile=authority.ca_file)
    ours, theirs = socket.socketpair()
    shaken = Background(lambda: server.wrap_socket(theirs, server_side=True))
    with (
        client.wrap_socket(ours, server_hostname="localhost") as secure,
        cast("ssl.SSLSocket", shaken.join()) as peer,
    ):
        with pytest.raises(OSError, match=r"TLS of an ssl\.SSLSocket") as got:
            from_socket(secure)
        assert got.value.errno == errno.EOPNOTSUPP
        secure.sendall(b"still here")
        assert peer.recv(100) == b"still here"


def test_what_is_no_socket_of_python_s() -> None:
    with pytest.raises(TypeError, match=r"sock must be socket\.socket, not int"):
        from_socket(cast("socket.socket", 3))
    gone = socket.socket()
    gone.close()
    with pytest.raises(OSError, match="not open") as got:
        from_socket(gone)
    assert got.value.errno == errno.EBADF


def test_a_timeout_of_python_s_own_ends_no_call() -> None:
    ours, peer = socket.socketpair()
    ours.settimeout(0.001)
    with peer, from_socket(ours) as sock:
        assert ours.fileno() == -1
        reader = Background(lambda: sock.recv(2))
        with pytest.raises(TimeoutError):
            sock.send(bytes(1 << 24), timeout=20)
        peer.sendall(b"ok")
        assert reader.join() == b"ok"


@pytest.mark.parametrize("inheritable", [True, False])
def test_it_is_not_inherited_any_more(inheritable: bool) -> None:
    sock = socket.socket()
    sock.set_inheritable(inheritable)
    with from_socket(sock) as taken:
        fd, _ = taken.detach()
    assert not os.get_inheritable(fd)
    os.close(fd)


@pytest.mark.parametrize("inheritable", [True, False])
def test_it_stays_inheritable_if_it_was_made_so(inheritable: bool) -> None:
    fd, _ = new_socket(inheritable=inheritable).detach()
    assert os.get_inheritable(fd) == inheritable
    os.close(fd)


# What happens to it meanwhile.


@pure_only("it replaces a method; that a socket of TLS is kept is tested on both")
def test_a_socket_that_becomes_one_of_tls_meanwhile_stays_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settle = ReadAhead.settle_line_end

    def wrapped_by_another(reader: ReadAhead) -> None:
        def wrap() -> None:
            with suppress(TimeoutError):  # nobody answers
                tlspair.context().wrap_connected_socket(endpoint, 0, "localhost", 1)

        Background(wrap).join()
        settle(reader)

    monkeypatch.setattr(ReadAhead, "settle_line_end", wrapped_by_another)
    with pair() as (endpoint, _peer):
        with pytest.raises(OSError, match="keys cannot be given away") as caught:
            endpoint.detach()
        assert caught.value.errno == errno.EOPNOTSUPP
        assert endpoint.is_ssl()
        assert not endpoint.closed


@pytest.mark.parametrize("who", ["handler", "thread"])
def test_what_is_closed_meanwhile_is_not_given_away(who: str) -> None:
    """Whenever that is: who is given a descriptor is given the connection with it."""
    refused: list[int | None] = []
    for moment in itertools.count(1):
        before = open_descriptors()
        given: list[tuple[int, bytes]] = []
        with pair() as (endpoint, peer):
            closer = threading.Thread(target=endpoint.close)

            def close(closer: threading.Thread = closer, endpoint: Endpoint = endpoint) -> None:
                if who == "handler":
                    endpoint.close()
                else:
                    closer.start()
                    closer.join(0.02)  # it waits where the call is between two steps

            try:
                reached = disturbed(lambda: given.append(endpoint.detach()), moment, close)  # noqa: B023 - called at once
            except OSError as error:
                reached = True
                refused.append(error.errno)
            if closer.ident is not None:
                closer.join()
            if given:
                with socket.socket(fileno=given[0][0]) as ours:
                    ours.sendall(b"x")
                    assert peer.recv(1) == b"x", f"moment {moment}"
            assert endpoint.closed
            assert peer.recv(1) == b"", f"moment {moment}"
        assert open_descriptors() == before, f"moment {moment}"
        if not reached:
            break
    assert at_least(6) <= len(refused) < moment
    assert set(refused) <= {errno.EBADF}


# What a socket is.


def test_every_member_is_a_kind_that_has_a_name() -> None:
    """And no other: the package makes members of the numbers."""
    assert set(Domain) == naming._DOMAINS
    assert set(SockType) == naming._TYPES
    assert set(Protocol) == naming._PROTOCOLS


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has AF_NETLINK")
def test_a_kind_without_a_name() -> None:
    with new_socket(socket.AF_NETLINK, socket.SOCK_RAW, 4) as sock:
        for call, what in ((sock.get_domain, "domain is 16"), (sock.get_protocol, "protocol is 4")):
            with pytest.raises(OSError, match=f"the socket's {what}, which has no name here"):
                call()
        assert sock.get_type() == SockType.SOCK_RAW


def test_it_may_say_what_it_is() -> None:
    ours, peer = socket.socketpair()
    with peer, new_socket(SocketHandle(ours.detach()), AF_UNIX, SOCK_STREAM, IPPROTO_IP) as sock:
        assert sock.get_domain() == AF_UNIX


def test_a_contradiction_says_what_is_right() -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as plain:
        fd = SocketHandle(plain.fileno())
        for sock, words in (
            (new_socket(fd, AF_INET6), "domain is AF_INET, not AF_INET6; leave domain out"),
            (new_socket(fd, AF_INET, SOCK_STREAM), "sock_type is SOCK_DGRAM, not SOCK_STREAM"),
            (new_socket(fd, AF_INET, SOCK_DGRAM, IPPROTO_TCP), "is IPPROTO_UDP, not IPPROTO_TCP"),
        ):
            with sock, pytest.raises(OSError, match=words):
                sock.get_local_addr()
        plain.bind(("127.0.0.1", 0))  # is still there


# Signal handlers that raise.


def test_a_socket_is_taken_over_or_not() -> None:
    for moment in itertools.count(1):
        before = open_descriptors()
        made: list[Endpoint] = []
        plain, peer = socket.socketpair()
        with plain, peer:
            reached = interrupted(lambda: made.append(Endpoint.from_socket(plain, True)), moment)  # noqa: B023 - called at once
            if made:
                made.pop().close()
            elif plain.fileno() >= 0:
                peer.sendall(b"x")
                assert plain.recv(1) == b"x"
        assert open_descriptors() == before, f"moment {moment}"
        if not reached:
            break
    assert moment > at_least(5)


def test_a_descriptor_is_given_away_or_not() -> None:
    """Where it is not, it is closed, or nothing has happened to the socket."""
    for moment in itertools.count(1):
        before = open_descriptors()
        given: list[tuple[int, bytes]] = []
        with pair() as (endpoint, peer):
            peer.sendall(b"0123456789")
            assert endpoint.reader.receive(4, WAIT, SAFE_DISCONN) == b"0123"
            reached = interrupted(lambda: given.append(endpoint.detach()), moment)  # noqa: B023 - called at once
            if given:
                assert given[0][1] == b"456789"
                assert endpoint.closed
                os.close(given[0][0])
            elif endpoint.fileno() >= 0:
                assert endpoint.reader.receive(6, WAIT, SAFE_DISCONN) == b"456789"
            else:
                assert peer.recv(1) == b""
        assert open_descriptors() == before, f"moment {moment}"
        if not reached:
            break
    assert moment > at_least(5)


def test_it_ends_the_lines_that_were_split() -> None:
    with pair() as (endpoint, peer):
        peer.sendall(b"".join(b"%d\n" % number for number in range(300)))
        lines = endpoint.reader.lines(WAIT, SAFE_DISCONN, 1000)
        first = [next(lines) for _ in range(3)]
        fd, ahead = endpoint.detach()
        with closing(Endpoint.adopt(fd, None, None, None, True)) as again:
            with pytest.raises(OSError, match="closed"):
                next(lines)
            assert first == [b"0", b"1", b"2"]
            assert ahead.startswith(b"3\n4\n")
            assert again.get_local_addr() != ("", 0)
