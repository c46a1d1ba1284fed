"""Scopes: one deadline for all calls inside of a block, and for none outside."""

from __future__ import annotations

import asyncio
import contextvars
import errno
import itertools
import socket
import sys
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from math import ceil
from pathlib import Path

import pytest
from harness import tlspair
from harness.authority import Authority
from harness.interruption import at_least, interrupted
from harness.loopback import Background, listening, pair, silent_server, stream_endpoint
from harness.scripted_stream import ScriptedStream
from nimnet_runtime import deadline as deadlines
from nimnet_runtime import scopes
from nimnet_runtime.deadline import UNBOUNDED, Deadline, within
from nimnet_runtime.endpoint import Endpoint
from nimnet_runtime.errors import TimeoutError
from nimnet_runtime.readahead import ReadAhead
from nimnet_runtime.scopes import Limit, Scope, earliest

LONG = 20_000
THEN = ceil(time.monotonic()) + 100_000.0
"""A moment after all that the system's clock has shown."""


class Clock:
    """The clock, by hand."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = THEN
        monkeypatch.setattr(scopes, "monotonic", lambda: self.now)
        monkeypatch.setattr(deadlines, "monotonic", lambda: self.now)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


class Nobody:
    """A caller with nothing to tell."""

    def told(self, call: str) -> str:
        return call

    def came(self, goal: int) -> str:
        return str(goal or "")


def begun(timeout: int = -1) -> Deadline:
    return within(timeout, "recv from", Nobody())


@contextmanager
def scope(milliseconds: int) -> Iterator[Limit]:
    """As the generated class: a `with` statement has the scope alone."""
    entered = Scope(milliseconds)
    try:
        yield entered.__enter__()
    finally:
        entered.leave()


# The limit.


@pytest.mark.parametrize("milliseconds", [-1, -5, 2**63, 10**400])
def test_what_is_no_length_of_time(milliseconds: int) -> None:
    for make in (Limit, Scope):
        with pytest.raises(OSError, match="milliseconds must be 0 or more, not") as caught:
            make(milliseconds)
        assert caught.value.errno == errno.EINVAL


def test_what_remains_is_rounded_up_and_never_below_nothing(clock: Clock) -> None:
    limit = Limit(10)
    assert (limit.remaining, limit.passed) == (10, False)
    for now, remaining in ((0.0001, 10), (0.0015, 9), (0.0099999, 1), (0.01, 0), (0.5, 0)):
        clock.now = THEN + now
        assert (limit.remaining, limit.passed) == (remaining, not remaining)


def test_the_longest_is_still_a_timeout() -> None:
    remaining = Limit(2**63 - 1).remaining
    assert remaining <= 2**63 - 1
    Deadline(remaining)


# Which deadline a call has.


def test_without_a_scope_there_is_nothing_to_hold_to() -> None:
    assert begun() is UNBOUNDED
    assert earliest() is None


def test_the_earliest_counts_and_is_named(clock: Clock) -> None:
    with scope(500):
        for timeout, left, whose in (
            (-1, 0.5, "the 500 ms of fail_after have passed"),
            (400, 0.4, "the timeout of 400 ms has passed"),
            (500, 0.5, "the timeout of 500 ms has passed"),
            (600, 0.5, "the 500 ms of fail_after have passed"),
        ):
            deadline = begun(timeout)
            assert deadline.remaining() == pytest.approx(left)
            assert whose in str(deadline.expired())
        clock.now += 0.2
        with scope(1000):
            assert begun().remaining() == pytest.approx(0.3)
            assert "the 500 ms of fail_after" in str(begun().expired())
            with scope(100):
                assert begun().remaining() == pytest.approx(0.1)
                assert "the 100 ms of fail_after" in str(begun().expired())
            assert begun().remaining() == pytest.approx(0.3)
        assert begun().remaining() == pytest.approx(0.3)
    assert begun() is UNBOUNDED
    assert begun(5).remaining() == pytest.approx(0.005)


def test_a_call_that_begins_too_late_asks_nobody(clock: Clock) -> None:
    with scope(5):
        for timeout in (-1, 0, 10):
            begun(timeout).require_time()
        clock.now += 0.0051
        for timeout in (-1, 0, 10):
            assert not begun(timeout).immediate
            begun(timeout).check(1)
            with pytest.raises(TimeoutError, match="5 ms of fail_after have passed before it ask"):
                begun(timeout).require_time()
        assert not begun().own


def test_a_timeout_of_a_call_s_own_lets_it_ask_once(clock: Clock) -> None:
    """And again for as long as it has moved nothing; 0 is for all that can be done at once."""
    now, soon = begun(0), begun(10)
    clock.now += 1
    for deadline in (now, soon, UNBOUNDED):
        deadline.require_time()
    now.require_time(moved=True)
    UNBOUNDED.require_time(moved=True)
    with pytest.raises(TimeoutError, match="of 10 ms has passed before it asked the system again"):
        soon.require_time(moved=True)


def test_a_deadline_stays_what_it_was_when_the_call_began(clock: Clock) -> None:
    entered = Scope(50)
    entered.__enter__()
    deadline = begun()
    entered.leave()
    clock.now += 0.02
    assert deadline.remaining() == pytest.approx(0.03)
    assert "the 50 ms of fail_after" in str(deadline.half(0).expired())


# Where a scope holds.


def test_other_threads_are_not_held_to_it() -> None:
    with scope(LONG):
        if not getattr(sys.flags, "thread_inherit_context", False):
            assert Background(earliest).join() is None
        copy = contextvars.copy_context()
        assert Background(lambda: copy.run(earliest)).join() is earliest()


def test_a_copy_of_the_context_is_held_to_it_until_the_block_ends() -> None:
    with scope(LONG) as limit:
        copy = contextvars.copy_context()
        assert copy.run(earliest) is limit
    assert copy.run(earliest) is None


def test_tasks_and_their_threads_are_held_to_it() -> None:
    async def main() -> None:
        with scope(LONG) as limit:
            assert await asyncio.create_task(task()) is limit
            assert await asyncio.to_thread(earliest) is limit
        assert await asyncio.create_task(task()) is None

    async def task() -> Limit | None:
        return earliest()

    asyncio.run(main())


def test_blocks_may_end_in_any_order() -> None:
    """As those of two generators do, which run in the context of whoever resumes them."""

    def generator(milliseconds: int) -> Iterator[Limit]:
        with scope(milliseconds) as limit:
            yield limit

    one, two = generator(LONG), generator(LONG + 1)
    first, second = next(one), next(two)
    assert earliest() is first
    with suppress(StopIteration):
        next(one)
    assert earliest() is second
    with suppress(StopIteration):
        next(two)
    assert earliest() is None
    assert scopes.entered.get() == ()


def test_a_block_may_end_in_another_context() -> None:
    """As that of a generator does which another thread closes."""
    kept = Scope(LONG)  # so that its entry does not go with the block

    def generator() -> Generator[Limit]:
        limit = kept.__enter__()
        try:
            yield limit
        finally:
            kept.leave()

    outer, inner = generator(), generator()
    first, second = next(outer), next(inner)
    assert earliest() is first

    def elsewhere() -> Limit | None:
        kept.__enter__()
        kept.leave()
        return earliest()

    assert contextvars.Context().run(elsewhere) is None
    assert earliest() is first  # that context has ended its own
    contextvars.Context().run(inner.close)
    assert not second.passed
    assert earliest() is first
    Background(outer.close).join()
    assert earliest() is None


def test_a_generator_that_is_dropped_holds_nobody() -> None:
    def generator() -> Iterator[Limit]:
        with scope(LONG) as limit:
            yield limit

    left = generator()
    next(left)
    del left
    assert earliest() is None


def test_a_scope_may_be_entered_again(clock: Clock) -> None:
    entered = Scope(100)
    first = entered.__enter__()
    clock.now += 0.05
    second = entered.__enter__()
    assert earliest() is first
    entered.leave()
    assert earliest() is first
    assert not second.passed
    entered.leave()
    assert earliest() is None
    clock.now += 1
    entered.__enter__()
    assert earliest() is not None
    entered.leave()
    entered.leave()  # once too often: nothing
    assert earliest() is None


def test_a_signal_handler_leaves_no_scope_behind() -> None:
    """Wherever it raises: before the block, or at its end."""
    for moment in itertools.count(1):

        def block() -> None:
            with scope(LONG):
                pass

        reached = interrupted(block, moment)
        assert earliest() is None, f"at moment {moment}"
        if not reached:
            assert moment > at_least(5)
            return


# What calls do inside of one.


def test_what_is_read_ahead_is_given_without_a_look(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = ReadAhead(ScriptedStream([b"first\r\nsecond\r\nthird\r\nab" * 100]), True)
    assert reader.recv_line(-1, 0, 100) == b"first"

    def look(*_: object) -> Deadline:
        raise AssertionError("a quick path looks for a deadline")

    for room in ("intake", "searching", "readahead"):
        monkeypatch.setattr(f"nimnet_runtime.{room}.within", look)
    assert reader.recv_line(-1, 0, 100) == b"second"
    line = bytearray()
    reader.read_line(line, 5, 0, 100)
    assert line == b"third"
    assert reader.receive(2, -1, 0) == b"ab"
    assert next(reader.lines(-1, 0, 100)) == b"first"


@pytest.mark.parametrize("buffered", [True, False])
def test_a_read_inside_takes_what_the_same_read_takes_outside(buffered: bool) -> None:
    """A scope is no timeout of the call's, which would make it wait for all it asked for."""
    with pair(buffered=buffered) as (endpoint, peer), scope(LONG):
        peer.send(b"abc")
        if buffered:
            threading.Timer(0.01, peer.send, (b"defgh",)).start()
            assert endpoint.reader.receive(8, -1, 0) == b"abcdefgh"
        else:
            assert endpoint.reader.receive(8, -1, 0) == b"abc"


