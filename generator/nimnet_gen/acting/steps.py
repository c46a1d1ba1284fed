"""The steps of a scenario, resolved one after the other: each sees the names of those before it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from nimnet_gen.acting.calls import Calls, Readable
from nimnet_gen.acting.resolved import (
    Answering,
    Converted,
    Items,
    Known,
    Memory,
    Optional,
    Record,
    Reference,
    Resolved,
    Several,
    held,
)
from nimnet_gen.acting.values import Values
from nimnet_gen.model.declaration import Value
from nimnet_gen.model.evidence import Operation, Scenario, Step
from nimnet_gen.model.stage import Given, Stage
from nimnet_gen.model.surface import Callable, Spec
from nimnet_gen.naming.kinds import DATA, Kind, kind_of_field, kind_of_word
from nimnet_gen.naming.names import snake_case
from nimnet_gen.naming.nimtypes import Named, TupleOf, parse_type
from nimnet_gen.naming.signatures import Argument, Signature
from nimnet_gen.naming.symbols import Symbols
from nimnet_gen.stage import setting
from nimnet_gen.stage.matrix import Matrix


@dataclass(frozen=True, eq=False)
class Invocation:
    """A call.

    Attributes:
        entry: the overload.
        signature: how it is called.
        owner: the type that it is a method of, or an empty text.
        target: the object it is called on, or None for a function.
        arguments: what it is given, in the order of its signature.
        is_property: whether it is read, not called.
    """

    entry: Callable
    signature: Signature
    owner: str
    target: Resolved | None
    arguments: tuple[tuple[Argument, Resolved], ...]
    is_property: bool = False


@dataclass(frozen=True, eq=False)
class Performance:
    """An operation, in whichever of its forms."""

    operation: Operation
    target: Resolved | None
    arguments: tuple[tuple[str, Resolved], ...]


@dataclass(frozen=True, eq=False)
class Evaluation:
    """A value that is compared or gets a name."""

    value: Resolved


@dataclass(frozen=True, eq=False)
class Ending:
    """The end of a call that runs in a thread of its own."""

    name: str
    began: Invocation | Performance


Deed = Invocation | Performance | Evaluation | Ending


@dataclass(frozen=True, eq=False)
class Question:
    """What an object must answer after a step."""

    target: Resolved
    readable: Readable
    answer: Resolved


@dataclass(frozen=True, eq=False)
class ActedStep:
    """One step.

    Attributes:
        number: its place in the scenario, from 1.
        step: as the specification writes it; what it demands of exceptions and time is there.
        deed: what it does; None for a signal, and for questions alone.
        kinds: the types of the results.
        returns: what the result must be, or None if nothing is demanded of it.
        leaves: what arguments must hold afterwards.
        carries: what fields of the exception must hold, by their names in Python.
        binds: for each result the name that it gets, or an empty text; a single name can also be
            that of several results together.
        questions: what objects must answer afterwards.
    """

    number: int
    step: Step
    deed: Deed | None
    kinds: tuple[Kind, ...] = ()
    returns: Resolved | None = None
    leaves: tuple[tuple[Argument, Resolved], ...] = ()
    binds: tuple[str, ...] = ()
    carries: tuple[tuple[str, Resolved], ...] = ()
    questions: tuple[Question, ...] = ()


@dataclass(frozen=True, eq=False)
class Act:
    """A scenario's steps.

    Attributes:
        given: what is ready when they begin.
        subject: the name of the object that is ready, or None.
        steps: the steps.
        used: every name that some step refers to.
    """

    given: Given
    subject: str | None
    steps: tuple[ActedStep, ...]
    used: frozenset[Reference] = field(default_factory=frozenset)


class Acting:
    """Resolves what the scenarios of a specification do, which the checks have passed.

    Attributes:
        symbols: its names.
        matrix: in which cells its scenarios run.
        calls: what finds the callables that they name.
        values: what resolves the values that they give.
    """

    def __init__(self, spec: Spec) -> None:
        """Read what scenarios refer to off a specification."""
        self.symbols = Symbols.of(spec)
        self.matrix = Matrix.of(spec)
        self.calls = Calls(self.symbols)
        self.values = Values(self.symbols)
        self._acts: dict[Scenario, Act] = {}

    def act(self, scenario: Scenario) -> Act:
        """Return a scenario, resolved. It is once: many ask, for each form of an operation anew."""
        if scenario not in self._acts:
            self._acts[scenario] = _Resolver(scenario, self).act()
        return self._acts[scenario]


def operation_kind(written: Value) -> Kind:
    """Return the type of an operation's argument: Nim's, or `data` or `text`."""
    word = str(written)
    if word in ("data", "text"):
        return kind_of_word(word)
    return Kind(parse_type(word), "data")


@lru_cache(maxsize=64)
def _ready(given: Given, stage: Stage) -> Mapping[str, Known]:
    """Return the names that are there before the first step."""
    names = setting.names(given, stage)
    ready = {name.name: Known(kind_of_word(name.type), "stage") for name in names}
    if given.subject is not None:
        ready[given.subject.name] = Known(Kind(Named(given.subject.type)), "subject")
    return ready


class _Resolver:
    """Resolves one scenario."""

    def __init__(self, scenario: Scenario, acting: Acting) -> None:
        self._scenario = scenario
        self._symbols = acting.symbols
        self._calls = acting.calls
        self._values = acting.values
        self._operations = acting.matrix.operations
        self._given = acting.matrix.given(scenario)
        self._scope = dict(_ready(self._given, acting.matrix.stage))
        subject = self._given.subject
        self._subject = subject.name if subject is not None else None
        self._begun: dict[str, tuple[Invocation | Performance, tuple[Kind, ...]]] = {}
        self._used: set[Reference] = set()

    def act(self) -> Act:
        steps = tuple(
            self._step(number, step) for number, step in enumerate(self._scenario.steps, start=1)
        )
        return Act(self._given, self._subject, steps, frozenset(self._used))

    def _step(self, number: int, step: Step) -> ActedStep:
        deed, kinds = self._deed(step)
        began = deed.began if isinstance(deed, Ending) else deed
        returns: Resolved | None = None
        if "returns" in step.keys and step.raises is None:
            returns = self._resolve_results(step.returns, kinds)
        leaves = tuple(self._leaves(step, began)) if isinstance(began, Invocation) else ()
        if step.starts is not None:
            assert isinstance(deed, Invocation | Performance), "only calls can start"
            self._begun[step.starts] = deed, kinds
        else:
            self._bind(step, kinds)
        binds = tuple("" if name == "_" else name for name in step.as_)
        carries = tuple(self._carried(step))
        questions = tuple(self._questions(step))
        return ActedStep(number, step, deed, kinds, returns, leaves, binds, carries, questions)

    def _deed(self, step: Step) -> tuple[Deed | None, tuple[Kind, ...]]:
        if step.call is not None:
            invocation = self._invocation(step, step.call)
            return invocation, self._calls.kinds(invocation.entry)
        if step.do is not None:
            return self._performance(step, self._operations[step.do])
        if step.ends is not None:
            began, kinds = self._begun[step.ends]
            return Ending(step.ends, began), kinds
        if "value" in step.keys:
            kind = self._values.kind_of(step.value, self._scope)
            value = self._resolve(step.value, kind)
            return Evaluation(value), (kind,) if kind is not None else ()
        return None, ()

    def _invocation(self, step: Step, call: str) -> Invocation:
        on = step.on or self._subject
        kind = self._values.kind_of_name(on, self._scope) if on is not None else None
        entry = self._calls.called(call, step.with_, kind.name if kind is not None else "")
        form = self._calls.signature(entry)
        target: Resolved | None = None
        if form.owner is not None:
            assert on is not None, "the checks let no method without an object pass"
            target = self._resolve({"the": on}, None)
        arguments = tuple(
            (
                argument,
                self._resolve(
                    step.with_[argument.param.name], Kind(argument.type, argument.param.as_)
                ),
            )
            for argument in form.arguments
            if argument.param.name in step.with_
        )
        owner = form.owner.name if form.owner is not None else ""
        return Invocation(entry, form, owner, target, arguments, self._calls.is_property(entry))

    def _performance(
        self, step: Step, operation: Operation
    ) -> tuple[Performance, tuple[Kind, ...]]:
        arguments = tuple(
            (name, self._resolve(step.with_[name], operation_kind(written)))
            for name, written in operation.takes.items()
            if name in step.with_
        )
        first = operation.forms[0]
        entry = self._calls.called(first.call, first.with_, "")
        is_method = self._symbols.owner(entry) is not None
        on = step.on or self._subject
        target = self._resolve({"the": on}, None) if is_method and on is not None else None
        return Performance(operation, target, arguments), result_kinds(operation, self._calls)

    def _resolve(self, value: Value, kind: Kind | None) -> Resolved:
        resolved = self._values.resolve(value, kind, self._scope)
        self._used.update(references(resolved))
        return resolved

    def _resolve_results(self, value: Value, kinds: tuple[Kind, ...]) -> Resolved:
        if len(kinds) > 1 and isinstance(value, tuple):
            return Items(
                tuple(self._resolve(v, kind) for v, kind in zip(value, kinds, strict=True))
            )
        kind = kinds[0] if len(kinds) == 1 else None
        is_number = isinstance(value, int) or (isinstance(value, Mapping) and "system" in value)
        if kind is not None and is_number and self._is_enum(kind):
            return self._resolve(value, None)  # the number itself is what is demanded
        return self._resolve(value, kind)

    def _is_enum(self, kind: Kind) -> bool:
        defined = self._symbols.types.get(kind.name)
        return defined is not None and defined.kind == "enum"

    def _leaves(self, step: Step, began: Invocation) -> Iterator[tuple[Argument, Resolved]]:
        for argument in began.signature.arguments:
            if argument.param.name in step.leaves:
                yield argument, self._resolve(step.leaves[argument.param.name], DATA)

    def _carried(self, step: Step) -> Iterator[tuple[str, Resolved]]:
        for name, value in step.carries.items():
            part = self._symbols.field_of(step.raises or "", name)
            kind = kind_of_field(part) if part is not None else None
            yield snake_case(part.name if part is not None else name), self._resolve(value, kind)

    def _bind(self, step: Step, kinds: tuple[Kind, ...]) -> None:
        parts = kinds
        if len(kinds) == 1 and len(step.as_) > 1:
            parts = kinds[0].items(self._symbols.mappings)
        if len(step.as_) == 1 and len(kinds) > 1:
            parts = (_tuple(kinds),)
        for name, part in zip(step.as_, parts, strict=False):
            kind = Kind(self._symbols.named(part.node), part.meaning)
            if name != "_":
                self._scope[name] = Known(kind, "bound")

    def _questions(self, step: Step) -> Iterator[Question]:
        if not step.then:
            return
        single = step.as_[0] if len(step.as_) == 1 and step.as_[0] != "_" else None
        name = single or step.on or self._subject
        assert name is not None, "the checks let no question without an object pass"
        kind = self._values.kind_of_name(name, self._scope)
        target = self._resolve({"the": name}, None)
        for asked, value in step.then.items():
            readable = self._calls.readable(asked, kind.name if kind is not None else "")
            answer = self._resolve_results(value, readable.kinds)
            if kind is not None and self._symbols.record(kind.node) is not None:
                answer = held(answer) if readable.form == "field" else answer
            yield Question(target, readable, answer)


def result_kinds(operation: Operation, calls: Calls) -> tuple[Kind, ...]:
    """Return the types of what an operation gives."""
    match operation.gives:
        case "data":
            return (DATA,)
        case "object":
            form = operation.forms[0]
            entry = calls.called(form.call, form.with_, "")
            return (_given_by(entry, form.gives, calls),)
        case _:
            return ()


def _given_by(entry: Callable, gives: str, calls: Calls) -> Kind:
    """Return the type of the result, or of the parameter that a form gives instead."""
    if gives == "result":
        return calls.kinds(entry)[0]
    outs = [param.name for param in entry.params if param.mode == "out"]
    kinds = calls.kinds(entry)
    return kinds[len(kinds) - len(outs) + outs.index(gives)]


def _tuple(kinds: tuple[Kind, ...]) -> Kind:
    """Return the type of several results; what their strings hold is the same for all."""
    meanings = [kind.meaning for kind in kinds if kind.meaning is not None]
    return Kind(TupleOf(tuple(kind.node for kind in kinds)), meanings[0] if meanings else None)


def references(value: Resolved) -> Iterator[Reference]:
    """Yield every name that a value refers to."""
    match value:
        case Reference():
            yield value
        case Items(items) | Several(items):
            for item in items:
                yield from references(item)
        case Record(fields=fields):
            for _, item in fields:
                yield from references(item)
        case Optional(value=inner) if inner is not None:
            yield from references(inner)
        case Converted(value=inner) | Memory(content=inner):
            yield from references(inner)
        case Answering(gives=gives, takes=takes):
            yield from references(gives)
            if takes is not None:
                yield from references(takes)
