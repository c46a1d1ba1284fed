"""Enums of which the runtime has to know the numbers: it has the same ones, under the same names.

The runtime is written by hand and imports nothing of what is generated over it, so that it says
once more what a member's number is. An enum names the class that has them as its `runtime`.
"""

from __future__ import annotations

from nimnet_gen.model.surface import Spec, Type
from nimnet_gen.naming.members import numbered
from nimnet_gen.naming.names import python_constant
from nimnet_gen.runtime.index import RuntimeClass, RuntimeIndex
from nimnet_gen.source.diagnostics import Diagnostics


def check_runtime_enums(spec: Spec, runtime: RuntimeIndex, found: Diagnostics) -> None:
    """Check every enum with a class of the runtime against the numbers that are there."""
    for module in spec.modules:
        for defined in module.types:
            if defined.kind == "enum" and defined.runtime is not None and defined.omit is None:
                known = runtime.class_at(defined.runtime)
                if known is not None:
                    _check_enum(defined, known, f"{runtime.package}.{defined.runtime}", found)


def _check_enum(defined: Type, known: RuntimeClass, path: str, found: Diagnostics) -> None:
    members = {
        python_constant(member): (member, number)
        for member, number in numbered(defined)
        if number is not None
    }
    for name, (member, number) in members.items():
        if name not in known.numbers:
            found.add(
                "SPEC098",
                f"the runtime's '{path}' has no {name}",
                member.where("name"),
                f"write `{name} = {number}` there, and what it does wherever that class is used",
            )
        elif known.numbers[name] != number:
            found.add(
                "SPEC098",
                f"{name} is {number}, and {known.numbers[name]} in the runtime's '{path}'",
                member.where("name"),
                "members are numbered by their order, or by `value`; in a set each is the next bit",
            )
    for name in sorted(known.numbers.keys() - members):
        found.add(
            "SPEC098",
            f"'{defined.name}' has no {name}, and the runtime's '{path}' has one",
            defined.where("members"),
            "add the member, or take it out of the runtime",
        )
