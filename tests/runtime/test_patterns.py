"""What is read until something comes: which match it is, and that the work for it is linear."""

import errno
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Final

import pytest
from harness.builds import pure_only
from harness.scripted_stream import End, Pause, ScriptedStream
from nimnet_runtime import patterns
from nimnet_runtime.bytequeue import ByteQueue
from nimnet_runtime.errors import TimeoutError
from nimnet_runtime.readahead import ReadAhead
from nimnet_runtime.reader import Expected

LIMIT: Final = 1_000_000
BUFFERED = pytest.mark.parametrize("buffered", [True, False], ids=["buffered", "unbuffered"])
Pattern = bytes | re.Pattern[bytes]


def reading(*arrivals: bytes | Pause, buffered: bool = True, end: End = End.CLOSED) -> ReadAhead:
    return ReadAhead(ScriptedStream(arrivals, end), buffered)


def expected(reader: ReadAhead, *wanted: Pattern, timeout: int = -1) -> Expected:
    found = reader.expect(wanted, timeout, 0, LIMIT)
    assert found is not None
    return found


# Which match.


@BUFFERED
def test_the_groups_of_a_match(buffered: bool) -> None:
    reader = reading(b"at 10:42 all is well", buffered=buffered)
    found = expected(reader, re.compile(rb"(?P<hour>\d+):(?P<minute>\d\d)"))
    assert (found.match["hour"], found.match[2]) == (b"10", b"42")
    assert (found.before, found.matched) == (b"at ", b"10:42")
    assert expected(reader, b"is").match.span() == (5, 7)


@BUFFERED
def test_bytes_are_no_regex(buffered: bool) -> None:
    reader = reading(b"abc a.c [x]", buffered=buffered)
    assert expected(reader, b"a.c").match.span() == (4, 7)
    assert expected(reader, b"[x]").before == b" "


@BUFFERED
@pytest.mark.parametrize("length", [1, 2, 3, 5, 100])
def test_bytes_match_alike_in_whatever_pieces_they_come(length: int, buffered: bool) -> None:
    text = b"aab abc ab\r\nabcd; aa;b\nabab" * 20
    wanted = (b"abcd", b"ab\r\n", b"\n", b";", b"abab", b"b a")
    pieces = [text[at : at + length] for at in range(0, len(text), length)]
    reader = reading(*pieces, buffered=buffered)
    whole = reading(text)
    while (found := whole.expect(wanted, -1, 0, LIMIT)) is not None:
        again = expected(reader, *wanted)
        assert (again.index, again.before, again.matched) == (
            *(found.index, found.before, found.matched),
        )
    assert reader.expect(wanted, -1, 0, LIMIT) is None


@BUFFERED
def test_where_what_has_come_begins_and_ends(buffered: bool) -> None:
    reader = reading(b"one two", Pause.PAUSE, b" $ ", buffered=buffered)
    assert expected(reader, re.compile(rb"^one ")).matched == b"one "
    with pytest.raises(TimeoutError):
        reader.expect([re.compile(rb"^wo"), re.compile(rb"\$ $")], 0, 0, LIMIT)
    assert expected(reader, re.compile(rb"^one"), re.compile(rb"\$ $")).before == b"two "
    assert not reader.has_data_buffered()


@BUFFERED
@pytest.mark.parametrize("size", [10, 3000, 20_000, 100_000])
def test_a_long_match_is_found(size: int, buffered: bool) -> None:
    """Wherever the arrivals cut it, and at the latest when nothing more comes."""
    wanted = re.compile(rb"<x+>")
    pieces = [b"x" * 1000] * (size // 1000) or [b"x" * size]
    reader = reading(b"a<", *pieces, b">", Pause.PAUSE, b"more", buffered=buffered)
    found = expected(reader, wanted, timeout=5000)
    assert (found.before, len(found.matched)) == (b"a", size + 2)
    ended = reading(b"a<", *pieces, b">", buffered=buffered)
    assert len(expected(ended, wanted).matched) == size + 2
    failed = reading(b"a<", *pieces, b">", buffered=buffered, end=End.RESET)
    assert len(expected(failed, wanted).matched) == size + 2


@BUFFERED
def test_a_long_match_is_found_by_who_asks_again(
    buffered: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted, pieces = re.compile(rb"<x+>"), [b"x" * 1000] * 20
    monkeypatch.setattr(patterns, "monotonic", count(0.0, 0.03).__next__)
    reader = reading(b"<", *pieces, b">", *[Pause.PAUSE] * 4, buffered=buffered)
    found: list[Expected] = []
    asked = 0
    while isinstance(
        caught(lambda: found.append(expected(reader, wanted, timeout=0))), TimeoutError
    ):
        asked += 1
    assert len(found[0].matched) == 20_002
    assert asked < 3


def test_what_was_searched_is_forgotten_when_it_is_read() -> None:
    """Also where the same byte comes again in its place, which is one object for CPython."""
    reader = reading(*(b"a", b"b", b"c"), Pause.PAUSE, *(b"a", b"X"), Pause.PAUSE)
    for _ in range(2):
        assert isinstance(caught(lambda: reader.receive_until(b"aX", 0, 0, LIMIT)), TimeoutError)
        assert reader.receive(3, 0, 0) == b"abc"
        assert reader.receive_until(b"aX", 0, 0, LIMIT) == b"aX"
        break


@BUFFERED
def test_calls_of_different_kinds_search_the_same_bytes(buffered: bool) -> None:
    reader = reading(b"one;two", Pause.PAUSE, Pause.PAUSE, Pause.PAUSE, b"\n", buffered=buffered)
    calls: list[Callable[[], object]] = [
        lambda: reader.receive_until(b"|", 0, 0, LIMIT),
        lambda: reader.recv_line(0, 0, LIMIT),
        lambda: reader.expect([b"|"], 0, 0, LIMIT),
    ]
    for call in calls:
        assert isinstance(caught(call), TimeoutError)
    assert reader.receive_until(b";", 0, 0, LIMIT) == b"one;"
    assert reader.recv_line(0, 0, LIMIT) == b"two"


def caught(call: Callable[[], object]) -> Exception | None:
    try:
        call()
    except Exception as error:  # the test looks at it
        return error
    return None


# What is no list of patterns.


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (b"login: ", "put the one into brackets"),
        ("login: ", "put the one into brackets"),
        (re.compile(rb"x"), "put the one into brackets"),
        (["login: "], r"patterns\[0\] must be bytes .* not str"),
        ([b"x", bytearray(b"x")], r"patterns\[1\] must be bytes .* not bytearray"),
        ([b"x", None], r"patterns\[1\] must be bytes .* not NoneType"),
        ([re.compile("x")], r"patterns\[0\] is a regex of str.*rb"),
    ],
)
@BUFFERED
def test_wrong_types_are_told_before_anything_is_read(
    wrong: list[Pattern], words: str, buffered: bool
) -> None:
    reader = reading(b"login: ", buffered=buffered)
    with pytest.raises(TypeError, match=words):
        reader.expect(wrong, -1, 0, LIMIT)
    assert reader.receive(10, -1, 0)[:7] == b"login: "[: 7 if buffered else None]


