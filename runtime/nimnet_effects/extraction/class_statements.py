"""What making a class calls, and what is made for the fields of a dataclass."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mypy.nodes import (
    ARG_NAMED,
    AssignmentStmt,
    CallExpr,
    ClassDef,
    Decorator,
    Expression,
    FuncDef,
    NameExpr,
    OverloadedFuncDef,
    RefExpr,
)

from nimnet_effects.extraction.definitions import Definitions
from nimnet_effects.extraction.frames import Frame, site_of
from nimnet_effects.ir import Default, Function
from nimnet_effects.resolution.actuals import NO_ACTUALS, Actuals
from nimnet_effects.resolution.members import is_dataclass

if TYPE_CHECKING:
    from nimnet_effects.contracts import Contract


class ClassStatements(Definitions):
    """Notes what class statements call besides what stands in them."""

    def _class_def(self, o: ClassDef) -> None:
        super()._class_def(o)
        if not o.info:
            return
        for decorator in o.decorators:
            if isinstance(decorator, RefExpr):
                self._apply(self._resolver.callee(decorator), NO_ACTUALS, decorator)
        self._made(o)
        if is_dataclass(o.info):
            self._fields(o)

    def _made(self, o: ClassDef) -> None:
        """The class is made by its metaclass, and bases and attributes hear of it."""
        info = o.info
        if info.metaclass_type is not None:
            for name in ("__prepare__", "__new__", "__init__"):
                target = self._resolver.special(info, (name,), True)
                if target is not None and not target.silent:
                    self._emit((target,), NO_ACTUALS, o)
        for statement in o.defs.body:
            if isinstance(statement, AssignmentStmt):
                self._called_on(self._type_of(statement.rvalue), ("__set_name__",), statement)
        keywords = Actuals(
            list(o.keywords.values()), [ARG_NAMED] * len(o.keywords), list(o.keywords)
        )
        for base in info.mro[1:]:
            symbol = base.names.get("__init_subclass__")
            node = None if symbol is None else symbol.node
            if isinstance(node, (FuncDef, OverloadedFuncDef, Decorator)):
                target = self._resolver.function(node, True)
                if not target.silent:
                    self._emit((target,), keywords, o)
                break

    def _define(
        self, node: FuncDef, decorator: Decorator | None, declared: Contract | None = None
    ) -> None:
        symbol = node.info.names.get(node.name) if node.info else None
        if symbol is not None and symbol.plugin_generated:
            self._fields(node.info.defn)
        else:
            super()._define(node, decorator, declared)

    def _fields(self, o: ClassDef) -> None:
        """What the generated `__init__` of a dataclass makes for fields that a call leaves out.

        Those of its bases are theirs: a call of the constructor calls all of them.
        """
        key = f"{self._module}:{o.info.fullname[len(self._module) + 1 :]}.__init__"
        function = Function(key, self._resolver.shown_class(o.info), site_of(o))
        if self.functions.setdefault(key, function) is not function:
            return  # it has one of its own
        outer = self._frame
        frame = self._frame = Frame(function, outer.within, outer)
        for statement in o.defs.body:
            factory = _factory(statement.rvalue) if isinstance(statement, AssignmentStmt) else None
            if isinstance(statement, AssignmentStmt) and factory is not None:
                targets = self._resolver.callee(factory)
                made = self._calls(targets, factory)
                for lvalue in statement.lvalues:
                    if made and isinstance(lvalue, NameExpr):
                        function.flow.append(Default(lvalue.name, made))
        self.consulted.setdefault(key, set()).update(frame.consulted)
        self._frame = outer


def _factory(value: Expression) -> Expression | None:
    """The `default_factory` of a field."""
    if (
        isinstance(value, CallExpr)
        and isinstance(value.callee, RefExpr)
        and value.callee.fullname == "dataclasses.field"
    ):
        for name, argument in zip(value.arg_names, value.args, strict=True):
            if name == "default_factory":
                return argument
    return None
