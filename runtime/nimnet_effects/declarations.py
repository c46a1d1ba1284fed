"""What functions say of themselves: `@raises(...)` in mypy's trees.

Which decorator it is, and which classes it names, is resolved by what mypy bound the names to. A
name that the top of a module gives one value, once, counts as that value. Several declarations of
one function count together. What cannot be read is told by `spelling`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, TypeAlias

from mypy.nodes import (
    ARG_POS,
    ARG_STAR,
    AssignmentStmt,
    Block,
    CallExpr,
    Decorator,
    Expression,
    ForStmt,
    FuncDef,
    IfStmt,
    ListExpr,
    MatchStmt,
    MemberExpr,
    MypyFile,
    NameExpr,
    OperatorAssignmentStmt,
    OverloadedFuncDef,
    RefExpr,
    Statement,
    SymbolNode,
    TryStmt,
    TupleExpr,
    TypeInfo,
    Var,
    WhileStmt,
    WithStmt,
)
from mypy.nodes import TypeAlias as Alias
from mypy.types import (
    CallableType,
    Instance,
    Overloaded,
    TupleType,
    Type,
    TypeType,
    UnionType,
    get_proper_type,
)

from nimnet_effects.contracts import Contract, Given
from nimnet_effects.ir import parameter_key
from nimnet_effects.literals import literal_of

RAISES: Final = "nimnet_effects.raises"
_ANYTHING: Final = ("builtins.BaseException",)
_DEEPEST: Final = 8

Values: TypeAlias = Callable[[Var], Expression | None]
"""The one value that the top of a module gives to a name; None if it is not known, or not one."""


def no_values(_: Var) -> None:
    """Know no values: what names stand for is not read."""


def values_of(tree: MypyFile) -> dict[str, Expression]:
    """The values that the top of a module gives to names, once, and under no condition."""
    found: dict[str, Expression | None] = {}
    for statement in tree.defs:
        for lvalue, value in _assigned(statement):
            if isinstance(lvalue, NameExpr):
                found[lvalue.name] = None if lvalue.name in found else value
    return {name: value for name, value in found.items() if value is not None}


def _assigned(statement: Statement) -> Iterator[tuple[Expression, Expression | None]]:
    """What a statement assigns to, with the value where that is known."""
    if isinstance(statement, AssignmentStmt):
        for lvalue in statement.lvalues:
            parts = lvalue.items if isinstance(lvalue, (TupleExpr, ListExpr)) else None
            yield from ((part, None) for part in parts or ())
            yield lvalue, statement.rvalue
        return
    if isinstance(statement, OperatorAssignmentStmt):
        yield statement.lvalue, None
    for block in _blocks(statement):
        for inner in block.body:
            yield from ((lvalue, None) for lvalue, _ in _assigned(inner))


def _blocks(statement: Statement) -> list[Block]:
    """The blocks of a statement that are run where it stands."""
    if isinstance(statement, IfStmt):
        return [*statement.body, *filter(None, [statement.else_body])]
    if isinstance(statement, TryStmt):
        others = filter(None, [statement.else_body, statement.finally_body])
        return [statement.body, *statement.handlers, *others]
    if isinstance(statement, (ForStmt, WhileStmt)):
        return [statement.body, *filter(None, [statement.else_body])]
    if isinstance(statement, MatchStmt):
        return statement.bodies
    return [statement.body] if isinstance(statement, WithStmt) else []


def is_raises(expression: Expression, values: Values) -> bool:
    """Whether an expression is `raises` itself, or a name for it."""
    for _ in range(_DEEPEST):
        if not isinstance(expression, RefExpr):
            return False
        if expression.fullname == RAISES:
            return True
        value = values(expression.node) if isinstance(expression.node, Var) else None
        if value is None:
            return False
        expression = value
    return False


def call_of(decorator: Expression, values: Values) -> CallExpr | None:
    """The `raises(...)` that a decorator is, or is a name for."""
    for _ in range(_DEEPEST):
        if isinstance(decorator, CallExpr):
            return decorator if is_raises(decorator.callee, values) else None
        if not isinstance(decorator, RefExpr) or not isinstance(decorator.node, Var):
            return None
        value = values(decorator.node)
        if value is None:
            return None
        decorator = value
    return None


def of_decorator(
    node: Decorator, wraps: Callable[[Expression], bool | None], values: Values
) -> Contract | None:
    """What the declarations among the decorators of a function say; None if there is none.

    Args:
        node: the function.
        wraps: whether a decorator puts another function in the place of the one that it is given:
            what stands below declares nothing for that.
        values: what names stand for.
    """
    found: list[Contract] = []
    for decorator in node.original_decorators:
        call = call_of(decorator, values)
        if call is not None:
            found.append(of_call(call, node.func))
        elif wraps(decorator):
            break
    return together(found) if found else None


def together(declared: list[Contract]) -> Contract:
    """What several declarations of one function say: each of them may happen."""
    if len(declared) == 1:
        return declared[0]
    raises = dict.fromkeys(name for contract in declared for name in contract.raises)
    given: dict[str, Given] = {}
    for contract in declared:
        for name, each in contract.given.items():
            before = given[name].raises if name in given else ()
            given[name] = Given(tuple(dict.fromkeys((*before, *each.raises))), each.unless)
    return Contract(raises=tuple(raises), given=given)


def of_definition(
    node: SymbolNode | None, wraps: Callable[[Expression], bool | None], values: Values
) -> tuple[Contract, ...] | None:
    """What a definition declares, one contract for each form of an overloaded function.

    Of a property, what reading it declares. The others are as for `of_decorator`.
    """
    if isinstance(node, OverloadedFuncDef) and node.is_property:
        node = node.items[0]
    if isinstance(node, Decorator):
        declared = of_decorator(node, wraps, values)
        return None if declared is None else (declared,)
    if not isinstance(node, OverloadedFuncDef):
        return None
    whole = of_decorator(node.impl, wraps, values) if isinstance(node.impl, Decorator) else None
    forms = [
        of_decorator(item, wraps, values) if isinstance(item, Decorator) else None
        for item in node.items
    ]
    if all(form is None for form in forms):
        return None if whole is None else (whole,)
    return tuple(form or whole or Contract(silent=True) for form in forms)


def accessors_of(node: SymbolNode | None) -> Iterator[tuple[str, Decorator]]:
    """The functions that write and delete a property: `setter`, `deleter`."""
    if isinstance(node, OverloadedFuncDef) and node.is_property:
        for item in node.items[1:]:
            access = accessor_of(item) if isinstance(item, Decorator) else None
            if isinstance(item, Decorator) and access is not None:
                yield access, item


def accessor_of(item: Decorator) -> str | None:
    """Whether a decorated function is the `setter` or the `deleter` of a property."""
    for decorator in item.original_decorators or item.decorators:
        if isinstance(decorator, MemberExpr) and decorator.name in ("setter", "deleter"):
            return decorator.name
    # mypy's cache keeps no decorators.
    return None if item.original_decorators else "setter"


def of_call(call: CallExpr, function: FuncDef) -> Contract:
    """What one `@raises(...)` says of the function that it stands at.

    A class that mypy could not resolve counts as any exception, so that nothing else is reported
    because of it.
    """
    raises: list[str] = []
    given: dict[str, Given] = {}
    for argument, kind, name in zip(call.args, call.arg_kinds, call.arg_names, strict=True):
        if kind in (ARG_POS, ARG_STAR):
            raises.extend(_classes(argument))
        elif name is not None:
            key, default = _parameter(function, name)
            unless = () if default is None else (default,)
            given[key] = Given(tuple(_classes(argument)), unless)
    return Contract(raises=tuple(raises), given=given)


def _parameter(function: FuncDef, name: str) -> tuple[str, str | None]:
    """The key of a parameter, and the literal that it defaults to, which is as good as none."""
    for place, argument in enumerate(function.arguments):
        if argument.variable.name == name:
            default = argument.initializer
            literal = None if default is None else literal_of(default)
            return parameter_key(function.arg_names[place], place), literal
    return name, None


def _classes(expression: Expression) -> Iterator[str]:
    if isinstance(expression, TupleExpr):
        for item in expression.items:
            yield from _classes(item)
    elif isinstance(expression, RefExpr):
        yield from classes_of(expression.node)
    else:
        yield from _ANYTHING


def classes_of(node: SymbolNode | None) -> tuple[str, ...]:
    """The full names of the classes that a name stands for: one, or those of a tuple."""
    if isinstance(node, TypeInfo):
        return (node.fullname,)
    if isinstance(node, Alias):
        target = get_proper_type(node.target)
        return (target.type.fullname,) if isinstance(target, Instance) else _ANYTHING
    if isinstance(node, Var) and node.type is not None:
        return tuple(dict.fromkeys(_classes_of_type(node.type)))
    return _ANYTHING


def is_tuple(expression: Expression) -> bool:
    """Whether an expression is a tuple of which it is known what it has."""
    node = expression.node if isinstance(expression, RefExpr) else None
    return isinstance(node, Var) and isinstance(get_proper_type(node.type), TupleType)


def named(node: SymbolNode | None) -> list[TypeInfo] | None:
    """The classes that a name stands for; None if it is not known exactly which."""
    if isinstance(node, TypeInfo):
        return [node]
    if isinstance(node, Alias):
        target = get_proper_type(node.target)
        return [target.type] if isinstance(target, Instance) else None
    return _named(node.type) if isinstance(node, Var) else None


def _named(type_: Type | None) -> list[TypeInfo] | None:
    proper = get_proper_type(type_)
    if isinstance(proper, (CallableType, Overloaded)) and proper.is_type_obj():
        return [proper.type_object()]
    if not isinstance(proper, TupleType):
        return None
    each = [_named(item) for item in proper.items]
    return None if None in each else [info for infos in each if infos for info in infos]


def _classes_of_type(type_: Type) -> Iterator[str]:
    proper = get_proper_type(type_)
    if isinstance(proper, (TupleType, UnionType)):
        for item in proper.items:
            yield from _classes_of_type(item)
    elif isinstance(proper, TypeType) and isinstance(item := proper.item, Instance):
        yield item.type.fullname
    elif isinstance(proper, (CallableType, Overloaded)) and proper.is_type_obj():
        yield proper.type_object().fullname
    elif isinstance(proper, Instance) and proper.type.fullname == "builtins.tuple":
        for item in proper.args:
            yield from _classes_of_type(item)
    else:
        yield from _ANYTHING
