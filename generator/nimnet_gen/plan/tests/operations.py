"""The view of the operations: for each a function in every form, and the type they share."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from nimnet_gen.acting import FormOfOperation, forms
from nimnet_gen.acting.operations import receiver
from nimnet_gen.acting.resolved import Plain
from nimnet_gen.acting.steps import result_kinds
from nimnet_gen.model.evidence import Operation
from nimnet_gen.model.references import reference
from nimnet_gen.model.stage import Stage
from nimnet_gen.naming import names
from nimnet_gen.naming.kinds import Kind
from nimnet_gen.naming.nimtypes import Named
from nimnet_gen.naming.python_types import annotation
from nimnet_gen.plan import docs
from nimnet_gen.plan.api import Api
from nimnet_gen.plan.imports import Imports
from nimnet_gen.plan.layout import (
    INDENT,
    Group,
    Item,
    call,
    flat,
    indented,
    keyword,
    laid_out,
    prefixed,
    quoted,
)
from nimnet_gen.plan.tests.calls import PythonCalls
from nimnet_gen.plan.tests.code import Line, Statement, code
from nimnet_gen.plan.tests.values import PythonValues, variable

MODULE: Final = "conformance.operations"
"""Where the generated tests import operations and transports from."""

MATRIX: Final = "nimnet_gen.testing.matrix"


@dataclass(frozen=True)
class FormView:
    """The function of one form; every text carries its margin."""

    definition: str
    docstring: str
    body: str


@dataclass(frozen=True)
class OperationView:
    """One operation."""

    protocol: str
    docstring: str
    call: str
    forms: tuple[FormView, ...]
    constant: str


@dataclass(frozen=True)
class OperationsView:
    """The whole file."""

    imports: str
    transports: tuple[str, ...]
    receiver: str
    """What the failure is asked of; an empty text without such a function."""
    failure: FormView | None
    operations: tuple[OperationView, ...]


def constant_name(operation: Operation) -> str:
    """Return the constant that holds the forms of an operation."""
    return names.constant_case(operation.name)


def protocol_name(operation: Operation) -> str:
    """Return the type that the forms of an operation share."""
    words = names.snake_case(operation.name).split("_")
    return "".join(word.capitalize() for word in words) + "Call"


def needs_operations(api: Api) -> bool:
    """Tell whether scenarios have anything to import from the file of operations."""
    operations = any(module.operations for module in api.spec.modules)
    return operations or any(_transports(api.spec.stage))


def operations_view(api: Api) -> OperationsView:
    """Return the view of every operation of the specification."""
    writer = _Writer(api)
    operations = tuple(
        writer.operation(operation)
        for module in api.spec.modules
        for operation in module.operations
    )
    transports = tuple(_transports(api.spec.stage))
    failure = writer.failure()
    return OperationsView(
        writer.imports.text(), transports, receiver(writer.fails_on), failure, operations
    )


def _transports(stage: Stage) -> Iterator[str]:
    """Yield a constant for each group of transports that scenarios run on."""
    used = {given.transports for given in stage.givens}
    for group in stage.groups:
        if group.name in used:
            after = ",)" if len(group.transports) == 1 else ")"
            values = tuple(map(quoted, group.transports))
            name = names.constant_case(group.name)
            yield laid_out(Group(f"{name}: Final = (", values, after))


class _Writer:
    """Writes the operations, and collects what they import."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._symbols = api.acting.symbols
        self.imports = Imports()
        self.imports.name("typing", "Final")
        self._calls = PythonCalls(api, self.imports, PythonValues(api, self.imports))
        self._values = PythonValues(api, self.imports)
        self.fails_on = ""

    def operation(self, operation: Operation) -> OperationView:
        """Return the view of one operation."""
        self.imports.name("typing", "Protocol")
        self.imports.name(MATRIX, "Form")
        resolved = forms(operation, self._api.acting)
        protocol = protocol_name(operation)
        listed = Group("(", tuple(self._listed(form) for form in resolved), ")")
        if len(resolved) == 1:
            listed = Group("(", listed.items, ",)")
        constant = f"{constant_name(operation)}: Final[tuple[Form[{protocol}], ...]] = "
        definition = self._definition("__call__", resolved[0], "...", has_self=True)
        return OperationView(
            protocol,
            indented(docs.plain_docstring(operation.doc, 1), 1),
            INDENT + laid_out(definition, 1),
            tuple(self._form(form) for form in resolved),
            laid_out(prefixed(constant, listed)),
        )

    def failure(self) -> FormView | None:
        """Return the function that makes an exception of a kept error, if any form needs it."""
        failure = self._api.spec.stage.failure
        if not self.fails_on or failure is None:
            return None
        self.imports.module("os")
        asked = names.python_name(self._symbols.called(failure)[0])
        name = receiver(self.fails_on)
        owner = self._annotation(Kind(Named(self.fails_on)))
        return FormView(
            f"def _failure({name}: {owner}) -> OSError:",
            f'{INDENT}"""Return the error that a {name} has kept of a call which raises none."""',
            f"{INDENT}number = {name}.{asked}()\n"
            f"{INDENT}return OSError(number, os.strerror(number))",
        )

    def _listed(self, form: FormOfOperation) -> Item:
        parts: list[Item] = [quoted(form.form.call), _function_name(form)]
        if form.form.transports is not None:
            transports = tuple(map(quoted, form.form.transports))
            after = ",)" if len(transports) == 1 else ")"
            parts.append(keyword("transports", Group("(", transports, after)))
        return call("Form", parts)

    def _definition(
        self, name: str, form: FormOfOperation, body: str, *, has_self: bool = False
    ) -> Item:
        params = ["self"] if has_self else []
        if form.invocation.owner:
            owner = form.invocation.owner
            params.append(f"{receiver(owner)}: {self._annotation(Kind(Named(owner)))}")
        if form.takes:
            params.append("*")
        params += [f"{variable(n)}: {self._annotation(kind)}" for n, kind in form.takes.items()]
        gives = result_kinds(form.operation, self._api.acting.calls)
        result = self._annotation(gives[0]) if gives else "None"
        after = f") -> {result}:" + (f" {body}" if body else "")
        return Group(f"def {name}(", tuple(params), after)

    def _annotation(self, kind: Kind) -> str:
        written = annotation(kind.node, kind.meaning, "result", self._symbols.mappings)
        text = written.text
        for name in written.names:
            self.imports.module(self._api.name)
            text = text.replace(name, f"{self._api.name}.{name}")
        return text

    def _form(self, form: FormOfOperation) -> FormView:
        return FormView(
            laid_out(self._definition(_function_name(form), form, "")),
            f'{INDENT}"""The form `{form.form.call}`."""',
            "\n".join(code(list(self._body(form)), 1)),
        )

    def _body(self, form: FormOfOperation) -> Iterator[Statement]:
        """Yield the statements of one form."""
        invocation, gives = form.invocation, form.form.gives
        held: dict[str, str] = {}
        is_pointer = False
        for argument, value in invocation.arguments:
            if argument.param.name == gives:
                held[gives] = argument.name
                is_pointer = argument.type == Named("pointer")
                yield Line(f"{argument.name} = {self._calls.memory(value)}")
        statement = self._calls.statement(invocation, held)
        if statement is not None:
            yield Line(statement)
            return
        done = self._calls.expression(invocation, held)
        if form.operation.gives == "nothing":
            yield from self._tried(form, done)
        elif held:
            if is_pointer or form.fails is not None:
                yield Line(prefixed("count = ", done))
                yield from self._tried(form, "count", checked=True)
            else:
                yield Line(done)
            yield Line(f"return bytes({held[gives]}{'[:count]' if is_pointer else ''})")
        elif gives != "result":
            outs = [param.name for param in invocation.entry.params if param.mode == "out"]
            found = len(invocation.signature.outcomes) - len(outs)
            parts = ["_"] * found + [variable(n) if n == gives else "_" for n in outs]
            yield Line(prefixed(f"{', '.join(parts)} = ", done))
            yield Line(f"return {variable(gives)}")
        elif form.fails is not None:
            yield Line(prefixed("result = ", done))
            yield from self._tried(form, "result", checked=True)
            yield Line("return result")
        else:
            yield Line(prefixed("return ", done))

    def _tried(
        self, form: FormOfOperation, done: Item, *, checked: bool = False
    ) -> Iterator[Statement]:
        """Yield a call, or the look at its result, with the exception for a failure."""
        if form.fails is None:
            if not checked:
                yield Line(done)
            return
        self.fails_on = form.invocation.owner
        condition = f"{flat(done)} == {self._values.text(form.fails)}"
        if isinstance(form.fails, Plain) and isinstance(form.fails.value, bool):
            condition = flat(done) if form.fails.value else f"not {flat(done)}"
        yield Line(f"if {condition}:")
        yield Line(f"{INDENT}raise _failure({receiver(form.invocation.owner)})")


def _function_name(form: FormOfOperation) -> str:
    """Return the name of a form's function: the operation, the call, and what tells it apart."""
    number = reference(form.form.call).number
    called = names.python_name(form.invocation.entry).strip("_")
    alike = [other for other in form.operation.forms if other.call == form.form.call]
    where = form.form.transports or () if len(alike) > 1 else ()
    parts = [names.snake_case(form.operation.name), called, number, *where]
    return "_".join(part for part in parts if part)
