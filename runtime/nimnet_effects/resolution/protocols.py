"""Special methods, as operators and iteration call them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mypy.nodes import Decorator, FuncDef, TypeInfo
from mypy.types import CallableType, Instance, TypeVarType, get_proper_type

from nimnet_effects.resolution.properties import Properties
from nimnet_effects.resolution.targets import Lazy, Targets

if TYPE_CHECKING:
    from nimnet_effects.request import World


class Protocols(Properties):
    """Finds the targets of operators and iteration."""

    def __init__(self, module: str, world: World) -> None:
        """Know no special method yet."""
        super().__init__(module, world)
        self._operators: dict[tuple[TypeInfo, str], Targets] = {}
        self._iterators: dict[tuple[TypeInfo, bool], Targets] = {}

    def operator(self, info: TypeInfo, name: str) -> Targets:
        """What an operator calls on a value of the class; nothing if that is nothing to know."""
        key = (info, name)
        found = self._operators.get(key)
        if found is None:
            found = self._operators[key] = self._own(info, name)
        return found

    def iteration(self, info: TypeInfo, awaited: bool) -> Targets:
        """What iterating over a value of the class calls: `__iter__`, `__next__`."""
        key = (info, awaited)
        found = self._iterators.get(key)
        if found is None:
            found = self._iterators[key] = self._iteration(info, awaited)
        return found

    def _iteration(self, info: TypeInfo, awaited: bool) -> Targets:
        start, step = ("__aiter__", "__anext__") if awaited else ("__iter__", "__next__")
        symbol = info.get(start)
        if symbol is None:
            return () if awaited else self._own(info, "__getitem__")
        node = symbol.node
        if not isinstance(node, (FuncDef, Decorator)):
            return ()
        begun = self.function(node, True)
        if begun.silent and info.module_name in ("builtins", "typing", "collections"):
            return ()
        found = () if begun.silent else (begun,)
        typ = get_proper_type((node.func if isinstance(node, Decorator) else node).type)
        made = get_proper_type(typ.ret_type) if isinstance(typ, CallableType) else None
        if isinstance(made, TypeVarType):
            return (*found, *self._own(info, step))
        if isinstance(made, Instance) and begun.lazy is not Lazy.ITERATED:
            return (*found, *self._own(made.type, step))
        return found
