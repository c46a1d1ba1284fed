"""The calls of one form with wrong arguments and in wrong states, and what is wrong with them."""

from __future__ import annotations

import errno
import importlib
import operator
import re
import socket
import warnings
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Final

import nimnet
import nimnet.tls
from injection import descriptors
from injection.contracts import may_leave
from injection.limit import HungError, limited
from injection.peer import Peer
from injection.stage import Stage

from misuse.arguments import LEFT_OUT, right
from misuse.states import STATES, Scene, State
from misuse.surface import Parameter, Target
from misuse.values import Value, may_be, values

_HOMES: Final = {
    "connect": "unconnected",
    "connect_unix": "unconnected",
    "bind_addr": "unconnected",
    "bind_unix": "unconnected",
    "listen": "bound",
    "accept": "listening",
    "accept_addr": "listening",
    "recv_from": "datagram",
    "recv_from_ip": "datagram",
    "send_to": "datagram",
    "wrap_socket": "unconnected",
}
"""The state in which a callable works, where that is not `connected`."""
_ENDS: Final = frozenset({"close", "detach", "__exit__"})
"""What may have ended the socket when it raises."""
_TRIES: Final = frozenset({"connect", "connect_unix", "handshake", "wrap_connected_socket", "dial"})
"""What talks to the peer before it raises, unless its arguments are wrong."""
_REFUSALS: Final = frozenset({errno.EINVAL, errno.EOPNOTSUPP})


@dataclass
class Tried:
    """What trying a form has shown.

    Attributes:
        label: The form.
        arguments: How many calls had a wrong or extreme argument.
        states: How many were made in one state or another.
        refused: How many of all raised.
        findings: What is wrong.
    """

    label: str
    arguments: int = 0
    states: int = 0
    refused: int = 0
    findings: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, object]:
        """Returns it as JSON has it."""
        return asdict(self)


@dataclass(frozen=True)
class _Attempt:
    """A call to be made.

    Attributes:
        name: How findings call it.
        parameter: The one that gets an odd value; None for a right call.
        value: The value.
        destroyed: Whether the context whose method is called was destroyed before.
    """

    name: str
    parameter: Parameter | None = None
    value: Value | None = None
    destroyed: bool = False


_AS_IT_IS: Final = _Attempt("as it is")
_DESTROYED: Final = _Attempt("of a destroyed context", destroyed=True)


@dataclass(frozen=True)
class _Place:
    """Where calls are made: in which state of a socket, on what transport, buffered or not."""

    state: State
    transport: str
    buffered: bool = True

    @property
    def name(self) -> str:
        """How findings call it."""
        return f"{self.state.name}, {self.transport}{'' if self.buffered else ', unbuffered'}"


@dataclass(frozen=True)
class _Ran:
    """What calls on one socket have shown.

    Attributes:
        made: The calls that were made.
        findings: What is wrong with them.
        proved: Whether the socket was looked at after them: not where the last one succeeded.
    """

    made: list[_Attempt]
    findings: list[str]
    proved: bool


