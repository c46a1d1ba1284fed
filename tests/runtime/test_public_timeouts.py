"""What a `TimeoutError` tells: of every call that can end with one, by its timeout or a block's.

The call and its peer, what it was waiting for, and how far it had come.
"""

from __future__ import annotations

import ast
import errno
import re
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

import nimnet
import pytest
from harness.authority import Authority
from harness.loopback import listening, silent_server
from harness.resolver import answering_for, known
from nimnet import (
    AF_INET,
    AF_UNIX,
    C_VERIFY_NONE,
    HANDSHAKE_AS_CLIENT,
    IPPROTO_IP,
    IPPROTO_UDP,
    SOCK_DGRAM,
    SOCK_STREAM,
    Port,
    Socket,
    new_context,
    new_socket,
)

MUCH: Final = bytes(1 << 26)
"""More than the buffers of any socket take."""
LONG: Final = 20_000
SLOW: Final = "slow.example"
"""A name that the resolver does not find in time."""

Call = Callable[[int], object]
"""A call, of its timeout."""
CAME: Final = r" \(3 of 9 bytes had come; they stay for the next call\)"
LINE_CAME: Final = r" \(3 bytes had come; they stay for the next call\)"
HANDSHAKE: Final = "in the TLS handshake, of which 0 bytes had come"


class Stage(ExitStack):
    """What the calls need; closed with it."""

    def connected(self, sent: bytes = b"") -> Socket:
        """Returns a socket whose peer has sent something, and says nothing more."""
        listener = self.enter_context(listening())
        sock = self.enter_context(new_socket())
        sock.connect("127.0.0.1", Port(listener.getsockname()[1]), timeout=LONG)
        peer = self.enter_context(listener.accept()[0])
        if sent:
            peer.sendall(b"-" + sent)
            assert sock.recv(1, LONG) == b"-"  # all of it is here now
        return sock

    def server(self) -> Socket:
        server = self.enter_context(new_socket())
        server.bind_addr(address="127.0.0.1")
        server.listen()
        return server

    def accepted_by_tls(self) -> Socket:
        """Returns a TLS socket whose client says nothing."""
        server = self.server()
        folder = self.enter_context(tempfile.TemporaryDirectory())
        identity = Authority(Path(folder)).issue()
        context = new_context(
            verify_mode=C_VERIFY_NONE, cert_file=identity.cert_file, key_file=identity.key_file
        )
        context.wrap_socket(server)
        self.enter_context(nimnet.dial("127.0.0.1", server.get_local_addr()[1], timeout=LONG))
        return self.enter_context(server.accept(timeout=LONG))

    def bound_udp(self) -> Socket:
        sock = self.enter_context(new_socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP))
        sock.bind_addr(address="127.0.0.1")
        return sock


class Told(NamedTuple):
    """A call, and what its message says before and after it names the deadline.

    Attributes:
        make: Sets the stage; returns the call, and the address for `PEER`.
        what: The call and its peer.
        why: What it was waiting for, and how far it had come.
    """

    make: Callable[[Stage], tuple[Call, str]]
    what: str
    why: str


def peer_of(sock: Socket) -> str:
    host, port = sock.get_peer_addr()
    return f"{host}:{port}"


def reading(call: str, read: Callable[[Socket, int], object], came: str = CAME) -> Told:
    """Returns a call on a socket whose peer has sent `abc`."""

    def make(stage: Stage) -> tuple[Call, str]:
        sock = stage.connected(b"abc")
        return lambda timeout: read(sock, timeout), peer_of(sock)

    return Told(make, f"{call} from PEER", "waiting for data" + came)


def on(
    socket: Callable[[Stage], Socket], call: Callable[[Socket, int], object], what: str, why: str
) -> Told:
    """Returns a call on any other socket."""

    def make(stage: Stage) -> tuple[Call, str]:
        sock = socket(stage)
        try:
            where = peer_of(sock)
        except OSError:
            where = "{}:{}".format(*sock.get_local_addr())
        return lambda timeout: call(sock, timeout), where

    return Told(make, what, why)


def recv_some(sock: Socket, timeout: int) -> None:
    assert sock.recv_some(9, timeout) == b"abc"
    sock.recv_some(9, timeout)


def recv_some_into(sock: Socket, timeout: int) -> None:
    room = memoryview(bytearray(9))
    assert sock.recv_some(room, timeout) == 3
    sock.recv_some(room, timeout)


def connecting(stage: Stage) -> tuple[Call, str]:
    host, port = stage.enter_context(silent_server())
    sock = stage.enter_context(new_socket())
    return lambda timeout: sock.connect(host, Port(port), timeout=timeout), f"{host}:{port}"


def dialling(stage: Stage) -> tuple[Call, str]:
    host, port = stage.enter_context(silent_server())
    return lambda timeout: nimnet.dial(host, Port(port), timeout=timeout), f"{host}:{port}"


