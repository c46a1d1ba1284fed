"""Special methods, as the language calls them without a call being written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mypy.nodes import Decorator, FuncDef, OverloadedFuncDef, TypeInfo, Var
from mypy.types import CallableType, Instance, TypeVarType, get_proper_type

from nimnet_effects.resolution.properties import Properties
from nimnet_effects.resolution.targets import Lazy, Target, Targets

if TYPE_CHECKING:
    from nimnet_effects.request import World
    from nimnet_effects.resolution.functions import Definition


class Protocols(Properties):
    """Finds the targets of operators and iteration."""

    def __init__(self, module: str, world: World) -> None:
        """Know no special method yet."""
        super().__init__(module, world)
        self._specials: dict[tuple[TypeInfo, tuple[str, ...], bool], Target | None] = {}
        self._iterators: dict[tuple[TypeInfo, bool, bool], Targets] = {}

    def special(self, info: TypeInfo, names: tuple[str, ...], of_class: bool) -> Target | None:
        """The first of these methods that a class has, besides what `object` has for all.

        Args:
            info: the class.
            names: of the methods, in the order in which Python looks for them.
            of_class: whether the class itself is the value: then its metaclass has them.
        """
        key = (info, names, of_class)
        if key not in self._specials:
            self._specials[key] = self._special(info, names, of_class)
        return self._specials[key]

    def _special(self, info: TypeInfo, names: tuple[str, ...], of_class: bool) -> Target | None:
        if of_class:
            if info.metaclass_type is None:
                return None
            info = info.metaclass_type.type
        for name in names:
            symbol = info.get(name)
            node = None if symbol is None else symbol.node
            if isinstance(node, Var):
                node = self._behind(node)
            if not isinstance(node, (FuncDef, OverloadedFuncDef, Decorator)):
                continue
            if node.info and node.info.fullname == "builtins.object":
                continue
            target = self.function(node, True)
            if name == "__format__" and target.silent:
                continue  # it asks for the text
            return target
        return None

    def _behind(self, node: Var) -> Definition | None:
        """The method that a class has under one more name: `__radd__ = __add__`."""
        typ = get_proper_type(node.type)
        definition = typ.definition if isinstance(typ, CallableType) else None
        return definition if isinstance(definition, (FuncDef, Decorator)) else None

    def iteration(self, info: TypeInfo, awaited: bool, of_class: bool) -> Targets:
        """What iterating over a value of the class calls, or over itself."""
        key = (info, awaited, of_class)
        found = self._iterators.get(key)
        if found is None:
            found = self._iterators[key] = self._iteration(info, awaited, of_class)
        return found

    def _iteration(self, info: TypeInfo, awaited: bool, of_class: bool) -> Targets:
        start, step = ("__aiter__", "__anext__") if awaited else ("__iter__", "__next__")
        if of_class:
            if info.metaclass_type is None:
                return ()
            info = info.metaclass_type.type
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
