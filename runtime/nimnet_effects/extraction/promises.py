"""What methods declare, and what comes of it if something else is called in their place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from mypy.expandtype import expand_type_by_instance
from mypy.maptype import map_instance_to_supertype
from mypy.nodes import (
    ARG_NAMED,
    ARG_NAMED_OPT,
    ARG_OPT,
    ARG_POS,
    CallExpr,
    Context,
    Decorator,
    FuncDef,
    NameExpr,
    OverloadedFuncDef,
    TypeInfo,
    Var,
)
from mypy.types import CallableType, Instance, Type, get_proper_type

from nimnet_effects.contracts import Contract, canonical
from nimnet_effects.extraction.frames import Frame, Parameter, site_of
from nimnet_effects.extraction.steps import Steps
from nimnet_effects.ir import Function, parameter_key
from nimnet_effects.resolution.actuals import NO_ACTUALS, Actuals
from nimnet_effects.resolution.members import is_property
from nimnet_effects.resolution.properties import ACCESSORS

if TYPE_CHECKING:
    from mypy.checker import TypeChecker
    from mypy.nodes import MypyFile

    from nimnet_effects.classes import Classes
    from nimnet_effects.request import World
    from nimnet_effects.resolution.targets import Targets

_HANDED_ON: Final = {ARG_OPT: ARG_POS, ARG_NAMED_OPT: ARG_NAMED}


class Promise(NamedTuple):
    """A method, or an access of a property, with a declaration.

    Attributes:
        name: for people: `Store.load`.
        member: its name alone.
        access: how it comes to be called: `call`, `get`, `set`, `del`.
        forms: its signatures, one for each overload.
        contracts: what it declares: one for each form, or one for all.
    """

    name: str
    member: str
    access: str
    forms: tuple[FuncDef, ...]
    contracts: tuple[Contract, ...]


class Promises(Steps):
    """Finds what classes declare, and calls what may be called instead."""

    def __init__(
        self, tree: MypyFile, checker: TypeChecker, world: World, classes: Classes
    ) -> None:
        """Know no declaration yet."""
        super().__init__(tree, checker, world, classes)
        self._world = world
        self._store_type = checker.store_type
        self._top = self._frame
        self._promises: dict[TypeInfo, tuple[Promise, ...]] = {}

    def _promises_of(self, info: TypeInfo) -> tuple[Promise, ...]:
        """What a protocol declares."""
        found = self._promises.get(info)
        if found is None:
            promises: list[Promise] = []
            for name in info.protocol_members:
                symbol = info.get(name)
                owner = None if symbol is None or symbol.node is None else owner_of(symbol.node)
                if owner is not None:
                    promises += self._promised_by(owner, name)
            found = self._promises[info] = tuple(promises)
        return found

    def _promised_by(self, base: TypeInfo, name: str) -> Iterator[Promise]:
        """What a class itself declares of one of its members."""
        symbol = base.names.get(name)
        node = None if symbol is None or symbol.plugin_generated else symbol.node
        if not isinstance(node, (FuncDef, OverloadedFuncDef, Decorator)):
            return
        fullname = f"{base.fullname}.{name}"
        short = f"{self._resolver.shown_class(base)}.{name}"
        items = node.items if isinstance(node, OverloadedFuncDef) else [node]
        forms = [each.func if isinstance(each, Decorator) else each for each in items]
        accessed = is_property(node)
        contracts = self._world.contract_of(fullname)
        if contracts:
            yield Promise(
                short,
                name,
                "get" if accessed else "call",
                tuple(forms[:1] if accessed else forms),
                contracts[:1] if accessed else contracts,
            )
        if accessed and len(forms) > 1:
            for access, suffix in ACCESSORS.items():
                contracts = self._world.contract_of(f"{fullname}.{suffix}")
                if contracts:
                    yield Promise(short, name, access, tuple(forms[1:2]), contracts)

    def _called_as(
        self,
        promise: Promise,
        of: Instance | None,
        targets: Targets,
        place: Context,
        partial: CallExpr | None = None,
    ) -> list[Function]:
        """Functions that call targets as those do who know what is declared alone."""
        found: list[Function] = []
        forms, contracts = promise.forms, promise.contracts
        each = [(contracts[0], forms)]
        if len(contracts) > 1:
            each = [
                (one, (form,))
                for one, form in zip(contracts, forms, strict=False)
                if not one.silent
            ]
        for contract, described in each:
            function = Function(f"{self._module}:<{promise.name}>", promise.name, site_of(place))
            function.declared = canonical(contract, self._classes.canonical)
            outer = self._frame
            self._frame = frame = Frame(function, "")
            for form in described:
                if promise.access == "call":
                    for actuals in self._as_declared(form, of):
                        given = actuals if partial is None else actuals.after(partial)
                        self._emit(targets, given, place)
                else:
                    self._emit(targets, NO_ACTUALS, place)
            self._frame = outer
            self._top.consulted |= frame.consulted
            found.append(function)
        return found

    def _as_declared(self, form: FuncDef, of: Instance | None) -> Iterator[Actuals]:
        """The arguments of a call that hands on what a method is given: all, and the least."""
        signature = get_proper_type(form.type)
        if isinstance(signature, CallableType) and of is not None and form.info in of.type.mro:
            supertype = map_instance_to_supertype(of, form.info)
            signature = get_proper_type(expand_type_by_instance(signature, supertype))
        types = signature.arg_types if isinstance(signature, CallableType) else []
        optional = any(kind in (ARG_OPT, ARG_NAMED_OPT) for kind in form.arg_kinds)
        for least in (False, True) if optional else (False,):
            actuals = Actuals([], [], [])
            for index, (kind, name) in enumerate(zip(form.arg_kinds, form.arg_names, strict=True)):
                if index == 0 and not form.is_static:
                    continue
                if least and kind in (ARG_OPT, ARG_NAMED_OPT):
                    continue
                typ = types[index] if index < len(types) else None
                parameter = self._parameter(name, index, typ)
                actuals.add(parameter, _HANDED_ON.get(kind, kind), name)
            yield actuals

    def _parameter(self, name: str | None, place: int, typ: Type | None) -> NameExpr:
        """A parameter that is handed on."""
        key = parameter_key(name, place)
        variable = Var(key, typ)
        expression = NameExpr(key)
        expression.node = variable
        if typ is not None:
            self._store_type(expression, typ)
        self._frame.parameters[variable] = Parameter(key, None)
        return expression


def owner_of(node: object) -> TypeInfo | None:
    """The class that a method is defined in."""
    if isinstance(node, (FuncDef, OverloadedFuncDef, Decorator)):
        return node.info or None
    return None
