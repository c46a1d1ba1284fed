"""Members of classes, their constructors, and values that are called, as targets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mypy.nodes import Decorator, FuncDef, OverloadedFuncDef, TypeInfo, Var
from mypy.types import (
    CallableType,
    FunctionLike,
    Instance,
    NoneType,
    TupleType,
    Type,
    TypeType,
    TypeVarType,
    UnionType,
    get_proper_type,
)

from nimnet_effects.ir import Ignorance
from nimnet_effects.resolution.functions import Definition, Functions
from nimnet_effects.resolution.ignorance import COMPUTING
from nimnet_effects.resolution.owners import owners_of
from nimnet_effects.resolution.targets import UNSEEN, Target, Targets

if TYPE_CHECKING:
    from nimnet_effects.request import World

DEEPEST_ALIAS: Final = 8
"""How often a name for another one is looked behind."""


class Members(Functions):
    """Finds the targets of members, classes and values."""

    def __init__(self, module: str, world: World) -> None:
        """Know no class yet."""
        super().__init__(module, world)
        self._members: dict[tuple[TypeInfo, str, bool], Targets] = {}
        self._constructors: dict[TypeInfo, Targets] = {}

    def member(self, info: TypeInfo, name: str, of_class: bool) -> Targets:
        """What a call of a member calls."""
        key = (info, name, of_class)
        found = self._members.get(key)
        if found is None:
            found = self._members[key] = self._member(info, name, of_class)
        return found

    def _member(self, info: TypeInfo, name: str, of_class: bool) -> Targets:
        symbol = info.get(name)
        if symbol is None:
            if of_class and info.metaclass_type is not None:
                symbol = info.metaclass_type.type.get(name)
                if symbol is not None and isinstance(symbol.node, (FuncDef, OverloadedFuncDef)):
                    return (self.function(symbol.node, True),)
            return (UNSEEN,)
        node = symbol.node
        if isinstance(node, (FuncDef, OverloadedFuncDef, Decorator)):
            if is_property(node):
                return self.called(property_type(node), 1)
            first = node
            if isinstance(first, OverloadedFuncDef):
                first = first.items[0]
            if isinstance(first, Decorator):
                first = first.func
            return (self.function(node, not of_class or first.is_class),)
        if isinstance(node, TypeInfo):
            return self.constructor(node)
        if isinstance(node, Var):
            return self.called(node.type, 1)
        return (UNSEEN,)

    def called(self, typ: Type | None, depth: int) -> Targets:
        """What a call of a value of the type calls."""
        if depth > DEEPEST_ALIAS:
            return (UNSEEN,)
        proper = get_proper_type(typ)
        if isinstance(proper, FunctionLike) and proper.is_type_obj():
            return self.constructor(proper.type_object())
        if isinstance(proper, (Instance, TupleType)):
            info = proper.type if isinstance(proper, Instance) else proper.partial_fallback.type
            return self.member(info, "__call__", False)
        if isinstance(proper, TypeType):
            owners, complete = owners_of(proper.item)
            made = [target for info, _ in owners for target in self.constructor(info)]
            return tuple(made) if complete and owners else (*made, UNSEEN)
        if isinstance(proper, UnionType):
            found: dict[int, Target] = {}
            for item in proper.items:
                if not isinstance(get_proper_type(item), NoneType):
                    found.update((id(t), t) for t in self.called(item, depth + 1))
            return tuple(found.values())
        if isinstance(proper, TypeVarType):
            return self.called(proper.upper_bound, depth + 1)
        return (UNSEEN,)

    def constructor(self, info: TypeInfo) -> Targets:
        """What making an object of the class calls."""
        found = self._constructors.get(info)
        if found is None:
            found = self._constructors[info] = self._constructor(info)
        return found

    def _constructor(self, info: TypeInfo) -> Targets:
        makers: list[Definition] = []
        positions: list[int] = []
        for name in ("__new__", "__init__"):
            symbol = info.get(name)
            node = None if symbol is None else symbol.node
            if not isinstance(node, (FuncDef, OverloadedFuncDef, Decorator)):
                continue
            owner = node.info
            if not owner or owner.fullname == "builtins.object":
                continue
            if symbol is not None and symbol.plugin_generated:
                after = info.get("__post_init__")
                node = None if after is None else after.node
                if not isinstance(node, (FuncDef, OverloadedFuncDef, Decorator)):
                    continue
            makers.append(node)
            positions.append(info.mro.index(owner) if owner in info.mro else len(info.mro))
        nearest = min(positions, default=len(info.mro))
        short = self.shown_class(info)
        for base in info.mro[: nearest + 1]:
            contracts = self._world.contract_of(base.fullname)
            if contracts is not None:
                forms: tuple[FuncDef, ...] = ()
                if makers:
                    forms = self.function(makers[-1], True).forms
                return (
                    Target(short, base.fullname, forms, True, contracts, module=base.module_name),
                )
        found: list[Target] = []
        for node in makers:
            target = self.function(node, True)
            if target.silent and info.fullname.startswith("builtins.") and _is_exception(info):
                continue
            found.append(target)
        found.extend(self._defaults(info))
        if info.is_enum:
            found.extend(self._own(info, "_missing_"))
        metaclass = info.metaclass_type
        if metaclass is not None and metaclass.type.fullname != "builtins.type":
            found.extend(self._own(metaclass.type, "__call__"))
        if not found and _is_exception(info):
            return ()
        if info.is_enum or (not found and info.module_name in COMPUTING):
            found.append(Target(short, ignorance=Ignorance.COMPUTATION))
        return tuple(found)

    def _defaults(self, info: TypeInfo) -> Targets:
        """What the generated `__init__` of a dataclass makes for fields: its own, and of bases."""
        symbol = info.get("__init__")
        maker = None if symbol is None else symbol.node
        if symbol is None or not symbol.plugin_generated or not isinstance(maker, FuncDef):
            return ()
        name = self.shown_class(info)
        found: list[Target] = []
        for base in info.mro:
            module = base.module_name
            tree = self._modules.get(module)
            if not is_dataclass(base) or tree is None or tree.is_stub:
                continue
            qualname = f"{base.fullname[len(module) + 1 :]}.__init__"
            helper = f"{module}:{qualname}"
            fullname = f"{module}.{qualname}"
            found.append(Target(name, fullname, (maker,), True, helper=helper, module=module))
        return tuple(found)

    def _own(self, info: TypeInfo, name: str) -> Targets:
        symbol = info.get(name)
        if symbol is None or not isinstance(symbol.node, (FuncDef, OverloadedFuncDef, Decorator)):
            return ()
        target = self.function(symbol.node, True)
        return () if target.silent else (target,)


def is_dataclass(info: TypeInfo) -> bool:
    """Whether a class has fields that may need something made for them."""
    attributes = info.metadata.get("dataclass", {}).get("attributes", [])
    return any(each["has_default"] for each in attributes)


def is_property(node: Definition) -> bool:
    """Whether reading the name calls the function."""
    return node.func.is_property if isinstance(node, Decorator) else node.is_property


def property_type(node: Definition) -> Type | None:
    """The type of what reading a property gives."""
    first = node.items[0] if isinstance(node, OverloadedFuncDef) else node
    function = first.func if isinstance(first, Decorator) else first
    typ = get_proper_type(function.type)
    return typ.ret_type if isinstance(typ, CallableType) else None


def _is_exception(info: TypeInfo) -> bool:
    return any(base.fullname == "builtins.BaseException" for base in info.mro)
