"""The matrix of a scenario: a test for each transport, each variant, and each form of call."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import pytest

_C = TypeVar("_C", bound=Callable[..., object], covariant=True)
_F = TypeVar("_F", bound=Callable[..., None])


@dataclass(frozen=True)
class Form(Generic[_C]):
    """One form of an operation.

    Attributes:
        name: The call, as the specification names it: `recv/3`.
        call: A function that does the operation in this form.
        transports: The only transports on which this form exists; None for all.
    """

    name: str
    call: _C
    transports: tuple[str, ...] | None = None


def scenario(
    statement: str,
    name: str = "",
    *,
    transports: Sequence[str] | None = None,
    **axes: Sequence[bool | str] | Sequence[Form[Callable[..., object]]],
) -> Callable[[_F], _F]:
    """Make a test of a statement: one for each cell of its matrix.

    The test's parameters are `transport`, the variants and the operations, as far as given. The
    forms of several operations that exist on a transport are paired, the shorter lists from their
    beginning again.

    Args:
        statement: The statement's id in the specification.
        name: Which of its scenarios.
        transports: What it runs on; None for a test without a transport.
        axes: By the name of the test's parameter: the values of a variant, which are truth values
            or words; the forms of an operation.
    """
    variants: dict[str, Sequence[bool | str]] = {}
    operations: dict[str, Sequence[Form[Callable[..., object]]]] = {}
    for axis, values in axes.items():
        kinds = [value for value in values if isinstance(value, bool | str)]
        if kinds:
            variants[axis] = kinds
        else:
            operations[axis] = [value for value in values if isinstance(value, Form)]
    names = [*(() if transports is None else ("transport",)), *variants, *operations]
    cells = [
        pytest.param(
            *cell.values,
            id=cell.label,
            marks=pytest.mark.scenario(
                statement, name, dict(zip(operations, cell.forms, strict=True))
            ),
        )
        for cell in _cells(transports, variants, operations)
    ]
    if not cells:
        raise ValueError(f"{statement}: no form exists on any of the transports")
    mark = (
        pytest.mark.parametrize(names, cells)
        if names
        else pytest.mark.scenario(statement, name, {})
    )

    def decorate(test: _F) -> _F:
        mark(test)  # which records the mark in the function itself
        return test

    return decorate


@dataclass(frozen=True)
class _Cell:
    """One test of a scenario.

    Attributes:
        values: The test's arguments.
        words: What the test's id is made of before the forms.
        forms: The names of the forms, one for each operation.
    """

    values: tuple[object, ...]
    words: tuple[str, ...]
    forms: tuple[str, ...]

    @property
    def label(self) -> str:
        """The test's id: `disk-cached-read/3`."""
        return "-".join([*self.words, *self.forms])


def _cells(
    transports: Sequence[str] | None,
    variants: Mapping[str, Sequence[bool | str]],
    operations: Mapping[str, Sequence[Form[Callable[..., object]]]],
) -> Iterator[_Cell]:
    for transport in [None] if transports is None else transports:
        usable = [
            [form for form in forms if form.transports is None or transport in form.transports]
            for forms in operations.values()
        ]
        on = [] if transport is None else [transport]
        for kinds in itertools.product(*variants.values()):
            words = [*on, *map(_word, variants, kinds)]
            for forms in _paired(usable):
                values = (*on, *kinds, *(form.call for form in forms))
                yield _Cell(values, tuple(words), tuple(form.name for form in forms))


def _word(variant: str, value: bool | str) -> str:
    if isinstance(value, str):
        return value
    return variant if value else f"un{variant}"


def _paired(
    usable: Sequence[Sequence[Form[Callable[..., object]]]],
) -> Iterator[tuple[Form[Callable[..., object]], ...]]:
    """Yield the forms of all operations side by side; nothing if one has no form."""
    if all(usable):
        for number in range(max(map(len, usable), default=1)):
            yield tuple(forms[number % len(forms)] for forms in usable)
