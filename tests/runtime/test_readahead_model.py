"""Random scripts and random calls: the reader against a model that is obviously right."""

import contextlib
import errno
import re
import socket
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias, TypeVar, get_args

import pytest
from harness.reading_model import RESET, TIMED_OUT, TOO_LONG, Failed, ReadingModel
from harness.scripted_stream import End, Pause, ScriptedStream
from hypothesis import example, given, settings
from hypothesis import strategies as st
from nimnet_runtime.descriptor import Descriptor
from nimnet_runtime.errors import SAFE_DISCONN, TimeoutError
from nimnet_runtime.readahead import ReadAhead
from nimnet_runtime.stream import PlainStream

Form: TypeAlias = Literal[
    "receive",
    "receive_into",
    "receive_buffer",
    "receive_some",
    "receive_some_into",
    "skip",
    "recv_line",
    "read_line",
    "lines",
    "receive_until",
    "expect",
]
FORMS: Final[tuple[Form, ...]] = get_args(Form)
LARGEST_BUFFER: Final = 100_000
T = TypeVar("T")


@dataclass(frozen=True)
class Call:
    form: Form
    size: int
    """Bytes; for lines the `max_length`."""
    timeout: Literal[0, -1]
    safe: bool
    delimiter: bytes = b"\r\n"
    patterns: tuple[bytes, ...] = (b"\n",)
    regexes: bool = False


PIECES: Final = st.one_of(
    st.text(alphabet="a\r\n", max_size=12).map(str.encode),
    st.builds(
        lambda text, count: text.encode() * count,
        st.sampled_from(["a\r\n", "\n", "\r", "bb\n", "c\r", "\r\r\n", "dddddd"]),
        st.sampled_from([10, 100, 1000]),
    ),
)
SCRIPTS: Final = st.lists(st.one_of(PIECES, PIECES, PIECES, st.just(Pause.PAUSE)), max_size=12)
SIZES: Final = st.one_of(
    st.integers(1, 6), st.integers(1, 400), st.sampled_from([1_000_000, 2**62, 2**70])
)
DELIMITERS: Final = st.sampled_from((b"\n", b"\r", b"\r\n", b"aa", b"\n\n", b"a\ra", b"\r\na\r\n"))
CALLS: Final = st.builds(
    Call,
    st.sampled_from(FORMS),
    SIZES,
    st.sampled_from((0, 0, -1)),
    st.booleans(),
    DELIMITERS,
    st.lists(DELIMITERS, min_size=1, max_size=3).map(tuple),
    st.booleans(),
)


@settings(max_examples=500, deadline=None)
@example(
    # The LF of a line end that was delivered at its CR arrives when all else is read.
    script=[b"a\r", Pause.PAUSE, b"\n"],
    end=End.CLOSED,
    calls=[Call("receive", 1, 0, False), Call("recv_line", 1, 0, False)],
    buffered=True,
)
@given(
    script=SCRIPTS,
    end=st.sampled_from(End),
    calls=st.lists(CALLS, max_size=60),
    buffered=st.booleans(),
)
def test_every_call_gives_what_the_model_gives(
    script: list[bytes | Pause], end: End, calls: list[Call], buffered: bool
) -> None:
    stream = ScriptedStream(script, end)
    reader = ReadAhead(stream, buffered)
    model = ReadingModel(script, end)
    for call in calls:
        check(reader, model, call, buffered)
        assert buffered or stream.taken <= model.asked
    rest = call_and_catch(lambda: reader.receive(2**20, -1, SAFE_DISCONN) if buffered else b"")
    if buffered:
        assert rest == model.rest()


@settings(max_examples=100, deadline=None)
@given(
    data=st.lists(PIECES, max_size=6).map(b"".join),
    calls=st.lists(CALLS, max_size=12),
    buffered=st.booleans(),
)
def test_a_real_socket_gives_what_the_model_gives(
    data: bytes, calls: list[Call], buffered: bool
) -> None:
    # The peer says nothing more and stays: a call that needs more would wait, so all have timeout
    # 0 and end at the pause behind the data, which is there as often as it is met.
    script: list[bytes | Pause] = [data, *([Pause.PAUSE] * len(calls))]
    model = ReadingModel(script, End.CLOSED)
    ours, peer = socket.socketpair()
    with ours, peer:
        peer.sendall(data)
        reader = ReadAhead(PlainStream(Descriptor(ours)), buffered)
        for call in calls:
            check(reader, model, replace(call, timeout=0), buffered)
        if not buffered and not reader.has_data_buffered():
            ours.setblocking(False)
            left = b""
            with contextlib.suppress(BlockingIOError):
                left = ours.recv(1 << 20)
            assert left == model.rest()