@pytest.mark.parametrize("buffered", [True, False], ids=["buffered", "unbuffered"])
@pytest.mark.parametrize("secure", [False, True], ids=["tcp", "tls"])
def test_many_calls_have_one_deadline_to_the_millisecond(
    tmp_path: Path, clock: Clock, secure: bool, buffered: bool
) -> None:
    """The clock moves by as much as each byte takes, and no call waits longer than its timeout."""
    if secure:
        identity = Authority(tmp_path).issue()
        ends = tlspair.secured(
            tlspair.context(),
            tlspair.context(cert_file=identity.cert_file, key_file=identity.key_file),
            buffered=buffered,
        )
    else:
        ends = tlspair.ends(buffered=buffered)
    with ends as (endpoint, peer), scope(1000) as limit:
        for came in range(128):
            assert limit.remaining == ceil(1000 - 1000 / 128 * came)
            peer.send(b"x", 0, LONG)
            assert endpoint.reader.receive(1, -1 if came % 2 else 20, 0) == b"x"
            clock.now += 1 / 128
        assert limit.remaining == 0
        with pytest.raises(TimeoutError, match="the 1000 ms of fail_after have passed"):
            endpoint.reader.receive(1, 20, 0)
        clock.now -= 0.0001
        assert not limit.passed


