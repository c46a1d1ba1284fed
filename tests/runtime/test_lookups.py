"""Lookups: a resolver that does not answer holds up neither its call nor others."""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType
from typing import TYPE_CHECKING

import pytest
from harness.builds import pure_only
from harness.loopback import Background
from harness.resolver import Silence, silent
from nimnet_runtime import lookups
from nimnet_runtime.deadline import Deadline
from nimnet_runtime.dialing import dial
from nimnet_runtime.errors import TimeoutError
from nimnet_runtime.resolution import Resolved, resolve
from nimnet_runtime.system import start_new_thread

if TYPE_CHECKING:
    from _typeshed import TraceFunction

pytestmark = pytest.mark.timeout(60)

PATIENCE = 20_000
ANSWER = [(socket.AF_INET, ("192.0.2.1", 80))]
UNTIL_KNOWN = pytest.mark.parametrize("timeout", [-1, PATIENCE], ids=["unbounded", "bounded"])


def find(host: str, timeout: int = PATIENCE, port: int = 80) -> list[Resolved]:
    return resolve(host, port, socket.AF_INET, socket.SOCK_STREAM, Deadline(timeout))


def finding(host: str, timeout: int = PATIENCE, port: int = 80) -> Background:
    return Background(lambda: find(host, timeout, port))


def until(condition: Callable[[], bool]) -> None:
    while not condition():
        time.sleep(0.0005)


def waiting() -> int:
    """How many calls wait for the resolver."""
    return sum(len(lookup._waiting) for lookup in lookups._under_way.values())


def find_local() -> None:
    """Finds a name that the system knows, at once: `/etc/hosts` has it."""
    began = time.monotonic()
    assert (socket.AF_INET, ("127.0.0.1", 80)) in find("localhost")
    assert time.monotonic() - began < 5


@pytest.fixture(name="silence")
def a_silent_resolver() -> Iterator[Silence]:
    with silent() as silence:
        yield silence


@pytest.mark.usefixtures("silence")
def test_the_resolver_does_not_outlast_the_deadline() -> None:
    for timeout in (0, 60):
        for call in (
            lambda timeout=timeout: find("a.silent", timeout),
            lambda timeout=timeout: dial("a.silent", 80, socket.IPPROTO_TCP, True, timeout),
        ):
            began = time.monotonic()
            # What was being done when the time was up.
            with pytest.raises(TimeoutError, match=rf"{timeout} ms .* for 'a\.silent'$") as e:
                call()
            assert timeout / 1000 <= time.monotonic() - began < timeout / 1000 + 5
            assert e.value.errno == errno.ETIMEDOUT


def test_lookups_that_were_given_up_keep_nobody_waiting(silence: Silence) -> None:
    for number in range(40):
        with pytest.raises(TimeoutError):
            find(f"{number}.silent", 0)
    find_local()
    silence.answer.set()
    assert find("39.silent") == ANSWER


def test_a_host_has_one_thread(silence: Silence) -> None:
    for _ in range(40):
        with pytest.raises(TimeoutError):
            find("a.silent", 0)
    until(lambda: silence.threads == 1)
    assert silence.asked == ["a.silent"]


def test_calls_with_one_question_share_the_answer(silence: Silence) -> None:
    calls = [finding("a.silent", timeout, port) for timeout in (-1, PATIENCE) for port in (1, 2)]
    until(lambda: waiting() == 4)
    silence.answer.set()
    found = [call.join() for call in calls]
    assert found == [[(socket.AF_INET, ("192.0.2.1", port))] for port in (1, 2, 1, 2)]
    assert silence.asked == ["a.silent"]


def test_one_that_leaves_takes_nobody_along(silence: Silence) -> None:
    calls = [finding("a.silent") for _ in range(3)]
    until(lambda: waiting() == 3)
    with pytest.raises(TimeoutError):
        find("a.silent", 20)
    silence.answer.set()
    assert [call.join() for call in calls] == [ANSWER] * 3


def test_a_failure_is_everybodys_own(silence: Silence) -> None:
    silence.failure = socket.gaierror(socket.EAI_AGAIN, "not now")
    calls = [finding("a.silent") for _ in range(3)]
    until(lambda: waiting() == 3)
    silence.answer.set()
    raised = []
    for call in calls:
        with pytest.raises(socket.gaierror, match=r"resolve 'a\.silent': not now") as caught:
            call.join()
        raised.append(caught.value)
    assert len({id(error) for error in raised}) == 3
    assert all(error.errno == socket.EAI_AGAIN for error in raised)
    silence.failure = None
    assert find("a.silent") == ANSWER  # it is asked again
    assert silence.asked == ["a.silent"] * 2