def dialling_by_tls(stage: Stage) -> tuple[Call, str]:
    listener = stage.enter_context(listening())
    port = Port(listener.getsockname()[1])
    context = new_context(verify_mode=C_VERIFY_NONE)
    return lambda timeout: nimnet.dial("127.0.0.1", port, timeout=timeout, context=context), ""


def connecting_unix(stage: Stage) -> tuple[Call, str]:
    path, _ = stage.enter_context(silent_server("unix"))
    sock = stage.enter_context(new_socket(AF_UNIX, SOCK_STREAM, IPPROTO_IP))
    return lambda timeout: sock.connect_unix(path, timeout=timeout), path


def wrapping(stage: Stage) -> tuple[Call, str]:
    sock = stage.connected()
    context = new_context(verify_mode=C_VERIFY_NONE)
    return (
        lambda timeout: context.wrap_connected_socket(sock, HANDSHAKE_AS_CLIENT, timeout=timeout),
        peer_of(sock),
    )


RESOLVER: Final = f"asking the resolver for '{SLOW}'"
ROOM: Final = r"waiting for room to send \(after \d+ of 67108864 bytes were accepted\)"

CALLS: Final[dict[str, Told]] = {
    "Socket.recv, bytes": reading("recv", lambda sock, timeout: sock.recv(9, timeout)),
    "Socket.recv, bytearray": reading(
        "recv", lambda sock, timeout: sock.recv(bytearray(), 9, timeout)
    ),
    "Socket.recv, memoryview": reading(
        "recv", lambda sock, timeout: sock.recv(memoryview(bytearray(9)), 9, timeout)
    ),
    "Socket.recv_some, bytes": reading("recv_some", recv_some, r" \(nothing had come\)"),
    "Socket.recv_some, memoryview": reading("recv_some", recv_some_into, r" \(nothing had come\)"),
    "Socket.recv_line": reading(
        "recv_line", lambda sock, timeout: sock.recv_line(timeout), LINE_CAME
    ),
    "Socket.read_line": reading(
        "read_line", lambda sock, timeout: sock.read_line(bytearray(), timeout), LINE_CAME
    ),
    "Socket.lines": reading("lines", lambda sock, timeout: list(sock.lines(timeout)), LINE_CAME),
    "Socket.recv_until": reading(
        "recv_until", lambda sock, timeout: sock.recv_until(b"x", timeout), LINE_CAME
    ),
    "Socket.expect": reading(
        "expect", lambda sock, timeout: sock.expect([b"x"], timeout), LINE_CAME
    ),
    "Socket.skip": reading("skip", lambda sock, timeout: sock.skip(9, timeout)),
    "Socket.send": on(
        Stage.connected,
        lambda sock, timeout: sock.send(MUCH, timeout=timeout),
        "send to PEER",
        ROOM,
    ),
    "Socket.send_eof": on(
        Stage.accepted_by_tls,
        lambda sock, timeout: sock.send_eof(timeout),
        "send_eof to PEER",
        HANDSHAKE,
    ),
    "Socket.handshake": on(
        Stage.accepted_by_tls,
        lambda sock, timeout: sock.handshake(timeout),
        "handshake with PEER",
        HANDSHAKE,
    ),
    "SslContext.wrap_connected_socket": Told(
        wrapping, "wrap_connected_socket with PEER", HANDSHAKE
    ),
    "Socket.accept": on(
        Stage.server,
        lambda sock, timeout: sock.accept(timeout=timeout),
        "accept on PEER",
        "waiting for a client",
    ),
    "Socket.accept_addr": on(
        Stage.server,
        lambda sock, timeout: sock.accept_addr(timeout=timeout),
        "accept_addr on PEER",
        "waiting for a client",
    ),
    "Socket.connect, behind the port": Told(
        connecting, r"connect to '127\.0\.0\.1', port \d+", "connecting to PEER"
    ),
    "Socket.connect, to a name": Told(
        lambda stage: (partial(stage.enter_context(new_socket()).connect, SLOW, Port(80)), ""),
        f"connect to '{SLOW}', port 80",
        RESOLVER,
    ),
    "Socket.connect_unix": Told(
        connecting_unix, "connect_unix to 'PEER'", "waiting for a place in the listener's backlog"
    ),
    "dial": Told(dialling, r"dial '127\.0\.0\.1', port \d+", "connecting to PEER"),
    "dial, to a name": Told(
        lambda _stage: (lambda timeout: nimnet.dial(SLOW, Port(80), timeout=timeout), ""),
        f"dial '{SLOW}', port 80",
        RESOLVER,
    ),
    "dial, to a server without TLS": Told(
        dialling_by_tls, r"dial '127\.0\.0\.1', port \d+", HANDSHAKE
    ),
    "Socket.recv, of datagrams": on(
        Stage.bound_udp,
        lambda sock, timeout: sock.recv(9, timeout),
        "recv on PEER",
        "waiting for data",
    ),
    "Socket.recv, bytearray, of datagrams": on(
        Stage.bound_udp,
        lambda sock, timeout: sock.recv(bytearray(), 9, timeout),
        "recv on PEER",
        "waiting for data",
    ),
    "Socket.recv, memoryview, of datagrams": on(
        Stage.bound_udp,
        lambda sock, timeout: sock.recv(memoryview(bytearray(9)), 9, timeout),
        "recv on PEER",
        "waiting for data",
    ),
    "Socket.recv_some, bytes, of datagrams": on(
        Stage.bound_udp,
        lambda sock, timeout: sock.recv_some(9, timeout),
        "recv_some on PEER",
        "waiting for data",
    ),
    "Socket.recv_some, memoryview, of datagrams": on(
        Stage.bound_udp,
        lambda sock, timeout: sock.recv_some(memoryview(bytearray(9)), timeout),
        "recv_some on PEER",
        "waiting for data",
    ),
    "Socket.recv_from": on(
        Stage.bound_udp,
        lambda sock, timeout: sock.recv_from(9, timeout=timeout),
        "recv_from on PEER",
        "waiting for data",
    ),
    "Socket.recv_from_ip": on(
        Stage.bound_udp,
        lambda sock, timeout: sock.recv_from_ip(9, timeout=timeout),
        "recv_from_ip on PEER",
        "waiting for data",
    ),
    "Socket.send_to, bytes": on(
        Stage.bound_udp,
        lambda sock, timeout: sock.send_to(SLOW, Port(80), b"x", timeout=timeout),
        f"send_to '{SLOW}', port 80",
        RESOLVER,
    ),
    "Socket.send_to, memoryview": on(
        Stage.bound_udp,
        lambda sock, timeout: sock.send_to(SLOW, Port(80), memoryview(b"x"), 1, timeout=timeout),
        f"send_to '{SLOW}', port 80",
        RESOLVER,
    ),
}


