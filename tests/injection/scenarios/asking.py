"""What asks a socket something, or sets it."""

from __future__ import annotations

import errno
from collections.abc import Callable
from typing import Final

import nimnet

from injection.scenarios.registry import ALL, STREAMS, scenario
from injection.stage import Act, Stage

_LEVEL: Final = nimnet.SOL_SOCKET
_LINGER: Final = nimnet.SO_LINGER


def asked(
    label: str, call: Callable[[nimnet.Socket], object], *transports: str, words: str = ""
) -> None:
    """Lists a call that needs no more than a socket on which something has arrived."""

    @scenario(label, *transports, words=(words,) if words else ())
    def as_it_is(stage: Stage) -> Act:
        if stage.transport == "udp":
            sock, _ = stage.datagrams(b"one")
        else:
            sock = stage.connected(b"unread")
        return Act(lambda: call(sock), sock)


_OPTIONS: Final[dict[str, Callable[[nimnet.Socket], object]]] = {
    "get_sock_opt(opt, level)": lambda sock: sock.get_sock_opt(nimnet.OPT_KEEP_ALIVE),
    "get_sock_opt_int(level, name)": lambda sock: sock.get_sock_opt_int(_LEVEL, nimnet.SO_RCVBUF),
    "get_sock_opt_bytes(level, name, size)": (
        lambda sock: sock.get_sock_opt_bytes(_LEVEL, _LINGER, 8)
    ),
    "set_sock_opt(opt, value, level)": lambda sock: sock.set_sock_opt(nimnet.OPT_KEEP_ALIVE, True),
    "set_sock_opt_int(level, name, value)": (
        lambda sock: sock.set_sock_opt_int(_LEVEL, nimnet.SO_SNDBUF, 1 << 16)
    ),
    "set_sock_opt_bytes(level, name, value)": (
        lambda sock: sock.set_sock_opt_bytes(_LEVEL, _LINGER, bytes(8))
    ),
}
for _name, _call in _OPTIONS.items():
    asked(f"Socket.{_name}", _call, *ALL, words=f"{_name[:3]} option")

asked("Socket.get_local_addr()", nimnet.Socket.get_local_addr, *ALL, words="get the local address")
asked(
    "Socket.get_peer_addr()", nimnet.Socket.get_peer_addr, *STREAMS, words="get the peer's address"
)
asked("Socket.get_domain()", nimnet.Socket.get_domain, *ALL)
asked("Socket.get_type()", nimnet.Socket.get_type, *ALL)
asked("Socket.get_protocol()", nimnet.Socket.get_protocol, *ALL)
asked("Socket.is_ssl()", nimnet.Socket.is_ssl, *ALL)
asked("Socket.get_fd()", nimnet.Socket.get_fd, *ALL)
asked("Socket.fileno()", nimnet.Socket.fileno, *ALL)
asked("Socket.closed", lambda sock: sock.closed, *ALL)
asked("Socket.__repr__()", nimnet.Socket.__repr__, *ALL)
asked("Socket.get_psk_identity()", nimnet.Socket.get_psk_identity, *ALL)
asked("Socket.has_data_buffered()", nimnet.Socket.has_data_buffered, *STREAMS)


@scenario("Socket.get_socket_error()", "tcp")
def the_last_error(stage: Stage) -> Act:
    sock = stage.connected(b"unread")
    _fail(sock)
    return Act(sock.get_socket_error, sock, finishes=True)


@scenario("Socket.socket_error(err, async_, last_error, flags)", "tcp")
def raise_the_last_error(stage: Stage) -> Act:
    sock = stage.connected(b"unread")
    _fail(sock)

    def report() -> None:
        try:
            sock.socket_error(-1)
        except OSError as error:
            if error.errno != errno.EPIPE:
                raise

    return Act(report, sock, finishes=True)


def _fail(sock: nimnet.Socket) -> None:
    """Leaves an error for the low-level forms."""
    sock.send_eof()
    assert sock.send(memoryview(b"x"), 1) == -1
