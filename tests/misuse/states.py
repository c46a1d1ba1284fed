"""The states of sockets, and what a socket in each of them must still be able to do."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import nimnet
from injection.peer import Heard
from injection.stage import HOST, PATIENCE, Stage, client_context
from nimnet.tls import SslHandshakeType

ARRIVED: Final = b"first line\r\nsecond line\r\nand the rest"
"""What the peer has sent."""
_PING: Final = b"still here"


class Scene:
    """A socket in a state.

    Attributes:
        stage: Where it is.
        sock: It.
        port: A port on which somebody, or nobody, listens.
        path: The same as a path.
    """

    def __init__(self, stage: Stage, sock: nimnet.Socket) -> None:
        """Has nobody to connect to."""
        self.stage = stage
        self.sock = sock
        self.port = 0
        self.path = ""
        self.mailbox: socket.socket | None = None


@dataclass(frozen=True)
class State:
    """A state.

    Attributes:
        name: What findings call it.
        transports: What it exists on.
        enter: Brings a socket into it.
        works: Returns what is wrong with a socket that should be in it.
        heard: What the peer must have got after that; None for what cannot be said.
        over: Whether both sides may have ended the connection; the system forgets its ends then.
    """

    name: str
    transports: tuple[str, ...]
    enter: Callable[[Stage], Scene]
    works: Callable[[Scene], list[str]]
    heard: bytes | None = None
    over: bool = False

    def look(self, scene: Scene) -> str:
        """Returns how the socket looks, in which no refused call may change anything."""
        sock = scene.sock
        if not self.over:
            return repr(sock)
        return f"{sock.fileno()}, TLS: {sock.is_ssl()}, unread: {sock.has_data_buffered()}"

    def missing(self, heard: list[Heard]) -> list[str]:
        """Returns what is wrong with what the peer has got."""
        if self.heard is None:
            return []
        got = [one["received"].encode("latin-1") for one in heard]
        return [] if got == [self.heard] else [f"the peer got {got}, and not {self.heard!r}"]


def _refusing(scene: Scene) -> Scene:
    """Gives it a port and a path that nobody listens on."""
    holder = scene.stage.keep(socket.socket())
    holder.bind((HOST, 0))
    scene.port = holder.getsockname()[1]
    scene.path = str(scene.stage.folder / "nobody")
    return scene


def _unconnected(stage: Stage) -> Scene:
    place = stage.plays(send=ARRIVED, closes=True)
    scene = Scene(stage, stage.client())
    scene.port, scene.path = place.port, place.path
    return scene


def _connects(scene: Scene) -> list[str]:
    if scene.stage.transport == "unix":
        scene.sock.connect_unix(scene.path, timeout=PATIENCE)
    else:
        scene.sock.connect(HOST, nimnet.Port(scene.port), PATIENCE)
    return _exchanges(scene)


def _bound(stage: Stage) -> Scene:
    sock = stage.sock()
    if stage.transport == "unix":
        sock.bind_unix(str(stage.folder / "bound"))
    else:
        sock.bind_addr(nimnet.Port(0), HOST)
    return _refusing(Scene(stage, sock))


def _listens(scene: Scene) -> list[str]:
    scene.sock.listen()
    address = scene.sock.get_local_addr()
    family = socket.AF_UNIX if scene.stage.transport == "unix" else socket.AF_INET
    with socket.socket(family) as other:
        other.connect(address[0] if family == socket.AF_UNIX else (HOST, int(address[1])))
        with scene.sock.accept(timeout=PATIENCE):
            return []


def _listening(stage: Stage) -> Scene:
    return _refusing(Scene(stage, stage.awaited(ARRIVED)))


def _accepts(scene: Scene) -> list[str]:
    with scene.sock.accept(timeout=PATIENCE) as accepted:
        got = accepted.recv(len(ARRIVED), PATIENCE)
        accepted.send(_PING)
        return [] if got == ARRIVED else [f"a client sent {ARRIVED!r}, and {got!r} came"]


def _connected(stage: Stage) -> Scene:
    return _refusing(Scene(stage, stage.connected(ARRIVED, closes=True)))


def _exchanges(scene: Scene) -> list[str]:
    got = scene.sock.recv(2 * len(ARRIVED), PATIENCE)
    scene.sock.send(_PING, timeout=PATIENCE)
    return [] if got == ARRIVED else [f"the peer sent {ARRIVED!r}, and {got!r} came"]


def _before_the_handshake(stage: Stage) -> Scene:
    """A client that is connected, and wrapped, and has said nothing."""
    place = stage.plays(send=ARRIVED, closes=True)
    sock = stage.sock()
    stage.connect(sock, place)
    context = client_context(stage.transport)
    context.wrap_connected_socket(
        sock, SslHandshakeType.HANDSHAKE_AS_CLIENT, "localhost", timeout=PATIENCE
    )
    return _refusing(Scene(stage, sock))


def _accepted(stage: Stage) -> Scene:
    """A server's side that has not shaken hands."""
    listener = stage.awaited(ARRIVED)
    with listener:
        return _refusing(Scene(stage, listener.accept(timeout=PATIENCE)))


