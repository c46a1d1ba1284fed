"""What takes bytes and messages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import nimnet

from injection.scenarios.registry import STREAMS, scenario
from injection.stage import PATIENCE, Act, Stage, itself

BOTH: Final = (True, False)
TEXT: Final = b"first line\r\nsecond line\r\nand the rest"
SIZE: Final = 6
ALL_TOLD: Final = nimnet.SocketFlag(0)
"""Flags with which a lost connection is no end."""


@scenario("Socket.recv(size, timeout, flags)", *STREAMS, buffered=BOTH)
def in_time(stage: Stage) -> Act:
    sock = stage.connected(TEXT)
    return Act(lambda: sock.recv(SIZE, PATIENCE), sock, itself)


@scenario("Socket.recv(size, timeout, flags)", *STREAMS, buffered=BOTH)
def without_a_timeout(stage: Stage) -> Act:
    sock = stage.connected(TEXT)
    return Act(lambda: sock.recv(SIZE), sock, itself, endless=True)


@scenario("Socket.recv(size, timeout, flags)", *STREAMS, buffered=BOTH)
def to_the_end(stage: Stage) -> Act:
    sock = stage.connected(TEXT, closes=True)
    return Act(lambda: sock.recv(1000, PATIENCE), sock, itself)


@scenario("Socket.recv(size, timeout, flags)", *STREAMS, buffered=BOTH)
def or_report_disconnections(stage: Stage) -> Act:
    sock = stage.connected(TEXT, closes=True)
    return Act(lambda: sock.recv(1000, PATIENCE, ALL_TOLD), sock, itself)


@scenario("Socket.recv(size, timeout, flags)", "udp", words=("recv",))
def a_message(stage: Stage) -> Act:
    sock, _ = stage.datagrams(b"one", b"two")
    return Act(lambda: sock.recv(100, PATIENCE), sock, itself)


@scenario("Socket.recv(data, size, timeout, flags)", *STREAMS, "udp", buffered=BOTH)
def into_a_bytearray(stage: Stage) -> Act:
    sock, data = _readable(stage), bytearray()
    return Act(lambda: sock.recv(data, SIZE, PATIENCE), sock, lambda _: bytes(data))


@scenario("Socket.recv(data, size)", *STREAMS, "udp", buffered=BOTH)
def into_memory_without_exceptions(stage: Stage) -> Act:
    sock, data = _readable(stage), bytearray(SIZE)

    def taken(result: object) -> bytes:
        assert isinstance(result, int)
        return bytes(data[: max(result, 0)])

    return Act(lambda: sock.recv(memoryview(data), SIZE), sock, taken)


@scenario("Socket.recv(data, size, timeout)", *STREAMS, "udp", buffered=BOTH)
def into_memory(stage: Stage) -> Act:
    sock, data = _readable(stage), bytearray(SIZE)
    return Act(lambda: sock.recv(memoryview(data), SIZE, PATIENCE), sock, lambda n: _first(data, n))


@scenario("Socket.recv_some(size, timeout, flags)", *STREAMS, "udp", buffered=BOTH)
def some(stage: Stage) -> Act:
    sock = _readable(stage)
    return Act(lambda: sock.recv_some(SIZE, PATIENCE), sock, itself)


@scenario("Socket.recv_some(size, timeout, flags)", *STREAMS, "udp", buffered=BOTH)
def some_or_report_disconnections(stage: Stage) -> Act:
    sock = _readable(stage)
    return Act(lambda: sock.recv_some(SIZE, PATIENCE, ALL_TOLD), sock, itself)


@scenario("Socket.recv_some(data, timeout, flags)", *STREAMS, "udp", buffered=BOTH)
def some_into_memory(stage: Stage) -> Act:
    sock, data = _readable(stage), bytearray(SIZE)
    return Act(lambda: sock.recv_some(memoryview(data), PATIENCE), sock, lambda n: _first(data, n))


@scenario("Socket.recv_line(timeout, flags, max_length)", *STREAMS, buffered=BOTH)
def a_line(stage: Stage) -> Act:
    sock = stage.connected(TEXT)
    return Act(lambda: sock.recv_line(PATIENCE), sock, _with_line_end)


@scenario("Socket.recv_line(timeout, flags, max_length)", *STREAMS, buffered=BOTH)
def a_line_or_report_disconnections(stage: Stage) -> Act:
    sock = stage.connected(TEXT)
    return Act(lambda: sock.recv_line(PATIENCE, ALL_TOLD), sock, _with_line_end)


@scenario("Socket.read_line(line, timeout, flags, max_length)", *STREAMS, buffered=BOTH)
def a_line_into_a_bytearray(stage: Stage) -> Act:
    sock, line = stage.connected(TEXT), bytearray()
    return Act(lambda: sock.read_line(line, PATIENCE), sock, lambda _: _with_line_end(bytes(line)))


@scenario("Socket.lines(timeout, flags, max_length)", *STREAMS, buffered=BOTH)
def lines(stage: Stage) -> Act:
    sock = stage.connected(TEXT)
    taken: list[bytes] = []

    def two() -> None:
        found: Iterator[bytes] = sock.lines(PATIENCE)
        taken.append(next(found, b""))
        taken.append(next(found, b""))

    return Act(two, sock, lambda _: b"".join(map(_with_line_end, taken)), partial=True)


@scenario("Socket.recv_until(delimiter, timeout, flags, max_length)", *STREAMS, buffered=BOTH)
def until_a_delimiter(stage: Stage) -> Act:
    sock = stage.connected(TEXT)
    return Act(lambda: sock.recv_until(b"second", PATIENCE), sock, itself)


@scenario("Socket.expect(patterns, timeout, flags, max_length)", *STREAMS, buffered=BOTH)
def a_pattern(stage: Stage) -> Act:
    sock = stage.connected(TEXT)

    def taken(result: object) -> bytes:
        return result.before + result.matched if isinstance(result, nimnet.Expected) else b""

    return Act(lambda: sock.expect([b"no", b"second"], PATIENCE), sock, taken)


@scenario("Socket.skip(size, timeout)", *STREAMS, buffered=BOTH)
def bytes_away(stage: Stage) -> Act:
    sock = stage.connected(TEXT)

    def taken(result: object) -> bytes:
        assert isinstance(result, int)
        return TEXT[:result]

    return Act(lambda: sock.skip(SIZE, PATIENCE), sock, taken, discards=SIZE)


@scenario("Socket.recv_from(length, flags, timeout)", "udp")
def a_message_and_its_sender(stage: Stage) -> Act:
    sock, _ = stage.datagrams(b"one", b"two")
    return Act(lambda: sock.recv_from(100, timeout=PATIENCE), sock, _message)


@scenario("Socket.recv_from_ip(length, flags, timeout)", "udp")
def a_message_and_the_address_of_its_sender(stage: Stage) -> Act:
    sock, _ = stage.datagrams(b"one", b"two")
    return Act(lambda: sock.recv_from_ip(100, timeout=PATIENCE), sock, _message)


def _readable(stage: Stage) -> nimnet.Socket:
    if stage.transport == "udp":
        return stage.datagrams(b"first", b"second")[0]
    return stage.connected(TEXT)


def _first(data: bytearray, count: object) -> bytes:
    assert isinstance(count, int)
    return bytes(data[:count])


def _with_line_end(line: object) -> bytes:
    assert isinstance(line, bytes)
    return line + b"\r\n" if line and TEXT.find(line + b"\r\n") >= 0 else line


def _message(result: object) -> bytes:
    assert isinstance(result, tuple)
    return itself(result[0])
