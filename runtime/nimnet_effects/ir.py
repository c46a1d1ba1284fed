"""What a function does that matters to exceptions, as data: calls, raises, what is around them.

A `Flow` holds the steps of a block in their order. Branches and loops leave no trace: whatever
stands in them may happen. Nothing here knows mypy, so that flows outlive the trees they were made
of, and inference can be tested with flows that no source was written for.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum, IntEnum, auto
from typing import Final, NamedTuple, TypeAlias

from nimnet_effects.contracts import Contract
from nimnet_effects.values import among

Site: TypeAlias = tuple[int, int, int, int]
"""Line, column, last line, last column."""

Condition: TypeAlias = str
"""When an exception is raised: one of the constants below, or what `if_given` makes."""

ALWAYS: Final[Condition] = ""
CONSTANT: Final[Condition] = "!"
"""Always, because a call gives a constant for the argument that decides."""
_ABSENT: Final = "~"
IMPOSED: Final[Condition] = "*"
"""Only inside of a `with` block that imposes it."""
OTHERS: Final = "*"
"""Among the arguments of a call, in the place of a name: all parameters that have none there. As
what is given, that they get what the caller itself was given for those of the same names."""
_OTHERWISE: Final = "-"


def parameter_key(name: str | None, place: int) -> str:
    """What conditions call a parameter: its name, or its place if calls cannot name it.

    Of parameters that are positional only, those of special methods among them, mypy's cache keeps
    no names.
    """
    return f"#{place}" if name is None else name


class Asked(NamedTuple):
    """A condition about an argument of the function that raises."""

    parameter: str
    """Its key."""
    unless: tuple[str, ...]
    """The values with which it is not raised; none if it may be with each."""
    required: bool
    """Whether it is raised as well by a call of which it cannot be seen that it gives the argument:
    every call gives it, or its default is none of the values."""

    @property
    def is_nameless(self) -> bool:
        """Whether calls cannot name the parameter."""
        return self.parameter.startswith("#")


def if_given(parameter: str, unless: Iterable[str], required: bool) -> Condition:
    """Only if a call gives an argument, and another value than these."""
    lines = "\n".join(unless)
    return f"{parameter}{':' if required else ''}={lines}"


def asked(condition: Condition) -> Asked | None:
    """What `if_given` was given; None of any other condition."""
    parameter, given, lines = condition.partition("=")
    if not given:
        return None
    name = parameter.removesuffix(":")
    return Asked(name, tuple(lines.split("\n")) if lines else (), name != parameter)


def otherwise(apart: Collection[str]) -> Condition:
    """Always, but for those of its subclasses that the contract tells apart.

    A contract of `OSError`, and of `TimeoutError` if a timeout is given, has no `TimeoutError`
    where none is given; nor has one of `OSError` alone in a package that has such contracts.
    """
    return f"{_OTHERWISE}{'|'.join(sorted(set(apart)))}" if apart else ALWAYS


def told_apart(condition: Condition) -> tuple[str, ...]:
    """The classes that `otherwise` was given."""
    if not condition.startswith(_OTHERWISE):
        return ()
    return tuple(condition.removeprefix(_OTHERWISE).split("|"))


def absent(parameter: str) -> Condition:
    """Only if a call leaves the argument out: something has to be made for it."""
    return f"{_ABSENT}{parameter}"


def left_out(condition: Condition) -> str | None:
    """The parameter that `absent` was given."""
    return condition.removeprefix(_ABSENT) if condition.startswith(_ABSENT) else None


class Part(IntEnum):
    """Which part of what a function does a call of it, or of its result, runs."""

    BODY = 0
    """All that it does itself; of a generator or a coroutine, when that runs."""
    RESULT = 1
    """What the generator or coroutine does that it returns, when that runs."""
    CLOSING = 2
    """What a generator does that is closed where it stands."""


class Ignorance(IntEnum):
    """How much of what is called cannot be seen."""

    NONE = 0
    COMPUTATION = 1
    """Code of the standard library that computes: it raises its own exceptions, and no OSError."""
    ANYTHING = 2


class Argument(NamedTuple):
    """What a call gives for one parameter.

    Attributes:
        literals: the values that it may have, as `repr` writes them; empty if these are not known.
        parameter: the key of the caller's own parameter that is handed on, if it is one; `OTHERS`
            for the arguments that it was given by `*` and `**`.
        default: the literal that this parameter defaults to, if it has one.
        narrowed: whether the parameter cannot be None here, although its type has None.
        required: whether the parameter has no default.
        certain: whether the call surely gives it, and does not only perhaps, by `*` or `**`.
        perhaps: literals that it may be, besides what else it may be.
        tested: whether it has been looked at what the parameter is, so that its default may well
            not come to the call.
    """

    literals: tuple[str, ...] = ()
    parameter: str | None = None
    default: str | None = None
    narrowed: bool = False
    required: bool = False
    certain: bool = True
    perhaps: tuple[str, ...] = ()
    tested: bool = False

    def condition(self, unless: tuple[str, ...]) -> Condition | None:
        """When an exception of a parameter is raised by a call with this argument; None for never.

        Args:
            unless: the values with which it is not.
        """
        if self.literals and all(among(each, unless) for each in self.literals):
            return None
        if not all(among(each, unless) for each in self.perhaps):
            return CONSTANT
        if self.parameter is not None:
            if self.default is not None and among(self.default, unless):
                return if_given(self.parameter, unless, required=False)
            if self.default == "None" and self.narrowed:
                return if_given(self.parameter, (*unless, "None"), required=False)
            if unless if self.required else not self.tested:
                # Also by a call that leaves it at its default.
                return if_given(self.parameter, unless, required=True)
        return CONSTANT if self.literals else ALWAYS


@dataclass(slots=True, eq=False)
class Call:
    """A call, an operator, an access of a property, a step of an iteration.

    Attributes:
        name: of what is called, for people: `Socket.recv`.
        known: what contracts say, for the arguments of this call.
        helper: the key of a function whose own flow or summary says the rest.
        imposed_only: whether of the helper only what is imposed counts: it declares the rest.
        arguments: what the call gives for parameters of the helper, by their keys.
        part: what of the helper is run.
        declined: the key of a function that is called first: only if that may return
            `NotImplemented` is this one called at all.
    """

    site: Site
    name: str
    known: tuple[tuple[str, Condition], ...] = ()
    helper: str | None = None
    imposed_only: bool = False
    arguments: Mapping[str, Argument] = field(default_factory=dict)
    part: Part = Part.BODY
    declined: str | None = None


class Default(NamedTuple):
    """What is done for a parameter that a call does not give."""

    parameter: str
    body: Flow


class Raise(NamedTuple):
    """An explicit `raise` of classes: more than one where the type is a union."""

    site: Site
    exceptions: tuple[str, ...]


Narrowing: TypeAlias = tuple[tuple[str, ...], bool]
"""That an exception is of one of these classes, or that it is of none."""


@dataclass(slots=True, eq=False)
class Reraise:
    """A `raise` of what a handler caught, as far as all that is known of it there leaves it."""

    site: Site
    handler: int
    narrowed: tuple[Narrowing, ...] = ()


class Handler(NamedTuple):
    """An `except` clause.

    Attributes:
        number: what `Reraise` refers to; unique within a function.
        classes: what it catches; None for everything.
        exact: whether it surely catches these, and not perhaps some subclasses of them alone.
        leaves: whether its body surely jumps out, or raises, instead of running through.
    """

    number: int
    classes: tuple[str, ...] | None
    body: Flow
    exact: bool = True
    leaves: bool = False


@dataclass(slots=True, eq=False)
class Try:
    """A `try` statement; `leaves` if its `finally` never ends by running through."""

    body: Flow
    handlers: list[Handler] = field(default_factory=list)
    otherwise: Flow = field(default_factory=list)
    final: Flow = field(default_factory=list)
    leaves: bool = False
    star: bool = False


Layer: TypeAlias = tuple[tuple[tuple[str, ...], bool], ...]
"""Handlers around the block of a context manager: what each catches, and whether that goes on."""
EXACTLY: Final = "="
"""In a layer, what stands before a class of which it has no subclasses."""


@dataclass(slots=True, eq=False)
class With:
    """One context manager and its block.

    Attributes:
        before: making and entering the manager.
        after: leaving it.
        layers: what the manager handles of the block's exceptions, the innermost first.
        imposes: what it makes the block's calls raise that have it imposed.
        manager: the key of the function that decides about the block's exceptions: the generator
            that the manager is made of, or its `__exit__`.
    """

    before: Flow
    body: Flow
    after: Flow
    layers: tuple[Layer, ...] = ()
    imposes: tuple[str, ...] = ()
    manager: str | None = None


@dataclass(slots=True, eq=False)
class Yield:
    """Where a generator stands while its caller goes on.

    Attributes:
        closing: what is done if it is closed there: it closes the generator that it yields from.
    """

    closing: Flow = field(default_factory=list)


class Unknown(NamedTuple):
    """Something is called that cannot be seen."""

    ignorance: Ignorance


Step: TypeAlias = Call | Default | Raise | Reraise | Try | With | Yield | Unknown
Flow: TypeAlias = list[Step]


@dataclass(slots=True, eq=False)
class Function:
    """One function, method or lambda.

    Attributes:
        key: what calls refer to it by: the module, a colon, the qualified name.
        name: for people.
        declared: what it declares, if it does.
        site: where findings about the function as a whole are shown.
        absorbs: what its protocol takes for a signal instead of an error, as StopIteration is of
            `__next__`.
        required: the keys of parameters that every call has to give.
        reassigned: those of parameters that the function gives other values, with what is known of
            these: literals; `OTHERS` if it changes what `*` or `**` gave it.
        swallows: of an `__exit__`, what it surely swallows.
        open_ended: whether it stands for others (abstract, of a protocol, without a body of its
            own), so that it may well declare what it does not raise.
        lines: the module that its steps stand in, if it is not its own.
        result: what the generators and coroutines do that it returns, when they run.
        declines: whether it may return `NotImplemented`.
    """

    key: str
    name: str
    site: Site
    flow: Flow = field(default_factory=list)
    declared: Contract | None = None
    absorbs: str | None = None
    required: frozenset[str] = frozenset()
    reassigned: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    swallows: Layer = ()
    open_ended: bool = False
    lines: str = ""
    result: Flow = field(default_factory=list)
    declines: bool = False

    @property
    def module(self) -> str:
        """The full name of the module in which the function stands."""
        return self.lines or self.key.partition(":")[0]

    @property
    def qualname(self) -> str:
        """The function's name within its module."""
        return self.key.partition(":")[2]


class How(Enum):
    """How something comes to be called in the place of something that declares."""

    OVERRIDES = auto()
    """It is a method of a subclass."""
    INHERITED = auto()
    """It comes from another base of a class than the method that declares."""
    TAKEN = auto()
    """It, or the object whose method it is, is handed over as an object of a protocol."""


class Substitute(NamedTuple):
    """What may be called where a declaration is all that callers know.

    Attributes:
        name: of what is called, for people.
        calls: functions that call it as such callers do, each with what is declared for that.
        promised: what declares it, for people.
        how: it comes to be called.
        owner: the class that inherits it, or whose object is handed over, for people.
        taken: the protocol, for people.
    """

    name: str
    calls: list[Function]
    promised: str
    how: How
    owner: str = ""
    taken: str = ""
