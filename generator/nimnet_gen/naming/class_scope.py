"""Names that the annotations of a class look up, where a member of the class would come first."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from nimnet_gen.model.surface import Module, Type
from nimnet_gen.naming.kinds import kind_of_field
from nimnet_gen.naming.python_types import PythonAnnotation, annotation
from nimnet_gen.naming.signatures import signature
from nimnet_gen.naming.symbols import Symbols


@lru_cache(maxsize=1024)
def modules_named_in(defined: Type, module: Module, symbols: Symbols) -> frozenset[str]:
    """Return the modules that annotations in a class name, by the first part of their names.

    Args:
        defined: The type that becomes the class.
        module: The module that the class stands in.
        symbols: The types that there are.
    """
    named = {
        name.partition(".")[0]
        for written in _annotations(defined, module, symbols)
        for name, part in written.imports
        if not part
    }
    # What makes a record of the runtime's values says what it returns by this module.
    return frozenset(named | {"typing"} if defined.is_record else named)


def _annotations(defined: Type, module: Module, symbols: Symbols) -> Iterator[PythonAnnotation]:
    for part in defined.public_fields:
        if (kind := kind_of_field(part)) is not None:
            yield annotation(kind.node, kind.meaning, "field", symbols.mappings)
    for entry in module.procs:
        form = signature(entry, symbols) if entry.omit is None else None
        if form is not None and form.owner is defined:
            yield from (argument.annotation for argument in form.arguments)
            yield from (outcome.annotation for outcome in form.outcomes)
