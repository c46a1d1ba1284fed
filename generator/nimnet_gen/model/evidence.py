"""The evidence: what the specification states of the surface, and how scenarios check it.

A statement is one normative sentence; its scenarios say what a scripted peer does and what each
call must give. An operation lets one scenario run in several forms of call. Nothing here knows the
surface: calls and types are texts, which `checks` holds against it, and the entries that statements
are about are names, which `joining` looks up. What a scenario can be given, what its peer can do,
and which variants and settings it has, is the project's `stage`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from nimnet_gen.model.declaration import (
    Located,
    Marked,
    OneOrMore,
    Value,
    described,
    facility,
    gathered,
    offered,
    shorthand,
)

Giving = Literal["data", "nothing", "object"]


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class NimVerdict(Located):
    """What the original implementation does, where it is known to differ."""

    observed: str = field(
        metadata=described(
            'The first difference, as the oracle words it: `step 2 returns "0123"`, '
            "`step 1 raises OSError`, `step 3 waits`."
        )
    )
    why: str = field(metadata=described("Why the package departs from it."))
    sometimes: bool = field(
        default=False,
        metadata=described(
            "It depends on timing: Nim can also agree, or do what another entry says."
        ),
    )
    transports: tuple[str, ...] | None = field(
        default=None, metadata=described("Only on these transports; elsewhere Nim agrees.")
    )
    variants: Mapping[str, Value] = field(default_factory=dict, metadata=gathered("variants"))
    forms: tuple[str, ...] | None = field(
        default=None, metadata=described("Only in these forms of the scenario's operations.")
    )


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class PeerAction(Located):
    """One action of the scripted peer: one key, except that a number can join another."""

    does: Mapping[str, Value] = field(default_factory=dict, metadata=gathered("actions"))


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
        metadata=described("The object that a method is called on; without it the subject."),
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
    carries: Mapping[str, Value] = field(
        default_factory=dict,
        metadata=described("Fields of the exception, and what they must hold."),
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
            "of the subject, and what they must give afterwards."
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
    given: str | None = field(
        default=None,
        metadata=offered(
            "What is ready; without it the stage's default where there is a peer, else `nothing`.",
            "givens",
        ),
    )
    peer: tuple[PeerAction, ...] = field(
        default=(), metadata=described("The peer's script, in order.")
    )
    settings: Mapping[str, str] = field(default_factory=dict, metadata=gathered("settings"))
    names: Mapping[str, HostAnswer] = field(
        default_factory=dict,
        metadata=facility(
            "What the resolver answers for these host names while the scenario runs.", "resolver"
        ),
    )
    steps: tuple[Step, ...] = field(metadata=described("The subject's steps, in order."))
    transports: tuple[str, ...] | None = field(
        default=None,
        metadata=described("The transports it applies to, where not all; needs `because`."),
    )
    variants: Mapping[str, Value] = field(default_factory=dict, metadata=gathered("variants"))
    because: str = field(
        default="",
        metadata=described("Why the scenario is restricted, or uses nothing of what is given."),
    )
    nim: OneOrMore[NimVerdict] = field(
        default=(), metadata=described("Where Nim itself behaves otherwise.")
    )


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Statement(Located, Marked):
    """One normative sentence, in our words, and the scenarios that check it."""

    id: str = field(metadata=described("Stable and unique: `symbol.what-it-says`."))
    says: str = field(metadata=described("The sentence."))
    extension: bool = field(default=False, metadata=described("The sentence is the package's own."))
    since: str | None = field(
        default=None,
        metadata=described("The version of the original since which it holds; see the surface."),
    )
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
    """Evidence of one module: `evidence/MODULE.yaml`, or `evidence/MODULE_SUBJECT.yaml`."""

    of: str = field(metadata=described("The module's name; the file's begins with it."))
    operations: tuple[Operation, ...] = field(
        default=(), metadata=described("What scenarios can do in several forms of call.")
    )
    statements: tuple[Statement, ...] = field(
        default=(), metadata=described("What the documentation's module text promises.")
    )
    entries: tuple[EntryEvidence, ...] = field(
        default=(), metadata=described("What is stated of each entry, in the surface's order.")
    )
