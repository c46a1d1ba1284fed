"""What `super()` has: members of the classes that follow in the MRO."""

from __future__ import annotations

from mypy.nodes import Decorator, FuncDef, OverloadedFuncDef, RefExpr, SuperExpr, TypeInfo

from nimnet_effects.resolution.members import is_property, property_type
from nimnet_effects.resolution.protocols import Protocols
from nimnet_effects.resolution.targets import UNSEEN, Targets


class Inheritance(Protocols):
    """Finds the targets of `super().name`."""

    def inherited(self, callee: SuperExpr) -> Targets:
        """What `super().name(...)` calls."""
        for base in self._bases(callee):
            symbol = base.names.get(callee.name)
            if symbol is None:
                continue
            node = symbol.node
            if base.fullname == "builtins.object" or symbol.plugin_generated:
                return ()
            if isinstance(node, (FuncDef, OverloadedFuncDef, Decorator)):
                if is_property(node):
                    return self.called(property_type(node), 1)
                return (self.function(node, True),)
            return (UNSEEN,)
        return (UNSEEN,)

    def inherited_property(self, callee: SuperExpr) -> Targets:
        """What reading `super().name` calls."""
        for base in self._bases(callee):
            if callee.name in base.names:
                return self._property(base, callee.name, "get")
        return ()

    def _bases(self, callee: SuperExpr) -> list[TypeInfo]:
        info = callee.info
        if info is None:
            return []
        start = info
        if callee.call.args and isinstance(callee.call.args[0], RefExpr):
            explicit = callee.call.args[0].node
            if isinstance(explicit, TypeInfo) and explicit in info.mro:
                start = explicit
        return info.mro[info.mro.index(start) + 1 :] if start in info.mro else []
