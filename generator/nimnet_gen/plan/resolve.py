"""From the specification to the Python API: amendments applied, names and types resolved."""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final, Literal

from nimnet_gen.model.surface import Callable, Const, Module, ObjectField, Result, Spec, Type
from nimnet_gen.naming import effective, names
from nimnet_gen.naming.members import numbered
from nimnet_gen.naming.nimdefaults import (
    BoolLiteral,
    Call,
    CharLiteral,
    Conversion,
    Default,
    FloatLiteral,
    IntLiteral,
    ListLiteral,
    NameRef,
    NilLiteral,
    NoneOf,
    SetLiteral,
    Some,
    StringLiteral,
    parse_default,
)
from nimnet_gen.naming.nimtypes import ArrayOf, Named, NimType, TupleOf, parse_type
from nimnet_gen.naming.python_types import FLOATS
from nimnet_gen.naming.signatures import Argument, signature
from nimnet_gen.naming.symbols import Symbols
from nimnet_gen.plan.api import (
    Alias,
    Api,
    ApiModule,
    Branch,
    Constant,
    Distinct,
    Enum,
    ExceptionType,
    Expression,
    Form,
    Function,
    HandleClass,
    Member,
    Parameter,
    PythonType,
    Record,
    RecordField,
    TypeSymbol,
    ValueClass,
)
from nimnet_gen.plan.layout import bytes_literal, quoted
from nimnet_gen.plan.types import callback_type, field_type, python_type, result_type, tuple_of
from nimnet_gen.runtime.index import PLATFORM

_LABELS: Final = {
    "str": "text",
    "bytes": "data",
    "int": "number",
    "float": "number",
    "bool": "answer",
}


def resolve(spec: Spec) -> Api:
    """Return the API of a specification that the checks have passed."""
    return _Resolver(spec).api()


