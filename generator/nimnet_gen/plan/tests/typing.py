"""The views of the files that a type checker must accept, and of those it must not.

Arguments are the parameters of the functions that hold the calls, so that no value has to be made
up: each has the very type that the signature asks for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from nimnet_gen.model.surface import Callable, Param
from nimnet_gen.naming.names import snake_case
from nimnet_gen.naming.special import ENTER, Special
from nimnet_gen.plan.api import (
    Api,
    ApiModule,
    Distinct,
    Enum,
    ExceptionType,
    Form,
    Function,
    Parameter,
    PythonType,
    Record,
    ValueClass,
)
from nimnet_gen.plan.dispatch import parents
from nimnet_gen.plan.imports import Imports
from nimnet_gen.plan.layout import Group, Item, call, laid_out, quoted

SUBJECT: Final = "subject"
_NOTHING: Final = "None"
_NAME: Final = re.compile(r"(?<![\"\w.])\w+\b(?!=[^=])")
"""A name that is read: no text, no attribute, no keyword before its value."""


@dataclass(frozen=True)
class Line:
    """A statement, with what the type checker must say about it; an empty text is nothing."""

    text: str
    expected: str = ""


@dataclass(frozen=True)
class CallsView:
    """A function that holds calls; nobody runs it."""

    definition: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class TypingView:
    """One file for the type checker."""

    module: str
    imports: str
    functions: tuple[CallsView, ...]
    statements: tuple[Line, ...]


def accepted_view(api: Api, module: ApiModule) -> TypingView:
    """Return the calls of one module that must type-check, each with the type of its result."""
    planner = _Accepted(api)
    records = [symbol for symbol in module.types if isinstance(symbol, Record)]
    functions = [view for record in records for view in planner.record(record)]
    exceptions = [symbol for symbol in module.types if isinstance(symbol, ExceptionType)]
    functions += [planner.read(one) for one in exceptions if one.fields]
    functions += [view for f in module.callables for view in planner.calls(f)]
    statements = tuple(planner.statements(module))
    return TypingView(
        f"{api.name}.{module.name}", planner.imports.text(), tuple(functions), statements
    )


def rejected_view(api: Api, module: ApiModule) -> TypingView:
    """Return the calls of one module that must not type-check, each with the error."""
    planner = _Rejected(api)
    functions = [
        view
        for symbol in module.types
        if isinstance(symbol, Record)
        for view in planner.calls(_constructor(symbol))
    ]
    functions += [view for f in module.callables for view in planner.calls(f)]
    functions += planner.assignments(module)
    return TypingView(f"{api.name}.{module.name}", planner.imports.text(), tuple(functions), ())


def has_calls(module: ApiModule) -> bool:
    """Tell whether there is anything to call; a module of exceptions alone has nothing."""
    records = (symbol for symbol in module.types if isinstance(symbol, Record))
    has_fields = any(isinstance(one, ExceptionType) and one.fields for one in module.types)
    has_callables = next(module.callables, None) is not None
    return next(records, None) is not None or has_callables or has_fields


class _Planner:
    """What both kinds of file share."""

    def __init__(self, api: Api) -> None:
        self.imports = Imports()
        self.api = api

    def _use(self, symbols: Sequence[str]) -> None:
        homes = self.api.homes
        for symbol in symbols:
            module, _, name = symbol.rpartition(".")
            if symbol in homes:
                self.imports.name(self.api.name, symbol)
            elif module and name:
                self.imports.name(module, name)
            elif module:  # pragma: no branch - what has no module needs no import
                self.imports.module(module)

    def _view(
        self, prefix: str, function: Function, form: Form | None, index: int, lines: list[Line]
    ) -> CallsView:
        params: list[Item] = []
        if function.owner:
            self._use([function.owner])
            params.append(f"{SUBJECT}: {function.owner}")
        used = {word for line in lines for word in _NAME.findall(line.text)}
        for param in form.params if form else ():
            variable = _variable(param, function)
            if variable not in used:
                continue
            self._use(param.type.symbols)
            annotation = param.type.annotation
            if param.variadic:
                annotation = f"tuple[{annotation}, ...]"
            params.append(f"{variable}: {annotation}")
        owner = f"{snake_case(function.owner)}_" if function.owner else ""
        number = f"_{index}" if index else ""
        bare = function.name.strip("_")
        called = snake_case(bare) if bare[:1].isupper() else bare
        name = f"{prefix}_{owner}{called}{number}"
        self.imports.name("__future__", "annotations")
        head = Group(f"def {name}(", tuple(params), ") -> None:")
        return CallsView(laid_out(head), tuple(lines))


def _target(function: Function) -> str:
    return f"{SUBJECT}.{function.name}" if function.owner else function.name


def _variable(param: Parameter, function: Function) -> str:
    """Return the variable that stands for a parameter: its name, if the call leaves it that."""
    taken = SUBJECT if function.owner else function.name
    return f"its_{param.name}" if param.name == taken else param.name


def _line(item: Item, expected: str = "") -> Line:
    return Line("    " + laid_out(item, 1), expected)


class _Accepted(_Planner):
    """Calls that must type-check."""

    def calls(self, function: Function) -> Iterator[CallsView]:
        if not function.owner:
            self._use([function.name])
        for index, form in enumerate(function.forms, start=1):
            lines = [_line(item) for item in self._variants(function, form)]
            number = index if len(function.forms) > 1 else 0
            yield self._view("accepts", function, form, number, lines)

    def record(self, symbol: Record) -> Iterator[CallsView]:
        """Yield the calls that make a record, and what its fields are."""
        made = _constructor(symbol)
        self._use([symbol.name])
        lines = [_line(item) for item in self._variants(made, made.forms[0])]
        yield self._view("makes", made, made.forms[0], 0, lines)
        fields = Function("fields", symbol.name, "property", ())
        lines = [
            _line(self._typed(f"{SUBJECT}.{field.name}", field.type)) for field in symbol.fields
        ]
        yield self._view("reads", fields, None, 0, lines)

    def read(self, exception: ExceptionType) -> CallsView:
        """Return the reading of an exception's fields."""
        fields = Function("fields", exception.name, "property", ())
        lines = [
            _line(self._typed(f"{SUBJECT}.{field.name}", field.forms[0].result))
            for field in exception.fields
        ]
        return self._view("reads", fields, None, 0, lines)

    def _variants(self, function: Function, form: Form) -> Iterator[Item]:
        """Yield the calls: by position, with what is required alone, and by name."""
        if function.special is not None:
            yield from self._special(function, form, function.special)
            return
        if function.kind == "property":
            yield self._typed(_target(function), form.result)
            if function.setter:
                value = function.setter.params[0]
                yield f"{_target(function)} = {_target(function)}  # {value.name}"
            return
        required = [_given(param, function) for param in form.required]
        everything = [_given(param, function) for param in form.params]
        collected = [index for index, param in enumerate(form.params) if param.variadic]
        by_place = collected[0] + 1 if collected else 0
        named = everything[:by_place]
        named += [f"{param.name}={_variable(param, function)}" for param in form.params[by_place:]]
        ways = [required, everything, named]
        if form.by_place:
            ways.append(
                [_variable(param, function) for param in form.params[: form.by_place]]
                + everything[form.by_place :]
            )
        for given in dict.fromkeys(map(tuple, ways)):
            yield self._typed(call(_target(function), given), form.result)

    def _special(self, function: Function, form: Form, special: Special) -> Iterator[Item]:
        names = [_variable(param, function) for param in form.params]
        if not special.written:
            self.imports.name("typing", "assert_type")
            given = self._entered(function.owner)
            self._use(given.symbols)
            yield f"with {SUBJECT} as entered:\n        assert_type(entered, {given.annotation})"
        elif special.is_statement:
            yield special.call(SUBJECT, names)
            if special.returns_self:
                yield self._typed(SUBJECT, PythonType(function.owner))
        else:
            yield self._typed(special.call(SUBJECT, names), form.result)

    def _entered(self, owner: str) -> PythonType:
        """Return the type of what a `with` statement gives for an object of a class."""
        for module in self.api.modules:
            for function in module.callables:
                special = function.special
                if (function.owner, function.name) == (owner, ENTER) and special is not None:
                    return PythonType(owner) if special.returns_self else function.forms[0].result
        return PythonType(owner)

    def _typed(self, value: Item, result: PythonType) -> Item:
        """Return the assertion of a value's type; what returns nothing is only called."""
        if result.annotation == _NOTHING:
            return value
        self._use(result.symbols)
        self.imports.name("typing", "assert_type")
        return call("assert_type", [value, result.annotation])

    def statements(self, module: ApiModule) -> Iterator[Line]:
        """Yield what must hold of the names that are no functions."""
        for constant in module.constants:
            self._use([constant.name])
            yield Line(laid_out(self._typed(constant.name, constant.type)))
        for symbol in module.types:
            if isinstance(symbol, Enum) and symbol.exports_members:
                for member in symbol.members:
                    self._use([member.name, symbol.name])
                    yield self._literal(member.name, f"{symbol.name}.{member.name}")
            elif isinstance(symbol, Enum):
                self._use([symbol.name])
                for member in symbol.members:
                    name = f"{symbol.name}.{member.name}"
                    yield self._literal(name, name)
                if symbol.is_flag:
                    value = " | ".join(f"{symbol.name}.{m.name}" for m in symbol.members)
                    yield Line(laid_out(self._typed(value, PythonType(symbol.name))))
            elif isinstance(symbol, Distinct):
                self._use([symbol.name])
                value = {"int": "0", "str": '""', "bytes": 'b""'}[symbol.base]
                made = f"{symbol.name}({value})"
                yield Line(laid_out(self._typed(made, PythonType(symbol.name))))

    def _literal(self, name: str, value: str) -> Line:
        """Return the assertion that a name stands for one member of an enum, and no other."""
        literal = PythonType(f"Literal[{value}]", ("typing.Literal",))
        return Line(laid_out(self._typed(name, literal)))


