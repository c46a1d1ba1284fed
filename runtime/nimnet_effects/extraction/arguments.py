"""What calls give for parameters, as far as it decides what they may raise."""

from __future__ import annotations

from mypy.nodes import (
    ARG_NAMED,
    ARG_POS,
    ConditionalExpr,
    Expression,
    NameExpr,
    OpExpr,
    TempNode,
    Var,
)
from mypy.traverser import NameAndMemberCollector
from mypy.types import AnyType, NoneType, Type, UnionType, get_proper_type

from nimnet_effects.extraction.frames import Frames
from nimnet_effects.ir import OTHERS, Argument, parameter_key
from nimnet_effects.literals import literal_of, literals_of
from nimnet_effects.resolution.actuals import Actuals, formals
from nimnet_effects.resolution.targets import Target


class Arguments(Frames):
    """Tells literals, and parameters that are handed on."""

    def _arguments(self, target: Target, actuals: Actuals) -> dict[str, Argument]:
        """What a call gives for the parameters of an undeclared function."""
        form = target.forms[0]
        if len(target.forms) > 1:
            # It is the implementation that gets them, if there is one.
            if target.function is None or target.function is form:
                return {}
            form = target.function
        fit = formals(form, target.bound, actuals)
        if fit is None:
            return {}
        given, starred = fit
        found: dict[str, Argument] = {}
        for formal, (name, kind) in enumerate(zip(form.arg_names, form.arg_kinds, strict=True)):
            if kind.is_star():
                continue
            if formal in given:
                argument = self._argument(actuals.arguments[given[formal]])
                found[parameter_key(name, formal)] = argument
            elif starred:
                found[parameter_key(name, formal)] = Argument(certain=False)
        return found

    def _forwarded(self, actuals: Actuals) -> dict[str, Argument]:
        """What a call gives that is made before it is known what is called."""
        found: dict[str, Argument] = {}
        others: Argument | None = None
        for position, argument in enumerate(actuals.arguments):
            kind, name = actuals.kinds[position], actuals.names[position]
            if kind is ARG_NAMED and name is not None:
                found[name] = self._argument(argument)
            elif kind is ARG_POS:
                if others is None:
                    found[parameter_key(None, position)] = self._argument(argument)
            elif self._is_starred(argument):
                others = others or Argument(parameter=OTHERS)
            else:
                others = Argument()
        if others is not None:
            found[OTHERS] = others
        return found

    def _argument(self, expression: Expression) -> Argument:
        literals = self._literals(expression)
        if isinstance(expression, NameExpr) and isinstance(expression.node, Var):
            parameter = self._frame.parameters.get(expression.node)
            if parameter is not None:
                if parameter.default is None:
                    return Argument(literals, parameter.key, required=True)
                default = literal_of(parameter.default, self._module)
                narrowed = default == "None" and not _has_none(self._type_of(expression))
                tested = self._is_tested(expression.node)
                return Argument(literals, parameter.key, default, narrowed, tested=tested)
        return Argument(literals, perhaps=() if literals else self._leaves(expression))

    def _is_tested(self, variable: Var) -> bool:
        """Whether some condition before has the variable in it."""
        frame = self._frame
        while frame.tests:
            # mypy is compiled: its visitors cannot be subclassed, but it has one that does this.
            collector = NameAndMemberCollector()
            frame.tests.pop().accept(collector)
            frame.tested.update(each.node for each in collector.name_exprs)
        return variable in frame.tested

    def _leaves(self, expression: Expression) -> tuple[str, ...]:
        """The literals among which an expression chooses, by a condition or with `or`."""
        if isinstance(expression, ConditionalExpr):
            return (*self._leaves(expression.if_expr), *self._leaves(expression.else_expr))
        if isinstance(expression, OpExpr) and expression.op == "or":
            return (*self._leaves(expression.left), *self._leaves(expression.right))
        constant = literal_of(expression, self._module)
        return () if constant is None else (constant,)

    def _literals(self, expression: Expression) -> tuple[str, ...]:
        """All that an expression may be; nothing if that is not known."""
        if isinstance(expression, ConditionalExpr):
            one, other = self._literals(expression.if_expr), self._literals(expression.else_expr)
            return (*one, *other) if one and other else ()
        constant = literal_of(expression, self._module)
        if constant is not None:
            return (constant,)
        if isinstance(expression, TempNode):
            return literals_of(expression.type)
        return literals_of(self._type_of(expression))


def _has_none(typ: Type | None) -> bool:
    proper = get_proper_type(typ)
    if isinstance(proper, UnionType):
        return any(isinstance(get_proper_type(item), NoneType) for item in proper.items)
    return isinstance(proper, (NoneType, AnyType))
