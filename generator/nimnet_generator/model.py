"""The specification as frozen objects: what `load` produces and every later stage reads.

The classes mirror the YAML. A field is a key of the same name (a trailing underscore only keeps a
Python keyword apart), its annotation says what the key accepts, and its metadata is the key's
documentation. `load` decodes from these declarations and `schema` prints them as JSON Schema, so
that neither can drift from the other.

Every object knows where it came from: `at` is its own position, `where(key)` that of a key's value.
Each entry is itself and equal to no other, and so can be a key; generated comparisons would take
longer to make than all of a specification to decode.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeVar

from nimnet_generator.position import Position

Mode = Literal["in", "out", "inout"]
StringMeaning = Literal["text", "data"]
CallableKind = Literal["proc", "template", "property"]
TypeKind = Literal["enum", "object", "distinct", "exception", "proc"]
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
Scalar = str | int | float | bool | None
Value = Scalar | tuple["Value", ...] | Mapping[str, "Value"]

_T = TypeVar("_T")
OneOrMore = tuple[_T, ...]
"""A list that is written without its brackets where it has a single item."""


def _doc(text: str) -> dict[str, str]:
    """Metadata of a field: the description that editors show for its key."""
    return {"doc": text}


def _shorthand(text: str) -> dict[str, str]:
    """Metadata of the field that a bare text or list stands for, in place of a whole mapping."""
    return {"doc": text, "shorthand": "yes"}


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Located:
    """Anything read from a mapping of the specification."""

    at: Position
    keys: Mapping[str, Position]

    def where(self, key: str) -> Position:
        """Return the position of the value under `key`, or of the whole object without that key.

        `raises.1` is the second item of a list of texts, `with.size` the value of a free key;
        without such an item the position is the list's.
        """
        position = self.keys.get(key)
        if position is None:
            position = self.keys.get(key.partition(".")[0], self.at)
        return position


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Param(Located):
    """One parameter, as the documentation states it."""

    name: str = field(metadata=_doc("Nim's name of the parameter."))
    type: str | None = field(
        default=None,
        metadata=_doc(
            "Nim's type, only where the documentation states one; else `default` implies it."
        ),
    )
    default: str | None = field(
        default=None, metadata=_doc("Nim's text of the default, as documented, in quotes.")
    )
    mode: Mode = field(
        default="in",
        metadata=_doc(
            "What a `var` parameter is for: `out` becomes a result, `inout` is changed in place."
        ),
    )
    as_: StringMeaning | None = field(
        default=None,
        metadata=_doc(
            "What a `string` holds: `text` (a name, path or address) is `str`, `data` is `bytes`."
        ),
    )
    doc: str = field(default="", metadata=_doc("What to pass, with its unit and range."))
    extension: bool = field(
        default=False,
        metadata=_doc(
            "The documentation lacks this parameter. In Python it is keyword-only, and last."
        ),
    )
    python: str | None = field(
        default=None, metadata=_doc("The Python name, where the naming rule does not give it.")
    )


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Result(Located):
    """What a callable returns: a type alone, or a mapping with its meaning."""

    type: str = field(metadata=_shorthand("Nim's type; `void` for none."))
    as_: StringMeaning | None = field(
        default=None, metadata=_doc("What a `string` holds: `text` is `str`, `data` is `bytes`.")
    )
    doc: str = field(default="", metadata=_doc("What the result means, with its unit."))


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Amendment(Located):
    """Where the documentation is wrong or too wide: exactly one replacement, and its reason."""

    raises: tuple[str, ...] | None = field(
        default=None, metadata=_doc("The whole contract, in place of the documented `raises`.")
    )
    returns: Result | None = field(
        default=None, metadata=_doc("The result, in place of the documented one; `void` for none.")
    )
    param: Param | None = field(
        default=None,
        metadata=_doc(
            "A documented parameter restated: its name, and the type or default that replaces."
        ),
    )
    value: Scalar = field(
        default=None, metadata=_doc("The value of a const, in place of the documented one.")
    )
    why: str = field(metadata=_doc("Why nimnet departs from the documentation here."))


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class NimVerdict(Located):
    """What the original implementation does, where it is known to differ."""

    observed: str = field(
        metadata=_doc(
            'The first difference, as the oracle words it: `step 2 returns "0123"`, '
            "`step 1 raises OSError`, `step 3 waits`."
        )
    )
    why: str = field(metadata=_doc("Why nimnet departs from it."))
    sometimes: bool = field(
        default=False,
        metadata=_doc("It depends on timing: Nim can also agree, or do what another entry says."),
    )
    transports: tuple[str, ...] | None = field(
        default=None, metadata=_doc("Only on these transports; elsewhere Nim agrees.")
    )
    buffered: bool | None = field(
        default=None, metadata=_doc("Only on buffered (true) or unbuffered (false) sockets.")
    )
    forms: tuple[str, ...] | None = field(
        default=None, metadata=_doc("Only in these forms of the scenario's operations.")
    )


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class PeerAction(Located):
    """One action of the scripted peer; exactly one key, except that `every` joins another."""

    send: Value = field(
        default=None,
        metadata=_doc("Bytes to send: text (UTF-8), {repeat, times} or {hex}; one datagram."),
    )
    expect: Value = field(default=None, metadata=_doc("Bytes that must arrive next."))
    expect_end: bool | None = field(
        default=None, metadata=_doc("Read on, and demand the clean end of the stream.")
    )
    byte_by_byte: Value = field(default=None, metadata=_doc("Bytes to send one at a time."))
    every: int | None = field(
        default=None, metadata=_doc("Milliseconds between the bytes of `byte_by_byte`.")
    )
    garbage: Value = field(default=None, metadata=_doc("Bytes to send beneath TLS."))
    close: bool | None = field(
        default=None, metadata=_doc("Close the connection cleanly, with close_notify on TLS.")
    )
    half_close: bool | None = field(
        default=None, metadata=_doc("End the peer's sending side only.")
    )
    drop: bool | None = field(
        default=None, metadata=_doc("Close the connection without the close_notify of TLS.")
    )
    reset: bool | None = field(default=None, metadata=_doc("Abort the connection (RST)."))
    silent: bool | None = field(
        default=None, metadata=_doc("Say nothing more; the last action of a script.")
    )
    wait_for: str | None = field(
        default=None, metadata=_doc("Wait until the subject has signalled this name.")
    )
    accept: Opening | None = field(
        default=None,
        metadata=_doc(
            "Accept a new connection, which becomes the current one: `tls` with the transport's "
            "handshake, if it has one, `plain` without."
        ),
    )
    connect: Opening | None = field(
        default=None,
        metadata=_doc("Connect to the subject, in the same two ways."),
    )
    secure: Side | None = field(
        default=None, metadata=_doc("Do this side of the TLS handshake on the connection.")
    )


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Step(Located):
    """One step of the subject: a call and what it must give, or a signal to the peer."""

    call: str | None = field(
        default=None,
        metadata=_doc("Nim's name of the callable, or Python's; `name/2` is its second overload."),
    )
    do: str | None = field(
        default=None,
        metadata=_doc("An operation: the scenario runs once in each of its forms."),
    )
    value: Value = field(
        default=None, metadata=_doc("A value to compare or to name, in place of a call.")
    )
    ends: str | None = field(
        default=None, metadata=_doc("Wait for the call that `starts` began, and judge it.")
    )
    signal: str | None = field(
        default=None, metadata=_doc("Let the peer's `wait_for` of this name go on.")
    )
    on: str | None = field(
        default=None,
        metadata=_doc("The object that a method is called on; without it the stage's socket."),
    )
    with_: Mapping[str, Value] = field(
        default_factory=dict, metadata=_doc("Arguments by Nim's parameter names.")
    )
    starts: str | None = field(
        default=None, metadata=_doc("Begin the call in a thread of its own, under this name.")
    )
    as_: OneOrMore[str] = field(
        default=(),
        metadata=_doc("A name for the result, or one for each of several; `_` for none."),
    )
    returns: Value = field(default=None, metadata=_doc("What the call must return."))
    leaves: Mapping[str, Value] = field(
        default_factory=dict,
        metadata=_doc("What `inout` arguments hold afterwards, by parameter name."),
    )
    raises: str | None = field(default=None, metadata=_doc("The exception the call must raise."))
    errno: str | None = field(
        default=None, metadata=_doc("The system's name of the exception's error number.")
    )
    message: str | None = field(
        default=None, metadata=_doc("Words that the exception's message must contain.")
    )
    lacks: tuple[str, ...] = field(
        default=(), metadata=_doc("Words that the exception's message must not contain.")
    )
    cause: str | None = field(
        default=None,
        metadata=_doc("The class of the exception that must be its `__cause__`."),
    )
    is_a: tuple[str, ...] = field(
        default=(), metadata=_doc("Classes that the exception must be an instance of.")
    )
    is_not: tuple[str, ...] = field(
        default=(), metadata=_doc("Classes that the exception must not be an instance of.")
    )
    within: tuple[int, ...] | None = field(
        default=None, metadata=_doc("[least, most] milliseconds that the call may take.")
    )
    then: Mapping[str, Value] = field(
        default_factory=dict,
        metadata=_doc(
            "Fields, properties or argument-less calls of the object that `as` or `on` names, or "
            "of the stage's socket, and what they must give afterwards."
        ),
    )


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class HostAnswer(Located):
    """What the resolver answers for one host name: its addresses alone, or a mapping."""

    addresses: tuple[str, ...] = field(
        metadata=_shorthand("The name's IP addresses, in order; none for an unknown name.")
    )
    full: OneOrMore[str] = field(
        default=(),
        metadata=_doc(
            "Those of the addresses at which, on the peer's port, a queue is full, so that who "
            "connects waits."
        ),
    )
    after: int = field(default=0, metadata=_doc("After how many milliseconds it answers."))


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Scenario(Located):
    """What a scripted peer does, and what each call must give."""

    name: str = field(
        default="", metadata=_doc("A few words, needed where a statement has several scenarios.")
    )
    given: Given | None = field(
        default=None,
        metadata=_doc("What is ready: `connection` where there is a peer, else `nothing`."),
    )
    peer: tuple[PeerAction, ...] = field(default=(), metadata=_doc("The peer's script, in order."))
    certificate: Certificate = field(
        default="valid", metadata=_doc("The certificate of a peer that serves TLS.")
    )
    names: Mapping[str, HostAnswer] = field(
        default_factory=dict,
        metadata=_doc("What the resolver answers for these host names while the scenario runs."),
    )
    steps: tuple[Step, ...] = field(metadata=_doc("The subject's steps, in order."))
    transports: tuple[str, ...] | None = field(
        default=None, metadata=_doc("The transports it applies to, where not all; needs `because`.")
    )
    buffered: bool | None = field(
        default=None,
        metadata=_doc("Only buffered (true) or unbuffered (false) sockets; needs `because`."),
    )
    because: str = field(default="", metadata=_doc("Why the scenario is restricted."))
    nim: OneOrMore[NimVerdict] = field(
        default=(), metadata=_doc("Where Nim itself behaves otherwise.")
    )


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Statement(Located):
    """One normative sentence, in our words, and the scenarios that check it."""

    id: str = field(metadata=_doc("Stable and unique: `symbol.what-it-says`."))
    says: str = field(metadata=_doc("The sentence."))
    extension: bool = field(default=False, metadata=_doc("The sentence is nimnet's own."))
    later: str = field(
        default="",
        metadata=_doc("What later versions of the original no longer share with the sentence."),
    )
    scenarios: tuple[Scenario, ...] = field(default=(), metadata=_doc("What checks it."))
    untested: str | None = field(default=None, metadata=_doc("Why no scenario can check it."))


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class OperationForm(Located):
    """One way to call for an operation."""

    call: str = field(
        metadata=_doc("Nim's name of the callable, or Python's; `name/2` is its second overload.")
    )
    with_: Mapping[str, Value] = field(
        default_factory=dict,
        metadata=_doc("Arguments; {the: x} is what the operation takes, {count: x} its length."),
    )
    gives: str = field(
        default="result",
        metadata=_doc("What holds the data: `result`, or the argument that the call fills."),
    )
    fails: Value = field(
        default=None,
        metadata=_doc("The result that stands for a failure, if the call never raises."),
    )
    transports: tuple[str, ...] | None = field(
        default=None, metadata=_doc("The transports that the form exists on, where not all.")
    )


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Operation(Located):
    """What several calls do alike, so that one scenario can be run in each of these forms."""

    name: str = field(metadata=_doc("The name that a step's `do` gives."))
    doc: str = field(metadata=_doc("What it does."))
    takes: Mapping[str, Value] = field(
        default_factory=dict, metadata=_doc("Its arguments: name and Nim type.")
    )
    gives: Giving = field(default="nothing", metadata=_doc("What a step sees of its result."))
    forms: tuple[OperationForm, ...] = field(metadata=_doc("The calls, in order."))


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Callable(Located):
    """A proc, a template, or a property of nimnet's own. Overloads are separate entries."""

    name: str = field(
        metadata=_doc("Nim's name; a setter ends in `=`. An extension's name is Python's.")
    )
    kind: CallableKind = field(default="proc", metadata=_doc("What it is."))
    params: tuple[Param, ...] = field(
        default=(), metadata=_doc("The parameters, in documented order.")
    )
    returns: Result | None = field(
        default=None, metadata=_doc("The documented result; absent for none.")
    )
    raises: tuple[str, ...] | None = field(
        default=None,
        metadata=_doc(
            "The documented `raises`; [] raises nothing; absent where there is no pragma."
        ),
    )
    tags: tuple[str, ...] | None = field(
        default=None, metadata=_doc("The documented `tags`; absent where there is no pragma.")
    )
    pragmas: tuple[str, ...] = field(default=(), metadata=_doc("The other documented pragmas."))
    doc: str = field(
        metadata=_doc("What it does, in our own words; the first sentence is the summary.")
    )
    errors: Mapping[str, str] = field(
        default_factory=dict,
        metadata=_doc(
            "For each exception of the contract, when it is raised (amendments included)."
        ),
    )
    see: tuple[str, ...] = field(
        default=(), metadata=_doc("What it follows besides Nim: an RFC section, a manual page.")
    )
    python: str | None = field(
        default=None, metadata=_doc("The Python name, where the naming rule does not give it.")
    )
    runtime: str | None = field(
        default=None,
        metadata=_doc("The runtime function with its body, where it is not named as in Python."),
    )
    amend: tuple[Amendment, ...] = field(
        default=(), metadata=_doc("Departures from the documentation.")
    )
    statements: tuple[Statement, ...] = field(default=(), metadata=_doc("What it promises."))
    extension: bool = field(default=False, metadata=_doc("The documentation does not have it."))
    omit: str | None = field(
        default=None, metadata=_doc("Why it is transcribed but not generated.")
    )


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class EnumMember(Located):
    """A member of an enum: its name alone, or a mapping."""

    name: str = field(metadata=_shorthand("Nim's name."))
    value: int | None = field(default=None, metadata=_doc("The documented ordinal, where stated."))
    platform: str | None = field(
        default=None, metadata=_doc("The system constant that gives the value in Python.")
    )
    python: str | None = field(
        default=None, metadata=_doc("The Python name, where the naming rule does not give it.")
    )
    doc: str = field(default="", metadata=_doc("What it stands for."))


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class ObjectField(Located):
    """A field of an object."""

    name: str = field(metadata=_doc("Nim's name."))
    type: str = field(metadata=_doc("Nim's type."))
    public: bool = field(default=False, metadata=_doc("Exported in Nim (`*`)."))
    case: bool = field(default=False, metadata=_doc("The discriminator of a variant object."))
    of: str | None = field(
        default=None, metadata=_doc("The discriminator's value under which it exists.")
    )
    when: str | None = field(default=None, metadata=_doc("The compile-time condition around it."))
    doc: str = field(default="", metadata=_doc("What it holds."))
    errors: Mapping[str, str] = field(
        default_factory=dict,
        metadata=_doc("For each exception that reading a handle's public field raises, when."),
    )


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Type(Located):
    """A documented type, or one of another Nim module that the API needs (`from`)."""

    name: str = field(metadata=_doc("Nim's name; Python keeps it."))
    kind: TypeKind = field(metadata=_doc("What it is."))
    from_: str | None = field(
        default=None,
        metadata=_doc("The Nim module that defines it, when it is not the documented one."),
    )
    doc: str = field(metadata=_doc("What it is, in our own words."))
    pure: bool = field(
        default=False, metadata=_doc("enum: members need the type's name before them.")
    )
    set: bool = field(
        default=False, metadata=_doc("enum: used as `set[...]`; an `enum.Flag` in Python.")
    )
    members: tuple[EnumMember, ...] = field(
        default=(), metadata=_doc("enum: the members, in order.")
    )
    fields: tuple[ObjectField, ...] = field(
        default=(), metadata=_doc("object: the fields, in order.")
    )
    ref: str | None = field(
        default=None, metadata=_doc("object: `object` for `ref object`, or the type it refers to.")
    )
    base: str | None = field(
        default=None,
        metadata=_doc("distinct, exception: the Nim type it is made of or derives from."),
    )
    python_bases: tuple[str, ...] = field(
        default=(),
        metadata=_doc("exception: the Python base classes, where they are not `Exception`."),
    )
    range: tuple[int, ...] | None = field(
        default=None, metadata=_doc("distinct: [lowest, highest] value.")
    )
    params: tuple[Param, ...] = field(default=(), metadata=_doc("proc: the parameters."))
    returns: Result | None = field(default=None, metadata=_doc("proc: the result."))
    runtime: str | None = field(
        default=None,
        metadata=_doc("object, exception: the runtime class behind it, as `module.Class`."),
    )
    statements: tuple[Statement, ...] = field(default=(), metadata=_doc("What it promises."))
    omit: str | None = field(
        default=None, metadata=_doc("Why it is transcribed but not generated.")
    )


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Const(Located):
    """A constant."""

    name: str = field(metadata=_doc("Nim's name."))
    type: str | None = field(default=None, metadata=_doc("Nim's type, where stated."))
    value: Scalar = field(default=None, metadata=_doc("The documented value."))
    platform: str | None = field(
        default=None, metadata=_doc("The system constant that gives the value in Python.")
    )
    from_: str | None = field(
        default=None,
        metadata=_doc("The Nim module that defines it, when it is not the documented one."),
    )
    python: str | None = field(
        default=None, metadata=_doc("The Python name, where the naming rule does not give it.")
    )
    doc: str = field(metadata=_doc("What it is."))
    amend: tuple[Amendment, ...] = field(
        default=(), metadata=_doc("Departures from the documentation.")
    )
    statements: tuple[Statement, ...] = field(default=(), metadata=_doc("What it promises."))
    omit: str | None = field(
        default=None, metadata=_doc("Why it is transcribed but not generated.")
    )


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Module(Located):
    """One file of the specification: one generated module, named after the file."""

    name: str = field(metadata=_doc("The module's name; must be the file's."))
    doc: str = field(metadata=_doc("The module's docstring; the first sentence is the summary."))
    runtime: str | None = field(
        default=None,
        metadata=_doc("The runtime module with the bodies of this module's functions."),
    )
    types: tuple[Type, ...] = field(default=(), metadata=_doc("The types, in documented order."))
    consts: tuple[Const, ...] = field(
        default=(), metadata=_doc("The constants, in documented order.")
    )
    procs: tuple[Callable, ...] = field(
        default=(), metadata=_doc("The procs and templates, in documented order.")
    )
    operations: tuple[Operation, ...] = field(
        default=(), metadata=_doc("What scenarios can do in several forms of call.")
    )
    statements: tuple[Statement, ...] = field(
        default=(), metadata=_doc("What the documentation's module text promises.")
    )


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Export(Located):
    """What the documented module exports from others."""

    name: str = field(metadata=_shorthand("Nim's name."))
    count: int = field(default=1, metadata=_doc("How often the documentation lists it."))
    doc: str = field(default="", metadata=_doc("How nimnet has it."))


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Package(Located):
    """`package.yaml`: the package as a whole, and its modules in the order a reader wants them."""

    name: str = field(metadata=_doc("The generated package."))
    source: str = field(metadata=_doc("What is transcribed."))
    doc: str = field(metadata=_doc("The package's docstring; the first sentence is the summary."))
    runtime: str = field(metadata=_doc("The hand-written package that the generated one calls."))
    modules: tuple[str, ...] = field(metadata=_doc("The other files of this folder, in order."))
    exports: tuple[Export, ...] = field(default=(), metadata=_doc("The documented exports."))


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Spec:
    """The whole specification."""

    package: Package
    modules: tuple[Module, ...]
    sources: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False, compare=False)
    """The lines of each file by the name that positions give it, for diagnostics."""
