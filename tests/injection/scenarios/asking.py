"""What asks a socket something, or sets it."""

from __future__ import annotations

import errno

import nimnet

from injection.scenarios.registry import ALL, STREAMS, scenario
from injection.stage import Act, Stage


def _any(stage: Stage) -> nimnet.Socket:
    return stage.datagrams(b"one")[0] if stage.transport == "udp" else stage.connected(b"unread")


@scenario("Socket.get_local_addr()", *ALL, words=("get the local address",))
def the_own_name(stage: Stage) -> Act:
    sock = _any(stage)
    return Act(sock.get_local_addr, sock)


@scenario("Socket.get_peer_addr()", *STREAMS, words=("get the peer's address",))
def the_name_of_the_peer(stage: Stage) -> Act:
    sock = _any(stage)
    return Act(sock.get_peer_addr, sock)


@scenario("Socket.get_sock_opt(opt, level)", *ALL, words=("get option",))
def an_option(stage: Stage) -> Act:
    sock = _any(stage)
    return Act(lambda: sock.get_sock_opt(nimnet.OPT_KEEP_ALIVE), sock)


@scenario("Socket.set_sock_opt(opt, value, level)", *ALL, words=("set option",))
def set_an_option(stage: Stage) -> Act:
    sock = _any(stage)
    return Act(lambda: sock.set_sock_opt(nimnet.OPT_KEEP_ALIVE, True), sock)


@scenario("Socket.get_sock_opt_int(level, name)", *ALL, words=("get option",))
def an_option_as_a_number(stage: Stage) -> Act:
    sock = _any(stage)
    return Act(lambda: sock.get_sock_opt_int(nimnet.SOL_SOCKET, nimnet.SO_RCVBUF), sock)


@scenario("Socket.set_sock_opt_int(level, name, value)", *ALL, words=("set option",))
def set_an_option_to_a_number(stage: Stage) -> Act:
    sock = _any(stage)
    return Act(lambda: sock.set_sock_opt_int(nimnet.SOL_SOCKET, nimnet.SO_SNDBUF, 1 << 16), sock)


@scenario("Socket.get_sock_opt_bytes(level, name, size)", *ALL, words=("get option",))
def an_option_as_bytes(stage: Stage) -> Act:
    sock = _any(stage)
    return Act(lambda: sock.get_sock_opt_bytes(nimnet.SOL_SOCKET, nimnet.SO_LINGER, 8), sock)


@scenario("Socket.set_sock_opt_bytes(level, name, value)", *ALL, words=("set option",))
def set_an_option_to_bytes(stage: Stage) -> Act:
    sock = _any(stage)
    return Act(lambda: sock.set_sock_opt_bytes(nimnet.SOL_SOCKET, nimnet.SO_LINGER, bytes(8)), sock)


@scenario("Socket.get_domain()", *ALL)
def the_family(stage: Stage) -> Act:
    sock = _any(stage)
    return Act(sock.get_domain, sock)


@scenario("Socket.get_type()", *ALL)
def the_type(stage: Stage) -> Act:
    sock = _any(stage)
    return Act(sock.get_type, sock)


@scenario("Socket.get_protocol()", *ALL)
def the_protocol(stage: Stage) -> Act:
    sock = _any(stage)
    return Act(sock.get_protocol, sock)


@scenario("Socket.is_ssl()", *ALL)
def whether_it_is_secured(stage: Stage) -> Act:
    sock = _any(stage)
    return Act(sock.is_ssl, sock)


@scenario("Socket.get_fd()", *ALL)
def the_descriptor(stage: Stage) -> Act:
    sock = _any(stage)
    return Act(sock.get_fd, sock)


@scenario("Socket.fileno()", *ALL)
def the_number(stage: Stage) -> Act:
    sock = _any(stage)
    return Act(sock.fileno, sock)


@scenario("Socket.closed", *ALL)
def whether_it_is_closed(stage: Stage) -> Act:
    sock = _any(stage)
    return Act(lambda: sock.closed, sock)


@scenario("Socket.__repr__()", *ALL)
def how_it_looks(stage: Stage) -> Act:
    sock = _any(stage)
    return Act(sock.__repr__, sock)


@scenario("Socket.get_socket_error()", "tcp")
def the_last_error(stage: Stage) -> Act:
    sock = _any(stage)
    _fail(sock)
    return Act(sock.get_socket_error, sock)


@scenario("Socket.socket_error(err, async_, last_error, flags)", "tcp")
def raise_the_last_error(stage: Stage) -> Act:
    sock = _any(stage)
    _fail(sock)

    def report() -> None:
        try:
            sock.socket_error(-1)
        except OSError as error:
            if error.errno != errno.EPIPE:
                raise

    return Act(report, sock)


def _fail(sock: nimnet.Socket) -> None:
    """Leaves an error for the low-level forms."""
    sock.send_eof()
    assert sock.send(memoryview(b"x"), 1) == -1


@scenario("Socket.get_psk_identity()", *ALL)
def who_the_client_is(stage: Stage) -> Act:
    sock = _any(stage)
    return Act(sock.get_psk_identity, sock)
