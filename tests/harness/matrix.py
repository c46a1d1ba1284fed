"""The matrix of a scenario: a test for each transport, buffered or not, and each form of call."""

from __future__ import annotations

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
    buffered: Sequence[bool] | None = None,
    **operations: Sequence[Form[Callable[..., object]]],
) -> Callable[[_F], _F]:
    """Make a test of a statement: one for each cell of its matrix.

    The test's parameters are `transport`, `buffered` and the operations, each as far as given. The
    forms of several operations that exist on a transport are paired, the shorter lists from their
    beginning again.

    Args:
        statement: The statement's id in the specification.
        name: Which of its scenarios.
        transports: What it runs on; None for a test without a transport.
        buffered: Whether the subject is buffered: one or both.
        operations: The forms of each operation, by the name of the test's parameter.
    """
    names = [*_named(transports, buffered), *operations]
    cells = [
        pytest.param(
            *cell.values,
            id=cell.label,
            marks=pytest.mark.scenario(
                statement, name, dict(zip(operations, cell.forms, strict=True))
            ),
        )
        for cell in _cells(transports, buffered, operations)
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


def _named(transports: Sequence[str] | None, buffered: Sequence[bool] | None) -> Iterator[str]:
    if transports is not None:
        yield "transport"
    if buffered is not None:
        yield "buffered"


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
        """The test's id: `tcp-buffered-recv/3`."""
        return "-".join([*self.words, *self.forms])


def _cells(
    transports: Sequence[str] | None,
    buffered: Sequence[bool] | None,
    operations: Mapping[str, Sequence[Form[Callable[..., object]]]],
) -> Iterator[_Cell]:
    for transport in [None] if transports is None else transports:
        usable = [
            [form for form in forms if form.transports is None or transport in form.transports]
            for forms in operations.values()
        ]
        for kind in [None] if buffered is None else buffered:
            for forms in _paired(usable):
                values: list[object] = []
                words: list[str] = []
                if transport is not None:
                    values.append(transport)
                    words.append(transport)
                if kind is not None:
                    values.append(kind)
                    words.append("buffered" if kind else "unbuffered")
                values += [form.call for form in forms]
                yield _Cell(tuple(values), tuple(words), tuple(form.name for form in forms))


def _paired(
    usable: Sequence[Sequence[Form[Callable[..., object]]]],
) -> Iterator[tuple[Form[Callable[..., object]], ...]]:
    """Yield the forms of all operations side by side; nothing if one has no form."""
    if all(usable):
        for number in range(max(map(len, usable), default=1)):
            yield tuple(forms[number % len(forms)] for forms in usable)
