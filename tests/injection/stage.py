"""One scenario's stage: the call's sockets, contexts and files, and the peer at the other end."""

from __future__ import annotations

import contextlib
import functools
import select
import socket
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import nimnet
from harness.credentials import PSK_HINT, PSK_IDENTITY, PSK_KEY, files
from nimnet.sessions import TlsVersion

from injection.peer import PSK, TLS, Heard, Peer, Place, Script

PATIENCE: Final = 4000
"""Milliseconds that a call may take: far more than any needs."""
HOST: Final = "127.0.0.1"
_VERSIONS: Final = {
    "tls12": TlsVersion.TLS_1_2,
    "tls13": TlsVersion.TLS_1_3,
    "psk12": TlsVersion.TLS_1_2,
    "psk13": TlsVersion.TLS_1_3,
}


def nothing(_result: object) -> bytes:
    """What a call takes that takes nothing from the peer."""
    return b""


def itself(result: object) -> bytes:
    """What a call takes that returns it."""
    assert isinstance(result, bytes)
    return result


@dataclass
class Act:
    """The call that is looked at.

    Attributes:
        call: Makes it.
        socket: The socket that is looked at afterwards; None for none.
        takes: What the peer sent that the call has taken, by its result.
        sends: What the peer is to get by it.
        discards: How many bytes the call may have thrown away when it fails.
        partial: Whether `takes` knows what a call has taken that failed.
        finishes: Whether nothing can be sent after it.
        ends: Whether the socket is to be closed after it, whatever happens.
        mute: Whether nothing can be received from the socket: the call is made once more instead.
        endless: Whether it is given no timeout, so that it may not say that one has passed.
        made: Gives back what the call has opened besides a socket that it returns.
    """

    call: Callable[[], object]
    socket: nimnet.Socket | None = None
    takes: Callable[[object], bytes] = nothing
    sends: bytes = b""
    discards: int = 0
    partial: bool = False
    finishes: bool = False
    ends: bool = False
    mute: bool = False
    endless: bool = False
    made: Callable[[object], None] = field(default=lambda _result: None)


