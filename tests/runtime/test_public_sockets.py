"""Sockets as programs meet them: which form a call takes, and the types of what it returns."""

from __future__ import annotations

import contextlib
import errno
import os
import pickle
import socket
import sys
from collections.abc import Iterator

import nimnet
import pytest
from harness.loopback import listening, refused_port
from nimnet import (
    AF_INET,
    AF_UNIX,
    IPPROTO_IP,
    IPPROTO_TCP,
    IPPROTO_UDP,
    OPT_KEEP_ALIVE,
    OPT_NO_DELAY,
    SOCK_DGRAM,
    OSErrorCode,
    Port,
    Socket,
    SocketHandle,
    new_socket,
)


@contextlib.contextmanager
def connected() -> Iterator[tuple[Socket, socket.socket]]:
    """A socket of the package, and the standard library's at its other end."""
    with listening() as listener, new_socket() as sock:
        sock.connect("127.0.0.1", Port(listener.getsockname()[1]), timeout=20_000)
        peer, _ = listener.accept()
        with peer:
            yield sock, peer


def test_connecting_with_and_without_a_time() -> None:
    with connected() as (sock, peer):
        sock.send(b"within")
        assert peer.recv(6) == b"within"
    with listening() as listener, new_socket() as sock:
        sock.connect("127.0.0.1", Port(listener.getsockname()[1]))
        host, port = sock.get_peer_addr()
        assert (host, port) == listener.getsockname()
        assert type(port) is Port
    with new_socket() as sock, pytest.raises(ConnectionRefusedError):
        sock.connect("127.0.0.1", Port(refused_port()), timeout=20_000)


def test_descriptors_and_descriptions() -> None:
    with connected() as (sock, _):
        handle = sock.get_fd()
        assert type(handle) is SocketHandle
        assert handle == sock.fileno() >= 0
        assert repr(sock).startswith(f"<socket {handle}: stream AF_INET 127.0.0.1:")
    assert sock.get_fd() == -1
    assert sock.closed
    assert repr(sock).endswith(" closed>")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has abstract names")
def test_a_peer_writes_no_lines_of_its_own() -> None:
    """The name that it has chosen is shown in one line, which every stream can encode."""
    name = b"\0%d\nCRITICAL\r\x1b[31m\x85\xe2\x80\xae\xff" % os.getpid()
    shown = f"@{os.getpid()}\\nCRITICAL\\r\\x1b[31m\\udc85\\u202e\\udcff"
    with (
        socket.socket(socket.AF_UNIX) as listener,
        socket.socket(socket.AF_UNIX) as client,
    ):
        listener.bind("")
        listener.listen()
        client.bind(name)
        client.connect(listener.getsockname())
        with nimnet.from_socket(listener.accept()[0]) as sock:
            assert sock.get_peer_addr()[0] == os.fsdecode(name)
            assert f"-> {shown} " in repr(sock)
            for call in (lambda: sock.recv(1, 1), lambda: sock.send(bytes(1 << 24), timeout=1)):
                with pytest.raises(nimnet.TimeoutError) as timeout:
                    call()
                assert shown in str(timeout.value)
                assert str(timeout.value).isprintable()
        with new_socket(AF_UNIX, protocol=IPPROTO_IP) as sock:
            for fails in (sock.connect_unix, sock.bind_unix):
                with pytest.raises(OSError, match=r"in use|refused") as failure:
                    fails(os.fsdecode(name))
                assert shown in str(failure.value)
                assert str(failure.value).isprintable()
    with new_socket() as sock, pytest.raises(OSError, match="an IPv6 address") as failure:
        sock.connect("fe80::1%a\nb\x1b", Port(80))
    assert str(failure.value).isprintable()


def test_a_descriptor_from_elsewhere() -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX)
    with theirs, new_socket(SocketHandle(ours.detach()), nimnet.AF_UNIX) as sock:
        sock.send(b"line\n")
        assert theirs.recv(5) == b"line\n"
        theirs.sendall(b"answer\n")
        assert sock.recv_line() == b"answer"
    with listening() as listener:
        caller = socket.create_connection(listener.getsockname())
        peer, _ = listener.accept()
        with peer, new_socket(fd=SocketHandle(caller.detach()), buffered=False) as sock:
            sock &= b"by name"
            assert peer.recv(7) == b"by name"