@pytest.mark.parametrize("buffered", [True, False])
def test_a_peer_that_dribbles_is_cut_off(buffered: bool) -> None:
    """Each call gets its byte in time, and all of them together do not."""
    with pair(buffered=buffered) as (endpoint, peer):
        stop = threading.Event()

        def dribble() -> None:
            with suppress(OSError):
                while not stop.wait(0.002):
                    peer.send(b"x")

        dribbling = Background(dribble)
        came: list[bytes] = []
        with scope(100) as limit:
            with pytest.raises(TimeoutError, match="100 ms of fail_after"):
                came += iter(partial(endpoint.reader.receive, 1, -1, 0), b"")
            assert limit.passed
        assert came
        assert endpoint.reader.receive(1, LONG, 0) == b"x"
        stop.set()
        dribbling.join()


def test_low_level_forms_return_minus_one() -> None:
    with pair() as (endpoint, _peer), scope(1):
        assert endpoint.reader.receive_or_error(memoryview(bytearray(1)), 1) == -1
        assert endpoint.get_socket_error() == errno.ETIMEDOUT
    with pair() as (endpoint, _peer), scope(20):
        data = bytes(1 << 26)
        assert endpoint.send_or_error(memoryview(data), len(data)) == -1
        assert endpoint.get_socket_error() == errno.ETIMEDOUT
        assert not endpoint.try_send(data)
        assert endpoint.get_socket_error() == errno.ETIMEDOUT


