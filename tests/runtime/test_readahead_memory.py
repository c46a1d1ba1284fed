"""Reads into the caller's memory: what is received straight to it, and what comes in between."""

import os
import random
from collections.abc import Callable
from typing import Final

import pytest
from harness.builds import pure_only
from harness.interruption import ROUNDS, SIGNALS, InterruptError, disturbance
from harness.loopback import Background, pair, until_waiting
from harness.scripted_stream import End, Pause, ScriptedStream
from nimnet_runtime.bytequeue import ByteQueue
from nimnet_runtime.deadline import Deadline
from nimnet_runtime.errors import TimeoutError
from nimnet_runtime.readahead import ReadAhead

ANY_LENGTH: Final = 1_000_000
LONG = bytes(range(256)) * 300


class Intruded(ScriptedStream):
    """Lets something else happen each time that a read into memory asks it, before and after."""

    intrusion: Callable[[], None]

    def receive_into(self, view: memoryview, counts: list[int], deadline: Deadline) -> None:
        self.intrusion()
        super().receive_into(view, counts, deadline)
        self.intrusion()


class NeverByTheBuffer(ScriptedStream):
    def receive_to(self, arrived: list[bytes], size: int, deadline: Deadline) -> None:
        raise AssertionError(f"{size} bytes would be copied ({arrived!r}, {deadline!r})")


@pytest.mark.parametrize("buffered", [False, True])
def test_what_comes_is_received_to_the_memory_itself(buffered: bool) -> None:
    text = LONG * 30
    data = memoryview(bytearray(len(text) + 9))
    pieces = [text[:99_999], text[99_999 : 2 << 20], text[2 << 20 :]]
    reader = ReadAhead(NeverByTheBuffer(pieces), buffered=buffered)
    assert reader.receive_buffer(data, len(text), 1000) == len(text)
    assert data[: len(text)] == text


def test_what_is_here_already_comes_first() -> None:
    reader = ReadAhead(ScriptedStream([b"line\n" + LONG[:999], LONG[999:]]), buffered=True)
    assert reader.recv_line(-1, 0, ANY_LENGTH) == b"line"
    data = memoryview(bytearray(len(LONG)))
    assert reader.receive_buffer(data, len(LONG), -1) == len(LONG)
    assert data == LONG
    assert reader.receive(1, -1, 0) == b""


@pytest.mark.parametrize("some", [False, True])
@pytest.mark.parametrize("inner", ["receive", "recv_line", "skip", "receive_buffer", "large"])
def test_a_call_inside_of_a_read_into_memory_takes_what_came_first(inner: str, some: bool) -> None:
    """A signal handler's, or another thread's. Nobody is refused, and every byte comes once."""
    text = b"7 bytes" + b"\n" + LONG
    got = bytearray()

    def into_memory(size: int) -> None:
        data = memoryview(bytearray(size))
        count = reader.receive_buffer(data, size, -1)
        got.extend(data[:count])

    calls: dict[str, Callable[[], None]] = {
        "receive": lambda: got.extend(reader.receive(3, -1, 0)),
        "recv_line": lambda: got.extend(reader.recv_line(-1, 0, 2)),
        "skip": lambda: got.extend(text[: reader.skip(3, -1)]),
        "receive_buffer": lambda: into_memory(3),
        "large": lambda: into_memory(70_000),
    }
    times = iter((1, 2, 3))

    def intrude() -> None:
        if next(times, 0) == 2:  # something has come, and the call has not returned
            calls[inner]()

    stream = Intruded([text[:7], text[7:20_000], text[20_000:]])
    stream.intrusion = intrude
    reader = ReadAhead(stream, buffered=False)
    data = memoryview(bytearray(len(text)))
    if some:
        count = reader.receive_some_into(data, -1, 0)
    else:
        count = reader.receive_buffer(data, len(text), 1000)
    assert got
    assert bytes(got) + data[:count] + reader.receive(len(text), 1000, 0) == text


def test_a_call_inside_sees_what_has_come_and_takes_nothing() -> None:
    seen: list[tuple[bytes, bool, str]] = []
    stream = Intruded([LONG[:5], LONG[5:]])
    stream.intrusion = lambda: seen.append(
        (reader.read_ahead()[0], reader.has_data_buffered(), reader.came(9))
    )
    reader = ReadAhead(stream, buffered=True)
    data = memoryview(bytearray(len(LONG)))
    assert reader.receive_buffer(data, len(LONG), -1) == len(LONG)
    assert data == LONG
    assert [len(each) for each, _, _ in seen] == [0, 5]
    assert [some for _, some, _ in seen] == [False, True]
    assert seen[1][2].startswith("5 of 9 bytes had come")


@pytest.mark.parametrize("length", [1, 5, 999])
def test_what_an_interrupted_read_into_memory_had_got_stays_in_order(length: int) -> None:
    """Also if a call inside has taken some of it, and a handler raises after that."""
    got: list[bytes] = []
    times = iter(range(4))

    def intrude() -> None:
        if next(times) == 3:
            got.append(reader.receive(length, -1, 0))
            raise InterruptError

    stream = Intruded([LONG[:5], LONG[5:1000], LONG[1000:]])
    stream.intrusion = intrude
    reader = ReadAhead(stream, buffered=True)
    with pytest.raises(InterruptError):
        reader.receive_buffer(memoryview(bytearray(len(LONG))), len(LONG), -1)
    assert got == [LONG[:length]]
    assert reader.receive(len(LONG), -1, 0) == LONG[length:]


