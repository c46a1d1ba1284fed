"""Arguments no call could succeed with: a declared error that says what would be right.

Afterwards the socket is as it was.
"""

import errno
import os
import socket
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import nimnet_runtime
import pytest
from harness.loopback import pair, stream_endpoint, udp_endpoint
from nimnet_runtime import errors, options
from nimnet_runtime.dialing import dial
from nimnet_runtime.endpoint import Endpoint
from nimnet_runtime.errors import PEEK, SAFE_DISCONN
from nimnet_runtime.reader import Reader

SOL_SOCKET = socket.SOL_SOCKET
HUGE = 2**70
HOSTS = {
    "": "not empty",
    "a\0b": "NUL",
    "x" * 64: "labels",
    "x" * 300: "300 characters",
    "\u00fc" * 100: "IDNA",
    "\ud800.example": "IDNA",
    "::1": "needs a socket of AF_INET6",
}
PATHS = {
    "": "not empty",
    "a\0b": "NUL",
    "\0" + "x" * 108: "at most 108",
    "x" * 108: "at most 107",
    "\u00fc" * 54: "has 108 bytes",
    "\ud83d": "encoded",
}


def unused() -> Endpoint:
    return stream_endpoint()


@pytest.mark.parametrize(("host", "reason"), HOSTS.items())
def test_hosts(host: str, reason: str) -> None:
    with closing(unused()) as endpoint, closing(udp_endpoint()) as udp:
        before = endpoint.describe()
        calls: list[Callable[[], object]] = [
            lambda: endpoint.connect(host, 80),
            lambda: endpoint.connect_within(host, 80, 1000),
            lambda: udp.send_to(host, 80, b"x", -1),
        ]
        for call in calls:
            with pytest.raises(OSError, match=reason):
                call()
        assert endpoint.describe() == before
        assert os.get_blocking(endpoint.fileno())
        if host and host != "::1":
            with pytest.raises(ValueError, match=reason):
                endpoint.bind_addr(0, host)
        endpoint.bind_addr(0, "127.0.0.1")


@pytest.mark.parametrize("port", [-1, 65536, HUGE])
def test_ports(port: int) -> None:
    with closing(unused()) as endpoint, closing(udp_endpoint()) as udp:
        calls: list[Callable[[], object]] = [
            lambda: endpoint.connect("127.0.0.1", port),
            lambda: endpoint.connect_within("127.0.0.1", port, 1000),
            lambda: udp.send_to("127.0.0.1", port, b"x", -1),
        ]
        for call in calls:
            with pytest.raises(OSError, match=r"port must be within 0\.\.65535") as caught:
                call()
            assert caught.value.errno == errno.EINVAL
        with pytest.raises(ValueError, match=r"port must be within 0\.\.65535"):
            endpoint.bind_addr(port, "")


@pytest.mark.parametrize(("path", "reason"), PATHS.items())
def test_paths(path: str, reason: str, tmp_path: Path) -> None:
    with closing(stream_endpoint("unix")) as endpoint:
        calls: list[Callable[[], object]] = [
            lambda: endpoint.connect_unix(path, -1),
            lambda: endpoint.connect_unix(path, 100),
            lambda: endpoint.bind_unix(path),
        ]
        for call in calls:
            with pytest.raises(OSError, match=reason):
                call()
        endpoint.bind_unix(str(tmp_path / "s"))


def test_the_longest_path_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with closing(stream_endpoint("unix")) as endpoint:
        endpoint.bind_unix("x" * 107)
        assert endpoint.get_local_addr() == ("x" * 107, 0)


def test_the_wrong_domain() -> None:
    with closing(unused()) as ip, closing(stream_endpoint("unix")) as unix:
        cases: list[tuple[Callable[[], object], str]] = [
            (lambda: ip.connect_unix("/tmp/x", -1), r"use connect\(address, port\)"),
            (lambda: ip.bind_unix("/tmp/x"), r"use bind_addr\(port\)"),
            (lambda: unix.connect("127.0.0.1", 80), r"use connect_unix\(path\)"),
            (lambda: unix.connect_within("127.0.0.1", 80, 1), r"use connect_unix\(path\)"),
            (lambda: unix.bind_addr(0, ""), r"use bind_unix\(path\)"),
        ]
        for call, reason in cases:
            with pytest.raises(OSError, match=reason) as caught:
                call()
            assert caught.value.errno == errno.EINVAL


