"""From mypy's typed trees to flows.

One walk over a module: only nodes that may call something are looked at here. What a function does
is noted in the order of its source; what its own functions and lambdas do is theirs, until somebody
calls them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from mypy.nodes import (
    ARG_NAMED,
    ARG_NAMED_OPT,
    ARG_OPT,
    ARG_POS,
    ARG_STAR,
    ARG_STAR2,
    NOT_ABSTRACT,
    AssertStmt,
    AssignmentExpr,
    AssignmentStmt,
    AwaitExpr,
    BytesExpr,
    CallExpr,
    ClassDef,
    ComparisonExpr,
    Context,
    Decorator,
    DelStmt,
    DictionaryComprehension,
    EllipsisExpr,
    Expression,
    ExpressionStmt,
    FloatExpr,
    ForStmt,
    FuncDef,
    FuncItem,
    GeneratorExpr,
    IndexExpr,
    IntExpr,
    LambdaExpr,
    ListExpr,
    MatchStmt,
    MemberExpr,
    NameExpr,
    OperatorAssignmentStmt,
    OpExpr,
    OverloadedFuncDef,
    PassStmt,
    RaiseStmt,
    RefExpr,
    SetExpr,
    StarExpr,
    StrExpr,
    SuperExpr,
    TempNode,
    TryStmt,
    TupleExpr,
    TypeInfo,
    UnaryExpr,
    Var,
    WithStmt,
    YieldExpr,
    YieldFromExpr,
)
from mypy.operators import op_methods, ops_with_inplace_method, reverse_op_methods
from mypy.patterns import (
    AsPattern,
    ClassPattern,
    MappingPattern,
    OrPattern,
    Pattern,
    SequencePattern,
    ValuePattern,
)
from mypy.types import (
    AnyType,
    CallableType,
    FunctionLike,
    Instance,
    LiteralType,
    NoneType,
    TupleType,
    Type,
    TypedDictType,
    UnionType,
    UnpackType,
    get_proper_type,
)

from nimnet_effects.declarations import RAISES
from nimnet_effects.inference import BASE
from nimnet_effects.ir import (
    ALWAYS,
    IMPOSED,
    Argument,
    Call,
    Condition,
    Flow,
    Function,
    Handler,
    Ignorance,
    Layer,
    Raise,
    Reraise,
    Site,
    Try,
    Unknown,
    With,
    Yield,
    otherwise,
)
from nimnet_effects.leaving import always_true, leaves
from nimnet_effects.resolution.actuals import NO_ACTUALS, Actuals, formals
from nimnet_effects.resolution.overloads import chosen
from nimnet_effects.resolution.owners import owners_of
from nimnet_effects.resolution.properties import accessor_of
from nimnet_effects.resolution.resolver import PARTIAL, Resolver
from nimnet_effects.resolution.targets import Lazy, Target, Targets
from nimnet_effects.traversal import Traverser

if TYPE_CHECKING:
    from mypy.checker import TypeChecker
    from mypy.nodes import Block, MypyFile, Statement

    from nimnet_effects.classes import Classes
    from nimnet_effects.contracts import Contract
    from nimnet_effects.request import World

_STARTERS: Final = frozenset(
    (
        "asyncio.events.AbstractEventLoop.create_task",
        "asyncio.taskgroups.TaskGroup.create_task",
        "asyncio.tasks.create_task",
        "asyncio.tasks.ensure_future",
        "asyncio.tasks.run_coroutine_threadsafe",
    )
)
"""What takes a coroutine and lets it run elsewhere."""
_LAZY_PROTOCOLS: Final = frozenset(
    f"typing.{name}"
    for name in [
        "Iterator",
        "Iterable",
        "Generator",
        "AsyncIterator",
        "AsyncIterable",
        "AsyncGenerator",
    ]
)
_SPECIAL_CALLS: Final = {
    "builtins.len": "__len__",
    "builtins.str": "__str__",
    "builtins.repr": "__repr__",
    "builtins.bool": "__bool__",
    "builtins.int": "__int__",
    "builtins.float": "__float__",
    "builtins.bytes": "__bytes__",
    "builtins.hash": "__hash__",
    "builtins.abs": "__abs__",
    "builtins.round": "__round__",
    "builtins.reversed": "__reversed__",
    "builtins.next": "__next__",
    "builtins.anext": "__anext__",
    "builtins.iter": "__iter__",
    "builtins.aiter": "__aiter__",
    "builtins.format": "__format__",
    "builtins.divmod": "__divmod__",
}
_ITERATING_CALLS: Final = frozenset(
    (
        "builtins.all",
        "builtins.any",
        "builtins.bytearray",
        "builtins.bytes.join",
        "builtins.dict",
        "builtins.enumerate",
        "builtins.frozenset",
        "builtins.list",
        "builtins.list.extend",
        "builtins.max",
        "builtins.min",
        "builtins.set",
        "builtins.sorted",
        "builtins.str.join",
        "builtins.sum",
        "builtins.tuple",
        "builtins.zip",
        "collections.deque",
    )
)
_UNARY: Final = {"-": "__neg__", "+": "__pos__", "~": "__invert__"}
_PLAIN_DECORATORS: Final = frozenset(
    (
        "abc.abstractmethod",
        "builtins.classmethod",
        "builtins.property",
        "builtins.staticmethod",
        "contextlib.asynccontextmanager",
        "contextlib.contextmanager",
        "functools.cache",
        "functools.cached_property",
        "functools.lru_cache",
        "functools.singledispatch",
        "functools.wraps",
        "nimnet.raises",
        "nimnet_effects.raises",
        "typing.final",
        "typing.no_type_check",
        "typing.overload",
        "typing.override",
        "typing_extensions.deprecated",
        "typing_extensions.final",
        "typing_extensions.overload",
        "typing_extensions.override",
        "warnings.deprecated",
    )
)
"""Decorators after which calling the name still runs the function, and nothing else that raises."""
_SWALLOWS_ALL: Final[Layer] = (((BASE,), False),)
_ABSORBED: Final = {
    "__next__": "builtins.StopIteration",
    "__anext__": "builtins.StopAsyncIteration",
}


@dataclass(slots=True)
class _Caught:
    """A handler that the walk is inside of."""

    number: int
    variable: Var | None


@dataclass(slots=True)
class _Frame:
    """The function that the walk is inside of."""

    function: Function
    within: str
    """What the qualified names of functions inside of it begin with."""
    flow: Flow
    parameters: dict[Var, Expression | None] = field(default_factory=dict)
    handlers: list[_Caught] = field(default_factory=list)
    count: int = 0
    reassigned: set[str] = field(default_factory=set)
    ignorance: Ignorance = Ignorance.NONE
    consulted: set[str] = field(default_factory=set)
    awaiting: int = 0


class Extractor(Traverser):
    """Walks over one module.

    Args:
        tree: the module.
        checker: what has its types.
        world: what the analysis can ask.
        classes: where exception classes are remembered.

    Attributes:
        functions: all functions of the module, by their keys.
        definitions: of the same, where they are defined.
        consulted: full names of functions elsewhere, by the key of the function that calls them.
        called: the functions of other modules, by their keys: module and qualified name.
        asked: whether any function declares what it raises.
    """

    def __init__(
        self, tree: MypyFile, checker: TypeChecker, world: World, classes: Classes
    ) -> None:
        """Start at the top of the module."""
        super().__init__()
        self._tree = tree
        self._world = world
        self._classes = classes
        self._type_of = checker.lookup_type_or_none
        self._checks_untyped = checker.options.check_untyped_defs
        self._aliases: dict[Var, list[Expression]] = {}
        self._lazy: dict[Var, list[Expression]] = {}
        self._postponed: set[Expression] = set()
        self._resolver = Resolver(tree.fullname, self._type_of, world, self._aliases)
        self._resolver.lambda_key = self._lambda_key
        self._lambdas: dict[LambdaExpr, str] = {}
        self._class: TypeInfo | None = None
        self.functions: dict[str, Function] = {}
        self.definitions: dict[str, FuncDef] = {}
        self.consulted: dict[str, set[str]] = {}
        self.called: dict[str, tuple[str, str]] = {}
        self.asked = False
        self._module = tree.fullname
        top = Function(f"{self._module}:", self._module, (1, 0, 1, 0))
        self._frame = _Frame(top, "", top.flow)

    def run(self) -> None:
        """Walk over the whole module."""
        for statement in self._tree.defs:
            if isinstance(statement, AssignmentStmt):
                self._note_aliases(statement)
        for statement in self._tree.defs:
            self.visit(statement)
        self.consulted[self._frame.function.key] = self._frame.consulted

    def exports(self) -> dict[str, tuple[str, bool]]:
        """The names that the module gives to functions: what they mean, and whether it is bound."""
        return self._resolver.exports()

    def run_one(self, function: FuncDef, declared: Contract | None = None) -> None:
        """Walk over one function of the module alone."""
        for statement in self._tree.defs:
            if isinstance(statement, AssignmentStmt):
                self._note_aliases(statement)
        self._define(function, None, declared)

    # Definitions

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
                declared = self._declaration(item)
                if declared is not None:
                    forms.append(declared)
        if o.impl is not None:
            function = o.impl.func if isinstance(o.impl, Decorator) else o.impl
            whole = union(forms) if len(forms) == len(o.items) else None
            self._define(function, o.impl if isinstance(o.impl, Decorator) else None, whole)

    def _class_def(self, o: ClassDef) -> None:
        outer, self._class = self._class, o.info
        for decorator in o.decorators:
            self.visit(decorator)
        for statement in o.defs.body:
            self.visit(statement)
        self._class = outer

    def _lambda_expr(self, o: LambdaExpr) -> None:
        self._initializers(o)

    def _lambda_key(self, node: LambdaExpr) -> str:
        key = self._lambdas.get(node)
        if key is None:
            key = f"{self._module}:{self._frame.within}<lambda>@{node.line}:{node.column}"
            self._lambdas[node] = key
            function = Function(key, "lambda", _site(node))
            self.functions[key] = function
            self._body(function, [node], f"{key.partition(':')[2]}.<locals>.")
        return key

    def _initializers(self, function: FuncItem) -> None:
        for argument in function.arguments:
            if argument.initializer is not None:
                self.visit(argument.initializer)

    def _declaration(self, decorator: Decorator) -> Contract | None:
        for each in decorator.original_decorators:
            if (
                isinstance(each, CallExpr)
                and isinstance(each.callee, RefExpr)
                and each.callee.fullname.endswith(".raises")
            ):
                declared = self._world.declaration(decorator)
                if declared is None:
                    return None
                self.asked = True
                return self._canonical(declared)
        return None

    def _canonical(self, contract: Contract) -> Contract:
        return canonical(contract, self._classes.canonical)

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
        name = f"{node.info.name.partition('@')[0]}.{node.name}" if node.info else node.name
        if decorator is not None:
            access = accessor_of(decorator) if node.info else None
            if access is not None and decorator.original_decorators:
                qualname += ".setter" if access == "set" else ".deleter"
            declared = self._declaration(decorator) or declared
        key = f"{self._module}:{qualname}"
        function = self.functions.get(key)
        if function is None:
            function = Function(key, name, _site(node))
            self.functions[key] = function
            self.definitions[key] = node
        function.declared = declared
        if node.info:
            function.absorbs = _ABSORBED.get(node.name)
            function.swallows = node.name in ("__exit__", "__aexit__") and _swallows(node)
        function.open_ended = (
            node.is_trivial_body
            or node.abstract_status != NOT_ABSTRACT
            or bool(node.info and node.info.is_protocol)
            or _stands_for_others(node)
        )
        bodies: list[FuncItem] = list(node.expanded) or [node]
        self._body(function, bodies, f"{qualname}.<locals>.")
        if decorator is not None:
            self._decorated(decorator, function)

    def _decorated(self, decorator: Decorator, function: Function) -> None:
        """What decorators make of the function that its callers get."""
        for each in decorator.decorators:
            named = each.callee if isinstance(each, CallExpr) else each
            name = named.fullname if isinstance(named, RefExpr) else ""
            if name in _PLAIN_DECORATORS or name == RAISES:
                continue
            self.visit(each)
            if isinstance(named, MemberExpr) and named.name in ("setter", "deleter", "getter"):
                continue
            function.flow.append(Unknown(Ignorance.ANYTHING))
            if not _keeps_signature(decorator) and function.declared is None:
                # What is called under this name is something else.
                function.flow[:] = [Unknown(Ignorance.ANYTHING)]
                return

    def _body(self, function: Function, bodies: list[FuncItem], within: str) -> None:
        outer, outer_class = self._frame, self._class
        frame = _Frame(function, within, function.flow)
        self._frame = frame
        for body in bodies:
            for argument in body.arguments:
                frame.parameters[argument.variable] = argument.initializer
            if body.type is None and not self._checks_untyped and isinstance(body, FuncDef):
                frame.ignorance = Ignorance.ANYTHING
            else:
                self.visit(body.body)
        if frame.ignorance:
            function.flow.append(Unknown(frame.ignorance))
        function.reassigned = function.reassigned.union(frame.reassigned)
        self.consulted.setdefault(function.key, set()).update(frame.consulted)
        self._frame, self._class = outer, outer_class

    # Blocks

    def _block(self, block: Block | None) -> Flow:
        if block is None:
            return []
        return self._collected(lambda: self.visit(block))

    def _collected(self, visit: Callable[[], None]) -> Flow:
        frame = self._frame
        outer = frame.flow
        inner: Flow = []
        frame.flow = inner
        visit()
        frame.flow = outer
        return inner

    def _try_stmt(self, o: TryStmt) -> None:
        step = Try(self._block(o.body), star=o.is_star)
        frame = self._frame
        for typ, variable, body in zip(o.types, o.vars, o.handlers, strict=True):
            frame.count += 1
            number = frame.count
            classes: tuple[str, ...] | None = None
            exact = True
            if typ is not None:
                self.visit(typ)
                classes, exact = self._caught(typ)
                if classes is None:
                    frame.ignorance = Ignorance.ANYTHING
            node = variable.node if variable is not None else None
            frame.handlers.append(_Caught(number, node if isinstance(node, Var) else None))
            step.handlers.append(Handler(number, classes, self._block(body), exact))
            frame.handlers.pop()
        step.otherwise = self._block(o.else_body)
        if o.finally_body is not None:
            step.final = self._block(o.finally_body)
            step.leaves = leaves(o.finally_body.body)
        if step.body or step.otherwise or step.final or step.leaves or _anything(step.handlers):
            frame.flow.append(step)

    def _caught(self, typ: Expression, depth: int = 0) -> tuple[tuple[str, ...] | None, bool]:
        """What a handler of the expression catches, and whether it surely does."""
        if isinstance(typ, RefExpr) and isinstance(typ.node, TypeInfo):
            self._classes.add(typ.node)
            return (typ.node.fullname,), True
        if isinstance(typ, TupleExpr) and not any(isinstance(e, StarExpr) for e in typ.items):
            found: dict[str, None] = {}
            exact = True
            for item in typ.items:
                classes, sure = self._caught(item, depth + 1)
                if classes is None:
                    return None, True
                found.update(dict.fromkeys(classes))
                exact = exact and sure
            return tuple(found), exact
        classes, exact = self._classes.caught(self._type_of(typ))
        if not exact and isinstance(typ, RefExpr) and isinstance(typ.node, Var) and depth < 5:
            values = self._aliases.get(typ.node, [])
            if len(values) == 1 and typ.node not in self._frame.parameters:
                return self._caught(values[0], depth + 1)
        return classes, exact

    def _raise_stmt(self, o: RaiseStmt) -> None:
        frame = self._frame
        if o.expr is None:
            if frame.handlers:
                frame.flow.append(Reraise(_site(o), frame.handlers[-1].number))
            else:
                frame.ignorance = Ignorance.ANYTHING
            return
        if o.from_expr is not None:
            self.visit(o.from_expr)
        raised = o.expr
        typ = self._type_of(raised)
        if typ is None:
            return
        again = raised
        if (
            isinstance(again, CallExpr)
            and isinstance(again.callee, MemberExpr)
            and again.callee.name == "with_traceback"
        ):
            again = again.callee.expr
        if isinstance(again, NameExpr) and isinstance(again.node, Var):
            for caught in reversed(frame.handlers):
                if caught.variable is again.node and again.node not in self._aliases:
                    only, known = self._classes.raised(self._type_of(again))
                    frame.flow.append(
                        Reraise(_site(o), caught.number, only if known and only else None)
                    )
                    return
        if isinstance(raised, RefExpr) and isinstance(raised.node, TypeInfo):
            self._emit(self._resolver.constructor(raised.node), NO_ACTUALS, o)
        else:
            self.visit(raised)
        classes, known = self._classes.raised(typ)
        if not known:
            frame.ignorance = Ignorance.ANYTHING
        if classes:
            frame.flow.append(Raise(_site(o), classes))

    def _assert_stmt(self, o: AssertStmt) -> None:
        self.visit(o.expr)
        if self._type_of(o.expr) is None:
            return
        if o.msg is not None:
            self.visit(o.msg)
        self._frame.flow.append(Raise(_site(o), ("builtins.AssertionError",)))

    def _with_stmt(self, o: WithStmt) -> None:
        self._with(o, 0)

    def _with(self, o: WithStmt, index: int) -> None:
        frame = self._frame
        if index == len(o.expr):
            self.visit(o.body)
            return
        step = With([], [], [])
        manager = o.expr[index]
        step.before = self._collected(lambda: self._enter(o, manager, step))
        target = o.target[index]
        if target is not None:
            self._stored(target)
        step.body = self._collected(lambda: self._with(o, index + 1))
        if step.layers or step.imposes or step.manager is not None:
            frame.flow.append(step)
        else:
            frame.flow += step.before
            frame.flow += step.body
            frame.flow += step.after

    def _calls(self, targets: Targets, place: Context) -> Flow:
        return self._collected(lambda: self._emit(targets, NO_ACTUALS, place))

    def _enter(self, o: WithStmt, manager: Expression, step: With) -> None:
        self.visit(manager)
        typ = self._type_of(manager)
        if typ is None:
            return
        made = manager
        if isinstance(manager, NameExpr) and isinstance(manager.node, Var):
            values = self._aliases.get(manager.node, [])
            if len(values) == 1:
                made = values[0]
                self._consume(manager)
        generator = False
        if isinstance(made, CallExpr):
            callee = made.callee
            name = callee.fullname if isinstance(callee, RefExpr) else ""
            if name == "contextlib.suppress":
                step.layers = self._suppressed(made)
                return
            if name in ("contextlib.closing", "contextlib.aclosing") and made.args:
                close = "close" if name == "contextlib.closing" else "aclose"
                owners, _ = owners_of(self._type_of(made.args[0]))
                for info, of_class in owners:
                    targets = self._resolver.member(info, close, of_class)
                    step.after += self._calls(targets, manager)
                return
            for target in self._resolver.callee(callee):
                for contract in target.contracts:
                    step.imposes += contract.imposes
                if target.lazy is Lazy.ENTERED:
                    generator = True
                    step.manager = target.helper
            step.imposes = tuple(self._classes.canonical(each) for each in step.imposes)
        if generator:
            return
        begin, end = ("__aenter__", "__aexit__") if o.is_async else ("__enter__", "__exit__")
        owners, complete = owners_of(typ)
        if not complete:
            frame = self._frame
            frame.ignorance = Ignorance.ANYTHING
        for info, _ in owners:
            self._emit(self._resolver.member(info, begin, False), NO_ACTUALS, manager)
            left = self._resolver.member(info, end, False)
            step.after += self._calls(left, manager)
            if len(owners) == 1 and len(left) == 1:
                if _returns_true(left[0].function):
                    step.layers = (_SWALLOWS_ALL,)
                else:
                    step.manager = left[0].helper

    def _suppressed(self, made: CallExpr) -> tuple[Layer, ...]:
        found: dict[str, None] = {}
        for argument, kind in zip(made.args, made.arg_kinds, strict=True):
            if kind is ARG_STAR:
                classes, exact = self._classes.caught(self._type_of(argument))
                if not exact and isinstance(argument, RefExpr):
                    classes, exact = self._caught(argument)
            else:
                classes, exact = self._caught(argument)
            if classes is None:
                self._frame.ignorance = Ignorance.ANYTHING
                return (_SWALLOWS_ALL,)
            if exact:
                found.update(dict.fromkeys(classes))
        return (((tuple(found), False),),) if found else ()

    def _for_stmt(self, o: ForStmt) -> None:
        self.visit(o.expr)
        self._iterated(o.expr, o.is_async)
        self._stored(o.index)
        self.visit(o.body)
        if o.else_body is not None:
            self.visit(o.else_body)

    def _comprehended(self, o: GeneratorExpr | DictionaryComprehension) -> None:
        for index, sequence, conditions, awaited in zip(
            o.indices, o.sequences, o.condlists, o.is_async, strict=True
        ):
            self.visit(sequence)
            self._iterated(sequence, awaited)
            self._stored(index)
            for condition in conditions:
                self.visit(condition)

    def _items(self, o: ListExpr | SetExpr | TupleExpr) -> None:
        for item in o.items:
            self.visit(item)
            if isinstance(item, StarExpr):
                self._iterated(item.expr, False)

    def _generator_expr(self, o: GeneratorExpr) -> None:
        if o in self._postponed:
            self.visit(o.sequences[0])
            return
        self._comprehended(o)
        self.visit(o.left_expr)

    def _dictionary_comprehension(self, o: DictionaryComprehension) -> None:
        self._comprehended(o)
        if o.key is not None:
            self.visit(o.key)
        self.visit(o.value)

    def _match_stmt(self, o: MatchStmt) -> None:
        self.visit(o.subject)
        for pattern, guard, body in zip(o.patterns, o.guards, o.bodies, strict=True):
            self._pattern(pattern)
            if guard is not None:
                self.visit(guard)
            self._block_of(body)
        if any(isinstance(pattern, ValuePattern) for pattern in o.patterns):
            self._operated(o.subject, "__eq__", o.subject)

    def _pattern(self, o: Pattern) -> None:
        if isinstance(o, ValuePattern):
            self.visit(o.expr)
        elif isinstance(o, AsPattern):
            if o.pattern is not None:
                self._pattern(o.pattern)
        elif isinstance(o, (OrPattern, SequencePattern)):
            for each in o.patterns:
                self._pattern(each)
        elif isinstance(o, MappingPattern):
            for each in o.values:
                self._pattern(each)
        elif isinstance(o, ClassPattern):
            info = o.class_ref.node
            if isinstance(info, TypeInfo):
                names = [*o.keyword_keys]
                if o.positionals:
                    names += _match_args(info)[: len(o.positionals)]
                for name in names:
                    targets = self._resolver.property(info, name, "get")
                    self._emit(targets, NO_ACTUALS, o)
            for each in (*o.positionals, *o.keyword_values):
                self._pattern(each)

    # Statements that write

    def _assignment_stmt(self, o: AssignmentStmt) -> None:
        rvalue = o.rvalue
        if self._frame.within:
            self._note_aliases(o)
        if len(o.lvalues) == 1 and isinstance(o.lvalues[0], NameExpr):
            self._postpone(rvalue, o.lvalues[0])
        self.visit(rvalue)
        for lvalue in o.lvalues:
            if not isinstance(lvalue, NameExpr):
                self._stored(lvalue)
                if isinstance(lvalue, (TupleExpr, ListExpr)):
                    self._iterated(rvalue, False, consume=False)

    def _note_aliases(self, o: AssignmentStmt) -> None:
        for lvalue in o.lvalues:
            if isinstance(lvalue, NameExpr) and isinstance(lvalue.node, Var):
                variable = lvalue.node
                if variable in self._frame.parameters:
                    self._frame.reassigned.add(variable.name)
                    continue
                values = self._aliases.setdefault(variable, [])
                if o.rvalue not in values:
                    values.append(o.rvalue)

    def _postpone(self, rvalue: Expression, lvalue: NameExpr) -> None:
        """A generator or a coroutine that only a variable gets raises when that is used."""
        if not isinstance(lvalue.node, Var) or not self._frame.within:
            return
        if isinstance(rvalue, CallExpr):
            if all(target.lazy is Lazy.NO for target in self._resolver.callee(rvalue.callee)):
                return
        elif not isinstance(rvalue, GeneratorExpr):
            return
        self._postponed.add(rvalue)
        self._lazy.setdefault(lvalue.node, []).append(rvalue)

    def _operator_assignment_stmt(self, o: OperatorAssignmentStmt) -> None:
        self.visit(o.rvalue)
        self.visit(o.lvalue)
        lvalue = o.lvalue
        if isinstance(lvalue, NameExpr) and lvalue.node in self._frame.parameters:
            self._frame.reassigned.add(lvalue.name)
        self._binary(o.op, lvalue, o.rvalue, o, inplace=True)
        if not isinstance(lvalue, NameExpr):
            self._stored(lvalue, visit=False)

    def _del_stmt(self, o: DelStmt) -> None:
        self._deleted(o.expr)

    def _deleted(self, target: Expression) -> None:
        if isinstance(target, (TupleExpr, ListExpr)):
            for item in target.items:
                self._deleted(item)
        elif isinstance(target, MemberExpr):
            self.visit(target.expr)
            self._accessed(target, "del")
        elif isinstance(target, IndexExpr):
            self.visit(target.base)
            self.visit(target.index)
            self._operated(target.base, "__delitem__", target, target.index)

    def _stored(self, target: Expression, visit: bool = True) -> None:
        """Something is written to the target."""
        if isinstance(target, NameExpr):
            if target.node in self._frame.parameters:
                self._frame.reassigned.add(target.name)
        elif isinstance(target, MemberExpr):
            if visit:
                self.visit(target.expr)
            self._accessed(target, "set")
        elif isinstance(target, IndexExpr):
            if visit:
                self.visit(target.base)
                self.visit(target.index)
            self._operated(target.base, "__setitem__", target)
        elif isinstance(target, (TupleExpr, ListExpr)):
            for item in target.items:
                self._stored(item)
        elif isinstance(target, StarExpr):
            self._stored(target.expr)

    def _assignment_expr(self, o: AssignmentExpr) -> None:
        self._stored(o.target)
        if isinstance(o.target.node, Var) and o.target.node not in self._frame.parameters:
            self._aliases.setdefault(o.target.node, []).append(o.value)
        self.visit(o.value)

    # Expressions

    def _expression_stmt(self, o: ExpressionStmt) -> None:
        expression = o.expr
        if isinstance(expression, CallExpr):
            # A generator or coroutine that nobody takes never runs.
            self._call(expression, dropped=True)
        else:
            self.visit(expression)

    def _call_expr(self, o: CallExpr) -> None:
        self._call(o, dropped=o in self._postponed)

    def _call(self, o: CallExpr, dropped: bool) -> None:
        callee = o.callee
        if o.analyzed is not None:
            for argument in o.args:
                self.visit(argument)
            return
        if isinstance(callee, MemberExpr):
            if not isinstance(callee.expr, NameExpr):
                self.visit(callee.expr)
        elif not isinstance(callee, (NameExpr, SuperExpr, LambdaExpr)):
            self.visit(callee)
        if self._type_of(o) is None:
            # Not reached, which mypy knows of each expression by itself.
            for argument in o.args:
                self.visit(argument)
            return
        partial = self._resolver.partial(callee)
        if partial is not None:
            targets = self._resolver.callee(partial.args[0])
            actuals = Actuals.of(o).after(partial)
        else:
            if isinstance(callee, RefExpr) and callee.fullname == PARTIAL:
                for argument in o.args[1:]:
                    self.visit(argument)
                return
            targets = self._resolver.callee(callee)
            actuals = Actuals(o.args, o.arg_kinds, o.arg_names)
        if ARG_STAR in actuals.kinds or ARG_STAR2 in actuals.kinds:
            actuals = self._spread(actuals)
        visits = self._visits
        for argument, kind in zip(o.args, o.arg_kinds, strict=True):
            visit = visits.get(type(argument))
            if visit is not None:
                if isinstance(argument, CallExpr) and _starts(targets):
                    self._call(argument, dropped=True)
                else:
                    visit(argument)
            if kind is ARG_STAR:
                self._iterated(argument, False)
            elif self._lazy and isinstance(argument, NameExpr) and argument.node in self._lazy:
                self._consume(argument)
        self._emit(targets, actuals, o, dropped)

    def _spread(self, actuals: Actuals) -> Actuals:
        """The arguments, with one by one what a tuple or a typed dictionary is known to give."""
        found = Actuals([], [], [])
        for argument, kind, name in zip(
            actuals.arguments, actuals.kinds, actuals.names, strict=True
        ):
            typ = get_proper_type(self._type_of(argument))
            if (
                kind is ARG_STAR
                and isinstance(typ, TupleType)
                and not any(isinstance(item, UnpackType) for item in typ.items)
            ):
                for item in typ.items:
                    found.add(TempNode(item), ARG_POS, None)
            elif kind is ARG_STAR2 and isinstance(typ, TypedDictType):
                for key, item in typ.items.items():
                    found.add(TempNode(item), ARG_NAMED, key)
            else:
                found.add(argument, kind, name)
        return found

    def _emit(
        self, targets: Targets, actuals: Actuals, place: Context, dropped: bool = False
    ) -> None:
        frame = self._frame
        for target in targets:
            if target.ignorance > frame.ignorance:
                frame.ignorance = target.ignorance
            if target.contracts or target.helper is not None:
                if dropped and target.lazy is not Lazy.NO:
                    continue
                self._step(target, actuals, place)
            elif target.ignorance is Ignorance.COMPUTATION and actuals.arguments:
                self._computed(target, actuals, place)

    def _step(self, target: Target, actuals: Actuals, place: Context) -> None:
        frame = self._frame
        site = _site(place)
        if target.module != self._module and target.fullname:
            frame.consulted.add(target.fullname)
            if target.helper is not None and target.helper not in self.called:
                module, _, qualname = target.helper.partition(":")
                self.called[target.helper] = (module, qualname)
        if not target.contracts:
            arguments = {}
            if actuals.arguments and target.forms:
                arguments = self._arguments(target, actuals)
            frame.flow.append(Call(site, target.name, helper=target.helper, arguments=arguments))
            return
        known: dict[tuple[str, Condition], None] = {}
        if len(target.contracts) == 1:
            choices = [target.contracts[0]]
        else:
            forms = chosen(target, actuals, self._type_of)
            choices = [target.contracts[i] for i in forms if i < len(target.contracts)]
        for contract in choices:
            self._promised(contract, target, actuals, known)
        if known or target.helper is not None:
            frame.flow.append(
                Call(site, target.name, tuple(known), target.helper, target.helper is not None)
            )

    def _promised(
        self,
        contract: Contract,
        target: Target,
        actuals: Actuals,
        known: dict[tuple[str, Condition], None],
    ) -> None:
        canonical_name = self._classes.canonical
        absorbed = _ABSORBED.get(target.name.rpartition(".")[2])
        conditional = [*contract.imposed]
        for given in contract.given.values():
            conditional += given.raises
        apart = [canonical_name(each) for each in conditional]
        for exception in map(canonical_name, contract.raises):
            if exception != absorbed:
                below = [each for each in apart if exception in self._classes.mro(each)[1:]]
                known[exception, otherwise(below)] = None
        for exception in contract.imposed:
            known[canonical_name(exception), IMPOSED] = None
        for parameter, given in contract.given.items():
            condition = self._given(target, actuals, parameter, given.unless or "")
            if condition is not None:
                for exception in given.raises:
                    known[canonical_name(exception), condition] = None

    def _given(
        self, target: Target, actuals: Actuals, parameter: str, unless: str
    ) -> Condition | None:
        """When a call gives an argument, as far as can be seen; None for never."""
        conditions: list[Condition | None] = []
        for index in chosen(target, actuals, self._type_of) if target.forms else ():
            form = target.forms[index]
            if parameter not in form.arg_names:
                continue
            fit = formals(form, target.bound, actuals)
            if fit is None:
                continue
            given, starred = fit
            formal = form.arg_names.index(parameter)
            if formal in given:
                argument = self._argument(actuals.arguments[given[formal]])
                conditions.append(argument.condition(unless))
            elif starred:
                conditions.append(ALWAYS)
        if not target.forms and parameter in actuals.names:
            argument = self._argument(actuals.arguments[actuals.names.index(parameter)])
            conditions.append(argument.condition(unless))
        return next((each for each in conditions if each is not None), None)

    def _arguments(self, target: Target, actuals: Actuals) -> dict[str, Argument]:
        """What a call gives for those parameters of an undeclared function that have defaults."""
        form = target.forms[0]
        if len(target.forms) > 1 or not any(
            kind in (ARG_OPT, ARG_NAMED_OPT) for kind in form.arg_kinds
        ):
            return {}
        fit = formals(form, target.bound, actuals)
        if fit is None:
            return {}
        given, starred = fit
        found: dict[str, Argument] = {}
        for formal, kind in enumerate(form.arg_kinds):
            if kind in (ARG_OPT, ARG_NAMED_OPT):
                name = form.arg_names[formal]
                if name is None:
                    continue
                if formal in given:
                    found[name] = self._argument(actuals.arguments[given[formal]])
                elif starred:
                    found[name] = Argument()
        return found

    def _argument(self, expression: Expression) -> Argument:
        literal = self._literal(expression)
        if literal is not None:
            return Argument(literal)
        if isinstance(expression, NameExpr) and isinstance(expression.node, Var):
            variable = expression.node
            if variable in self._frame.parameters:
                initializer = self._frame.parameters[variable]
                default = None if initializer is None else self._literal(initializer)
                narrowed = False
                if default == "None":
                    narrowed = not _has_none(self._type_of(expression))
                return Argument(None, variable.name, default, narrowed)
        return Argument()

    def _literal(self, expression: Expression) -> str | None:
        if isinstance(expression, (IntExpr, FloatExpr)):
            return repr(expression.value)
        if isinstance(expression, StrExpr):
            return repr(expression.value)
        if isinstance(expression, BytesExpr):
            return f"b{expression.value!r}"
        if (
            isinstance(expression, UnaryExpr)
            and expression.op == "-"
            and isinstance(expression.expr, (IntExpr, FloatExpr))
        ):
            return repr(-expression.expr.value)
        if isinstance(expression, NameExpr) and expression.fullname in (
            "builtins.None",
            "builtins.True",
            "builtins.False",
        ):
            return expression.name
        if isinstance(expression, NameExpr) and expression.node in self._frame.parameters:
            return None
        typ = get_proper_type(self._type_of(expression))
        if isinstance(typ, Instance) and typ.last_known_value is not None:
            typ = typ.last_known_value
        if isinstance(typ, LiteralType):
            return repr(typ.value)
        return None

    def _computed(self, target: Target, actuals: Actuals, place: Context) -> None:
        """A function of the standard library that may call what it is given."""
        frame = self._frame
        for argument in actuals.arguments:
            typ = get_proper_type(self._type_of(argument))
            if isinstance(typ, (FunctionLike, AnyType)) and not (
                isinstance(typ, FunctionLike) and typ.is_type_obj()
            ):
                frame.ignorance = Ignorance.ANYTHING
        name = target.fullname or f"builtins.{target.name}"
        if name.endswith((".__init__", ".__new__")):
            name = name.rpartition(".")[0]
        special = _SPECIAL_CALLS.get(name)
        if special is not None:
            self._operated(actuals.arguments[0], special, place)
        if name in _ITERATING_CALLS:
            for argument in actuals.arguments:
                self._iterated(argument, False, consume=False)

    def _consume(self, expression: Expression) -> bool:
        """A variable with a generator, a coroutine or a manager in it is used."""
        if not isinstance(expression, NameExpr) or not isinstance(expression.node, Var):
            return False
        # While it is used it is taken out: a generator may be made of what the variable had before.
        values = self._lazy.pop(expression.node, None)
        if values is None:
            return False
        for value in values:
            if isinstance(value, CallExpr):
                targets = self._resolver.callee(value.callee)
                self._emit(targets, Actuals.of(value), expression)
            elif isinstance(value, GeneratorExpr):
                self._postponed.discard(value)
                self._comprehended(value)
                self.visit(value.left_expr)
        self._lazy[expression.node] = values
        return True

    def _iterated(self, sequence: Expression, awaited: bool, consume: bool = True) -> None:
        if consume and self._lazy and self._consume(sequence):
            return
        typ = get_proper_type(self._type_of(sequence))
        if isinstance(typ, Instance):
            self._iterate_class(typ.type, awaited, sequence)
        elif typ is not None and not isinstance(typ, TupleType):
            owners, complete = owners_of(typ)
            if not complete:
                self._frame.ignorance = Ignorance.ANYTHING
            for info, _ in owners:
                self._iterate_class(info, awaited, sequence)

    def _iterate_class(self, info: TypeInfo, awaited: bool, sequence: Expression) -> None:
        if info.fullname in _LAZY_PROTOCOLS:
            if not isinstance(sequence, (CallExpr, GeneratorExpr)):
                self._frame.ignorance = Ignorance.ANYTHING
                self._iterate_variable(sequence)
            return
        targets = self._resolver.iteration(info, awaited)
        if targets:
            self._emit(targets, NO_ACTUALS, sequence)

    def _iterate_variable(self, sequence: Expression) -> None:
        """An iterator in a variable raises what the call raises that it comes from."""
        if isinstance(sequence, NameExpr) and isinstance(sequence.node, Var):
            for value in self._aliases.get(sequence.node, ()):
                if isinstance(value, CallExpr):
                    targets = self._resolver.callee(value.callee)
                    if any(target.contracts or target.helper for target in targets):
                        self._emit(targets, Actuals.of(value), sequence)

    def _await_expr(self, o: AwaitExpr) -> None:
        self.visit(o.expr)
        if self._lazy and self._consume(o.expr):
            return
        typ = get_proper_type(self._type_of(o.expr))
        if isinstance(typ, Instance):
            if typ.type.module_name not in ("typing", "types"):
                self._operated(o.expr, "__await__", o)
            elif not isinstance(o.expr, CallExpr):
                self._frame.ignorance = Ignorance.ANYTHING

    def _yield_from_expr(self, o: YieldFromExpr) -> None:
        self.visit(o.expr)
        self._iterated(o.expr, False)
        self._frame.flow.append(Yield())

    def _yield_expr(self, o: YieldExpr) -> None:
        if o.expr is not None:
            self.visit(o.expr)
        self._frame.flow.append(Yield())

    def _member_expr(self, o: MemberExpr) -> None:
        base = o.expr
        if not isinstance(base, NameExpr):
            self.visit(base)
        if o.kind is None:
            self._accessed(o, "get")

    def _accessed(self, o: MemberExpr, access: str) -> None:
        typ = get_proper_type(self._type_of(o.expr))
        if isinstance(typ, Instance):
            targets = self._resolver.property(typ.type, o.name, access)
            if targets:
                self._emit(targets, NO_ACTUALS, o)
            return
        if typ is None:
            return
        owners, complete = owners_of(typ)
        if not complete:
            self._frame.ignorance = Ignorance.ANYTHING
        for info, of_class in owners:
            if not of_class:
                self._emit(self._resolver.property(info, o.name, access), NO_ACTUALS, o)

    def _super_expr(self, o: SuperExpr) -> None:
        self._emit(self._resolver.inherited_property(o), NO_ACTUALS, o)

    def _index_expr(self, o: IndexExpr) -> None:
        if o.analyzed is not None:
            return
        self.visit(o.base)
        self.visit(o.index)
        self._operated(o.base, "__getitem__", o, o.index)

    def _unary_expr(self, o: UnaryExpr) -> None:
        self.visit(o.expr)
        name = _UNARY.get(o.op)
        if name is not None:
            self._operated(o.expr, name, o)

    def _op_expr(self, o: OpExpr) -> None:
        if o.analyzed is not None:
            return
        self.visit(o.left)
        self.visit(o.right)
        if o.op not in ("and", "or"):
            self._binary(o.op, o.left, o.right, o)

    def _binary(
        self, op: str, left: Expression, right: Expression, place: Context, inplace: bool = False
    ) -> None:
        name = op_methods.get(op)
        if name is None:
            return
        if op in "/%//**@" and self._frame.ignorance is Ignorance.NONE:
            self._frame.ignorance = Ignorance.COMPUTATION
        if inplace and op in ops_with_inplace_method:
            typ = get_proper_type(self._operand_type(left))
            if isinstance(typ, Instance) and typ.type.has_readable_member(f"__i{name[2:]}"):
                self._operated(left, f"__i{name[2:]}", place, right)
                return
        self._operated(left, name, place, right)
        reverse = reverse_op_methods.get(name)
        if reverse is not None and not self._alike(left, right):
            self._operated(right, reverse, place, left)

    def _comparison_expr(self, o: ComparisonExpr) -> None:
        operands = o.operands
        for operand in operands:
            self.visit(operand)
        for index, op in enumerate(o.operators):
            left, right = operands[index], operands[index + 1]
            if op in ("in", "not in"):
                self._operated(right, "__contains__", o, left)
            elif op not in ("is", "is not"):
                self._operated(left, op_methods[op], o, right)
                if not self._alike(left, right):
                    self._operated(right, reverse_op_methods[op_methods[op]], o, left)

    def _alike(self, left: Expression, right: Expression) -> bool:
        """Whether two operands are of one class, so that the left one's method does it all."""
        one = get_proper_type(self._operand_type(left))
        other = get_proper_type(self._operand_type(right))
        return isinstance(one, Instance) and isinstance(other, Instance) and one.type is other.type

    def _operand_type(self, operand: Expression) -> Type | None:
        """The type of an operand: of an attribute that `+=` writes, mypy keeps none."""
        typ = self._type_of(operand)
        if typ is None and isinstance(operand, MemberExpr):
            return self._resolver.attribute(self._type_of(operand.expr), operand.name)
        return typ

    def _operated(
        self, operand: Expression, name: str, place: Context, other: Expression | None = None
    ) -> None:
        """An operator calls a method of its operand, with the other one if it has one."""
        actuals = NO_ACTUALS if other is None else Actuals([other], [ARG_POS], [None])
        typ = get_proper_type(self._operand_type(operand))
        if isinstance(typ, Instance):
            targets = self._resolver.operator(typ.type, name)
            if targets:
                self._emit(targets, actuals, place)
            if name.endswith("item__"):
                self._frame.ignorance = max(self._frame.ignorance, Ignorance.COMPUTATION)
            return
        if typ is None or isinstance(typ, (NoneType, TupleType, CallableType)):
            return
        owners, complete = owners_of(typ)
        if not complete:
            self._frame.ignorance = Ignorance.ANYTHING
        for info, of_class in owners:
            if not of_class:
                self._emit(self._resolver.operator(info, name), actuals, place)


