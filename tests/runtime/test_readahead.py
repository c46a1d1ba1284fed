"""Read-ahead: what the model cannot show, each on its own."""

import copy
import errno
import pickle
import socket
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Final

import pytest
from harness.interruption import ROUNDS, SIGNALS, InterruptError, at_least, disturbance
from harness.scripted_stream import End, Pause, ScriptedStream
from nimnet_runtime.deadline import Deadline
from nimnet_runtime.descriptor import Descriptor
from nimnet_runtime.errors import PEEK, SAFE_DISCONN, SslError, TimeoutError
from nimnet_runtime.linebuffer import LineBuffer
from nimnet_runtime.readahead import ReadAhead
from nimnet_runtime.stream import PlainStream

ANY_LENGTH: Final = 1_000_000


def reading(*arrivals: bytes | Pause, buffered: bool = True, end: End = End.CLOSED) -> ReadAhead:
    return ReadAhead(ScriptedStream(arrivals, end), buffered)


# Lines


@pytest.mark.parametrize("length", range(20))
@pytest.mark.parametrize("end", [b"\r\n", b"\n", b"\r"])
def test_no_line_end_is_torn_where_a_window_of_lines_ends(length: int, end: bytes) -> None:
    line = b"x" * length
    reader = reading((line + end) * 5000)
    assert list(reader.lines(-1, 0, ANY_LENGTH)) == [line or b"\r\n"] * 5000


def test_iterating_and_reading_may_be_mixed() -> None:
    reader = reading(b"".join(b"%d\r\n" % number for number in range(10_000)))
    lines = reader.lines(-1, 0, ANY_LENGTH)
    for number, line in zip(range(0, 9990, 3), lines, strict=False):
        assert line == b"%d" % number
        assert reader.recv_line(-1, 0, ANY_LENGTH) == b"%d" % (number + 1)
        assert reader.receive(len(b"%d\r\n" % (number + 2)), -1, 0) == b"%d\r\n" % (number + 2)


@pytest.mark.parametrize("limit", [2, 9, 10, 100])
def test_the_limit_may_change_from_line_to_line(limit: int) -> None:
    """Lines that were split ahead under a higher limit are cut at the lower one all the same."""
    pieces = [b"ab", b"0123456789"]
    reader = reading(b"ab\n0123456789\n" * 5000)
    for number in range(4000):
        assert reader.recv_line(-1, 0, ANY_LENGTH) == pieces[number % 2]
    for _ in range(3):
        assert reader.recv_line(-1, 0, limit) == b"ab"
        long = b""
        while len(long) < 10:
            piece = reader.recv_line(-1, 0, limit)
            assert len(piece) == min(limit, 10 - len(long))
            long += piece
        assert long == pieces[1]
    assert reader.recv_line(-1, 0, ANY_LENGTH) == b"ab"


@pytest.mark.parametrize("bitten", [0, 2])
@pytest.mark.parametrize("skips", [False, True])
def test_a_read_over_lines_that_were_split_ahead_tears_nothing(bitten: int, skips: bool) -> None:
    """Also after a read that took a part of the next line only."""
    data = b"0123456789\r\n" * 5000
    reader = reading(data)
    for _ in range(4000):
        assert reader.recv_line(-1, 0, ANY_LENGTH) == b"0123456789"
    assert reader.receive(bitten, -1, 0) == b"01"[:bitten]
    rest = data[4000 * 12 + bitten :]
    if skips:
        assert reader.skip(1 << 24, -1) == len(rest)
    else:
        assert reader.receive(100, -1, 0) == rest[:100]
        assert reader.receive(len(rest), -1, 0) == rest[100:]


def test_an_iteration_goes_on_after_a_timeout() -> None:
    lines = reading(b"one\ntw", Pause.PAUSE, b"o\nthree").lines(0, 0, ANY_LENGTH)
    assert next(lines) == b"one"
    with pytest.raises(TimeoutError):
        next(lines)
    assert next(lines) == b"two"
    assert list(lines) == []


