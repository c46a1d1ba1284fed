"""The view of a generated module: everything its template prints, laid out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from nimnet_gen.plan import dispatch, docs
from nimnet_gen.plan.api import (
    Alias,
    Api,
    ApiModule,
    Constant,
    Distinct,
    Enum,
    ExceptionType,
    Expression,
    Form,
    Function,
    HandleClass,
    TypeSymbol,
    ValueClass,
)
from nimnet_gen.plan.imports import Imports, exports
from nimnet_gen.plan.layout import Group, indented, laid_out, listing, quoted
from nimnet_gen.plan.package.bodies import Bodies, choice
from nimnet_gen.plan.package.views import (
    AliasView,
    AssignmentView,
    BranchView,
    DistinctView,
    EnumView,
    FunctionView,
    HandleClassView,
    MemberView,
    ModuleView,
    PackageView,
    TypeView,
    ValueClassView,
)
from nimnet_gen.plan.signature import definition, hoisted_name
from nimnet_gen.plan.special import SPECIAL, Special

_PLAIN: Final = Special()


def package_view(api: Api) -> PackageView:
    """Return the view of the package itself: everything public, from the module that defines it."""
    imports = Imports(api.name, api.runtime)
    for name, module in api.homes.items():
        imports.name(f"{api.name}.{module}", name)
    return PackageView(
        indented(docs.plain_docstring(api.spec.package.doc, 0), 0),
        imports.text(),
        _exports(api.homes),
    )


def module_view(api: Api, module: ApiModule) -> ModuleView:
    """Return the view of one module."""
    return _ModulePlanner(api, module).view()


def _exports(names: Iterable[str]) -> str:
    return laid_out(_prefixed_list("__all__ = ", [quoted(name) for name in exports(names)]))


def _prefixed_list(prefix: str, items: list[str]) -> Group:
    group = listing(items)
    return Group(prefix + group.before, group.items, group.after)


class _ModulePlanner:
    """Plans one module; what it uses becomes its imports."""

    def __init__(self, api: Api, module: ApiModule) -> None:
        self._api = api
        self._module = module
        self._imports = Imports(api.name, api.runtime)
        self._bodies = Bodies(api, self._imports)
        self._parents = dispatch.parents(api)
        self._hoisted: dict[str, Expression] = {}
        self._private: set[tuple[str, str]] = set()

    def view(self) -> ModuleView:
        module = self._module
        types = tuple(view for symbol in module.types for view in self._type(symbol))
        constants = tuple(self._constant(constant) for constant in module.constants)
        functions = tuple(view for f in module.functions for view in self._function(f, 0))
        hoisted: list[AssignmentView] = []
        for name, default in self._hoisted.items():
            self._use(default.symbols)
            self._use(["typing.Final"])
            hoisted.append(AssignmentView(f"{name}: Final = {default.text}"))
        # Constants and aliases, too, have annotations that only type checkers import names for.
        self._imports.name("__future__", "annotations")
        return ModuleView(
            indented(docs.plain_docstring(module.entry.doc, 0), 0),
            self._imports.text(),
            _exports(module.exports),
            tuple(hoisted),
            types,
            constants,
            functions,
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

    def _type(self, symbol: TypeSymbol) -> Iterable[TypeView]:
        match symbol:
            case Enum():
                yield self._enum(symbol)
            case Distinct():
                yield self._distinct(symbol)
            case ExceptionType():
                home, _, name = symbol.runtime.rpartition(".")
                self._imports.name(f"{self._api.runtime}.{home}", name)
            case ValueClass():
                yield self._value_class(symbol)
            case HandleClass():
                yield self._handle_class(symbol)
            case Alias():  # pragma: no branch - the last case
                self._use([*symbol.type.symbols, "typing.TypeAlias"], evaluated=True)
                text = f"{symbol.name}: TypeAlias = {symbol.type.annotation}"
                yield AliasView("alias", symbol.name, text, self._docstring(symbol.entry.doc, 0))

    def _docstring(self, text: str, depth: int) -> str:
        return indented(docs.plain_docstring(text, depth), depth)

    def _enum(self, symbol: Enum) -> EnumView:
        base = "Flag" if symbol.is_flag else "IntEnum"
        self._imports.name("enum", base)
        members: list[MemberView] = []
        for member in symbol.members:
            self._use(member.value.symbols)
            doc = self._docstring(member.entry.doc, 1) if member.entry.doc else ""
            members.append(MemberView(member.name, member.value.text, doc))
        exported = tuple(member.name for member in symbol.members) if symbol.exports_members else ()
        if exported:
            self._use(["typing.Final"])
        doc = self._docstring(symbol.entry.doc, 1)
        return EnumView("enum", symbol.name, base, doc, tuple(members), exported)

    def _distinct(self, symbol: Distinct) -> DistinctView:
        low, high = symbol.range or (None, None)
        if symbol.range:
            self._use(["typing.Self"])
        doc = self._docstring(symbol.entry.doc, 1)
        return DistinctView("distinct", symbol.name, doc, low, high)

    def _value_class(self, symbol: ValueClass) -> ValueClassView:
        self._use([symbol.tag_type, "typing.Self"])
        equality = next((m for m in symbol.methods if m.name == "__eq__"), None)
        branches = tuple(
            BranchView(
                branch.tag,
                branch.field,
                branch.length,
                self._docstring(branch.doc, 2),
            )
            for branch in symbol.branches
        )
        init = Group(
            "def __init__(",
            (
                "self",
                f"{symbol.discriminator}: {symbol.tag_type}",
                "*",
                *(f"{branch.field}: bytes | None = None" for branch in symbol.branches),
            ),
            ") -> None:",
        )
        return ValueClassView(
            "value",
            symbol.name,
            self._docstring(symbol.entry.doc, 1),
            symbol.discriminator,
            symbol.tag_type,
            self._docstring(symbol.tag_doc, 2),
            _at(init, 1),
            branches,
            indented(docs.function_docstring(equality, self._api, 2), 2) if equality else "",
            equality.forms[0].params[0].name if equality else "",
            any(method.name == "__str__" for method in symbol.methods),
            tuple(
                view
                for method in symbol.methods
                if method.name != "__eq__"
                for view in self._function(method, 1)
            ),
        )

    def _handle_class(self, symbol: HandleClass) -> HandleClassView:
        home, _, core = symbol.runtime.rpartition(".")
        self._imports.annotation(f"{self._api.runtime}.{home}", core)
        methods = tuple(view for method in symbol.methods for view in self._function(method, 1))
        doc = self._docstring(symbol.entry.doc, 1)
        return HandleClassView("handle", symbol.name, doc, core, methods)

    def _constant(self, constant: Constant) -> AssignmentView:
        self._use([*constant.value.symbols, *constant.type.symbols, "typing.Final"])
        text = f"{constant.name}: Final[{constant.type.annotation}] = {constant.value.text}"
        return AssignmentView(text, self._docstring(constant.entry.doc, 0))

    def _function(self, function: Function, depth: int) -> Iterable[FunctionView]:
        """Yield the definitions of one function: overloads, bodies of forms, a property's two."""
        for form in function.forms_and_setter:
            self._use_form(form)
        if function.kind == "property":
            yield from self._property(function, depth)
        elif len(function.forms) > 1:
            yield from self._overloads(function, depth)
        else:
            form = function.forms[0]
            doc = docs.function_docstring(function, self._api, depth + 1)
            yield self._definition(function, form, function.name, (), doc, depth)

    def _use_form(self, form: Form) -> None:
        self._use(form.result.symbols)
        for param in form.params:
            self._use(param.type.symbols)
            if param.default is None:
                continue
            if param.default.is_call:
                self._hoisted[hoisted_name(param.default)] = param.default
            else:
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
        special = SPECIAL.get(name, _PLAIN)
        self._use(special.symbols)
        result = special.result
        head = definition(name, form, is_method=depth > 0, ending="", result=result)
        head = Group(head.before, (*head.items, *special.params), head.after)
        return FunctionView(
            tuple(indented([decorator], depth) for decorator in decorators),
            _at(head, depth),
            indented(docstring, depth + 1),
            indented(self._body(function, form, special, depth + 1), depth + 1),
        )

    def _body(self, function: Function, form: Form, special: Special, depth: int) -> list[str]:
        if special.returns_self:
            return self._self_body(function, form)
        return self._bodies.call(function, form, depth)

    def _self_body(self, function: Function, form: Form) -> list[str]:
        """Return a body that ends with the object itself, after what its public twin does."""
        owner = next(
            symbol
            for symbol in self._module.types
            if isinstance(symbol, HandleClass) and symbol.name == function.owner
        )
        twins = (
            method.name
            for method in owner.methods
            if method.name != function.name
            and form.entry.runtime
            and any(other.runtime == form.runtime for other in method.forms)
        )
        twin = next(twins, "")
        given = ", ".join(param.name for param in form.params)
        return [*([f"self.{twin}({given})"] if twin else []), "return self"]

    def _property(self, function: Function, depth: int) -> Iterable[FunctionView]:
        for form in function.forms:
            doc = docs.function_docstring(function, self._api, depth + 1)
            head = definition(function.name, form, is_method=True, ending="")
            yield FunctionView(
                (indented(["@property"], depth),),
                _at(head, depth),
                indented(doc, depth + 1),
                indented(self._bodies.read(function, form, depth + 1), depth + 1),
            )
        if function.setter is not None:
            doc = docs.setter_docstring(function, function.setter, self._api, depth + 1)
            head = definition(function.name, function.setter, is_method=True, ending="")
            yield FunctionView(
                (indented([f"@{function.name}.setter"], depth),),
                _at(head, depth),
                indented(doc, depth + 1),
                indented(self._bodies.assign(function, function.setter, depth + 1), depth + 1),
            )

    def _overloads(self, function: Function, depth: int) -> Iterable[FunctionView]:
        self._use(["typing.overload"])
        is_method = depth > 0
        for index, form in enumerate(function.forms):
            head = definition(function.name, form, is_method=is_method, ending=" ...")
            yield FunctionView(
                (indented(["@overload"], depth),), _at(head, depth), "", "", index > 0
            )
        tree = dispatch.decide(function.forms, self._parents)
        leaves = list(dispatch.leaves(tree))
        names = {form.runtime: self._private_name(form, function) for form in leaves}
        results = " | ".join(dict.fromkeys(form.result.annotation for form in function.forms))
        first = ["self"] if is_method else []
        head = Group(
            f"def {function.name}(",
            (*first, "*args: object", "**named: object"),
            f") -> {results}:",
        )
        doc = docs.function_docstring(function, self._api, depth + 1)
        prefix = "self." if is_method else ""
        body = choice(tree, {path: f"{prefix}{name}" for path, name in names.items()})
        yield FunctionView(
            (), _at(head, depth), indented(doc, depth + 1), indented(body, depth + 1), touches=True
        )
        for form in leaves:
            doc = docs.form_docstring(form, depth + 1)
            yield self._definition(function, form, names[form.runtime], (), doc, depth)

    def _private_name(self, form: Form, function: Function) -> str:
        """Return the name of a form's body: that of the runtime's function, if it is still free."""
        name = f"_{form.runtime.rpartition('.')[2]}"
        if (function.owner, name) in self._private:
            name = f"_{function.name}{name}"
        self._private.add((function.owner, name))
        return name


def _at(head: Group, depth: int) -> str:
    text = laid_out(head, depth)
    return f"{'    ' * depth}{text}"
