"""From the specification to the Python API: amendments applied, names and types resolved."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from nimnet_gen.model.surface import Callable, Const, Module, ObjectField, Result, Spec, Type
from nimnet_gen.naming import effective, names
from nimnet_gen.naming.nimdefaults import (
    BoolLiteral,
    Call,
    Conversion,
    Default,
    IntLiteral,
    NameRef,
    SetLiteral,
    StringLiteral,
    parse_default,
)
from nimnet_gen.naming.nimtypes import ArrayOf, Named, parse_type
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
    TypeSymbol,
    ValueClass,
)
from nimnet_gen.plan.layout import quoted
from nimnet_gen.plan.types import callback_type, python_type, result_type, tuple_of
from nimnet_gen.runtime.index import PLATFORM

_LABELS: Final = {"str": "text", "bytes": "data", "int": "number", "bool": "answer"}


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
        types = tuple(
            self._type(entry, tuple(f for f in functions if f.owner == entry.name))
            for entry in module.types
            if entry.omit is None
        )
        return ApiModule(
            module.name,
            types,
            tuple(self._const(const) for const in module.consts if const.omit is None),
            tuple(function for function in functions if not function.owner),
            module,
        )

    def _type(self, entry: Type, methods: tuple[Function, ...]) -> TypeSymbol:
        match entry.kind:
            case "enum":
                return self._enum(entry)
            case "distinct":
                low_high = (entry.range[0], entry.range[1]) if entry.range else None
                return Distinct(entry.name, low_high, entry)
            case "exception":
                bases = entry.python_bases or ("builtins.Exception",)
                runtime = entry.runtime or f"errors.{entry.name}"
                return ExceptionType(entry.name, bases, runtime, entry)
            case "proc":
                return Alias(entry.name, callback_type(entry, self._symbols), entry)
            case "object" if entry.runtime:
                fields = tuple(self._field(entry, f) for f in entry.fields if f.public)
                return HandleClass(entry.name, entry.runtime, (*fields, *methods), entry)
            case _:
                return self._value_class(entry, methods)

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
        )
        python = result_type(parse_type(public.type), None, self._symbols)
        form = Form((), python, (), getter.raises or (), name, getter)
        return Function(name, entry.name, "property", (form,))

    def _enum(self, entry: Type) -> Enum:
        members: list[Member] = []
        following = 0
        for ordinal, member in enumerate(entry.members):
            if member.platform:
                value = self._platform(member.platform)
            elif entry.set:
                value = Expression(str(1 << ordinal))
            else:
                number = following if member.value is None else member.value
                following = number + 1
                value = Expression(str(number))
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
        python = result_type(node, "text", self._symbols)
        return Constant(names.python_constant(const), python, expression, const)

    def _platform(self, name: str) -> Expression:
        room = f"{self._spec.package.runtime}.{PLATFORM}"
        return Expression(f"_{PLATFORM}.{name}", (room,))

    def _functions(self, module: Module) -> Iterator[Function]:
        """Yield the functions and methods of a module, each with its forms, in documented order."""
        groups: dict[tuple[str, str], list[Callable]] = {}
        for entry in module.procs:
            if entry.omit is None:
                owner = self._symbols.owner(entry)
                key = (owner.name if owner else "", names.python_name(entry))
                groups.setdefault(key, []).append(entry)
        for (owner_name, name), group in groups.items():
            forms = [self._form(entry, owner_name, module) for entry in group]
            getters = tuple(form for form in forms if not names.is_setter(form.entry.name))
            setters = [form for form in forms if names.is_setter(form.entry.name)]
            if setters or group[0].kind == "property":
                setter = setters[0] if setters else None
                yield Function(name, owner_name, "property", getters, setter)
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
            labels = [
                _LABELS.get(i.annotation, names.snake_case(i.annotation)) for i in parts[0].items
            ]
        keyword_only = False
        params: list[Parameter] = []
        for argument in found.arguments:
            keyword_only = keyword_only or argument.keyword_only
            params.append(self._parameter(argument, keyword_only))
        return Form(
            tuple(params),
            tuple_of(parts),
            tuple(labels),
            effective.contract(entry),
            self._runtime(entry, owner, module),
            entry,
        )

    def _parameter(self, argument: Argument, keyword_only: bool) -> Parameter:
        param = argument.param
        python = python_type(argument.type, param.as_, argument.annotation, self._symbols)
        default: Expression | None = None
        if param.default is not None:
            default = self._expression(parse_default(param.default), python)
        return Parameter(argument.name, python, default, keyword_only, param)

    def _runtime(self, entry: Callable, owner: str, module: Module) -> str:
        """Return where the body is: a path from the core for handles, else `module.function`."""
        has_core = bool(owner and self._symbols.types[owner].runtime)
        path = names.runtime_name(entry, has_core=has_core)
        if has_core:
            return path
        return path if "." in path else f"{module.runtime or module.name}.{path}"

    def _expression(self, node: Default, expected: PythonType | None) -> Expression:
        """Return the Python of a default; `expected` is the type of the parameter it belongs to."""
        match node:
            case IntLiteral(value):
                return Expression(str(value))
            case BoolLiteral(value):
                return Expression(str(value))
            case StringLiteral(value):
                is_data = expected is not None and "bytes" in expected.classes
                return Expression(("b" if is_data else "") + quoted(value))
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
                inner = self._expression(value, None)
                if name not in self._symbols.types:
                    return inner
                return Expression(f"{name}({inner.text})", (name, *inner.symbols), is_call=True)
            case Call(name, arguments):  # pragma: no branch - the last case
                python = names.python_name(self._symbols.callables[name][0])
                given = [self._expression(argument, None) for argument in arguments]
                inside = [symbol for part in given for symbol in part.symbols]
                text = f"{python}({', '.join(part.text for part in given)})"
                return Expression(text, (python, *inside), is_call=True)

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
