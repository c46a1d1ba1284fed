"""The steps of a scenario as Nim statements: each call, and what must come of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from nimnet_gen.acting import (
    ActedStep,
    Ending,
    Evaluation,
    FormOfOperation,
    Invocation,
    Performance,
)
from nimnet_gen.acting.resolved import Items, Resolved
from nimnet_gen.naming.nimtypes import NimType, TupleOf
from nimnet_gen.plan.oracle.calls import NimCall, Variable, nim_call
from nimnet_gen.plan.oracle.scope import InexpressibleError
from nimnet_gen.plan.oracle.source import identifier, quoted
from nimnet_gen.plan.oracle.values import NimValues

_GIVEN = "given"
"""What a variable's name begins with that holds the data of an operation."""


class OracleSteps:
    """Writes the steps of one scenario in one combination of forms.

    Attributes:
        dropped: What of the expectations Nim cannot show, and so is not compared.
        compared: How many expectations are.
    """

    def __init__(
        self, forms: Mapping[str, FormOfOperation], values: NimValues, failure: str | None
    ) -> None:
        """Begin.

        Args:
            forms: How each operation is called.
            values: What writes what is given.
            failure: The call that tells an object's error number after one that raises nothing.
        """
        self._failure = failure
        self._values = values
        self._names = values.names
        self._forms = forms
        self._bound: set[str] = set()
        self._begun = False
        """Whether a call has started that has not ended."""
        self.dropped: list[str] = []
        self.compared = 0

    def lines(self, acted: ActedStep) -> Iterator[str]:
        """Yield the lines of a step, without their margin.

        A call that starts is done where it ends: until then only signals may come, which are
        given once it waits.

        Raises:
            InexpressibleError: Nim cannot do it.
        """
        step = acted.step
        if step.starts is not None and not self._begun:
            self._begun = True
            return
        deed = acted.deed
        if isinstance(deed, Ending):
            self._begun, deed = False, deed.began
        elif self._begun and (deed is not None or acted.questions):
            raise InexpressibleError("two threads share an object, which Nim's do not allow")
        if step.cause is not None:
            raise InexpressibleError("an exception has no cause in Nim")
        if step.lacks:
            raise InexpressibleError(f"what a message must not tell is {self._names.own} promise")
        if step.signal is not None:
            signal = "signalToWaiting" if self._begun else "signal"
            yield f'{signal} {acted.number}, "{step.signal}"'
        match deed:
            case Invocation():
                yield from self._invocation(acted, deed)
            case Performance():
                yield from self._performance(acted, deed)
            case Evaluation(value):
                yield f"begin {acted.number}"
                kind = acted.kinds[0].node if acted.kinds else _NONE
                yield from self._given(acted, [Variable(self._values.typed(value, kind), kind)])
            case None if acted.questions:
                yield f"begin {acted.number}"
        yield from self._questions(acted)

    # ---- what is done

    def _invocation(self, acted: ActedStep, invocation: Invocation) -> Iterator[str]:
        times_out = self._names.is_bound_reached(acted.step.raises)
        call = nim_call(self._values, invocation, invocation.target, acted.number, {}, times_out)
        yield from call.declarations
        yield from _step(acted.number, [call.statement])
        yield from self._judged(acted, call, call.results)
        if acted.step.raises is not None:
            return
        if not call.lacks_result:
            yield from self._given(acted, call.results)
        elif acted.binds:
            raise InexpressibleError("it goes on with a result that Nim's signature lacks")
        elif acted.returns is not None:
            self.dropped.append("a result that Nim's signature lacks")

    def _performance(self, acted: ActedStep, performance: Performance) -> Iterator[str]:
        """Yield an operation in its form: the call, and what the operation gives of it."""
        form = self._forms[performance.operation.name]
        arguments = dict(performance.arguments)
        target = performance.target if form.invocation.target is not None else None
        times_out = self._names.is_bound_reached(acted.step.raises)
        call = nim_call(self._values, form.invocation, target, acted.number, arguments, times_out)
        statements = [call.statement]
        if form.fails is not None:
            failure = self._values.expression(form.fails, call.results[0].type, arguments)
            statements.append(f"if {call.results[0].text} == {failure}:")
            if target is None or self._failure is None:
                raise InexpressibleError("a failure that nothing tells the reason of")
            on = self._values.expression(target, None)
            statements.append(f"  raiseOSError({on}.{self._failure})")
        results: list[Variable] = []
        yield from call.declarations
        if performance.operation.gives == "data":
            given = f"{_GIVEN}{acted.number}"
            yield f"var {given}: string"
            statements.append(f"{given} = {_data(form, call)}")
            results.append(Variable(given, acted.kinds[0].node))
        elif performance.operation.gives == "object":
            name = form.form.gives
            results.append(call.results[0] if name == "result" else call.outs[name])
        yield from _step(acted.number, statements)
        yield from self._judged(acted, call, results)
        if acted.step.raises is None:
            yield from self._given(acted, results)

    # ---- what must come of it

    def _judged(
        self, acted: ActedStep, call: NimCall, results: Sequence[Variable]
    ) -> Iterator[str]:
        step = acted.step
        self.compared += 1
        if step.raises is None:
            yield "succeeded()"
        else:
            shown = f", show({_together(results)})" if results else ""
            yield f'raised "{self._names.exception(step.raises)}"{shown}'
            for judgement, names in (("wasA", step.is_a), ("wasNo", step.is_not)):
                for name in names:
                    yield from self._class(judgement, name)
            self.dropped += [f"{name}, which Nim's {step.raises} lacks" for name in step.carries]
            if step.errno is not None:
                yield f'hadErrno "{step.errno}"'
        for argument, value in acted.leaves:
            self.compared += 1
            name = argument.param.name
            yield f'left "{name}", {call.held[name]}, {self._values.expression(value, None)}'
        if step.within is not None:
            yield f"lasted {step.within[0]}, {step.within[1]}"

    def _class(self, judgement: str, name: str) -> Iterator[str]:
        try:
            yield f'{judgement} "{self._names.exception(name)}"'
        except InexpressibleError as error:
            self.dropped.append(str(error))

    def _given(self, acted: ActedStep, results: Sequence[Variable]) -> Iterator[str]:
        """Yield what a step demands of its results, and the names that they get."""
        if not results:
            return
        if acted.returns is not None:
            self.compared += 1
            yield f"gave {_together(results)}, {self._wanted(acted.returns, results)}"
        if len(acted.binds) > 1 and len(results) == 1:
            parts = [f"{results[0].text}[{index}]" for index in range(len(acted.binds))]
        elif len(acted.binds) == 1:
            parts = [_together(results)]
        else:
            parts = [result.text for result in results]
        for name, part in zip(acted.binds, parts, strict=False):
            if name and name in self._bound:
                yield f"{identifier(name)} = {part}"
            elif name:
                self._bound.add(name)
                yield f"var {identifier(name)} {{.used.}} = {part}"

    def _questions(self, acted: ActedStep) -> Iterator[str]:
        for question in acted.questions:
            entry, name = question.readable.entry, question.readable.name
            if not entry.is_documented:
                self.dropped.append(f"{name}, which is {self._names.lacking(entry)}")
                continue
            target = self._values.expression(question.target, None)
            asked = f"$({target})" if name == "$" else f"{target}.{quoted(name)}"
            kinds = question.readable.kinds
            node = kinds[0].node if len(kinds) == 1 else None
            self.compared += 1
            answer = self._values.expression(question.answer, _compared(node))
            yield f'then "{name}", {asked}, {answer}'

    def _wanted(self, value: Resolved, results: Sequence[Variable]) -> str:
        if len(results) > 1 and isinstance(value, Items):
            pairs = zip(value.items, results, strict=True)
            return (
                "("
                + ", ".join(self._values.expression(v, _compared(r.type)) for v, r in pairs)
                + ")"
            )
        return self._values.expression(value, _compared(results[0].type))


_NONE = TupleOf(())


def _step(number: int, statements: Sequence[str]) -> Iterator[str]:
    yield f"step {number}:"
    for statement in statements:
        first, *others = statement.splitlines()
        yield f"  {first}"
        yield from (line.removeprefix("  ") for line in others)


def _together(results: Sequence[Variable]) -> str:
    """Return several results as the tuple that Python gets."""
    if len(results) == 1:
        return results[0].text
    return "(" + ", ".join(result.text for result in results) + ")"


def _compared(node: NimType | None) -> NimType | None:
    """Return the type that an expected value is written as; only tuples are looked into."""
    return node if isinstance(node, TupleOf) and node.items else None


def _data(form: FormOfOperation, call: NimCall) -> str:
    """Return the data that a form of an operation gives."""
    name = form.form.gives
    if name == "result":
        return call.results[0].text
    if name in call.outs:
        return call.outs[name].text
    held = call.held[name]
    return f"{held}({call.results[0].text})" if held.endswith(".text") else held
