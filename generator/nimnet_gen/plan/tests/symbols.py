"""The views of the tests that compare each symbol with the specification, by introspection."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from nimnet_gen.naming.names import snake_case
from nimnet_gen.plan.api import (
    Alias,
    Api,
    ApiModule,
    Constant,
    Distinct,
    Enum,
    ExceptionType,
    Form,
    Function,
    HandleClass,
    Member,
    Record,
    TypeSymbol,
    ValueClass,
)
from nimnet_gen.plan.imports import Imports, exports
from nimnet_gen.plan.layout import Group, Item, call, keyword, laid_out, listing, quoted
from nimnet_gen.runtime.index import PLATFORM

HARNESS = "nimnet_gen.testing.symbols"
_DEPTH = 1


@dataclass(frozen=True)
class SymbolTest:
    """One test function: its name, and the one call it makes."""

    name: str
    check: str


@dataclass(frozen=True)
class SymbolTestsView:
    """The tests of one module, or of the package."""

    module: str
    imports: str
    tests: tuple[SymbolTest, ...]


def symbol_tests_view(api: Api, module: ApiModule) -> SymbolTestsView:
    """Return the tests of one module's symbols."""
    planner = _Planner(api)
    tests = tuple(planner.tests(module))
    return SymbolTestsView(f"{api.name}.{module.name}", planner.imports.text(), tests)


def package_tests_view(api: Api) -> SymbolTestsView:
    """Return the tests of the package as a whole."""
    imports = Imports()
    imports.module(api.name)
    imports.name(HARNESS, "check_package")
    modules = listing(quoted(module.name) for module in api.modules)
    names = listing(quoted(name) for name in exports(api.homes))
    given = [api.name, keyword("modules", modules), keyword("exports", names)]
    if reexports := api.spec.package.reexports:
        others = listing(
            Group("(", (quoted(one.name), quoted(one.from_)), ")")
            for one in sorted(reexports, key=lambda one: one.name)
        )
        given.append(keyword("reexports", others))
    check = call("check_package", given)
    return SymbolTestsView(api.name, imports.text(), (_test("package", check),))


def _test(name: str, check: Item) -> SymbolTest:
    return SymbolTest(f"test_{name}", "    " + laid_out(check, _DEPTH))