@pytest.mark.parametrize("buffered", [True, False])
def test_the_answers_do_not_depend_on_segmentation(buffered: bool) -> None:
    data = b"one\r\n\r\ntwo\rthree\n\n\r\rabcdefgh\r\nend\r\n" * 3
    for length in range(1, len(data)):
        segments = [data[at : at + length] for at in range(0, len(data), length)]
        reader = ReadAhead(ScriptedStream(segments), buffered)
        got = list(reader.lines(-1, 0, 5))
        assert (
            got
            == [
                *(b"one", b"\r\n", b"two", b"three", b"\r\n", b"\r\n", b"\r\n"),
                *(b"abcde", b"fgh", b"end"),
            ]
            * 3
        )


def check(reader: ReadAhead, model: ReadingModel, call: Call, buffered: bool) -> None:
    got = perform(reader, call)
    # The forms without flags never hide a disconnection.
    safe = call.safe and call.form not in ("skip", "receive_buffer")
    if call.form in ("recv_line", "read_line", "lines"):
        assert got == model.line(call.timeout, safe, call.size)
    elif call.form == "receive_until":
        longest = max(call.size, len(call.delimiter))
        assert got == model.until(call.delimiter, call.timeout, safe, longest)
    elif call.form == "expect":
        assert got == model.expect(call.patterns, call.timeout, safe, call.size)
    elif call.form == "skip":
        wanted = model.take(call.size, call.timeout, safe)
        assert got == (len(wanted) if isinstance(wanted, bytes) else wanted)
    else:
        into_memory = call.form in ("receive_buffer", "receive_some_into")
        size = min(call.size, LARGEST_BUFFER) if into_memory else call.size
        some = call.form in ("receive_some", "receive_some_into")
        if some or (call.timeout == -1 and not buffered):
            assert isinstance(got, bytes | Failed)
            assert model.take_some(got, size, safe, call.timeout)
        else:
            assert got == model.take(size, call.timeout, safe)


def perform(
    reader: ReadAhead, call: Call
) -> bytes | int | tuple[int, bytes, bytes] | Failed | None:
    flags = SAFE_DISCONN if call.safe else 0

    def receive_into() -> bytes:
        data = bytearray(b"before")
        count = reader.receive_into(data, call.size, call.timeout, flags)
        assert count == len(data)
        return bytes(data)

    def receive_buffer() -> bytes:
        size = min(call.size, LARGEST_BUFFER)
        data = memoryview(bytearray(size))
        return bytes(data[: reader.receive_buffer(data, size, call.timeout)])

    def receive_some_into() -> bytes:
        data = memoryview(bytearray(min(call.size, LARGEST_BUFFER)))
        return bytes(data[: reader.receive_some_into(data, call.timeout, flags)])

    def read_line() -> bytes:
        line = bytearray(b"before")
        reader.read_line(line, call.timeout, flags, call.size)
        return bytes(line)

    def expect() -> tuple[int, bytes, bytes] | None:
        patterns: list[bytes | re.Pattern[bytes]] = list(call.patterns)
        if call.regexes:
            patterns = [re.compile(re.escape(pattern)) for pattern in call.patterns]
        found = reader.expect(patterns, call.timeout, flags, call.size)
        if found is None:
            return None
        assert found.match[0] == found.matched
        return found.index, found.before, found.matched

    forms: dict[Form, Callable[[], bytes | int | tuple[int, bytes, bytes] | None]] = {
        "receive": lambda: reader.receive(call.size, call.timeout, flags),
        "receive_into": receive_into,
        "receive_buffer": receive_buffer,
        "receive_some": lambda: reader.receive_some(call.size, call.timeout, flags),
        "receive_some_into": receive_some_into,
        "skip": lambda: reader.skip(call.size, call.timeout),
        "recv_line": lambda: reader.recv_line(call.timeout, flags, call.size),
        "read_line": read_line,
        "receive_until": lambda: reader.receive_until(
            call.delimiter, call.timeout, flags, max(call.size, len(call.delimiter))
        ),
        "expect": expect,
        "lines": lambda: next(reader.lines(call.timeout, flags, call.size), b""),
    }
    return call_and_catch(forms[call.form])


def call_and_catch(action: Callable[[], T]) -> T | Failed:
    try:
        return action()
    except TimeoutError:
        return TIMED_OUT
    except ConnectionResetError:
        return RESET
    except OSError as error:
        if error.errno != errno.EMSGSIZE:
            raise
        return TOO_LONG
