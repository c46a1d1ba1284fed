"""One call with one failure below it: what it did, and what is wrong with that."""

from __future__ import annotations

import contextvars
import errno
import gc
import os
import re
import signal
import sys
import warnings
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Final

import nimnet
from nimnet_runtime.errors import DISCONNECTIONS
from nimnet_runtime.scopes import earliest

from injection.allocations import LACK, Shortage
from injection.contracts import Contract, classes
from injection.failures import Failure
from injection.peer import Heard, Peer
from injection.scenarios.registry import Scenario
from injection.seam import Plan, Seam
from injection.stage import Act, Stage

HANGS: Final = 20
"""Seconds after which a trial is over in any case."""
_OWN_THREADS: Final = 2
"""Those of a worker: the one that tries, and the one that ends what is stuck (`faulthandler`)."""
_SHORTLY: Final = 60
"""Milliseconds for a second try of a call that has failed."""
_MEMORY: Final = frozenset({"MemoryError", "no memory", "no lock", "allocation"})
"""Failures of which a call may say so: that is no part of a contract."""
_OPERATIONS: Final = ("receive", "send", "accept", "connect to", "OpenSSL does not give away")
"""What messages say of the operations of the system that move data or connect."""
_OF_TLS: Final = ("TLS", "OpenSSL", "close_notify")
"""What messages say of the operations of TLS."""
_MORE: Final = b"more"


@dataclass(frozen=True)
class _End:
    """How a reading ended, without the exception, which would keep the socket.

    Attributes:
        kind: The class of the exception; None for an end of the stream.
        number: Its error number.
        text: It in words.
    """

    kind: type[BaseException] | None = None
    number: object = None
    text: str = "the end"

    @classmethod
    def of(cls, error: BaseException) -> _End:
        """As an exception says."""
        return cls(type(error), getattr(error, "errno", None), _shown(error))

    def is_a(self, *kinds: type[BaseException]) -> bool:
        """Tells whether it was an exception of some kind."""
        return self.kind is not None and issubclass(self.kind, kinds)


class HungError(BaseException):
    """A call that does not end."""


@dataclass
class Outcome:
    """What a trial has shown.

    Attributes:
        performed: The names of the operations, in order.
        struck: How often one has failed.
        raised: The exception that left the call, in words; "" for none.
        findings: What is wrong, each in a sentence.
        unlisted: Functions of OpenSSL's that the table does not know.
    """

    performed: list[str] = field(default_factory=list)
    struck: int = 0
    raised: str = ""
    findings: list[str] = field(default_factory=list)
    unlisted: set[str] = field(default_factory=set)


class Trial:
    """Makes calls with failures, and looks at what they leave."""

    def __init__(self, seam: Seam, peer: Peer) -> None:
        """Has the seam, and the peer of all scenarios."""
        self._seam = seam
        self._peer = peer
        self._sends: Callable[[list[Heard]], list[str]] | None = None

    def run(
        self,
        scenario: Scenario,
        contract: Contract,
        transport: str,
        buffered: bool,
        plan: Plan | None = None,
        shortage: Shortage | None = None,
    ) -> Outcome:
        """Sets the stage, makes the call with the failure that is planned, and takes all down.

        Args:
            scenario: What is called, and how.
            contract: What that declares.
            transport: What it runs on.
            buffered: Whether its sockets are.
            plan: What operation fails; None for none.
            shortage: What allocations fail; None for none.
        """
        outcome = Outcome()
        before = _descriptors()
        context = contextvars.copy_context()  # of its own: what leaks into it ends with it
        with _unraisable() as complaints:
            stage = Stage(self._peer, transport, buffered)
            heard = None
            try:
                with _limit():
                    refs = context.run(
                        self._play, stage, scenario, contract, plan, shortage, outcome
                    )
                    if shortage is not None:
                        refs.clear()
                        gc.collect()
                    heard = stage.strike()
            except HungError:
                outcome.findings.append("the call, or what came after it, does not end")
                stage.strike()
                refs = []
            except Exception as error:
                outcome.findings.append(f"the scenario itself fails: {_shown(error)}")
                stage.strike()
                refs = []
            del stage
        if shortage is not None:
            self._sends = None
        else:
            outcome.findings += complaints
        if heard is not None and self._sends is not None:
            outcome.findings += self._sends(heard)
        self._sends = None
        # CPython 3.11 keeps the objects of a frame that it unwinds without memory, for good.
        kept = shortage is not None and sys.version_info < (3, 12)
        if context.run(earliest) is not None and not kept:
            outcome.findings.append("a block of fail_after is not over")
        outcome.findings += _leaks(before, refs)
        return outcome

    def _play(
        self,
        stage: Stage,
        scenario: Scenario,
        contract: Contract,
        plan: Plan | None,
        shortage: Shortage | None,
        outcome: Outcome,
    ) -> list[weakref.ref[object]]:
        act = scenario.prepare(stage)
        refs: list[weakref.ref[object]] = []
        for one in (act.socket,):
            if one is not None:
                refs += [weakref.ref(one), weakref.ref(one._core.descriptor.sock)]
        failure = plan.failure if plan is not None else LACK if shortage is not None else None
        error: BaseException | None = None
        result: object = None
        try:
            if shortage is not None:
                result = shortage(act.call)
            else:
                with self._seam.watching(plan):
                    result = act.call()
        except HungError:
            raise
        except BaseException as raised:
            error = raised
        outcome.performed = list(self._seam.performed)
        outcome.unlisted = set(self._seam.unlisted)
        arrived = self._seam.arrived if shortage is None else 0
        outcome.struck = plan.struck if plan is not None else 0
        if error is not None:
            outcome.raised = f"{type(error).__name__}: {error}"
            outcome.findings += _undeclared(error, failure, contract, scenario)
        try:
            self._after(stage, act, error, result, failure, arrived, contract, outcome)
        finally:
            result = error = None
        return refs

    def _after(
        self,
        stage: Stage,
        act: Act,
        error: BaseException | None,
        result: object,
        failure: Failure | None,
        arrived: int,
        contract: Contract,
        outcome: Outcome,
    ) -> None:
        findings = outcome.findings
        if failure is LACK:
            _closes_all(act, result, findings)
            return
        if error is None:
            act.made(result)
            for made in _sockets(result):
                if made is not act.socket:
                    findings += _closes(made)
        sock = act.socket
        if sock is None:
            return
        if act.ends and not sock.closed:
            findings.append("the socket is open after the call that closes it")
        if not (act.ends or act.mute):
            found, whole = _lost(stage, act, error, result, failure, arrived)
            findings += found
            if stage.transport != "udp":
                more = _can_send(sock, findings)
                # To close before all was read resets the connection, and takes what was sent along.
                surely = more and whole and not stage.secured
                self._sends = _sending(act, error, result, failure, more, surely, stage.secured)
        elif act.mute and error is not None:
            findings += _again(act, contract)
        findings += _closes(sock)


