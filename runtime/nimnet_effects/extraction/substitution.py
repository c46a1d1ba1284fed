"""Objects and functions that are taken for protocols which declare what is raised.

What a module hands over is noted while it is walked over, and looked at when all of it is known.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from mypy.argmap import map_actuals_to_formals
from mypy.expandtype import expand_type_by_instance
from mypy.maptype import map_instance_to_supertype
from mypy.nodes import (
    ARG_NAMED,
    ARG_NAMED_OPT,
    ARG_OPT,
    ARG_POS,
    ARG_STAR,
    ARG_STAR2,
    AssignmentExpr,
    CallExpr,
    ConditionalExpr,
    Decorator,
    DictExpr,
    Expression,
    FuncDef,
    ListComprehension,
    ListExpr,
    MypyFile,
    OverloadedFuncDef,
    RefExpr,
    ReturnStmt,
    SetComprehension,
    SetExpr,
    StrExpr,
    SymbolNode,
    TupleExpr,
    TypeInfo,
)
from mypy.operators import op_methods
from mypy.subtypes import is_subtype
from mypy.typeops import bind_self
from mypy.types import (
    AnyType,
    CallableType,
    FunctionLike,
    Instance,
    LiteralType,
    NoneType,
    Overloaded,
    ProperType,
    TupleType,
    Type,
    TypedDictType,
    TypeOfAny,
    TypeType,
    TypeVarType,
    UninhabitedType,
    UnionType,
    get_proper_type,
    has_type_vars,
)

from nimnet_effects.extraction.frames import Frame, site_of
from nimnet_effects.extraction.promises import Promise, Promises, owner_of
from nimnet_effects.ir import How, Substitute
from nimnet_effects.resolution.actuals import Actuals
from nimnet_effects.resolution.owners import owners_of

if TYPE_CHECKING:
    from mypy.checker import TypeChecker

    from nimnet_effects.classes import Classes
    from nimnet_effects.ir import Site
    from nimnet_effects.request import World
    from nimnet_effects.resolution.targets import Targets

_DEEPEST: Final = 4
"""How many types within types are looked at: of what is in a list, in a dictionary of lists."""
_HOLLOW: Final = frozenset((AnyType, LiteralType, NoneType, UninhabitedType))
"""Types that have no other in them."""
_HANDED_ON: Final = {ARG_OPT: ARG_POS, ARG_NAMED_OPT: ARG_NAMED}


class _Handed(NamedTuple):
    """An expression whose value is taken for something of another type."""

    frame: Frame
    expression: Expression
    expected: Type
    actual: Type | None


class Substitution(Promises):
    """Notes what is handed over, and what that is taken for."""

    def __init__(
        self, tree: MypyFile, checker: TypeChecker, world: World, classes: Classes
    ) -> None:
        """Know no protocol yet."""
        super().__init__(tree, checker, world, classes)
        self._handed: list[_Handed] = []
        self._expecting_nothing: set[SymbolNode | None] = set()
        # Of the functions that do, those of which it depends on the call, and their type variables.
        self._generic: set[SymbolNode] = set()
        self._bounds: dict[SymbolNode, list[Type | None]] = {}
        self._seen: set[tuple[Site, str, str]] = set()

    # What is expected

    def _expect(
        self, expression: Expression, expected: Type | None, actual: Type | None = None
    ) -> None:
        """The value of an expression is taken for something of a type.

        Args:
            actual: the type of what is taken, if that is only a part of the value.
        """
        if expected is not None and self._promising(expected):
            self._handed.append(_Handed(self._frame, expression, expected, actual))

    def _expect_arguments(self, callee: Type | None, actuals: Actuals) -> None:
        """The arguments of a call are taken for what the parameters are."""
        proper = get_proper_type(callee)
        if isinstance(proper, CallableType):
            definition = proper.definition
            if definition in self._expecting_nothing or self._is_hollow(definition):
                self._expecting_nothing.add(definition)
                return
            expected = self._bounded(proper)
            if self._has_promising(expected):
                self._expect_each(proper, expected, actuals)
            elif isinstance(definition, FuncDef) and definition not in self._generic:
                known = self._generic if _has_variables(definition) else self._expecting_nothing
                known.add(definition)
        elif isinstance(proper, (Overloaded, UnionType)):
            for item in proper.items:
                self._expect_arguments(item, actuals)
        elif isinstance(proper, Instance):
            self._expect_arguments(method_of(proper, "__call__"), actuals)
        elif isinstance(proper, TypedDictType):
            for argument, name in zip(actuals.arguments, actuals.names, strict=True):
                if name is not None:
                    self._expect(argument, proper.items.get(name))

    def _is_hollow(self, definition: SymbolNode | None) -> bool:
        """Whether a function without source, whatever it is given, expects nothing that declares.

        Which protocols its parameters name, is found out once for all modules.
        """
        if not isinstance(definition, FuncDef) or definition in self._generic:
            return False
        known = self._resolver.stubs.protocols
        protocols = known.get(definition)
        if protocols is None:
            if "." not in definition.fullname or not self._resolver.is_of_stub(definition):
                return False
            typ = get_proper_type(definition.type)
            if not isinstance(typ, CallableType) or _has_variables(definition):
                self._generic.add(definition)
                return False
            protocols = known[definition] = tuple(dict.fromkeys(_protocols_in(typ.arg_types)))
        return not any(map(self._promises_of, protocols))

    def _bounded(self, callee: CallableType) -> list[Type]:
        """The types of parameters, with type variables that have bounds as they were declared."""
        types = callee.arg_types
        definition = callee.definition
        declared = definition.type if isinstance(definition, FuncDef) else None
        if definition is None or (isinstance(declared, CallableType) and not declared.variables):
            return types
        bounds = self._bounds.get(definition)
        if bounds is None:
            bounds = self._bounds[definition] = self._bounds_of(definition)
        if bounds:
            before = len(bounds) - len(types)
            types = list(types)
            for index, bound in enumerate(bounds[before:] if before >= 0 else ()):
                if bound is not None:
                    types[index] = bound
        return types

    def _bounds_of(self, definition: SymbolNode) -> list[Type | None]:
        """For each parameter of a function, its type variable if it has one that matters."""
        generic = None
        if isinstance(definition, (FuncDef, Decorator)):
            generic = get_proper_type(definition.type)
        if not isinstance(generic, CallableType) or not generic.variables:
            return []
        proper = [get_proper_type(typ) for typ in generic.arg_types]
        bounds: list[Type | None] = [
            typ if isinstance(typ, TypeVarType) and self._promising(typ) else None for typ in proper
        ]
        return bounds if any(bounds) else []

    def _expect_each(self, callee: CallableType, types: Sequence[Type], actuals: Actuals) -> None:
        arguments, kinds = actuals.arguments, actuals.kinds
        unknown = AnyType(TypeOfAny.special_form)
        given = map_actuals_to_formals(
            kinds,
            actuals.names,
            callee.arg_kinds,
            callee.arg_names,
            lambda index: self._type_of(arguments[index]) or unknown,
        )
        for expected, indices in zip(types, given, strict=True):
            for index in indices:
                argument = arguments[index]
                if kinds[index] in (ARG_STAR, ARG_STAR2):
                    self._expect(argument, expected, _inside(self._type_of(argument)))
                else:
                    self._expect(argument, expected)

    def _expect_item(self, container: Expression, index: Expression, value: Expression) -> None:
        """A value is put into a container by its index."""
        proper = get_proper_type(self._type_of(container))
        if isinstance(proper, TypedDictType) and isinstance(index, StrExpr):
            self._expect(value, proper.items.get(index.value))
        if isinstance(proper, Instance) and proper.args:
            method = get_proper_type(method_of(proper, "__setitem__"))
            for item in method.items if isinstance(method, FunctionLike) else ():
                if item.arg_types:
                    self._expect(value, item.arg_types[-1])

    def _expect_added(self, op: str, container: Expression, value: Expression) -> None:
        """A container gets what is in another one by `+=` or `|=`."""
        proper = get_proper_type(self._type_of(container))
        if isinstance(proper, Instance) and proper.args and self._promising(proper):
            method = method_of(proper, op_methods[op].replace("__", "__i", 1))
            self._expect_arguments(method, Actuals([value], [ARG_POS], [None]))

    def _return_stmt(self, o: ReturnStmt) -> None:
        super()._return_stmt(o)
        if o.expr is not None:
            self._expect(o.expr, self._frame.returns)

    def _promising(self, typ: Type, depth: int = 0) -> bool:
        """Whether there is a protocol with a declaration in a type."""
        if type(typ) in _HOLLOW or depth > _DEEPEST:
            return False
        proper = typ if type(typ) is Instance else get_proper_type(typ)
        if isinstance(proper, Instance):
            if proper.type.is_protocol and self._promises_of(proper.type):
                return True
            if not proper.args:
                return False  # which most have
        return self._has_promising(_parts_of(proper), depth + 1)

    def _has_promising(self, types: Sequence[Type], depth: int = 0) -> bool:
        """Whether there is one in some of several types."""
        for typ in types:  # noqa: SIM110  # each call of a generic function asks
            if self._promising(typ, depth):
                return True
        return False

    # What is handed over

    def substitutes(self) -> Iterator[Substitute]:
        """What is taken for something that declares, when the whole module has been walked over."""
        for handed in self._handed:
            outer, self._frame = self._frame, handed.frame
            found = list(self._compared(handed.expression, handed.actual, handed.expected, 0))
            self._frame = outer
            yield from found

    def _compared(
        self, expression: Expression, actual: Type | None, expected: Type, depth: int
    ) -> Iterator[Substitute]:
        """What of an expression, or of a part of it that has a type, is taken for a protocol."""
        wanted = get_proper_type(expected)
        if depth > _DEEPEST or not self._promising(wanted):
            return
        if isinstance(wanted, UnionType):
            for item in wanted.items:
                yield from self._compared(expression, actual, item, depth + 1)
            return
        if isinstance(wanted, TypeVarType):
            for item in wanted.values or [wanted.upper_bound]:
                yield from self._compared(expression, actual, item, depth + 1)
            return
        parts = None if actual is not None else self._parts(expression, wanted)
        if parts is not None:
            for part, of_part in parts:
                yield from self._compared(part, None, of_part, depth + 1)
            return
        given = get_proper_type(actual or self._type_of(expression))
        if given is None:
            return
        if isinstance(given, UnionType):
            for item in given.items:
                yield from self._compared(expression, item, wanted, depth + 1)
            return
        if not is_subtype(given, wanted):
            # mypy has said so, or it is another item of the union that it is taken for.
            return
        if isinstance(wanted, Instance):
            for promise in self._promises_of(wanted.type) if wanted.type.is_protocol else ():
                whole = actual is None or depth == 0
                yield from self._taken(
                    expression if whole else None, expression, promise, given, wanted
                )
        for of_given, of_wanted in _inner(given, wanted):
            yield from self._compared(expression, of_given, of_wanted, depth + 1)

    def _parts(
        self, expression: Expression, expected: Type
    ) -> list[tuple[Expression, Type]] | None:
        """The expressions whose values are in that of another, each with what it is taken for."""
        proper = get_proper_type(expected)
        if isinstance(expression, ConditionalExpr):
            return [(expression.if_expr, expected), (expression.else_expr, expected)]
        if isinstance(expression, AssignmentExpr):
            return [(expression.value, expected)]
        if isinstance(expression, TupleExpr) and isinstance(proper, TupleType):
            if len(expression.items) == len(proper.items):
                return list(zip(expression.items, proper.items, strict=True))
            return None
        if isinstance(expression, DictExpr) and isinstance(proper, TypedDictType):
            return [
                (value, proper.items[key.value])
                for key, value in expression.items
                if isinstance(key, StrExpr) and key.value in proper.items
            ]
        if not isinstance(proper, Instance) or not proper.args:
            return None
        item = proper.args[-1]
        if isinstance(expression, (ListExpr, SetExpr, TupleExpr)):
            return [(each, item) for each in expression.items]
        if isinstance(expression, (ListComprehension, SetComprehension)):
            return [(expression.generator.left_expr, item)]
        if isinstance(expression, DictExpr):
            return [(value, item) for _, value in expression.items]
        return None

    def _taken(
        self,
        expression: Expression | None,
        place: Expression,
        promise: Promise,
        actual: ProperType,
        expected: Instance,
    ) -> Iterator[Substitute]:
        """What is called of a value where a protocol declares."""
        for owner, targets, partial in self._standing(expression, promise, actual, expected.type):
            name = f"{owner}.{promise.member}"
            if len(targets) == 1:
                name = targets[0].name
            elif promise.member == "__call__" and isinstance(actual, FunctionLike):
                name = actual.type_object().name if actual.is_type_obj() else promise.member
            found = Substitute(
                name,
                self._called_as(promise, expected, targets, place, partial),
                promise.name,
                How.TAKEN,
                owner,
                self._resolver.shown_class(expected.type),
            )
            seen = (site_of(place), name, promise.name)
            if seen not in self._seen:
                self._seen.add(seen)
                yield found

    def _standing(
        self,
        expression: Expression | None,
        promise: Promise,
        actual: Type,
        protocol: TypeInfo,
    ) -> Iterator[tuple[str, Targets, CallExpr | None]]:
        """What a call of the protocol's member calls, with whose it is, and a partial around it."""
        proper = get_proper_type(actual)
        if isinstance(expression, RefExpr) and isinstance(expression.node, MypyFile):
            yield (
                expression.node.name,
                self._resolver.of_module(expression.node, promise.member),
                None,
            )
            return
        if promise.member == "__call__" and expression is not None:
            partials = self._resolver.partials(expression)
            for partial in partials:
                yield "", self._resolver.callee(partial.args[0]), partial
            if partials:
                return
            # `functools.cache`, for one, makes a function something else.
            named = expression.node if isinstance(expression, RefExpr) else None
            if isinstance(proper, FunctionLike) or isinstance(named, Decorator):
                yield "", self._resolver.callee(expression), None
                return
        for info, of_class in owners_of(proper)[0]:
            if protocol in info.mro and not of_class:
                continue  # it is looked at where the class is defined
            name = self._resolver.shown_class(info)
            if of_class and promise.member == "__call__":
                yield name, self._resolver.constructor(info), None
            elif promise.access == "call":
                yield name, self._resolver.member(info, promise.member, of_class), None
            elif not of_class:
                yield (
                    name,
                    self._resolver.property(info, promise.member, promise.access, False),
                    None,
                )


