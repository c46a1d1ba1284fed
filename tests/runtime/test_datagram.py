"""Datagrams: whole messages, their senders, and no pretence of a stream."""

import _socket
import errno
import os
import re
import socket
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from harness.loopback import (
    Background,
    open_descriptors,
    pair,
    refused_port,
    udp_endpoint,
    until_waiting,
)
from nimnet_runtime import deadline, system
from nimnet_runtime.address import parse_ip_address
from nimnet_runtime.deadline import UNBOUNDED, Deadline
from nimnet_runtime.description import host_and_port, packed_and_port, shown
from nimnet_runtime.endpoint import Endpoint
from nimnet_runtime.errors import PEEK, SAFE_DISCONN, TimeoutError
from nimnet_runtime.resolution import resolve
from nimnet_runtime.scopes import Scope

HOSTS = {socket.AF_INET: "127.0.0.1", socket.AF_INET6: "::1"}
TIMEOUTS = pytest.mark.parametrize("timeout", [-1, 5000], ids=["unbounded", "bounded"])
FAMILIES = pytest.mark.parametrize("family", list(HOSTS), ids=["v4", "v6"])


@contextmanager
def two(family: int = socket.AF_INET) -> Iterator[tuple[Endpoint, Endpoint, int]]:
    """A sender, a receiver and the receiver's port."""
    with closing(udp_endpoint(family)) as sender, closing(udp_endpoint(family)) as receiver:
        receiver.bind_addr(0, HOSTS[socket.AddressFamily(family)])
        yield sender, receiver, receiver.get_local_addr()[1]


@FAMILIES
@TIMEOUTS
def test_there_and_back(family: int, timeout: int) -> None:
    with two(family) as (sender, receiver, port):
        host = HOSTS[socket.AddressFamily(family)]
        sender.send_to(host, port, b"question", timeout)
        data, address, reply_port = receiver.recv_from(100, 0, timeout)
        assert (data, address, reply_port) == (b"question", host, sender.get_local_addr()[1])
        receiver.send_buffer_to(
            address, reply_port, memoryview(b"answer..."), 6, family, 0, timeout
        )
        assert sender.recv_from(100, 0, timeout) == (b"answer", host, port)


def test_a_name_is_resolved() -> None:
    with two() as (sender, receiver, port):
        sender.send_to("localhost", port, b"x", 5000)
        assert receiver.recv_from(1, 0, 5000)[0] == b"x"


def test_every_address_of_a_name_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    with two() as (sender, receiver, port):
        # Broadcasting is refused to a socket that has not asked for it.
        found = [
            (socket.AF_INET, socket.SOCK_DGRAM, 17, "", (host, port))
            for host in ("255.255.255.255", "127.0.0.1")
        ]
        monkeypatch.setattr(_socket, "getaddrinfo", lambda *_: found)
        sender.send_to("example.org", port, b"x", -1)
        assert receiver.recv_from(1, 0, 5000)[0] == b"x"
        del found[1]
        with pytest.raises(PermissionError, match=rf"send to 255\.255\.255\.255:{port}: "):
            sender.send_to("example.org", port, b"x", -1)


@FAMILIES
def test_where_the_last_message_went_is_remembered_for_that_place_alone(family: int) -> None:
    host = HOSTS[socket.AddressFamily(family)]
    with two(family) as (sender, receiver, port), two(family) as (_, other, other_port):
        for text in (b"first", b"again"):
            sender.send_to(host, port, text, -1)
            assert receiver.recv_from(10, 0, 5000)[0] == text
        for text in (b"elsewhere", b"once more"):
            sender.send_to(host, other_port, text, -1)
            assert other.recv_from(10, 0, 5000)[0] == text
        for wrong in (port - 65536, port + 65536):
            with pytest.raises(OSError, match="port must be within"):
                sender.send_to(host, wrong, b"x", -1)
        with pytest.raises(OSError, match=rf"send to .*:{other_port}: .*Message too long"):
            sender.send_to(host, other_port, bytes(70_000), -1)
        scope = Scope(0)
        scope.__enter__()
        with pytest.raises(TimeoutError, match="0 ms of fail_after have passed"):
            sender.send_to(host, other_port, b"late", -1)
        scope.leave()
        sender.close()
        with pytest.raises(OSError, match="the socket is closed") as caught:
            sender.send_to(host, other_port, b"x", -1)
        assert caught.value.errno == errno.EBADF
        with pytest.raises(TimeoutError):
            other.recv_from(10, 0, 0)


