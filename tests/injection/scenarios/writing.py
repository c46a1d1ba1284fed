"""What sends bytes and messages."""

from __future__ import annotations

from typing import Final

import nimnet

from injection.scenarios.registry import STREAMS, scenario
from injection.stage import HOST, PATIENCE, Act, Stage

DATA: Final = b"some bytes to be sent, and some more of them"


@scenario("Socket.send(data, flags, timeout)", *STREAMS)
def in_time(stage: Stage) -> Act:
    sock = stage.connected(b"from the peer")
    return Act(lambda: sock.send(DATA, timeout=PATIENCE), sock, sends=DATA)


@scenario("Socket.send(data, flags, timeout)", *STREAMS)
def without_a_timeout(stage: Stage) -> Act:
    sock = stage.connected(b"from the peer")
    return Act(lambda: sock.send(DATA), sock, sends=DATA, endless=True)


@scenario("Socket.send(data, flags, timeout)", *STREAMS)
def and_pass_over_disconnections(stage: Stage) -> Act:
    sock = stage.connected(b"from the peer")
    return Act(
        lambda: sock.send(DATA, nimnet.SocketFlag.SAFE_DISCONN, timeout=PATIENCE), sock, sends=DATA
    )


@scenario("Socket.send(data, flags, timeout)", *STREAMS)
def and_report_disconnections(stage: Stage) -> Act:
    sock = stage.connected(b"from the peer")
    return Act(lambda: sock.send(DATA, nimnet.SocketFlag(0), timeout=PATIENCE), sock, sends=DATA)


@scenario("Socket.send(data, flags, timeout)", "udp")
def a_message(stage: Stage) -> Act:
    sock, peer = stage.datagrams(b"one")
    sock.connect(HOST, nimnet.Port(peer.getsockname()[1]), PATIENCE)
    return Act(lambda: sock.send(DATA, timeout=PATIENCE), sock, sends=DATA)


@scenario("Socket.send(data, size)", *STREAMS)
def memory_without_exceptions(stage: Stage) -> Act:
    sock = stage.connected(b"from the peer")
    return Act(lambda: sock.send(memoryview(DATA), len(DATA)), sock, sends=DATA)


@scenario("Socket.try_send(data)", *STREAMS)
def and_tell_whether_that_worked(stage: Stage) -> Act:
    sock = stage.connected(b"from the peer")
    return Act(lambda: sock.try_send(DATA), sock, sends=DATA)


@scenario("Socket.__iand__(data)", *STREAMS, words=("send",))
def with_an_operator(stage: Stage) -> Act:
    sock = stage.connected(b"from the peer")

    def append() -> None:
        same = sock
        same &= DATA

    return Act(append, sock, sends=DATA)


@scenario("Socket.send_eof(timeout)", *STREAMS)
def the_end(stage: Stage) -> Act:
    sock = stage.connected(b"from the peer")
    return Act(lambda: sock.send_eof(PATIENCE), sock, finishes=True)


@scenario("Socket.send_to(address, port, data, timeout)", "udp", words=("send to",))
def to_an_address(stage: Stage) -> Act:
    sock, peer = stage.datagrams(b"one")
    port = nimnet.Port(peer.getsockname()[1])
    return Act(lambda: sock.send_to(HOST, port, DATA, timeout=PATIENCE), sock, sends=DATA)


@scenario("Socket.send_to(address, port, data, timeout)", "udp", words=("send to", "resolve"))
def to_a_name(stage: Stage) -> Act:
    sock, peer = stage.datagrams(b"one")
    port = nimnet.Port(peer.getsockname()[1])
    return Act(lambda: sock.send_to("localhost", port, DATA, timeout=PATIENCE), sock, sends=DATA)


@scenario("Socket.send_to(address, port, data, timeout)", "udp", words=("send to",))
def to_a_path(stage: Stage) -> Act:
    sock = nimnet.new_socket(nimnet.AF_UNIX, nimnet.SOCK_DGRAM, nimnet.Protocol.IPPROTO_IP)
    peer = stage.unix_mailbox()
    return Act(lambda: sock.send_to(peer, nimnet.Port(0), DATA, timeout=PATIENCE), sock, sends=DATA)


@scenario("Socket.send_to(address, port, data, flags, timeout)", "udp", words=("send to",))
def to_an_ip_address(stage: Stage) -> Act:
    sock, peer = stage.datagrams(b"one")
    port, address = nimnet.Port(peer.getsockname()[1]), nimnet.ipv4_loopback()
    return Act(lambda: sock.send_to(address, port, DATA, timeout=PATIENCE), sock, sends=DATA)


@scenario(
    "Socket.send_to(address, port, data, size, af, flags, timeout)", "udp", words=("send to",)
)
def memory_to_an_address(stage: Stage) -> Act:
    sock, peer = stage.datagrams(b"one")
    port, data = nimnet.Port(peer.getsockname()[1]), memoryview(DATA)
    return Act(
        lambda: sock.send_to(HOST, port, data, len(DATA), timeout=PATIENCE), sock, sends=DATA
    )
