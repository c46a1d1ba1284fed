"""Overloads that Python can tell apart, and properties whose two halves belong together.

Nim picks an overload when it compiles, from the static types. Python has the call alone: the types
of what was given, and which arguments were. Two overloads are told apart if no call fits both.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, product

from nimnet_gen.model.surface import Callable, Spec
from nimnet_gen.naming.names import is_setter, python_name
from nimnet_gen.naming.signatures import Argument, Signature, signature
from nimnet_gen.naming.symbols import Symbols
from nimnet_gen.source.diagnostics import Diagnostics


def check_overloads(spec: Spec, symbols: Symbols, found: Diagnostics) -> None:
    """Check every set of overloads, and every property."""
    groups: dict[tuple[str, str], list[tuple[Callable, Signature]]] = {}
    properties: set[tuple[str, str]] = set()
    for module in spec.modules:
        for entry in module.procs:
            resolved = signature(entry, symbols) if entry.omit is None else None
            if resolved is None:
                continue
            owner = resolved.owner.name if resolved.owner is not None else ""
            place = (owner, python_name(entry))
            if is_setter(entry.name):
                _check_setter(entry, resolved, symbols, found)
                if place in properties and entry.omit is None:
                    _refuse_second("setter", entry, found)
                properties.add(place)
                continue
            groups.setdefault(place, []).append((entry, resolved))
    for place, group in groups.items():
        generated = [entry for entry, _ in group if entry.omit is None]
        _check_first(generated, found)
        if place in properties or any(entry.kind == "property" for entry in generated):
            for entry in generated[1:]:
                _refuse_second("getter", entry, found)
        for (first, one), (second, other) in combinations(group, 2):
            call = _call_for_both(one, other)
            if call is not None and first.name == second.name:
                at = first.at
                found.add(
                    "SPEC070",
                    f"Python cannot tell this overload of '{second.name}' from the one in line "
                    f"{at.line}: {call} fits both",
                    second.at,
                    "amend a parameter, or give one of them a name of its own with `python:`",
                )


def _refuse_second(what: str, entry: Callable, found: Diagnostics) -> None:
    found.add(
        "SPEC071",
        f"'{python_name(entry)}' is a property, and this would be a second {what} of it",
        entry.where("name"),
        "give one of them another name with `python:`",
    )


def _check_first(entries: Sequence[Callable], found: Diagnostics) -> None:
    """Check that one of several overloads at most is shown first, and none of one alone."""
    chosen = [entry for entry in entries if entry.first]
    for entry in chosen[:1] if len(entries) == 1 else chosen[1:]:
        alone = f"'{entry.name}' has no other overload that could be shown before it"
        again = f"another overload of '{entry.name}' is shown first already"
        found.add(
            "SPEC073", alone if len(entries) == 1 else again, entry.where("first"), "leave it out"
        )


def _call_for_both(one: Signature, other: Signature) -> str | None:
    """Return a call that fits both signatures, or None if there is none."""
    return _positional_call(one, other) or _keyword_call(one, other)


def _positional_call(one: Signature, other: Signature) -> str | None:
    calls = (_call_by_place(*pair) for pair in product(_placed(one), _placed(other)))
    return next((call for call in calls if call is not None), None)


def _placed(form: Signature) -> list[list[Argument]]:
    """Return what can be given by place: in any call, or in one that gives all of it."""
    ways = []
    if not any(arg.keyword_only and arg.required for arg in form.arguments):
        ways.append([arg for arg in form.arguments if not arg.keyword_only])
    if form.by_place:
        ways.append([arg.given for arg in form.arguments[: form.by_place]])
    return ways


def _call_by_place(first: list[Argument], second: list[Argument]) -> str | None:
    least = max(_required(first), _required(second))
    first, second = _filled(first, least), _filled(second, least)
    if least > min(len(first), len(second)):
        return None
    given = list(zip(first, second, strict=False))[:least]
    if not all(a.annotation.atoms & b.annotation.atoms for a, b in given):
        return None
    return f"a call with ({', '.join(_common(a, b) for a, b in given)})"


def _filled(arguments: list[Argument], count: int) -> list[Argument]:
    """Return the arguments of so many places, of which the last may take any number."""
    if arguments and arguments[-1].variadic:
        return [*arguments[:-1], *arguments[-1:] * (count - len(arguments) + 1)]
    return arguments


def _required(arguments: list[Argument]) -> int:
    return sum(argument.required for argument in arguments)


def _keyword_call(one: Signature, other: Signature) -> str | None:
    first = {argument.name: argument for argument in one.arguments}
    second = {argument.name: argument for argument in other.arguments}
    needed = {
        name: None
        for arguments in (first, second)
        for name, argument in arguments.items()
        if argument.required
    }
    if not needed.keys() <= first.keys() & second.keys():
        return None
    shown: list[str] = []
    for name in needed:
        if not first[name].annotation.atoms & second[name].annotation.atoms:
            return None
        shown.append(f"{name}={_common(first[name], second[name])}")
    return f"a call with ({', '.join(shown)})"


def _common(one: Argument, other: Argument) -> str:
    return min(one.annotation.atoms & other.annotation.atoms)


def _check_setter(entry: Callable, setter: Signature, symbols: Symbols, found: Diagnostics) -> None:
    name = entry.name.removesuffix("=")
    at = entry.where("name")
    if setter.owner is None or len(setter.arguments) != 1 or setter.outcomes:
        found.add(
            "SPEC071",
            f"the setter '{entry.name}' needs an object and one value, and has no result",
            at,
        )
        return
    getters = [
        getter
        for candidate in symbols.callables.get(name, ())
        if (getter := signature(candidate, symbols)) is not None
        and getter.owner is setter.owner
        and not getter.arguments
    ]
    if not getters:
        if entry.omit is None:
            found.add(
                "SPEC071",
                f"the setter '{entry.name}' has no getter '{name}'",
                at,
                "add one; an extension if the documentation has none",
            )
        return
    given = setter.arguments[0].annotation.text
    got = [outcome.annotation.text for outcome in getters[0].outcomes]
    if got != [given]:
        found.add(
            "SPEC071",
            f"'{entry.name}' takes {given}, but '{name}' returns {', '.join(got) or 'nothing'}",
            at,
        )
