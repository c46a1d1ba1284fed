"""Special methods that syntax and functions of the library call without a call being written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mypy.nodes import (
    ARG_POS,
    AssignmentExpr,
    ConditionalExpr,
    Context,
    Expression,
    MemberExpr,
    NameExpr,
    OpExpr,
    ReturnStmt,
    TempNode,
    UnaryExpr,
)
from mypy.types import CallableType, Instance, NoneType, TupleType, Type, get_proper_type

from nimnet_effects.extraction.overriding import Overriding
from nimnet_effects.ir import Ignorance
from nimnet_effects.resolution.actuals import NO_ACTUALS, Actuals
from nimnet_effects.resolution.overloads import takes
from nimnet_effects.resolution.owners import owners_of

if TYPE_CHECKING:
    from mypy.nodes import TypeInfo

    from nimnet_effects.resolution.targets import Target

TRUTH: Final = ("__bool__", "__len__")
TEXT: Final = ("__str__", "__repr__")
FORMAT: Final = ("__format__", *TEXT)
HASH: Final = ("__hash__",)
INDEX: Final = ("__index__",)
EQUAL: Final = ("__eq__",)
UNEQUAL: Final = ("__ne__", "__eq__")


class Specials(Overriding):
    """Notes calls of special methods, by the types of the values that have them."""

    def _return_stmt(self, o: ReturnStmt) -> None:
        super()._return_stmt(o)
        if o.expr is not None and _declines(o.expr):
            self._frame.function.declines = True

    def _condition(self, o: Expression) -> None:
        self._frame.tests.append(o)
        self.visit(o)
        self._tested(o)

    def _tested(self, o: Expression) -> None:
        """It is asked whether a value is true."""
        if isinstance(o, OpExpr) and o.op in ("and", "or"):
            self._tested(o.right)  # the left side is asked in any case
        elif isinstance(o, ConditionalExpr):
            self._tested(o.if_expr)
            self._tested(o.else_expr)
        elif isinstance(o, AssignmentExpr):
            self._tested(o.value)
        elif not (isinstance(o, UnaryExpr) and o.op == "not"):
            self._called_on(self._type_of(o), TRUTH, o)

    def _operand_type(self, operand: Expression) -> Type | None:
        """The type of an operand: of an attribute that `+=` writes, mypy keeps none."""
        typ = operand.type if isinstance(operand, TempNode) else self._type_of(operand)
        if typ is None and isinstance(operand, MemberExpr):
            return self._resolver.attribute(self._type_of(operand.expr), operand.name)
        return typ

    def _called_on(
        self,
        typ: Type | None,
        names: tuple[str, ...],
        place: Context,
        other: Expression | None = None,
    ) -> None:
        """The first of these methods that the value has is called."""
        owners = ((typ.type, False),) if type(typ) is Instance else self._owners(typ)
        for info, of_class in owners:
            target = self._resolver.special(info, names, of_class)
            if target is not None and not target.silent:
                self._emit((target,), _given(other), place)

    def _owners(self, typ: Type | None) -> list[tuple[TypeInfo, bool]]:
        """The classes whose special methods a value of the type has."""
        proper = get_proper_type(typ)
        if isinstance(proper, Instance):
            return [(proper.type, False)]
        if proper is None or isinstance(proper, NoneType):
            return []
        if isinstance(proper, TupleType) and proper.partial_fallback.type.fullname == (
            "builtins.tuple"
        ):
            return []
        if isinstance(proper, CallableType) and not proper.is_type_obj():
            return []
        owners, complete = owners_of(proper)
        if not complete:
            self._frame.ignorance = Ignorance.ANYTHING
        return owners

    def _between(
        self,
        left: Expression,
        right: Expression,
        names: tuple[str, ...],
        reflected: tuple[str, ...],
        place: Context,
        compared: bool = False,
    ) -> None:
        """One of two operands has a method that takes the other one: the left, or the right.

        Args:
            left: the left operand.
            right: the right operand.
            names: of the method, where it is the left one's.
            reflected: of the method, where it is the right one's.
            place: what is written.
            compared: whether it is a comparison: the right one is asked in the end even if it is of
                the same class, and first if it is of a subclass, with a method of its own or not.
        """
        one, other = self._operand_type(left), self._operand_type(right)
        for info, of_class in self._owners(one):
            for more, also in self._owners(other):
                forward = self._resolver.special(info, names, of_class)
                same = info is more and of_class is also
                backward = None
                if compared or not same:
                    backward = self._resolver.special(more, reflected, also)
                if not same and of_class is also and info in more.mro and backward is not None:
                    own = self._resolver.special(info, reflected, of_class)
                    if compared or own is None or own.fullname != backward.fullname:
                        self._in_turn((backward, one, left), (forward, other, right), place)
                        continue
                self._in_turn((forward, other, right), (backward, one, left), place)

    def _in_turn(
        self,
        first: tuple[Target | None, Type | None, Expression],
        second: tuple[Target | None, Type | None, Expression],
        place: Context,
    ) -> None:
        """A method is called, and another one if it is not there, or declines what it is given."""
        target, typ, other = first
        if target is not None and not target.silent:
            self._emit((target,), _given(other), place)
        follower, _, argument = second
        if follower is None or follower.silent:
            return
        declined = None
        if target is not None and takes(target, typ):
            if target.helper is None:
                return
            declined = target.helper
        self._emit((follower,), _given(argument), place, declined=declined)


def _given(other: Expression | None) -> Actuals:
    return NO_ACTUALS if other is None else Actuals([other], [ARG_POS], [None])


def _declines(o: Expression) -> bool:
    """Whether an expression may be `NotImplemented`."""
    if isinstance(o, ConditionalExpr):
        return _declines(o.if_expr) or _declines(o.else_expr)
    return isinstance(o, NameExpr) and o.fullname == "builtins.NotImplemented"
