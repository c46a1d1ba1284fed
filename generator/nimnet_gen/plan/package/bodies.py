"""What stands inside a generated function: one call into the runtime, with values made to cross."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from nimnet_gen.naming.special import SELF
from nimnet_gen.plan import dispatch
from nimnet_gen.plan.api import Api, Form, Function, HandleClass, PythonType, TypeSymbol
from nimnet_gen.plan.imports import Imports
from nimnet_gen.plan.layout import INDENT, LINE_LENGTH, Group, Item, call, flat, laid_out, prefixed

_RESULT: Final = "result"
"""The variable of what the runtime returned, where it is looked at before it is passed on."""
CORE: Final = "self._core"
PACKED: Final = "self._packed"
_ITEM: Final = "item"
_NONE: Final = "None"
_CHECKED: Final = "# type: ignore[arg-type]  # checked by the overloads"


class Bodies:
    """Writes the bodies of one module, and imports what they call."""

    def __init__(self, api: Api, imports: Imports) -> None:
        """Write for `api`; `imports` gets what the bodies need."""
        self._api = api
        self._imports = imports
        self.types: dict[str, TypeSymbol] = {
            symbol.name: symbol for module in api.modules for symbol in module.types
        }

    def call(
        self,
        function: Function,
        form: Form,
        depth: int,
        values: Mapping[str, str] = MappingProxyType({}),
    ) -> list[str]:
        """Return the lines that call the runtime and return its result.

        Args:
            function: What is called.
            form: How.
            depth: How many levels the lines will be indented.
            values: What is given for parameters that have no variable.
        """
        given: list[Item] = []
        for param in form.params:
            value = values.get(param.name, param.name)
            given.append(value if value == _NONE else outgoing(value, param.type))
        if self.has_core(function):
            target = f"{CORE}.{self._path(function, form)}"
        else:
            target = self.target(form.runtime)
            if function.owner:
                given.insert(0, PACKED)
        return self._returned(call(target, given), form, depth)

    def construct(self, form: Form, depth: int) -> list[str]:
        """Return the line that makes the runtime's object for a new one of the package's."""
        given = [outgoing(param.name, param.type) for param in form.params]
        return _lines(call(self.target(form.runtime), given), depth, f"{CORE} = ")

    def read(self, function: Function, form: Form, depth: int) -> list[str]:
        """Return the lines of a property's getter: a property of the core, or the call named."""
        is_called = form.entry.runtime is not None and form.entry.kind != "property"
        if is_called or not self.has_core(function):
            return self.call(function, form, depth)
        value = incoming(f"{CORE}.{self._path(function, form)}", form.result)
        return _lines(value, depth, "return ")

    def assign(self, function: Function, form: Form, depth: int) -> list[str]:
        """Return the lines of a property's setter: an assignment, or the call that is named."""
        if form.entry.runtime is not None or not self.has_core(function):
            return self.call(function, form, depth)
        param = form.params[0]
        return [f"{CORE}.{self._path(function, form)} = {outgoing(param.name, param.type)}"]

    def has_core(self, function: Function) -> bool:
        """Tell whether it is a method of a class with an object of the runtime."""
        return isinstance(self.types.get(function.owner), HandleClass)

    def _path(self, function: Function, form: Form) -> str:
        """Return the path from the core to a function; the core's class may stand before it."""
        owner = self.types[function.owner]
        core = owner.runtime.rpartition(".")[2] if isinstance(owner, HandleClass) else ""
        return form.runtime.removeprefix(f"{core}.")

    def alias(self, name: str) -> str:
        """Return another name for a class of the runtime that the API has one of, else nothing."""
        return f"_{name}" if name in self._api.homes else ""

    def target(self, path: str) -> str:
        """Return the expression for a function of the runtime, and import its module or class."""
        module, *rest = path.split(".")
        home = f"{self._api.runtime}.{module}"
        if len(rest) > 1:
            alias = self.alias(rest[0])
            self._imports.name(home, rest[0], alias)
            return ".".join([alias or rest[0], *rest[1:]])
        self._imports.name(self._api.runtime, module, alias=f"_{module}")
        return f"_{module}.{rest[0]}"

    def _returned(self, called: Item, form: Form, depth: int) -> list[str]:
        result = form.result
        if result.annotation == "None":
            return _lines(called, depth)
        if result.wire == "maybe":
            kept = incoming(_RESULT, result)
            return [*_lines(called, depth, f"{_RESULT} = "), *_lines(kept, depth, "return ")]
        if any(comes_back_changed(item) for item in result.items):
            names = form.result_names
            values = [incoming(name, item) for name, item in zip(names, result.items, strict=True)]
            return [
                *_lines(called, depth, f"{', '.join(names)} = "),
                f"return {', '.join(flat(value) for value in values)}",
            ]
        return _lines(incoming(called, result), depth, "return ")


def _lines(item: Item, depth: int, prefix: str = "") -> list[str]:
    """Return a statement laid out at a depth, as lines without the margin.

    Args:
        item: The expression.
        depth: How many levels the statement is indented.
        prefix: What stands before the expression: `return`, or a name and `=`.
    """
    first, *others = laid_out(prefixed(prefix, item), depth).splitlines()
    if len(INDENT) * depth + len(first) <= LINE_LENGTH:
        return [first, *(line[len(INDENT) * depth :] for line in others)]
    # Where even the opening bracket is too far to the right, the formatter moves all of it down.
    inner = (INDENT * (depth + 1) + laid_out(item, depth + 1)).splitlines()
    return [f"{prefix}(", *(line[len(INDENT) * depth :] for line in inner), ")"]


