"""What reading, writing or deleting an attribute calls: properties and descriptors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mypy.expandtype import expand_type_by_instance
from mypy.maptype import map_instance_to_supertype
from mypy.nodes import Decorator, FuncDef, OverloadedFuncDef, TypeInfo, Var
from mypy.types import Instance, Type, TypeVarType, get_proper_type

from nimnet_effects.declarations import accessor_of
from nimnet_effects.resolution.members import Members, is_property, property_type
from nimnet_effects.resolution.targets import Target, Targets

if TYPE_CHECKING:
    from nimnet_effects.request import World

ACCESSORS: Final = {"set": "setter", "del": "deleter"}
"""What the function of a property is called that an access calls."""
_ALWAYS: Final = {"get": "__getattribute__", "set": "__setattr__", "del": "__delattr__"}


class Properties(Members):
    """Finds the targets of attributes."""

    def __init__(self, module: str, world: World) -> None:
        """Know no property yet."""
        super().__init__(module, world)
        self._properties: dict[tuple[TypeInfo, str, str, bool], Targets] = {}
        self._hooks: dict[tuple[TypeInfo, str], Targets] = {}

    def property(self, info: TypeInfo, name: str, access: str, of_class: bool) -> Targets:
        """What reading (`get`), writing (`set`) or deleting (`del`) an attribute calls.

        Args:
            info: the class of the value.
            name: of the attribute.
            access: what is done.
            of_class: whether the class itself is the value.
        """
        key = (info, name, access, of_class)
        found = self._properties.get(key)
        if found is None:
            made = self._of_class if of_class else self._property
            found = self._properties[key] = made(info, name, access)
        return found

    def _property(self, info: TypeInfo, name: str, access: str) -> Targets:
        symbol = info.get(name)
        always = self._hook(info, access)
        if symbol is None:
            return always or (self._own(info, "__getattr__") if access == "get" else ())
        node = symbol.node
        if isinstance(node, Decorator) and node.func.is_property:
            return (*always, self.function(node, True)) if access == "get" else always
        if isinstance(node, OverloadedFuncDef) and node.is_property:
            return (*always, *self._accessor(node, access))
        if isinstance(node, Var) and self._is_of_class(node):
            return (*always, *self._described(node, access))
        return always

    def _of_class(self, info: TypeInfo, name: str, access: str) -> Targets:
        """The same of a class: its metaclass may have something to say, and its descriptors."""
        metaclass = info.metaclass_type
        symbol = info.get(name)
        if metaclass is not None and (symbol is None or access != "get"):
            return self._property(metaclass.type, name, access)
        if access == "get" and symbol is not None and isinstance(symbol.node, Var):
            return self._described(symbol.node, access) if self._is_of_class(symbol.node) else ()
        return ()

    def _described(self, node: Var, access: str) -> Targets:
        """What a descriptor in a variable of a class does."""
        typ = get_proper_type(node.type)
        if isinstance(typ, Instance) and typ.type.module_name != "builtins":
            return self._own(typ.type, {"del": "__delete__"}.get(access, f"__{access}__"))
        return ()

    def _is_of_class(self, node: Var) -> bool:
        """Whether a variable is the class's, so that a descriptor in it is one."""
        if node.is_initialized_in_class or not node.info:
            return node.is_initialized_in_class
        tree = self._modules.get(node.info.module_name)
        return tree is not None and tree.is_stub  # which gives no values

    def _hook(self, info: TypeInfo, access: str) -> Targets:
        """What a class calls for each of its attributes."""
        found = self._hooks.get((info, access))
        if found is None:
            symbol = info.get(_ALWAYS[access])
            owner = (
                symbol.node.info
                if symbol is not None and isinstance(symbol.node, FuncDef)
                else None
            )
            of_all = owner and owner.fullname in ("builtins.object", "builtins.type")
            found = () if of_all else self._own(info, _ALWAYS[access])
            self._hooks[info, access] = found
        return found

    def attribute(self, receiver: Type | None, name: str) -> Type | None:
        """The type of an attribute or a property of a value, if it has a type of its own."""
        proper = get_proper_type(receiver)
        if isinstance(proper, TypeVarType):
            proper = get_proper_type(proper.upper_bound)
        symbol = proper.type.get(name) if isinstance(proper, Instance) else None
        node = None if symbol is None else symbol.node
        typ: Type | None = None
        if isinstance(node, Var):
            typ = node.type
        elif isinstance(node, (OverloadedFuncDef, Decorator)) and is_property(node):
            typ = property_type(node)
        if typ is None or not isinstance(node, (Var, OverloadedFuncDef, Decorator)):
            return None
        assert isinstance(proper, Instance)
        return expand_type_by_instance(typ, map_instance_to_supertype(proper, node.info))

    def _accessor(self, node: OverloadedFuncDef, access: str) -> Targets:
        getter = self.function(node.items[0], True)
        if access == "get":
            return (getter,)
        accessor = ACCESSORS[access]
        for item in node.items[1:]:
            if not isinstance(item, Decorator):
                continue
            if accessor_of(item) == accessor:
                function = item.func
                module, qualname = self.key(function)
                qualname += f".{accessor}"
                fullname = f"{module}.{qualname}"
                contracts = self._world.contract_of(fullname) or ()
                target = Target(getter.name, fullname, (function,), True, contracts, module=module)
                tree = self._modules.get(module)
                if tree is not None and not tree.is_stub:
                    target.helper = f"{module}:{qualname}"
                return (target,)
        return ()
