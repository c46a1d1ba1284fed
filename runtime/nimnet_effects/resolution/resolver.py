"""What is called by the expression before a call's parentheses, through aliases and partials."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from mypy.nodes import (
    CallExpr,
    ConditionalExpr,
    Decorator,
    Expression,
    FuncDef,
    LambdaExpr,
    MemberExpr,
    MypyFile,
    NameExpr,
    OverloadedFuncDef,
    RefExpr,
    SuperExpr,
    TypeInfo,
    Var,
)
from mypy.types import Instance, Type

from nimnet_effects.resolution.actuals import Actuals
from nimnet_effects.resolution.functions import Definition
from nimnet_effects.resolution.inheritance import Inheritance
from nimnet_effects.resolution.members import DEEPEST_ALIAS
from nimnet_effects.resolution.owners import owners_of
from nimnet_effects.resolution.targets import UNSEEN, Target, Targets
from nimnet_effects.summaries import alias_of

if TYPE_CHECKING:
    from nimnet_effects.request import World

PARTIAL: Final = "functools.partial"


class Resolver(Inheritance):
    """Finds what expressions call, in one module.

    Args:
        module: its full name.
        type_of: the type of an expression; None where the code is never reached.
        world: what the analysis can ask.
        aliases: what is assigned to variables of the module.

    Attributes:
        lambda_key: the key of a lambda, which whoever walks over the module knows.
        given: the keys that stand for what decorators of the module are given, by their parameters.
        found_given: the expressions that were resolved to such keys.
    """

    def __init__(
        self,
        module: str,
        type_of: Callable[[Expression], Type | None],
        world: World,
        aliases: Mapping[Var, list[Expression]],
    ) -> None:
        """Know no definition yet."""
        super().__init__(module, world)
        self._type_of = type_of
        self._aliases = aliases
        self.lambda_key: Callable[[LambdaExpr], str] = lambda _: ""
        self.given: dict[Var, str] = {}
        self.found_given: set[Expression] = set()

    def callee(self, callee: Expression, depth: int = 0) -> Targets:
        """What a call of the expression calls."""
        if depth > DEEPEST_ALIAS:
            return (UNSEEN,)
        if isinstance(callee, RefExpr):
            node = callee.node
            if node is None and isinstance(callee, MemberExpr):
                return self._through(callee.expr, callee.name)
            if isinstance(node, (FuncDef, OverloadedFuncDef, Decorator)):
                if not (isinstance(callee, MemberExpr) and node.info):
                    return (self.function(node, False),)
            elif isinstance(node, TypeInfo):
                return self.constructor(node)
            elif isinstance(callee, NameExpr) and isinstance(node, Var):
                return self._variable(callee, node, depth)
            if isinstance(callee, MemberExpr):
                if isinstance(node, Var) and callee.kind is not None and not node.info:
                    return self._variable(callee, node, depth)
                return self._through(callee.expr, callee.name)
        elif isinstance(callee, SuperExpr):
            return self.inherited(callee)
        elif isinstance(callee, LambdaExpr):
            return (Target("lambda", helper=self.lambda_key(callee), module=self._module),)
        elif isinstance(callee, ConditionalExpr):
            return (
                *self.callee(callee.if_expr, depth + 1),
                *self.callee(callee.else_expr, depth + 1),
            )
        return self.called(self._type_of(callee), depth + 1)

    def partials(self, callee: Expression) -> list[CallExpr]:
        """Each `functools.partial(...)` that may be called, as far as they can be seen."""
        if isinstance(callee, CallExpr):
            maker = callee.callee
            if isinstance(maker, RefExpr) and maker.fullname == PARTIAL and callee.args:
                inner = self.partials(callee.args[0])
                return [_in_one(callee, each) for each in inner] or [callee]
        elif isinstance(callee, NameExpr) and isinstance(callee.node, Var):
            found: list[CallExpr] = []
            for value in self._aliases.get(callee.node, ()):
                if isinstance(value, CallExpr):
                    found += self.partials(value)
            return found
        return []

    def exports(self) -> dict[str, tuple[str, bool]]:
        """The names that the module gives to functions: what they mean, and whether it is bound."""
        found: dict[str, tuple[str, bool]] = {}
        for variable, values in self._aliases.items():
            if len(values) != 1 or not isinstance(values[0], RefExpr):
                continue
            if variable.fullname == f"{self._module}.{variable.name}":
                targets = self.callee(values[0])
                if len(targets) == 1 and targets[0].forms and not targets[0].forms[0].info:
                    found[variable.name] = targets[0].fullname, targets[0].bound
            elif variable.info and "@" not in variable.fullname:
                method = self._behind(variable)
                if method is not None:
                    qualname = variable.fullname[len(self._module) + 1 :]
                    found[qualname] = self.function(method, True).fullname, True
        return found

    def of_module(self, tree: MypyFile, name: str) -> Targets:
        """What a call of a module's function calls, where the module stands for an object."""
        symbol = tree.names.get(name)
        node = None if symbol is None else symbol.node
        if isinstance(node, (FuncDef, OverloadedFuncDef, Decorator)):
            return (self.function(node, False),)
        return self.constructor(node) if isinstance(node, TypeInfo) else (UNSEEN,)

    def _member(self, info: TypeInfo, name: str, of_class: bool) -> Targets:
        symbol = info.get(name)
        node = None if symbol is None else symbol.node
        values = self._aliases.get(node) if isinstance(node, Var) and node.info else None
        if not values:
            return super()._member(info, name, of_class)
        found: list[Target] = []
        for value in values:
            given = value.args[0] if isinstance(value, CallExpr) else value  # of a partialmethod
            function = given.node if isinstance(given, RefExpr) else None
            if isinstance(function, (FuncDef, OverloadedFuncDef, Decorator)):
                found.append(self.function(function, not of_class))
            else:
                found += self.callee(value)
        return tuple(found)

    def _through(self, receiver: Expression, name: str) -> Targets:
        typ = self._type_of(receiver)
        if type(typ) is Instance:
            return self.member(typ.type, name, False)
        owners, complete = owners_of(typ)
        if len(owners) == 1 and complete:
            return self.member(owners[0][0], name, owners[0][1])
        found: dict[int, Target] = {} if complete else {id(UNSEEN): UNSEEN}
        for info, of_class in owners:
            for target in self.member(info, name, of_class):
                found[id(target)] = target
        return tuple(found.values())

    def _variable(self, callee: RefExpr, node: Var, depth: int) -> Targets:
        values = self._aliases.get(node)
        if values is None:
            typ = self._type_of(callee)
            if node.fullname.rpartition(".")[0] in self._modules:
                return self._exported(node) or self.called(typ, depth + 1)
            found_by_type = self.called(typ, depth + 1)
            key = self.given.get(node)
            if key is not None:
                self.found_given.add(callee)
                if found_by_type == (UNSEEN,):
                    return (Target(node.name, helper=key, module=self._module, given=True),)
            return found_by_type
        found: dict[int, Target] = {}
        for value in values:
            for target in self.callee(value, depth + 1):
                found[id(target)] = target
        return tuple(found.values())

    def _exported(self, node: Var) -> Targets:
        """Another module's name for a function."""
        module = node.fullname.rpartition(".")[0]
        tree = self._modules[module]
        contracts = self._world.contract_of(node.fullname)
        if contracts is not None:
            return (Target(node.name, node.fullname, contracts=contracts, module=module),)
        if module == self._module or tree.is_stub:
            return ()
        named = alias_of(self._world.summary_of(module, node.name))
        if named is None:
            return ()
        fullname, bound = named
        definition = self._defined(fullname)
        return () if definition is None else (self.function(definition, bound),)

    def _behind(self, node: Var) -> Definition | None:
        found = super()._behind(node)
        if found is None and node.info:
            # mypy's cache has the type alone.
            module = node.info.module_name
            qualname = node.fullname[len(module) + 1 :]
            named = alias_of(self._world.summary_of(module, qualname))
            found = None if named is None else self._defined(named[0])
        return found

    def _defined(self, fullname: str) -> Definition | None:
        """The function of a full name."""
        module = fullname.rpartition(".")[0]
        while module and module not in self._modules:
            module = module.rpartition(".")[0]
        if not module:
            return None
        names = self._modules[module].names
        *outer, last = fullname[len(module) + 1 :].split(".")
        for part in outer:
            symbol = names.get(part)
            if symbol is None or not isinstance(symbol.node, TypeInfo):
                return None
            names = symbol.node.names
        symbol = names.get(last)
        node = None if symbol is None else symbol.node
        return node if isinstance(node, (FuncDef, OverloadedFuncDef, Decorator)) else None


def _in_one(outer: CallExpr, inner: CallExpr) -> CallExpr:
    """The partial of a partial, as one: what is given to the inner one comes first."""
    actuals = Actuals(outer.args[1:], outer.arg_kinds[1:], outer.arg_names[1:]).after(inner)
    found = CallExpr(
        inner.callee,
        [inner.args[0], *actuals.arguments],
        [inner.arg_kinds[0], *actuals.kinds],
        [inner.arg_names[0], *actuals.names],
    )
    found.set_line(outer)
    return found