def outgoing(name: str, python: PythonType) -> str:
    """Return the expression that hands an argument to the runtime."""
    match python.wire:
        case "flags":
            return f"{name}._value_"
        case "core" | "held":
            return f"{name}._core"
        case "packed":
            return f"{name}._packed"
        case "each" | "maybe" if python.element is not None and _goes_out_changed(python.element):
            if python.wire == "maybe":
                return f"None if {name} is None else {outgoing(name, python.element)}"
            return f"[{outgoing(_ITEM, python.element)} for {_ITEM} in {name}]"
    if any(_goes_out_changed(item) for item in python.items):
        parts = [outgoing(f"{name}[{i}]", item) for i, item in enumerate(python.items)]
        return f"({', '.join(parts)})"
    return name


def incoming(value: Item, python: PythonType) -> Item:
    """Return the expression that makes a result of what the runtime returned.

    What is looked at more than once must be a name: an option, or a tuple inside of something.
    """
    match python.wire:
        case "wrapped" | "flags":
            return call(python.annotation, [value])
        case "number":
            return call("int.__new__", [python.annotation, value])
        case "core" | "held":
            return call(f"{python.annotation}._from_core", [value])
        case "packed":
            return call(f"{python.annotation}._from_packed", [value])
        case "each" if python.element is not None:
            is_tuple = python.annotation.startswith("tuple[")
            if not comes_back_changed(python.element):
                return call("tuple", [value])
            clauses = (flat(incoming(_ITEM, python.element)), prefixed(f"for {_ITEM} in ", value))
            opened, closed = ("tuple(", ")") if is_tuple else ("[", "]")
            return Group(opened, clauses, closed, between=" ")
        case "maybe" if python.element is not None:
            made = flat(incoming(value, python.element))
            return f"None if {flat(value)} is None else {made}"
    if any(comes_back_changed(item) for item in python.items):
        name = flat(value)
        parts = [incoming(f"{name}[{i}]", item) for i, item in enumerate(python.items)]
        return f"({', '.join(map(flat, parts))})"
    return value


def comes_back_changed(python: PythonType) -> bool:
    """Tell whether a value is made anew of what the runtime returned."""
    return python.wire != "plain" or any(comes_back_changed(item) for item in python.items)


def _goes_out_changed(python: PythonType) -> bool:
    inner = python.items if python.element is None else (python.element,)
    return python.wire in ("flags", "core", "held", "packed") or any(map(_goes_out_changed, inner))


def choice(
    tree: dispatch.Tree, names: Mapping[str, str], result: str, hoisted: Mapping[str, str]
) -> list[str]:
    """Return the lines of an overloaded function: tests, and a call of one form's body each.

    Args:
        tree: How the forms are told apart.
        names: The function with the body of a form, by the runtime function it calls.
        result: The annotation of what it returns; `SELF` is right for every form.
        hoisted: The constants for defaults that calls make, by their text.
    """
    lines = _branches(tree, names, hoisted, 0, frozenset(), in_place=result == SELF)
    if result == "None":
        lines = [line.removesuffix(" None") for line in lines[:-1]]
    return lines


def _branches(
    tree: dispatch.Tree,
    names: Mapping[str, str],
    hoisted: Mapping[str, str],
    level: int,
    bound: frozenset[str],
    *,
    in_place: bool,
) -> list[str]:
    margin = INDENT * level
    if isinstance(tree, dispatch.Leaf):
        lines = [f"{margin}{line}" for line in _left_out(tree.form, hoisted)]
        called = f"{names[tree.form.runtime]}(*args, **named)  {_CHECKED}"
        if in_place or tree.form.result.annotation != "None":
            return [*lines, f"{margin}return {called}"]
        return [*lines, f"{margin}{called}", f"{margin}return None"]
    lines = []
    test = tree.test
    if isinstance(test, dispatch.IsInstance):
        if test.name not in bound:
            lines.append(f"{margin}{test.name} = {_argument(test.index, test.name)}")
            bound = bound | {test.name}
        condition = f"isinstance({test.name}, {_classes(test.classes)})"
    elif test.index is None:
        condition = f'"{test.name}" in named'
    else:
        condition = f'len(args) > {test.index} or "{test.name}" in named'
    lines.append(f"{margin}if {condition}:")
    lines += _branches(tree.then, names, hoisted, level + 1, bound, in_place=in_place)
    return lines + _branches(tree.otherwise, names, hoisted, level, bound, in_place=in_place)


def _left_out(form: Form, hoisted: Mapping[str, str]) -> Iterator[str]:
    """Yield what gives their defaults to arguments that stand before one that has to be given."""
    for index, param in enumerate(form.params[: form.by_place]):
        if param.default is not None:
            value = hoisted.get(param.default.text, param.default.text)
            yield f"if len(args) < {index + 1}:"
            yield f'{INDENT}named.setdefault("{param.name}", {value})'


def _argument(index: int, name: str) -> str:
    there = "args" if index == 0 else f"len(args) > {index}"
    return f'args[{index}] if {there} else named.get("{name}")'


def _classes(names: tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else f"({', '.join(names)})"
