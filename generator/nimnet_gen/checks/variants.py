"""Objects without a class of the runtime: the package holds them itself.

They are variants of bytes, or records of public fields.
"""

from __future__ import annotations

from nimnet_gen.model.surface import ObjectField, Spec, Type
from nimnet_gen.naming.kinds import kind_of_field
from nimnet_gen.naming.nimtypes import ArrayOf, Named, NimSyntaxError, parse_type, walk
from nimnet_gen.naming.symbols import Symbols
from nimnet_gen.source.diagnostics import Diagnostics

_HINT = "give `runtime:` the class behind it, or say with `omit:` why it is not generated"


def check_variants(spec: Spec, symbols: Symbols, found: Diagnostics) -> None:
    """Check that such an object has public fields, or an array of bytes for each variant."""
    for module in spec.modules:
        for defined in module.types:
            if defined.kind == "tuple" and defined.omit is None:
                _check_record(defined, symbols, found)
            if defined.kind == "object" and defined.runtime is None and defined.omit is None:
                if defined.is_record:
                    _check_record(defined, symbols, found)
                else:
                    _check_object(defined, symbols, found)


def _check_record(defined: Type, symbols: Symbols, found: Diagnostics) -> None:
    if defined in _records_in(defined, symbols):
        found.add(
            "SPEC110",
            f"'{defined.name}' holds values of its own type",
            defined.where("name"),
            "only what has a class of the runtime can",
        )
    if not defined.public_fields:
        found.add(
            "SPEC110",
            f"'{defined.name}' has neither a class of the runtime nor a public field",
            defined.where("name"),
            _HINT,
        )
    for field in defined.fields:
        if field.of is not None:
            found.add(
                "SPEC110",
                f"'{field.name}' belongs to a variant, but nothing says which there is",
                field.where("of"),
                "mark the discriminator with `case: true`",
            )


def _records_in(defined: Type, symbols: Symbols) -> set[Type]:
    """Return every record that the fields of a record hold, and those that these hold."""
    inside: set[Type] = set()
    waiting = [defined]
    while waiting:
        for field in waiting.pop().public_fields:
            kind = kind_of_field(field)
            for node in walk(kind.node) if kind is not None else ():
                record = symbols.record(node)
                if record is not None and record not in inside:
                    inside.add(record)
                    waiting.append(record)
    return inside


def _check_object(defined: Type, symbols: Symbols, found: Diagnostics) -> None:
    discriminators = [field for field in defined.fields if field.case]
    variants = [field for field in defined.fields if not field.case]
    if len(discriminators) != 1 or not variants:
        found.add(
            "SPEC110",
            f"'{defined.name}' has variants, but not one discriminator of them all",
            defined.where("name"),
            _HINT,
        )
        return
    (discriminator,) = discriminators
    enum = symbols.types.get(discriminator.type)
    if enum is None or enum.kind != "enum" or enum.set:
        found.add(
            "SPEC110",
            f"the discriminator '{discriminator.name}' is no enum",
            discriminator.where("type"),
            _HINT,
        )
    taken: dict[str, str] = {}
    lengths: dict[int, str] = {}
    for field in variants:
        _check_variant(field, taken, lengths, found)
    if enum is not None and enum.kind == "enum":
        for member in enum.members:
            if member.name not in taken:
                found.add(
                    "SPEC110",
                    f"nothing is there where '{discriminator.name}' is '{member.name}'",
                    discriminator.where("name"),
                    f"add a field with `of: {member.name}`",
                )


def _check_variant(
    field: ObjectField, taken: dict[str, str], lengths: dict[int, str], found: Diagnostics
) -> None:
    """Check one field.

    Args:
        field: The field.
        taken: The fields before it, by the discriminator's value.
        lengths: The fields before it, by how many bytes they have.
        found: What gets the faults.
    """
    if field.of is None:
        found.add("SPEC110", f"'{field.name}' belongs to no variant", field.at, "say `of:` which")
    elif field.of in taken:
        found.add(
            "SPEC110",
            f"the variant '{field.of}' has the field '{taken[field.of]}' already",
            field.where("of"),
            "a variant is one array of bytes",
        )
    else:
        taken[field.of] = field.name
    try:
        node = parse_type(field.type)
    except NimSyntaxError:
        return  # which the room of types reports
    match node:
        case ArrayOf(int(low), int(high), Named("uint8")):
            other = lengths.setdefault(high - low + 1, field.name)
            if other != field.name:
                found.add(
                    "SPEC110",
                    f"'{field.name}' has as many bytes as '{other}'",
                    field.where("type"),
                    "a value is told from another variant's by its length: give one a `runtime:`",
                )
            return
    found.add(
        "SPEC110",
        f"'{field.name}' is no array of bytes",
        field.where("type"),
        "write for example array[0 .. 3, uint8]",
    )