class _Rejected(_Planner):
    """Calls that must not type-check."""

    def __init__(self, api: Api) -> None:
        super().__init__(api)
        self._parents = parents(api)

    def calls(self, function: Function) -> Iterator[CallsView]:
        if function.kind == "property" or function.is_special:
            return
        seen: set[str] = set()
        for index, form in enumerate(function.forms, start=1):
            lines: list[Line] = []
            for given, error in self._wrong(function, form):
                if self._fits_any(function, given):
                    continue
                line = _line(call(_target(function), [one.text for one in given]), error)
                if line.text not in seen:
                    seen.add(line.text)
                    lines.append(line)
            if not lines:  # each is right for another form, or as wrong for one before
                continue
            if not function.owner:
                self._use([function.name])
            number = index if len(function.forms) > 1 else 0
            yield self._view("rejects", function, form, number, lines)

    def assignments(self, module: ApiModule) -> Iterator[CallsView]:
        """Yield assignments to what can only be read."""
        for symbol in module.types:
            if isinstance(symbol, ValueClass | Record):
                if isinstance(symbol, Record):
                    names = [field.name for field in symbol.fields]
                else:
                    names = [symbol.discriminator, *(branch.field for branch in symbol.branches)]
                lines = [
                    _line(f"{SUBJECT}.{name} = {SUBJECT}.{name}", f"misc {quoted('read-only')}")
                    for name in names
                ]
                fields = Function("fields", symbol.name, "property", ())
                yield self._view("rejects", fields, None, 0, lines)
        for function in module.callables:
            if function.kind == "property" and function.setter is None:
                target = _target(function)
                line = _line(f"{target} = {target}", f"misc {quoted('read-only')}")
                yield self._view("rejects", function, None, 0, [line])

    def _wrong(self, function: Function, form: Form) -> Iterator[tuple[tuple[_Argument, ...], str]]:
        """Yield wrong calls of one form, each with the error that a single form gives."""
        required = tuple(_Argument.of(param, function) for param in form.required)
        if required:
            missing = form.required[-1].name
            yield required[:-1], self._error(function, "call-arg", missing)
        unexpected = _Argument("unexpected=1", "unexpected", ("int",), by_name=True)
        yield (*required, unexpected), self._error(function, "call-arg", "unexpected")
        for param in form.params:
            wrong = _wrong_value(param)
            if wrong is None or param.variadic:
                continue
            text, classes = wrong
            by_name = param.keyword_only or param.default is not None
            bad = _Argument(
                f"{param.name}={text}" if by_name else text, param.name, classes, by_name=by_name
            )
            given = [bad if one.name == param.name else one for one in required]
            if bad not in given:
                given.append(bad)
            # Of a longer type or a class of a module mypy may show another text than this one.
            written = param.type.annotation
            is_class = written in param.type.classes
            word = written.rpartition(".")[2] if is_class else function.name
            yield tuple(given), self._error(function, "arg-type", word)

    @staticmethod
    def _error(function: Function, code: str, word: str) -> str:
        """Return the expectation; of several forms mypy only says that none fits."""
        if function.is_overloaded:
            code, word = "call-overload", function.name
        return f"{code} {quoted(word)}"

    def _fits_any(self, function: Function, given: tuple[_Argument, ...]) -> bool:
        return any(self._fits(form, given) for form in function.forms)

    def _fits(self, form: Form, given: tuple[_Argument, ...]) -> bool:
        params = {param.name: param for param in form.params}
        bound: dict[str, _Argument] = {}
        for index, argument in enumerate(given):
            if argument.by_name:
                name = argument.name
            elif index < len(form.places):
                name = form.places[index].name
            else:
                return False
            if name not in params or name in bound:
                return False
            bound[name] = argument
        placed = sum(not argument.by_name for argument in given)
        if placed > len(form.positional) and placed < form.by_place:
            return False
        return all(param.name in bound for param in form.required) and all(
            _accepts(params[name].type, argument.classes, self._parents)
            for name, argument in bound.items()
        )


