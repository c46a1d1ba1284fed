"""What generated classes do besides what the specification lists: it follows from their shape.

A distinct integer, a value and a handle each have a few methods that follow from what they are.
They are planned here as code, not inherited from a base class: such a class would have to be in the
runtime, which every project writes for itself, and users would pay for another layer at each call.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from nimnet_gen.naming.special import SELF, Special
from nimnet_gen.plan.api import Branch, Distinct, Form, HandleClass, ValueClass
from nimnet_gen.plan.contracts import MADE_OF_PARTS, NO_SUCH_PART
from nimnet_gen.plan.docs import plain_docstring
from nimnet_gen.plan.layout import (
    INDENT,
    Group,
    call,
    docstring,
    indented,
    laid_out,
    quoted,
    statement,
)
from nimnet_gen.plan.package.bodies import CORE, PACKED
from nimnet_gen.plan.package.guards import look
from nimnet_gen.plan.package.views import FunctionView

_DEPTH: Final = 1
_NEVER: Final = "typing.NoReturn"
_REFUSED: Final = ("*_args: typing.Never", "**_named: typing.Never")
_DESCRIPTOR: Final = "fileno"
"""The method by which Python's own library asks for what an object stands for in the system."""


def method(head: Group, doc: Sequence[str], body: Sequence[str], *decorators: str) -> FunctionView:
    """Return a method of a class, whose lines have no margin yet."""
    return FunctionView(
        tuple(indented([decorator], _DEPTH) for decorator in decorators),
        indented([laid_out(head, _DEPTH)], _DEPTH),
        indented(doc, _DEPTH + 1),
        indented(body, _DEPTH + 1),
    )


def _simple(name: str, result: str, summary: str, *body: str) -> FunctionView:
    return method(Group(f"def {name}(", ("self",), f") -> {result}:"), _doc(summary), body)


def _doc(*lines: str) -> list[str]:
    return docstring(lines, _DEPTH + 1)


def distinct_methods(symbol: Distinct) -> Iterator[FunctionView]:
    """Yield the methods of a distinct type: the check of its range, and its texts."""
    name = symbol.name
    if symbol.base != "int":
        yield _simple(
            "__repr__",
            "str",
            "Returns the type's name around the string.",
            f'return f"{name}({{{symbol.base}.__repr__(self)}})"',
        )
        return
    said = ["Makes one of an integer."]
    check: list[str] = []
    if symbol.range is not None:
        low, high = symbol.range
        said += ["", "Raises:", f"    {MADE_OF_PARTS}: It is not {low} to {high}."]
        check = [
            f"if not {low} <= value <= {high}:",
            f'    raise {MADE_OF_PARTS}(f"a {name} is {low} to {high}, not {{value}}")',
        ]
    yield method(
        Group("def __new__(", ("cls", "value: int"), f") -> {SELF}:"),
        _doc(*said),
        [
            *look([("type(value) is not int",)], f"{name}.__new__", ["value"], _DEPTH + 1),
            *check,
            "return int.__new__(cls, value)",
        ],
    )
    yield _simple(
        "__repr__",
        "str",
        "Returns the type's name around the number.",
        f'return f"{name}({{int(self)}})"',
    )
    yield _simple("__str__", "str", "Returns the number alone.", "return int.__repr__(self)")


def refusing_methods(symbol: HandleClass, makers: Sequence[str]) -> Iterator[FunctionView]:
    """Yield what refuses to make an object of nothing, and another of one.

    Args:
        symbol: The class.
        makers: The functions and methods that users get such objects from.
    """
    name = symbol.name
    by = _either([f"{maker}()" for maker in makers]) or "functions of this package alone"
    yield method(
        Group("def __init__(", ("self", *_REFUSED), ") -> None:"),
        _doc(f"Refuses: programs get `{name}` objects from functions of this package."),
        statement(
            call("raise TypeError", [quoted(f"{name} objects are made by {by}")]), _DEPTH + 1
        ),
    )
    text = f"cannot copy or pickle {name} objects: share it"
    if any(one.name == _DESCRIPTOR for one in symbol.methods):
        text += f"; another process takes its {_DESCRIPTOR}()"
    yield method(
        Group("def __reduce__(", ("self",), f") -> {_NEVER}:"),
        _doc("Refuses to be copied or pickled: there is one of what it stands for."),
        statement(call("raise TypeError", [quoted(text)]), _DEPTH + 1),
    )


def _either(names: Sequence[str]) -> str:
    *others, last = names or [""]
    return f"{', '.join(others)} or {last}" if others else last


def holding_methods(core: str) -> Iterator[FunctionView]:
    """Yield what makes an object around one of the runtime's."""
    yield method(
        Group("def _from_core(", ("cls", f"core: {core}"), f") -> {SELF}:"),
        _doc("Returns an object around one of the runtime's."),
        ["made = cls.__new__(cls)", f"made.{CORE.removeprefix('self.')} = core", "return made"],
        "@classmethod",
    )


