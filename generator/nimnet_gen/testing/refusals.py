"""Calling what a generated package has with arguments of a wrong type.

Each is a `TypeError` that names the parameter, before the call does anything else. That shows in
what a method is called on: an object that has none of the runtime's inside, so that a call which
went any further would fail in another way.
"""

from __future__ import annotations

import enum
import importlib
import inspect
import types
import typing
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import pytest

from nimnet_gen.testing.written import written


class _Stranger:
    """What nobody asks for."""


_CANDIDATES: Sequence[object] = (_Stranger(), None, 0.5, 7, "text", b"data", [0.5])


@dataclass(frozen=True)
class _Call:
    """A call with one wrong argument, and what its parameter may be called."""

    placed: Sequence[object]
    named: dict[str, object]
    names: frozenset[str]


def check_refusals(function: Callable[..., object]) -> None:
    """Check that a function refuses every argument of a wrong type, in each of its forms."""
    told = written(function)
    subjects = [bare(_owner(told))] if "." in told.__qualname__ else []
    forms = list(typing.get_overloads(told)) or [told]
    for form in forms:
        for call in _wrong_calls(form, forms):
            named = "|".join(sorted(call.names))
            with pytest.raises(TypeError, match=rf"\(\): .*({named})(\[0\])? must be .+, not "):
                function(*subjects, *call.placed, **call.named)


def check_assignment_refusals(owner: type, name: str, setter: Callable[..., object]) -> None:
    """Check that a property refuses to be what is of a wrong type."""
    [hint] = [hint for key, hint in typing.get_type_hints(setter).items() if key != "return"]
    for value in _candidates(setter):
        if not _accepts(hint, value):
            with pytest.raises(TypeError, match=rf"^{owner.__name__}\.{name}: \w+ must be "):
                setattr(bare(owner), name, value)


def _candidates(function: Callable[..., object]) -> Iterator[object]:
    """Yield values of many types, and a member of an enum of the function's own package.

    It is an `int`, and its number means nothing to anybody but the package.
    """

    class Own(enum.IntEnum):
        MEMBER = 1

    Own.__module__ = function.__module__
    yield from _CANDIDATES
    yield Own.MEMBER


def _owner(function: Callable[..., object]) -> type:
    module = importlib.import_module(function.__module__)
    owner = getattr(module, function.__qualname__.partition(".")[0])
    assert isinstance(owner, type)
    return owner


def bare(cls: type) -> object:
    """Return an object of a class that nothing has been put into."""
    base: type[object]
    base = next(base for base in cls.__mro__ if inspect.isbuiltin(vars(base).get("__new__")))
    return base.__new__(cls)  # what is written in C makes no object of another's class


def _wrong_calls(
    form: Callable[..., object], forms: Sequence[Callable[..., object]]
) -> Iterator[_Call]:
    hints = typing.get_type_hints(form)
    placed = _params(form, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    required = sum(param.default is param.empty for param in placed)
    samples = [_sample(hints[param.name]) for param in placed]
    named = _params(form, inspect.Parameter.KEYWORD_ONLY)
    needed = {p.name: _sample(hints[p.name]) for p in named if p.default is p.empty}
    for index in range(len(placed)):
        # At this place another form may have another parameter.
        others = [
            (other, params[index].name)
            for other in forms
            if len(params := _params(other, inspect.Parameter.POSITIONAL_OR_KEYWORD)) > index
        ]
        names = frozenset(name for _, name in others)
        accepted = [typing.get_type_hints(other)[name] for other, name in others]
        for value in _candidates(form):
            if not any(_accepts(hint, value) for hint in accepted):
                given = [*samples[:index], value, *samples[index + 1 : required]]
                yield _Call(given, needed, names)
    for param in named:
        for value in _candidates(form):
            if not _accepts(hints[param.name], value):
                given_by_name = {**needed, param.name: value}
                yield _Call(samples[:required], given_by_name, frozenset({param.name}))


def _params(form: Callable[..., object], kind: object) -> list[inspect.Parameter]:
    params = inspect.signature(form).parameters.values()
    return [param for param in params if param.kind is kind and param.name != "self"]


def _members(hint: object) -> tuple[object, ...]:
    is_union = isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union
    return typing.get_args(hint) if is_union else (hint,)


def _accepts(hint: object, value: object) -> bool:
    """Tell whether a value is right for a type, of a subclass or as good as one."""
    return any(_is_one(member, value) for member in _members(hint))


def _is_one(hint: object, value: object) -> bool:
    origin = typing.get_origin(hint) or hint
    if origin is Callable or not isinstance(origin, type):
        return callable(value) or not isinstance(origin, type)
    if origin is bytes:
        return isinstance(value, bytes | bytearray | memoryview)
    if origin is float or (issubclass(origin, int) and not issubclass(origin, enum.Enum | bool)):
        if isinstance(value, enum.Enum):
            return False
        return isinstance(value, int) or (origin is float and isinstance(value, float))
    items = typing.get_args(hint)
    if items and isinstance(value, list) and issubclass(origin, Sequence):
        return all(_accepts(items[0], item) for item in value)
    return isinstance(value, origin) and not (items and isinstance(value, str))


def _sample(hint: object) -> object:
    """Return a value of a type."""
    hint = _members(hint)[-1]
    origin = typing.get_origin(hint) or hint
    if origin is types.NoneType:
        return None
    if origin is Callable:
        return _sample
    if not isinstance(origin, type):
        return _Stranger()  # a variable of types, or what can be anything
    if origin is memoryview:
        return memoryview(b"data")
    if issubclass(origin, enum.Enum):
        return next(iter(origin))
    if issubclass(list, origin):
        return []
    return bare(origin)
