"""Names in texts: what stands in backticks is a name that somebody has, or plainly a literal.

A word in backticks, or several with dots between them, is a name: that of a parameter of the entry
that the text is of, of anything in the specification (as the original or as Python has it), of
Python's, or one that the package lists under `mentions`. Whatever else stands in backticks is a
literal: an expression, a path, a number, an operator, a text in its quotes. Where a text belongs to
no callable, the parameters of all are names.
"""

from __future__ import annotations

import builtins
import keyword
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from nimnet_gen.model.declaration import Located
from nimnet_gen.model.evidence import Operation
from nimnet_gen.model.surface import Callable, Spec, Type
from nimnet_gen.naming import effective, names
from nimnet_gen.naming.contracts import MODULE
from nimnet_gen.naming.symbols import Symbols
from nimnet_gen.source.diagnostics import Diagnostics

_PROSE: Final = ("doc", "says", "why", "untested", "because", "omit", "errors")
"""The keys that hold texts for readers. `later` is of names that only other versions have."""

_QUOTED: Final = re.compile(r"`([^`]*)`")
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*")
_SPECIAL: Final = re.compile(r"__[a-z]+__")
_PYTHON: Final = frozenset(
    {*dir(builtins), *keyword.kwlist, *keyword.softkwlist, *sys.stdlib_module_names}
)


def check_mentions(spec: Spec, symbols: Symbols, found: Diagnostics) -> None:
    """Check every name in the texts of a specification, and that the listed ones are needed."""
    listed = {name: index for index, name in enumerate(spec.package.mentions)}
    known = frozenset(_known(spec))
    everywhere = frozenset(
        name
        for overloads in symbols.callables.values()
        for entry in overloads
        for name in _params(entry)
    )
    needed: set[str] = set()
    for located, key, text, own in _texts(spec, None):
        if text.count("`") % 2:
            found.add(
                "SPEC140",
                "a backtick without another one",
                located.where(key),
                "put one before and one after each name",
            )
            continue
        nearby = everywhere if own is None else own
        for word in _QUOTED.findall(text):
            if not _NAME.fullmatch(word) or _is_known(word, known, nearby, spec.package.name):
                continue
            if word in listed:
                needed.add(word)
                continue
            found.add(
                "SPEC140",
                f"'{word}' is no name of the specification, nor of Python's",
                found.place_of(f"`{word}`", located.where(key)),
                found.did_you_mean(
                    word,
                    known | nearby,
                    "a name of somebody else's is listed under `mentions` in package.yaml",
                ),
            )
    for name in sorted(listed.keys() - needed):
        found.add(
            "SPEC141",
            f"no text needs '{name}' to be listed",
            spec.package.where(f"mentions.{listed[name]}"),
            "take it off the list",
        )


def _is_known(word: str, known: frozenset[str], nearby: frozenset[str], package: str) -> bool:
    """Tell whether each part of a name is one; what a module of Python's has is its own affair."""
    first, *rest = word.split(".")
    if not rest:
        return word in known or word in nearby or word in _PYTHON or bool(_SPECIAL.fullmatch(word))
    if first in sys.stdlib_module_names and first not in known:
        return True
    return (first in known or first == package) and all(part in known for part in rest)


def _known(spec: Spec) -> Iterator[str]:
    """Yield every name in a specification, as the original and as Python has it."""
    yield spec.package.name
    yield from (export.name for export in spec.package.exports)
    yield MODULE
    for reexport in spec.package.reexports:
        yield from (reexport.name, reexport.from_)
    yield from (mapped.name for mapped in spec.types.types)
    yield from (name for system in spec.types.system for name in system.names)
    for module in spec.modules:
        yield module.name
        for defined in module.types:
            yield defined.name
            yield from (defined.runtime or "").split(".")
            yield from (member.name for member in defined.members)
            yield from (field.name for field in defined.fields)
            yield from (names.python_constant(member) for member in defined.members)
            yield from (names.snake_case(field.name) for field in defined.fields)
            yield from (member.platform for member in defined.members if member.platform)
        for const in module.consts:
            yield from (const.name, names.python_constant(const))
        for entry in module.procs:
            yield from (entry.name, names.python_name(entry))


def _params(entry: Callable | Type) -> Iterator[str]:
    params = effective.params(entry) if isinstance(entry, Callable) else entry.params
    for param in params:
        yield from (param.name, names.python_name(param))


def _texts(
    located: Located | Spec, own: frozenset[str] | None
) -> Iterator[tuple[Located, str, str, frozenset[str] | None]]:
    """Yield each text of an object and of those in it, with its key and the nearest parameters."""
    if isinstance(located, Spec):
        for part in (located.package, *located.modules):
            yield from _texts(part, own)
        return
    if isinstance(located, Callable):
        own = frozenset(_params(located))
    elif isinstance(located, Operation):
        own = frozenset(located.takes)
    for name, value in vars(located).items():
        if name in _PROSE:
            yield from ((located, key, text, own) for key, text in _spoken(name, value))
        elif isinstance(value, Located):
            yield from _texts(value, own)
        elif isinstance(value, tuple):
            for part in value:
                if isinstance(part, Located):
                    yield from _texts(part, own)


def _spoken(key: str, value: str | Mapping[str, str] | None) -> Iterable[tuple[str, str]]:
    if isinstance(value, str):
        return [(key, value)]
    return [(f"{key}.{name}", text) for name, text in (value or {}).items()]
