"""Exception classes by their full names, as mypy knows them."""

from __future__ import annotations

from collections.abc import Mapping

from mypy.nodes import MypyFile, TypeAlias, TypeInfo, Var
from mypy.types import (
    AnyType,
    FunctionLike,
    Instance,
    NoneType,
    TupleType,
    Type,
    TypeType,
    TypeVarType,
    UninhabitedType,
    UnionType,
    get_proper_type,
)

from nimnet_effects.inference.hierarchy import BASE, BASE_GROUP, EXCEPTION, GROUP, group_of

_UNKNOWN_BASES = (EXCEPTION, BASE, "builtins.object")


class Classes:
    """The classes that exceptions are of.

    Args:
        modules: all that mypy has loaded, by name.
    """

    def __init__(self, modules: Mapping[str, MypyFile]) -> None:
        """Know no class yet."""
        self._modules = modules
        self._mros: dict[str, tuple[str, ...]] = {}
        self._canonical: dict[str, str] = {}

    def mro(self, fullname: str) -> tuple[str, ...]:
        """The class and its bases; of a class that mypy does not know, what any exception has."""
        found = self._mros.get(fullname)
        if found is None:
            info = self.find(fullname)
            if info is not None and info.mro:
                return self.add(info)
            found = self._mros[fullname] = (fullname, *_UNKNOWN_BASES)
        return found

    def add(self, info: TypeInfo) -> tuple[str, ...]:
        """Remember a class, which need not be in any module's namespace, and return its MRO."""
        name = info.fullname
        found = self._mros.get(name)
        if found is None:
            found = self._mros[name] = tuple([each.fullname for each in info.mro])
        return found

    def canonical(self, fullname: str) -> str:
        """The name of the class itself, whatever alias or import it is known by."""
        found = self._canonical.get(fullname)
        if found is None:
            info = self.find(fullname)
            found = self._canonical[fullname] = fullname if info is None else info.fullname
        return found

    def find(self, fullname: str) -> TypeInfo | None:
        """The class of a name, or None if mypy has loaded none of this name."""
        parts = fullname.split(".")
        for count in range(len(parts) - 1, 0, -1):
            tree = self._modules.get(".".join(parts[:count]))
            if tree is None:
                continue
            names = tree.names
            for position, part in enumerate(parts[count:], count + 1):
                symbol = names.get(part)
                info = None if symbol is None else _class_of(symbol.node)
                if info is None:
                    return None
                if position == len(parts):
                    return info
                names = info.names
        return None

    def of_library(self, fullname: str) -> bool:
        """Whether a class is known from stubs alone, as those of the standard library are."""
        info = self.find(fullname)
        tree = None if info is None else self._modules.get(info.module_name)
        return tree is None or tree.is_stub

    def raised(self, typ: Type | None) -> tuple[tuple[str, ...], bool]:
        """What an expression of the type raises, and whether that is all."""
        proper = get_proper_type(typ)
        if isinstance(proper, Instance):
            return (self._instance(proper),), True
        if isinstance(proper, FunctionLike) and proper.is_type_obj():
            info = proper.type_object()
            self.add(info)
            return (info.fullname,), True
        if isinstance(proper, TypeType):
            return self.raised(proper.item)
        if isinstance(proper, TypeVarType):
            if proper.values:
                return self._each(proper.values)
            return self.raised(proper.upper_bound)
        if isinstance(proper, UnionType):
            return self._each(proper.items)
        return (), isinstance(proper, (NoneType, UninhabitedType))

    def _each(self, types: list[Type]) -> tuple[tuple[str, ...], bool]:
        found: dict[str, None] = {}
        known = True
        for item in types:
            classes, all_known = self.raised(item)
            found.update(dict.fromkeys(classes))
            known = known and all_known
        return tuple(found), known

    def _instance(self, typ: Instance) -> str:
        info = typ.type
        self.add(info)
        if info.fullname in (GROUP, BASE_GROUP) and typ.args:
            inside, known = self.raised(typ.args[0])
            if known and inside:
                return group_of(inside, self.mro_of_any)
        return info.fullname

    def mro_of_any(self, exception: str) -> tuple[str, ...]:
        """The same, also of a group with what is in it."""
        return self.mro(exception.partition("[")[0])

    def caught(self, typ: Type | None) -> tuple[tuple[str, ...] | None, bool]:
        """What `except` with an expression of the type catches, and whether it surely does.

        None stands for everything: of a class that mypy knows nothing about nobody can say what it
        leaves.
        """
        proper = get_proper_type(typ)
        if isinstance(proper, FunctionLike) and proper.is_type_obj():
            info = proper.type_object()
            self.add(info)
            return (info.fullname,), True
        if isinstance(proper, (TupleType, UnionType)):
            items = proper.items
        elif isinstance(proper, TypeType):
            return self.raised(proper)[0], False
        elif isinstance(proper, Instance) and proper.type.fullname == "builtins.tuple":
            return self.caught(proper.args[0])[0], False
        elif isinstance(proper, AnyType):
            return None, True
        else:
            return (), True
        found: dict[str, None] = {}
        exact = isinstance(proper, TupleType)
        for item in items:
            classes, sure = self.caught(item)
            if classes is None:
                return None, True
            found.update(dict.fromkeys(classes))
            exact = exact and sure
        return tuple(found), exact


def _class_of(node: object) -> TypeInfo | None:
    if isinstance(node, TypeInfo):
        return node
    typ: Type | None = None
    if isinstance(node, TypeAlias):
        typ = get_proper_type(node.target)
    elif isinstance(node, Var):
        typ = get_proper_type(node.type)
    if isinstance(typ, Instance) and isinstance(node, TypeAlias):
        return typ.type
    if isinstance(typ, FunctionLike) and typ.is_type_obj():
        return typ.type_object()
    if isinstance(typ, TypeType) and isinstance(typ.item, Instance):
        return typ.item.type
    return None
