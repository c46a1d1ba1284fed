"""From flows to effects: what escapes a function, and through which helpers it came.

An exception is known by the full name of its class. A handler takes what is of its class or of a
subclass; of an exception of a base class it takes the part that is its own, and the rest goes on.
Functions that call each other are evaluated until nothing is added: effects only ever grow, and
there are finitely many. Imports no mypy.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple, TypeAlias

from nimnet_effects.ir import (
    ALWAYS,
    CONSTANT,
    EXACTLY,
    IMPOSED,
    OTHERS,
    Call,
    Condition,
    Default,
    Flow,
    Function,
    Ignorance,
    Layer,
    Part,
    Raise,
    Reraise,
    Site,
    Step,
    Try,
    Unknown,
    With,
    Yield,
    absent,
    asked,
    if_given,
    left_out,
    otherwise,
    told_apart,
)

Mro: TypeAlias = Callable[[str], tuple[str, ...]]
"""The full names of a class and its bases, in the order of its MRO."""

BASE: Final = "builtins.BaseException"
EXCEPTION: Final = "builtins.Exception"
GROUP: Final = "builtins.ExceptionGroup"
BASE_GROUP: Final = "builtins.BaseExceptionGroup"
_GENERATOR_EXIT: Final = "builtins.GeneratorExit"
_NOWHERE: Final = (0, 0, 0, 0)
_ALL: Final = "&"
"""Between the contents of a group that has something of each; `|` where it may have of some."""
LONGEST_CHAIN: Final = 6
MOST_TURNS: Final = 30
MOST_LAYERS: Final = 16


class Origin(NamedTuple):
    """Where an exception comes from that a call raises: what it is in the function called."""

    helper: str
    part: Part
    exception: str
    condition: Condition


class Link(NamedTuple):
    """One step of the way of an exception: a line of a function, and what it calls there.

    Lines are all that it has of the place, for they tell nothing of what functions do. Those of the
    functions called are theirs to know.
    """

    module: str
    line: int
    callee: str
    """Empty for an explicit `raise`."""
    origin: Origin | None = None
    """What it is in the function called; None where the way ends."""


Chain: TypeAlias = tuple[Link, ...]
"""The steps of a way, without their origins."""


class Escape(NamedTuple):
    """An exception that leaves a flow, and the place in the flow where it comes from."""

    exception: str
    condition: Condition
    site: Site
    callee: str
    """Empty for an explicit `raise`."""


Escapes: TypeAlias = dict[Escape, Origin | None]
Raised: TypeAlias = dict[tuple[str, Condition], Link | None]


@dataclass(slots=True, eq=False)
class Effects:
    """What a function may raise, as its callers see it.

    Attributes:
        raises: by exception and condition, the step that it takes in the function; None for what it
            declares.
        ignorance: how much of what the function calls cannot be seen.
        layers: of a generator that makes a context manager, or of an `__exit__`: how it handles the
            exceptions of the block.
        imposes: of such a generator: what it imposes on the block.
        result: likewise, when the generator or the coroutine runs that it returns.
        closing: likewise, when it is a generator that is closed where it stands.
        declines: whether it may return `NotImplemented`.
    """

    raises: Raised = field(default_factory=dict)
    ignorance: Ignorance = Ignorance.NONE
    layers: tuple[Layer, ...] = ()
    imposes: tuple[str, ...] = ()
    result: Raised = field(default_factory=dict)
    closing: Raised = field(default_factory=dict)
    declines: bool = False

    def of(self, part: Part) -> Raised:
        """What a part of the function raises."""
        return (self.raises, self.result, self.closing)[part]

    def same(self, other: Effects) -> bool:
        """Whether callers see no difference but in the way that exceptions take."""
        return (
            self.raises.keys() == other.raises.keys()
            and self.result.keys() == other.result.keys()
            and self.closing.keys() == other.closing.keys()
            and self.declines == other.declines
            and self.ignorance == other.ignorance
            and self.layers == other.layers
            and self.imposes == other.imposes
        )


class Evaluator:
    """Evaluates flows, with what is known of the functions that they call.

    Args:
        mro: of an exception class.
        effects: of functions, by their keys; what is missing raises nothing.
        beyond: the effects of a function that none of the others calls.

    Attributes:
        told: the modules of which `chain` has told lines.
    """

    def __init__(
        self,
        mro: Mro,
        effects: Mapping[str, Effects],
        beyond: Callable[[str], Effects | None] = lambda _: None,
    ) -> None:
        """Evaluate nothing yet."""
        self.told: set[str] = set()
        self._mro_of_class = mro
        self._effects = effects
        self._beyond = beyond
        self._mros: dict[str, tuple[str, ...]] = {}

    def mro(self, exception: str) -> tuple[str, ...]:
        """The classes of an exception; of a group with known contents, those of a group."""
        found = self._mros.get(exception)
        if found is None:
            base, bracket, _ = exception.partition("[")
            found = self._mro_of_class(base)
            if bracket:
                found = (exception, *found)
            self._mros[exception] = found
        return found

    def is_a(self, exception: str, classes: Iterable[str]) -> bool:
        """Whether an exception is of one of the classes."""
        mro = self.mro(exception)
        return any(each in mro for each in classes)

    def below(self, exception: str, others: Iterable[str]) -> list[str]:
        """Those of the others that are subclasses of an exception."""
        return [each for each in others if exception in self.mro(each)[1:]]

    def chain(self, origin: Origin | None) -> Chain:
        """The way that an exception takes, from the function on that was called."""
        found: list[Link] = []
        while origin is not None and len(found) < LONGEST_CHAIN:
            link = self._link(origin)
            if link is None:
                break
            self.told.add(link.module)
            found.append(link._replace(origin=None))
            origin = link.origin
        return tuple(found)

    def function(self, function: Function) -> Effects:
        """What the function does, as callers see it."""
        raises = self._raised(self.escapes(function), function)
        layers, imposes = self._around_yields(function.flow)
        if function.swallows:
            layers = (function.swallows,)
        effects = Effects(raises, Ignorance.NONE, layers, imposes, declines=function.declines)
        effects.result = self._raised(self.result(function), function)
        if function.flow and any(isinstance(step, Yield) for step in walk(function.flow)):
            effects.closing = self._raised(self._closing(function), function)
        declared = function.declared
        if declared is None:
            effects.ignorance = self.ignorance(function)
            return effects
        # Callers are told what it declares. What their blocks impose on it, nobody need declare.
        effects.raises = {key: link for key, link in raises.items() if key[1] == IMPOSED}
        apart = [each for given in declared.given.values() for each in given.raises]
        effects.raises.update(
            {(each, otherwise(self.below(each, apart))): None for each in declared.raises}
        )
        for parameter, given in declared.given.items():
            condition = if_given(parameter, given.unless, parameter in function.required)
            effects.raises.update({(each, condition): None for each in given.raises})
        for part in (effects.result, effects.closing):
            for key in [key for key in part if self.is_a(key[0], declared.raises)]:
                del part[key]  # callers hear of it already
        return effects

    def _raised(self, escapes: Escapes, function: Function) -> Raised:
        """What callers see of what leaves a function: of several ways, the first one that ends."""
        found: Raised = {}
        circular: set[tuple[str, Condition]] = set()
        for escape, origin in escapes.items():
            condition = ALWAYS if escape.condition == CONSTANT else escape.condition
            key = (escape.exception, condition)
            if key not in found or key in circular:
                circular.discard(key)
                if self._leads_to(origin, function.key):
                    circular.add(key)
                    if key in found:
                        continue
                found[key] = Link(function.module, escape.site[0], escape.callee, origin)
        return found

    def _leads_to(self, origin: Origin | None, function: str) -> bool:
        """Whether the way of an exception has a function on it."""
        for _ in range(LONGEST_CHAIN):
            if origin is None or origin.helper == function:
                break
            link = self._link(origin)
            origin = None if link is None else link.origin
        return origin is not None and origin.helper == function

    def _link(self, origin: Origin) -> Link | None:
        effects = self._effects.get(origin.helper) or self._beyond(origin.helper)
        if effects is None:
            return None
        return effects.of(origin.part).get((origin.exception, origin.condition))

    def escapes(self, function: Function) -> Escapes:
        """Everything that leaves the function, with its place."""
        escapes = self._flow(function.flow, {})
        if function.absorbs is not None:
            absorbed = (function.absorbs,)
            escapes = {e: origin for e, origin in escapes.items() if not self.is_a(e[0], absorbed)}
        return _settled(escapes, function.reassigned)

    def result(self, function: Function) -> Escapes:
        """Everything that leaves the generators and coroutines that the function returns."""
        if not function.result:
            return {}
        return _settled(self._flow(function.result, {}), function.reassigned)

    def ignorance(self, function: Function) -> Ignorance:
        """How much of what a function calls cannot be seen."""
        worst = Ignorance.NONE
        for step in steps(function):
            if isinstance(step, Unknown):
                worst = max(worst, step.ignorance)
            elif (
                isinstance(step, Call)
                and step.helper is not None
                and not step.imposed_only
                and step.helper in self._effects
            ):
                worst = max(worst, self._effects[step.helper].ignorance)
            if worst is Ignorance.ANYTHING:
                break
        return worst

    def _flow(self, flow: Flow, caught: dict[int, Escapes]) -> Escapes:
        out: Escapes = {}
        for step in flow:
            if isinstance(step, Call):
                self._call(step, out)
            elif isinstance(step, Raise):
                for exception in step.exceptions:
                    out.setdefault(Escape(exception, ALWAYS, step.site, ""), None)
            elif isinstance(step, Try):
                _join(out, self._star(step, caught) if step.star else self._try(step, caught))
            elif isinstance(step, With):
                _join(out, self._with(step, caught))
            elif isinstance(step, Reraise):
                again = caught.get(step.handler, {})
                for classes, inside in step.narrowed:
                    taken, rest = self._split(again, classes)
                    again = taken if inside else rest
                _join(out, again)
            elif isinstance(step, Default):
                condition = absent(step.parameter)
                for escape, origin in self._flow(step.body, caught).items():
                    out.setdefault(escape._replace(condition=condition), origin)
        return out

    def _call(self, call: Call, out: Escapes) -> None:
        if call.declined is not None:
            first = self._effects.get(call.declined)
            if first is None or not first.declines:
                return
        for exception, condition in call.known:
            out.setdefault(Escape(exception, condition, call.site, call.name), None)
        if call.helper is None or (effects := self._effects.get(call.helper)) is None:
            return
        for (exception, condition), link in effects.of(call.part).items():
            here: Condition | None = condition
            if call.imposed_only and condition != IMPOSED:
                continue
            if (missing := left_out(condition)) is not None:
                given = call.arguments.get(missing)
                here = None if given is not None and given.certain else ALWAYS
            about = asked(condition)
            if about is not None:
                argument = call.arguments.get(about.parameter) or call.arguments.get(OTHERS)
                if argument is None:
                    here = ALWAYS if about.required else None
                elif argument.parameter != OTHERS:
                    here = argument.condition(about.unless)
            if here is not None:
                origin = Origin(call.helper, call.part, exception, condition)
                escape = Escape(exception, here, call.site, call.name)
                out.setdefault(escape, None if link is None else origin)

    def _split(self, escapes: Escapes, classes: tuple[str, ...] | None) -> tuple[Escapes, Escapes]:
        """What a handler of the classes takes, and what goes on."""
        if classes is None:
            return escapes, {}
        taken: Escapes = {}
        rest: Escapes = {}
        for escape, origin in escapes.items():
            if self.is_a(escape.exception, classes) or f"{EXACTLY}{escape.exception}" in classes:
                taken.setdefault(escape, origin)
                continue
            rest[escape] = origin
            for narrower in (each.removeprefix(EXACTLY) for each in classes):
                if escape.exception in self.mro(narrower) and not self.is_a(
                    narrower, told_apart(escape.condition)
                ):
                    part = escape._replace(exception=narrower)
                    if told_apart(part.condition):  # from the wider class, which this is not
                        part = part._replace(condition=ALWAYS)
                    taken.setdefault(part, origin)
        return taken, rest

    def _try(self, step: Try, caught: dict[int, Escapes]) -> Escapes:
        rest = self._flow(step.body, caught)
        out: Escapes = {}
        for handler in step.handlers:
            taken, after = self._split(rest, handler.classes)
            if handler.exact:
                rest = after
            _join(out, self._flow(handler.body, {**caught, handler.number: taken}))
        _join(rest, out)
        _join(rest, self._flow(step.otherwise, caught))
        return self._finally(step, rest, caught)

    def _finally(self, step: Try, escapes: Escapes, caught: dict[int, Escapes]) -> Escapes:
        final = self._flow(step.final, caught)
        if step.leaves:
            return final
        _join(escapes, final)
        return escapes

    def _star(self, step: Try, caught: dict[int, Escapes]) -> Escapes:
        """`except*`: clauses take parts of groups, and a lone exception as a group of one."""
        out: Escapes = {}
        for escape, origin in self._flow(step.body, caught).items():
            contents = self._contents(escape.exception)
            if contents is None:
                _join(out, self._star_alone(step, {escape: origin}, caught))
            else:
                inside = {escape._replace(exception=each): origin for each in contents}
                _join(out, self._star_group(step, inside, _ALL in escape.exception, caught))
        _join(out, self._flow(step.otherwise, caught))
        return self._finally(step, out, caught)

    def _star_alone(self, step: Try, rest: Escapes, caught: dict[int, Escapes]) -> Escapes:
        """What leaves the clauses if one exception arrives: what the one raises that takes it."""
        out: Escapes = {}
        for handler in step.handlers:
            taken, after = self._split(rest, handler.classes)
            # `raise` alone gives back the group that the clause had.
            again = {self._grouped(e, (e.exception,)): origin for e, origin in taken.items()}
            if again:
                _join(out, self._flow(handler.body, {**caught, handler.number: again}))
            if handler.exact:
                rest = after
        _join(out, rest)
        return out

    def _star_group(
        self, step: Try, rest: Escapes, complete: bool, caught: dict[int, Escapes]
    ) -> Escapes:
        """What leaves the clauses if a group arrives.

        What one clause raises comes out as it is, if nothing else does. With what others raise of
        their parts, and with what none took, it comes out in a group.

        Args:
            rest: what is in the group.
            complete: whether something of each of these surely is.
        """
        # Each with whether it surely raises.
        sources: list[tuple[Escapes, bool]] = []
        certain = set(rest) if complete else set()
        for handler in step.handlers:
            taken, after = self._split(rest, handler.classes)
            if not taken:
                continue
            there = certain.intersection(taken) if handler.exact else set()
            again = self._as_group(taken, there)
            raised = self._flow(handler.body, {**caught, handler.number: again})
            sources.append((raised, bool(there) and handler.leaves))
            # Where it may take only a part, that may be all there is.
            certain = {
                each
                for each in certain
                if not any(each.exception in self.mro(part.exception) for part in taken)
            }
            if handler.exact:
                rest = after
        if rest:
            sources.append((self._as_group(rest, certain), bool(certain)))
        out: Escapes = {}
        for raised, _ in sources:
            others = [each for each in sources if each[0] is not raised and each[0]]
            if not any(sure for _, sure in others):
                _join(out, raised)
            if others:
                for escape, origin in raised.items():
                    inside = self._contents(escape.exception) or (escape.exception,)
                    out.setdefault(self._grouped(escape, inside), origin)
        return out

    def _contents(self, exception: str) -> tuple[str, ...] | None:
        """What is in a group; None for an exception that is none."""
        _, bracket, contents = exception.partition("[")
        if bracket:
            return tuple(contents[:-1].replace(_ALL, "|").split("|"))
        mro = self.mro(exception)
        if BASE_GROUP not in mro:
            return None
        return (EXCEPTION,) if EXCEPTION in mro else (BASE,)

    def _grouped(self, escape: Escape, contents: Iterable[str]) -> Escape:
        return escape._replace(exception=group_of(contents, self.mro))

    def _as_group(self, contents: Escapes, certain: set[Escape]) -> Escapes:
        """The contents, which came from one group, in one."""
        escape, origin = next(iter(contents.items()))
        names = [each.exception for each in contents]
        name = group_of(names, self.mro, complete=certain.issuperset(contents))
        return {escape._replace(exception=name): origin}

    def _closing(self, function: Function) -> Escapes:
        """What leaves a generator that is closed at one of its yields."""
        escapes, resumes = self._closed(function.flow, {})
        if resumes:
            # A handler takes the GeneratorExit, and goes on with what stands behind it.
            _join(escapes, self._flow(function.flow, {}))
        absorbed = (_GENERATOR_EXIT,)
        return {e: origin for e, origin in escapes.items() if not self.is_a(e[0], absorbed)}

    def _closed(self, flow: Flow, caught: dict[int, Escapes]) -> tuple[Escapes, bool]:
        """What leaves a flow that is closed at a yield in it, and whether it may go on instead."""
        out: Escapes = {}
        resumes = False
        for step in flow:
            if isinstance(step, Yield):
                out.setdefault(Escape(_GENERATOR_EXIT, ALWAYS, _NOWHERE, ""), None)
                _join(out, self._flow(step.closing, caught))
            elif isinstance(step, Try):
                more, goes_on = self._closed_try(step, caught)
                _join(out, more)
                resumes = resumes or goes_on
            elif isinstance(step, With) and (inside := self._closed(step.body, caught))[0]:
                escapes, goes_on = inside
                layers, _ = self._around(step)
                for layer in layers:
                    escapes = self._through(escapes, layer)
                _join(out, escapes)
                _join(out, self._flow(step.after, caught))
                resumes = resumes or goes_on or not escapes
        return out, resumes

    def _closed_try(self, step: Try, caught: dict[int, Escapes]) -> tuple[Escapes, bool]:
        rest, resumes = self._closed(step.body, caught)
        out: Escapes = {}
        for handler in step.handlers:
            taken, after = self._split(rest, handler.classes)
            if taken:
                _join(out, self._flow(handler.body, {**caught, handler.number: taken}))
                resumes = resumes or not handler.leaves
            if handler.exact:
                rest = after
            more, goes_on = self._closed(handler.body, caught)
            _join(out, more)
            resumes = resumes or goes_on
        _join(out, rest)
        for inner in (step.otherwise, step.final):
            more, goes_on = self._closed(inner, caught)
            _join(out, more)
            resumes = resumes or goes_on
        if not out:
            return out, resumes
        return self._finally(step, out, caught), resumes

    def _around(self, step: With) -> tuple[tuple[Layer, ...], tuple[str, ...]]:
        """How a manager handles what leaves its block, and what it imposes on that."""
        if step.manager is None or step.manager not in self._effects:
            return step.layers, step.imposes
        effects = self._effects[step.manager]
        return (*step.layers, *effects.layers), (*step.imposes, *effects.imposes)

    def _with(self, step: With, caught: dict[int, Escapes]) -> Escapes:
        out = self._flow(step.before, caught)
        inside = self._flow(step.body, caught)
        layers, imposes = self._around(step)
        if imposes:
            inside = self._impose(inside, imposes)
        for layer in layers:
            inside = self._through(inside, layer)
        _join(out, inside)
        _join(out, self._flow(step.after, caught))
        return out

    def _impose(self, escapes: Escapes, imposes: tuple[str, ...]) -> Escapes:
        out: Escapes = {}
        for escape, origin in escapes.items():
            if escape.condition == IMPOSED and self.is_a(escape.exception, imposes):
                escape = escape._replace(condition=ALWAYS)  # it is the same one
            out.setdefault(escape, origin)
        return out

    def _through(self, escapes: Escapes, layer: Layer) -> Escapes:
        passed: Escapes = {}
        for classes, passes in layer:
            taken, escapes = self._split(escapes, classes)
            if passes:
                _join(passed, taken)
        _join(escapes, passed)
        return escapes

    def _around_yields(self, flow: Flow) -> tuple[tuple[Layer, ...], tuple[str, ...]]:
        """How a generator treats what is thrown at its `yield`: what holds at all of them."""
        found = list(self._yields(flow))
        if not found or any(each != found[0] for each in found):
            return (), ()
        if len(found[0][0]) > MOST_LAYERS:
            return (), ()
        return found[0]

    def _yields(self, flow: Flow) -> Iterable[tuple[tuple[Layer, ...], tuple[str, ...]]]:
        for step in flow:
            if isinstance(step, Yield):
                yield (), ()
            elif isinstance(step, Try):
                own: tuple[Layer, ...] = ()
                if step.handlers:
                    own = (
                        tuple(
                            (
                                (BASE,) if h.classes is None else h.classes,
                                not h.exact or _reraises(h.body, h.number),
                            )
                            for h in step.handlers
                        ),
                    )
                last: tuple[Layer, ...] = ((((BASE,), False),),) if step.leaves else ()
                for layers, imposes in self._yields(step.body):
                    yield (*layers, *own, *last), imposes
                for inner in (*(h.body for h in step.handlers), step.otherwise):
                    for layers, imposes in self._yields(inner):
                        yield (*layers, *last), imposes
                yield from self._yields(step.final)
            elif isinstance(step, With):
                around, imposed = self._around(step)
                for layers, imposes in self._yields(step.body):
                    yield (*layers, *around), (*imposes, *imposed)


def group_of(contents: Iterable[str], mro: Mro, *, complete: bool = False) -> str:
    """The name of a group with these exceptions in it, of groups what is in them.

    Args:
        contents: what may be in it.
        mro: of an exception class.
        complete: whether there surely is something of each.
    """
    flat: set[str] = set()
    for each in contents:
        _, bracket, inner = each.partition("[")
        flat.update(inner[:-1].replace(_ALL, "|").split("|") if bracket else (each,))
        complete = complete and not bracket
    group = GROUP if all(EXCEPTION in mro(each) for each in flat) else BASE_GROUP
    return f"{group}[{(_ALL if complete else '|').join(sorted(flat))}]"


def _settled(escapes: Escapes, reassigned: frozenset[str]) -> Escapes:
    """The same, of a function that gives some parameters other values: these decide nothing."""
    if not reassigned:
        return escapes
    settled: Escapes = {}
    for escape, origin in escapes.items():
        about = asked(escape.condition)
        if about is not None and not reassigned.isdisjoint((about.parameter, OTHERS)):
            escape = escape._replace(condition=ALWAYS)  # it is the same one
        settled.setdefault(escape, origin)
    return settled


def _join(into: Escapes, more: Escapes) -> None:
    for escape, origin in more.items():
        into.setdefault(escape, origin)


def _reraises(flow: Flow, handler: int) -> bool:
    return any(isinstance(step, Reraise) and step.handler == handler for step in walk(flow))


def walk(flow: Flow) -> Iterable[Step]:
    """All steps, the inner ones too."""
    for step in flow:
        yield step
        if isinstance(step, Try):
            yield from walk(step.body)
            for handler in step.handlers:
                yield from walk(handler.body)
            yield from walk(step.otherwise)
            yield from walk(step.final)
        elif isinstance(step, With):
            yield from walk(step.before)
            yield from walk(step.body)
            yield from walk(step.after)
        elif isinstance(step, Default):
            yield from walk(step.body)
        elif isinstance(step, Yield) and step.closing:
            yield from walk(step.closing)


def steps(function: Function) -> Iterable[Step]:
    """All steps of a function, and of what it returns."""
    yield from walk(function.flow)
    yield from walk(function.result)


def helpers(function: Function) -> set[str]:
    """The keys of the functions that a function calls."""
    found: set[str] = set()
    for step in steps(function):
        if isinstance(step, Call) and step.helper is not None:
            found.add(step.helper)
            if step.declined is not None:
                found.add(step.declined)
        elif isinstance(step, With) and step.manager is not None:
            found.add(step.manager)
    return found


def infer(
    functions: Mapping[str, Function],
    effects: dict[str, Effects],
    mro: Mro,
    called: Mapping[str, set[str]] | None = None,
    beyond: Callable[[str], Effects | None] = lambda _: None,
) -> Evaluator:
    """Add the effects of the functions, which may call each other, to those that are known.

    Args:
        functions: by their keys.
        effects: of all others that they call; theirs are added.
        mro: of an exception class.
        called: what `helpers` says of each function, if that has been asked already.
        beyond: the effects of a function that none of them calls.

    Returns:
        What evaluates further flows with them.
    """
    evaluator = Evaluator(mro, effects, beyond)
    callers: dict[str, list[str]] = {}
    calls: dict[str, list[str]] = {}
    for key, function in functions.items():
        each = helpers(function) if called is None else called[key]
        calls[key] = sorted(callee for callee in each if callee in functions)
        for callee in calls[key]:
            callers.setdefault(callee, []).append(key)
    waiting = deque(_callees_first(calls))
    queued = set(waiting)
    turns = dict.fromkeys(waiting, 0)
    while waiting:
        key = waiting.popleft()
        queued.discard(key)
        turns[key] += 1
        now = evaluator.function(functions[key])
        if turns[key] > MOST_TURNS:
            # A manager around itself has no end of layers, and what it handles cannot be told.
            now.layers, now.imposes = (), ()
        before = effects.get(key)
        if before is not None:
            # The way that was found first stays, or it would grow with every turn of a cycle.
            for part in Part:
                former, found = before.of(part), now.of(part)
                found.update({what: former[what] for what in found if what in former})
            if now.same(before):
                continue
        effects[key] = now
        for caller in callers.get(key, ()):
            if caller not in queued:
                queued.add(caller)
                waiting.append(caller)
    return evaluator


def _callees_first(calls: Mapping[str, list[str]]) -> list[str]:
    order: list[str] = []
    seen: set[str] = set()
    for start in calls:
        if start in seen:
            continue
        seen.add(start)
        path = [(start, iter(calls[start]))]
        while path:
            key, rest = path[-1]
            for callee in rest:
                if callee not in seen:
                    seen.add(callee)
                    path.append((callee, iter(calls[callee])))
                    break
            else:
                path.pop()
                order.append(key)
    return order
