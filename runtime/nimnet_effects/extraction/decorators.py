"""What decorators make of functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mypy.nodes import (
    ARG_POS,
    CallExpr,
    Decorator,
    Expression,
    FuncDef,
    MemberExpr,
    NameExpr,
    RefExpr,
    Var,
)
from mypy.traverser import NameAndMemberCollector, all_return_statements
from mypy.types import Instance, get_proper_type

from nimnet_effects import spelling
from nimnet_effects.contracts import canonical
from nimnet_effects.declarations import call_of, of_call, together
from nimnet_effects.decorating import COPIES, Wrapping, named_by, wrappings_of
from nimnet_effects.extraction.frames import site_of
from nimnet_effects.extraction.stacks import Stacks
from nimnet_effects.ir import OTHERS, Argument, Call, Function, Ignorance, Unknown
from nimnet_effects.resolution.actuals import NO_ACTUALS, Actuals
from nimnet_effects.wrapping import Decorated, Kind, Wrapper, given_to

if TYPE_CHECKING:
    from mypy.checker import TypeChecker
    from mypy.nodes import MypyFile

    from nimnet_effects.classes import Classes
    from nimnet_effects.contracts import Contract
    from nimnet_effects.request import World

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
        "functools.singledispatchmethod",
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

_DISPATCHERS: Final = ("functools.singledispatch", "functools.singledispatchmethod")
_MANAGERS: Final = ("contextlib.asynccontextmanager", "contextlib.contextmanager")


class Decorators(Stacks):
    """Notes which functions are decorators, and what is decorated."""

    def __init__(
        self, tree: MypyFile, checker: TypeChecker, world: World, classes: Classes
    ) -> None:
        """Know no function yet."""
        super().__init__(tree, checker, world, classes)
        self.functions: dict[str, Function] = {}
        self.consulted: dict[str, set[str]] = {}
        self.wrappers: dict[str, dict[bool, Wrapper]] = {}
        self.decorated: list[Decorated] = []
        self.asked = False
        self._wrapping: dict[Expression, bool | None] = {}

    # Functions that are decorators

    def _begin_wrappings(self, node: FuncDef, key: str) -> list[Wrapping]:
        """Take note of a function that may be used as a decorator, before its body is visited."""
        found: list[Wrapping] = []
        for called, wrapping in wrappings_of(node).items():
            taker = f"{key}.<locals>.{wrapping.taker.name}" if called else key
            returned = {
                f"{taker}.<locals>.{each.name}": _kind_of(each) for each in wrapping.returned
            }
            wrapper = Wrapper(taker, node.name, returned, wrapping.itself)
            self.wrappers.setdefault(key, {})[called] = wrapper
            if returned:
                self._resolver.given[wrapping.given] = given_to(taker)
                found.append(wrapping)
        return found

    def _end_wrappings(self, wrappings: list[Wrapping]) -> None:
        """Whatever else is done with what a decorator was given, it may be called there."""
        resolver = self._resolver
        for wrapping in wrappings:
            given = wrapping.given
            for function in wrapping.inside():
                collector = NameAndMemberCollector()
                function.body.accept(collector)
                harmless = {each.expr for each in collector.member_exprs}
                harmless.update(each.expr for each in all_return_statements(function) if each.expr)
                names = [each for each in collector.name_exprs if each.node is given]
                if all(name in resolver.found_given or name in harmless for name in names):
                    continue
                key = resolver.local(function, "")
                inside = self.functions.get(key)
                if inside is not None:
                    call = Call(inside.site, given.name, helper=resolver.given[given])
                    call.arguments = {OTHERS: Argument()}
                    inside.flow.append(call)

    # Functions that have decorators

    def _spelled(self, decorators: list[Expression], function: FuncDef | None) -> None:
        """Note what of the declarations among decorators cannot be read."""
        self.unreadable.extend(
            spelling.faults(decorators, function, self._type_of, self._world.value_of)
        )

    def _original(self, key: str, decorator: Decorator) -> str:
        """The key of a function as it is below all decorators that put another in its place."""
        replaced = any(map(self._wraps, decorator.decorators)) or self._maker(decorator)
        return f"{key}.<0>" if replaced else key

    def _wraps(self, decorator: Expression) -> bool | None:
        """Whether a decorator puts another function in the place of its own, as the world says."""
        if decorator not in self._wrapping:
            self._wrapping[decorator] = self._world.wraps(decorator)
        return self._wrapping[decorator]

    def _decorated(
        self, decorator: Decorator, function: Function, key: str, declared: Contract | None
    ) -> None:
        """What decorators make of the function that its callers get, the innermost first.

        Args:
            function: the function below them all.
            key: of what callers get.
            declared: what forms of an overloaded function say of the whole.
        """
        node = decorator.func
        kind = _kind_of(node)
        values = self._world.value_of
        calls = {each: call_of(each, values) for each in decorator.decorators}
        said: list[Contract] = []
        current = function
        maker = self._maker(decorator)
        last = maker or next(filter(self._wraps, decorator.decorators), None)
        for each in reversed(decorator.decorators):
            named = each.callee if isinstance(each, CallExpr) else each
            name = named.fullname if isinstance(named, RefExpr) else ""
            if (call := calls[each]) is not None:
                said.append(of_call(call, node))
                current.declared = canonical(together(said), self._classes.canonical)
                self.asked = True
                continue
            if name in _PLAIN_DECORATORS or spelling.is_declaration(each, self._type_of):
                if name in _MANAGERS:
                    kind = Kind.ENTERED
                if name in COPIES and isinstance(each, CallExpr):
                    self._resolver.found_given.update(each.args)
                continue
            self.visit(each)
            itself = self._itself(node, each, current)
            self._expect_arguments(self._type_of(each), itself)
            if isinstance(named, MemberExpr):
                if named.name in ("setter", "deleter", "getter"):
                    continue
                if named.name == "register" and self._registered(named, each, current):
                    continue
            answer = self._wraps(each)
            if answer:
                current = self._wrapped(current, each, key if each is last else "", node, kind)
                said = []
                continue
            if answer is None:
                current.flow.append(Unknown(Ignorance.ANYTHING))
                if each is maker:
                    current, said = self._made_object(current, key, decorator), []
            if self._frame.within and (answer is None or isinstance(each, RefExpr)):
                self._emit(self._resolver.callee(each), itself, each)
        if current.declared is None and current is not function:
            current.declared = declared

    def _maker(self, decorator: Decorator) -> Expression | None:
        """The decorator that made an object of a function, if it is known what calling that does.

        It is not looked into, or that would be known better.
        """
        typ = get_proper_type(decorator.var.type)
        if not isinstance(typ, Instance):
            return None
        for each in decorator.decorators:
            named = each.callee if isinstance(each, CallExpr) else each
            if (
                (isinstance(named, RefExpr) and named.fullname in _PLAIN_DECORATORS)
                or spelling.is_declaration(each, self._type_of)
                or (wraps := self._wraps(each)) is False
            ):
                continue
            called = self._resolver.member(typ.type, "__call__", False)
            return None if wraps or all(target.silent for target in called) else each
        return None

    def _made_object(self, current: Function, key: str, decorator: Decorator) -> Function:
        """The object that a decorator made of a function: its `__call__`, which calls that."""
        whole = self.functions.setdefault(key, Function(key, current.name, current.site))
        whole.absorbs, whole.open_ended = current.absorbs, current.open_ended
        whole.required, whole.result = current.required, current.result
        whole.reassigned = current.reassigned
        typ = get_proper_type(decorator.var.type)
        assert isinstance(typ, Instance)
        frame = self._frame
        outer = frame.flow
        frame.flow = whole.flow = []
        targets = self._resolver.member(typ.type, "__call__", False)
        self._emit(targets, NO_ACTUALS, decorator.func)
        frame.flow = outer
        consulted = self.consulted.setdefault(key, set())
        consulted.update(target.fullname for target in targets if target.fullname)
        if any(target.contracts for target in targets):
            return whole  # what that declares is all
        consulted |= self.consulted.get(current.key, set())
        if current.declared is None:
            whole.flow += current.flow
        else:
            forwarded = {OTHERS: Argument(parameter=OTHERS)}
            call = Call(current.site, current.name, helper=current.key, arguments=forwarded)
            whole.flow.append(call)
        return whole

    def _wrapped(
        self, current: Function, decorator: Expression, key: str, node: FuncDef, kind: Kind
    ) -> Function:
        """What a decorator puts in the place of a function."""
        place = 1 + int(current.key.rpartition("<")[2][:-1])
        key = key or f"{current.key.rpartition('.')[0]}.<{place}>"
        whole = self.functions.get(key)
        if whole is None:
            whole = self.functions[key] = Function(key, current.name, current.site)
        whole.absorbs, whole.open_ended = current.absorbs, current.open_ended
        whole.required = current.required
        named = named_by(decorator)
        if named is not None:
            wrapping, called = named
            self.decorated.append(
                Decorated(
                    key,
                    current.key,
                    current.name,
                    kind,
                    tuple(node.arg_names),
                    site_of(decorator),
                    self._resolver.key(wrapping),
                    called,
                )
            )
            if "." in wrapping.fullname:
                self.consulted.setdefault(key, set()).add(wrapping.fullname)
            if self._frame.within and isinstance(decorator, RefExpr):
                self._emit(self._resolver.callee(decorator), NO_ACTUALS, decorator)
        return whole

    def _itself(self, node: FuncDef, decorator: Expression, function: Function) -> Actuals:
        """What a decorator is called with: the function as it is below it."""
        variable = Var(function.name, node.type)
        name = NameExpr(function.name)
        name.node = variable
        name.set_line(decorator)
        if node.type is not None:
            self._store_type(name, node.type)
        self._resolver.given[variable] = function.key
        return Actuals([name], [ARG_POS], [None])

    def _registered(self, named: MemberExpr, place: Expression, function: Function) -> bool:
        """A function for some classes, which is called under the name of the one for all."""
        node = named.expr.node if isinstance(named.expr, RefExpr) else None
        if not isinstance(node, Decorator) or not any(
            isinstance(each, RefExpr) and each.fullname in _DISPATCHERS for each in node.decorators
        ):
            return False
        module, qualname = self._resolver.key(node.func)
        dispatcher = self.functions.get(f"{module}:{qualname}")
        if dispatcher is None:
            return False
        dispatcher.flow.append(Call(site_of(place), function.name, helper=function.key))
        return True


def _kind_of(function: FuncDef) -> Kind:
    if function.is_coroutine and not function.is_async_generator:
        return Kind.AWAITED
    if function.is_generator or function.is_async_generator:
        return Kind.ITERATED
    return Kind.CALLED