def _closes_all(act: Act, result: object, findings: list[str]) -> None:
    """Closes what there is after a call that was short of memory.

    What CPython's own functions had in hand then is lost, and how it unwinds frames without memory
    is its affair: no more is demanded than the exception, and that all can be closed.
    """
    if result is not None:
        act.made(result)
    for sock in (*_sockets(result), *filter(None, (act.socket,))):
        findings += _closes(sock)


def _undeclared(
    error: BaseException, failure: Failure | None, contract: Contract, scenario: Scenario
) -> list[str]:
    """Returns what is wrong with an exception that left a call."""
    said = f"{type(error).__name__}: {error}"
    if failure is None:
        return [f"it fails as it is: {said}"]
    if isinstance(error, MemoryError) and (failure.name in _MEMORY or failure.lacks_memory):
        return []
    if isinstance(error, SystemError) and failure is LACK:
        return []  # it is CPython's: a function in C that gave no reason
    if not isinstance(error, classes(contract.raises)):
        return [f"undeclared: {said}"]
    found = []
    if isinstance(error, OSError) and failure.number is not None and error.errno is None:
        found.append(f"no errno: {said}")
    if not _names(error, contract.name, scenario.words):
        found.append(f"the operation is not named: {said}")
    return found


def _names(error: BaseException, name: str, words: tuple[str, ...]) -> bool:
    """Tells whether a message names the operation that failed.

    That is the call, in words or by its name, or what it was doing: to receive, say.
    """
    known = [name, name.replace("_", " "), *words, *_OPERATIONS]
    if isinstance(error, nimnet.SslError):
        known += _OF_TLS
    if getattr(error, "filename", None) is not None:
        return True  # the file that could not be read
    return any(re.search(rf"\b{re.escape(word)}", str(error)) for word in known)


def _sockets(result: object) -> Iterator[nimnet.Socket]:
    for one in result if isinstance(result, tuple) else (result,):
        if isinstance(one, nimnet.Socket):
            yield one


def _lost(
    stage: Stage,
    act: Act,
    error: BaseException | None,
    result: object,
    failure: Failure | None,
    arrived: int,
) -> tuple[list[str], bool]:
    """Returns what is wrong with what can be read after the call, and with the socket's state.

    Also whether all that was sent has been read.
    """
    sock = act.socket
    assert sock is not None
    found = []
    taken = act.takes(result) if error is None or act.partial else b""
    rest, end = _drain(sock, stage.transport)
    more, again = _drain(sock, stage.transport)
    changed = (again.kind, again.number) != (end.kind, end.number)
    if not end.is_a(nimnet.TimeoutError) and (more or changed):
        found.append(f"the state is not latched: {end.text}, then {again.text}")
    if end.kind is not None and not end.is_a(OSError, nimnet.SslError):
        found.append(f"a later read raised {end.text}")
    beginnings = [stage.sent]
    if error is not None:
        beginnings += [stage.sent[n:] for n in range(1, act.discards + 1)]
    total = taken + rest
    if not any(one.startswith(total) for one in beginnings):
        found.append(f"of {stage.sent!r} came {taken!r}, and then {rest!r}")
    elif end.is_a(nimnet.TimeoutError) or failure is None:
        if total not in beginnings:
            found.append(f"lost: of {stage.sent!r} came {taken!r}, then {rest!r}, and no more")
    elif not stage.secured and len(total) + act.discards < arrived:
        found.append(f"lost: {arrived} bytes had arrived, and {len(total)} were given; {end.text}")
    return found, total in beginnings


