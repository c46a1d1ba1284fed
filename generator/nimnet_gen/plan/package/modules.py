"""The view of a generated module: everything its template prints, laid out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from nimnet_gen.model.surface import Const, EnumMember, Type
from nimnet_gen.naming.crossing import record_crossing
from nimnet_gen.naming.special import EQUALITY, Special
from nimnet_gen.naming.symbols import Symbols
from nimnet_gen.plan import dispatch, docs
from nimnet_gen.plan.api import (
    Alias,
    Api,
    ApiModule,
    ClassSymbol,
    Constant,
    Distinct,
    Enum,
    ExceptionType,
    Form,
    Function,
    HandleClass,
    Record,
    TypeSymbol,
    ValueClass,
)
from nimnet_gen.plan.imports import OVERLOADS, Imports, exports
from nimnet_gen.plan.layout import (
    INDENT,
    Group,
    Item,
    call,
    indented,
    laid_out,
    listing,
    prefixed,
    quoted,
)
from nimnet_gen.plan.package import classes, records
from nimnet_gen.plan.package.bodies import Bodies, choice
from nimnet_gen.plan.package.guards import (
    ARGUMENTS,
    BYTES_LIKE,
    CHECK,
    FINAL,
    Guards,
)
from nimnet_gen.plan.package.joint import (
    ABSENT,
    APART,
    join,
)
from nimnet_gen.plan.package.order import Hoisted, in_order
from nimnet_gen.plan.package.quick import ANSWERED, QUICK, Quick, any_of, calls_of, is_often
from nimnet_gen.plan.package.views import (
    AliasView,
    AssignmentView,
    ClassView,
    EnumView,
    FunctionView,
    HoistedView,
    HomeView,
    MemberView,
    ModuleView,
    PackageView,
    PartView,
    RecordView,
)
from nimnet_gen.plan.signature import definition

_FORMS_OF: Final = ("forms_of", "_forms_of")
"""What marks overloaded functions, and how modules of the package call it."""
_TWO_WAYS: Final = "  # type: ignore[misc]  # mypy takes a place and its name for one parameter"


def package_view(api: Api) -> PackageView:
    """Return the view of the package itself: everything public, from the module that defines it."""
    imports = Imports(api.name, api.runtime)
    for name, module in api.homes.items():
        imports.name(f"{api.name}.{module}", name)
    reexports = {reexport.name: reexport.from_ for reexport in api.spec.package.reexports}
    for name, package in reexports.items():
        imports.name(package, name)
    return PackageView(
        indented(docs.plain_docstring(api.spec.package.doc, 0), 0),
        imports.text(),
        _exports([*api.homes, *reexports]),
    )


def module_view(api: Api, module: ApiModule) -> ModuleView:
    """Return the view of one module."""
    return _ModulePlanner(api, module).view()


def _exports(names: Iterable[str]) -> str:
    return laid_out(prefixed("__all__ = ", listing([quoted(name) for name in exports(names)])))


class _ModulePlanner:
    """Plans one module; what it uses becomes its imports."""

    def __init__(self, api: Api, module: ApiModule) -> None:
        self._api = api
        self._module = module
        self._imports = Imports(api.name, api.runtime)
        self._bodies = Bodies(api, self._imports)
        self._guards = Guards(self._bodies.types)
        self._parents = dispatch.parents(api)
        self._symbols = Symbols.of(api.spec)
        self._hoisted = Hoisted.of(module)
        self._quick = Quick(api, self._bodies, self._hoisted)
        self._private: set[tuple[str, str]] = {("", alias) for _, alias in (CHECK, _FORMS_OF)}

    def view(self) -> ModuleView:
        module = self._module
        parts: dict[str, list[PartView]] = {
            name: [HoistedView("hoisted", f"{name}: Final = {default.text}")]
            for name, default in self._hoisted.expressions.items()
        }
        parts |= {symbol.name: list(self._type(symbol)) for symbol in module.types}
        parts |= {constant.name: [self._constant(constant)] for constant in module.constants}
        parts |= {function.name: list(self._function(function, 0)) for function in module.functions}
        for default in self._hoisted.expressions.values():
            self._use(default.symbols)
            self._use(["typing.Final"])
        # Constants and aliases, too, have annotations that only type checkers import names for.
        self._imports.name("__future__", "annotations")
        ordered = [part for name in in_order(module, self._hoisted) for part in parts[name]]
        return ModuleView(
            indented(docs.plain_docstring(module.entry.doc, 0), 0),
            self._imports.text(),
            _exports(module.exports),
            tuple(_spaced(ordered)),
        )

    def _use(self, symbols: Iterable[str], *, evaluated: bool = False) -> None:
        """Import symbols: of the API by name, of other modules as `module.Name` or `module.`.

        Args:
            symbols: The symbols.
            evaluated: Whether what names them is more than an annotation.
        """
        homes = self._api.homes
        for symbol in symbols:
            if symbol in homes:
                if homes[symbol] != self._module.name:
                    self._imports.name(f"{self._api.name}.{homes[symbol]}", symbol)
                continue
            module, _, name = symbol.rpartition(".")
            if not name:
                self._imports.module(module, evaluated=evaluated)
            elif module == self._api.runtime:
                self._imports.name(module, name, alias=f"_{name}")
            elif module:  # pragma: no branch - what has no module needs no import
                self._imports.name(module, name)

    def _type(self, symbol: TypeSymbol) -> Iterable[PartView]:
        match symbol:
            case Enum():
                yield self._enum(symbol)
            case Distinct():
                yield self._distinct(symbol)
            case ExceptionType():
                home, _, name = symbol.runtime.rpartition(".")
                self._imports.name(f"{self._api.runtime}.{home}", name)
                yield self._named(symbol)
            case ValueClass():
                yield self._value_class(symbol)
            case Record():
                yield self._record(symbol)
            case HandleClass():
                yield self._handle_class(symbol)
                if any(map(is_often, symbol.methods)):
                    yield HomeView("home", f"{ANSWERED[1]}({symbol.name})")
            case Alias():  # pragma: no branch - the last case
                self._use([*symbol.type.symbols, "typing.TypeAlias"], evaluated=True)
                text = f"{symbol.name}: TypeAlias = {symbol.type.annotation}"
                yield AliasView("alias", symbol.name, text, self._docstring(symbol.entry, 0))

    def _named(self, symbol: ExceptionType) -> HomeView:
        """Return what gives an exception the package as its home, which exports it."""
        text = f"{symbol.name}.__module__ = {quoted(self._api.name)}"
        first = next(one for one in self._module.types if isinstance(one, ExceptionType))
        if symbol is first:
            text = f"# Tracebacks and pickles name the package, and not its runtime.\n{text}"
        return HomeView("home", text)

    def _docstring(self, entry: Type | Const | EnumMember, depth: int) -> str:
        return indented(docs.marked_docstring(entry, depth), depth)

    def _enum(self, symbol: Enum) -> EnumView:
        base = "Flag" if symbol.is_flag else "IntEnum"
        self._imports.name("enum", base)
        members: list[MemberView] = []
        for member in symbol.members:
            self._use(member.value.symbols)
            doc = self._docstring(member.entry, 1) if member.entry.doc else ""
            members.append(MemberView(member.name, member.value.text, doc))
        exported = tuple(member.name for member in symbol.members) if symbol.exports_members else ()
        if exported:
            self._use(["typing.Final"])
        doc = self._docstring(symbol.entry, 1)
        return EnumView("enum", symbol.name, base, doc, tuple(members), exported)

    def _distinct(self, symbol: Distinct) -> ClassView:
        if symbol.base == "int":
            self._use(["typing."])
        methods = tuple(classes.distinct_methods(symbol))
        self._use_arguments(method.body for method in methods)
        return self._class(symbol, f"({symbol.base})", "()", methods)

    def _value_class(self, symbol: ValueClass) -> ClassView:
        self._use([symbol.tag_type, "typing."])
        compared = [m for m in symbol.methods if m.name == EQUALITY]
        others = [m for m in symbol.methods if m.name != EQUALITY]
        made = tuple(classes.value_methods(symbol))
        self._use_arguments(method.body for method in made)
        methods = (
            *made,
            *(view for method in compared for view in self._function(method, 1)),
            *classes.implied_methods(symbol),
            *(view for method in others for view in self._function(method, 1)),
        )
        return self._class(symbol, "", '("_packed",)', methods)

    def _record(self, symbol: Record) -> RecordView:
        """Return a record, with what its shape needs of Python and of the runtime."""
        self._use(["typing."])
        self._use(["typing." if symbol.is_tuple else "dataclasses."], evaluated=True)
        for field in symbol.fields:
            self._use(field.type.symbols)
            if field.default is not None:
                self._use(field.default.symbols)
        crossing = record_crossing(symbol.entry, self._symbols)
        for path in crossing.names:
            home, _, core = path.rpartition(".")
            self._imports.name(f"{self._api.runtime}.{home}", core, self._bodies.alias(core))
        self._use(f"{module}.{name}" if name else f"{module}." for module, name in crossing.imports)
        methods = (
            *records.crossing_methods(symbol, crossing.text),
            *(view for method in symbol.methods for view in self._function(method, 1)),
            *records.implied_methods(symbol),
        )
        doc = self._docstring(symbol.entry, 1)
        return RecordView(
            "record", symbol.name, symbol.is_tuple, doc, records.fields(symbol), methods
        )

    def _handle_class(self, symbol: HandleClass) -> ClassView:
        core = self._core(symbol)
        self._use(["typing."])
        methods = (
            *self._made(symbol, core),
            *(view for method in symbol.methods for view in self._function(method, 1)),
        )
        view = self._class(symbol, "", '("__weakref__", "_core")', methods)
        if any(map(is_often, symbol.methods)):
            calls = calls_of(symbol)
            shown = (f"class _{calls}:", f'{INDENT}__slots__ = ("_core",)')
            self._imports.instead(shown, f"{self._api.name}.{QUICK}", calls, f"_{calls}")
            self._imports.name(f"{self._api.name}.{QUICK}", *ANSWERED)
            view = replace(view, bases=f"(_{calls})", slots='("__weakref__",)')
        return view if symbol.constructor else replace(view, attribute=f"_core: {core}")

    def _makers(self, name: str) -> list[str]:
        """Return what makes an object of a class: functions; methods where no function does."""
        found = [
            function
            for module in self._api.modules
            for function in module.callables
            if any(name in form.result.symbols for form in function.forms)
        ]
        functions = [function.name for function in found if not function.owner]
        return functions or [function.qualified for function in found]

    def _made(self, symbol: HandleClass, core: str) -> Iterable[FunctionView]:
        """Yield what makes an object: of what users give, or around one of the runtime's."""
        if symbol.constructor is None:
            yield from classes.refusing_methods(symbol, self._makers(symbol.name))
            yield from classes.holding_methods(core)
            return
        function, [form] = symbol.constructor, symbol.constructor.forms
        self._use_form(form)
        self._use(["typing."])
        doc = docs.function_docstring(function, self._api, 2)
        head = definition(
            "__init__", form, self._hoisted.names, is_method=True, ending="", result="None"
        )
        body = self._bodies.construct(form, 2)
        body = self._guarded(body, form, f"{symbol.name}.__init__", 2)
        yield FunctionView((), _at(head, 1), indented(doc, 2), indented(body, 2))
        yield from classes.holding_methods(core)

    def _core(self, symbol: HandleClass) -> str:
        """Return the annotation for the runtime's class.

        It is by its name where calls name it as well; where none does, the module is not loaded for
        the annotation's sake.
        """
        home, _, name = symbol.runtime.rpartition(".")
        module = f"{self._api.runtime}.{home}"
        called = (
            form.runtime
            for function in self._module.callables
            if not self._bodies.has_core(function) and function.kind != "constructor"
            for form in function.forms_and_setter
        )
        if any(path.startswith(f"{symbol.runtime}.") for path in called):
            alias = self._bodies.alias(name)
            self._imports.name(module, name, alias)
            return alias or name
        self._imports.module(module)
        return f"{module}.{name}"

    def _class(
        self, symbol: TypeSymbol, bases: str, slots: str, methods: tuple[FunctionView, ...]
    ) -> ClassView:
        doc = self._docstring(symbol.entry, 1)
        return ClassView("class", symbol.name, bases, doc, slots, methods)

    def _constant(self, constant: Constant) -> AssignmentView:
        self._use([*constant.value.symbols, *constant.type.symbols, "typing.Final"])
        text = f"{constant.name}: Final[{constant.type.annotation}] = {constant.value.text}"
        return AssignmentView("constant", text, self._docstring(constant.entry, 0))

    def _function(self, function: Function, depth: int) -> Iterable[FunctionView]:
        """Yield the definitions of one function: overloads, bodies of forms, a property's two."""
        for form in function.forms_and_setter:
            self._use_form(form)
        if function.kind == "property":
            yield from self._property(function, depth)
        elif function.is_overloaded:
            yield from self._overloads(function, depth)
        else:
            form = function.forms[0]
            doc = docs.function_docstring(function, self._api, depth + 1)
            yield self._definition(function, form, function.name, (), doc, depth)

    def _use_form(self, form: Form) -> None:
        self._use(form.result.symbols)
        for param in form.params:
            self._use(param.type.symbols)
            if param.default is not None and not param.default.is_call:
                self._use(param.default.symbols)

    def _definition(
        self,
        function: Function,
        form: Form,
        name: str,
        decorators: tuple[str, ...],
        docstring: list[str],
        depth: int,
    ) -> FunctionView:
        special = function.special
        head = definition(
            name, form, self._hoisted.names, is_method=depth > 0, ending="", by_place=True
        )
        body = self._body(function, form, depth + 1)
        if special is None:
            target = f"{function.owner}.{name}" if function.owner else name
            body = self._guarded(body, form, target, depth + 1)
        if special is not None:
            head = self._special_head(special, name, form, ending="")
        return FunctionView(
            tuple(indented([decorator], depth) for decorator in decorators),
            _at(head, depth),
            indented(docstring, depth + 1),
            indented(body, depth + 1),
        )

    def _guarded(self, body: list[str], form: Form, target: str, depth: int) -> list[str]:
        guarded = self._guards.guarded(body, form, target, depth)
        self._use_arguments(guarded)
        return guarded

    def _use_arguments(self, lines: Iterable[str]) -> None:
        """Import what lines name of the module that looks at arguments."""
        text = "\n".join(lines)
        for name, alias in (CHECK, BYTES_LIKE, *FINAL.values()):
            if re.search(rf"\b{alias}\b", text):
                self._imports.name(f"{self._api.name}.{ARGUMENTS}", name, alias)

    def _special_head(self, special: Special, name: str, form: Form, ending: str) -> Group:
        """Return the `def` of a method of the data model, as Python demands it."""
        self._use(special.symbols)
        head = definition(
            name, form, self._hoisted.names, is_method=True, ending=ending, result=special.result
        )
        items = [*head.items, *special.implied]
        if special.takes_object:
            items[1:] = [f"{form.params[0].name}: object"]
        return Group(head.before, tuple(items), head.after)

    def _body(self, function: Function, form: Form, depth: int) -> list[str]:
        special = function.special
        if special is None:
            return self._bodies.call(function, form, depth)
        owner = self._owner(function)
        if special.follows and form.entry.runtime is None:
            if isinstance(owner, Record):
                return records.following(special, form, owner)
            return classes.following(special, form, owner)
        lines: list[str] = []
        if special.is_reflected and (tested := form.params[0].type.classes):
            lines += classes.guard(form.params[0].name, tested)
        if not special.returns_self:
            return [*lines, *self._bodies.call(function, form, depth)]
        twin = self._twin(function, form, owner)
        given = ", ".join(param.name for param in form.params)
        done = [f"self.{twin}({given})"] if twin else self._bodies.call(function, form, depth)
        return [*lines, *done, "return self"]

    def _owner(self, function: Function) -> ClassSymbol:
        return next(
            symbol
            for symbol in self._module.types
            if isinstance(symbol, ClassSymbol) and symbol.name == function.owner
        )

    def _twin(self, function: Function, form: Form, owner: ClassSymbol) -> str:
        """Return the method under a name of its own that does the same; empty if there is none."""
        twins = (
            method.name
            for method in owner.methods
            if method.name != function.name
            and any(other.runtime == form.runtime for other in method.forms)
        )
        return next(twins, "")

    def _property(self, function: Function, depth: int) -> Iterable[FunctionView]:
        for form in function.forms:
            doc = docs.function_docstring(function, self._api, depth + 1)
            head = definition(function.name, form, self._hoisted.names, is_method=True, ending="")
            yield FunctionView(
                (indented(["@property"], depth),),
                _at(head, depth),
                indented(doc, depth + 1),
                indented(self._bodies.read(function, form, depth + 1), depth + 1),
            )
        if function.setter is not None:
            doc = docs.setter_docstring(function, function.setter, self._api, depth + 1)
            head = definition(
                function.name, function.setter, self._hoisted.names, is_method=True, ending=""
            )
            body = self._bodies.assign(function, function.setter, depth + 1)
            body = self._guarded(body, function.setter, function.qualified, depth + 1)
            yield FunctionView(
                (indented([f"@{function.name}.setter"], depth),),
                _at(head, depth),
                indented(doc, depth + 1),
                indented(body, depth + 1),
            )

    def _overloads(self, function: Function, depth: int) -> Iterable[FunctionView]:
        self._use(["typing.overload"])
        is_method = depth > 0
        special = function.special
        hoisted = self._hoisted.names
        heads: list[Group] = []
        for form in function.forms:
            heads += [
                definition(
                    function.name,
                    form,
                    hoisted,
                    is_method=is_method,
                    ending=" ...",
                    by_place=by_place,
                )
                for by_place in ((True, False) if form.by_place else (False,))
            ]
            if special is not None:
                heads[-1] = self._special_head(special, function.name, form, ending=" ...")
        for index, head in enumerate(heads):
            yield FunctionView(
                (indented(["@overload"], depth),), _at(head, depth), "", "", index > 0
            )
        tree = dispatch.decide(function.forms, self._parents)
        leaves = list(dispatch.leaves(tree))
        names = {form.runtime: self._private_name(form, function) for form in leaves}
        results = any_of(form.result.annotation for form in function.forms)
        if special is not None and special.result:
            results = special.result
        prefix = "self." if is_method else ""
        bodies = {path: f"{prefix}{name}" for path, name in names.items()}
        body = choice(tree, bodies, results, hoisted)
        # Python calls what is special with what it wants.
        joined = None if special else join(function.forms)
        items: list[Item] = ["*args: object", "**named: object"]
        before = f"def {function.name}("
        if joined is not None:
            body = [
                *self._quick.answers(function, tree, joined, results, depth + 1),
                *joined.taken_apart(depth + 1),
                *body,
            ]
            items = joined.parameters()
            before += _TWO_WAYS if joined.numbered else ""
            self._imports.name(f"{self._api.name}.{OVERLOADS}", *ABSENT)
            self._imports.name(f"{self._api.name}.{OVERLOADS}", *APART)
        head = Group(before, (*(["self"] if is_method else []), *items), f") -> {results}:")
        doc = docs.function_docstring(function, self._api, depth + 1)
        yield FunctionView(
            (), _at(head, depth), indented(doc, depth + 1), indented(body, depth + 1), touches=True
        )
        for form in leaves:
            doc = docs.form_docstring(form, depth + 1)
            yield self._definition(function, form, names[form.runtime], (), doc, depth)
        self._imports.name(f"{self._api.name}.{OVERLOADS}", *_FORMS_OF)
        marked = call(_FORMS_OF[1], [function.name, *dict.fromkeys(names.values())])
        yield FunctionView((), _at(marked, depth), "", "")

    def _private_name(self, form: Form, function: Function) -> str:
        """Return the name of a form's body: that of the runtime's function, if it is still free."""
        name = f"_{form.runtime.rpartition('.')[2].strip('_')}"
        if (function.owner, name) in self._private:
            name = f"_{function.name}{name}"
        self._private.add((function.owner, name))
        return name


def _spaced(parts: Iterable[PartView]) -> Iterable[tuple[int, PartView]]:
    """Yield each part with the blank lines before it, as the formatter wants them."""
    before = ""
    for part in parts:
        follows = isinstance(part, FunctionView) and part.touches
        if follows or (part.kind == before and part.kind in ("home", "hoisted", "constant")):
            yield 0, part
        else:
            yield 1 if part.kind in ("home", "hoisted") and not before else 2, part
        before = part.kind


def _at(head: Group, depth: int) -> str:
    text = laid_out(head, depth)
    return f"{'    ' * depth}{text}"