@pytest.mark.parametrize("wrong", [[], [b""], [b"a", re.compile(rb"x*")], [re.compile(rb"$")]])
def test_what_would_match_nothing_is_refused(wrong: list[Pattern]) -> None:
    reader = reading(b"a")
    with pytest.raises(OSError, match="patterns") as raised:
        reader.expect(wrong, -1, 0, LIMIT)
    assert raised.value.errno == errno.EINVAL
    assert reader.receive(1, -1, 0) == b"a"


# How much work it is: counted in bytes, not in seconds.


@contextmanager
def counting(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Counts the bytes that are taken from a queue to be looked at."""
    sizes: list[int] = []
    since, first = ByteQueue.since, ByteQueue.first

    def counted_since(queue: ByteQueue, position: int) -> bytes:
        sizes.append(len(found := since(queue, position)))
        return found

    def counted_first(queue: ByteQueue, size: int) -> bytes:
        sizes.append(len(found := first(queue, size)))
        return found

    with monkeypatch.context() as patch:
        patch.setattr(ByteQueue, "since", counted_since)
        patch.setattr(ByteQueue, "first", counted_first)
        yield sizes


@pure_only("it counts calls of methods, and how many there are is no matter of the build")
@pytest.mark.timeout(120)
@BUFFERED
@pytest.mark.parametrize("polls", [False, True], ids=["one-call", "a-call-for-each-byte"])
@pytest.mark.parametrize(
    "read",
    [
        pytest.param(lambda reader: reader.receive_until(b"\r\n", 0, 0, LIMIT), id="delimiter"),
        pytest.param(lambda reader: reader.expect([b"\r\n", b"!"], 0, 0, LIMIT), id="bytes"),
        pytest.param(lambda reader: reader.expect([re.compile(rb"y+")], 0, 0, LIMIT), id="regex"),
    ],
)
def test_bytes_that_come_one_by_one_are_not_searched_again_and_again(
    read: Callable[[ReadAhead], object],
    polls: bool,
    buffered: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(patterns, "_WINDOW", 16)
    monkeypatch.setattr(patterns, "monotonic", lambda: 0.0)
    counts = []
    for size in (1000, 4000):
        arrivals: list[bytes | Pause] = [b"x", Pause.PAUSE] if polls else [b"x"]
        reader = reading(*arrivals * size, buffered=buffered)
        with counting(monkeypatch) as sizes:
            for _ in range(size if polls else 0):
                assert isinstance(caught(lambda: read(reader)), TimeoutError)  # noqa: B023 - called at once
            assert not read(reader)
        counts.append(sum(sizes))
    assert counts[1] <= 4.5 * counts[0], counts


@BUFFERED
@pytest.mark.parametrize("regex", [rb"(?=ready)", rb"\b", rb"(?<=abc)", rb"$(?<=y)"])
def test_a_match_without_bytes_is_refused_and_reads_nothing(regex: bytes, buffered: bool) -> None:
    reader = reading(b"abc", b" ready", buffered=buffered)
    for _ in range(2):
        with pytest.raises(OSError, match=r"patterns\[1\] matches where nothing is") as caught:
            reader.expect([b"no", re.compile(regex)], -1, 0, LIMIT)
        assert caught.value.errno == errno.EINVAL
    assert reader.receive(9, 1000, 0) == b"abc ready"


@BUFFERED
def test_a_match_with_bytes_comes_before_one_without(buffered: bool) -> None:
    reader = reading(b"abc", buffered=buffered)
    assert expected(reader, re.compile(rb"(?=c)|ab")).matched == b"ab"