@dataclass(frozen=True)
class _Argument:
    """An argument of a call, with the classes of its value."""

    text: str
    name: str
    classes: tuple[str, ...]
    by_name: bool = False

    @classmethod
    def of(cls, param: Parameter, function: Function) -> _Argument:
        return cls(
            _given(param, function), param.name, param.type.classes, by_name=param.keyword_only
        )


def _given(param: Parameter, function: Function) -> str:
    variable = _variable(param, function)
    if param.variadic:
        return f"*{variable}"
    return f"{param.name}={variable}" if param.keyword_only else variable


def _constructor(symbol: Record) -> Function:
    """Return the class of a record as a function that makes one."""
    params = tuple(
        Parameter(
            field.name,
            field.type,
            field.default,
            field.keyword_only,
            Param(at=field.entry.at, keys={}, name=field.entry.name),
        )
        for field in symbol.fields
    )
    entry = Callable(at=symbol.entry.at, keys={}, name=symbol.name, doc=symbol.entry.doc)
    form = Form(params, PythonType(symbol.name, (symbol.name,)), (), (), "", entry)
    return Function(symbol.name, "", "function", (form,))


def _wrong_value(param: Parameter) -> tuple[str, tuple[str, ...]] | None:
    """Return a value that looks right and is not, with its class; None if any value would do."""
    classes = set(param.type.classes)
    if not classes or "object" in classes:
        return None
    if "bytes" in classes:
        return '"text"', ("str",)
    if classes & {"str", "memoryview", "bytearray"}:
        return 'b"data"', ("bytes",)
    if classes & {"int", "bool", "float"}:
        return '"1"', ("str",)
    return "1", ("int",)


def _accepts(python: PythonType, classes: tuple[str, ...], parents_of: Mapping[str, str]) -> bool:
    """Tell whether a parameter takes every one of the classes."""

    def covered(name: str) -> bool:
        while name not in python.classes:
            if name not in parents_of:
                return False
            name = parents_of[name]
        return True

    return not python.classes or all(covered(name) for name in classes)
