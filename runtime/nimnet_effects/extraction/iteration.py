"""Loops, comprehensions and generators, and calls of functions that iterate."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Final

from mypy.nodes import (
    AwaitExpr,
    CallExpr,
    Context,
    DictExpr,
    DictionaryComprehension,
    Expression,
    ForStmt,
    GeneratorExpr,
    ListComprehension,
    ListExpr,
    NameExpr,
    SetComprehension,
    SetExpr,
    StarExpr,
    TupleExpr,
    TypeInfo,
    Var,
    YieldExpr,
    YieldFromExpr,
)
from mypy.types import (
    AnyType,
    FunctionLike,
    Instance,
    Type,
    UnionType,
    get_proper_type,
)

from nimnet_effects.extraction.library import ASKING, Library
from nimnet_effects.extraction.specials import HASH
from nimnet_effects.ir import Ignorance, Part, Yield
from nimnet_effects.resolution.actuals import NO_ACTUALS, Actuals
from nimnet_effects.resolution.targets import Lazy, Target, Targets

if TYPE_CHECKING:
    from mypy.checker import TypeChecker
    from mypy.nodes import MypyFile

    from nimnet_effects.classes import Classes
    from nimnet_effects.request import World

LAZY_PROTOCOLS: Final = frozenset(
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
_ITERATING_CALLS: Final = frozenset(
    (
        "builtins.all",
        "builtins.any",
        "builtins.bytearray",
        "builtins.bytes.join",
        "builtins.dict",
        "builtins.enumerate",
        "builtins.filter",
        "builtins.frozenset",
        "builtins.list",
        "builtins.list.extend",
        "builtins.map",
        "builtins.max",
        "builtins.min",
        "builtins.set",
        "builtins.sorted",
        "builtins.str.join",
        "builtins.sum",
        "builtins.tuple",
        "builtins.zip",
        "collections.deque",
        "functools.reduce",
        "itertools.accumulate",
        "itertools.chain",
        "itertools.compress",
        "itertools.cycle",
        "itertools.dropwhile",
        "itertools.filterfalse",
        "itertools.groupby",
        "itertools.islice",
        "itertools.pairwise",
        "itertools.starmap",
        "itertools.takewhile",
        "itertools.zip_longest",
    )
)
_SIZING_CALLS: Final = frozenset(("builtins.list", "builtins.list.extend", "builtins.sorted"))
"""Of these, those that ask first how long it will be."""


class Iteration(Library):
    """Notes what iterating calls, and when."""

    def __init__(
        self, tree: MypyFile, checker: TypeChecker, world: World, classes: Classes
    ) -> None:
        """Know no generator in a variable yet."""
        super().__init__(tree, checker, world, classes)
        # Generators and coroutines that run where they are used, and not where they are made.
        self._postponed: set[Expression] = set()

    def _for_stmt(self, o: ForStmt) -> None:
        self.visit(o.expr)
        self._iterated(o.expr, o.is_async)
        self._stored(o.index)
        self.visit(o.body)
        if o.else_body is not None:
            self.visit(o.else_body)

    def _items(self, o: ListExpr | SetExpr | TupleExpr) -> None:
        for item in o.items:
            self.visit(item)
            if isinstance(item, StarExpr):
                self._iterated(item.expr, False)
            elif isinstance(o, SetExpr):
                self._called_on(self._type_of(item), HASH, item)

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
            self._called_on(self._type_of(o.key), HASH, o.key)
        self.visit(o.value)

    def _dict_expr(self, o: DictExpr) -> None:
        super()._dict_expr(o)
        for key, value in o.items:
            if key is None:
                self._unpacked(value)
            else:
                self._called_on(self._type_of(key), HASH, key)

    def _comprehension(self, o: ListComprehension | SetComprehension) -> None:
        super()._comprehension(o)
        if isinstance(o, SetComprehension):
            element = o.generator.left_expr
            self._called_on(self._type_of(element), HASH, element)

    def _yield_expr(self, o: YieldExpr) -> None:
        if o.expr is not None:
            self.visit(o.expr)
            self._expect(o.expr, self._frame.yields)
        self._frame.flow.append(Yield())

    def _yield_from_expr(self, o: YieldFromExpr) -> None:
        self.visit(o.expr)
        self._iterated(o.expr, False)
        self._frame.flow.append(Yield(self._collected(lambda: self._closed(o.expr, o.expr))))

    def _await_expr(self, o: AwaitExpr) -> None:
        self.visit(o.expr)
        if self._consume(o.expr):
            return
        typ = get_proper_type(self._type_of(o.expr))
        if isinstance(typ, Instance):
            if typ.type.module_name not in ("typing", "types"):
                self._called_on(typ, ("__await__",), o)
            elif not isinstance(o.expr, CallExpr):
                self._frame.ignorance = Ignorance.ANYTHING

    def _searched(self, container: Expression, item: Expression, place: Context) -> None:
        super()._searched(container, item, place)
        for info, of_class in self._owners(self._type_of(container)):
            if self._resolver.special(info, ("__contains__",), of_class) is None:
                self._iterate_class(info, of_class, False, container)

    def _unpacked(self, mapping: Expression) -> None:
        """A mapping is given with `**`."""
        for info, of_class in self._owners(self._type_of(mapping)):
            if not info.has_base("builtins.dict") and not of_class:
                for name in ("keys", "__getitem__"):
                    self._emit(self._resolver.member(info, name, False), NO_ACTUALS, mapping)

    def _comprehended(self, o: GeneratorExpr | DictionaryComprehension) -> None:
        for index, sequence, conditions, awaited in zip(
            o.indices, o.sequences, o.condlists, o.is_async, strict=True
        ):
            self.visit(sequence)
            self._iterated(sequence, awaited)
            self._stored(index)
            for condition in conditions:
                self._condition(condition)

    def _apply(
        self, targets: Targets, actuals: Actuals, place: Context, dropped: bool = False
    ) -> None:
        """A call calls its targets, and some of those what they are given."""
        for target in targets:
            self._emit((target,), actuals, place, dropped)
            if target.helper is None:
                self._computed(target, actuals, place)

    def _computed(self, target: Target, actuals: Actuals, place: Context) -> None:
        """A function of the standard library that may call what it is given."""
        if target.silent and target.ignorance is Ignorance.COMPUTATION:
            for argument in actuals.arguments:
                if _may_be_called(self._type_of(argument)):
                    self._frame.ignorance = Ignorance.ANYTHING
        name = _named(target.fullname or f"builtins.{target.name}")
        if name in ASKING and (actuals.arguments or name == "builtins.list.sort"):
            self._given_to(name, actuals, place)
        if name in _ITERATING_CALLS:
            for argument in actuals.arguments:
                self._iterated(argument, False, consume=False)
                if name in _SIZING_CALLS:
                    self._called_on(self._type_of(argument), ("__len__", "__length_hint__"), place)

    def _consume(self, expression: Expression) -> bool:
        """Run the generators and coroutines that an expression may be, if it is known which.

        Returns:
            Whether all that it does is known.
        """
        raise NotImplementedError

    def _closed(self, expression: Expression, place: Context) -> None:
        """Close the generators that an expression may be, where they stand."""
        raise NotImplementedError

    def _iterated(self, sequence: Expression, awaited: bool, consume: bool = True) -> None:
        if consume and self._consume(sequence):
            return
        for info, of_class in self._owners(self._type_of(sequence)):
            self._iterate_class(info, of_class, awaited, sequence)

    def _iterate_class(
        self, info: TypeInfo, of_class: bool, awaited: bool, sequence: Expression
    ) -> None:
        if info.fullname in LAZY_PROTOCOLS:
            if not isinstance(sequence, (CallExpr, GeneratorExpr)):
                self._frame.ignorance = Ignorance.ANYTHING
                self._iterate_variable(sequence)
            return
        targets = self._resolver.iteration(info, awaited, of_class)
        if targets:
            self._emit(targets, NO_ACTUALS, sequence)
            for target in targets:
                if target.lazy is Lazy.NO and target.name.endswith(("__iter__", "__aiter__")):
                    self._emit((target,), NO_ACTUALS, sequence, part=Part.RESULT)
        elif not of_class and not isinstance(sequence, CallExpr) and info.get("__next__"):
            self._frame.ignorance = Ignorance.ANYTHING  # it may be a `map`

    def _iterate_variable(self, sequence: Expression) -> None:
        """An iterator in a variable raises what the call raises that it comes from."""
        if isinstance(sequence, NameExpr) and isinstance(sequence.node, Var):
            for value in self._aliases.get(sequence.node, ()):
                if isinstance(value, CallExpr):
                    targets = self._resolver.callee(value.callee)
                    if any(target.contracts or target.helper for target in targets):
                        self._apply(targets, Actuals.of(value), sequence)


@functools.cache
def _named(fullname: str) -> str:
    """What a function of the library is called: a class, if it makes objects of that."""
    return fullname.removesuffix(".__init__").removesuffix(".__new__")


def _may_be_called(typ: Type | None) -> bool:
    """Whether whoever gets a value of a type may call it, and nobody knows what that does."""
    proper = get_proper_type(typ)
    if isinstance(proper, Instance):
        return proper.type.get("__call__") is not None
    if isinstance(proper, UnionType):
        return any(map(_may_be_called, proper.items))
    return isinstance(proper, AnyType) or (
        isinstance(proper, FunctionLike) and not proper.is_type_obj()
    )
