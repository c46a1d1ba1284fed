"""Comparing a symbol of a generated package with what the specification says of it.

Every check looks at the running object: its signature, its values, its docstring. What it must be
is spelled out in the generated test, in Python's terms.
"""

from __future__ import annotations

import builtins
import copy
import dataclasses
import enum
import importlib
import inspect
import pickle
import re
import types
import typing
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest

from nimnet_gen.testing.refusals import bare, check_assignment_refusals, check_refusals
from nimnet_gen.testing.written import written

# Stands for "no default": equal to nothing that a specification can write.
_REQUIRED = inspect.Parameter.empty


@dataclass(frozen=True)
class Param:
    """A parameter as the specification gives it."""

    name: str
    annotation: str
    default: object
    keyword: bool
    variadic: bool = False


@dataclass(frozen=True)
class Form:
    """One way to call a function."""

    params: Sequence[Param]
    returns: str
    raises: Sequence[str]


def param(
    name: str,
    annotation: str,
    *,
    default: object = _REQUIRED,
    keyword: bool = False,
    variadic: bool = False,
) -> Param:
    """Return a parameter; one without a default is required."""
    return Param(name, annotation, default, keyword, variadic)


def form(params: Sequence[Param], *, returns: str, raises: Sequence[str]) -> Form:
    """Return a way to call a function."""
    return Form(params, returns, raises)


def check_function(function: Callable[..., object], *forms: Form) -> None:
    """Check the signature, the overloads and the documented contract of a function."""
    called, function = function, written(function)
    assert inspect.isfunction(function), f"{function!r} is no function or method"
    assert function.__doc__, f"{function.__qualname__} has no docstring"
    declared: Sequence[Callable[..., object]] = [function]
    if len(forms) > 1:
        declared = list(typing.get_overloads(function))
    documented = _documented_contracts(function, len(forms))
    assert len(declared) == len(forms)
    for expected, actual, contract in zip(forms, declared, documented, strict=True):
        _check_signature(actual, expected)
        assert contract == list(expected.raises), f"Raises: of {function.__qualname__}"
    if not function.__name__.startswith("__"):
        check_refusals(called)


def check_property(
    owner: type, name: str, annotation: str, *, raises: Sequence[str], settable: bool
) -> None:
    """Check a property."""
    found = inspect.getattr_static(owner, name)
    assert isinstance(found, property)
    getter = found.fget
    assert inspect.isfunction(getter)
    _check_signature(getter, Form([], annotation, raises))
    assert found.__doc__
    assert _raises(found.__doc__.splitlines()) == list(raises)
    assert (found.fset is not None) == settable
    if found.fset is not None:
        check_assignment_refusals(owner, name, found.fset)


def check_enum(
    cls: type[enum.Enum], base: type, members: Sequence[tuple[str, int]], *, exported: bool
) -> None:
    """Check an enum: its members in order, their values, and whether the package exports them."""
    assert issubclass(cls, base)
    assert cls.__doc__
    assert [(name, member.value) for name, member in cls.__members__.items()] == list(members)
    package = importlib.import_module(cls.__module__.partition(".")[0])
    for name, member in cls.__members__.items():
        assert (getattr(package, name, None) is member) == exported


def check_distinct(cls: type[int], *, low: int | None, high: int | None) -> None:
    """Check a distinct integer: still an int, told apart by its class, and within its range."""
    assert issubclass(cls, int)
    assert cls.__doc__
    inside = low if low is not None else 7
    value = cls(inside)
    assert value == inside
    assert hash(value) == hash(inside)
    assert repr(value) == f"{cls.__name__}({inside})"
    assert str(value) == f"{value}" == str(inside)
    assert not hasattr(value, "__dict__")
    for wrong in (0.5, "7", None):
        with pytest.raises(TypeError, match=rf"^{cls.__name__}\(\): value must be int, not "):
            cls(wrong)  # type: ignore[arg-type]  # that is the question
    if low is None or high is None:
        assert cls(-1) == -1
        return
    assert cls(high) == high
    for outside in (low - 1, high + 1):
        with pytest.raises(ValueError, match=rf"{low} to {high}, not {outside}"):
            cls(outside)


def check_distinct_string(cls: type[str] | type[bytes], base: type) -> None:
    """Check a distinct string: still a string, told apart by its class."""
    assert cls.__bases__ == (base,)
    assert cls.__doc__
    plain = base(b"seven") if base is bytes else base("seven")
    value = cls(plain)
    assert value == plain
    assert hash(value) == hash(plain)
    assert repr(value) == f"{cls.__name__}({plain!r})"
    assert str(value) == str(plain) or base is bytes
    assert not hasattr(value, "__dict__")