class _Resolver:
    """Resolves one specification."""

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        self._symbols = Symbols.of(spec)

    def api(self) -> Api:
        modules = [self._module(module) for module in self._spec.modules]
        package = self._spec.package
        return Api(
            package.name,
            package.runtime,
            tuple(m for m in modules if m.types or m.constants or m.functions),
            self._spec,
        )

    def _module(self, module: Module) -> ApiModule:
        functions = tuple(self._functions(module))
        types = tuple(self._type(entry, functions) for entry in module.types if entry.omit is None)
        return ApiModule(
            module.name,
            types,
            tuple(self._const(const) for const in module.consts if const.omit is None),
            tuple(f for f in functions if not f.owner and f.kind != "constructor"),
            module,
        )

    def _type(self, entry: Type, functions: tuple[Function, ...]) -> TypeSymbol:
        methods = tuple(function for function in functions if function.owner == entry.name)
        match entry.kind:
            case "enum":
                return self._enum(entry)
            case "distinct":
                low_high = (entry.range[0], entry.range[1]) if entry.range else None
                return Distinct(entry.name, low_high, entry, _base(entry))
            case "exception":
                bases = entry.python_bases or (self._above(entry) or "builtins.Exception",)
                runtime = entry.runtime or f"errors.{entry.name}"
                fields = tuple(self._field(entry, f) for f in entry.fields if f.public)
                return ExceptionType(entry.name, bases, runtime, entry, fields)
            case "proc":
                return Alias(entry.name, callback_type(entry, self._symbols), entry)
            case "object" if entry.runtime:
                fields = tuple(self._field(entry, f) for f in entry.fields if f.public)
                made = (f for f in functions if f.kind == "constructor" and f.name == entry.name)
                constructor = next(made, None)
                return HandleClass(
                    entry.name, entry.runtime, (*fields, *methods), entry, constructor
                )
            case _ if entry.is_record:
                return self._record(entry, methods)
            case _:
                return self._value_class(entry, methods)

    def _above(self, entry: Type) -> str:
        """Return the exception of the package that one derives from, or an empty text."""
        above = self._symbols.types.get(entry.base or "")
        is_ours = above is not None and above.kind == "exception" and above.omit is None
        return f"{self._spec.package.name}.{entry.base}" if is_ours else ""

    def _record(self, entry: Type, methods: tuple[Function, ...]) -> Record:
        """Return a record; where a required field follows one with a default, it is named."""
        fields: list[RecordField] = []
        optional = False
        for part in entry.public_fields:
            python = field_type(parse_type(part.type), part.as_, self._symbols)
            default: Expression | None = None
            if part.default is not None:
                default = self._expression(parse_default(part.default), python)
            keyword_only = bool(fields and fields[-1].keyword_only) or (
                optional and default is None
            )
            optional = optional or default is not None
            name = names.safe(names.snake_case(part.name))
            fields.append(RecordField(name, python, default, keyword_only, part))
        return Record(entry.name, tuple(fields), entry.kind == "tuple", methods, entry)

    def _field(self, entry: Type, public: ObjectField) -> Function:
        """Return the property that a public field becomes; the runtime object has one as well."""
        name = names.snake_case(public.name)
        getter = Callable(
            at=public.at,
            keys=public.keys,
            name=public.name,
            kind="property",
            doc=public.doc,
            returns=Result(at=public.at, keys=public.keys, type=public.type),
            raises=tuple(public.errors),
            errors=public.errors,
            extension=public.extension or entry.extension,
            since=public.since or entry.since,
        )
        python = result_type(parse_type(public.type), public.as_, self._symbols)
        form = Form((), python, (), getter.raises or (), name, getter)
        return Function(name, entry.name, "property", (form,))

    def _enum(self, entry: Type) -> Enum:
        members: list[Member] = []
        for member, number in numbered(entry):
            platform = member.platform
            value = self._platform(platform) if platform else Expression(str(number))
            members.append(Member(names.python_constant(member), value, member))
        return Enum(entry.name, tuple(members), entry.set, not entry.pure, entry)

    def _const(self, const: Const) -> Constant:
        value = const.value
        for amendment in const.amend:
            if amendment.value is not None:  # pragma: no branch - nothing else can be amended
                value = amendment.value
        if const.platform:
            expression = self._platform(const.platform)
        elif isinstance(value, str):
            expression = Expression(quoted(value))
        else:
            expression = Expression(repr(value))
        node = self._symbols.const_type(const) or Named("int")
        if isinstance(node, Named) and node.name in FLOATS and isinstance(value, int):
            expression = Expression(repr(float(value)))
        python = result_type(node, "text", self._symbols)
        if isinstance(node, Named) and node.name in self._symbols.types:
            text, symbols = f"{node.name}({expression.text})", (node.name, *expression.symbols)
            expression = Expression(text, symbols, is_call=True)
        return Constant(names.python_constant(const), python, expression, const)

    def _platform(self, name: str) -> Expression:
        room = f"{self._spec.package.runtime}.{PLATFORM}"
        return Expression(f"_{PLATFORM}.{name}", (room,))

    def _functions(self, module: Module) -> Iterator[Function]:
        """Yield the functions and methods of a module, in documented order, each with its forms."""
        groups: dict[tuple[str, str], list[Callable]] = {}
        for entry in module.procs:
            if entry.omit is None:
                owner = self._symbols.owner(entry)
                key = (owner.name if owner else "", names.python_name(entry))
                groups.setdefault(key, []).append(entry)
        for (owner_name, name), group in groups.items():
            forms = [self._form(entry, owner_name, module) for entry in group]
            forms.sort(key=lambda form: (not form.entry.first, form.is_low_level))
            getters = tuple(form for form in forms if not names.is_setter(form.entry.name))
            setters = [form for form in forms if names.is_setter(form.entry.name)]
            if setters or group[0].kind == "property":
                setter = setters[0] if setters else None
                yield Function(name, owner_name, "property", getters, setter)
            elif group[0].kind == "constructor":
                yield Function(name, "", "constructor", getters)
            else:
                yield Function(name, owner_name, "method" if owner_name else "function", getters)

    def _form(self, entry: Callable, owner: str, module: Module) -> Form:
        found = signature(entry, self._symbols)
        assert found is not None, "the checks let no faulty signature pass"
        parts = [
            python_type(part.type, part.meaning, part.annotation, self._symbols)
            for part in found.outcomes
        ]
        outs = [names.python_name(p) for p in effective.params(entry) if p.mode == "out"]
        labels = ["result", *outs] if len(outs) < len(parts) else outs
        if len(parts) == 1 and parts[0].items:
            labels = _labels(parts[0], found.outcomes[0].type)
        keyword_only = False
        params: list[Parameter] = []
        for argument in found.arguments:
            keyword_only = keyword_only or argument.keyword_only or argument.variadic
            params.append(self._parameter(argument, keyword_only, module))
        return Form(
            tuple(params),
            tuple_of(parts),
            tuple(labels),
            effective.contract(entry),
            self._runtime(entry, owner, module),
            entry,
            found.by_place,
        )

    def _parameter(self, argument: Argument, keyword_only: bool, module: Module) -> Parameter:
        param = argument.param
        python = python_type(argument.type, param.as_, argument.annotation, self._symbols)
        for symbol in python.symbols:
            if self._comes_later(symbol, module):
                python = self._by_module(python, symbol)
        default: Expression | None = None
        if param.default is not None:
            default = self._expression(parse_default(param.default), python)
        named = keyword_only and not argument.variadic
        return Parameter(argument.name, python, default, named, param, argument.variadic)

    def _comes_later(self, symbol: str, module: Module) -> bool:
        """Tell whether a name is that of a type of a later module, which cannot be imported."""
        home = self._symbols.home.get(symbol) if symbol in self._symbols.types else None
        order = self._spec.modules
        return home is not None and order.index(home) > order.index(module)

    def _by_module(self, python: PythonType, symbol: str) -> PythonType:
        """Return a type that names another by its module, which is loaded when somebody asks."""
        module = f"{self._spec.package.name}.{self._symbols.home[symbol].name}"

        def named(text: str) -> str:
            return re.sub(rf"(?<![\w.]){symbol}\b", f"{module}.{symbol}", text)

        return replace(
            python,
            annotation=named(python.annotation),
            symbols=tuple(f"{module}." if one == symbol else one for one in python.symbols),
            classes=tuple(map(named, python.classes)),
            short=python.shown,
        )

    def _runtime(self, entry: Callable, owner: str, module: Module) -> str:
        """Return where the body is: a path from the core for handles, else `module.function`."""
        if (made := self._symbols.made_by(entry)) is not None:
            return entry.runtime or made.runtime or made.name
        has_core = bool(owner and self._symbols.types[owner].runtime)
        path = names.runtime_name(entry, has_core=has_core)
        if has_core:
            return path
        return path if "." in path else f"{module.runtime or module.name}.{path}"

    def _expression(self, node: Default, expected: PythonType | None) -> Expression:
        """Return the Python of a default; `expected` is the type of the parameter it belongs to."""
        match node:
            case IntLiteral(value, written=written):
                if expected is not None and expected.annotation == "float":
                    return Expression(repr(float(value)))
                return Expression(written or str(value))
            case FloatLiteral(value):
                return Expression(repr(value))
            case NilLiteral() | NoneOf():
                return Expression("None")
            case Some(there):
                return self._expression(there, expected)
            case ListLiteral(items):
                return self._list(items, expected)
            case BoolLiteral(value):
                return Expression(str(value))
            case StringLiteral(value) | CharLiteral(value):
                if expected is not None and _holds_data(expected):
                    return Expression(bytes_literal(value.encode(_encoding(node))))
                return Expression(quoted(value))
            case NameRef(name):
                return self._reference(node, name)
            case SetLiteral(()):
                flags = expected.annotation if expected else ""
                return Expression(f"{flags}(0)", (flags,), is_call=True)
            case SetLiteral(members):
                parts = [self._expression(member, None) for member in members]
                text = " | ".join(part.text for part in parts)
                return Expression(text, parts[0].symbols, is_call=len(parts) > 1)
            case Conversion(name, value):
                inner = self._expression(value, self._inside(name, expected))
                if name not in self._symbols.types:
                    return inner
                return Expression(f"{name}({inner.text})", (name, *inner.symbols), is_call=True)
            case Call(name, arguments):  # pragma: no branch - the last case
                python = names.python_name(self._symbols.callables[name][0])
                given = [self._expression(argument, None) for argument in arguments]
                inside = [symbol for part in given for symbol in part.symbols]
                text = f"{python}({', '.join(part.text for part in given)})"
                return Expression(text, (python, *inside), is_call=True)

    def _inside(self, name: str, expected: PythonType | None) -> PythonType | None:
        """Return the Python type of what a type is made of in a conversion."""
        defined = self._symbols.types.get(name)
        if defined is not None and _base(defined) == "bytes":
            return PythonType("bytes", classes=("bytes",))
        return expected if name in FLOATS else None

    def _list(self, items: tuple[Default, ...], expected: PythonType | None) -> Expression:
        """Return a list that nothing can change, or the bytes that it stands for."""
        if expected is not None and "bytes" in expected.classes:
            given = map(_unconverted, items)
            numbers = [item.value for item in given if isinstance(item, IntLiteral)]
            return Expression(bytes_literal(bytes(numbers)))
        element = expected.element if expected is not None else None
        parts = [self._expression(item, element) for item in items]
        text = f"({', '.join(part.text for part in parts)}{',' if len(parts) == 1 else ''})"
        symbols = tuple(symbol for part in parts for symbol in part.symbols)
        return Expression(text, symbols, is_call=any(part.is_call for part in parts))

    def _reference(self, node: NameRef, name: str) -> Expression:
        if enum := self._symbols.member(node):
            member = next(member for member in enum.members if member.name == name)
            return Expression(f"{enum.name}.{names.python_constant(member)}", (enum.name,))
        constant = names.python_constant(self._symbols.consts[name])
        return Expression(constant, (constant,))

    def _value_class(self, entry: Type, methods: tuple[Function, ...]) -> ValueClass:
        """Return the value class of an object whose variants are byte arrays of several lengths."""
        discriminator = next(field for field in entry.fields if field.case)
        branches: list[Branch] = []
        for field in entry.fields:
            parsed = parse_type(field.type)
            if field.of is None or not isinstance(parsed, ArrayOf):
                continue
            tag = self._reference(NameRef(field.of, discriminator.type), field.of)
            length = int(parsed.high) - int(parsed.low) + 1
            branches.append(Branch(tag.text, names.snake_case(field.name), length, field.doc))
        return ValueClass(
            entry.name,
            names.snake_case(discriminator.name),
            discriminator.type,
            discriminator.doc,
            tuple(branches),
            methods,
            entry,
        )


