"""The steps of a scenario as the statements of a test."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from nimnet_gen.acting import Act, ActedStep, Evaluation, Invocation, Performance, Question
from nimnet_gen.acting.resolved import Anything, Optional, Plain, Resolved, SystemNumber
from nimnet_gen.naming import names
from nimnet_gen.naming.kinds import NUMBER, Kind
from nimnet_gen.naming.nimtypes import OptionOf
from nimnet_gen.naming.special import ENTER, SPECIAL
from nimnet_gen.plan.api import Api, Enum, HandleClass
from nimnet_gen.plan.imports import Imports
from nimnet_gen.plan.layout import Group, Item, call, keyword, prefixed, quoted, suffixed
from nimnet_gen.plan.tests.calls import PythonCalls, special_method
from nimnet_gen.plan.tests.code import Assertion, Block, Line, Statement
from nimnet_gen.plan.tests.values import DEMANDS, PEER, PythonValues, variable

_BACKGROUND: Final = "nimnet_gen.testing.background"

_UNUSED = "_"
_OPENED = "opened"
"""The variable of an object that has to be closed, and that no step names."""
_RESULT = "result"
_CLOSE: Final = "close"
"""What ends an object that a `with` statement would, if its class has such a method."""


class Writing:
    """What writes the steps of all scenarios of a file.

    Attributes:
        imports: gets what they name.
        values: writes their values.
        calls: writes what they call.
        classes: what they have to know of classes.
    """

    def __init__(self, api: Api, imports: Imports) -> None:
        """Write steps of an API; what they name is added to `imports`."""
        self.imports = imports
        self.values = PythonValues(api, imports)
        self.calls = PythonCalls(api, imports, self.values)
        self.classes = _Classes(api)


class _Classes:
    """The classes that an API has, by their names."""

    def __init__(self, api: Api) -> None:
        types = [symbol for module in api.modules for symbol in module.types]
        functions = [function for module in api.modules for function in module.callables]
        entered = [function for function in functions if function.name == ENTER]
        self.enums = {symbol.name for symbol in types if isinstance(symbol, Enum)}
        self.objects = {symbol.name for symbol in types if isinstance(symbol, HandleClass)}
        self.closable = {function.owner for function in entered}
        self.giving = {
            function.owner
            for function in entered
            if function.special is not None and not function.special.returns_self
        }
        """Those of which a `with` statement gives something else than the object."""
        self.closing = {
            function.owner
            for function in functions
            if function.name == _CLOSE and not any(form.required for form in function.forms)
        }


class PythonSteps:
    """Writes the statements of one scenario."""

    def __init__(self, writing: Writing, act: Act) -> None:
        """Write a scenario's steps into a file."""
        self._classes = writing.classes
        self._imports = writing.imports
        self._values = writing.values
        self._calls = writing.calls
        self._act = act
        self._used = {reference.name for reference in act.used}
        self._bound = {name for step in act.steps for name in step.binds}
        self._results: dict[tuple[Kind, ...], str] = {}
        self._here: list[Statement] = []
        self._answers = Counter(
            where
            for where, _ in {
                (self._asked(question), self._values.text(question.answer))
                for step in act.steps
                for question in step.questions
                if question.readable.form != "call"
            }
        )

    def statements(self) -> list[Statement]:
        """Return the statements of the whole scenario."""
        body = self._here
        for step in self._act.steps:
            self._step(step)
        return _without_empty_blocks(body)

    def _step(self, acted: ActedStep) -> None:
        step = acted.step
        if step.signal is not None:
            self._add(Line(f"{PEER}.signal({quoted(step.signal)})"))
        if acted.deed is not None:
            held = self._hold(acted)
            if step.starts is not None:
                self._start(step.starts, acted)
            else:
                self._outcome(acted, held)
                for argument, left in acted.leaves:
                    memory = held[argument.param.name]
                    self._add(Assertion(memory, self._compared(left), memory))
        for question in acted.questions:
            self._ask(question)

    def _add(self, *statements: Statement) -> None:
        self._here += statements

    def _hold(self, acted: ActedStep) -> dict[str, str]:
        """Give memory that is looked at afterwards a variable; return these by Nim's names."""
        held: dict[str, str] = {}
        if not isinstance(acted.deed, Invocation):
            return held
        looked_at = {argument.param.name for argument, _ in acted.leaves}
        for argument, value in acted.deed.arguments:
            name = argument.param.name
            if name in looked_at:
                held[name] = f"{argument.name}_memory" if name in self._bound else argument.name
                self._add(Line(f"{held[name]} = {self._calls.memory(value)}"))
        return held

    def _start(self, thread: str, acted: ActedStep) -> None:
        assert isinstance(acted.deed, Invocation | Performance), "only calls can start"
        self._imports.name(_BACKGROUND, "started")
        begun = call("started", [prefixed("lambda: ", self._calls.expression(acted.deed, {}))])
        self._add(Line(prefixed(f"{variable(thread)} = ", begun)))

    def _outcome(self, acted: ActedStep, held: dict[str, str]) -> None:
        """Write what is done, with the demands on its result."""
        deed = acted.deed
        assert deed is not None, "a step without a deed has no outcome"
        if isinstance(deed, Invocation):
            statement = self._calls.statement(deed, held)
            if statement is not None:
                self._guarded(acted, [Line(statement)])
                return
        done = self._calls.expression(deed, held)
        if acted.step.raises is not None:
            bare = prefixed(f"{_UNUSED} = ", done) if self._calls.is_bare(deed) else done
            self._guarded(acted, [Line(bare)])
            return
        closable = [kind.name in self._classes.closable for kind in acted.kinds]
        special = special_method(deed)
        if isinstance(deed, Evaluation) or (special is not None and special.returns_self):
            closable = [False] * len(closable)
        binds = [variable(name) if name in self._used else "" for name in acted.binds]
        if len(closable) > 1 and (any(closable) or len(binds) > 1):
            self._unpacked(acted, done, binds, closable)
        elif any(closable):
            self._opened(acted, done, next(iter(binds), ""))
        elif len(binds) > 1:
            self._unpacked(acted, done, binds, [False] * len(binds))
        elif any(binds):
            if self._is_optional_object(acted.kinds[0]):
                self._imports.name(DEMANDS, "there")
                done = call("there", [done])
            self._guarded(acted, [Line(prefixed(f"{binds[0]} = ", done))])
            if acted.returns is not None:
                self._add(*self._demand(acted, binds[0]))
        else:
            self._guarded(acted, self._demand(acted, done))

    def _is_optional_object(self, kind: Kind) -> bool:
        """Tell whether a result is an object or none, of which a name stands for the object."""
        return (
            isinstance(kind.node, OptionOf)
            and Kind(kind.node.element).name in self._classes.objects
        )

    def _opened(self, acted: ActedStep, done: Item, name: str) -> None:
        """Write a call whose result is closed at the end of the scenario."""
        closes = acted.kinds[0].name in self._classes.closing
        if acted.step.within is None:
            self._open(suffixed(done, f" as {name}") if name else done, closes=closes)
            return
        is_itself = not name or acted.kinds[0].name not in self._classes.giving
        held = name if name and is_itself else _OPENED
        self._guarded(acted, [Line(prefixed(f"{held} = ", done))])
        self._open(held if is_itself else f"{held} as {name}", closes=closes)

    def _open(self, header: Item, *, closes: bool = True) -> None:
        """Put all that follows into a `with` statement."""
        block = Block([header], closes=closes)
        self._add(block)
        self._here = block.body

    def _unpacked(
        self, acted: ActedStep, done: Item, binds: Sequence[str], closable: Sequence[bool]
    ) -> None:
        """Write a call with several results, each with a name of its own."""
        variables = [
            (name or (_OPENED if closing else _UNUSED))
            for name, closing in zip(
                [*binds, *[""] * (len(closable) - len(binds))], closable, strict=True
            )
        ]
        left = ", ".join(variables)
        if acted.returns is None:
            self._guarded(acted, [Line(prefixed(f"{left} = ", done))])
        else:
            result = self._result(acted.kinds)
            self._guarded(acted, [Line(prefixed(f"{result} = ", done))])
            self._add(*self._demand(acted, result))
            if set(variables) != {_UNUSED}:
                self._add(Line(f"{left} = {result}"))
        for name, closing in zip(variables, closable, strict=True):
            if closing:
                self._open(name)

    def _demand(self, acted: ActedStep, done: Item) -> list[Statement]:
        """Return a call with the demand on its result, if there is one."""
        returns = acted.returns
        if returns is None or isinstance(returns, Anything):
            is_bare = self._calls.is_bare(acted.deed)
            return [Line(prefixed(f"{_UNUSED} = ", done) if is_bare else done)]
        if isinstance(acted.deed, Invocation) and isinstance(returns, Plain):
            denied = self._calls.denied(acted.deed, {})
            if denied is not None:
                return [Line(prefixed("assert ", done if returns.value else denied))]
        special = special_method(acted.deed)
        if special is not None and special.is_comparison:
            done = prefixed("(", suffixed(done, ")"))
        asked, kinds = self._numbered(done, acted.kinds, returns)
        return [Assertion(asked, self._compared(returns), self._result(kinds))]

    def _numbered(
        self, asked: Item, kinds: tuple[Kind, ...], expected: Resolved
    ) -> tuple[Item, tuple[Kind, ...]]:
        """Return what is compared with a number: of the member of an enum, its value."""
        is_number = isinstance(expected, SystemNumber | Plain)
        if is_number and len(kinds) == 1 and kinds[0].name in self._classes.enums:
            return suffixed(asked, ".value"), (NUMBER,)
        return asked, kinds

    def _ask(self, question: Question) -> None:
        asked = self._asked(question)
        if isinstance(question.answer, Anything):
            return
        # A type checker takes an attribute for unchanged between two assertions; a variable that is
        # assigned anew it does not.
        changes = self._answers[asked] > 1
        done, kinds = self._numbered(asked, question.readable.kinds, question.answer)
        name = asked.rpartition(".")[2] if changes else self._result(kinds)
        self._add(Assertion(done, self._compared(question.answer), name, apart=changes))

    def _asked(self, question: Question) -> str:
        name = names.python_name(question.readable.entry)
        target = self._values.text(question.target)
        special = SPECIAL.get(name)
        if special is not None and special.written:
            return special.call(target)
        return f"{target}.{name}" + ("()" if question.readable.form == "call" else "")

    def _compared(self, expected: Resolved) -> Item:
        """Return the comparison with a value."""
        inner = expected.value if isinstance(expected, Optional) else expected
        is_single = inner is None or (
            isinstance(inner, Plain) and isinstance(inner.value, bool | None)
        )
        return prefixed("is " if is_single else "== ", self._values.item(expected))

    def _result(self, kinds: tuple[Kind, ...]) -> str:
        """Return the variable for results of these types: a variable has one type in a test."""
        number = len(self._results) + 1
        return self._results.setdefault(kinds, _RESULT if number == 1 else f"{_RESULT}_{number}")

    def _guarded(self, acted: ActedStep, statements: list[Statement]) -> None:
        """Write statements inside the expectations of a step: an exception, a duration."""
        step = acted.step
        within = f"({step.within[0]}, {step.within[1]})" if step.within else ""
        if step.raises is not None:
            self._imports.name(DEMANDS, "raising")
            self._add(Block([self._raising(acted, within)], statements))
        elif within:
            self._imports.name(DEMANDS, "lasting")
            self._add(Block([f"lasting({within})"], statements))
        else:
            self._add(*statements)

    def _raising(self, acted: ActedStep, within: str) -> Item:
        step = acted.step
        assert step.raises is not None, "only a step that raises is guarded so"
        demands: list[Item] = [self._values.exception(step.raises)]
        if step.errno is not None:
            demands.append(f"errno={self._values.system(step.errno)}")
        if step.message:
            demands.append(f"message={quoted(step.message)}")
        if step.lacks:
            demands.append(keyword("lacks", _tuple(quoted(words) for words in step.lacks)))
        if acted.carries:
            held = (prefixed(f"{quoted(n)}: ", self._values.item(v)) for n, v in acted.carries)
            demands.append(keyword("carries", Group("{", tuple(held), "}")))
        if step.cause is not None:
            demands.append(f"cause={self._values.exception(step.cause)}")
        if step.is_a:
            demands.append(keyword("is_a", self._exceptions(step.is_a)))
        if step.is_not:
            demands.append(keyword("is_not", self._exceptions(step.is_not)))
        if within:
            demands.append(f"within={within}")
        return call("raising", demands)

    def _exceptions(self, exceptions: tuple[str, ...]) -> Item:
        return _tuple(self._values.exception(name) for name in exceptions)


def _tuple(items: Iterable[str]) -> Item:
    shown = tuple(items)
    return Group("(", shown, ",)" if len(shown) == 1 else ")")


def _without_empty_blocks(statements: list[Statement]) -> list[Statement]:
    """Return statements in which what was opened last is closed at once: nothing follows."""
    if not statements or not isinstance(block := statements[-1], Block):
        return statements
    if block.body:
        block.body[:] = _without_empty_blocks(block.body)
        return statements
    (header,) = block.headers
    if not block.closes:
        block.body.append(Line("pass"))
        return statements
    if isinstance(header, str):
        made: Item = f"{header.partition(' as ')[0]}.close()"
    else:
        made = Group(header.before, header.items, header.after.partition(" as ")[0] + ".close()")
    return [*statements[:-1], Line(made)]