@pytest.mark.parametrize("timeout", [-2, -5, 2**63, HUGE])
def test_timeouts(timeout: int) -> None:
    with pair() as (endpoint, peer), closing(udp_endpoint()) as udp:
        for call in (
            lambda: endpoint.connect_within("127.0.0.1", 80, timeout),
            lambda: endpoint.accept(SAFE_DISCONN, timeout),
            lambda: endpoint.send(b"x", SAFE_DISCONN, timeout),
            lambda: endpoint.reader.receive(1, timeout, SAFE_DISCONN),
            lambda: endpoint.reader.recv_line(timeout, SAFE_DISCONN, 100),
            lambda: endpoint.reader.skip(1, timeout),
            lambda: udp.send_to("127.0.0.1", 80, b"x", timeout),
            lambda: udp.recv_from(1, 0, timeout),
        ):
            with pytest.raises(OSError, match="timeout must be -1") as caught:
                call()
            assert caught.value.errno == errno.EINVAL
        endpoint.send(b"x", 0, -1)
        assert peer.recv(10) == b"x"


@pytest.mark.parametrize("flags", [PEEK, PEEK | SAFE_DISCONN, 4, -1])
def test_flags(flags: int) -> None:
    with pair() as (endpoint, peer):
        peer.sendall(b"x")
        for call in (
            lambda: endpoint.send(b"y", flags, -1),
            lambda: endpoint.accept(flags, -1),
            lambda: endpoint.reader.receive(1, -1, flags),
            lambda: endpoint.reader.recv_line(-1, flags, 10),
        ):
            with pytest.raises(OSError, match="SAFE_DISCONN") as caught:
                call()
            assert caught.value.errno == errno.EOPNOTSUPP
        assert endpoint.reader.receive(1, -1, 0) == b"x"


def test_sizes_of_low_level_sends() -> None:
    with pair() as (endpoint, peer):
        view = memoryview(b"abc")
        for size in (-1, 4, HUGE):
            assert endpoint.send_or_error(view, size) == -1
            assert endpoint.get_socket_error() == errno.EINVAL
        assert endpoint.send_or_error(memoryview(b"abc"), 0) == 0
        assert endpoint.send_or_error(memoryview(b"abc"), 2) == 2
        assert peer.recv(10) == b"ab"


def test_released_memoryviews() -> None:
    view = memoryview(bytearray(b"abc"))
    view.release()
    with pair() as (endpoint, peer), closing(udp_endpoint()) as udp:
        calls: list[Callable[[], object]] = [
            lambda: endpoint.send(view, SAFE_DISCONN, -1),
            lambda: endpoint.send(view, 0, 1000),
            lambda: endpoint.reader.receive_buffer(view, 1, 1000),
            lambda: udp.reader.receive_buffer(view, 1, 1000),
            lambda: endpoint.reader.receive_some_into(view, 1000, 0),
            lambda: endpoint.reader.receive_until(view, 1000, 0, 100),
            lambda: udp.reader.receive_some_into(view, 1000, 0),
            lambda: udp.send_to("127.0.0.1", 9, view, -1),
            lambda: udp.send_buffer_to("127.0.0.1", 9, view, 1, socket.AF_INET, 0, -1),
        ]
        for call in calls:
            with pytest.raises(OSError, match="the memoryview data has been released") as caught:
                call()
            assert caught.value.errno == errno.EINVAL
        silent: list[tuple[Endpoint, Callable[[], int]]] = [
            (endpoint, lambda: endpoint.send_or_error(view, 1)),
            (endpoint, lambda: endpoint.reader.receive_or_error(view, 1)),
            (endpoint, lambda: endpoint.try_send(view) - 1),
            (udp, lambda: udp.send_or_error(view, 1)),
            (udp, lambda: udp.reader.receive_or_error(view, 1)),
        ]
        for one, low_level in silent:
            one.reader.last_error = 0
            assert low_level() == -1
            assert one.get_socket_error() == errno.EINVAL
        endpoint.send(b"still usable")
        assert peer.recv(20) == b"still usable"