def test_a_descriptor_that_is_none() -> None:
    with new_socket(SocketHandle(-1)) as sock:
        assert sock.closed
        with pytest.raises(OSError, match="closed"):
            sock.send(b"x")


def test_an_exception_inside_a_with_statement_closes_the_socket_and_is_passed_on() -> None:
    with connected() as (sock, peer):
        with pytest.raises(ZeroDivisionError, match="inside"), sock:
            raise ZeroDivisionError("inside")
        assert sock.closed
        assert peer.recv(1) == b""


def test_options() -> None:
    with new_socket() as sock:
        assert sock.get_sock_opt(OPT_KEEP_ALIVE) is False
        sock.set_sock_opt(OPT_KEEP_ALIVE, True)
        assert sock.get_sock_opt(OPT_KEEP_ALIVE) is True
        sock.set_sock_opt(OPT_NO_DELAY, True, IPPROTO_TCP)
        assert sock.get_sock_opt(OPT_NO_DELAY, level=IPPROTO_TCP) is True


def test_both_ways_to_send_a_datagram() -> None:
    with (
        new_socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP) as receiver,
        new_socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP) as sender,
    ):
        receiver.bind_addr(address="127.0.0.1")
        host, port = receiver.get_local_addr()
        view = memoryview(b"0123456789")
        sender.send_to(host, port, b"whole")
        sender.send_to(host, port, view, 4)
        sender.send_to(host, port, data=view, size=3, timeout=20_000)
        data = [receiver.recv_from(100, timeout=20_000)[0] for _ in range(3)]
        assert data == [b"whole", b"0123", b"012"]
        with pytest.raises(OSError, match="size"):
            sender.send_to(host, port, view, 11)
        _, where, origin = _received(sender, receiver, host, port)
        assert where == "127.0.0.1"
        assert type(origin) is Port


def _received(sender: Socket, receiver: Socket, host: str, port: Port) -> tuple[bytes, str, Port]:
    sender.send_to(host, port, b"from where")
    return receiver.recv_from(100, timeout=20_000)


def test_errors_that_were_not_raised() -> None:
    with new_socket() as sock:
        with pytest.raises(OSError, match="error"):
            sock.get_socket_error()
        sock.socket_error(0)
        assert sock.send(memoryview(b"x"), 1) == -1
        code = sock.get_socket_error()
        assert type(code) is OSErrorCode
        assert code in (errno.ENOTCONN, errno.EPIPE)
        with pytest.raises(OSError, match=r".") as caught:
            sock.socket_error()
        assert caught.value.errno == code
        sock.socket_error(-1, async_=True, last_error=OSErrorCode(errno.EAGAIN))
        with pytest.raises(PermissionError):
            sock.socket_error(last_error=OSErrorCode(errno.EACCES))


def test_a_server_and_its_clients() -> None:
    with new_socket() as server:
        server.set_sock_opt(nimnet.OPT_REUSE_ADDR, True)
        server.bind_addr(address="127.0.0.1")
        server.listen()
        host, port = server.get_local_addr()
        with (
            nimnet.dial(host, port, timeout=20_000) as first,
            nimnet.dial(host, port, timeout=20_000) as second,
            server.accept(timeout=20_000) as one,
        ):
            two, address = server.accept_addr(timeout=20_000)
            with two:
                assert address == "127.0.0.1"
                first.send(b"line\r\nrest")
                assert one.recv_line(timeout=20_000) == b"line"
                assert one.recv(4, timeout=20_000) == b"rest"
                two.send(b"to the second")
                assert second.recv(13, timeout=20_000) == b"to the second"


def test_without_tls() -> None:
    with connected() as (sock, _):
        assert not sock.is_ssl()
        assert sock.get_psk_identity() == ""
        with pytest.raises(OSError, match="handshake needs a connected TLS socket"):
            sock.handshake()


def test_a_socket_is_not_copied() -> None:
    with new_socket() as sock, pytest.raises(TypeError):
        pickle.dumps(sock)