def check_record(
    cls: type, fields: Sequence[Param], *, is_tuple: bool, public: Sequence[str]
) -> None:
    """Check a record: its fields, how it is made, and that it cannot change."""
    assert cls.__doc__
    names = [field.name for field in fields]
    inherited = set(dir(tuple)) - set(names) if is_tuple else set()
    seen = {name for name in dir(cls) if not name.startswith("_")}
    assert sorted(seen - inherited) == list(public)
    assert issubclass(cls, tuple) == is_tuple
    assert dataclasses.is_dataclass(cls) != is_tuple
    assert [
        (name, parameter.kind is inspect.Parameter.KEYWORD_ONLY)
        for name, parameter in inspect.signature(cls).parameters.items()
    ] == [(field.name, field.keyword) for field in fields]
    assert {name: _text(cls.__annotations__[name]) for name in names} == {
        field.name: field.annotation for field in fields
    }
    required = {field.name: object() for field in fields if field.default is _REQUIRED}
    made = cls(**required)
    for field in fields:
        value = getattr(made, field.name)
        wanted = required.get(field.name, field.default)
        assert (value, type(value)) == (wanted, type(wanted)), field.name
        with pytest.raises(AttributeError):
            setattr(made, field.name, value)
    assert made == cls(**required)
    assert hash(made) == hash(cls(**required))
    assert not hasattr(made, "__dict__")
    for name in names:
        others = {other: getattr(made, other) for other in names}
        assert made != cls(**{**others, name: object()})


def check_exception(cls: type[Exception], bases: Sequence[str], *, module: str) -> None:
    """Check an exception's base classes, and where tracebacks and pickles say that it is."""
    assert cls.__doc__
    assert cls.__module__ == module
    assert pickle.loads(pickle.dumps(cls)) is cls
    found = [f"{base.__module__}.{base.__qualname__}" for base in cls.__bases__]
    assert found == [name if "." in name else f"builtins.{name}" for name in bases]


def check_constant(value: object, expected: object) -> None:
    """Check a constant."""
    assert type(value) is type(expected)
    assert value == expected


def check_alias(alias: object, annotation: str) -> None:
    """Check the type of a function that users pass."""
    home = r"\b[A-Za-z_][\w.]*\."  # where a name comes from is another test's matter
    assert re.sub(home, "", str(alias)) == re.sub(home, "", annotation)


def check_class(cls: type, *, public: Sequence[str]) -> None:
    """Check that a class has exactly these public names."""
    assert cls.__doc__
    assert sorted(name for name in dir(cls) if not name.startswith("_")) == list(public)


def check_handle_class(cls: type, *, public: Sequence[str]) -> None:
    """Check a class that stands for one object of the runtime: who makes it, and what it has."""
    check_class(cls, public=public)
    with pytest.raises(TypeError, match=rf"^{cls.__name__} objects are made by \w.*"):
        cls()
    one = bare(cls)
    for copied in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(
            TypeError, match=rf"^cannot copy or pickle {cls.__name__} objects: share"
        ):
            copied(one)


def check_value_class(
    cls: type,
    discriminator: str,
    branches: Sequence[tuple[object, str, int]],
    *,
    public: Sequence[str],
    by_content: bool = True,
) -> None:
    """Check a value class: what it is made of, what it refuses, and that it cannot change.

    One that does not compare by content compares as its runtime does, or not at all.
    """
    check_class(cls, public=public)
    for tag, field, length in branches:
        content = bytes(range(length))
        value = cls(tag, **{field: content})
        assert getattr(value, discriminator) is tag
        assert getattr(value, field) == content
        if by_content:
            assert value == cls(tag, **{field: content})
            assert hash(value) == hash(cls(tag, **{field: content}))
            # Bytes that differ, also where there is only one, which is 0.
            assert value != cls(tag, **{field: bytes(byte ^ 255 for byte in content)})
            assert value != content
        with pytest.raises(AttributeError):
            setattr(value, field, content)
        with pytest.raises(TypeError, match=rf"{field} must be bytes or None, not str"):
            cls(tag, **{field: "text"})
        with pytest.raises(
            TypeError, match=rf"{discriminator} must be {type(tag).__name__}, not int"
        ):
            cls(int(str(length)), **{field: content})
        for wrong in (content[1:], content + b"\0", None):
            with pytest.raises(ValueError, match=field):
                cls(tag, **{field: wrong})
        for other_tag, other, other_length in branches:
            if other_tag is not tag:
                with pytest.raises(AttributeError, match=other):
                    getattr(value, other)
                with pytest.raises(ValueError, match=other):
                    cls(tag, **{field: content, other: bytes(other_length)})