def test_streams_and_datagrams_say_the_same() -> None:
    viewed = bytearray(b"12")
    with pair() as (endpoint, _), closing(udp_endpoint()) as udp, memoryview(viewed):
        calls: list[Callable[[Reader], object]] = [
            lambda reader: reader.receive(-1, -1, 0),
            lambda reader: reader.receive_into(bytearray(), -2, -1, 0),
            lambda reader: reader.receive_into(viewed, 1, -1, 0),
            lambda reader: reader.receive_buffer(memoryview(b"ro"), 1, -1),
            lambda reader: reader.receive_buffer(memoryview(bytearray(4))[::2], 1, -1),
            lambda reader: reader.receive_buffer(memoryview(bytearray(1)), 2, -1),
            lambda reader: reader.receive_buffer(memoryview(bytearray(1)), -2, -1),
            lambda reader: reader.receive_some(0, -1, 0),
            lambda reader: reader.receive_some(-1, -1, 0),
            lambda reader: reader.receive_some_into(memoryview(b"ro"), -1, 0),
            lambda reader: reader.receive_some_into(memoryview(bytearray(4))[::2], -1, 0),
            lambda reader: reader.receive_some_into(memoryview(bytearray()), -1, 0),
        ]
        for call in calls:
            said = []
            for reader in (endpoint.reader, udp.reader):
                with pytest.raises(OSError, match=r"must|cannot") as caught:
                    call(reader)
                said.append(str(caught.value))
            assert said[0] == said[1]


def test_numbers_too_long_to_be_written_out() -> None:
    number = 10**5000
    with pair() as (endpoint, _), closing(udp_endpoint()) as udp:
        reader = endpoint.reader
        view = memoryview(bytearray(1))
        cases: list[tuple[Callable[[], object], str]] = [
            (lambda: reader.receive(-number, -1, 0), "size"),
            (lambda: reader.receive_some(-number, -1, 0), "size"),
            (lambda: reader.receive_buffer(view, number, -1), "size"),
            (lambda: reader.receive_buffer(view, -number, -1), "size"),
            (lambda: reader.recv_line(-1, 0, -number), "max_length"),
            (lambda: reader.receive_until(b";", -1, 0, -number), "max_length"),
            (lambda: reader.expect([b";"], -1, 0, -number), "max_length"),
            (lambda: reader.recv_line(number, 0, 10), "timeout"),
            (lambda: reader.skip(-number, -1), "size"),
            (lambda: udp.recv_from(-number, 0, -1), "length"),
            (lambda: udp.send_to("127.0.0.1", number, b"", -1), "port"),
            (lambda: udp.send_buffer_to("127.0.0.1", 9, view, number, 2, 0, -1), "size"),
            (lambda: udp.send_buffer_to("127.0.0.1", 9, view, 1, number, 0, -1), "af"),
            (lambda: endpoint.get_sock_opt(number, SOL_SOCKET), "opt"),
            (lambda: endpoint.get_sock_opt(0, number), "level"),
            (lambda: endpoint.listen(-number), "backlog"),
            (lambda: endpoint.socket_error(-1, False, number), "last_error"),
            (lambda: dial("127.0.0.1", 1, number, True, -1), "protocol"),
            (lambda: Endpoint.create(number, 1, 6, True), "domain"),
        ]
        for call, name in cases:
            with pytest.raises(OSError, match=f"{name} must"):
                call()
        with pytest.raises(ValueError, match="port must be within"):
            endpoint.bind_addr(number, "")


@pytest.mark.parametrize("backlog", [-1, 2**31, HUGE])
def test_backlogs(backlog: int) -> None:
    with closing(unused()) as endpoint:
        with pytest.raises(OSError, match="backlog must"):
            endpoint.listen(backlog)
        assert not endpoint.get_sock_opt(0, SOL_SOCKET)
        endpoint.listen(0)
        assert endpoint.get_sock_opt(0, SOL_SOCKET)


def test_listening_on_a_datagram_socket() -> None:
    with closing(udp_endpoint()) as endpoint, pytest.raises(OSError, match=r"listen: "):
        endpoint.listen(5)


def test_every_option_has_a_number_of_the_system() -> None:
    ordinals = [value for value in vars(options.Option).values() if isinstance(value, int)]
    assert list(options.NUMBERS) == ordinals == list(range(len(ordinals)))