def _site(node: Context) -> Site:
    line, column = node.line, node.column
    return (
        line,
        column,
        line if node.end_line is None else node.end_line,
        column if node.end_column is None else node.end_column,
    )


def _starts(targets: Targets) -> bool:
    return any(target.fullname in _STARTERS for target in targets)


def _anything(handlers: Iterable[Handler]) -> bool:
    return any(handler.body for handler in handlers)


def canonical(contract: Contract, name: Callable[[str], str]) -> Contract:
    """The contract with the classes' own names."""
    from nimnet_effects.contracts import Contract, Given

    return Contract(
        tuple(map(name, contract.raises)),
        {
            key: Given(tuple(map(name, given.raises)), given.unless)
            for key, given in contract.given.items()
        },
        tuple(map(name, contract.imposed)),
        tuple(map(name, contract.imposes)),
        contract.tags,
    )


def union(forms: list[Contract]) -> Contract:
    """What a function may raise that has these forms."""
    from nimnet_effects.contracts import Contract

    raises: dict[str, None] = {}
    imposed: dict[str, None] = {}
    for form in forms:
        raises.update(dict.fromkeys(form.raises))
        imposed.update(dict.fromkeys(form.imposed))
        for given in form.given.values():
            raises.update(dict.fromkeys(given.raises))
    return Contract(raises=tuple(raises), imposed=tuple(imposed))