def _exchanges_some(scene: Scene) -> list[str]:
    got = scene.sock.recv(len(ARRIVED), PATIENCE)
    scene.sock.send(_PING, timeout=PATIENCE)
    return [] if got == ARRIVED else [f"the peer sent {ARRIVED!r}, and {got!r} came"]


def _shut_down(stage: Stage) -> Scene:
    scene = _connected(stage)
    scene.sock.send_eof(PATIENCE)
    return scene


def _reads(scene: Scene) -> list[str]:
    got = scene.sock.recv(2 * len(ARRIVED), PATIENCE)
    return [] if got == ARRIVED else [f"the peer sent {ARRIVED!r}, and {got!r} came"]


def _read_to_the_end(stage: Stage) -> Scene:
    scene = _connected(stage)
    scene.sock.recv(2 * len(ARRIVED), PATIENCE)
    return scene


def _at_its_end(scene: Scene) -> list[str]:
    got = scene.sock.recv(10, PATIENCE)
    scene.sock.send(_PING, timeout=PATIENCE)
    return [] if got == b"" else [f"after the end came {got!r}"]


def _closed(stage: Stage) -> Scene:
    scene = _connected(stage)
    scene.sock.close()
    return scene


def _detached(stage: Stage) -> Scene:
    scene = _connected(stage)
    scene.stage.keep(socket.socket(fileno=scene.sock.detach()[0]))
    return scene


def _stays_closed(scene: Scene) -> list[str]:
    if not scene.sock.closed or scene.sock.fileno() != -1:
        return ["it is not closed any more"]
    return []


def _datagram(stage: Stage) -> Scene:
    sock, mailbox = stage.datagrams(ARRIVED)
    scene = Scene(stage, sock)
    scene.mailbox = mailbox
    scene.port = mailbox.getsockname()[1]
    scene.path = str(stage.folder / "nobody")
    return scene


def _connected_datagram(stage: Stage) -> Scene:
    scene = _datagram(stage)
    scene.sock.connect(HOST, nimnet.Port(scene.port), PATIENCE)
    return scene


def _gets_messages(scene: Scene) -> list[str]:
    found = []
    got = scene.sock.recv_from(1000, timeout=PATIENCE)[0]
    if got != ARRIVED:
        found.append(f"the message was {ARRIVED!r}, and {got!r} came")
    scene.sock.send_to(HOST, nimnet.Port(scene.port), _PING, timeout=PATIENCE)
    assert scene.mailbox is not None
    there = []
    with contextlib.suppress(BlockingIOError):
        while True:
            there.append(scene.mailbox.recv(1 << 16))
    if there != [_PING]:
        found.append(f"sent was {_PING!r}, and these came: {there}")
    return found


_PLAIN: Final = ("tcp", "unix")
_SECURED: Final = ("tls13", "tls12", "psk13")
STATES: Final = {
    state.name: state
    for state in (
        State("unconnected", (*_PLAIN, *_SECURED), _unconnected, _connects, _PING),
        State("bound", _PLAIN, _bound, _listens),
        State("listening", (*_PLAIN, *_SECURED), _listening, _accepts, _PING),
        State("connected", (*_PLAIN, *_SECURED), _connected, _exchanges, _PING),
        State(
            "wrapped while connected", ("tls13", "tls12"), _before_the_handshake, _exchanges, _PING
        ),
        State("accepted, without a handshake", _SECURED, _accepted, _exchanges_some, _PING),
        State("read to the end", (*_PLAIN, *_SECURED), _read_to_the_end, _at_its_end, _PING),
        State("shut down", (*_PLAIN, *_SECURED), _shut_down, _reads, b"", over=True),
        State("closed", (*_PLAIN, *_SECURED), _closed, _stays_closed),
        State("detached", _PLAIN, _detached, _stays_closed),
        State("datagram", ("udp",), _datagram, _gets_messages),
        State("connected datagram", ("udp",), _connected_datagram, _gets_messages),
    )
}