def test_options() -> None:
    with closing(unused()) as endpoint:
        for opt in (-1, 9, HUGE):
            assert options.to_c_int(opt) == -1
            with pytest.raises(OSError, match="opt must be a member of SOBool"):
                endpoint.get_sock_opt(opt, SOL_SOCKET)
            with pytest.raises(OSError, match="opt must be a member of SOBool"):
                endpoint.set_sock_opt(opt, True, SOL_SOCKET)
        with pytest.raises(OSError, match="level must fit in 32 bits"):
            endpoint.get_sock_opt(4, HUGE)
        for call in (
            lambda: endpoint.get_sock_opt(8, SOL_SOCKET),
            lambda: endpoint.set_sock_opt(8, True, SOL_SOCKET),
        ):
            with pytest.raises(OSError, match="pass level=IPPROTO_TCP"):
                call()
        with pytest.raises(OSError, match=r"set option \d+ at level \d+: "):
            endpoint.set_sock_opt(0, True, SOL_SOCKET)
        with pytest.raises(OSError, match=r"get option \d+ at level 12345: "):
            endpoint.get_sock_opt(4, 12345)


def test_options_take_effect() -> None:
    with closing(unused()) as endpoint:
        for opt, level, number in (
            (1, SOL_SOCKET, socket.SO_BROADCAST),
            (3, SOL_SOCKET, socket.SO_DONTROUTE),
            (4, SOL_SOCKET, socket.SO_KEEPALIVE),
            (5, SOL_SOCKET, socket.SO_OOBINLINE),
            (6, SOL_SOCKET, socket.SO_REUSEADDR),
            (7, SOL_SOCKET, socket.SO_REUSEPORT),
            (8, socket.IPPROTO_TCP, socket.TCP_NODELAY),
        ):
            assert options.to_c_int(opt) == number
            for value in (True, False):
                endpoint.set_sock_opt(opt, value, level)
                assert endpoint.get_sock_opt(opt, level) is value
                assert bool(endpoint.descriptor.sock.getsockopt(level, number)) is value


@pytest.mark.parametrize(
    ("domain", "sock_type", "protocol", "reason"),
    [
        (socket.AF_UNIX, socket.SOCK_STREAM, socket.IPPROTO_TCP, "protocol=IPPROTO_IP"),
        (socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_TCP, "protocol=IPPROTO_UDP"),
        (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_UDP, "protocol=IPPROTO_TCP"),
        (12345, socket.SOCK_STREAM, 0, "create a socket: "),
        (HUGE, socket.SOCK_STREAM, 0, "domain must fit"),
        (socket.AF_INET, -HUGE, 0, "sock_type must fit"),
        (socket.AF_INET, socket.SOCK_STREAM, HUGE, "protocol must fit"),
    ],
)
def test_sockets_there_are_not(domain: int, sock_type: int, protocol: int, reason: str) -> None:
    with pytest.raises(OSError, match=reason):
        Endpoint.create(domain, sock_type, protocol, True)


def test_type_flags_make_no_difference() -> None:
    flags = socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC
    with closing(Endpoint.create(2, socket.SOCK_STREAM | flags, 6, True)) as endpoint:
        assert os.get_blocking(endpoint.fileno())
        assert endpoint.sock_type == socket.SOCK_STREAM


def test_a_wrong_type_stays_a_type_error() -> None:
    with closing(unused()) as endpoint, closing(stream_endpoint("unix")) as unix:
        calls: list[Callable[[], object]] = [
            lambda: endpoint.bind_addr(1, []),  # type: ignore[arg-type]  # untyped code might
            lambda: endpoint.bind_addr(1, ["a"]),  # type: ignore[arg-type]  # untyped code might
            lambda: endpoint.connect_within(["a"], 1, 10),  # type: ignore[arg-type]  # untyped code might
            lambda: unix.connect_unix([], -1),  # type: ignore[arg-type]  # untyped code might
            lambda: unix.bind_unix(b"/tmp/x"),  # type: ignore[arg-type]  # untyped code might
            lambda: endpoint.connect(None, 80),  # type: ignore[arg-type]  # untyped code might
            lambda: endpoint.connect("127.0.0.1", "80"),  # type: ignore[arg-type]  # untyped code might
            lambda: endpoint.send("text", 0, -1),  # type: ignore[arg-type]  # untyped code might
            lambda: endpoint.bind_addr("80", ""),  # type: ignore[arg-type]  # untyped code might
        ]
        for call in calls:
            with pytest.raises(TypeError):
                call()


