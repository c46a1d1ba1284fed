"""Connections of a scripted peer: in the clear, under Python's `ssl`, or what else fits the form.

A connection has a timeout on each wait. Another thread may `interrupt` it.
"""

from __future__ import annotations

import contextlib
import functools
import socket
import ssl
import struct
from collections.abc import Callable
from typing import Final, Protocol, TypeVar

from harness.credentials import NAME, Certificate, files
from harness.places import PATIENCE

_T = TypeVar("_T")

_RECORD: Final = 1 << 14
"""The most bytes of one record (RFC 8446 section 5.1)."""
PROTOCOL: Final = "http/1.1"
"""What peers speak by ALPN, with who asks."""
VERSIONS: Final = {"tls12": ssl.TLSVersion.TLSv1_2, "tls13": ssl.TLSVersion.TLSv1_3}


class Connection(Protocol):
    """A connected stream."""

    @property
    def raw(self) -> socket.socket:
        """The socket beneath."""
        ...

    def shake_hands(self) -> None:
        """Do this side's handshake, if the protocol has one."""
        ...

    def send(self, data: memoryview) -> int:
        """Send the beginning of what is not empty; return how many bytes that were."""
        ...

    def receive(self, most: int) -> bytes:
        """Return what comes next; nothing at the end of the stream, if it ends as it should."""
        ...

    def finish(self) -> None:
        """End the sending side as the protocol does."""
        ...


class Plain:
    """A connection in the clear."""

    def __init__(self, connected: socket.socket) -> None:
        """Owns a connected socket."""
        self.raw = connected

    def shake_hands(self) -> None:
        """There is none."""

    def send(self, data: memoryview) -> int:
        return self.raw.send(data)

    def receive(self, most: int) -> bytes:
        return self.raw.recv(most)

    def finish(self) -> None:
        self.raw.shutdown(socket.SHUT_WR)


class Secured:
    """A connection under TLS, of Python's `ssl`, which here never reads the socket by itself."""

    def __init__(
        self, connected: socket.socket, version: str, *, server: bool, certificate: Certificate
    ) -> None:
        """Owns a connected socket; the handshake is still to come."""
        self.raw = connected
        self._input, self._output = ssl.MemoryBIO(), ssl.MemoryBIO()
        settings = _server_settings(version, certificate) if server else _client_settings(version)
        self._tls = settings.wrap_bio(
            self._input,
            self._output,
            server_side=server,
            server_hostname=None if server else NAME,
        )

    def shake_hands(self) -> None:
        self._patiently(self._tls.do_handshake)

    def send(self, data: memoryview) -> int:
        return self._patiently(lambda: self._tls.write(data[:_RECORD]))

    def receive(self, most: int) -> bytes:
        try:
            return self._patiently(lambda: self._tls.read(most))
        except ssl.SSLZeroReturnError:  # as the empty result, where this side has ended before
            return b""

    def finish(self) -> None:
        """Send a close_notify, without a look at what comes: that can still be received."""
        unread = self._input.read()
        with contextlib.suppress(ssl.SSLWantReadError):
            self._tls.unwrap()
        self._input.write(unread)
        self._flush()

    def _patiently(self, call: Callable[[], _T]) -> _T:
        """Call until TLS has all that it needs, and send what it says."""
        while True:
            try:
                result = call()
            except ssl.SSLWantReadError:
                self._flush()
                self._feed(self.raw.recv(1 << 16))
            except ssl.SSLError:
                with contextlib.suppress(OSError):  # the other side need not be there for the alert
                    self._flush()
                raise
            else:
                self._flush()
                return result

    def _feed(self, ciphertext: bytes) -> None:
        if ciphertext:
            self._input.write(ciphertext)
        else:
            self._input.write_eof()

    def _flush(self) -> None:
        if self._output.pending:  # nothing, sent to one who has gone, would be an error
            self.raw.sendall(self._output.read())


def reset(connection: Connection) -> None:
    """Close the connection with an RST."""
    connection.raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.raw.close()


def interrupt(connection: Connection, how: int = socket.SHUT_RDWR) -> None:
    """End the connection beneath TLS, which wakes a thread that waits in it."""
    with contextlib.suppress(OSError):  # closed or reset already, which wakes as well
        connection.raw.shutdown(how)


def prepared(connected: socket.socket) -> socket.socket:
    """Make a connected socket send each piece at once, and wait with patience only."""
    connected.settimeout(PATIENCE)
    if connected.family != socket.AF_UNIX:
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connected


@functools.cache
def _server_settings(version: str, certificate: Certificate) -> ssl.SSLContext:
    identity = files().servers[certificate]
    settings = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    settings.minimum_version = settings.maximum_version = VERSIONS[version]
    settings.load_cert_chain(identity.cert_file, identity.key_file)
    settings.set_alpn_protocols([PROTOCOL])
    return settings


@functools.cache
def _client_settings(version: str) -> ssl.SSLContext:
    settings = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    settings.minimum_version = settings.maximum_version = VERSIONS[version]
    settings.load_verify_locations(files().ca_file)
    if files().self_signed_file:
        settings.load_verify_locations(files().self_signed_file)
    settings.set_alpn_protocols([PROTOCOL])
    return settings