def _parts_of(proper: ProperType) -> Sequence[Type]:
    """The types within a type that a value of it may have something of."""
    if isinstance(proper, Instance):
        return proper.args
    if isinstance(proper, (UnionType, TupleType)):
        return proper.items
    if isinstance(proper, TypedDictType):
        return list(proper.items.values())
    if isinstance(proper, TypeVarType):
        return [proper.upper_bound, *proper.values]
    if isinstance(proper, CallableType):
        return [proper.ret_type]
    return [proper.item] if isinstance(proper, TypeType) else ()


def _protocols_in(types: Sequence[Type], depth: int = 0) -> Iterator[TypeInfo]:
    """The protocols in types, as deep as is looked for what they declare."""
    if depth > _DEEPEST:
        return
    for typ in types:
        proper = get_proper_type(typ)
        if isinstance(proper, Instance) and proper.type.is_protocol:
            yield proper.type
        yield from _protocols_in(_parts_of(proper), depth + 1)


def _has_variables(function: FuncDef) -> bool:
    """Whether the types of the parameters depend on the call."""
    typ = get_proper_type(function.type)
    return not isinstance(typ, CallableType) or any(map(has_type_vars, typ.arg_types))


def method_of(of: Instance, name: str) -> Type | None:
    """The type of a method of a value, without `self`."""
    symbol = of.type.get(name)
    node = None if symbol is None else symbol.node
    typ = (
        get_proper_type(node.type)
        if isinstance(node, (FuncDef, OverloadedFuncDef, Decorator))
        else None
    )
    if node is None or not isinstance(typ, FunctionLike):
        return None
    owner = owner_of(node)
    if owner is None or owner not in of.type.mro:
        return None
    expanded = get_proper_type(expand_type_by_instance(typ, map_instance_to_supertype(of, owner)))
    return bind_self(expanded, of) if isinstance(expanded, FunctionLike) else None