@pytest.mark.parametrize("end", [End.CLOSED, End.RESET])
def test_what_comes_before_an_end_is_in_the_memory(end: End) -> None:
    times = iter(range(9))

    def intrude() -> None:
        if next(times) == 3:
            assert reader.receive(2, -1, 0) == LONG[:2]

    for intrusion, begin in ((lambda: None, 0), (intrude, 2)):
        stream = Intruded([LONG[:5], LONG[5:1000]], end)
        stream.intrusion = intrusion
        reader = ReadAhead(stream, buffered=True)
        data = memoryview(bytearray(len(LONG)))
        assert reader.receive_buffer(data, len(LONG), -1) == 1000 - begin
        assert data[: 1000 - begin] == LONG[begin:1000]
        if end is End.RESET:
            with pytest.raises(ConnectionResetError):
                reader.receive_buffer(data, len(LONG), -1)
        else:
            assert reader.receive_buffer(data, len(LONG), -1) == 0


def test_a_line_end_that_is_late_is_in_no_memory() -> None:
    reader = ReadAhead(ScriptedStream([b"line\r", b"\n" + LONG]), buffered=True)
    assert reader.recv_line(-1, 0, ANY_LENGTH) == b"line"
    data = memoryview(bytearray(len(LONG)))
    assert reader.receive_buffer(data, len(LONG), -1) == len(LONG)
    assert data == LONG


def test_a_line_end_that_a_call_inside_left_is_in_no_memory() -> None:
    lines: list[bytes] = []
    times = iter(range(9))

    def intrude() -> None:
        if next(times) == 1:
            lines.append(reader.recv_line(-1, 0, ANY_LENGTH))

    stream = Intruded([b"line\r", b"\n" + LONG])
    stream.intrusion = intrude
    reader = ReadAhead(stream, buffered=True)
    data = memoryview(bytearray(len(LONG)))
    assert reader.receive_buffer(data, len(LONG), -1) == len(LONG)
    assert lines == [b"line"]
    assert data == LONG


@pure_only("it replaces a method; that a timeout loses nothing is tested on both")
def test_what_came_into_memory_is_there_when_there_is_memory_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def nothing_left(*_: object) -> bytes:
        raise MemoryError

    reader = ReadAhead(ScriptedStream([b"abc", Pause.PAUSE, b"def"]), buffered=False)
    with monkeypatch.context() as patch:
        patch.setattr(ByteQueue, "first", nothing_left)
        with pytest.raises(MemoryError):
            reader.receive_buffer(memoryview(bytearray(6)), 6, 0)
    assert reader.has_data_buffered()
    assert reader.receive(6, 1000, 0) == b"abcdef"


@pytest.mark.parametrize("timeout", [20_000, -1])
def test_a_second_thread_reads_what_the_first_waits_with(timeout: int) -> None:
    with pair() as (endpoint, peer):
        data = memoryview(bytearray(len(LONG)))
        first = Background(lambda: endpoint.reader.receive_buffer(data, len(LONG), timeout))
        peer.sendall(LONG[:999])
        while not endpoint.reader.came(0).startswith("999 bytes"):
            assert not first.ended()
            os.sched_yield()
        until_waiting(first)
        assert endpoint.reader.receive(99, 0, 0) == LONG[:99]
        peer.sendall(LONG[999:] + LONG[:99])
        assert first.join() == len(LONG)
        assert data == LONG[99:] + LONG[:99]


@SIGNALS
@pytest.mark.parametrize("size", [7, 64 * 1024])
def test_a_signal_handler_that_raises_loses_nothing_of_a_read_into_memory(size: int) -> None:
    assert any(_read_into_memory_disturbed(size) for _ in range(ROUNDS))


def _read_into_memory_disturbed(size: int) -> int:
    """Read into memory while signals come; tell how often one interrupted that."""
    count = 4000 if size < 1000 else 500
    text = random.Random(size).randbytes(count * size)
    # Half of a read each time, and what has no end in common with them.
    pieces = [text[begin : begin + size // 2] for begin in range(0, len(text), size // 2)]
    reader = ReadAhead(ScriptedStream(pieces), buffered=size > 1000)
    memory = bytearray(len(text))
    views = [memoryview(memory)[begin : begin + size] for begin in range(0, len(text), size)]
    counts: list[int] = []
    interruptions = 0
    with disturbance() as disturbing:
        while len(counts) < count:
            try:
                disturbing.armed = True
                while len(counts) < count:
                    counts += (reader.receive_buffer(views[len(counts)], size, 1000),)
            except InterruptError:
                interruptions += 1
    assert set(counts) == {size}
    assert memory == text
    return interruptions


@pytest.mark.parametrize("buffered", [False, True])
def test_memory_that_a_failed_read_was_lent_is_given_back(buffered: bool) -> None:
    text = bytes(range(256)) * 300
    data = bytearray(len(text))
    reader = ReadAhead(ScriptedStream([text[:999], Pause.PAUSE, text[999:]]), buffered=buffered)
    with memoryview(data) as view, pytest.raises(TimeoutError, match=r"999 of 76800 bytes"):
        reader.receive_buffer(view, len(text), 0)
    data.clear()  # nobody has it any more, nor looks at it
    assert reader.receive(len(text), 1000, 0) == text
