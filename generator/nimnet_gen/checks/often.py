"""Methods that programs call for every piece of data: what is marked so can be compiled."""

from __future__ import annotations

from typing import Final

from nimnet_gen.model.surface import Callable, Spec
from nimnet_gen.naming.names import is_setter
from nimnet_gen.naming.signatures import signature
from nimnet_gen.naming.special import SPECIAL
from nimnet_gen.naming.symbols import Symbols
from nimnet_gen.runtime.index import RuntimeIndex
from nimnet_gen.source.diagnostics import Diagnostics

COMPILING: Final = ("compiling", "mypyc_attr")
"""The module of a runtime that tells mypyc of classes, and its decorator for that."""


def check_often(spec: Spec, symbols: Symbols, found: Diagnostics) -> None:
    """Check that whatever is marked as called often is a method of a runtime's object."""
    for module in spec.modules:
        for entry in module.procs:
            form = signature(entry, symbols) if entry.often and entry.omit is None else None
            if form is None:
                continue
            has_core = form.owner is not None and form.owner.runtime is not None
            if not has_core or not _is_plain(entry):
                found.add(
                    "SPEC046",
                    f"'{entry.name}' is no method of an object of the runtime's, which alone are"
                    " compiled",
                    entry.where("often"),
                    "leave it out",
                )


def check_compiling(spec: Spec, runtime: RuntimeIndex, found: Diagnostics) -> None:
    """Check that the runtime has what the compiled classes of a package need."""
    often = [entry for module in spec.modules for entry in module.procs if entry.often]
    module, name = COMPILING
    if often and not runtime.has_name(module, name):
        found.add(
            "SPEC090",
            f"the runtime has no function '{runtime.package}.{module}.{name}'",
            often[0].where("often"),
            f"write it in {runtime.place(f'{module}.{name}')}: to type checkers it is that of"
            " `mypy_extensions`, to Python a decorator that does nothing",
        )


def _is_plain(entry: Callable) -> bool:
    special = entry.name in SPECIAL or is_setter(entry.name)
    return entry.kind not in ("property", "constructor") and not special
