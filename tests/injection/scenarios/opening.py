"""What makes sockets, and what they are made for: bound, listening, connected, closed."""

from __future__ import annotations

import contextlib
import socket

import nimnet

from injection.scenarios.registry import PLAIN, SECURED, STREAMS, scenario
from injection.stage import HOST, PATIENCE, Act, Stage, client_context

_CREATED = "new_socket(domain, sock_type, protocol, buffered, inheritable, safe_disconn)"
_DIALED = (
    "dial(address, port, protocol, buffered, timeout, context, hostname, session, safe_disconn)"
)


@scenario(_CREATED, *PLAIN, words=("create a socket",))
def a_new_one(stage: Stage) -> Act:
    domain = nimnet.AF_UNIX if stage.transport == "unix" else nimnet.AF_INET
    return Act(lambda: nimnet.new_socket(domain, protocol=nimnet.Protocol.IPPROTO_IP))


@scenario(_CREATED, "tcp", words=("create a socket",))
def an_inheritable_one(_stage: Stage) -> Act:
    return Act(lambda: nimnet.new_socket(inheritable=True))


@scenario(f"{_CREATED} of int", "tcp", words=("create a socket",))
def of_numbers(_stage: Stage) -> Act:
    domain, kind = int(nimnet.AF_INET), int(nimnet.SOCK_STREAM)
    return Act(lambda: nimnet.new_socket(domain, kind, 0))


@scenario("new_socket(fd, domain, sock_type, protocol, buffered, safe_disconn)", *PLAIN)
def of_a_descriptor(stage: Stage) -> Act:
    left, right = socket.socketpair()
    stage.keep(right)
    stage.keep(left)
    fd = nimnet.SocketHandle(left.fileno())

    def taken(result: object) -> None:
        assert isinstance(result, nimnet.Socket)
        if result.fileno() >= 0:
            left.detach()  # it is the result's now

    return Act(lambda: nimnet.new_socket(fd), made=taken)


@scenario(
    "from_socket(sock, buffered, safe_disconn)", *PLAIN, words=("its descriptor", "not taken over")
)
def from_one_of_pythons(stage: Stage) -> Act:
    left, right = socket.socketpair()
    stage.keep(right)
    stage.keep(left)
    return Act(lambda: nimnet.from_socket(left))


@scenario("Socket.bind_addr(port, address)", "tcp", words=("bind to",))
def to_an_address(stage: Stage) -> Act:
    sock = stage.sock()
    return Act(lambda: sock.bind_addr(nimnet.Port(0), HOST), sock, mute=True)


@scenario("Socket.bind_addr(port, address)", "tcp", words=("bind to", "resolve"))
def to_a_name(stage: Stage) -> Act:
    sock = stage.sock()
    return Act(lambda: sock.bind_addr(nimnet.Port(0), "localhost"), sock, mute=True)


@scenario("Socket.bind_unix(path)", "unix", words=("bind to",))
def to_a_path(stage: Stage) -> Act:
    sock, path = stage.sock(), str(stage.folder / "bound")
    return Act(lambda: sock.bind_unix(path), sock, mute=True)


@scenario("Socket.listen(backlog)", *PLAIN)
def listen(stage: Stage) -> Act:
    sock = stage.sock()
    if stage.transport == "unix":
        sock.bind_unix(str(stage.folder / "listener"))
    else:
        sock.bind_addr(nimnet.Port(0), HOST)
    return Act(sock.listen, sock, mute=True)


@scenario("Socket.accept(flags, timeout)", *STREAMS, words=("TLS handshake",))
def in_time(stage: Stage) -> Act:
    sock = stage.awaited(b"hello")
    return Act(lambda: sock.accept(timeout=PATIENCE), sock, mute=True)


@scenario("Socket.accept(flags, timeout)", *STREAMS, words=("TLS handshake",))
def without_a_timeout(stage: Stage) -> Act:
    sock = stage.awaited(b"hello")
    return Act(lambda: sock.accept(), sock, mute=True, endless=True)


@scenario("Socket.accept_addr(flags, timeout)", *STREAMS, words=("accept", "TLS handshake"))
def with_the_address(stage: Stage) -> Act:
    sock = stage.awaited(b"hello")
    return Act(lambda: sock.accept_addr(timeout=PATIENCE), sock, mute=True)


@scenario("Socket.accept_addr(flags, timeout)", *STREAMS, words=("accept", "TLS handshake"))
def and_report_what_was_lost(stage: Stage) -> Act:
    sock = stage.awaited(b"hello")
    none = nimnet.SocketFlag(0)
    return Act(lambda: sock.accept_addr(none, timeout=PATIENCE), sock, mute=True)