def _inside(typ: Type | None) -> Type | None:
    """The type of what `*` or `**` gives."""
    proper = get_proper_type(typ)
    if isinstance(proper, TupleType):
        return UnionType.make_union(proper.items)
    if isinstance(proper, Instance) and proper.args:
        return proper.args[-1]
    return None


def _inner(actual: Type, expected: Type) -> Iterator[tuple[Type, Type]]:
    """The types within two types, where what is of the one is taken for what is of the other."""
    given, wanted = get_proper_type(actual), get_proper_type(expected)
    if isinstance(wanted, Instance):
        if isinstance(given, TupleType):
            if wanted.args:
                yield from ((item, wanted.args[-1]) for item in given.items)
        elif isinstance(given, Instance) and wanted.type in given.type.mro:
            mapped = map_instance_to_supertype(given, wanted.type)
            yield from zip(mapped.args, wanted.args, strict=False)
    elif isinstance(wanted, TupleType) and isinstance(given, TupleType):
        yield from zip(given.items, wanted.items, strict=False)
    elif isinstance(wanted, CallableType) and isinstance(given, CallableType):
        yield given.ret_type, wanted.ret_type
    elif isinstance(wanted, TypeType):
        if isinstance(given, CallableType) and given.is_type_obj():
            yield given.ret_type, wanted.item
        elif isinstance(given, TypeType):
            yield given.item, wanted.item
