"""Python names from Nim's: the one rule, and nothing that has to know a particular name.

Names that the rule gets wrong carry `python:` in the specification.
"""

from __future__ import annotations

import keyword
import re
from functools import lru_cache

from nimnet_gen.model.surface import Callable, Const, EnumMember, Param, Type
from nimnet_gen.naming.special import is_special, special_of

_WORD_STARTS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def nim_identity(name: str) -> str:
    """Return what Nim compares of a name: after its first letter no case, and no underscores."""
    return name[:1] + name[1:].replace("_", "").lower()


@lru_cache(maxsize=1024)
def snake_case(name: str) -> str:
    """Return `name` split where a word starts, in lower case: `get_primary_ip_addr`.

    A word starts at an upper-case letter after a lower-case letter or digit, and at the last
    capital of a run that a lower-case letter follows.
    """
    return _WORD_STARTS.sub("_", name).lower()


def constant_case(name: str) -> str:
    """Return `name` split as by `snake_case`, in upper case."""
    return _WORD_STARTS.sub("_", name).upper()


def safe(name: str) -> str:
    """Return `name`, with a trailing underscore if Python reserves it."""
    return f"{name}_" if keyword.iskeyword(name) else name


def is_setter(name: str) -> bool:
    """Tell whether Nim's `name` is that of a setter (`x=`), not of an operator (`==`)."""
    return name.endswith("=") and name[:-1].isidentifier()


@lru_cache(maxsize=2048)
def python_name(entry: Callable | Param) -> str:
    """Return the Python name of a callable or a parameter; a setter has its property's name."""
    if entry.python is not None:
        return entry.python
    if isinstance(entry, Callable):
        if entry.kind == "constructor":
            return entry.name
        special = special_of(entry.name, len(entry.params), extension=entry.extension)
        if special is not None:
            return special.python
    return safe(snake_case(entry.name.removesuffix("=")))


def runtime_name(entry: Callable, *, has_core: bool) -> str:
    """Return the name, or the path, of the runtime function with the body of a callable.

    Args:
        entry: The callable.
        has_core: Whether it is a method of a class with a runtime object behind it, which has
            methods of Python's data model itself.
    """
    if entry.runtime is not None:
        return entry.runtime
    name = python_name(entry)
    if not is_special(name):
        return name.rstrip("_")
    return name if has_core else safe(name.strip("_"))


def python_constant(entry: Const | EnumMember) -> str:
    """Return the Python name of a const or an enum member."""
    return entry.python if entry.python is not None else constant_case(entry.name)


def symbol_name(entry: Type | Const | Callable) -> str:
    """Return the Python name of an entry, with which the ids of its statements begin."""
    if isinstance(entry, Callable):
        return python_name(entry)
    return python_constant(entry) if isinstance(entry, Const) else entry.name
