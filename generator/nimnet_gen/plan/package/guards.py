"""The look at its arguments that a generated function begins with.

It is a test that costs a few nanoseconds for each parameter and holds wherever a type is not the
very one that is asked for. What it finds may still be right, being of a subclass: that, and what to
say, is the matter of the package's own `_arguments`, which is called then.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from nimnet_gen.plan.api import Alias, Api, Enum, Form, Parameter, PythonType, TypeSymbol
from nimnet_gen.plan.layout import INDENT, LINE_LENGTH, call, quoted, statement
from nimnet_gen.plan.package.views import ArgumentsView

ARGUMENTS: Final = "_arguments"
"""The module of a package that says what is wrong with an argument."""
CHECK: Final = ("check", "_check")
"""Its function that looks at arguments, and how modules of the package call it."""
BYTES_LIKE: Final = ("BYTES_LIKE", "_BYTES_LIKE")
"""Its classes of what holds data, and how modules of the package call them."""
FINAL: Final = {name: (name.upper(), f"_{name.upper()}") for name in ("bool", "memoryview")}
"""Its names for classes that cannot be derived from: asked for such, type checkers say that it
never is another."""

_TAKES_ALL: Final = "object"
_BYTES_LIKE: Final = frozenset({"bytes", "bytearray", "memoryview"})
_BROKEN: Final = 3
"""So many conditions stand one a line if they are too long for one."""
_MANY_ITEMS: Final = 2
"""So many items of a mapping stand one a line."""
_WAITING: Final = "whole milliseconds (0.5 s is 500), or -1 for no end"


def arguments_view(api: Api) -> ArgumentsView:
    """Return the view of the module that says what is wrong with an argument."""
    waits = api.spec.oracle.waits
    advice = {waits.param: _WAITING} if waits else {}
    return ArgumentsView(_mapping(advice), _mapping(dict(sorted(numbers(api)))), api.name)


def numbers(api: Api) -> Iterator[tuple[str, str]]:
    """Yield the integer parameters that take members of an enum, each with that enum."""
    enums = {
        param: symbol.name
        for module in api.modules
        for symbol in module.types
        if isinstance(symbol, Enum)
        for param in symbol.entry.numbers
    }
    for module in api.modules:
        for function in module.callables:
            for param in (param for form in function.forms for param in form.params):
                if param.entry.name in enums and param.type.annotation == "int":
                    yield param.name, enums[param.entry.name]


def _mapping(texts: Mapping[str, str]) -> str:
    """Return a mapping of texts as the formatter would write it, after an assignment."""
    items = [f"{quoted(key)}: {quoted(value)}" for key, value in texts.items()]
    single = f"{{{', '.join(items)}}}"
    if len(items) < _MANY_ITEMS:
        return single
    return "\n".join(["{", *(f"{INDENT}{item}," for item in items), "}"])


class Guards:
    """Writes the looks of one package at its arguments."""

    def __init__(self, types: Mapping[str, TypeSymbol]) -> None:
        """Know the types of the package by their names."""
        self._types = types

    def guarded(self, body: Sequence[str], form: Form, target: str, depth: int) -> list[str]:
        """Return the lines of a body with the look at the arguments.

        Args:
            body: The lines without it.
            form: What is called.
            target: The expression for the function, or for its property.
            depth: How many levels the lines will be indented.
        """
        params = [p for p in form.params if _TAKES_ALL not in (*p.type.classes, p.type.annotation)]
        if not params:
            return list(body)
        tests = [tuple(self._test(param)) for param in params]
        return [*look(tests, target, [param.name for param in form.params], depth), *body]

    def _test(self, param: Parameter) -> Iterator[str]:
        """Yield what all holds if an argument has to be looked at; nothing if it always has."""
        name = param.name
        classes = set(param.type.classes)
        if param.variadic:
            yield name
            return
        optional = "None" in classes or param.type.annotation.endswith(" | None")
        if optional:
            yield f"{name} is not None"
        if not classes or not all(map(self._is_class, classes)):
            # No class stands for it: whatever is not left out is looked at, where that can be told.
            default = "" if param.default is None or optional else param.default.text
            if default.isidentifier():
                yield f"{name} is not {default}"
            return
        if classes >= _BYTES_LIKE:
            classes -= _BYTES_LIKE
            yield f"type({name}) not in {BYTES_LIKE[1]}"
        for one in sorted(classes - {"None"}):
            yield f"type({name}) {f'not in {FINAL[one][1]}' if one in FINAL else f'is not {one}'}"

    def _is_class(self, name: str) -> bool:
        return "." not in name and not isinstance(self._types.get(name), Alias)


def usual_class(python: PythonType) -> str:
    """Return the class that most arguments have; nothing where no class stands for the type."""
    named = [one for one in python.classes if "." not in one and one != "None"]
    return min(named, key=_rareness, default="")


def _rareness(name: str) -> tuple[bool, str]:
    return name != "bytes", name


def look(
    groups: Sequence[Sequence[str]], target: str, names: Sequence[str], depth: int
) -> list[str]:
    """Return the statement that looks closer if all tests of a group hold.

    Args:
        groups: For each parameter its tests; none for one that is always looked at.
        target: The expression for the function.
        names: All of its parameters, in order.
        depth: How many levels the lines will be indented.
    """
    called = call(CHECK[1], [target, *names])
    if not all(groups):
        return statement(called, depth)
    looked = [f"{INDENT}{line}" for line in statement(called, depth + 1)]
    flat = [" and ".join(group) for group in groups]
    if len(groups) > 1:
        several = zip(groups, flat, strict=True)
        flat = [f"({text})" if len(group) > 1 else text for group, text in several]
    single = f"if {' or '.join(flat)}:"
    if len(INDENT) * depth + len(single) <= LINE_LENGTH:
        return [single, *looked]
    if len(groups) < _BROKEN:
        # What the formatter does to a line that is too long depends on what is in it.
        return [line for group in groups for line in look([group], target, names, depth)]
    first, *others = flat
    tests = [f"{INDENT}{first}", *(f"{INDENT}or {other}" for other in others)]
    return ["if (", *tests, "):", *looked]
