"""The evidence: what the specification states of the surface, and how scenarios check it.

A statement is one normative sentence; its scenarios say what a scripted peer does and what each
call must give. An operation lets one scenario run in several forms of call. Nothing here knows the
surface: calls and types are texts, which `checks` holds against it, and the entries that statements
are about are names, which `joining` looks up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from nimnet_gen.model.declaration import Located, OneOrMore, Value, described, shorthand

Certificate = Literal["valid", "other_host", "expired", "untrusted"]
Given = Literal[
    "connection",
    "accepted",
    "server",
    "client",
    "unwrapped",
    "unsecured",
    "descriptor",
    "datagrams",
    "nothing",
]
Giving = Literal["data", "nothing", "object"]
Opening = Literal["tls", "plain"]
Side = Literal["server", "client"]


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class NimVerdict(Located):
    """What the original implementation does, where it is known to differ."""

    observed: str = field(
        metadata=described(
            'The first difference, as the oracle words it: `step 2 returns "0123"`, '
            "`step 1 raises OSError`, `step 3 waits`."
        )
    )
    why: str = field(metadata=described("Why nimnet departs from it."))
    sometimes: bool = field(
        default=False,
        metadata=described(
            "It depends on timing: Nim can also agree, or do what another entry says."
        ),
    )
    transports: tuple[str, ...] | None = field(
        default=None, metadata=described("Only on these transports; elsewhere Nim agrees.")
    )
    buffered: bool | None = field(
        default=None, metadata=described("Only on buffered (true) or unbuffered (false) sockets.")
    )
    forms: tuple[str, ...] | None = field(
        default=None, metadata=described("Only in these forms of the scenario's operations.")
    )


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class PeerAction(Located):
    """One action of the scripted peer; exactly one key, except that `every` joins another."""

    send: Value = field(
        default=None,
        metadata=described("Bytes to send: text (UTF-8), {repeat, times} or {hex}; one datagram."),
    )
    expect: Value = field(default=None, metadata=described("Bytes that must arrive next."))
    expect_end: bool | None = field(
        default=None, metadata=described("Read on, and demand the clean end of the stream.")
    )
    byte_by_byte: Value = field(default=None, metadata=described("Bytes to send one at a time."))
    every: int | None = field(
        default=None, metadata=described("Milliseconds between the bytes of `byte_by_byte`.")
    )
    garbage: Value = field(default=None, metadata=described("Bytes to send beneath TLS."))
    close: bool | None = field(
        default=None, metadata=described("Close the connection cleanly, with close_notify on TLS.")
    )
    half_close: bool | None = field(
        default=None, metadata=described("End the peer's sending side only.")
    )
    drop: bool | None = field(
        default=None, metadata=described("Close the connection without the close_notify of TLS.")
    )
    reset: bool | None = field(default=None, metadata=described("Abort the connection (RST)."))
    silent: bool | None = field(
        default=None, metadata=described("Say nothing more; the last action of a script.")
    )
    wait_for: str | None = field(
        default=None, metadata=described("Wait until the subject has signalled this name.")
    )
    accept: Opening | None = field(
        default=None,
        metadata=described(
            "Accept a new connection, which becomes the current one: `tls` with the transport's "
            "handshake, if it has one, `plain` without."
        ),
    )
    connect: Opening | None = field(
        default=None,
        metadata=described("Connect to the subject, in the same two ways."),
    )
    secure: Side | None = field(
        default=None, metadata=described("Do this side of the TLS handshake on the connection.")
    )


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Step(Located):
    """One step of the subject: a call and what it must give, or a signal to the peer."""

    call: str | None = field(
        default=None,
        metadata=described(
            "Nim's name of the callable, or Python's; `name/2` is its second overload."
        ),
    )
    do: str | None = field(
        default=None,
        metadata=described("An operation: the scenario runs once in each of its forms."),
    )
    value: Value = field(
        default=None, metadata=described("A value to compare or to name, in place of a call.")
    )
    ends: str | None = field(
        default=None, metadata=described("Wait for the call that `starts` began, and judge it.")
    )
    signal: str | None = field(
        default=None, metadata=described("Let the peer's `wait_for` of this name go on.")
    )
    on: str | None = field(
        default=None,
        metadata=described("The object that a method is called on; without it the stage's socket."),
    )
    with_: Mapping[str, Value] = field(
        default_factory=dict, metadata=described("Arguments by Nim's parameter names.")
    )
    starts: str | None = field(
        default=None, metadata=described("Begin the call in a thread of its own, under this name.")
    )
    as_: OneOrMore[str] = field(
        default=(),
        metadata=described("A name for the result, or one for each of several; `_` for none."),
    )
    returns: Value = field(default=None, metadata=described("What the call must return."))
    leaves: Mapping[str, Value] = field(
        default_factory=dict,
        metadata=described("What `inout` arguments hold afterwards, by parameter name."),
    )
    raises: str | None = field(
        default=None, metadata=described("The exception the call must raise.")
    )
    errno: str | None = field(
        default=None, metadata=described("The system's name of the exception's error number.")
    )
    message: str | None = field(
        default=None, metadata=described("Words that the exception's message must contain.")
    )
    lacks: tuple[str, ...] = field(
        default=(), metadata=described("Words that the exception's message must not contain.")
    )
    cause: str | None = field(
        default=None,
        metadata=described("The class of the exception that must be its `__cause__`."),
    )
    is_a: tuple[str, ...] = field(
        default=(), metadata=described("Classes that the exception must be an instance of.")
    )
    is_not: tuple[str, ...] = field(
        default=(), metadata=described("Classes that the exception must not be an instance of.")
    )
    within: tuple[int, ...] | None = field(
        default=None, metadata=described("[least, most] milliseconds that the call may take.")
    )
    then: Mapping[str, Value] = field(
        default_factory=dict,
        metadata=described(
            "Fields, properties or argument-less calls of the object that `as` or `on` names, or "
            "of the stage's socket, and what they must give afterwards."
        ),
    )


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class HostAnswer(Located):
    """What the resolver answers for one host name: its addresses alone, or a mapping."""

    addresses: tuple[str, ...] = field(
        metadata=shorthand("The name's IP addresses, in order; none for an unknown name.")
    )
    full: OneOrMore[str] = field(
        default=(),
        metadata=described(
            "Those of the addresses at which, on the peer's port, a queue is full, so that who "
            "connects waits."
        ),
    )
    after: int = field(default=0, metadata=described("After how many milliseconds it answers."))


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Scenario(Located):
    """What a scripted peer does, and what each call must give."""

    name: str = field(
        default="",
        metadata=described("A few words, needed where a statement has several scenarios."),
    )
    given: Given | None = field(
        default=None,
        metadata=described("What is ready: `connection` where there is a peer, else `nothing`."),
    )
    peer: tuple[PeerAction, ...] = field(
        default=(), metadata=described("The peer's script, in order.")
    )
    certificate: Certificate = field(
        default="valid", metadata=described("The certificate of a peer that serves TLS.")
    )
    names: Mapping[str, HostAnswer] = field(
        default_factory=dict,
        metadata=described(
            "What the resolver answers for these host names while the scenario runs."
        ),
    )
    steps: tuple[Step, ...] = field(metadata=described("The subject's steps, in order."))
    transports: tuple[str, ...] | None = field(
        default=None,
        metadata=described("The transports it applies to, where not all; needs `because`."),
    )
    buffered: bool | None = field(
        default=None,
        metadata=described("Only buffered (true) or unbuffered (false) sockets; needs `because`."),
    )
    because: str = field(
        default="",
        metadata=described(
            "Why the scenario is restricted, or has sockets of its own and so no transport."
        ),
    )
    nim: OneOrMore[NimVerdict] = field(
        default=(), metadata=described("Where Nim itself behaves otherwise.")
    )


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Statement(Located):
    """One normative sentence, in our words, and the scenarios that check it."""

    id: str = field(metadata=described("Stable and unique: `symbol.what-it-says`."))
    says: str = field(metadata=described("The sentence."))
    extension: bool = field(default=False, metadata=described("The sentence is nimnet's own."))
    later: str = field(
        default="",
        metadata=described(
            "What later versions of the original no longer share with the sentence."
        ),
    )
    scenarios: tuple[Scenario, ...] = field(default=(), metadata=described("What checks it."))
    untested: str | None = field(default=None, metadata=described("Why no scenario can check it."))


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class OperationForm(Located):
    """One way to call for an operation."""

    call: str = field(
        metadata=described(
            "Nim's name of the callable, or Python's; `name/2` is its second overload."
        )
    )
    with_: Mapping[str, Value] = field(
        default_factory=dict,
        metadata=described(
            "Arguments; {the: x} is what the operation takes, {count: x} its length."
        ),
    )
    gives: str = field(
        default="result",
        metadata=described("What holds the data: `result`, or the argument that the call fills."),
    )
    fails: Value = field(
        default=None,
        metadata=described("The result that stands for a failure, if the call never raises."),
    )
    transports: tuple[str, ...] | None = field(
        default=None, metadata=described("The transports that the form exists on, where not all.")
    )


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Operation(Located):
    """What several calls do alike, so that one scenario can be run in each of these forms."""

    name: str = field(metadata=described("The name that a step's `do` gives."))
    doc: str = field(metadata=described("What it does."))
    takes: Mapping[str, Value] = field(
        default_factory=dict, metadata=described("Its arguments: name and Nim type.")
    )
    gives: Giving = field(default="nothing", metadata=described("What a step sees of its result."))
    forms: tuple[OperationForm, ...] = field(metadata=described("The calls, in order."))


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class EntryEvidence(Located):
    """What is stated of one entry of a module's surface."""

    of: str = field(
        metadata=described("Nim's name of the entry; `name/2` is the second of several overloads.")
    )
    statements: tuple[Statement, ...] = field(metadata=described("What it promises."))


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class EvidenceFile(Located):
    """The evidence of one module, in a file of its own: `evidence/MODULE.yaml`."""

    of: str = field(metadata=described("The module's name; must be the file's."))
    operations: tuple[Operation, ...] = field(
        default=(), metadata=described("What scenarios can do in several forms of call.")
    )
    statements: tuple[Statement, ...] = field(
        default=(), metadata=described("What the documentation's module text promises.")
    )
    entries: tuple[EntryEvidence, ...] = field(
        default=(), metadata=described("What is stated of each entry, in the surface's order.")
    )