class Stage:
    """What a scenario has.

    Attributes:
        transport: What it runs on.
        secured: Whether that is TLS.
        buffered: Whether its sockets are.
        sent: What the peer sends on each connection.
        folder: A folder of its own.
    """

    def __init__(self, peer: Peer, transport: str, buffered: bool) -> None:
        """Has nothing yet."""
        self.transport = transport
        self.secured = transport in TLS
        self.buffered = buffered
        self.sent = b""
        self._peer = peer
        self._plays = False
        self._mailbox: socket.socket | None = None
        self._resources = contextlib.ExitStack()

    @functools.cached_property
    def folder(self) -> Path:
        """A folder of its own."""
        return Path(self._resources.enter_context(tempfile.TemporaryDirectory()))

    def strike(self) -> list[Heard]:
        """Takes all down; returns what the peer has heard."""
        self._resources.close()
        return self._peer.report() if self._plays else []

    def keep(self, resource: socket.socket) -> socket.socket:
        """Closes a socket of Python's at the end."""
        return self._resources.enter_context(resource)

    def plays(
        self, *, send: bytes = b"", closes: bool = False, port: int = 0, path: str = ""
    ) -> Place:
        """Has the peer listen or, where it is told to what, connect; returns where it listens."""
        self.sent = send
        self._plays = True
        script: Script = {
            "role": "client" if port or path else "server",
            "transport": self.transport,
            "port": port,
            "path": path,
            "send": send.decode("latin-1"),
            "closes": closes,
        }
        return self._peer.begin(script)

    def sock(self) -> nimnet.Socket:
        """Returns a new socket for a stream, plain."""
        if self.transport == "unix":
            return nimnet.new_socket(
                nimnet.AF_UNIX, nimnet.SOCK_STREAM, nimnet.Protocol.IPPROTO_IP, self.buffered
            )
        return nimnet.new_socket(buffered=self.buffered)

    def client(self) -> nimnet.Socket:
        """Returns a socket that is to connect; wrapped, where there is TLS."""
        sock = self.sock()
        if self.secured:
            client_context(self.transport).wrap_socket(sock)
        return sock

    def connect(self, sock: nimnet.Socket, place: Place) -> None:
        """Connects a socket to the peer."""
        if self.transport == "unix":
            sock.connect_unix(place.path, timeout=PATIENCE)
        else:
            sock.connect(place.host, nimnet.Port(place.port), PATIENCE)

    def connected(self, send: bytes = b"", *, closes: bool = False) -> nimnet.Socket:
        """Returns a socket after its handshake, to which the peer has sent what it sends."""
        place = self.plays(send=send, closes=closes)
        sock = self.client()
        self.connect(sock, place)
        if self.secured:
            sock.handshake(PATIENCE)
        self._peer.await_sent()
        if send and not self.secured:  # there, the handshake may have brought it along
            self.until_readable(sock)
        return sock

    def listening(self) -> nimnet.Socket:
        """Returns a socket that listens; wrapped, where there is TLS."""
        sock = self.sock()
        if self.transport == "unix":
            sock.bind_unix(str(self.folder / "listener"))
        else:
            sock.bind_addr(nimnet.Port(0), HOST)
        sock.listen()
        if self.secured:
            server_context(self.transport).wrap_socket(sock)
        return sock

    def awaited(self, send: bytes = b"") -> nimnet.Socket:
        """Returns a socket that listens and that the peer has connected to."""
        sock = self.listening()
        where, port = sock.get_local_addr()
        if self.transport == "unix":
            self.plays(send=send, path=where)
        else:
            self.plays(send=send, port=int(port))
        self.until_readable(sock)
        return sock

    def datagrams(self, *messages: bytes) -> tuple[nimnet.Socket, socket.socket]:
        """Returns a bound socket that has got messages, and the one of Python's that sent them."""
        sock = nimnet.new_socket(
            nimnet.AF_INET, nimnet.SOCK_DGRAM, nimnet.IPPROTO_UDP, self.buffered
        )
        sock.bind_addr(nimnet.Port(0), HOST)
        peer = self.keep(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        peer.bind((HOST, 0))
        peer.setblocking(False)
        self._mailbox = peer
        for message in messages:
            peer.sendto(message, (HOST, int(sock.get_local_addr()[1])))
        self.sent = b"".join(messages)
        return sock, peer

    def unix_mailbox(self) -> str:
        """Returns the path of a Unix socket of Python's that takes messages."""
        path = str(self.folder / "mailbox")
        self._mailbox = self.keep(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
        self._mailbox.bind(path)
        self._mailbox.setblocking(False)
        return path

    def delivered(self) -> list[bytes]:
        """Returns the messages that have come to Python's socket."""
        found: list[bytes] = []
        with contextlib.suppress(BlockingIOError):
            while self._mailbox is not None:
                found.append(self._mailbox.recv(1 << 16))
        return found

    def until_readable(self, sock: nimnet.Socket) -> None:
        """Waits until something has arrived."""
        poll = select.poll()
        poll.register(sock.fileno(), select.POLLIN)
        assert poll.poll(PATIENCE), "nothing came"


@functools.cache
def client_context(transport: str) -> nimnet.SslContext:
    """Returns the context of all clients on a transport."""
    version = _VERSIONS[transport]
    if transport in PSK:
        context = nimnet.new_context(
            verify_mode=nimnet.C_VERIFY_NONE,
            cipher_list="PSK",
            min_version=version,
            max_version=version,
        )
        context.client_get_psk_func = lambda _hint: (PSK_IDENTITY, PSK_KEY)
        return context
    return nimnet.new_context(
        ca_file=files().ca_file, min_version=version, max_version=version, alpn=["http/1.1"]
    )


@functools.cache
def server_context(transport: str) -> nimnet.SslContext:
    """Returns the context of all servers on a transport."""
    version = _VERSIONS[transport]
    if transport in PSK:
        context = nimnet.new_context(
            verify_mode=nimnet.C_VERIFY_NONE,
            cipher_list="PSK",
            min_version=version,
            max_version=version,
        )
        context.server_get_psk_func = lambda _identity: PSK_KEY
        context.psk_identity_hint = PSK_HINT
        return context
    identity = files().servers["valid"]
    return nimnet.new_context(
        verify_mode=nimnet.C_VERIFY_NONE,
        cert_file=identity.cert_file,
        key_file=identity.key_file,
        min_version=version,
        max_version=version,
        alpn=["http/1.1"],
    )