def test_a_name_is_asked_for_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    with two() as (sender, receiver, port):
        asked = []

        def answer(*_: object) -> list[object]:
            asked.append(port)
            return [(socket.AF_INET, socket.SOCK_DGRAM, 17, "", ("127.0.0.1", 0))]

        monkeypatch.setattr(_socket, "getaddrinfo", answer)
        for _ in range(2):
            sender.send_to("example.org", port, b"x", -1)
            assert receiver.recv_from(1, 0, 5000)[0] == b"x"
        assert len(asked) == 2


@TIMEOUTS
def test_the_system_is_asked_once_where_there_is_something(timeout: int) -> None:
    """And once more when it says so, where there was nothing."""

    class Counted(system.Socket):
        def recvfrom(self, *arguments: int) -> tuple[bytes, object]:
            calls.append(arguments)
            return super().recvfrom(*arguments)

    calls: list[tuple[int, ...]] = []
    with two() as (sender, receiver, port):
        descriptor = receiver.descriptor
        descriptor.sock = Counted(fileno=descriptor.sock.detach())
        descriptor.sock.settimeout(None)
        sender.send_to("127.0.0.1", port, b"x", -1)
        assert receiver.recv_from(1, 0, timeout)[0] == b"x"
        assert len(calls) == 1
        if timeout >= 0:
            receiving = Background(lambda: receiver.recv_from(1, 0, timeout))
            until_waiting(receiving)
            assert len(calls) == 2
            sender.send_to("127.0.0.1", port, b"y", -1)
            receiving.join()
            assert len(calls) == 3


@pytest.mark.parametrize("timeout", [-1, 5000])
def test_what_somebody_has_made_non_blocking_is_waited_for(timeout: int) -> None:
    with two() as (sender, receiver, port):
        os.set_blocking(receiver.get_fd(), False)
        receiving = Background(lambda: receiver.recv_from(1, 0, timeout))
        until_waiting(receiving)
        sender.send_to("127.0.0.1", port, b"x", -1)
        receiving.join()


@TIMEOUTS
def test_messages_stay_apart_and_are_cut(timeout: int) -> None:
    with two() as (sender, receiver, port):
        for message in (b"first", b"", b"third", b"fourth"):
            sender.send_to("127.0.0.1", port, message, timeout)
        assert receiver.recv_from(2, 0, timeout)[0] == b"fi"
        assert receiver.recv_from(100, 0, timeout)[0] == b""
        assert receiver.reader.receive(3, timeout, SAFE_DISCONN) == b"thi"
        room = bytearray(b"old contents")
        assert receiver.reader.receive_into(room, 100, timeout, SAFE_DISCONN) == 6
        assert room == b"fourth"


@TIMEOUTS
def test_huge_lengths(timeout: int) -> None:
    with two() as (sender, receiver, port):
        sender.send_to("127.0.0.1", port, bytes(65_000), timeout)
        assert len(receiver.recv_from(2**62, 0, timeout)[0]) == 65_000
        sender.send_to("127.0.0.1", port, bytes(65_000), timeout)
        assert len(receiver.reader.receive(2**62, timeout, 0)) == 65_000


def test_peeking() -> None:
    with two() as (sender, receiver, port):
        sender.send_to("127.0.0.1", port, b"x", -1)
        assert receiver.recv_from(1, socket.MSG_PEEK, 5000)[0] == b"x"
        assert receiver.recv_from(1, 0, 5000)[0] == b"x"


def test_a_peek_below_the_reader_leaves_the_message() -> None:
    with two() as (sender, receiver, port):
        sender.send_to("127.0.0.1", port, b"whole", -1)
        assert receiver.stream.peek(3, Deadline(5000)) == b"who"
        assert receiver.stream.pending() == 0
        assert receiver.stream.receive(9, UNBOUNDED) == b"whole"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux reports this reset")
