"""Functions, classes and lambdas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mypy.nodes import (
    ARG_NAMED,
    ARG_POS,
    NOT_ABSTRACT,
    CallExpr,
    ClassDef,
    Decorator,
    EllipsisExpr,
    ExpressionStmt,
    FuncDef,
    FuncItem,
    LambdaExpr,
    OverloadedFuncDef,
    PassStmt,
    RaiseStmt,
    RefExpr,
    StrExpr,
)
from mypy.types import CallableType, Instance, Type, get_proper_type

from nimnet_effects import declarations
from nimnet_effects.contracts import canonical, union
from nimnet_effects.declarations import accessor_of
from nimnet_effects.extraction.decorators import Decorators
from nimnet_effects.extraction.exits import swallowed
from nimnet_effects.extraction.frames import Frame, Parameter, site_of
from nimnet_effects.extraction.managers import SWALLOWS_ALL, returns_true
from nimnet_effects.extraction.steps import ABSORBED
from nimnet_effects.ir import Function, Ignorance, Layer, Unknown, parameter_key

if TYPE_CHECKING:
    from mypy.checker import TypeChecker
    from mypy.nodes import Block, MypyFile, Statement

    from nimnet_effects.classes import Classes
    from nimnet_effects.contracts import Contract
    from nimnet_effects.request import World


class Definitions(Decorators):
    """Notes what is defined, and walks over it."""

    def __init__(
        self, tree: MypyFile, checker: TypeChecker, world: World, classes: Classes
    ) -> None:
        """Know no function yet."""
        super().__init__(tree, checker, world, classes)
        self._checks_untyped = checker.options.check_untyped_defs
        self._lambdas: dict[LambdaExpr, str] = {}
        self._resolver.lambda_key = self._lambda_key
        self.definitions: dict[str, FuncDef] = {}

    def _func_def(self, o: FuncDef) -> None:
        self._define(o, None)

    def _decorator(self, o: Decorator) -> None:
        if not o.func.is_overload:
            self._define(o.func, o)

    def _overloaded_func_def(self, o: OverloadedFuncDef) -> None:
        if o.is_property:
            for item in o.items:
                if isinstance(item, Decorator):
                    self._define(item.func, item)
            return
        forms: list[Contract] = []
        for item in o.items:
            if isinstance(item, Decorator):
                self._spelled(item.original_decorators, item.func)
                world = self._world
                declared = declarations.of_decorator(item, world.wraps, world.value_of)
                if declared is not None:
                    self.asked = True
                    forms.append(canonical(declared, self._classes.canonical))
        if o.impl is not None:
            function = o.impl.func if isinstance(o.impl, Decorator) else o.impl
            whole = union(forms) if len(forms) == len(o.items) else None
            self._define(function, o.impl if isinstance(o.impl, Decorator) else None, whole)

    def _class_def(self, o: ClassDef) -> None:
        if not o.info:
            return  # mypy does not look at it: it is for another platform, or version
        self._spelled(o.decorators, None)
        self._defined.append(o)
        self._note_attributes(o)
        frame = self._frame
        before = frame.classes
        self._resolver.place(o.info, f"{frame.within}{before}")
        frame.classes += f"{o.name}."
        for decorator in o.decorators:
            self.visit(decorator)
        for statement in o.defs.body:
            self.visit(statement)
        frame.classes = before

    def _lambda_expr(self, o: LambdaExpr) -> None:
        self._initializers(o)

    def _lambda_key(self, node: LambdaExpr) -> str:
        key = self._lambdas.get(node)
        if key is None:
            key = f"{self._module}:{self._frame.within}<lambda>@{node.line}:{node.column}"
            self._lambdas[node] = key
            function = Function(key, "lambda", site_of(node))
            self.functions[key] = function
            self._body(function, [node], f"{key.partition(':')[2]}.<locals>.")
        return key

    def _initializers(self, function: FuncItem) -> None:
        for argument in function.arguments:
            if argument.initializer is not None:
                self.visit(argument.initializer)
                self._expect(argument.initializer, argument.variable.type)

    def _define(
        self, node: FuncDef, decorator: Decorator | None, declared: Contract | None = None
    ) -> None:
        self._initializers(node)
        nested = "." not in node.fullname and not node.info
        if nested:
            key = self._resolver.local(node, self._frame.within)
            qualname = key.partition(":")[2]
        else:
            qualname = node.fullname[len(self._module) + 1 :]
        if node.name == "_":
            # Nobody calls it by this name, which many have.
            qualname += f"@{node.line}"
        name = self._resolver.shown(node)
        if decorator is not None and node.info and decorator.original_decorators:
            access = accessor_of(decorator)
            if access is not None:
                qualname += f".{access}"
        key = f"{self._module}:{qualname}"
        if key not in self.functions:
            self.definitions[key] = node
        if decorator is not None:
            self._spelled(decorator.original_decorators, node)
        original = key if decorator is None else self._original(key, decorator)
        function = self.functions.get(original)
        if function is None:
            function = self.functions[original] = Function(original, name, site_of(node))
        if decorator is None or original == key:
            function.declared = declared
        function.required = frozenset(
            parameter_key(name, place)
            for place, (name, kind) in enumerate(zip(node.arg_names, node.arg_kinds, strict=True))
            if kind is ARG_POS or kind is ARG_NAMED
        )
        if node.info:
            function.absorbs = ABSORBED.get(node.name)
            if node.name in ("__exit__", "__aexit__"):
                function.swallows = self._swallowed(node)
        function.open_ended = (
            node.is_trivial_body
            or node.abstract_status != NOT_ABSTRACT
            or bool(node.info and node.info.is_protocol)
            or _stands_for_others(node)
        )
        wrappings = self._begin_wrappings(node, key)
        self._body(function, _bodies(node), f"{qualname}.<locals>.")
        if node.info and function.open_ended:
            function.flow.append(Unknown(Ignorance.ANYTHING))
        self._end_wrappings(wrappings)
        if decorator is not None:
            self._decorated(decorator, function, key, declared)

    def _swallowed(self, node: FuncDef) -> Layer:
        if returns_true(node):
            return SWALLOWS_ALL
        return swallowed(node, self._caught, self._classes.mro)

    def _announce(self, body: Block, within: str) -> None:
        """Name the functions of a block, which may be called before the walk comes to them."""
        for statement in body.body:
            function = statement.func if isinstance(statement, Decorator) else statement
            if isinstance(function, FuncDef):
                self._resolver.local(function, within)

    def _body(self, function: Function, bodies: list[FuncItem], within: str) -> None:
        outer = self._frame
        frame = Frame(function, within, outer)
        self._frame = frame
        for body in bodies:
            for place, argument in enumerate(body.arguments):
                key = parameter_key(body.arg_names[place], place)
                frame.parameters[argument.variable] = Parameter(
                    key, argument.initializer, argument.kind.is_star()
                )
            frame.returns, frame.yields = _results(body)
            if body.type is None and not self._checks_untyped and isinstance(body, FuncDef):
                frame.ignorance = Ignorance.ANYTHING
            else:
                self._announce(body.body, within)
                self.visit(body.body)
        if frame.collected:
            self._settle(frame, bodies)
        if frame.ignorance:
            function.flow.append(Unknown(frame.ignorance))
        function.reassigned = {**function.reassigned, **frame.reassigned}
        self.consulted.setdefault(function.key, set()).update(frame.consulted)
        self._frame = outer


def _bodies(function: FuncDef) -> list[FuncItem]:
    """The bodies of a function: one for each value of its type variables that have some.

    mypy adds to them whenever it checks the function, as its daemon does again and again.
    """
    expanded = function.expanded
    if not expanded:
        return [function]
    once = list(dict.fromkeys(expanded))
    if len(once) > 1:
        once = list({str(each.type): each for each in once}.values())
    return list[FuncItem](once)


def _results(function: FuncItem) -> tuple[Type | None, Type | None]:
    """The types of what the body of a function returns and yields."""
    typ = get_proper_type(function.type)
    result = get_proper_type(typ.ret_type) if isinstance(typ, CallableType) else None
    if not isinstance(function, FuncDef) or not isinstance(result, Instance):
        return result, None
    if function.is_generator or function.is_async_generator:
        return None, result.args[0] if result.args else None
    if function.is_coroutine and result.type.fullname == "typing.Coroutine":
        return result.args[2], None
    return result, None


def _stands_for_others(function: FuncDef) -> bool:
    """Whether the body only says that it is not implemented."""
    statements: list[Statement] = list(function.body.body)
    first = statements[0] if statements else None
    if isinstance(first, ExpressionStmt) and isinstance(first.expr, StrExpr):
        statements = statements[1:]
    if not statements:
        return True
    last = statements[0]
    if isinstance(last, PassStmt) or (
        isinstance(last, ExpressionStmt) and isinstance(last.expr, EllipsisExpr)
    ):
        return len(statements) == 1
    if not isinstance(last, RaiseStmt) or last.expr is None:
        return False
    named = last.expr.callee if isinstance(last.expr, CallExpr) else last.expr
    return isinstance(named, RefExpr) and named.fullname == "builtins.NotImplementedError"
