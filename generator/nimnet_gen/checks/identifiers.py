"""Names: each stands for one thing, in Nim and in Python, and Python can write it."""

from __future__ import annotations

import keyword
import re
from typing import Final

from nimnet_gen.model.declaration import Located
from nimnet_gen.model.surface import Callable, Const, Module, Param, Spec, Type
from nimnet_gen.naming import names
from nimnet_gen.naming.symbols import Symbols
from nimnet_gen.source.diagnostics import Diagnostics
from nimnet_gen.source.position import Position

_NIM_MODULE: Final = re.compile(r"[a-z][A-Za-z0-9_]*(/[a-z][A-Za-z0-9_]*)*")
_IDENTIFIER: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

RESERVED: Final = frozenset(
    {"args", "bool", "bytearray", "bytes", "classmethod", "dataclasses", "float", "int"}
    | {"isinstance", "len", "list", "memoryview", "named", "object", "property", "range", "self"}
    | {"staticmethod", "str", "super", "tuple", "type"}
)
"""What generated code says itself; a symbol or a parameter of that name would hide it."""

_ENUM_RESERVED: Final = frozenset({"name", "value", "mro", "_name_", "_value_", "_missing_"})


def check_names(spec: Spec, symbols: Symbols, found: Diagnostics) -> None:
    """Check every name, and every namespace of the generated package."""
    package = _Namespace("the package", found)
    for index, stem in enumerate(spec.package.modules):
        at = spec.package.where(f"modules.{index}")
        _check_identifier(stem, at, found)
        package.add(stem, f"module {stem}", at)
    classes: dict[str, _Namespace] = {}
    nim = _Namespace("Nim", found, "SPEC030")
    for module in spec.modules:
        for defined in module.types:
            nim.add(defined.name, defined.name, defined.where("name"))
            package.add(defined.name, defined.name, defined.where("name"))
            _check_identifier(defined.name, defined.where("name"), found)
            classes.setdefault(defined.name, _class_namespace(defined, found))
        for const in module.consts:
            nim.add(const.name, const.name, const.where("name"))
            package.add(names.python_constant(const), const.name, const.where("name"))
            _check_identifier(names.python_constant(const), _stated(const), found)
    _check_exported(spec, package)
    for module in spec.modules:
        entries: tuple[Type | Const | Callable, ...] = (
            *module.types,
            *module.consts,
            *module.procs,
        )
        for entry in entries:
            _check_home(entry, found)
        _check_callables(module, symbols, nim, package, classes, found)


def _check_exported(spec: Spec, package: _Namespace) -> None:
    for module in spec.modules:
        for defined in module.types:
            if defined.kind == "enum" and not defined.pure:
                for member in defined.members:
                    package.add(
                        names.python_constant(member),
                        f"{defined.name}.{member.name}",
                        member.where("name"),
                    )


def _check_callables(
    module: Module,
    symbols: Symbols,
    nim: _Namespace,
    package: _Namespace,
    classes: dict[str, _Namespace],
    found: Diagnostics,
) -> None:
    for entry in module.procs:
        at = entry.where("name")
        python = names.python_name(entry)
        _check_identifier(python, _stated(entry), found)
        _check_params(entry.params, found)
        if entry.extension and entry.python is None:
            _check_extension(entry, symbols, found)
        owner = symbols.owner(entry)
        if owner is not None:
            # A setter and its getter are one property; overloads of one Nim name are one function.
            classes[owner.name].add(python, entry.name.removesuffix("=") or entry.name, at)
        else:
            package.add(python, entry.name, at)
            nim.add(entry.name, f"proc {entry.name}", at)


def _check_home(entry: Type | Const | Callable, found: Diagnostics) -> None:
    """Check the name of the Nim module that something is taken from."""
    if entry.from_ is None:
        return
    at = entry.where("from")
    if not _NIM_MODULE.fullmatch(entry.from_):
        found.add(
            "SPEC032",
            f"'{entry.from_}' is no module of Nim",
            at,
            "for example strutils",
        )
    if isinstance(entry, Callable) and entry.extension:
        found.add("SPEC046", "an extension is taken from no module", at, "drop `from`")


def _check_extension(entry: Callable, symbols: Symbols, found: Diagnostics) -> None:
    """An extension has Python's name, but for the other half of what the documentation names."""
    stem = entry.name.removesuffix("=")
    halves = (*symbols.callables.get(stem, ()), *symbols.callables.get(f"{stem}=", ()))
    written = names.snake_case(entry.name)
    if written != entry.name and all(half.extension for half in halves):
        found.add(
            "SPEC033",
            f"the extension '{entry.name}' is named as in Nim, which does not have it",
            entry.where("name"),
            f"write `name: {written}`",
        )


def _class_namespace(defined: Type, found: Diagnostics) -> _Namespace:
    namespace = _Namespace(f"the class {defined.name}", found)
    seen = _Namespace(f"{defined.kind} {defined.name}", found, "SPEC030")
    for member in defined.members:
        at = member.where("name")
        seen.add(member.name, "", at)
        python = names.python_constant(member)
        namespace.add(python, member.name, at)
        _check_identifier(python, _stated(member), found, _ENUM_RESERVED)
    for part in defined.fields:
        seen.add(part.name, "", part.where("name"))
        if part in defined.public_fields:
            namespace.add(names.snake_case(part.name), part.name, part.where("name"))
            _check_identifier(part.name, part.where("name"), found)
    _check_params(defined.params, found)
    return namespace


def _check_params(params: tuple[Param, ...], found: Diagnostics) -> None:
    nim = _Namespace("the parameters", found, "SPEC030")
    python = _Namespace("the parameters", found)
    for param in params:
        nim.add(param.name, "", param.where("name"))
        python.add(names.python_name(param), param.name, param.where("name"))
        _check_identifier(names.python_name(param), _stated(param), found)


def _stated(entry: Located) -> Position:
    """Return where an entry's Python name comes from."""
    return entry.where("python" if "python" in entry.keys else "name")


def _check_identifier(
    name: str, at: Position, found: Diagnostics, reserved: frozenset[str] = RESERVED
) -> None:
    if not _IDENTIFIER.fullmatch(name):
        found.add(
            "SPEC032",
            f"'{name}' is no Python name",
            at,
            "use letters, digits and underscores, or give a name with `python:`",
        )
    elif keyword.iskeyword(name) or name in reserved:
        found.add(
            "SPEC032",
            f"'{name}' means something else in the generated code",
            at,
            f"give another name with `python:`, for example `python: {name}_`",
        )


class _Namespace:
    """Names that must differ, each with what it stands for; the same thing may come again."""

    def __init__(self, title: str, found: Diagnostics, code: str = "SPEC031") -> None:
        self._title = title
        self._found = found
        self._code = code
        self._taken: dict[str, tuple[str, Position]] = {}

    def add(self, name: str, meaning: str, at: Position) -> None:
        if name not in self._taken:
            self._taken[name] = (meaning, at)
            return
        taken, first = self._taken[name]
        if self._code == "SPEC030":
            if not meaning.startswith("proc ") or taken != meaning:
                self._found.add(
                    "SPEC030",
                    f"'{name}' is defined twice",
                    at,
                    f"the first is at {first.file}:{first.line}:{first.column}",
                )
        elif taken != meaning:
            self._found.add(
                "SPEC031",
                f"'{meaning}' becomes '{name}' in {self._title}, which '{taken}' already is",
                at,
                f"the other is at {first.file}:{first.line}:{first.column}; "
                "give one of them another name with `python:`",
            )