class Attempts:
    """Makes the calls of forms."""

    def __init__(self, peer: Peer, *, whole: bool) -> None:
        """Makes them in all cells if they are to be made as a `whole`, else in the quick ones."""
        self._peer = peer
        self._whole = whole

    def of(self, target: Target) -> Tried:
        """Makes all calls of a form."""
        tried = Tried(target.label)
        for place in self._homes(target):
            attempts = list(self._odd(target))
            if target.owner == "SslContext":
                attempts.append(_DESTROYED)
            self._batch(target, place, attempts, tried)
        for place in self._cells(target):
            attempts = [_AS_IT_IS]
            if place.buffered and (self._whole or place.state.name == "closed"):
                attempts += self._odd(target)
            self._batch(target, place, attempts, tried)
        tried.findings = list(dict.fromkeys(tried.findings))
        return tried

    def _homes(self, target: Target) -> Iterator[_Place]:
        home = STATES[_HOMES.get(target.name, "connected")]
        if target.owner != "Socket" and "wrap" not in target.name:
            yield _Place(home, "tcp")
            return
        if target.name.endswith("_unix"):
            wanted: tuple[str, ...] = ("unix",)
        elif home.name == "datagram":
            wanted = ("udp",)
        elif "wrap" in target.name or home.name == "bound":
            wanted = ("tcp",)
        else:
            wanted = ("tcp", "tls13", "unix", "tls12") if self._whole else ("tcp", "tls13")
            if target.name in ("connect", "bind_addr"):
                wanted = tuple(one for one in wanted if one != "unix")
        yield from self._places(home, wanted)

    def _cells(self, target: Target) -> Iterator[_Place]:
        if target.owner != "Socket" and "wrap" not in target.name:
            return
        for state in STATES.values():
            yield from self._places(
                state, state.transports if self._whole else state.transports[:3:2]
            )

    def _places(self, state: State, transports: tuple[str, ...]) -> Iterator[_Place]:
        for transport in transports:
            yield _Place(state, transport)
            if self._whole:
                yield _Place(state, transport, buffered=False)

    def _odd(self, target: Target) -> Iterator[_Attempt]:
        for parameter in target.parameters:
            for value in values(parameter.annotation, nimnet.new_socket):
                yield _Attempt(f"{parameter.name}: {value.name}", parameter, value)

    def _batch(self, target: Target, place: _Place, attempts: list[_Attempt], tried: Tried) -> None:
        """Makes calls on one socket for as long as they raise, then on another one.

        After a call that has succeeded, nobody can say what those before it should have left as it
        was. So they are made again, without that one.
        """
        todo, unproved = list(attempts), list[_Attempt]()
        while todo:
            ran = self._on_one(target, place, todo, tried)
            self._note(target, place, ran, tried)
            if not ran.proved:
                unproved += ran.made[:-1]
            todo = todo[len(ran.made) :]
        if unproved:
            self._note(target, place, self._on_one(target, place, unproved, Tried("")), tried)

    def _note(self, target: Target, place: _Place, ran: _Ran, tried: Tried) -> None:
        """Notes what is wrong with calls, and with which of them."""
        findings = ran.findings
        if findings and len(ran.made) > 1:
            for one in ran.made:
                alone = self._on_one(target, place, [one], Tried("")).findings
                if alone:
                    tried.findings += [f"{place.name}: {one.name}: {found}" for found in alone]
                    return
            names = ", ".join(one.name for one in ran.made)
            tried.findings.append(f"{place.name}: one of {names}: {findings}")
        else:
            tried.findings += [f"{place.name}: {ran.made[-1].name}: {found}" for found in findings]

    def _on_one(
        self, target: Target, place: _Place, attempts: list[_Attempt], tried: Tried
    ) -> _Ran:
        """Makes calls on one socket, until one succeeds."""
        before = descriptors.held()
        stage = Stage(self._peer, place.transport, place.buffered)
        state, findings = place.state, list[str]()
        made = 0
        works = True
        try:
            with limited():
                scene = state.enter(stage)
                for attempt in attempts:
                    made += 1
                    works, found = _tried(target, state, scene, attempt, tried)
                    findings += found
                    if not works or findings:
                        break
                if works:
                    try:
                        findings += state.works(scene)
                    except Exception as error:
                        findings.append(f"then the socket no longer works: {_shown(error)}")
                scene.sock.close()
                del scene
        except HungError:
            works = False
            findings.append("it does not end")
        except Exception as error:
            works = False
            findings.append(f"the scene itself fails: {_shown(error)}")
        finally:
            heard = stage.strike()
        if works:
            findings += state.missing(heard)
        del stage
        findings += descriptors.changes(before)
        return _Ran(attempts[: max(made, 1)], findings, proved=works)


def _tried(
    target: Target, state: State, scene: Scene, attempt: _Attempt, tried: Tried
) -> tuple[bool, list[str]]:
    """Makes a call, unless it is a right one of another form.

    Returns:
        Whether the socket must be as it was, and what is wrong.
    """
    call = _call(target, scene, attempt)
    if call is None:
        return True, []
    before = state.look(scene)
    error, findings = _judged(target, scene, attempt, call)
    tried.states += attempt.parameter is None
    tried.arguments += attempt.parameter is not None
    tried.refused += error is not None
    works = error is not None and _harmless(target, error)
    if isinstance(error, TypeError) and (after := state.look(scene)) != before:
        findings.append(f"{before} has become {after}")
    return works, findings


def _harmless(target: Target, error: BaseException) -> bool:
    """Tells whether a call that raised so must have done nothing."""
    if target.name in _ENDS:
        return isinstance(error, TypeError)
    if target.name in _TRIES or isinstance(error, nimnet.TimeoutError):
        return isinstance(error, TypeError | ValueError) or (
            isinstance(error, OSError)
            and error.errno in _REFUSALS
            and not isinstance(error, nimnet.TimeoutError)
        )
    return True


