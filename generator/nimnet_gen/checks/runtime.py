"""The runtime: it has what generated code takes from it, and its functions can take the calls."""

from __future__ import annotations

from nimnet_gen.checks.often import check_compiling
from nimnet_gen.checks.runtime_classes import check_runtime_classes
from nimnet_gen.checks.runtime_types import check_runtime_types
from nimnet_gen.model.surface import Callable, Const, EnumMember, Module, Spec, Type
from nimnet_gen.naming import effective
from nimnet_gen.naming.crossing import crossing
from nimnet_gen.naming.names import is_setter, python_name, runtime_name
from nimnet_gen.naming.nimtypes import Named
from nimnet_gen.naming.python_types import Place
from nimnet_gen.naming.signatures import Argument, Signature, signature
from nimnet_gen.naming.special import SPECIAL
from nimnet_gen.naming.symbols import Symbols
from nimnet_gen.runtime.index import PLATFORM, RuntimeFunction, RuntimeIndex
from nimnet_gen.source.diagnostics import Diagnostics
from nimnet_gen.source.position import Position


def check_runtime(spec: Spec, symbols: Symbols, runtime: RuntimeIndex, found: Diagnostics) -> None:
    """Check the runtime functions, classes and constants that the specification asks for."""
    if not _check_readable(spec, runtime, found):
        return
    _check_reexports(spec, runtime, found)
    check_compiling(spec, runtime, found)
    check_runtime_classes(spec, symbols, runtime, found)
    for module in spec.modules:
        for defined in module.types:
            if defined.omit is None:
                for member in defined.members:
                    _check_constant(member, runtime, found)
        for const in module.consts:
            if const.omit is None:
                _check_constant(const, runtime, found)
        # A setter and its getter are one property, in the package as in the runtime.
        properties = {python_name(entry) for entry in module.procs if is_setter(entry.name)}
        for entry in module.procs:
            form = signature(entry, symbols) if entry.omit is None else None
            # With an unknown type it may be a method or none, and what to write is anybody's guess.
            if form is not None and symbols.knows_types_of(entry):
                may_be_property = entry.kind == "property" or python_name(entry) in properties
                _check_function(entry, form, module, symbols, runtime, found, may_be_property)


def _check_readable(spec: Spec, runtime: RuntimeIndex, found: Diagnostics) -> bool:
    """Tell whether there is a runtime to look into; if not, nothing else is said of it."""
    at = spec.package.where("runtime")
    if not runtime.is_there:
        found.add(
            "SPEC094",
            f"there is no folder of a runtime package '{runtime.package}'",
            at,
            "make it, or say where it is: `runtime` in [tool.nimnet-gen] of pyproject.toml is the "
            "folder that holds it",
        )
    for file, fault in runtime.unreadable.items():
        found.add(
            "SPEC094",
            f"this file of the runtime is no Python: {fault.reason}",
            Position(f"{runtime.package}/{file}", fault.line, fault.column),
            "mend it first: what the specification asks of the runtime was not looked for",
        )
    return runtime.is_there and not runtime.unreadable


def _check_reexports(spec: Spec, runtime: RuntimeIndex, found: Diagnostics) -> None:
    for reexport in spec.package.reexports:
        names = runtime.beside.get(reexport.from_, frozenset())
        if names.isdisjoint((reexport.name, "*")):
            found.add(
                "SPEC090",
                f"there is no '{reexport.from_}.{reexport.name}' beside the runtime",
                reexport.where("name"),
                found.did_you_mean(
                    reexport.name, names, f"write it in {reexport.from_}/__init__.py"
                ),
            )


def runtime_path(
    entry: Callable, owner: Type | None, module: Module, made: Type | None = None
) -> str | None:
    """Return where the body of a callable is, below the runtime package.

    A method of a class with a runtime object behind it is a path from that object's class, anything
    else `module.function`. A method of Python's data model that follows from the class (`__eq__`)
    has a body there only if the specification says so, and a constructor is the class itself.
    """
    special = SPECIAL.get(python_name(entry))
    if special is not None and owner is not None:
        result = effective.result(entry)
        special = special.giving("" if result is None else result.type, owner.name)
    if entry.runtime is None and special is not None and special.follows:
        return None
    if made is not None:
        return entry.runtime or f"{made.runtime}.__init__"
    has_core = owner is not None and owner.runtime is not None
    path = runtime_name(entry, has_core=has_core)
    if owner is not None and owner.runtime is not None:
        # The class's own name may stand first, for the reader's sake.
        return f"{owner.runtime}.{path.removeprefix(owner.runtime.rpartition('.')[2] + '.')}"
    return path if "." in path else f"{module.runtime or module.name}.{path}"