def test_recorded_errors() -> None:
    with pair() as (endpoint, _):
        with pytest.raises(OSError, match="no error is recorded"):
            endpoint.get_socket_error()
        endpoint.socket_error(0, False, errno.EPIPE)
        with pytest.raises(BrokenPipeError, match="Broken pipe"):
            endpoint.socket_error(-1, False, errno.EPIPE)
        endpoint.socket_error(-1, True, errno.EAGAIN)
        with pytest.raises(BlockingIOError):
            endpoint.socket_error(-1, False, errno.EAGAIN)
        with pytest.raises(BrokenPipeError):
            endpoint.socket_error(-1, True, errno.EPIPE)
        with pytest.raises(OSError, match="no error is recorded"):
            endpoint.socket_error(-1, False, -1)
        for nothing in (0, -2):
            with pytest.raises(OSError, match=f"last_error must be an error number.*not {nothing}"):
                endpoint.socket_error(-1, False, nothing)
        with pytest.raises(OSError, match="last_error must fit"):
            endpoint.socket_error(-1, False, HUGE)
        endpoint.send_or_error(memoryview(b""), 1)
        with pytest.raises(OSError, match="Invalid argument") as caught:
            endpoint.socket_error(-1, False, -1)
        assert caught.value.errno == endpoint.get_socket_error() == errno.EINVAL


def test_numbers_of_disconnections() -> None:
    for number in (errno.ECONNRESET, errno.EPIPE, errno.ENETRESET, errno.ECONNABORTED):
        assert errors.is_disconnection_error(SAFE_DISCONN, number)
        assert errors.is_disconnection_error(SAFE_DISCONN | PEEK, number)
        assert not errors.is_disconnection_error(PEEK, number)
    for number in (0, -1, errno.ETIMEDOUT, errno.EBADF, errno.ECONNREFUSED, errno.EAGAIN):
        assert not errors.is_disconnection_error(SAFE_DISCONN, number)


def test_flags_for_the_system() -> None:
    assert errors.to_os_flags(0) == errors.to_os_flags(SAFE_DISCONN) == 0
    assert errors.to_os_flags(PEEK) == errors.to_os_flags(PEEK | SAFE_DISCONN) == socket.MSG_PEEK


def test_the_systems_timeout_is_not_ours() -> None:
    with closing(unused()) as endpoint, pytest.raises(TimeoutError) as caught:
        endpoint.socket_error(-1, False, errno.ETIMEDOUT)
    assert not isinstance(caught.value, errors.TimeoutError)


def test_an_error_of_python_s_own_gets_a_number() -> None:
    explained = errors.in_context(OSError("getsockaddrarg: bad family"), "bind to x")
    assert (explained.errno, explained.strerror) == (
        errno.EIO,
        "bind to x: getsockaddrarg: bad family",
    )


def test_descriptions() -> None:
    with pair() as (endpoint, _), pair("unix", buffered=False) as (unix, _):
        (host, port), (peer_host, peer_port) = endpoint.get_local_addr(), endpoint.get_peer_addr()
        expected = f"stream AF_INET {host}:{port} -> {peer_host}:{peer_port} buffered"
        assert endpoint.describe() == expected
        assert repr(endpoint) == f"<socket {endpoint.fileno()}: {expected}>"
        assert unix.describe() == f"stream AF_UNIX -> {unix.get_peer_addr()[0]} unbuffered"
    odd = Endpoint.adopt(-1, 4321, 99, 0, True)
    assert odd.describe() == "99 4321 closed"


def test_a_megabyte_is_no_path() -> None:
    with closing(stream_endpoint("unix")) as endpoint:
        for path in ("x" * (1 << 20), "/x" * (1 << 19), "\u00fc" * (1 << 20)):
            for call in (endpoint.bind_unix, lambda path: endpoint.connect_unix(path, -1)):
                began = time.perf_counter()
                with pytest.raises(OSError, match="at most 107") as caught:
                    call(path)
                assert time.perf_counter() - began < 0.2
                assert len(str(caught.value)) < 1000


def test_no_message_repeats_a_text_of_any_length() -> None:
    """Whatever a caller passes stands in a message by way of `errors.quoted`, which has a bound."""
    rooms = Path(nimnet_runtime.__file__).parent
    quoting = {room.name for room in rooms.rglob("*.py") if "!r}" in room.read_text()}
    assert quoting == {"errors.py"}
    assert errors.quoted("it's") == '"it\'s"'
    assert errors.quoted("x" * 256) == repr("x" * 256)
    assert errors.quoted("x" * (1 << 20)) == f"'{'x' * 256}'..."