def value_methods(symbol: ValueClass) -> Iterator[FunctionView]:
    """Yield what makes a value of its parts or of packed bytes, and what gives the parts back."""
    yield _constructor(symbol)
    yield method(
        Group("def _from_packed(", ("cls", "packed: bytes"), f") -> {SELF}:"),
        _doc("Returns the value of the bytes that the runtime speaks."),
        ["made = cls.__new__(cls)", "made._packed = packed", "return made"],
        "@classmethod",
    )
    *others, last = symbol.branches
    asked = [
        line
        for branch in others
        for line in (f"if len({PACKED}) == {branch.length}:", f"    return {branch.tag}")
    ]
    yield method(
        Group(f"def {symbol.discriminator}(", ("self",), f") -> {symbol.tag_type}:"),
        plain_docstring(symbol.tag_doc, _DEPTH + 1),
        [*asked, f"return {last.tag}"],
        "@property",
    )
    for branch in symbol.branches:
        yield method(
            Group(f"def {branch.field}(", ("self",), ") -> bytes:"),
            plain_docstring(
                branch.doc,
                _DEPTH + 1,
                {NO_SUCH_PART: f"`{symbol.discriminator}` is not `{branch.tag}`."},
            ),
            [
                f"if len({PACKED}) != {branch.length}:",
                f'    raise {NO_SUCH_PART}("{branch.field} is there with {branch.tag} only")',
                f"return {PACKED}",
            ],
            "@property",
        )


def _constructor(symbol: ValueClass) -> FunctionView:
    given = (f"{branch.field}: bytes | None = None" for branch in symbol.branches)
    discriminator = symbol.discriminator
    return method(
        Group(
            "def __init__(",
            ("self", f"{discriminator}: {symbol.tag_type}", "*", *given),
            ") -> None:",
        ),
        _doc(
            "Makes a value of its parts.",
            "",
            "Args:",
            f"    {discriminator}: Which of the others is given.",
            *(
                f"    {branch.field}: {branch.length} bytes, with `{branch.tag}` only."
                for branch in symbol.branches
            ),
            "",
            "Raises:",
            f"    {MADE_OF_PARTS}: The bytes are missing, of a wrong length, or of another "
            "variant.",
        ),
        [
            *look(
                [(f"type({discriminator}) is not {symbol.tag_type}",)]
                + [
                    (f"{branch.field} is not None", f"type({branch.field}) is not bytes")
                    for branch in symbol.branches
                ],
                f"{symbol.name}.__init__",
                [discriminator, *(branch.field for branch in symbol.branches)],
                _DEPTH + 1,
            ),
            "parts = {",
            *(line for branch in symbol.branches for line in _part(branch)),
            "}",
            f"name, packed, length = parts.pop({discriminator})",
            "if packed is None or len(packed) != length:",
            f'    raise {MADE_OF_PARTS}(f"{{name}} must be given, and hold {{length}} bytes")',
            "for name, other, _ in parts.values():",
            "    if other is not None:",
            f'        raise {MADE_OF_PARTS}(f"{{name}} does not belong to this {discriminator}")',
            f"{PACKED} = bytes(packed)",
        ],
    )


def _part(branch: Branch) -> list[str]:
    items = (quoted(branch.field), branch.field, str(branch.length))
    part = Group(f"{branch.tag}: (", items, "),")
    first, *others = laid_out(part, _DEPTH + 2).splitlines()
    return [INDENT + first, *(line[len(INDENT) * (_DEPTH + 1) :] for line in others)]


def following(special: Special, form: Form, owner: ValueClass | HandleClass) -> list[str]:
    """Return the body of a method of the data model that follows from the class."""
    inside = PACKED if isinstance(owner, ValueClass) else CORE
    match special.python:
        case "__eq__":
            other = form.params[0].name
            same = f"return {inside} == {other}.{inside.removeprefix('self.')}"
            return [*guard(other, (owner.name,)), same]
        case "__hash__":
            return [f"return hash({inside})"]
        case _:
            return ["return self"]


def guard(name: str, classes: tuple[str, ...]) -> list[str]:
    """Return the test by which an operator leaves an operand of another type to that type."""
    tested = classes[0] if len(classes) == 1 else f"({', '.join(classes)})"
    return [f"if not isinstance({name}, {tested}):", "    return NotImplemented"]


def implied_methods(symbol: ValueClass) -> Iterator[FunctionView]:
    """Yield the methods that others bring with them.

    What compares by content has a hash by content, and what has a text shows it. What compares by
    a function of the runtime has only the hash that the specification gives it.
    """
    known = {function.name for function in symbol.methods}
    if symbol.is_by_content and "__hash__" not in known:
        summary = "Returns a hash that equal values share."
        yield _simple("__hash__", "int", summary, f"return hash({PACKED})")
    if "__str__" in known and "__repr__" not in known:
        shown = f'return f"<{symbol.name} {{self}}>"'
        yield _simple("__repr__", "str", "Returns the type and the text form.", shown)
