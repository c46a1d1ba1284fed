"""Names: each stands for one thing, in Nim and in Python, and Python can write it."""

from __future__ import annotations

import keyword
import re
from typing import Final

from nimnet_gen.model.declaration import Located
from nimnet_gen.model.surface import Callable, Const, Module, Param, Spec, Type
from nimnet_gen.naming import effective, names
from nimnet_gen.naming.class_scope import modules_named_in
from nimnet_gen.naming.contracts import MODULE
from nimnet_gen.naming.effective import BUILTIN_EXCEPTIONS
from nimnet_gen.naming.python_types import BUILTIN_TYPES
from nimnet_gen.naming.symbols import Symbols
from nimnet_gen.source.diagnostics import Diagnostics
from nimnet_gen.source.position import Position

_NIM_MODULE: Final = re.compile(r"[a-z][A-Za-z0-9_]*(/[a-z][A-Za-z0-9_]*)*")
_IDENTIFIER: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SPECIAL: Final = re.compile(r"__[a-z]+__")
_CONSTRUCTORS: Final = frozenset({"array", "set", "tuple", "var"})
"""How types begin that are made of others."""

RESERVED: Final = frozenset(
    {"args", "bool", "bytearray", "bytes", "classmethod", "dataclasses", "float", "int"}
    | {"isinstance", "len", "list", "memoryview", "named", "object", "property", "range", "self"}
    | {"staticmethod", "str", "super", "tuple", "type"}
)
"""What generated code says itself; a symbol or a parameter of that name would hide it."""

_IMPORTED: Final = frozenset(
    {"AttributeError", "BaseException", "Callable", "False", "Final", "Flag", "IntEnum"}
    | {"Iterable", "Iterator", "Later", "None", "NotImplemented", "OpenSSL", "Self", "Sequence"}
    | {"TYPE_CHECKING", "TracebackType", "True", "TypeAlias", "ValueError", "annotations"}
    | {"builtins", "errno", "hash", "ipaddress", "os", "overload", "repr", "typing"}
)
"""What generated modules import or use; a public name like it would stand in its place."""

_ENUM_RESERVED: Final = frozenset(
    {"as_integer_ratio", "bit_count", "bit_length", "conjugate", "denominator", "from_bytes"}
    | {"imag", "is_integer", "mro", "name", "numerator", "real", "to_bytes", "value"}
)
"""What every member of an enum has already."""

_CONSTRUCTOR_RESERVED: Final = frozenset({"length", "name", "other", "packed", "parts"})
"""What the constructor of a value class calls its own variables."""

LONGEST: Final = 70
"""How many characters a Python name may have: a definition has to fit its line."""


def check_names(spec: Spec, symbols: Symbols, found: Diagnostics) -> None:
    """Check every name, and every namespace of the generated package."""
    package = _Namespace("the package", found)
    package.add(MODULE, f"module {MODULE}", spec.package.where("name"))
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
            _check_type_name(defined, found)
            classes.setdefault(defined.name, _class_namespace(defined, symbols, found))
        for const in module.consts:
            nim.add(const.name, const.name, const.where("name"))
            package.add(names.python_constant(const), const.name, const.where("name"))
            _check_public(names.python_constant(const), _stated(const), found)
    _check_exported(spec, package, found)
    for reexport in spec.package.reexports:
        at = reexport.where("name")
        package.add(reexport.name, f"{reexport.from_}.{reexport.name}", at)
        _check_public(reexport.name, at, found, "it has the name that it has there")
    for module in spec.modules:
        entries: tuple[Type | Const | Callable, ...] = (
            *module.types,
            *module.consts,
            *module.procs,
        )
        for entry in entries:
            _check_home(entry, found)
        _check_callables(module, symbols, nim, package, classes, found)


def _check_type_name(defined: Type, found: Diagnostics) -> None:
    """Check that a type's name is not one that the specification's language has itself."""
    at = defined.where("name")
    if defined.name in BUILTIN_TYPES | BUILTIN_EXCEPTIONS | _CONSTRUCTORS:
        found.add(
            "SPEC032",
            f"'{defined.name}' is known without a definition, and cannot have another",
            at,
            "leave the definition out, or give the type another name",
        )
    else:
        _check_public(defined.name, at, found, "types keep their names: say why it has `omit:`")


def _check_public(name: str, at: Position, found: Diagnostics, instead: str = "") -> None:
    """Check a name that the package exports."""
    _check_identifier(name, at, found, RESERVED | _IMPORTED, instead)


def _check_exported(spec: Spec, package: _Namespace, found: Diagnostics) -> None:
    for module in spec.modules:
        for defined in module.types:
            if defined.kind == "enum" and not defined.pure:
                for member in defined.members:
                    package.add(
                        names.python_constant(member),
                        f"{defined.name}.{member.name}",
                        member.where("name"),
                    )
                    if names.python_constant(member) in _IMPORTED:
                        _check_public(names.python_constant(member), _stated(member), found)