def _check_constant(entry: Const | EnumMember, runtime: RuntimeIndex, found: Diagnostics) -> None:
    name = entry.platform
    if name is None or runtime.has_name(PLATFORM, name):
        return
    module = runtime.modules.get(PLATFORM)
    near = found.did_you_mean(name, module.names) if module is not None else ""
    write = f"write `{name}: int = ...` in {runtime.place(f'{PLATFORM}.{name}')}"
    found.add(
        "SPEC090",
        f"the runtime has no constant '{runtime.package}.{PLATFORM}.{name}'",
        entry.where("platform"),
        f"{near} Or {write}" if near else write,
    )


def _check_function(
    entry: Callable,
    form: Signature,
    module: Module,
    symbols: Symbols,
    runtime: RuntimeIndex,
    found: Diagnostics,
    may_be_property: bool,
) -> None:
    path = runtime_path(entry, form.owner, module, symbols.made_by(entry))
    if path is None:
        return
    at = entry.where("runtime" if "runtime" in entry.keys else "name")
    function = runtime.function(path)
    arguments = _passed(entry, form, symbols)
    wanted = _definition(path, form, arguments)
    if function is None:
        leaf = path.rpartition(".")[2]
        near = found.did_you_mean(leaf, runtime.names(path))
        write = f"write `{wanted}` in {runtime.place(path)}"
        found.add(
            "SPEC090",
            f"the runtime has no function '{runtime.package}.{path}'",
            at,
            f"{near} Or {write}" if near else write,
        )
    elif function.is_property:
        if not may_be_property:
            found.add("SPEC091", f"'{runtime.package}.{path}' is a property, not a function", at)
    elif entry.kind == "property":
        found.add("SPEC091", f"'{runtime.package}.{path}' is a function, not a property", at)
    elif not function.accepts(len(arguments)):
        takes = ", ".join(function.params) or "nothing"
        count = f"{len(arguments)} argument{'' if len(arguments) == 1 else 's'}"
        found.add(
            "SPEC091",
            f"'{runtime.package}.{path}' takes ({takes}), but is called with {count}",
            at,
            f"write `{wanted}`",
        )
    else:
        _check_order(path, form, arguments, function, runtime, at, found)
    # A setter that is a property there is found by its getter, which gives what it takes.
    if function is not None and not (function.is_property and is_setter(entry.name)):
        check_runtime_types(
            f"{runtime.package}.{path}", form, arguments, function, symbols, at, found
        )


def _check_order(
    path: str,
    form: Signature,
    arguments: list[str],
    function: RuntimeFunction,
    runtime: RuntimeIndex,
    at: Position,
    found: Diagnostics,
) -> None:
    """Check that what has the name of a parameter of the function is passed as that one."""
    extra = len(arguments) - len(form.arguments)
    for index, argument in enumerate(form.arguments, extra):
        name = argument.name.rstrip("_")
        taken = [param.rstrip("_") for param in function.params]
        if name in taken and taken.index(name) != index:
            takes = ", ".join(function.params)
            found.add(
                "SPEC093",
                f"'{runtime.package}.{path}' takes ({takes}), but '{name}' is passed as number "
                f"{index + 1}",
                at,
                f"write `{_definition(path, form, arguments)}`, or call its parameter otherwise",
            )
            return


def _passed(entry: Callable, form: Signature, symbols: Symbols) -> list[str]:
    """Return what generated code passes, as parameters of the runtime function."""
    passed = [_runtime_param(argument, symbols) for argument in form.arguments]
    if form.owner is not None and form.owner.runtime is None:
        # Without a runtime object, what crosses for the value itself is the first argument.
        first = effective.params(entry)[0]
        crossed = crossing(Named(form.owner.name), None, "param", symbols)
        passed.insert(0, f"{python_name(first)}: {crossed.text}")
    return passed


def _runtime_param(argument: Argument, symbols: Symbols) -> str:
    """Return a parameter as the runtime sees it, which knows no class of the package."""
    return f"{argument.name}: {_seen_by_runtime(argument, symbols)}"


def _seen_by_runtime(argument: Argument, symbols: Symbols) -> str:
    place: Place = "inout" if argument.param.mode == "inout" else "param"
    return crossing(argument.type, argument.param.as_, place, symbols).text


def _definition(path: str, form: Signature, arguments: list[str]) -> str:
    is_method = form.owner is not None and form.owner.runtime is not None
    is_method = is_method or path.endswith(".__init__")
    name = path.rpartition(".")[2]
    return f"def {name}({', '.join(['self', *arguments] if is_method else arguments)})"