def _judged(
    target: Target, scene: Scene, attempt: _Attempt, call: Callable[[], object]
) -> tuple[BaseException | None, list[str]]:
    """Makes a call; returns what it raised, and what is wrong with that."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            result = call()
    except HungError:
        raise
    except BaseException as error:
        return error, _wrong(target, attempt, error)
    _give_back(result, scene)
    value = attempt.value
    if value is not None and not (value.fits or value.either or target.name == "__eq__"):
        return None, [f"a wrong type was taken: {result!r:.60}"]
    return None, []


def _give_back(result: object, scene: Scene) -> None:
    """Closes what a call has opened."""
    for one in result if isinstance(result, tuple) else (result,):
        if isinstance(one, nimnet.Socket) and one is not scene.sock:
            one.close()
        elif isinstance(one, nimnet.SocketHandle) and scene.sock.closed and one >= 0:
            socket.close(one)


def _wrong(target: Target, attempt: _Attempt, error: BaseException) -> list[str]:
    """Returns what is wrong with an exception."""
    value, parameter = attempt.value, attempt.parameter
    if isinstance(error, TypeError):
        if value is None or parameter is None:
            return [f"undeclared: {_shown(error)}"]
        own_enum = value.name.startswith("the class")
        if value.fits and not value.either and not own_enum:
            return [f"refused as of a wrong type: {_shown(error)}"]
        if target.name.startswith("__") or any(
            re.search(rf"\b{re.escape(name)}\b", str(error)) for name in _names(target, parameter)
        ):
            return []
        return [f"it does not name the parameter: {_shown(error)}"]
    if value is not None and not (value.fits or value.either):
        return [f"a wrong type was not refused as such: {_shown(error)}"]
    declared = target.raises if value is None or value.fits else target.raises + target.others
    if not may_leave(error, declared):
        return [f"undeclared: {_shown(error)}"]
    if isinstance(error, OSError) and error.errno is None and not error.args[1:]:
        return [f"no errno: {_shown(error)}"]
    return []


def _names(target: Target, parameter: Parameter) -> set[str]:
    """Returns what a message may name: of several forms, it tells of those that fit furthest."""
    forms = target.forms if len(target.forms) > 1 else ()
    return {parameter.name, *(one.name for form in forms for one in form)}


def _call(target: Target, scene: Scene, attempt: _Attempt) -> Callable[[], object] | None:
    """Returns the call; None for one that another form of the callable is there for."""
    placed: list[object] = []
    named: dict[str, object] = {}
    by_name = False
    for parameter in target.parameters:
        if parameter is attempt.parameter:
            assert attempt.value is not None
            argument = attempt.value.make()
        else:
            argument = right(target, parameter, scene)
        if argument is LEFT_OUT:
            by_name = True
        elif by_name or parameter.named:
            named[parameter.name] = argument
        else:
            placed.append(argument)
    if attempt.value is not None and not attempt.value.fits:
        others = (form for form in target.forms if form != target.parameters)
        if any(_fit(form, placed, named) for form in others):
            return None
    if target.kind in ("constructor", "function"):
        function = getattr(importlib.import_module(target.module), target.owner or target.name)
        return lambda: function(*placed, **named)
    subject = _subject(target, scene, destroyed=attempt.destroyed)
    if target.name == "__iand__":
        return lambda: operator.iand(subject, placed[0])  # type: ignore[no-untyped-call]  # typeshed
    if target.name == "__eq__":
        return lambda: operator.eq(subject, placed[0])
    if target.kind == "assigned":
        return lambda: setattr(subject, target.name, placed[0])
    if target.kind == "property":
        return lambda: getattr(subject, target.name)
    if target.name == "lines":
        return lambda: next(getattr(subject, target.name)(*placed, **named), b"")
    if target.name == "__exit__":
        return lambda: getattr(subject, target.name)(None, None, None)
    return lambda: getattr(subject, target.name)(*placed, **named)


def _fit(parameters: tuple[Parameter, ...], placed: list[object], named: dict[str, object]) -> bool:
    """Tells whether arguments may be right for the parameters of a form."""
    known = {one.name: one for one in parameters}
    places = [one.name for one in parameters if not one.named]
    if len(placed) > len(places):
        return False
    given = {**dict(zip(places, placed, strict=False)), **named}
    return (
        given.keys() <= known.keys()
        and all(one.optional or one.name in given for one in parameters)
        and all(may_be(known[name].annotation, value) for name, value in given.items())
    )


def _subject(target: Target, scene: Scene, *, destroyed: bool) -> object:
    """Returns the object whose method is called."""
    if target.owner == "SslContext":
        context = nimnet.new_context(verify_mode=nimnet.C_VERIFY_NONE)
        if destroyed:
            context.destroy_context()
        return context
    if target.owner == "IpAddress":
        return nimnet.ipv4_loopback()
    if target.owner == "Expected":
        return scene.sock.expect([b"line"])
    if target.owner == "Deadline":
        return nimnet.Deadline(1000)
    if target.owner == "DeadlineScope":
        return nimnet.fail_after(1000)
    return scene.sock


def _shown(error: BaseException) -> str:
    return f"{type(error).__name__}: {str(error)[:200]}"
