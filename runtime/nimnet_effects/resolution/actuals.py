"""What a call gives, and which parameter of a function gets it."""

from __future__ import annotations

from typing import Final

from mypy.nodes import (
    ARG_NAMED,
    ARG_OPT,
    ARG_POS,
    ARG_STAR,
    ARG_STAR2,
    ArgKind,
    CallExpr,
    Expression,
    FuncDef,
)


class Actuals:
    """The arguments of a call, with those that a `functools.partial` gives before them."""

    __slots__ = ("arguments", "kinds", "names")

    def __init__(
        self, arguments: list[Expression], kinds: list[ArgKind], names: list[str | None]
    ) -> None:
        """Take each argument, its kind, and its name where it is a keyword's."""
        self.arguments = arguments
        self.kinds = kinds
        self.names = names

    @classmethod
    def of(cls, call: CallExpr) -> Actuals:
        """Those of a call."""
        return cls(call.args, call.arg_kinds, call.arg_names)

    def add(self, argument: Expression, kind: ArgKind, name: str | None) -> None:
        """Add one argument."""
        self.arguments.append(argument)
        self.kinds.append(kind)
        self.names.append(name)

    def after(self, first: CallExpr) -> Actuals:
        """These, after those that `functools.partial(function, ...)` has."""
        return Actuals(
            first.args[1:] + self.arguments,
            first.arg_kinds[1:] + self.kinds,
            first.arg_names[1:] + self.names,
        )


NO_ACTUALS: Final = Actuals([], [], [])


def formals(function: FuncDef, bound: bool, actuals: Actuals) -> tuple[dict[int, int], bool] | None:
    """Which actual each formal parameter gets, or None if the call does not fit the function.

    Returns:
        Indices of actuals by those of formals, and whether `*` or `**` may give some of the others.
    """
    names, kinds = function.arg_names, function.arg_kinds
    given: dict[int, int] = {}
    position = 1 if bound else 0
    starred = False
    for index, kind in enumerate(actuals.kinds):
        if kind is ARG_POS:
            while position < len(kinds) and position in given:
                position += 1
            here = kinds[position] if position < len(kinds) else None
            if here is ARG_POS or here is ARG_OPT:
                given[position] = index
                position += 1
            elif here is not ARG_STAR and not starred:
                return None
        elif kind is ARG_NAMED:
            name = actuals.names[index]
            for formal, each in enumerate(names):
                if each == name and kinds[formal] not in (ARG_STAR, ARG_STAR2):
                    given[formal] = index
                    break
            else:
                if ARG_STAR2 not in kinds:
                    return None
        else:
            starred = True
    if not starred:
        for formal, kind in enumerate(kinds):
            if (
                (kind is ARG_POS or kind is ARG_NAMED)
                and formal not in given
                and not (bound and formal == 0)
            ):
                return None
    return given, starred


def place_of(parameter: str, function: FuncDef) -> int | None:
    """Where a function has the parameter of a key or a name; None if it has none, or none is known.

    Of a parameter that calls cannot name, mypy's cache keeps no name: if a function has one of
    these, what no other parameter is called is this one.
    """
    if parameter.startswith("#"):
        return int(parameter[1:])
    if parameter in function.arg_names:
        return function.arg_names.index(parameter)
    nameless = [
        place
        for place, kind in enumerate(function.arg_kinds)
        if function.arg_names[place] is None and not kind.is_star()
    ]
    own = 1 if function.info and not function.is_static and 0 in nameless else 0
    return nameless[own] if len(nameless) == own + 1 else None