def _drain(sock: nimnet.Socket, transport: str) -> tuple[bytes, _End]:
    """Reads what is there; returns it, and how the reading ended."""
    data = bytearray()
    while True:
        try:
            more = sock.recv(1000, 0) if transport == "udp" else sock.recv_some(1000, 0)
        except BaseException as error:
            return bytes(data), _End.of(error)
        if not more:
            return bytes(data), _End()
        data += more


def _shown(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"


def _can_send(sock: nimnet.Socket, findings: list[str]) -> bool:
    """Sends a little more; tells whether that was accepted."""
    try:
        sock.send(_MORE, nimnet.SocketFlag(0), timeout=_SHORTLY)
    except (OSError, nimnet.SslError):
        return False
    except BaseException as error:
        findings.append(f"a later send raised {_shown(error)}")
        return False
    return True


def _sending(
    act: Act,
    error: BaseException | None,
    result: object,
    failure: Failure | None,
    more: bool,
    surely: bool,
    secured: bool,
) -> Callable[[list[Heard]], list[str]]:
    """Returns what looks at what the peer has got."""
    count: int | None = None
    number = failure.number if failure is not None else None
    safe = number in DISCONNECTIONS or (failure is not None and failure.then is not None)
    if error is None and result not in (-1, False) and not safe:
        count = len(act.sends)
    elif error is not None and not secured:
        count = getattr(error, "characters_written", None)
    data = act.sends

    def look(heard: list[Heard]) -> list[str]:
        if len(heard) != 1:
            return [f"the peer heard of {len(heard)} connections"]
        got = heard[0]["received"].encode("latin-1")
        counts = range(len(data) + 1) if count is None else (count,)
        ends = [_MORE] if surely else [b"", _MORE] if more else [b""]
        if any(got == data[:n] + end for n in counts for end in ends):
            return []
        return [f"of {data!r} ({counts} bytes, more={more}) the peer got {got!r}"]

    return look


def _again(act: Act, contract: Contract) -> list[str]:
    """Returns what is wrong with a second call of what has failed."""
    try:
        with nimnet.fail_after(_SHORTLY):
            result = act.call()
        act.made(result)
        found = []
        for made in _sockets(result):
            if made is not act.socket:
                found += _closes(made)
        return found
    except nimnet.TimeoutError:
        return []
    except BaseException as error:
        if isinstance(error, classes(contract.raises)):
            return []
        return [f"once more, the call raised {_shown(error)}"]


def _closes(sock: nimnet.Socket) -> list[str]:
    """Closes a socket; returns what is wrong with that."""
    found = []
    for _ in range(2):
        try:
            sock.close()
        except OSError:
            pass
        except BaseException as error:
            found.append(f"close raised {_shown(error)}")
    if not sock.closed or sock.fileno() != -1:
        found.append("close does not close")
    return found


def _descriptors() -> set[str]:
    return set(os.listdir("/proc/self/fd"))  # noqa: PTH208 - it is asked often


def _threads() -> int:
    return len(os.listdir("/proc/self/task"))  # noqa: PTH208 - as above


def _leaks(before: set[str], refs: list[weakref.ref[object]]) -> Iterator[str]:
    """Yields what is left of a trial."""
    alive = [type(one).__qualname__ for ref in refs if (one := ref()) is not None]
    if alive:
        yield f"a cycle keeps {', '.join(alive)}"
        gc.collect()
    if left := _descriptors() - before:
        yield f"descriptors are left open: {', '.join(map(_what, sorted(left)))}"
        for fd in left:
            try:
                os.close(int(fd))
            except OSError as error:
                if error.errno != errno.EBADF:
                    raise
    for _ in range(1000):  # one that has answered may be on its way out
        if _threads() <= _OWN_THREADS:
            return
        signal.sigtimedwait((), 0.001)
    yield f"{_threads() - _OWN_THREADS} threads are left"


def _what(fd: str) -> str:
    try:
        return str(Path(f"/proc/self/fd/{fd}").readlink())
    except OSError:
        return fd


@contextmanager
def _limit() -> Iterator[None]:
    """Ends what does not end by itself."""

    def hung(_number: int, _frame: FrameType | None) -> None:
        raise HungError

    before = signal.signal(signal.SIGALRM, hung)
    signal.setitimer(signal.ITIMER_REAL, HANGS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextmanager
def _unraisable() -> Iterator[list[str]]:
    """Gathers what finalizers and callbacks complain of, warnings of resources among it."""
    found: list[str] = []
    before = sys.unraisablehook

    def hook(told: sys.UnraisableHookArgs) -> None:
        found.append(f"unraisable: {told.exc_value!r}")

    sys.unraisablehook = hook
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", ResourceWarning)
            yield found
    finally:
        sys.unraisablehook = before