@pytest.mark.parametrize("flags", [0, SAFE_DISCONN])
def test_safe_disconn_hides_a_peer_that_turned_away(flags: int) -> None:
    """Linux resets a Unix datagram pair when one end drops what it got and connects elsewhere."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    adopted = Endpoint.adopt(ours.detach(), socket.AF_UNIX, socket.SOCK_DGRAM, 0, True)
    with (
        theirs,
        closing(adopted) as endpoint,
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as other,
    ):
        other.bind("")  # a name that the system chooses
        endpoint.send(b"unread", 0, -1)
        theirs.connect(other.getsockname())
        if flags:
            assert endpoint.reader.receive(1, 5000, flags) == b""
        else:
            with pytest.raises(ConnectionResetError):
                endpoint.reader.receive(1, 5000, flags)


def test_a_bytearray_that_is_exported_during_the_wait_is_a_declared_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def ready(fds: Iterable[int], reading: bool, seconds: float | None) -> list[int]:
        views.append(memoryview(data))
        sender.send_to("127.0.0.1", port, b"message", -1)
        return system.ready(fds, reading, seconds)

    views: list[memoryview] = []
    data = bytearray(b"before")
    with two() as (sender, receiver, port):
        monkeypatch.setattr(deadline, "ready", ready)
        reader = receiver.reader
        with pytest.raises(OSError, match="cannot be resized") as caught:
            reader.receive_into(data, 7, 5000, 0)
        assert caught.value.errno == errno.EINVAL
        assert data == b"before"
        assert reader.receive(7, 0, 0) == b"message"


@pytest.mark.parametrize("flags", [socket.MSG_DONTWAIT, socket.MSG_TRUNC, -1, 2**40])
def test_flags_that_would_break_a_promise(flags: int) -> None:
    with two() as (sender, receiver, port):
        with pytest.raises(OSError, match="flags") as caught:
            receiver.recv_from(1, flags, -1)
        assert caught.value.errno == errno.EINVAL
        with pytest.raises(OSError, match="flags"):
            sender.send_buffer_to("127.0.0.1", port, memoryview(b"x"), 1, 2, flags, -1)


def test_timeouts() -> None:
    with two() as (sender, receiver, port):
        began = time.monotonic()
        for timeout in (0, 20):
            with pytest.raises(TimeoutError, match=f"{timeout} ms"):
                receiver.recv_from(1, 0, timeout)
            with pytest.raises(TimeoutError, match=f"{timeout} ms"):
                receiver.reader.receive(1, timeout, 0)
        assert time.monotonic() - began < 5
        sender.send_to("127.0.0.1", port, b"x", 0)
        assert receiver.recv_from(1, 0, 5000)[0] == b"x"


def test_connected() -> None:
    with two() as (sender, receiver, port):
        sender.connect("127.0.0.1", port)
        sender.send(b"one", 0, -1)
        sender.send(b"", 0, 1000)
        assert sender.try_send(b"two")
        assert sender.send_or_error(memoryview(b"three"), 3) == 3
        got = [receiver.reader.receive(100, 5000, 0) for _ in range(4)]
        assert got == [b"one", b"", b"two", b"thr"]
        assert sender.get_peer_addr() == ("127.0.0.1", port)


def test_low_level_forms() -> None:
    with two() as (sender, receiver, port):
        room = bytearray(4)
        for message in (b"ab", b"cd"):
            sender.send_to("127.0.0.1", port, message, -1)
        assert receiver.reader.receive_buffer(memoryview(room), 4, 5000) == 2
        assert receiver.reader.receive_or_error(memoryview(room)[2:], 2) == 2
        assert room == b"abcd"
        assert receiver.reader.receive_or_error(memoryview(room), 5) == -1
        assert receiver.get_socket_error() == errno.EINVAL


def test_refusal_by_the_peer_is_reported_once_and_is_no_end() -> None:
    with closing(udp_endpoint()) as endpoint:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
            peer.bind(("127.0.0.1", 0))
            endpoint.connect("127.0.0.1", peer.getsockname()[1])
        endpoint.send(b"x", 0, -1)
        with pytest.raises(ConnectionRefusedError):
            endpoint.reader.receive(1, 5000, SAFE_DISCONN)
        with pytest.raises(TimeoutError):
            endpoint.reader.receive(1, 10, SAFE_DISCONN)


def test_unix_datagrams(tmp_path: Path) -> None:
    def datagram() -> Endpoint:
        return Endpoint.create(socket.AF_UNIX, socket.SOCK_DGRAM, 0, True)

    with closing(datagram()) as server, closing(datagram()) as client:
        server.bind_unix(str(tmp_path / "server"))
        client.bind_unix(str(tmp_path / "client"))
        client.connect_unix(str(tmp_path / "server"), -1)
        client.send(b"x", 0, -1)
        assert server.recv_from(10, 0, 5000) == (b"x", str(tmp_path / "client"), 0)
        assert client.get_local_addr() == (str(tmp_path / "client"), 0)
        with pytest.raises(OSError, match="port must be 0: a path is all"):
            client.send_to("127.0.0.1", 1, b"x", -1)

        def fill() -> None:
            for _ in range(10_000):
                client.send(b"x", 0, 10)

        with pytest.raises(TimeoutError):
            fill()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not wait for room")
@pytest.mark.parametrize("connected", [True, False], ids=["connected", "to a path"])
@pytest.mark.parametrize("timeout", [-1, 20_000], ids=["unbounded", "bounded"])
def test_room_with_a_unix_receiver(tmp_path: Path, timeout: int, connected: bool) -> None:
    """Who waits for it goes on when it is there, and is woken by a close."""
    path = str(tmp_path / "receiver")
    with (
        closing(Endpoint.create(socket.AF_UNIX, socket.SOCK_DGRAM, 0, True)) as receiver,
        closing(Endpoint.create(socket.AF_UNIX, socket.SOCK_DGRAM, 0, True)) as sender,
    ):
        receiver.bind_unix(path)
        if connected:
            sender.connect_unix(path, -1)

        def send(timeout: int) -> None:
            if connected:
                sender.send(b"x", 0, timeout)
            else:
                sender.send_to(path, 0, b"x", timeout)

        def fill() -> None:
            for _ in range(10_000):
                send(0)

        with pytest.raises(TimeoutError):
            fill()
        waiting = Background(lambda: send(timeout))
        until_waiting(waiting)
        assert receiver.recv_from(1, 0, 5000)[0] == b"x"
        waiting.join()
        waiting = Background(lambda: send(timeout))
        until_waiting(waiting)
        sender.close()
        with pytest.raises(OSError, match="closed while this call was using it"):
            waiting.join()


def test_the_bytes_of_a_sender_are_its_address() -> None:
    with two() as (sender, receiver, port):
        assert sender.send_to_ip(bytes([127, 0, 0, 1]), port, memoryview(b"question"), 0, -1) == 8
        data, packed, reply_port = receiver.recv_from_ip(100, 0, 5000)
        assert (data, packed) == (b"question", bytes([127, 0, 0, 1]))
        assert receiver.send_to_ip(packed, reply_port, b"answer", 0, 5000) == 6
        assert sender.recv_from(100, 0, 5000)[0] == b"answer"


@pytest.mark.parametrize("name", ["accept", "accept_addr"])
def test_nobody_connects(name: str) -> None:
    with two() as (_, receiver, _), pytest.raises(OSError, match=rf"\] {name} needs a stream"):
        getattr(receiver, name)(None, -1)


def test_no_lines_and_no_bytes_to_skip() -> None:
    with two() as (sender, receiver, port):
        sender.send_to("127.0.0.1", port, b"line\n", -1)
        reader = receiver.reader
        for call in (
            lambda: reader.recv_line(-1, 2, 100),
            lambda: reader.read_line(bytearray(), -1, 2, 100),
            lambda: reader.skip(1, -1),
            lambda: reader.lines(-1, 2, 100),
            lambda: reader.receive_until(b"\n", -1, 2, 100),
            lambda: reader.expect([b"\n"], -1, 2, 100),
        ):
            with pytest.raises(OSError, match=r"needs a stream socket; .* recv_from") as caught:
                call()
            assert caught.value.errno == errno.EOPNOTSUPP
        with pytest.raises(TypeError, match=r"patterns\[0\] is a regex of str"):
            reader.expect([re.compile("\n")], -1, 2, 100)  # type: ignore[arg-type]  # as on a stream
        assert not reader.has_data_buffered()
        assert reader.receive(0, -1, 0) == b""
        assert reader.receive(100, 5000, 0) == b"line\n"


def test_bad_arguments_consume_nothing() -> None:
    with two() as (sender, receiver, port):
        sender.send_to("127.0.0.1", port, b"x", -1)
        reader = receiver.reader
        viewed = bytearray(b"12")
        with memoryview(viewed):
            for call in (
                lambda: reader.receive(-1, -1, 0),
                lambda: reader.receive(1, -7, 0),
                lambda: reader.receive(1, -1, PEEK),
                lambda: reader.receive_into(viewed, 1, -1, 0),
                lambda: reader.receive_buffer(memoryview(b"ro"), 1, -1),
                lambda: reader.receive_buffer(memoryview(bytearray(1)), 2, -1),
                lambda: reader.receive_some(0, -1, 0),
                lambda: reader.receive_some(1, -1, PEEK),
                lambda: reader.receive_some_into(memoryview(bytearray()), -1, 0),
                lambda: receiver.recv_from(-1, 0, -1),
                lambda: receiver.recv_from(1, 0, -7),
            ):
                with pytest.raises(OSError, match=r"must|only the flag|cannot be resized"):
                    call()
        assert reader.receive(100, 5000, 0) == b"x"


@pytest.mark.parametrize("family", list(HOSTS), ids=["v4", "v6"])
def test_the_family_to_look_for_must_be_the_sockets(family: int) -> None:
    own = "AF_INET6" if family == socket.AF_INET6 else "AF_INET"
    others = {socket.AF_INET, socket.AF_INET6, socket.AF_UNSPEC, socket.AF_UNIX, 4321} - {family}
    with two(family) as (sender, receiver, port):
        for af in others:
            for host in (*HOSTS.values(), "localhost"):
                with pytest.raises(OSError, match=f"^.*af must be {own}, the family") as caught:
                    sender.send_buffer_to(host, port, memoryview(b"x"), 1, af, 0, 5000)
                assert caught.value.errno == errno.EINVAL
        host = HOSTS[socket.AddressFamily(family)]
        sender.send_buffer_to(host, port, memoryview(b"xy"), 1, family, 0, 5000)
        assert receiver.recv_from(10, 0, 5000)[0] == b"x"


def test_recv_from_on_a_stream() -> None:
    with pair() as (endpoint, peer):
        peer.sendall(b"x")
        assert endpoint.recv_from(10, 0, 5000) == (b"x", "", 0)


def test_link_local_senders_keep_their_zone() -> None:
    assert host_and_port(("fe80::1", 7, 0, 3)) == ("fe80::1%3", 7)
    assert shown(("fe80::1", 7, 0, 0)) == "[fe80::1]:7"
    assert packed_and_port(("fe80::1", 7, 0, 3)) == (parse_ip_address("fe80::1"), 7)
    assert (host_and_port(b"\0abstract"), shown(b"\0abstract")) == (("\0abstract", 0), "@abstract")
    again = resolve("fe80::1%1", 7, 0, socket.SOCK_DGRAM, UNBOUNDED)
    assert again == [(socket.AF_INET6, ("fe80::1", 7, 0, 1))]


def test_a_send_that_waits_for_another_tries_no_second_address() -> None:
    with two() as (sender, _, port):
        taken, done = threading.Event(), threading.Event()

        def hold() -> None:
            with sender.descriptor.writing.lock:
                taken.set()
                done.wait(20)

        holding = Background(hold)
        taken.wait(20)
        with pytest.raises(TimeoutError, match="10 ms"):
            sender.send_to("127.0.0.1", port, b"x", 10)
        done.set()
        holding.join()
        sender.send_to("127.0.0.1", port, b"x", 5000)


def test_a_send_to_nobody_leaks_nothing() -> None:
    with two() as (sender, _, _port):
        before = open_descriptors()
        with pytest.raises(OSError, match="not empty"):
            sender.send_to("", refused_port(), b"x", -1)
        with pytest.raises(OSError, match="needs a socket of AF_INET6"):
            sender.send_to("::1", 1, b"x", -1)
        with pytest.raises(OSError, match=r"[Dd]estination address required"):
            sender.send(b"x", 0, -1)
        assert open_descriptors() == before
