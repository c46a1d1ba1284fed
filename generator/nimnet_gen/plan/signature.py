"""Signatures as code and as documentation show them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from nimnet_gen.naming.names import constant_case
from nimnet_gen.plan.api import Expression, Form, Function, Parameter
from nimnet_gen.plan.layout import Group, Item


def parameters(
    form: Form,
    default: Callable[[Expression], str],
    *,
    by_place: bool = False,
    is_shown: bool = False,
) -> list[Item]:
    """Return the parameters of a form, with the `*` before the keyword-only ones.

    Args:
        form: The form.
        default: What to write for a default.
        by_place: Whether all are given that have a place then.
        is_shown: Whether it is for readers.
    """

    def typed(param: Parameter) -> str:
        annotation = param.type.shown if is_shown else param.type.annotation
        return f"{'*' if param.variadic else ''}{param.name}: {annotation}"

    given = form.by_place if by_place else 0
    items = [typed(param) for param in form.params[:given]]
    collected = False
    for param in form.params[given:]:
        if param.keyword_only and not collected:
            items.append("*")
        collected = collected or param.keyword_only or param.variadic
        value = f" = {default(param.default)}" if param.default is not None else ""
        items.append(f"{typed(param)}{value}")
    return [*items]


def definition(
    name: str,
    form: Form,
    hoisted: Mapping[str, str],
    *,
    is_method: bool,
    ending: str,
    result: str = "",
    by_place: bool = False,
) -> Group:
    """Return the `def` of a form, whose defaults are plain expressions or hoisted constants.

    Args:
        name: The name to define.
        form: Its form.
        hoisted: The constants for defaults that calls make, by their text.
        is_method: Whether `self` comes first.
        ending: What stands behind the colon.
        result: The annotation of the result, where it is not the form's.
        by_place: Whether all are given that have a place then.
    """
    items = parameters(
        form, lambda default: hoisted.get(default.text, default.text), by_place=by_place
    )
    if is_method:
        items.insert(0, "self")
    return Group(f"def {name}(", tuple(items), f") -> {result or form.result.annotation}:{ending}")


def shown_signatures(function: Function, form: Form) -> list[Item]:
    """Return a form in each signature that type checkers know of it."""
    shown = [shown_signature(function, form)]
    return [shown_signature(function, form, by_place=True), *shown] if form.by_place else shown


def shown_signature(function: Function, form: Form, *, by_place: bool = False) -> Item:
    """Return a form as a reader of documentation wants it: no `self`, defaults spelled out.

    A property is shown as what is read, and as what is assigned.
    """
    if form is function.setter:
        value = form.params[0]
        return f"{function.name} = {value.name}: {value.type.annotation}"
    if function.kind == "property":
        return f"{function.name}: {form.result.annotation}"
    items = parameters(form, lambda default: default.text, by_place=by_place, is_shown=True)
    return Group(f"{function.name}(", tuple(items), f") -> {form.result.annotation}")


def hoisted_name(default: Expression) -> str:
    """Return the private constant for a default that a call makes: `Port(0)` is `_PORT_0`."""
    words = re.split(r"\W+", default.text.replace("-", "minus "), flags=re.ASCII)
    return "_" + "_".join(constant_case(word) for word in words if word)


def spread(annotation: str, before: str = "", after: str = "") -> Item:
    """Return an annotation as what the formatter would break if it is too long.

    Args:
        annotation: The annotation; a choice of types with arguments is left in one piece.
        before: What stands before it.
        after: What stands after it.
    """
    head, opened, rest = annotation.partition("[")
    inner, closed, tail = rest.rpartition("]")
    if not opened or not closed or " | " in head or "[" in tail or not _is_balanced(inner):
        return f"{before}{annotation}{after}"
    return Group(f"{before}{head}[", tuple(map(spread, _arguments(inner))), f"]{tail}{after}")


def _is_balanced(text: str) -> bool:
    depth = 0
    for character in text:
        depth += {"[": 1, "]": -1}.get(character, 0)
        if depth < 0:
            return False
    return depth == 0


def _arguments(text: str) -> list[str]:
    """Return the arguments in the brackets of a type."""
    parts, depth, start = [], 0, 0
    for index, character in enumerate(text):
        depth += {"[": 1, "]": -1}.get(character, 0)
        if character == "," and depth == 0:
            parts.append(text[start:index])
            start = index + 1
    return [part.strip() for part in (*parts, text[start:])]