def _base(entry: Type) -> Literal["int", "str", "bytes"]:
    """Return the type of Python's that a distinct type is a subclass of."""
    if entry.base != "string":
        return "int"
    return "bytes" if entry.as_ == "data" else "str"


def _holds_data(python: PythonType) -> bool:
    """Tell whether a string of this type is bytes, also where Python's own types say so."""
    return "bytes" in python.classes or "bytes" in python.annotation.split(" | ")


def _encoding(literal: StringLiteral | CharLiteral) -> str:
    """Return how a literal becomes bytes: a character is one, whatever it is."""
    return "latin-1" if isinstance(literal, CharLiteral) else "utf-8"


def _unconverted(item: Default) -> Default:
    return item.value if isinstance(item, Conversion) else item


def _labels(python: PythonType, node: NimType) -> list[str]:
    """Return a variable for each item of a tuple: of its name in Nim, or of its type."""
    wanted = [
        _LABELS.get(item.annotation, names.snake_case(item.annotation.partition("[")[0]))
        for item in python.items
    ]
    if isinstance(node, TupleOf) and node.names:
        wanted = [names.safe(names.snake_case(name)) for name in node.names]
    labels: list[str] = []
    for label in wanted:
        chosen = f"{label}_" if hasattr(builtins, label) else label
        count = wanted[: len(labels)].count(label)
        labels.append(f"{chosen}_{count + 1}" if count else chosen)
    return labels