@scenario("Socket.connect(address, port)", "tcp", *SECURED, words=("TLS handshake",))
def to_an_address_without_end(stage: Stage) -> Act:
    place, sock = stage.plays(send=b"hello"), stage.client()
    return Act(lambda: sock.connect(place.host, nimnet.Port(place.port)), sock, mute=True)


@scenario("Socket.connect(address, port, timeout)", "tcp", *SECURED, words=("TLS handshake",))
def to_an_address_in_time(stage: Stage) -> Act:
    place, sock = stage.plays(send=b"hello"), stage.client()
    return Act(lambda: sock.connect(place.host, nimnet.Port(place.port), PATIENCE), sock, mute=True)


@scenario("Socket.connect(address, port, timeout)", "tcp", words=("resolve",))
def to_a_name_in_time(stage: Stage) -> Act:
    place, sock = stage.plays(send=b"hello"), stage.client()
    return Act(
        lambda: sock.connect("localhost", nimnet.Port(place.port), PATIENCE), sock, mute=True
    )


@scenario("Socket.connect_unix(path, timeout)", "unix", words=("connect to",))
def to_a_path_in_time(stage: Stage) -> Act:
    place, sock = stage.plays(send=b"hello"), stage.client()
    return Act(lambda: sock.connect_unix(place.path, timeout=PATIENCE), sock, mute=True)


@scenario("Socket.connect_unix(path, timeout)", "unix", words=("connect to",))
def to_a_path_without_end(stage: Stage) -> Act:
    place, sock = stage.plays(send=b"hello"), stage.client()
    return Act(lambda: sock.connect_unix(place.path), sock, mute=True, endless=True)


@scenario(_DIALED, "tcp", *SECURED, words=("connect to", "TLS handshake"))
def dial_an_address(stage: Stage) -> Act:
    place = stage.plays(send=b"hello")
    context = client_context(stage.transport) if stage.secured else None
    port = nimnet.Port(place.port)
    return Act(lambda: nimnet.dial(place.host, port, timeout=PATIENCE, context=context))


@scenario(_DIALED, "tcp", words=("connect to", "resolve"))
def dial_a_name(stage: Stage) -> Act:
    place = stage.plays(send=b"hello")
    port = nimnet.Port(place.port)
    return Act(lambda: nimnet.dial("localhost", port), endless=True)


@scenario(_DIALED, "udp", words=("connect to",))
def dial_for_messages(_stage: Stage) -> Act:
    port = nimnet.Port(9)
    return Act(lambda: nimnet.dial(HOST, port, nimnet.IPPROTO_UDP, timeout=PATIENCE))


@scenario("get_primary_ip_addr(dest)", "udp", words=("find a route",))
def the_own_address(_stage: Stage) -> Act:
    return Act(lambda: nimnet.get_primary_ip_addr(nimnet.ipv4_loopback()))


@scenario("Socket.close(flags)", *STREAMS, "udp", words=("TLS could not say goodbye",))
def close(stage: Stage) -> Act:
    sock = stage.datagrams(b"one")[0] if stage.transport == "udp" else stage.connected(b"unread")
    return Act(sock.close, sock, ends=True)


@scenario("Socket.close(flags)", *SECURED, words=("TLS could not say goodbye",))
def close_and_report_disconnections(stage: Stage) -> Act:
    sock = stage.connected(b"unread")
    return Act(lambda: sock.close(nimnet.SocketFlag(0)), sock, ends=True)


@scenario("Socket.close(flags)", *STREAMS, words=("TLS could not say goodbye",))
def close_what_listens(stage: Stage) -> Act:
    sock = stage.listening()
    return Act(sock.close, sock, ends=True)


@scenario("Socket.__enter__()", "tcp")
def enter(stage: Stage) -> Act:
    sock = stage.connected(b"unread")
    return Act(lambda: sock.__enter__(), sock)


@scenario("Socket.__exit__()", *STREAMS, words=("close", "TLS could not say goodbye"))
def leave(stage: Stage) -> Act:
    sock = stage.connected(b"unread")
    return Act(lambda: sock.__exit__(None, None, None), sock, ends=True)


@scenario("Socket.detach()", *PLAIN, buffered=(True, False))
def detach(stage: Stage) -> Act:
    sock = stage.connected(b"unread")
    first = sock.recv(2)  # which reads ahead, if anything does

    def taken(result: object) -> None:
        assert isinstance(result, tuple)
        fd, unread = result
        with socket.socket(fileno=fd) as left:
            left.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                unread += left.recv(100)
        assert first + unread == stage.sent

    return Act(sock.detach, sock, made=taken, mute=True)
