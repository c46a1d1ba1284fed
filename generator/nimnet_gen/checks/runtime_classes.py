"""The classes of the runtime: what stands behind a type is what the specification says of it."""

from __future__ import annotations

from nimnet_gen.model.surface import Spec, Type
from nimnet_gen.naming.names import snake_case
from nimnet_gen.naming.symbols import Symbols
from nimnet_gen.runtime.index import RuntimeIndex
from nimnet_gen.source.diagnostics import Diagnostics


def check_runtime_classes(
    spec: Spec,
    symbols: Symbols,
    runtime: RuntimeIndex,
    found: Diagnostics,
) -> None:
    """Check the class behind every exception and every object."""
    for module in spec.modules:
        for defined in module.types:
            if defined.omit is not None:
                continue
            if defined.kind == "exception":
                _check_exception(defined, symbols, runtime, found)
            elif defined.runtime is not None:
                _check_object(defined, runtime, found)


def exception_path(defined: Type) -> str:
    """Return where the class of an exception is, below the runtime package."""
    return defined.runtime or f"errors.{defined.name}"


def _check_exception(
    defined: Type, symbols: Symbols, runtime: RuntimeIndex, found: Diagnostics
) -> None:
    path = exception_path(defined)
    at = defined.where("runtime" if "runtime" in defined.keys else "name")
    wanted = tuple(
        base if "." in base else f"builtins.{base}"
        for base in defined.python_bases or ("Exception",)
    )
    above = symbols.types.get(defined.base or "")
    if not defined.python_bases and above is not None and above.kind == "exception":
        wanted = (f"{runtime.package}.{exception_path(above)}",)
    bases = runtime.bases_of(path)
    if bases is None:
        written = f"class {defined.name}({', '.join(wanted)})"
        found.add(
            "SPEC090",
            f"the runtime has no class '{runtime.package}.{path}'",
            at,
            f"write `{written}` in {runtime.place(path)}",
        )
        return
    leaf = path.rpartition(".")[2]
    if leaf != defined.name:
        found.add(
            "SPEC092",
            f"the class behind '{defined.name}' has another name, '{leaf}'",
            at,
            f"the package exports the runtime's class itself: call that `{defined.name}`",
        )
    _check_fields(defined, path, runtime, found)
    if bases != wanted:
        is_stated = "python_bases" in defined.keys
        found.add(
            "SPEC092",
            f"'{runtime.package}.{path}' derives from {_listed(bases)}, not from {_listed(wanted)}",
            defined.where("python_bases") if is_stated else at,
            f"write `python_bases: [{', '.join(bases)}]`, or derive it from {_listed(wanted)}",
        )


def _listed(bases: tuple[str, ...]) -> str:
    return " and ".join(bases) or "nothing"


def _check_object(defined: Type, runtime: RuntimeIndex, found: Diagnostics) -> None:
    path = defined.runtime or ""
    if not runtime.has_class(path):
        found.add(
            "SPEC090",
            f"the runtime has no class '{runtime.package}.{path}'",
            defined.where("runtime"),
            f"write it in {runtime.place(path)}",
        )
        return
    _check_fields(defined, path, runtime, found)


def _check_fields(defined: Type, path: str, runtime: RuntimeIndex, found: Diagnostics) -> None:
    """Check that objects of the class have what the specification calls public fields."""
    for field in defined.fields:
        name = snake_case(field.name)
        if field.public and runtime.lacks_attribute(path, name):
            found.add(
                "SPEC092",
                f"'{runtime.package}.{path}' has no attribute '{name}' for the public field",
                field.where("name"),
                f"give the class a property or an attribute of that name in {runtime.place(path)}",
            )