def _has_none(typ: Type | None) -> bool:
    proper = get_proper_type(typ)
    if isinstance(proper, UnionType):
        return any(isinstance(get_proper_type(item), NoneType) for item in proper.items)
    return isinstance(proper, (NoneType, AnyType))


def _returns_true(function: FuncDef | None) -> bool:
    typ = None if function is None else get_proper_type(function.type)
    if not isinstance(typ, CallableType):
        return False
    made = get_proper_type(typ.ret_type)
    if isinstance(made, Instance) and made.type.fullname == "typing.Coroutine":
        made = get_proper_type(made.args[2])
    return isinstance(made, LiteralType) and made.value is True


def _swallows(function: FuncDef) -> bool:
    return _returns_true(function) or always_true(function)


def _keeps_signature(decorator: Decorator) -> bool:
    before = get_proper_type(decorator.func.type)
    after = get_proper_type(decorator.var.type)
    return (
        isinstance(before, CallableType)
        and isinstance(after, CallableType)
        and before.arg_names == after.arg_names
        and before.arg_kinds == after.arg_kinds
    )


def _match_args(info: TypeInfo) -> list[str]:
    symbol = info.get("__match_args__")
    typ = None if symbol is None else get_proper_type(symbol.type)
    if not isinstance(typ, TupleType):
        return []
    names: list[str] = []
    for item in typ.items:
        proper = get_proper_type(item)
        if isinstance(proper, Instance) and proper.last_known_value is not None:
            proper = proper.last_known_value
        if isinstance(proper, LiteralType) and isinstance(proper.value, str):
            names.append(proper.value)
    return names


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