def check_package(
    package: types.ModuleType,
    *,
    modules: Sequence[str],
    exports: Sequence[str],
    reexports: Sequence[tuple[str, str]] = (),
) -> None:
    """Check that a package has exactly these public names, each from its module and documented.

    Args:
        package: The package.
        modules: Its modules.
        exports: What these define.
        reexports: What is of other packages: each name with its package.
    """
    assert package.__doc__
    others = {name for name, _ in reexports}
    assert [name for name in package.__all__ if name not in others] == list(exports)
    assert set(package.__all__) == {*exports, *others}
    public = {name for name in vars(package) if not name.startswith("_")}
    # The module of the contracts is there when somebody has asked for it.
    assert public - set(modules) - {"annotations", "effects"} == {*exports, *others}
    for name, home in reexports:
        assert getattr(package, name) is getattr(importlib.import_module(home), name)
    from_modules: list[str] = []
    for name in modules:
        module = importlib.import_module(f"{package.__name__}.{name}")
        assert module.__doc__
        for exported in module.__all__:
            assert getattr(package, exported) is getattr(module, exported)
        from_modules += module.__all__
    assert sorted(from_modules) == sorted(exports)
    undocumented = [name for name in package.__all__ if not _is_documented(getattr(package, name))]
    assert undocumented == []


def _is_documented(value: object) -> bool:
    """Tell whether a function, or a class with every public member, says what it is for."""
    if isinstance(value, type):
        members = [
            member
            for name, member in vars(value).items()
            if not name.startswith("_") and isinstance(member, types.FunctionType | property)
        ]
        return bool(value.__doc__) and all(member.__doc__ for member in members)
    return not inspect.isfunction(value) or bool(value.__doc__)


def _check_signature(function: Callable[..., object], expected: Form) -> None:
    found = inspect.signature(function)
    params = list(found.parameters.values())
    if params and params[0].name == "self":
        del params[0]
    actual = [
        Param(
            p.name,
            _text(p.annotation),
            p.default,
            p.kind is inspect.Parameter.KEYWORD_ONLY,
            p.kind is inspect.Parameter.VAR_POSITIONAL,
        )
        for p in params
    ]
    assert actual == list(expected.params)
    # Whatever an annotation names can be looked up, also what is loaded for nothing else.
    assert typing.get_type_hints(function).keys() == function.__annotations__.keys()
    # A Port(0) equals 0, so equal defaults may still be of different types.
    for one, other in zip(actual, expected.params, strict=True):
        assert type(one.default) is type(other.default), one.name
    assert _text(found.return_annotation) == expected.returns


def _text(annotation: object) -> str:
    if isinstance(annotation, typing.ForwardRef):
        return annotation.__forward_arg__
    return annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)


def _documented_contracts(function: Callable[..., object], count: int) -> list[list[str]]:
    """Return the exceptions of the `Raises:` section of each form, from the docstring."""
    lines = inspect.cleandoc(function.__doc__ or "").splitlines()
    if count == 1:
        return [_raises(lines)]
    starts = [
        index for index, line in enumerate(lines) if line.startswith(f"    {function.__name__}(")
    ]
    ends = [*starts[1:], len(lines)]
    contracts: list[list[str]] = []
    waiting = 1
    for start, end in zip(starts, ends, strict=True):
        if end < len(lines) and all(lines[start:end]):
            waiting += 1  # another signature of the same form follows
            continue
        contracts += [_raises(lines[start:end])] * waiting
        waiting = 1
    return contracts


def _raises(lines: Sequence[str]) -> list[str]:
    """Return the names that a `Raises:` section lists; each must say when, and be an exception."""
    heads = [index for index, line in enumerate(lines) if line.strip() == "Raises:"]
    if not heads:
        return []
    assert len(heads) == 1, "one Raises: section for each form"
    margin = len(lines[heads[0]]) - len(lines[heads[0]].lstrip()) + 4
    names: list[str] = []
    for line in lines[heads[0] + 1 :]:
        if not line.strip():
            break
        if found := re.fullmatch(rf" {{{margin}}}(\w+): \S.*", line):
            names.append(found[1])
    for name in names:
        exception = getattr(builtins, name, Exception)
        assert issubclass(exception, Exception)
    return names
