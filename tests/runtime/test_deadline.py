"""Deadlines: made once, never restarted."""

import errno
import os
import socket
import threading
import time

import pytest
from nimnet_runtime import system
from nimnet_runtime.deadline import UNBOUNDED, Deadline
from nimnet_runtime.errors import TimeoutError


@pytest.mark.parametrize("timeout", [-2, -5, -(2**63), 2**63, 10**400])
def test_what_is_no_timeout(timeout: int) -> None:
    with pytest.raises(OSError, match="timeout must be -1") as caught:
        Deadline(timeout)
    assert caught.value.errno == errno.EINVAL


def test_the_type_is_checked_by_python() -> None:
    with pytest.raises(TypeError):
        Deadline("5")  # type: ignore[arg-type]  # what untyped code might do


def test_the_longest_timeout_waits_and_locks() -> None:
    deadline = Deadline(2**63 - 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        deadline.wait_writable(sock.fileno())
    lock = threading.Lock()
    lock.acquire()
    threading.Timer(0.01, lock.release).start()
    deadline.acquire(lock)


def test_unbounded() -> None:
    assert not UNBOUNDED.bounded
    assert UNBOUNDED.remaining() is None
    assert not UNBOUNDED.passed()
    assert UNBOUNDED.half(3) is UNBOUNDED


def test_remaining_shrinks_to_nothing() -> None:
    deadline = Deadline(20)
    first = deadline.remaining()
    assert first is not None
    assert 0 < first <= 0.02
    time.sleep(0.02)
    assert deadline.remaining() == 0.0
    assert deadline.passed()


def test_a_wait_that_times_out_says_how_long_it_was() -> None:
    left, right = socket.socketpair()
    with left, right:
        with pytest.raises(TimeoutError, match="30 ms") as caught:
            Deadline(30).wait_readable(left.fileno())
        assert caught.value.errno == errno.ETIMEDOUT
        right.send(b"x")
        Deadline(0).wait_readable(left.fileno())


def test_two_waits_share_one_deadline() -> None:
    left, right = socket.socketpair()
    with left, right:
        deadline = Deadline(100)
        began = time.monotonic()
        for _ in range(2):
            with pytest.raises(TimeoutError):
                deadline.wait_readable(left.fileno())
        assert time.monotonic() - began < 5
        assert deadline.passed()


def test_a_lock_that_is_not_free() -> None:
    lock = threading.Lock()
    lock.acquire()
    with pytest.raises(TimeoutError):
        Deadline(10).acquire(lock)
    lock.release()
    Deadline(0).acquire(lock)
    assert lock.locked()


def test_without_a_deadline_a_lock_is_waited_for() -> None:
    lock = threading.Lock()
    lock.acquire()
    threading.Timer(0.01, lock.release).start()
    UNBOUNDED.acquire(lock)
    assert lock.locked()


def test_a_wait_may_be_longer_than_the_longest_poll(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "LONGEST_POLL", 0.001)
    left, right = socket.socketpair()
    with left, right:
        began = time.monotonic()
        with pytest.raises(TimeoutError, match="50 ms"):
            Deadline(50).wait_readable(left.fileno())
        assert time.monotonic() - began >= 0.05


def test_a_half_of_what_remains_or_the_least() -> None:
    deadline = Deadline(10_000)
    for least, expected in ((2, 5), (7, 7), (20, 10)):
        part = deadline.half(least)
        assert part.remaining() == pytest.approx(expected, abs=0.5)
        assert "10000 ms" in str(part.expired())


def test_a_descriptor_above_1024() -> None:
    left, right = socket.socketpair()
    with left, right:
        high = os.dup(left.fileno())
        try:
            import fcntl

            above = fcntl.fcntl(high, fcntl.F_DUPFD_CLOEXEC, 1500)
            with pytest.raises(TimeoutError):
                Deadline(0).wait_readable(above)
            Deadline(0).wait_writable(above)
            os.close(above)
        finally:
            os.close(high)
