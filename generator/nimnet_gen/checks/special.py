"""Operators, and other methods of Python's data model: each is a method, and as Python calls it."""

from __future__ import annotations

from typing import Final

from nimnet_gen.model.surface import Callable, Spec
from nimnet_gen.naming import effective
from nimnet_gen.naming.names import python_name
from nimnet_gen.naming.signatures import Signature, signature
from nimnet_gen.naming.special import SPECIAL, Gives, Special, is_special
from nimnet_gen.naming.symbols import Symbols
from nimnet_gen.source.diagnostics import Diagnostics

_GIVEN: Final[dict[Gives, str]] = {"a bool": "bool", "an int": "int", "a text": "str"}
_CODE: Final = "SPEC072"


def check_special(spec: Spec, symbols: Symbols, found: Diagnostics) -> None:
    """Check every callable that becomes a method of the data model."""
    methods: dict[tuple[str, str], list[tuple[Callable, Signature]]] = {}
    for module in spec.modules:
        for entry in module.procs:
            name = python_name(entry)
            if entry.omit is not None or not is_special(name):
                continue
            special = SPECIAL.get(name)
            if special is None:
                found.add(
                    "SPEC032",
                    f"'{name}' has the form of Python's own names, and is none that can be written",
                    entry.where("python" if "python" in entry.keys else "name"),
                    found.did_you_mean(name, SPECIAL, "give another name with `python:`"),
                )
            elif symbols.knows_types_of(entry) and _is_fit(entry, special, symbols, found):
                form = signature(entry, symbols)
                if form is not None and form.owner is not None:
                    methods.setdefault((form.owner.name, name), []).append((entry, form))
    for (owner, name), forms in methods.items():
        partner = SPECIAL[name].partner
        if partner and (owner, partner) in methods:
            _check_partner(forms, methods[owner, partner], symbols, found)


def _check_partner(
    forms: list[tuple[Callable, Signature]],
    partners: list[tuple[Callable, Signature]],
    symbols: Symbols,
    found: Diagnostics,
) -> None:
    """Check that `+=` takes what `+` takes: a type checker demands that, and of one form."""
    entry, form = forms[-1]
    beside, _ = partners[0]
    if len(forms) > 1:
        found.add(
            _CODE,
            f"'{entry.name}' has overloads beside '{beside.name}', which no type checker accepts",
            entry.at,
            "omit all but one, or give others a name of their own with `python:`",
        )
        return
    taken = form.arguments[0].annotation.atoms
    for _, other in partners:
        given = other.arguments[0].annotation
        if not all(
            atom in taken or ("int" in taken and _is_int(atom, symbols)) for atom in given.atoms
        ):
            found.add(
                _CODE,
                f"'{entry.name}' must take what '{beside.name}' takes, {given.text} as well",
                entry.at,
                "amend it, or give it a name of its own with `python:`",
            )
            return


def _is_int(name: str, symbols: Symbols) -> bool:
    """Tell whether a type is a subclass of `int`."""
    defined = symbols.types.get(name)
    return defined is not None and (
        defined.kind == "distinct" or (defined.kind == "enum" and not defined.set)
    )


def _is_fit(entry: Callable, special: Special, symbols: Symbols, found: Diagnostics) -> bool:
    """Tell whether a callable is as its method must be; report it if it is not."""
    faults = len(found)
    _check(entry, special, symbols, found)
    return len(found) == faults


def _check(entry: Callable, special: Special, symbols: Symbols, found: Diagnostics) -> None:
    owner = symbols.owner(entry)
    if owner is None:
        found.add(
            _CODE,
            f"'{entry.name}' becomes {special.python}, a method, but its first parameter is no "
            "object of the specification",
            entry.where("name"),
            "omit it if Python's own types do the same, or give a function a name with `python:`",
        )
        return
    if entry.kind == "property":
        found.add(_CODE, f"'{special.python}' is a method, no property", entry.where("kind"))
        return
    params = effective.params(entry)
    if len(params) != special.params:
        needed = "the object alone" if special.params == 1 else f"{special.params} parameters"
        found.add(
            _CODE,
            f"'{entry.name}' becomes {special.python}, which takes {needed}, not {len(params)}",
            entry.where("name"),
            "amend it, or give it a name of its own with `python:`",
        )
        return
    for param in params[1:]:
        if param.mode == "out" or not param.is_documented:
            key = "mode" if param.mode == "out" else "extension" if param.extension else "since"
            found.add(
                _CODE,
                f"'{param.name}' cannot be given where Python writes "
                f"`{special.written.format('it', 'a', 'b')}`",
                param.where(key),
                "give it a name of its own with `python:`",
            )
            return
    if special.is_statement and owner.runtime is None:
        found.add(
            _CODE,
            f"'{entry.name}' changes its object, and a value of {owner.name} cannot change",
            entry.where("name"),
            "omit it, or give the class a `runtime` object that can",
        )
        return
    if special.takes_object and params[1].type != owner.name:
        found.add(
            _CODE,
            f"'{entry.name}' compares with an object of its own class",
            params[1].where("type"),
            f"write `type: {owner.name}`",
        )
        return
    form = signature(entry, symbols)
    if form is not None and form.outcomes:
        special = special.giving(form.outcomes[0].annotation.text, owner.name)
    if form is not None and not _gives(special, form):
        at = entry.returns.where("type") if entry.returns is not None else entry.where("name")
        gives = f"{special.gives}, or its object" if special.returns_self else special.gives
        found.add(_CODE, f"'{entry.name}' becomes {special.python}, which must give {gives}", at)


def _gives(special: Special, form: Signature) -> bool:
    """Tell whether the result is what Python demands."""
    texts = [outcome.annotation.text for outcome in form.outcomes]
    if special.returns_self and form.owner is not None and texts == [form.owner.name]:
        return True
    match special.gives:
        case "something":
            return bool(texts)
        case "nothing":
            return not texts
        case "an iterator":
            return len(texts) == 1 and texts[0].startswith("Iterator[")
        case other:
            return texts == [_GIVEN[other]]