def test_what_else_a_resolver_may_fail_with(silence: Silence) -> None:
    silence.answer.set()
    silence.failure = MemoryError("none left")
    with pytest.raises(MemoryError, match="none left"):
        find("a.silent")
    silence.failure = OSError(errno.EMFILE, "too many")
    with pytest.raises(OSError, match=r"resolve 'a\.silent': too many") as caught:
        find("a.silent")
    assert caught.value.errno == errno.EMFILE


def test_the_lookups_given_up_have_an_end(
    silence: Silence, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookups, "_MOST_GIVEN_UP", 6)
    patient = [finding(f"{number}.patient.silent") for number in range(6)]
    until(lambda: waiting() == 6)
    for number in range(6):
        with pytest.raises(TimeoutError):
            find(f"{number}.silent", 0)
    until(lambda: silence.threads == 12)
    with pytest.raises(OSError, match=r"6 lookups.*given up.*'0\.silent'") as caught:
        find("one.more.silent")
    assert caught.value.errno == errno.EAGAIN
    with pytest.raises(TimeoutError):
        find("0.silent", 0)  # which needs no other thread
    silence.answer.set()
    assert [call.join() for call in patient] == [ANSWER] * 6
    until(lambda: not silence.threads)
    assert find("one.more.silent") == ANSWER


# Threads that cannot be started.


def no_threads(*_: object) -> int:
    raise RuntimeError("can't start new thread")


@UNTIL_KNOWN
@pytest.mark.usefixtures("silence")
def test_where_no_thread_can_be_started_this_one_asks(
    timeout: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookups, "start_new_thread", no_threads)
    for _ in range(40):
        assert (socket.AF_INET, ("127.0.0.1", 80)) in find("localhost", timeout)
    assert not lookups._under_way
    with pytest.raises(socket.gaierror, match=r"resolve 'nowhere\.invalid'"):
        find("nowhere.invalid", timeout)


_AT_EXIT = """
import atexit, sys
from nimnet_runtime.dialing import dial
from nimnet_runtime.endpoint import Endpoint

port = int(sys.argv[1])

def connect(when):
    for timeout in (-1, 20_000):
        endpoint = Endpoint.create(2, 1, 6, True)
        endpoint.connect_within("localhost", port, timeout)
        endpoint.close()
        dial("localhost", port, 6, True, timeout).close()
    print(when, flush=True)

class Last:
    def __del__(self, connect=connect):
        connect("finalizer")

last = Last()
last.itself = last  # collected by the last collection, after everything else
atexit.register(connect, "atexit")
print("end", flush=True)
"""


def test_a_thread_that_ends_before_it_runs_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    lost = threading.Semaphore(0)

    def without_memory(function: Callable[..., object], args: tuple[object, ...]) -> int:
        # It is dropped in another thread, when somebody waits for it.
        held = [(function, args)]

        def end() -> None:
            until(lambda: waiting() == 1)
            held.clear()
            lost.release()

        del function
        return start_new_thread(end, ())

    monkeypatch.setattr(lookups, "start_new_thread", without_memory)
    find_local()
    assert lost.acquire(timeout=PATIENCE)
    assert not lookups._under_way


def test_names_are_resolved_while_the_interpreter_ends() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        ran = subprocess.run(
            [sys.executable, "-c", _AT_EXIT, str(server.getsockname()[1])],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            timeout=40,
        )
    assert (ran.stdout.split(), ran.stderr) == (["end", "atexit", "finalizer"], "")


# Signals.


class InterruptError(Exception):
    """What the handlers here raise."""


@contextlib.contextmanager
def storm(seconds: float, every: float = 0) -> Iterator[None]:
    """Raises `InterruptError` from a signal handler, once or again and again."""

    def handle(_number: int, frame: FrameType | None) -> None:
        # A tool that measures coverage does not survive an exception inside its own lock.
        if frame is None or "coverage" not in frame.f_code.co_filename:
            raise InterruptError

    previous = signal.signal(signal.SIGALRM, handle)
    signal.setitimer(signal.ITIMER_REAL, seconds, every)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