class _Planner:
    """Plans the tests of one module; what they name becomes the imports."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self.imports = Imports()

    def tests(self, module: ApiModule) -> Iterator[SymbolTest]:
        for symbol in module.types:
            yield _test(f"{snake_case(symbol.name)}_type", self._type(symbol))
        for constant in module.constants:
            yield _test(constant.name.lower(), self._constant(constant))
        for function in module.callables:
            owner = f"{snake_case(function.owner)}_" if function.owner else ""
            if function.kind == "constructor":
                owner = "new_"
            yield _test(owner + snake_case(function.name).strip("_"), self._function(function))

    def _check(self, name: str, items: Iterable[Item]) -> Group:
        self.imports.name(HARNESS, name)
        return call(name, items)

    def _use(self, *names: str) -> str:
        for name in names:
            self.imports.name(self._api.name, name)
        return names[0]

    def _type(self, symbol: TypeSymbol) -> Item:
        name = self._use(symbol.name)
        match symbol:
            case Enum():
                self.imports.name("enum", "Flag" if symbol.is_flag else "IntEnum")
                base = "Flag" if symbol.is_flag else "IntEnum"
                members = listing(
                    Group("(", (quoted(member.name), self._value(member)), ")")
                    for member in symbol.members
                )
                exported = keyword("exported", str(symbol.exports_members))
                return self._check("check_enum", [name, base, members, exported])
            case Distinct() if symbol.base != "int":
                return self._check("check_distinct_string", [name, symbol.base])
            case Distinct():
                low, high = symbol.range or (None, None)
                return self._check(
                    "check_distinct", [name, keyword("low", str(low)), keyword("high", str(high))]
                )
            case ExceptionType():
                bases = [quoted(base) for base in symbol.bases]
                module = keyword("module", quoted(self._api.name))
                return self._check("check_exception", [name, listing(bases), module])
            case ValueClass():
                branches = listing(
                    Group("(", (branch.tag, quoted(branch.field), str(branch.length)), ")")
                    for branch in symbol.branches
                )
                self._use(symbol.tag_type)
                public = [symbol.discriminator, *(branch.field for branch in symbol.branches)]
                public += [m.name for m in symbol.methods if not m.is_special]
                parts: list[Item] = [
                    name,
                    quoted(symbol.discriminator),
                    branches,
                    keyword("public", listing(map(quoted, sorted(public)))),
                ]
                if not symbol.is_by_content:
                    parts.append("by_content=False")
                return self._check("check_value_class", parts)
            case Record():
                return self._record(symbol)
            case HandleClass():
                names = sorted(m.name for m in symbol.methods if not m.is_special)
                public_names = keyword("public", listing(map(quoted, names)))
                check = "check_class" if symbol.constructor else "check_handle_class"
                return self._check(check, [name, public_names])
            case Alias():  # pragma: no branch - the last case
                return self._check("check_alias", [name, quoted(symbol.type.annotation)])

    def _record(self, symbol: Record) -> Item:
        fields: list[Item] = []
        for field in symbol.fields:
            parts: list[Item] = [quoted(field.name), quoted(field.type.annotation)]
            if field.default is not None:
                for name in field.default.symbols:
                    self._use(name)
                parts.append(keyword("default", field.default.text))
            if field.keyword_only:
                parts.append("keyword=True")
            fields.append(self._check("param", parts))
        public = [field.name for field in symbol.fields]
        public += [method.name for method in symbol.methods if not method.is_special]
        return self._check(
            "check_record",
            [
                self._use(symbol.name),
                listing(fields),
                keyword("is_tuple", str(symbol.is_tuple)),
                keyword("public", listing(map(quoted, sorted(public)))),
            ],
        )

    def _value(self, member: Member) -> Item:
        if member.entry.platform is None:
            return member.value.text
        return self._platform(member.entry.platform)

    def _platform(self, name: str) -> str:
        """Return a constant of the system, as the runtime has it."""
        room = f"{self._api.spec.package.runtime}.{PLATFORM}"
        self.imports.module(room)
        return f"{room}.{name}"

    def _constant(self, constant: Constant) -> Item:
        value: Item = constant.value.text
        if constant.entry.platform is not None:
            value = self._platform(constant.entry.platform)
        return self._check("check_constant", [self._use(constant.name), value])

    def _function(self, function: Function) -> Item:
        where = self._use(function.owner) if function.owner else ""
        if function.kind == "property":
            form = function.forms[0]
            return self._check(
                "check_property",
                [
                    where,
                    quoted(function.name),
                    quoted(form.result.annotation),
                    keyword("raises", listing(map(quoted, form.raises))),
                    keyword("settable", str(function.setter is not None)),
                ],
            )
        target = f"{where}.{function.name}" if where else self._use(function.name)
        if function.kind == "constructor":
            target = f"{target}.__init__"
        forms = [
            self._form(form, function, by_place=by_place)
            for form in function.forms
            for by_place in ((True, False) if form.by_place else (False,))
        ]
        return self._check("check_function", [target, *forms])

    def _form(self, form: Form, function: Function, *, by_place: bool) -> Item:
        special = function.special
        params: list[Item] = []
        for index, param in enumerate(form.params):
            is_placed = by_place and index < form.by_place
            takes_object = special is not None and special.takes_object
            annotation = "object" if takes_object else param.type.annotation
            parts: list[Item] = [quoted(param.name), quoted(annotation)]
            if param.default is not None and not is_placed:
                for symbol in param.default.symbols:
                    self._use(symbol)
                parts.append(keyword("default", param.default.text))
            if param.keyword_only and not is_placed:
                parts.append("keyword=True")
            if param.variadic:
                parts.append("variadic=True")
            params.append(self._check("param", parts))
        for text in special.implied if special is not None else ():
            name, _, annotation = text.partition(": ")
            params.append(self._check("param", [quoted(name), quoted(annotation)]))
        returns = (special.result if special is not None else "") or form.result.annotation
        if function.kind == "constructor":
            returns = "None"
        return self._check(
            "form",
            [
                listing(params),
                keyword("returns", quoted(returns)),
                keyword("raises", listing(map(quoted, form.raises))),
            ],
        )
