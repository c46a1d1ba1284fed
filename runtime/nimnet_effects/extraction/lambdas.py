"""Lambdas that are taken for protocols: what their parameters are.

mypy takes a lambda's parameters from the `Callable` that it is handed over as. Of a protocol with a
`__call__` it takes none, and of a parameter that is `Any` nothing can be seen.
"""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

from mypy.nodes import ARG_OPT, ARG_POS, Expression, LambdaExpr
from mypy.types import (
    AnyType,
    CallableType,
    Instance,
    Type,
    TypeOfAny,
    TypeVarType,
    UnionType,
    get_proper_type,
)

from nimnet_effects.extraction.substitution import Substitution, method_of

if TYPE_CHECKING:
    from mypy.checker import TypeChecker
    from mypy.nodes import MypyFile

    from nimnet_effects.classes import Classes
    from nimnet_effects.request import World


class Lambdas(Substitution):
    """Gives the parameters of lambdas the types that a protocol gives them."""

    def __init__(
        self, tree: MypyFile, checker: TypeChecker, world: World, classes: Classes
    ) -> None:
        """Know no lambda yet."""
        super().__init__(tree, checker, world, classes)
        self._checker = checker

    def _expect(
        self, expression: Expression, expected: Type | None, actual: Type | None = None
    ) -> None:
        known = len(self._handed)
        super()._expect(expression, expected, actual)
        if len(self._handed) > known and expected is not None:
            self._typed(expression, expected)

    def _typed(self, o: Expression, expected: Type) -> None:
        """Have mypy look once more at the lambdas that an expression may be, or contain."""
        wanted = get_proper_type(expected)
        if isinstance(wanted, TypeVarType):
            wanted = get_proper_type(wanted.upper_bound)
        if isinstance(wanted, UnionType):
            promising = [item for item in wanted.items if self._promising(item)]
            if len(promising) == 1:
                self._typed(o, promising[0])
        elif not isinstance(o, LambdaExpr):
            for part, of_part in self._parts(o, wanted) or ():
                self._typed(part, of_part)
        elif isinstance(wanted, Instance) and wanted.type.is_protocol and o.arguments:
            method = get_proper_type(method_of(wanted, "__call__"))
            as_one = _fitted(o, method) if isinstance(method, CallableType) else None
            if as_one is not None:
                self._checked(o, as_one)

    def _checked(self, o: LambdaExpr, as_one: CallableType) -> None:
        """Have mypy check what is in a lambda; what is wrong with it, it has said already."""
        checker = self._checker
        own = self._type_of(o)
        if own is None:
            return
        scope, binder = checker.tscope, checker.binder
        # Where mypy has done with the module, it is in none.
        within = scope.module_scope(self._module) if scope.module is None else nullcontext()
        frame = binder.top_frame_context() if len(binder.frames) == 1 else nullcontext()
        with within, frame, checker.msg.filter_errors():
            checker.expr_checker.accept(o, type_context=as_one)
        self._store_type(o, own)  # which has no names of parameters that others would have to fit


def _fitted(o: LambdaExpr, method: CallableType) -> CallableType | None:
    """The signature of a method as one of a lambda: mypy wants each kind of parameter the same.

    A lambda may have more parameters, with defaults.
    """
    kinds = [argument.kind for argument in o.arguments]
    if kinds == method.arg_kinds:
        return method
    if not {*kinds, *method.arg_kinds} <= {ARG_POS, ARG_OPT}:
        return None
    more = len(kinds) - len(method.arg_kinds)
    unknown = AnyType(TypeOfAny.special_form)
    types = [*method.arg_types, *[unknown] * more][: len(kinds)]
    return method.copy_modified(arg_types=types, arg_kinds=kinds, arg_names=o.arg_names)