@UNTIL_KNOWN
@pytest.mark.usefixtures("silence")
def test_a_handler_that_raises_ends_the_wait(timeout: int) -> None:
    began = time.monotonic()
    with pytest.raises(InterruptError), storm(0.05):
        find("a.silent", timeout)
    assert time.monotonic() - began < 5
    find_local()


@UNTIL_KNOWN
def test_handlers_that_raise_at_random(timeout: int) -> None:
    interrupted = 0
    for round_ in range(1500):
        try:
            with storm(0.00001 * (1 + round_ % 60)):
                while True:
                    find("localhost", timeout)
        except InterruptError:
            interrupted += 1
    assert interrupted == 1500
    Background(find_local).join()
    find_local()
    until(lambda: not lookups._under_way)


def at_step(number: int, action: Callable[[], object], call: Callable[[], object]) -> bool:
    """Runs `call`, and `action` before one of its bytecodes; tells whether there was such a one.

    In a thread of its own, whose interpreter state is lost with it: an exception before some of the
    bytecodes, which no signal handler can raise there, leaves another one as "being handled".
    """
    steps = itertools.count(1)
    files = {lookups.__file__, resolve.__code__.co_filename}

    def trace(frame: FrameType, event: str, _argument: object) -> TraceFunction | None:
        if frame.f_code.co_filename not in files:
            return None
        frame.f_trace_opcodes = True
        if event == "opcode" and next(steps) == number:
            sys.settrace(None)
            action()
        return trace

    def traced() -> bool:
        sys._getframe().f_trace_opcodes = True  # Python 3.12 looks for one when tracing begins
        sys.settrace(trace)
        try:
            call()
        except InterruptError:
            return True
        finally:
            sys.settrace(None)
        return next(steps) > number

    return bool(Background(traced).join())


def interrupt() -> None:
    raise InterruptError


@pure_only("there are no bytecodes; alarms interrupt lookups before this, on both")
def test_a_handler_that_raises_at_any_bytecode(silence: Silence) -> None:
    """It arrives as itself, and whatever it has left, later calls find names."""
    silence.answer.set()
    for number in itertools.count(1):
        reached = at_step(number, interrupt, lambda: find("a.silent"))
        assert find("a.silent") == ANSWER
        assert Background(lambda: find("a.silent", -1)).join() == ANSWER
        if not reached:
            break
    assert number > 100


@pure_only("there are no bytecodes; handlers look up names in alarms, on both")
def test_a_handler_that_looks_up_the_same_name_at_any_bytecode(silence: Silence) -> None:
    silence.answer.set()
    found: list[list[Resolved]] = []

    def look_up() -> None:
        found.append(find("a.silent"))

    for number in itertools.count(1):
        found.clear()
        reached = at_step(number, look_up, look_up)
        assert found == [ANSWER] * (1 + reached)
        if not reached:
            break
    assert number > 100


# Forks.


def in_child(call: Callable[[], object]) -> int:
    child = os.fork()
    if not child:
        status = 1
        try:
            signal.alarm(20)
            call()
            status = 0
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


FORKS = pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")


@FORKS
def test_a_child_has_no_lookups_of_its_parent(silence: Silence) -> None:
    for number in range(40):
        with pytest.raises(TimeoutError):
            find(f"{number}.silent", 0)
    until(lambda: silence.threads == 40)

    def look_up_all() -> None:
        assert not lookups._under_way
        find_local()
        silence.answer = type(silence.answer)()  # the parent's was in use by its threads
        silence.answer.set()
        assert find("0.silent") == ANSWER

    assert in_child(look_up_all) == 0


@FORKS
def test_a_handler_that_forks_while_its_call_waits(silence: Silence) -> None:
    """The call goes on in the child as well, where there is no thread that asks."""
    children: list[int] = []

    def fork(*_: object) -> None:
        children.append(os.fork())
        if not children[0]:
            signal.alarm(20)
            silence.answer = type(silence.answer)()
        silence.answer.set()

    previous = signal.signal(signal.SIGALRM, fork)
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    status = 1
    try:
        status = int(find("a.silent") != ANSWER)
    finally:
        if children and not children[0]:
            os._exit(status)
        signal.signal(signal.SIGALRM, previous)
    assert status == 0
    assert os.waitstatus_to_exitcode(os.waitpid(children[0], 0)[1]) == 0


def test_it_is_the_resolver_of_the_system_that_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", None)
    find_local()
