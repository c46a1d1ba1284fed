"""What calls give for parameters, as far as it decides what they may raise."""

from __future__ import annotations

from mypy.nodes import (
    ARG_NAMED_OPT,
    ARG_OPT,
    BytesExpr,
    Expression,
    FloatExpr,
    IntExpr,
    NameExpr,
    StrExpr,
    UnaryExpr,
    Var,
)
from mypy.types import AnyType, Instance, LiteralType, NoneType, Type, UnionType, get_proper_type

from nimnet_effects.extraction.frames import Frames
from nimnet_effects.ir import Argument
from nimnet_effects.resolution.actuals import Actuals, formals
from nimnet_effects.resolution.targets import Target


class Arguments(Frames):
    """Tells literals, and parameters that are handed on."""

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


def _has_none(typ: Type | None) -> bool:
    proper = get_proper_type(typ)
    if isinstance(proper, UnionType):
        return any(isinstance(get_proper_type(item), NoneType) for item in proper.items)
    return isinstance(proper, (NoneType, AnyType))
