"""The entries of a specification's module, whatever they are."""

from __future__ import annotations

from collections.abc import Iterator

from nimnet_gen.model.surface import Callable, Const, Module, Type

Entry = Type | Const | Callable


def entries_of(module: Module) -> Iterator[Entry]:
    """Yield the types, the constants and the callables of a module, in order of its file."""
    yield from module.types
    yield from module.consts
    yield from module.procs
