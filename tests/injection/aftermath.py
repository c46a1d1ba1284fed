"""What a call leaves: a socket that works or says the same again, and all that had arrived.

Nothing fails any more by then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import nimnet
from nimnet_runtime.errors import DISCONNECTIONS

from injection.contracts import Contract, may_leave
from injection.failures import Failure
from injection.peer import Heard
from injection.stage import PATIENCE, Act, Stage

_SHORTLY: Final = 60
"""Milliseconds for a second try of a call that has failed."""
_MORE: Final = b"more"
_QUEUED: Final = frozenset({"poll", "accept"})
"""What fails before a connection is taken from the system, so that it is still there."""

Look = Callable[[list[Heard]], list[str]]
"""Tells what is wrong with what the peer has heard."""


@dataclass(frozen=True)
class Called:
    """What came of a call.

    Attributes:
        error: The exception that left it; None for none.
        result: What it returned.
        failure: What was to fail; None for nothing.
        operation: Which operation; "" for none that is known.
        arrived: How many bytes the system, or OpenSSL, has given to the runtime meanwhile.
    """

    error: BaseException | None
    result: object
    failure: Failure | None
    operation: str
    arrived: int

    @property
    def worked(self) -> bool:
        """Whether it did what it is there for: low-level forms return what says otherwise."""
        return self.error is None and self.result not in (-1, False)

    @property
    def passed_over(self) -> bool:
        """Whether what failed may be passed over: who has gone need not hear."""
        failure = self.failure
        return failure is not None and (
            failure.number in DISCONNECTIONS or failure.then is not None
        )


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
        return cls(type(error), getattr(error, "errno", None), shown(error))

    def is_a(self, *kinds: type[BaseException]) -> bool:
        """Tells whether it was an exception of some kind."""
        return self.kind is not None and issubclass(self.kind, kinds)

    def is_like(self, other: _End) -> bool:
        """Tells whether another one was of the same kind, for the same reason."""
        return (self.kind, self.number) == (other.kind, other.number)


def look(
    stage: Stage, act: Act, called: Called, contract: Contract, findings: list[str]
) -> Look | None:
    """Looks at what a call has left, and closes it.

    Args:
        stage: Where it was made.
        act: It.
        called: What came of it.
        contract: What it declares.
        findings: Gets what is wrong.

    Returns:
        What looks at what the peer has heard, once it was asked; None if that says nothing.
    """
    sock = act.socket
    if called.error is None:
        findings += _given(stage, act, called.result, called.failure)
    if sock is None:
        return None
    heard: Look | None = None
    if act.ends and not sock.closed:
        findings.append("the socket is open after the call that closes it")
    if act.mute and called.error is not None:
        findings += _again(stage, act, called, contract)
    if not (act.ends or act.mute):
        found, whole, usable = _lost(stage, act, called)
        findings += found
        if stage.transport == "udp":
            findings += _missent(stage, act, called)
        else:
            more = _can_send(sock, usable and not act.finishes, findings)
            # To close before all was read resets the connection, and takes what was sent along.
            surely = more and whole and not stage.secured
            heard = _sending(act, called, more, surely, stage.secured)
    findings += _closed(sock, called.failure)
    return heard


def close_all(act: Act, result: object, findings: list[str]) -> None:
    """Closes what there is after a call that was short of memory.

    What CPython's own functions had in hand then is lost, and how it unwinds frames without memory
    is its affair: no more is demanded than the exception, and that all can be closed.
    """
    if result is not None:
        act.made(result)
    for sock in (*_sockets(result), *filter(None, (act.socket,))):
        findings += _closed(sock, None)


def shown(error: BaseException) -> str:
    """Returns an exception in words."""
    return f"{type(error).__name__}: {error}"


def _sockets(result: object) -> Iterator[nimnet.Socket]:
    for one in result if isinstance(result, tuple) else (result,):
        if isinstance(one, nimnet.Socket):
            yield one


def _given(stage: Stage, act: Act, result: object, failure: Failure | None) -> list[str]:
    """Returns what is wrong with what a call has opened or connected; closes the former."""
    found: list[str] = []
    made = [sock for sock in _sockets(result) if sock is not act.socket]
    reader = next(iter(made), act.socket if act.mute else None)
    if stage.sent and reader is not None and not reader.closed:
        found += _greeted(reader, stage.sent, failure)
    act.made(result)
    for sock in made:
        found += _closed(sock, failure)
    return found


def _greeted(sock: nimnet.Socket, sent: bytes, failure: Failure | None) -> list[str]:
    """Returns what is wrong with what a new connection gets of the peer."""
    data = b""
    try:
        while len(data) < len(sent):
            more = sock.recv_some(1000, PATIENCE)
            if not more:
                break
            data += more
    except nimnet.TimeoutError as error:
        return [f"lost: of {sent!r} came {data!r}: {shown(error)}"]
    except (OSError, nimnet.SslError) as error:
        passing = failure is None or failure.passes
        return [f"then the connection fails: {shown(error)}"] if passing else []
    if data == sent or (failure is not None and sent.startswith(data) and not failure.passes):
        return []
    return [f"lost: of {sent!r} came {data!r}, and the end"]


def _lost(stage: Stage, act: Act, called: Called) -> tuple[list[str], bool, bool]:
    """Returns what is wrong with what can be read after the call, and with the socket's state.

    Also whether all that was sent has been read, and whether the connection lasts.
    """
    sock, error = act.socket, called.error
    assert sock is not None
    found = []
    taken = act.takes(called.result) if error is None or act.partial else b""
    rest, end = _drain(sock, stage.transport)
    more, again = _drain(sock, stage.transport)
    usable = end.is_a(nimnet.TimeoutError)
    if not usable and (more or not again.is_like(end)):
        found.append(f"the state is not latched: {end.text}, then {again.text}")
    if end.kind is not None and not end.is_a(OSError, nimnet.SslError):
        found.append(f"a later read raised {end.text}")
    beginnings = [stage.sent]
    if error is not None:
        beginnings += [stage.sent[n:] for n in range(1, act.discards + 1)]
    total = taken + rest
    if not any(one.startswith(total) for one in beginnings):
        found.append(f"of {stage.sent!r} came {taken!r}, and then {rest!r}")
    elif usable or called.failure is None:
        if total not in beginnings:
            found.append(f"lost: of {stage.sent!r} came {taken!r}, then {rest!r}, and no more")
    elif len(total) + act.discards < called.arrived:
        found.append(
            f"lost: {called.arrived} bytes had arrived, and {len(total)} were given; {end.text}"
        )
    return found, total in beginnings, usable


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


def _can_send(sock: nimnet.Socket, usable: bool, findings: list[str]) -> bool:
    """Sends a little more; tells whether that was accepted."""
    end = _sent(sock)
    if end is None:
        return True
    if not end.is_a(OSError, nimnet.SslError):
        findings.append(f"a later send raised {end.text}")
    again = _sent(sock)
    if again is None or not again.is_like(end):
        then = "accepted" if again is None else again.text
        findings.append(f"the state is not latched: a send raised {end.text}, then {then}")
    elif usable:
        findings.append(f"what can be read from cannot be sent to: {end.text}")
    return False


def _sent(sock: nimnet.Socket) -> _End | None:
    try:
        sock.send(_MORE, nimnet.SocketFlag(0), timeout=_SHORTLY)
        return None
    except BaseException as error:
        return _End.of(error)


def _missent(stage: Stage, act: Act, called: Called) -> list[str]:
    """Returns what is wrong with the messages that have come to the peer."""
    got = stage.delivered()
    whole = [act.sends] if act.sends else []
    if got == whole or (not got and (called.passed_over or not called.worked)):
        return []
    return [f"sent was {whole}, and the peer got {got}"]


def _sending(act: Act, called: Called, more: bool, surely: bool, secured: bool) -> Look:
    """Returns what looks at what the peer has got."""
    count: int | None = None
    if called.worked and not called.passed_over:
        count = len(act.sends)
    elif called.error is not None and (more or not secured):
        count = getattr(called.error, "characters_written", None)
    data = act.sends

    def told(heard: list[Heard]) -> list[str]:
        if len(heard) != 1:
            return [f"the peer heard of {len(heard)} connections"]
        got = heard[0]["received"].encode("latin-1")
        counts = range(len(data) + 1) if count is None else (count,)
        ends = [_MORE] if surely else [b"", _MORE] if more else [b""]
        if any(got == data[:n] + end for n in counts for end in ends):
            return []
        return [f"of {data!r} ({counts} bytes, more={more}) the peer got {got!r}"]

    return told


def _again(stage: Stage, act: Act, called: Called, contract: Contract) -> list[str]:
    """Returns what is wrong with a second call of what has failed.

    It works, or it says the same as often as it is made.
    """
    end, found = _once_more(stage, act, contract)
    if end is None:
        return found
    if end.is_a(nimnet.TimeoutError):
        if called.operation in _QUEUED and stage.sent and contract.name.startswith("accept"):
            found.append(f"a connection that had come is lost: {end.text}")
        return found
    again, more = _once_more(stage, act, contract)
    if again is None or not again.is_like(end):
        then = "worked" if again is None else again.text
        found.append(f"the state is not latched: once more raised {end.text}, then {then}")
    return found + more


def _once_more(stage: Stage, act: Act, contract: Contract) -> tuple[_End | None, list[str]]:
    """Makes a call again; returns how it failed, if it did, and what is wrong."""
    try:
        with nimnet.fail_after(_SHORTLY):
            result = act.call()
    except BaseException as error:
        end = _End.of(error)
        if may_leave(error, contract.classes(timed=True, inside=True)):
            return end, []
        return end, [f"once more, the call raised {end.text}"]
    return None, _given(stage, act, result, None)


def _closed(sock: nimnet.Socket, failure: Failure | None) -> list[str]:
    """Closes a socket; returns what is wrong with that."""
    found = []
    for _ in range(2):
        try:
            sock.close()
        except OSError as error:
            if failure is None:
                found.append(f"close raised {shown(error)}, and nothing had failed")
        except BaseException as error:
            found.append(f"close raised {shown(error)}")
    if not sock.closed or sock.fileno() != -1:
        found.append("close does not close")
    return found