def test_the_arguments_of_lines_are_checked_when_it_is_called() -> None:
    with pytest.raises(OSError, match="max_length"):
        reading().lines(-1, 0, 0)


def test_a_partial_line_at_the_end_stays_readable() -> None:
    reader = reading(b"whole\r\npart")
    assert reader.recv_line(-1, 0, ANY_LENGTH) == b"whole"
    assert reader.recv_line(-1, 0, ANY_LENGTH) == b""
    assert reader.recv_line(-1, 0, ANY_LENGTH) == b""
    assert reader.has_data_buffered()
    assert reader.receive(100, -1, 0) == b"part"


def test_an_unbuffered_line_is_taken_exactly_through_its_end() -> None:
    ours, peer = socket.socketpair()
    with ours, peer:
        peer.sendall(b"one\r\ntwo\rthree\nabcde\r\nrest")
        reader = ReadAhead(PlainStream(Descriptor(ours)), buffered=False)
        for line, left in [
            (b"one", b"two\rthree\nabcde\r\nrest"),
            (b"two", b"three\nabcde\r\nrest"),
            (b"three", b"abcde\r\nrest"),
            (b"abcde", b"rest"),
        ]:
            assert reader.recv_line(-1, 0, 5) == line
            assert ours.recv(100, socket.MSG_PEEK) == left
        assert reader.recv_line(-1, 0, 3) == b"res"
        assert ours.recv(100) == b"t"


def test_an_lf_behind_a_delivered_cr_is_not_data() -> None:
    reader = reading(b"line\r", b"\n")
    assert reader.recv_line(-1, 0, ANY_LENGTH) == b"line"
    assert not reader.has_data_buffered()
    assert reader.receive(10, -1, 0) == b""


@pytest.mark.parametrize("buffered", [True, False])
def test_large_reads_drop_the_lf_behind_a_delivered_cr(buffered: bool) -> None:
    size = 100_000
    reader = reading(b"line\r", b"\n", b"x" * size + b"line\r", b"\n" + b"y" * size, b"rest")
    reader = ReadAhead(reader.stream, buffered)
    assert reader.recv_line(-1, 0, ANY_LENGTH) == b"line"
    assert reader.skip(size, -1) == size
    assert reader.recv_line(-1, 0, ANY_LENGTH) == b"line"
    data = bytearray(size)
    assert reader.receive_buffer(memoryview(data), size, 1000) == size
    assert data == b"y" * size
    assert reader.receive(4, -1, 0) == b"rest"


# Costs. Each takes a second, and would take minutes if a small piece cost as much as all around it.

AROUND: Final = [b"x" * (1 << 16)] * 1024
PIECES: Final = 40_000
MUCH: Final = sum(map(len, AROUND))
MORE: Final = 2 * MUCH


@pytest.mark.timeout(40)
@pytest.mark.parametrize("buffered", [True, False])
def test_a_long_line_in_tiny_segments_costs_the_same_for_each_byte(buffered: bool) -> None:
    reader = reading(*AROUND, *[b"x"] * PIECES, b"\n", buffered=buffered)
    assert len(reader.recv_line(-1, 0, MORE)) == MUCH + PIECES


