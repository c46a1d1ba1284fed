"""Names that become places: of the package, of files, and of what lies in the runtime."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from typing import Final

from nimnet_gen.checks.identifiers import is_name
from nimnet_gen.model.declaration import Located
from nimnet_gen.model.surface import Spec
from nimnet_gen.naming.contracts import MODULE
from nimnet_gen.naming.symbols import Symbols
from nimnet_gen.source.diagnostics import Diagnostics

OUTPUTS: Final = frozenset({"conformance", "oracle", "reference"})
"""The folders that stand beside the package's."""

USED: Final = frozenset({"nimnet_gen", "pytest"})
"""Packages that the generated files of every project import, besides Python's library."""

PAGES: Final = frozenset({"index", "exceptions", "conformance", MODULE})
"""Pages of the reference that are about no module."""

_DEVICES: Final = frozenset(
    {"con", "prn", "aux", "nul"} | {f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10)}
)
"""Names that no file can have on Windows, whatever its suffix."""

_PATH: Final = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*", re.ASCII)


def check_places(spec: Spec, symbols: Symbols, found: Diagnostics) -> None:  # noqa: ARG001  # every room is called alike
    """Check the package's name, the names of its files, and every path in the runtime."""
    _check_package(spec, found)
    _check_modules(spec, found)
    for entry, key, path, least in _paths(spec):
        parts = path.split(".")
        if not _PATH.fullmatch(path) or not all(map(is_name, parts)):
            found.add(
                "SPEC034",
                f"'{path}' is no place in the runtime",
                entry.where(key),
                "write names with dots between them",
            )
        elif len(parts) < least:
            found.add("SPEC034", f"'{path}' names no class", entry.where(key), "write module.Class")


def _imported(spec: Spec) -> Iterator[str]:
    """Yield the packages that generated files import, besides Python's library."""
    yield from USED
    stage = spec.stage
    modules = [stage.module, stage.actions_module]
    modules += [stage.resolver.module] if stage.resolver is not None else []
    modules += [mapped.python for mapped in spec.types.types if mapped.python is not None]
    yield from (module.partition(".")[0] for module in modules if module)


def _check_package(spec: Spec, found: Diagnostics) -> None:
    used = set(_imported(spec))
    places = [(spec.package.where(key), getattr(spec.package, key)) for key in ("name", "runtime")]
    places += [(one.where("from"), one.from_) for one in spec.package.reexports]
    for at, name in places:
        if not re.fullmatch(r"[A-Za-z]\w*", name, re.ASCII) or not is_name(name):
            found.add(
                "SPEC034",
                f"'{name}' is no name of a package",
                at,
                "use letters, digits and underscores, and no word of Python's",
            )
        elif name.casefold() in OUTPUTS | {package.casefold() for package in used}:
            found.add("SPEC034", f"'{name}' is the name of something else", at, "choose another")
        elif name in sys.stdlib_module_names:
            found.add("SPEC034", f"'{name}' is a module of Python's library", at, "choose another")
    if spec.package.name.casefold() == spec.package.runtime.casefold():
        found.add(
            "SPEC034",
            "the package has the name of its runtime",
            spec.package.where("name"),
            f"for example `runtime: {spec.package.name}_runtime`",
        )


def _check_modules(spec: Spec, found: Diagnostics) -> None:
    taken: dict[str, str] = {}
    for index, stem in enumerate(spec.package.modules):
        at, folded = spec.package.where(f"modules.{index}"), stem.casefold()
        if folded in PAGES:
            found.add(
                "SPEC034",
                f"the page of a module '{stem}' would be the reference's own '{folded}' page",
                at,
                "give the module another name",
            )
        elif folded in _DEVICES or stem.startswith("_"):
            found.add(
                "SPEC034", f"'{stem}' is no name of a module", at, "give the module another name"
            )
        elif folded in taken:
            found.add(
                "SPEC034",
                f"'{stem}' and '{taken[folded]}' are one file where case does not count",
                at,
                "give one of the modules another name",
            )
        taken.setdefault(folded, stem)


def _paths(spec: Spec) -> Iterator[tuple[Located, str, str, int]]:
    """Yield every path in the runtime: whose, under which key, and how many parts it needs."""
    for module in spec.modules:
        if module.runtime is not None:
            yield module, "runtime", module.runtime, 1
        for defined in module.types:
            if defined.runtime is not None:
                yield defined, "runtime", defined.runtime, 2
            for member in defined.members:
                if member.platform is not None:
                    yield member, "platform", member.platform, 1
        for const in module.consts:
            if const.platform is not None:
                yield const, "platform", const.platform, 1
        for proc in module.procs:
            if proc.runtime is not None:
                yield proc, "runtime", proc.runtime, 1
