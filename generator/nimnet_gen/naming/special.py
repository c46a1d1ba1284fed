"""The methods of Python's data model: all that the generator knows of them, in one table.

An operator of Nim, and a few of its words (`len`, `items`), stand for such a method. Python
dictates what it takes and gives, and writes its call in a form of its own: `one + other`, not
`one.__add__(other)`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final, Literal

Gives = Literal["something", "a bool", "an int", "a text", "an iterator", "nothing"]
"""What a method must return, as the specification states it."""

SELF: Final = "typing.Self"
"""The annotation for an object of the class that it stands in, or of one that is derived."""
EQUALITY: Final = "__eq__"
ENTER: Final = "__enter__"
EXIT: Final = "__exit__"


@dataclass(frozen=True)
class Special:
    """What is fixed about one method.

    Attributes:
        python: Python's name.
        nim: Nim's name that stands for it, or an empty text.
        params: how many parameters it has, the object included.
        gives: what it returns.
        written: how Python writes a call, of the object `{0}` and what else is given; empty for
            what only a `with` statement calls.
        negated: how Python asks for the opposite answer; empty for what gives no bool.
        is_statement: it changes the object, and is written as a statement.
        is_comparison: it binds weaker than what may stand in its operands, and as weak as the
            comparison that a test makes of its answer.
        is_reflected: an operand of another type is asked in its turn, before it is an error.
        takes_object: the other operand may be anything, whatever the specification says.
        returns_self: what the specification takes for no result is the object itself.
        implied: parameters that Python passes and the specification does not mention.
        symbols: what its annotations name, as `module.Name`, or `module.` for the module.
        follows: a body is made of the class alone; the runtime needs none.
        may_give: the specification may say that it returns something else than the object itself.
    """

    python: str
    nim: str = ""
    params: int = 1
    gives: Gives = "something"
    written: str = ""
    negated: str = ""
    is_statement: bool = False
    is_comparison: bool = False
    is_reflected: bool = False
    takes_object: bool = False
    returns_self: bool = False
    implied: tuple[str, ...] = ()
    symbols: tuple[str, ...] = ()
    follows: bool = False
    may_give: bool = False

    @property
    def is_expression(self) -> bool:
        """Whether a call is an expression that nobody writes for its own sake: no function call."""
        return bool(self.written) and not self.is_statement and not self.written.endswith(")")

    @property
    def partner(self) -> str:
        """The method that does the same to a copy, of one that changes its object; else nothing."""
        return f"__{self.python[3:]}" if self.returns_self and self.nim else ""

    @property
    def result(self) -> str:
        """The annotation of the result where the specification cannot say it, or nothing."""
        return SELF if self.returns_self else ""

    def giving(self, result: str, owner: str) -> Special:
        """Return the method as it is with a result that the specification states.

        Args:
            result: The type that it returns; an empty text or `None` for nothing.
            owner: The class that it is a method of.
        """
        if not self.may_give or result in ("", "None", owner):
            return self
        return replace(self, gives="something", returns_self=False, follows=False, symbols=())

    def call(self, target: str, given: Sequence[str] = ()) -> str:
        """Return a call as Python writes it."""
        return self.written.format(target, *given)


def _compared(python: str, nim: str, negated: str) -> Special:
    return Special(
        python,
        nim,
        params=2,
        gives="a bool",
        written=f"{{0}} {nim} {{1}}",
        negated=negated,
        is_comparison=True,
        is_reflected=True,
        takes_object=python == EQUALITY,
        follows=python == EQUALITY,
    )


def _binary(python: str, nim: str, sign: str = "") -> Special:
    return Special(python, nim, params=2, written=f"{{0}} {sign or nim} {{1}}", is_reflected=True)


def _unary(python: str, sign: str) -> Special:
    return Special(python, sign, written=f"{sign}{{0}}")


def _in_place(python: str, nim: str) -> Special:
    return Special(
        python,
        nim,
        params=2,
        gives="nothing",
        written=f"{{0}} {nim} {{1}}",
        is_statement=True,
        returns_self=True,
        symbols=("typing.",),
    )


def _function(python: str, nim: str, gives: Gives, *, follows: bool = False) -> Special:
    name = python.strip("_")
    return Special(python, nim, gives=gives, written=f"{name}({{0}})", follows=follows)


SPECIAL: Final[Mapping[str, Special]] = MappingProxyType(
    {
        special.python: special
        for special in (
            _compared(EQUALITY, "==", "{0} != {1}"),
            _compared("__lt__", "<", "not {0} < {1}"),
            _compared("__le__", "<=", "not {0} <= {1}"),
            _binary("__add__", "+"),
            _binary("__sub__", "-"),
            _binary("__mul__", "*"),
            _binary("__truediv__", "/"),
            _binary("__floordiv__", "div", "//"),
            _binary("__mod__", "mod", "%"),
            _binary("__and__", "&"),
            _unary("__pos__", "+"),
            _unary("__neg__", "-"),
            _in_place("__iadd__", "+="),
            _in_place("__isub__", "-="),
            _in_place("__imul__", "*="),
            _in_place("__itruediv__", "/="),
            _in_place("__iand__", "&="),
            _function("__str__", "$", "a text"),
            _function("__repr__", "", "a text"),
            _function("__hash__", "hash", "an int", follows=True),
            _function("__len__", "len", "an int"),
            _function("__bool__", "", "a bool"),
            _function("__int__", "", "an int"),
            _function("__iter__", "items", "an iterator"),
            Special("__getitem__", "[]", params=2, written="{0}[{1}]"),
            Special(
                "__setitem__",
                "[]=",
                params=3,
                gives="nothing",
                written="{0}[{1}] = {2}",
                is_statement=True,
            ),
            Special(
                "__contains__",
                "contains",
                params=2,
                gives="a bool",
                written="{1} in {0}",
                negated="{1} not in {0}",
                is_comparison=True,
            ),
            Special(
                ENTER,
                gives="nothing",
                returns_self=True,
                symbols=("typing.",),
                follows=True,
                may_give=True,
            ),
            Special(
                EXIT,
                gives="nothing",
                implied=(
                    "kind: type[BaseException] | None",
                    "error: BaseException | None",
                    "trace: TracebackType | None",
                ),
                symbols=("types.TracebackType",),
            ),
        )
    }
)
"""Every method that can be generated, by Python's name."""

_OF_NIM: Final[Mapping[str, tuple[Special, ...]]] = MappingProxyType(
    {
        nim: tuple(special for special in SPECIAL.values() if special.nim == nim)
        for nim in {special.nim for special in SPECIAL.values() if special.nim}
    }
)
_KEYWORDS: Final = frozenset({"div", "mod"})
"""Nim's operators that are words, and stand between their operands."""


def special_of(nim: str, params: int, *, extension: bool = False) -> Special | None:
    """Return the method that Nim's name stands for.

    Args:
        nim: Nim's name.
        params: how many parameters it has: `-` is another method of one than of two.
        extension: whether the name is no name of Nim's, so that a word is only a word.
    """
    known = _OF_NIM.get(nim, ())
    if not known or (extension and nim.isidentifier()):
        return None
    return next((special for special in known if special.params == params), known[0])


def is_special(python: str) -> bool:
    """Tell whether a name has the form of those that Python reserves for its data model."""
    return len(python) > 4 and python.startswith("__") and python.endswith("__")


def is_operator(nim: str) -> bool:
    """Tell whether Nim's name is that of an operator: no identifier, or a keyword between two."""
    return not nim.isidentifier() or nim in _KEYWORDS
