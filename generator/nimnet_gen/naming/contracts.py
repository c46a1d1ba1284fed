"""The contract of a call, told apart by when it raises what.

An exception that a rule of the project brings with a parameter is raised if a caller gives that,
with another value than those that the rule excepts, and inside of a block that imposes it. Any
other of the contract may always be raised.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from nimnet_gen.model.mappings import ContractRule
from nimnet_gen.naming.nimdefaults import (
    BoolLiteral,
    CharLiteral,
    Default,
    FloatLiteral,
    IntLiteral,
    NilLiteral,
    StringLiteral,
    parse_default,
)

MODULE: Final = "effects"
"""The module of every package that tells its contracts to programs."""

_RANGE: Final = re.compile(r"(-?\d+)? ?\.\. ?(-?\d+)?")
"""Numbers from one end to another, as Nim writes them; one of the ends may be missing."""


@dataclass(frozen=True)
class Conditional:
    """What is raised only if a caller gives an argument.

    Attributes:
        param: the parameter's name in Python.
        unless: the value, in Python, that is as good as none, or the range of those that are right:
            `0..65535`.
        raises: the exceptions.
    """

    param: str
    unless: str
    raises: tuple[str, ...]

    @property
    def is_ranged(self) -> bool:
        """Whether it is raised with what is out of a range."""
        return is_range(self.unless)


@dataclass(frozen=True)
class Contract:
    """What may leave one form of a call, in the specification's names, and its effects.

    Attributes:
        raises: what may leave every call.
        given: what may leave calls with a certain argument.
        imposed: what may leave calls inside of a block that imposes it.
        imposes: what a block of this callable imposes on the calls inside.
        tags: the effects.
    """

    raises: tuple[str, ...] = ()
    given: tuple[Conditional, ...] = ()
    imposed: tuple[str, ...] = ()
    imposes: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()

    @property
    def exceptions(self) -> frozenset[str]:
        """Everything that may leave the call, whenever it does."""
        conditional = (name for one in self.given for name in one.raises)
        return frozenset((*self.raises, *conditional, *self.imposed))


def contract_of(
    name: str,
    raised: Sequence[str],
    params: Iterable[tuple[str, str]],
    tags: tuple[str, ...],
    rules: Sequence[ContractRule],
) -> Contract:
    """Return the contract of one form.

    Args:
        name: The callable's name in the specification.
        raised: Everything that its contract has, in order.
        params: The parameters, each by its name in the specification and in Python.
        tags: The effects.
        rules: The project's rules.
    """
    named = dict(params)
    given: dict[tuple[str, str], list[str]] = {}
    imposed: dict[str, None] = {}
    always: set[str] = set()
    kept = [rule for rule in rules if rule.raises in raised]
    for rule in kept:
        if rule.param in named and rule.unless is None:
            always.add(rule.raises)
        elif rule.param in named:
            key = named[rule.param], excepted(rule.unless or "")
            given.setdefault(key, []).append(rule.raises)
        if rule.imposed_by is not None:
            imposed[rule.raises] = None
    conditional = {*imposed, *(exception for found in given.values() for exception in found)}
    return Contract(
        tuple(one for one in raised if one in always or one not in conditional),
        tuple(Conditional(*key, tuple(found)) for key, found in given.items()),
        tuple(one for one in imposed if one not in always),
        tuple(dict.fromkeys(rule.raises for rule in rules if rule.imposed_by == name)),
        tags,
    )


def is_range(text: str) -> bool:
    """Tell whether a text is a range of numbers, and one that is not empty."""
    ends = _RANGE.fullmatch(text)
    if ends is None or not any(ends.groups()):
        return False
    return None in ends.groups() or int(ends[1]) <= int(ends[2])


def excepted(text: str) -> str:
    """Return the values of a parameter with which a rule brings nothing, as contract files do.

    Args:
        text: The rule's `unless`: a value that stands for itself, or a range of numbers.

    Returns:
        The value in Python, or the range; an empty text for what is neither.

    Raises:
        NimSyntaxError: It is nothing in Nim.
    """
    if is_range(text):
        return text.replace(" ", "")
    return literal(parse_default(text))


def literal(node: Default) -> str:
    """Return a value that stands for itself, in Python; an empty text for any other."""
    match node:
        case IntLiteral(value) | FloatLiteral(value) | BoolLiteral(value):
            return repr(value)
        case StringLiteral(value) | CharLiteral(value):
            return repr(value)
        case NilLiteral():
            return "None"
        case _:
            return ""
