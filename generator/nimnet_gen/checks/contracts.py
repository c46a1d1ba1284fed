"""Contracts: what a call may raise is stated, narrow, explained, and amended only with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from nimnet_gen.model.surface import Callable, Const, Param, Spec, Type
from nimnet_gen.naming import effective
from nimnet_gen.naming.effective import BUILTIN_EXCEPTIONS
from nimnet_gen.naming.symbols import Symbols
from nimnet_gen.source.diagnostics import Diagnostics
from nimnet_gen.source.position import Position

EFFECTS: Final = frozenset(
    {"RootEffect", "TimeEffect", "IOEffect", "ReadIOEffect", "WriteIOEffect", "ExecIOEffect"}
    | {"ReadEnvEffect", "WriteEnvEffect", "ReadDirEffect", "WriteDirEffect"}
    | {"DbEffect", "ReadDbEffect", "WriteDbEffect"}
)
"""The effects that Nim's standard library defines, for `tags`."""

PRAGMAS: Final = frozenset(
    {"benign", "borrow", "cdecl", "closure", "compileTime", "deprecated", "dirty", "discardable"}
    | {"dynlib", "exportc", "exportcpp", "extern", "fastcall", "gcsafe", "gensym", "header"}
    | {"importc", "importcpp", "inject", "inline", "locks", "magic", "nimcall", "noconv"}
    | {"nodecl", "noinit", "noinline", "noreturn", "noSideEffect", "procvar", "rtl", "safecall"}
    | {"sideEffect", "since", "stackTrace", "stdcall", "syscall", "thread", "varargs"}
)
"""The pragmas of procs and templates in Nim besides `raises` and `tags`."""

_REPLACEMENTS: Final = ("raises", "returns", "param", "value")


def check_contracts(spec: Spec, symbols: Symbols, found: Diagnostics) -> None:
    """Check the contract and the amendments of every callable, and the amendments of consts."""
    rules = {rule.param: rule.raises for rule in reversed(spec.types.rules)}
    for module in spec.modules:
        for const in module.consts:
            _check_amendments(const, ("value",), found)
        for entry in module.procs:
            _check_amendments(entry, ("raises", "returns", "param"), found)
            _check_contract(entry, symbols, rules, found)
            _check_pragmas(entry, found)
        for defined in module.types:
            for field in defined.fields:
                for name in field.errors:
                    at = field.where(f"errors.{name}")
                    _check_exception(name, defined, at, symbols, found)


def _check_pragmas(entry: Callable, found: Diagnostics) -> None:
    """Check the words of the documentation that nothing is generated from but the reference."""
    for index, tag in enumerate(entry.tags or ()):
        if tag not in EFFECTS:
            found.add(
                "SPEC066",
                f"unknown effect '{tag}'",
                entry.where(f"tags.{index}"),
                found.did_you_mean(tag, EFFECTS, f"one of {', '.join(sorted(EFFECTS))}"),
            )
    for index, pragma in enumerate(entry.pragmas):
        name = pragma.partition(":")[0].strip()
        if name not in PRAGMAS:
            found.add(
                "SPEC066",
                f"unknown pragma '{name}'",
                entry.where(f"pragmas.{index}"),
                found.did_you_mean(name, PRAGMAS, "write it as the documentation does"),
            )


def _check_contract(
    entry: Callable, symbols: Symbols, rules: Mapping[str, str], found: Diagnostics
) -> None:
    for index, name in enumerate(entry.raises or ()):
        _check_exception(name, entry, entry.where(f"raises.{index}"), symbols, found)
    for amendment in entry.amend:
        for index, name in enumerate(amendment.raises or ()):
            _check_exception(name, entry, amendment.where(f"raises.{index}"), symbols, found)
    if effective.raises(entry) is None:
        found.add(
            "SPEC063",
            f"'{entry.name}' states no contract",
            entry.at,
            "state `raises` of what is not documented; else amend it: {raises: [...], why: ...}",
        )
        return
    contract = effective.contract(entry)
    if "Exception" in contract:
        found.add(
            "SPEC061",
            f"the contract of '{entry.name}' allows any Exception",
            entry.where("raises"),
            "amend `raises` with the exceptions that can occur, and say why",
        )
    _check_errors(entry, contract, found)
    for param in entry.params:
        demanded = rules.get(param.name)
        if demanded is not None and demanded not in contract:
            found.add(
                "SPEC064",
                f"'{entry.name}' has a {param.name}, but {demanded} is not in its contract",
                param.where("name"),
                f"add {demanded} by an amend of `raises`",
            )