def forms_with_a_timeout() -> Counter[str]:
    """Returns how many forms each callable has that takes a timeout."""
    found: Counter[str] = Counter()

    def look(body: list[ast.stmt], prefix: str) -> None:
        overloaded = set()
        for node in body:
            if isinstance(node, ast.ClassDef):
                look(node.body, f"{node.name}.")
            elif isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                if node.decorator_list and ast.unparse(node.decorator_list[0]) == "overload":
                    overloaded.add(node.name)
                elif node.name in overloaded:
                    continue  # it takes what any of its forms does
                given = [*node.args.args, *node.args.kwonlyargs]
                found[prefix + node.name] += "timeout" in {arg.arg for arg in given}

    for path in Path(nimnet.__file__).parent.glob("[a-z]*.py"):
        look(ast.parse(path.read_text(encoding="utf-8")).body, "")
    return +found


def test_every_call_with_a_timeout_is_here() -> None:
    # To an address nothing is looked up, and a datagram over loopback always finds room.
    here = Counter(name.partition(",")[0] for name in [*CALLS, "Socket.send_to, an IpAddress"])
    assert not forms_with_a_timeout() - here, "say what they tell, in CALLS"


@pytest.fixture
def stage() -> Iterator[Stage]:
    with answering_for({SLOW: known("127.0.0.1", after=LONG)}), Stage() as made:
        yield made


def told(call: Callable[[], object]) -> str:
    with pytest.raises(nimnet.TimeoutError) as caught:
        call()
    assert caught.value.errno == errno.ETIMEDOUT
    return str(caught.value.strerror)


@pytest.mark.parametrize("name", CALLS)
def test_what_it_tells(stage: Stage, name: str) -> None:
    made, *texts = CALLS[name]
    for whose in ("the timeout of 20 ms has", "the 20 ms of fail_after have"):
        call, where = made(stage)
        what, why = (text.replace("PEER", re.escape(where)) for text in texts)
        if "fail_after" in whose:
            with nimnet.fail_after(20) as deadline:
                message = told(partial(call, LONG))
                assert deadline.passed
        else:
            message = told(partial(call, 20))
        assert re.fullmatch(f"{what}: {whose} passed {why}", message)


def test_after_its_end_a_block_lets_through_what_needs_no_time(stage: Stage) -> None:
    sock = stage.connected(b"abc")
    assert sock.recv(1) == b"a"
    with nimnet.fail_after(0):
        assert sock.recv(2) == b"bc"
        sock.send(b"")
        for call in (partial(sock.recv, 1), partial(sock.send, b"x"), sock.send_eof):
            assert "the 0 ms of fail_after have passed before it asked the system" in told(call)
        sock.close()
    assert sock.closed
