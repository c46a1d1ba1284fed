"""Calls that are answered at once: by a package's own methods, and by what is compiled of them.

A compiled class cannot be what users see: its methods have no annotations, and there are no weak
references to its objects. So a class of a package stays Python. Where programs call some of its
methods for every piece of data, there is a class below it with these methods again, as far as they
answer the commonest calls. It is compiled with the runtime; then it has the first word, and hands
on to the methods of the class above it what it does not answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from nimnet_gen.plan import dispatch, docs
from nimnet_gen.plan.api import Api, Function, HandleClass, Parameter
from nimnet_gen.plan.imports import OVERLOADS, Imports
from nimnet_gen.plan.layout import INDENT, Group, Item, call, indented, laid_out, quoted, statement
from nimnet_gen.plan.package.bodies import Bodies
from nimnet_gen.plan.package.guards import usual_class
from nimnet_gen.plan.package.joint import (
    ABSENT,
    Joint,
    QuickAnswer,
    QuickCall,
    condition,
    join,
    quick_answers,
    quick_calls,
)
from nimnet_gen.plan.package.order import Hoisted
from nimnet_gen.plan.package.views import CallsView, QuickView

QUICK: Final = "_quick"
"""The module of a package with the classes that are compiled."""
ANSWERED: Final = ("answered", "_answered")
"""Its function that gives them the first word, and how modules of the package call it."""
_ANSWERING: Final = "answering"
"""What has the methods that answer all other calls."""
_DEPTH: Final = 2
_NONE: Final = "None"


class Quick:
    """Writes the statements that answer the commonest calls of overloaded functions."""

    def __init__(self, api: Api, bodies: Bodies, hoisted: Hoisted) -> None:
        """Write for one module, with its bodies and its constants."""
        waits = api.spec.oracle.waits
        self._waits = waits.param if waits else ""
        self._bodies = bodies
        self._hoisted = hoisted.names
        self._parents = dispatch.parents(api)

    def answers(
        self, function: Function, tree: dispatch.Tree, joint: Joint, results: str, depth: int
    ) -> Iterator[str]:
        """Yield the statements that answer the commonest calls, those of the usual form first.

        Args:
            function: The function.
            tree: How its forms are told apart.
            joint: Its signature.
            results: The annotation of what it returns.
            depth: How many levels the lines will be indented.
        """
        usual = function.usual.runtime
        answers: list[QuickAnswer] = []
        for form in sorted(dispatch.leaves(tree), key=lambda form: form.runtime != usual):
            is_usual = form.runtime == usual
            if not (is_usual or answers):
                return
            for quick in quick_calls(form, joint, self._waits, is_usual=is_usual):
                reached = dispatch.reached(tree, quick.classes, quick.named, self._parents)
                if reached is form:
                    answers.append(QuickAnswer(quick, self._body(function, quick, joint, results)))
        if answers:
            yield from quick_answers(answers, joint, depth)

    def _body(
        self, function: Function, quick: QuickCall, joint: Joint, results: str
    ) -> Callable[[bool, int], Sequence[str]]:
        def lines(waits: bool, depth: int) -> Sequence[str]:
            values = quick.values(joint, self._hoisted, waits=waits)
            called = self._bodies.call(function, quick.form, depth, values)
            if quick.form.result.annotation != _NONE:
                return called
            return [*called, "return" if results == _NONE else "return None"]

        return lines


def any_of(annotations: Iterable[str]) -> str:
    """Return the choice of all annotations, with nothing at its end as the linter wants it."""
    listed = list(annotations)
    members = dict.fromkeys(one.removesuffix(" | None") for one in listed if one != _NONE)
    ending = [_NONE] if any(one == _NONE or one.endswith(" | None") for one in listed) else []
    return " | ".join([*members, *ending])


def is_often(function: Function) -> bool:
    """Tell whether programs call a method for every piece of data, and calls can be told apart."""
    if not any(form.entry.often for form in function.forms):
        return False
    if function.is_overloaded:
        return join(function.forms) is not None
    return not any(
        param.variadic
        or (param.default is not None and param.default.is_call)
        or not (usual_class(param.type) or _may_be_none(param))
        for param in function.forms[0].params
    )


def _may_be_none(param: Parameter) -> bool:
    return _NONE in param.type.classes or param.type.annotation.endswith(" | None")


def calls_of(symbol: HandleClass) -> str:
    """Return the name of the class that answers calls of another one."""
    return f"{symbol.name}Calls"


def quick_view(api: Api) -> QuickView | None:
    """Return the view of the module with the classes that are compiled; None without any."""
    imports = Imports(api.name, api.runtime)
    # mypyc compiles what type checkers know: nothing here can be for annotations alone.
    imports.name("__future__", "annotations")
    imports.name(f"{api.name}.{OVERLOADS}", _ANSWERING)
    imports.name(f"{api.runtime}.compiling", "mypyc_attr")
    classes = tuple(
        _Calls(api, imports, symbol, Hoisted.of(module)).view()
        for module in api.modules
        for symbol in module.types
        if isinstance(symbol, HandleClass) and any(map(is_often, symbol.methods))
    )
    return QuickView(imports.text(), classes) if classes else None


class _Calls:
    """Plans the class that answers calls of another one."""

    def __init__(self, api: Api, imports: Imports, symbol: HandleClass, hoisted: Hoisted) -> None:
        self._api = api
        self._imports = imports
        self._symbol = symbol
        self._bodies = Bodies(api, imports)
        self._quick = Quick(api, self._bodies, hoisted)
        self._parents = dispatch.parents(api)

    def view(self) -> CallsView:
        home, _, core = self._symbol.runtime.rpartition(".")
        self._imports.name(f"{self._api.runtime}.{home}", core)
        methods = tuple(
            self._overloaded(method) if method.is_overloaded else self._single(method)
            for method in self._symbol.methods
            if is_often(method)
        )
        return CallsView(calls_of(self._symbol), self._symbol.name, core, methods)

    def _overloaded(self, method: Function) -> str:
        joint = join(method.forms)
        assert joint is not None
        self._imports.name(f"{self._api.name}.{OVERLOADS}", ABSENT[0])
        tree = dispatch.decide(method.forms, self._parents)
        given: list[Item] = [*joint.places, *joint.names]
        given += [f"{name}={name}" for name in joint.keywords]
        answers = self._quick.answers(method, tree, joint, "object", _DEPTH)
        return self._method(method, joint.parameters(), list(answers), given)

    def _single(self, method: Function) -> str:
        [form] = method.forms
        params: list[Item] = []
        given: list[Item] = []
        tests: list[str] = []
        values: dict[str, str] = {}
        for param in form.params:
            if param.keyword_only and "*" not in params:
                params.append("*")
            default = "" if param.default is None else f" = {param.default.text}"
            params.append(f"{param.name}: object{default}")
            given.append(f"{param.name}={param.name}" if param.keyword_only else param.name)
            if _may_be_none(param):
                tests.append(f"{param.name} is None")
                values[param.name] = _NONE
            else:
                tests.append(f"type({param.name}) is {usual_class(param.type)}")
        lines = [
            *condition(tests, _DEPTH),
            *(f"{INDENT}{line}" for line in self._bodies.call(method, form, _DEPTH + 1, values)),
        ]
        if form.result.annotation == _NONE:
            lines.append(f"{INDENT}return None")
        return self._method(method, params, lines, given)

    def _method(
        self, method: Function, params: Sequence[Item], lines: Sequence[str], given: Sequence[Item]
    ) -> str:
        """Return the method: what answers calls, and then what hands them on."""
        head = laid_out(Group(f"def {method.name}(", ("self", *params), ") -> object:"), 1)
        key = quoted(f"{calls_of(self._symbol)}.{method.name}")
        handed = statement(call(f"return {_ANSWERING}[{key}]", ["self", *given]), _DEPTH)
        for name in re.findall(r"(?<![\w.])\w+", "\n".join([head, *lines])):
            if name in self._api.homes:
                self._imports.name(f"{self._api.name}.{self._api.homes[name]}", name)
        doc = docs.function_docstring(method, self._api, _DEPTH)
        return "\n".join(
            [f"{INDENT}{head}", indented(doc, _DEPTH), indented([*lines, *handed], _DEPTH)]
        )