def test_the_resolver_is_not_waited_for() -> None:
    from harness.resolver import answering_for, known

    with (
        answering_for({"slow.example": known("127.0.0.1", after=LONG)}),
        closing(stream_endpoint()) as endpoint,
    ):
        for call in (
            partial(endpoint.bind_addr, 0, "slow.example"),
            partial(endpoint.connect, "slow.example", 80),
        ):
            with scope(1), pytest.raises(TimeoutError, match="asking the resolver for 'slow"):
                call()


def test_a_connect_that_nobody_answers() -> None:
    with silent_server() as (host, port), closing(stream_endpoint()) as endpoint:
        with scope(20), pytest.raises(TimeoutError, match="the 20 ms of fail_after have passed"):
            endpoint.connect(host, port)
        with listening() as listener:  # and it can be connected again
            endpoint.connect(*listener.getsockname())


def test_waiting_for_ones_turn() -> None:
    with pair() as (endpoint, peer):
        # Without a deadline: it has the one turn from its beginning to its end.
        reading = Background(lambda: endpoint.reader.receive(1, -1, 0))
        while not endpoint.descriptor.reading.busy:
            pass
        with scope(5), pytest.raises(TimeoutError, match="another thread's call on the socket"):
            endpoint.stream.receive(1, within(-1, "recv from", endpoint.reader))
        peer.send(b"x")
        reading.join()


def test_what_is_here_is_delivered_when_time_is_up_and_nothing_else_is_taken() -> None:
    with pair() as (endpoint, peer):
        peer.send(b"abc")
        assert endpoint.reader.receive(1, -1, 0) == b"a"
        peer.send(b"def")
        assert endpoint.descriptor.sock.recv(3, socket.MSG_PEEK) == b"def"
        with scope(0):
            assert endpoint.reader.receive(1, -1, 0) == b"b"
            for timeout in (-1, 0, LONG):
                with pytest.raises(TimeoutError, match=r"1 of 4 bytes had come; they stay"):
                    endpoint.reader.receive(4, timeout, 0)
            assert endpoint.reader.receive_some(4, -1, 0) == b"c"
            with pytest.raises(TimeoutError):
                endpoint.reader.receive_some(4, -1, 0)
        assert endpoint.reader.receive_some(4, -1, 0) == b"def"


def test_a_client_that_waits_is_accepted_after_the_block() -> None:
    with listening() as listener, socket.socket() as client:
        client.connect(listener.getsockname())
        with closing(Endpoint.adopt(listener.detach(), None, None, None, True)) as server:
            server.descriptor.sock.setblocking(True)
            with scope(0), pytest.raises(TimeoutError, match="passed waiting for a client"):
                server.accept(0, LONG)
            server.accept(0, LONG).close()


def test_an_end_that_was_read_is_given_when_time_is_up() -> None:
    with pair() as (endpoint, peer):
        peer.close()
        assert endpoint.reader.receive(1, LONG, 0) == b""
        with scope(0):
            assert endpoint.reader.receive(1, LONG, 0) == b""


def test_a_closed_socket_says_so_when_time_is_up() -> None:
    with pair() as (endpoint, _peer), scope(0):
        endpoint.close()
        for call in (partial(endpoint.reader.receive, 1, -1, 0), partial(endpoint.send, b"x")):
            with pytest.raises(OSError, match="the socket is closed"):
                call()


def test_closing_takes_no_longer_than_its_block() -> None:
    with pair() as (endpoint, _peer), scope(0):
        endpoint.close()
        assert endpoint.closed