def _check_callables(
    module: Module,
    symbols: Symbols,
    nim: _Namespace,
    package: _Namespace,
    classes: dict[str, _Namespace],
    found: Diagnostics,
) -> None:
    for entry in module.procs:
        if entry.omit is not None:
            continue  # nothing in Python has its names
        at = entry.where("name")
        python = names.python_name(entry)
        owner = symbols.owner(entry)
        if not _SPECIAL.fullmatch(python):
            reserved = RESERVED | _IMPORTED
            if owner is not None:
                reserved = RESERVED | modules_named_in(owner, module, symbols)
            _check_identifier(python, _stated(entry), found, reserved)
        _check_params(effective.params(entry), found, symbols, owner)
        if entry.extension and entry.python is None and entry.kind != "constructor":
            _check_extension(entry, symbols, found)
        if entry.kind == "constructor" and "python" in entry.keys:
            found.add("SPEC046", "a constructor has its class's name", entry.where("python"))
        if owner is not None:
            _check_hiding(python, _stated(entry), symbols, found)
            # A setter and its getter are one property; overloads of one Nim name are one function.
            classes[owner.name].add(python, entry.name.removesuffix("=") or entry.name, at)
        else:
            package.add(python, entry.name, at)
            if entry.kind != "constructor":  # it is the class, which has the name already
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
    if entry.extension:
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


def _class_namespace(defined: Type, symbols: Symbols, found: Diagnostics) -> _Namespace:
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
        is_value = defined.kind == "object" and defined.runtime is None and defined.omit is None
        if part in defined.public_fields or is_value:
            name, at = names.snake_case(part.name), part.where("name")
            namespace.add(name, part.name, at)
            reserved = RESERVED | modules_named_in(defined, symbols.home[defined.name], symbols)
            reserved |= _CONSTRUCTOR_RESERVED if is_value else frozenset()
            instead = "fields keep their names: say with `omit:` why the type is not generated"
            _check_identifier(name, at, found, reserved, instead)
            _check_hiding(name, at, symbols, found)
    _check_params(defined.params, found, symbols)
    return namespace


def _check_params(
    params: tuple[Param, ...], found: Diagnostics, symbols: Symbols, owner: Type | None = None
) -> None:
    nim = _Namespace("the parameters", found, "SPEC030")
    python = _Namespace("the parameters", found)
    for index, param in enumerate(params):
        name = names.python_name(param)
        nim.add(param.name, "", param.where("name"))
        # The object of a method is `self`.
        if index == 0 and owner is not None:
            continue
        python.add(name, param.name, param.where("name"))
        reserved = RESERVED | {"result"} if param.mode == "out" else RESERVED
        _check_identifier(name, _stated(param), found, reserved)
        _check_hiding(name, _stated(param), symbols, found)


def _check_hiding(name: str, at: Position, symbols: Symbols, found: Diagnostics) -> None:
    """Check that a name inside of a class or a function does not hide a type that it may need."""
    if name in symbols.types:
        found.add(
            "SPEC031",
            f"'{name}' hides the type of that name",
            at,
            f"give another name with `python:`, for example `python: {name}_`",
        )


def _stated(entry: Located) -> Position:
    """Return where an entry's Python name comes from."""
    return entry.where("python" if "python" in entry.keys else "name")


def _check_identifier(
    name: str,
    at: Position,
    found: Diagnostics,
    reserved: frozenset[str] = RESERVED,
    instead: str = "",
) -> None:
    """Check that Python and the generated code can have a name.

    Args:
        name: The Python name.
        at: Where it comes from.
        found: What gets the fault.
        reserved: What means something else where it stands.
        instead: What to do about a name that cannot be given with `python:`.
    """
    if not _IDENTIFIER.fullmatch(name):
        why = "is no Python name"
        hint = instead or "use letters, digits and underscores, or give a name with `python:`"
    elif not is_name(name) or name in reserved:
        why = "means something else in the generated code"
        hint = instead or f"give another name with `python:`, for example `python: {name}_`"
    elif name.startswith("_"):
        why = "begins like a private name"
        hint = instead or "give another name with `python:`"
    elif len(name) > LONGEST:
        why = f"has more than {LONGEST} characters, too many for a line of code"
        hint = instead or "give a shorter name with `python:`"
    else:
        return
    found.add("SPEC032", f"'{name}' {why}", at, hint)


def is_name(text: str) -> bool:
    """Tell whether Python takes a text for a name, and for no word of its own."""
    return _IDENTIFIER.fullmatch(text) is not None and not keyword.iskeyword(text)


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