def _check_errors(entry: Callable, contract: tuple[str, ...], found: Diagnostics) -> None:
    for name in entry.errors:
        if name not in contract:
            found.add(
                "SPEC062",
                f"`errors` explains {name}, which is not in the contract",
                entry.where(f"errors.{name}"),
                found.did_you_mean(name, contract, f"the contract is [{', '.join(contract)}]"),
            )
    missing = [name for name in contract if name not in entry.errors and name != "Exception"]
    if missing:
        found.add(
            "SPEC062",
            f"`errors` does not explain {', '.join(missing)}",
            entry.where("errors"),
            f"add when it is raised, for example `{missing[0]}: the system refuses`",
        )


def is_exception(name: str, at: Position, symbols: Symbols, found: Diagnostics) -> bool:
    """Tell whether a contract can have a name; report it if not."""
    if name in BUILTIN_EXCEPTIONS:
        return True
    defined = symbols.types.get(name)
    if defined is None or defined.kind != "exception":
        what = f"is of kind {defined.kind}, no exception" if defined else "is no exception"
        exceptions = (one.name for one in symbols.types.values() if one.kind == "exception")
        known = {*BUILTIN_EXCEPTIONS, *exceptions}
        hint = found.did_you_mean(name, known)
        found.add("SPEC060", f"'{name}' {what}", at, hint, folds=True)
        return False
    return True


def _check_exception(
    name: str, entry: Callable | Type, at: Position, symbols: Symbols, found: Diagnostics
) -> None:
    if not is_exception(name, at, symbols, found):
        return
    defined = symbols.types.get(name)
    if defined is not None and defined.omit is not None and entry.omit is None:
        found.add("SPEC043", f"'{name}' is not generated, but this is", at)


def _check_amendments(
    entry: Callable | Const, possible: tuple[str, ...], found: Diagnostics
) -> None:
    seen: set[str] = set()
    for amendment in entry.amend:
        stated = [key for key in _REPLACEMENTS if key in amendment.keys]
        if len(stated) != 1:
            found.add(
                "SPEC065",
                f"an amendment replaces one thing, not {len(stated)}",
                amendment.at,
                f"exactly one of {', '.join(possible)}, and why",
            )
            continue
        key = stated[0]
        at = amendment.where(key)
        if key not in possible:
            found.add(
                "SPEC065", f"'{key}' cannot be amended here", at, f"one of {', '.join(possible)}"
            )
            continue
        target = key
        if isinstance(entry, Callable) and amendment.param is not None:
            target = f"param {amendment.param.name}"
            _check_amended_param(entry, amendment.param, found)
        if target in seen:
            found.add("SPEC065", f"a second amendment of {target}", at, "keep one")
        seen.add(target)
        if isinstance(entry, Callable) and key == "raises" and amendment.raises == entry.raises:
            found.add("SPEC065", "the amendment changes nothing", at, "drop it")


def _check_amended_param(entry: Callable, amended: Param, found: Diagnostics) -> None:
    names = [param.name for param in entry.params]
    if amended.name not in names:
        found.add(
            "SPEC065",
            f"'{entry.name}' has no parameter '{amended.name}'",
            amended.where("name"),
            found.did_you_mean(amended.name, names),
        )
    elif amended.keys.keys() == {"name"}:
        found.add(
            "SPEC065",
            "the amendment changes nothing",
            amended.at,
            "restate the type, the default or the mode",
        )