@pytest.mark.timeout(40)
def test_a_call_that_times_out_for_every_byte_costs_the_same_for_each() -> None:
    bits: tuple[bytes | Pause, ...] = (b"x", Pause.PAUSE)
    reader = reading(*AROUND, Pause.PAUSE, *bits * PIECES, b"\n")
    for _ in range(PIECES // 2):
        with pytest.raises(TimeoutError):
            reader.recv_line(0, 0, MORE)
        with pytest.raises(TimeoutError):
            reader.receive(MORE, 0, 0)
    with pytest.raises(TimeoutError):
        reader.recv_line(0, 0, MORE)
    assert len(reader.recv_line(0, 0, MORE)) == MUCH + PIECES


@pytest.mark.timeout(40)
@pytest.mark.parametrize("end", [b"\r\n", b"\n", b"\r"])
def test_lines_and_raw_reads_in_turn_cost_the_same_for_each_byte(end: bytes) -> None:
    reader = reading_at_once((b"$3" + end + b"abc" + end) * PIECES)
    for _ in range(PIECES):
        assert reader.recv_line(-1, 0, MORE) == b"$3"
        assert reader.receive(3, -1, 0) == b"abc"
        assert reader.recv_line(-1, 0, MORE) == b"\r\n"


@pytest.mark.timeout(40)
def test_a_line_far_beyond_the_limit_costs_the_same_for_each_piece() -> None:
    reader = reading_at_once(b"a\n" * PIECES)
    pieces = list(islice(reader.lines(-1, 0, 5), 2 * PIECES))
    assert pieces == [b"a"] * PIECES + [b"xxxxx"] * PIECES


def reading_at_once(data: bytes) -> ReadAhead:
    """A reader whose buffer holds this and much more, as after a call that timed out."""
    reader = reading(data, *AROUND, Pause.PAUSE)
    with pytest.raises(TimeoutError):
        reader.receive(MORE, 0, 0)
    return reader


def test_a_huge_size_allocates_no_more_than_arrives() -> None:
    with peak_below(4 << 20):
        assert reading(b"x").receive(2**62, -1, 0) == b"x"
        assert reading(b"x", buffered=False).receive(2**62, -1, 0) == b"x"
        assert reading(b"x").skip(2**62, -1) == 1
        assert reading(b"x\n").recv_line(-1, 0, 2**62) == b"x"


def test_skip_without_a_timeout_keeps_nothing() -> None:
    segment = b"x" * (1 << 20)
    reader = reading(*[segment] * 64, b"rest")
    with peak_below(4 << 20):
        assert reader.skip(64 << 20, -1) == 64 << 20
    assert reader.receive(4, -1, 0) == b"rest"


@contextmanager
def peak_below(limit: int) -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < limit
    finally:
        tracemalloc.stop()


# Deadlines and failures


@pytest.mark.parametrize(
    "call",
    [
        lambda reader: reader.receive(2**62, 50, 0),
        lambda reader: reader.recv_line(50, 0, 2**62),
        lambda reader: reader.skip(2**62, 50),
        lambda reader: reader.receive_buffer(memoryview(bytearray(1 << 24)), 1 << 24, 50),
    ],
)
def test_a_peer_that_never_stops_does_not_hold_a_call_beyond_its_deadline(
    call: Callable[[ReadAhead], object],
) -> None:
    class Endless(ScriptedStream):
        def receive_to(self, arrived: list[bytes], size: int, deadline: Deadline) -> None:
            time.sleep(0.001)
            assert deadline.bounded
            arrived.append(b"x" * min(size, 100))

        def receive_into(self, view: memoryview, counts: list[int], deadline: Deadline) -> None:
            arrived: list[bytes] = []
            self.receive_to(arrived, len(view), deadline)
            view[: len(arrived[0])] = arrived[0]
            counts.append(len(arrived[0]))

    started = time.monotonic()
    reader = ReadAhead(Endless([]), buffered=True)
    with pytest.raises(TimeoutError):
        call(reader)
    assert time.monotonic() - started < 10
    assert reader.receive(100, 0, 0) == b"x" * 100


def test_a_timeout_of_0_takes_all_that_is_there() -> None:
    assert reading(*[b"x"] * 1000, Pause.PAUSE).receive(1000, 0, 0) == b"x" * 1000


def test_what_arrived_is_delivered_before_a_failure_of_the_stream() -> None:
    class Truncated(ScriptedStream):
        def receive_to(self, arrived: list[bytes], size: int, deadline: Deadline) -> None:
            super().receive_to(arrived, size, deadline)
            if not arrived[0]:
                raise SslError("the peer closed the connection without saying so")

    reader = ReadAhead(Truncated([b"line\npart"]), buffered=True)
    assert reader.recv_line(-1, SAFE_DISCONN, ANY_LENGTH) == b"line"
    with pytest.raises(SslError):
        reader.recv_line(-1, SAFE_DISCONN, ANY_LENGTH)
    assert reader.receive(100, -1, SAFE_DISCONN) == b"part"
    with pytest.raises(SslError):
        reader.receive(100, -1, SAFE_DISCONN)


def test_a_failure_that_will_not_come_again_is_not_swallowed() -> None:
    class OutOfMemory(ScriptedStream):
        def receive_to(self, arrived: list[bytes], size: int, deadline: Deadline) -> None:
            if self.taken:
                raise OSError(errno.ENOBUFS, "no buffer space available")
            super().receive_to(arrived, size, deadline)

    reader = ReadAhead(OutOfMemory([b"part"]), buffered=True)
    with pytest.raises(OSError, match="buffer space"):
        reader.receive(100, -1, SAFE_DISCONN)
    assert reader.receive(4, -1, 0) == b"part"


def test_after_close_nothing_that_had_arrived_is_delivered() -> None:
    reader = reading(b"line\n" * 1000)
    lines = reader.lines(-1, 0, ANY_LENGTH)
    for _ in range(10):
        assert next(lines) == b"line"
    reader.close()
    assert not reader.has_data_buffered()
    assert list(lines) == []


# Arguments


@pytest.mark.parametrize(
    ("call", "number", "said"),
    [
        (lambda reader: reader.receive(-1, -1, 0), errno.EINVAL, "size"),
        (lambda reader: reader.receive(1, -2, 0), errno.EINVAL, "timeout"),
        (lambda reader: reader.receive(1, 2**80, 0), errno.EINVAL, "timeout"),
        (lambda reader: reader.receive(1, -1, PEEK), errno.EOPNOTSUPP, "SAFE_DISCONN"),
        (lambda reader: reader.receive_into(bytearray(), -1, -1, 0), errno.EINVAL, "size"),
        (lambda reader: reader.skip(-1, -1), errno.EINVAL, "size"),
        (lambda reader: reader.skip(1, -2), errno.EINVAL, "timeout"),
        (lambda reader: reader.recv_line(-1, 0, 0), errno.EINVAL, "max_length"),
        (lambda reader: reader.recv_line(-2, 0, 10), errno.EINVAL, "timeout"),
        (lambda reader: reader.recv_line(2**80, 0, 10), errno.EINVAL, "timeout"),
        (lambda reader: reader.recv_line(-1, PEEK, 10), errno.EOPNOTSUPP, "SAFE_DISCONN"),
        (lambda reader: reader.lines(-1, PEEK, 10), errno.EOPNOTSUPP, "SAFE_DISCONN"),
        (
            lambda reader: reader.receive_buffer(memoryview(bytearray(3)), 4, -1),
            errno.EINVAL,
            "3 bytes",
        ),
        (
            lambda reader: reader.receive_buffer(memoryview(b"abc"), 3, -1),
            errno.EINVAL,
            "writable",
        ),
        (
            lambda reader: reader.receive_buffer(memoryview(bytearray(9))[::2], 3, -1),
            errno.EINVAL,
            "contiguous",
        ),
        (lambda reader: reader.receive_buffer(released(), 0, -1), errno.EINVAL, "released"),
        (lambda reader: reader.receive_into(exported(), 3, -1, 0), errno.EINVAL, "memoryviews"),
        (lambda reader: reader.read_line(exported(), -1, 0, 10), errno.EINVAL, "memoryviews"),
    ],
)
def test_a_bad_argument_says_so_and_takes_nothing(
    call: Callable[[ReadAhead], object], number: int, said: str
) -> None:
    reader = reading(b"one\ntwo\n" + b"line\n" * 100)
    for expected in (b"one", b"two"):  # first with nothing split ahead, then with lines there
        with pytest.raises(OSError, match=said) as caught:
            call(reader)
        assert caught.value.errno == number
        assert reader.recv_line(-1, 0, ANY_LENGTH) == expected


EXPORTED: Final = bytearray(b"unchanged")
EXPORT: Final = memoryview(EXPORTED)


def exported() -> bytearray:
    return EXPORTED


def released() -> memoryview:
    view = memoryview(bytearray(1))
    view.release()
    return view


def test_a_failed_call_leaves_the_caller_s_bytearray_alone() -> None:
    reader = reading(b"par", Pause.PAUSE, Pause.PAUSE, b"tial\n")
    data = bytearray(b"before")
    with pytest.raises(TimeoutError):
        reader.receive_into(data, 8, 0, 0)
    with pytest.raises(TimeoutError):
        reader.read_line(data, 0, 0, ANY_LENGTH)
    assert data == b"before"
    reader.read_line(data, 0, 0, ANY_LENGTH)
    assert data == b"partial"


def test_a_bytearray_that_is_exported_during_the_call_loses_nothing() -> None:
    class Exporting(ScriptedStream):
        def receive_to(self, arrived: list[bytes], size: int, deadline: Deadline) -> None:
            views.append(memoryview(data))
            super().receive_to(arrived, size, deadline)

    views: list[memoryview] = []
    data = bytearray(b"before")
    reader = ReadAhead(Exporting([b"abcdef"]), buffered=True)
    with pytest.raises(OSError, match="memoryviews"):
        reader.receive_into(data, 4, -1, 0)
    assert data == b"before"
    assert reader.receive(6, -1, 0) == b"abcdef"


def test_a_bytearray_that_is_exported_while_a_line_comes_is_a_declared_error() -> None:
    class Exporting(ScriptedStream):
        def receive_to(self, arrived: list[bytes], size: int, deadline: Deadline) -> None:
            views.append(memoryview(data))
            super().receive_to(arrived, size, deadline)

    views: list[memoryview] = []
    data = bytearray(b"before")
    reader = ReadAhead(Exporting([b"line\nnext\n"]), buffered=True)
    with pytest.raises(OSError, match="memoryviews"):
        reader.read_line(data, -1, 0, ANY_LENGTH)
    assert data == b"before"
    assert list(reader.lines(-1, 0, ANY_LENGTH)) == [b"line", b"next"]


def test_the_low_level_form_raises_nothing_and_records_the_error() -> None:
    reader = reading(b"abc", end=End.RESET)
    data = memoryview(bytearray(8))
    assert reader.receive_or_error(data, -1) == -1
    assert reader.last_error == errno.EINVAL
    assert reader.receive_or_error(data, 8) == 3
    assert bytes(data[:3]) == b"abc"
    assert reader.receive_or_error(data, 8) == -1
    assert reader.last_error == errno.ECONNRESET


def test_a_memoryview_of_other_items_is_filled_byte_by_byte() -> None:
    data = memoryview(bytearray(8)).cast("I")
    assert reading(b"abcdefgh").receive_buffer(data, 8, -1) == 8
    assert data.tobytes() == b"abcdefgh"


# Signals


@SIGNALS
def test_a_signal_handler_that_raises_loses_nothing_that_had_arrived() -> None:
    assert any(_read_lines_disturbed() >= at_least(1) for _ in range(ROUNDS))


def _read_lines_disturbed() -> int:
    """Read lines and bytes while signals come; tell how often one interrupted that."""
    count = 20_000
    reader = reading(b"".join(b"%d\r\n\n\n\nraw" % number for number in range(count)), Pause.PAUSE)
    with pytest.raises(TimeoutError):
        reader.receive(1 << 30, 0, 0)
    got: list[bytes] = []
    interruptions = 0
    with disturbance() as disturbing:
        while len(got) < 5 * count:
            try:
                disturbing.armed = True
                # No call between the reader's return and the list: what is returned is kept.
                while len(got) < 5 * count:
                    if len(got) % 5 == 4:
                        got += (reader.receive(3, 0, 0),)
                    else:
                        got += (reader.recv_line(0, 0, 99),)
            except InterruptError:
                interruptions += 1
    assert got[::5] == [b"%d" % number for number in range(count)]
    assert set(got[1::5] + got[2::5] + got[3::5]) == {b"\r\n"}
    assert set(got[4::5]) == {b"raw"}
    return interruptions


# Calls inside of others


class Robbed(ScriptedStream):
    """Lets something else happen once, as soon as it has given away what came."""

    robbery: Callable[[], object] | None = None

    def receive_to(self, arrived: list[bytes], size: int, deadline: Deadline) -> None:
        super().receive_to(arrived, size, deadline)
        robbery, self.robbery = self.robbery, None
        if robbery is not None:
            robbery()


@pytest.mark.parametrize(
    "outer",
    [
        lambda reader: reader.receive(6, -1, 0),
        lambda reader: reader.receive_some(6, -1, 0),
        lambda reader: reader.recv_line(-1, 0, ANY_LENGTH) + b"\n",
        lambda reader: next(reader.lines(-1, 0, ANY_LENGTH)) + b"\n",
        lambda reader: reader.receive_until(b"\n", -1, 0, ANY_LENGTH),
        lambda reader: reader.expect([b"later\n"], -1, 0, ANY_LENGTH).matched,
    ],
    ids=["receive", "receive_some", "recv_line", "lines", "receive_until", "expect"],
)
def test_a_call_that_takes_all_that_came_to_another_leaves_it_to_wait(
    outer: Callable[[ReadAhead], bytes],
) -> None:
    """A signal handler's, or that of a thread that should have waited for its turn."""
    stream = Robbed([b"sooner\n", b"later\n"])
    reader = ReadAhead(stream, buffered=True)
    taken: list[bytes] = []
    stream.robbery = lambda: taken.append(reader.receive(7, -1, 0))
    assert outer(reader) == b"later\n"
    assert taken == [b"sooner\n"]


def test_a_count_of_pieces_that_is_wrong_holds_nobody_up() -> None:
    """Where threads do not take turns; what they get is not defined, but they get it."""
    buffer = LineBuffer()
    for piece in (b"no line", b"neither"):
        buffer.arrived.append(piece)
        buffer.take_in()
    buffer._piled = 99
    buffer._pieces = []
    assert buffer.take_line(ANY_LENGTH) is None


def test_an_iteration_over_lines_is_not_copied() -> None:
    lines = reading(b"one\ntwo\n").lines(-1, 0, ANY_LENGTH)
    for copied in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError, match="lines of a socket"):
            copied(lines)
    assert list(lines) == [b"one", b"two"]


# Calls inside of a large read


@pytest.mark.parametrize("inner", ["receive", "recv_line", "skip", "read_ahead"])
def test_a_call_inside_of_a_large_read_is_refused_and_disturbs_nothing(inner: str) -> None:
    """A signal handler's, or another thread's."""
    text = bytes(range(256)) * (12 << 10)
    calls: dict[str, Callable[[], object]] = {
        "receive": lambda: reader.receive(1, -1, 0),
        "recv_line": lambda: reader.recv_line(-1, 0, 10),
        "skip": lambda: reader.skip(1, -1),
        "read_ahead": lambda: reader.read_ahead(),
    }
    refused: list[int | None] = []

    class Disturbed(ScriptedStream):
        def receive_into(self, view: memoryview, counts: list[int], deadline: Deadline) -> None:
            try:
                calls[inner]()
            except OSError as error:
                refused.append(error.errno)
            super().receive_into(view, counts, deadline)

    reader = ReadAhead(Disturbed([text[: 1 << 20], text[1 << 20 :]]), buffered=True)
    assert reader.receive(len(text), -1, 0) == text
    assert set(refused) == {errno.EBUSY}
